"""Who is erased is found nowhere after: not in an answer, not in the database, not in its files, not in an export."""

import asyncio
import re
import secrets
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import make_url, update

import forum.erasure
from db import users
from db.database import Database
from db.statements import WriteStatement
from db.tables import posts
from tests.support.backends import Backend
from tests.support.http import People, Person, claims, people_of, quotes_of, signed
from tests.support.servers import JWT_SECRET, Parley, run, told
from tests.text.test_erasing import SPELLINGS, letters

pytestmark = pytest.mark.anyio

THREAD = """
query ($id: ID!) { discussion(id: $id) {
  title state body bodyHtml author { handle name }
  revisions(first: 20) { nodes { title body bodyHtml editor { handle name } } }
  replies(first: 50) { nodes {
    id sequence state body bodyHtml bodyText author { handle name } mentions { attributedName user { handle name } }
    revisions(first: 20) { nodes { body bodyHtml editor { handle name } } }
    quotes(maxDepth: 5) { attributedName attributedTo { name } bodyHtml bodyText status source { __typename } }
  } }
} }
"""


def erase(site: Parley, person: Person) -> str:
    return told("erase", "--handle", person.handle, "--yes", **site.settings)


def everything(url: str) -> bytes:
    """All that a database holds: the files of SQLite, or every row of every table of PostgreSQL."""
    if url.startswith("sqlite:"):
        file = Path(str(make_url(url).database))
        return b"".join(part.read_bytes() for part in file.parent.glob(f"{file.name}*"))

    async def rows() -> bytes:
        connection = await asyncpg.connect(url)
        try:
            tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            held = [
                row["row"]
                for (table,) in tables
                for row in await connection.fetch(f'SELECT "{table}"::text AS row FROM "{table}"')
            ]
            return "\n".join(held).encode()
        finally:
            await connection.close()

    with closing(asyncio.new_event_loop()) as loop:
        return loop.run_until_complete(rows())


def test_erased_users_are_found_nowhere(site: Parley, crowd: People, tmp_path: Path) -> None:
    canary = f"zq{secrets.token_hex(5)}"
    name = f"Ca{canary} Nary"
    said = claims(f"ca-{canary}", sub=f"sub-{canary}", iss=f"https://{canary}.example", name=name)
    theirs = Person(crowd.http, signed(said), f"ca-{canary}", name)
    bo, cy = crowd.several("Bo", "Cy")
    own = theirs.start(f"Opening {canary} words.", f"Title {canary}", clientMutationId=f"key-{canary}")
    theirs.write("editDiscussion", discussionId=own, title=f"Next {canary}", body=f"Now {canary}.", expectedVersion=1)
    alone = theirs.start(f"Alone {canary}.", f"Alone {canary}")
    other = bo.start(f"What does @{theirs.handle} think, or @{name}?", f"Ask {name}")
    first = theirs.reply(other, f"I think the {canary} thoughts.", clientMutationId=f"key-{canary}-2")
    theirs.edit(first, f"I think other {canary} thoughts.")
    gone = theirs.reply(other, f"Deleted {canary}.")
    theirs.delete(gone)
    in_own = bo.reply(own, "Indeed.")
    tied = {"sourceId": first, "text": f"I think other {canary} thoughts."}
    quoting = bo.reply(
        other, f"> I think other {canary} thoughts.\n\nReally, @{theirs.handle}? And @{cy.handle}?", quotes=[tied]
    )
    named = bo.reply(other, f"> **{name} said:**\n>\n> I think the {canary} thoughts.\n\nHm.")
    plain = cy.reply(other, f"> I think the {canary} thoughts.\n\nNo name here.")
    nested = cy.reply(
        other,
        f"> **{bo.name} said:**\n>\n> > **{name} said:**\n> >\n> > I think the {canary} thoughts.\n>\n> Hm.\n\nYes.",
    )
    quoted_gone = bo.reply(other, f"- > **@{theirs.handle} wrote:**\n  > Deleted {canary}.\n- Kept.")
    edited = bo.reply(other, f"@{theirs.handle}: > not a quote\n\n> I think the {canary} thoughts\n\nAs {name} says.")
    bo.edit(edited, "Nothing about anybody.")
    deleted = bo.reply(other, f"> I think the {canary} thoughts.\n\nSoon gone.")
    bo.delete(deleted)
    theirs.write("recordView", discussionId=other)
    start = bo.cursor(other)
    url = str(site.settings["database_url"])
    assert canary.encode() in everything(url)

    assert f"@{theirs.handle} is erased: 3 posts" in erase(site, theirs)

    held = everything(url).lower()
    assert canary.encode() not in held
    told("export", str(tmp_path / "after.jsonl"), **site.settings)
    assert canary.encode() not in (tmp_path / "after.jsonl").read_bytes().lower()
    for discussion in (own, other):
        assert canary not in str(bo.ask(THREAD, id=discussion)).lower()
    assert bo.ask("query ($q: String!) { search(query: $q) { totalCount } }", q=canary)["search"]["totalCount"] == 0

    # What others have said is all there.
    there = bo.ask(THREAD, id=own)["discussion"]
    assert (there["state"], there["title"], there["body"], there["author"]) == ("VISIBLE", "[erased]", "[erased]", None)
    assert [reply["body"] for reply in there["replies"]["nodes"]] == ["Indeed."]
    assert in_own == there["replies"]["nodes"][0]["id"]
    there = bo.ask(THREAD, id=other)["discussion"]
    replies = {reply["id"]: reply for reply in there["replies"]["nodes"]}
    assert there["title"] == "Ask [erased]"
    assert there["body"] == "What does [erased] think, or [erased]?"
    assert first not in replies
    assert bo.node(first, "... on Post { state }")["state"] == "DELETED"
    assert replies[quoting]["body"] == f"> [erased]\n\nReally, [erased]? And @{cy.handle}?"
    assert [mention["user"]["handle"] for mention in replies[quoting]["mentions"]] == [cy.handle]
    (quote,) = replies[quoting]["quotes"]
    assert (quote["status"], quote["bodyText"], quote["attributedName"]) == ("SOURCE_DELETED", "[erased]", "")
    assert replies[named]["body"] == "> [erased]\n\nHm."
    assert replies[plain]["body"] == "> [erased]\n\nNo name here."
    assert replies[nested]["body"] == f"> **{bo.name} said:**\n>\n> > [erased]\n>\n> Hm.\n\nYes."
    assert [quote["attributedName"] for quote in replies[nested]["quotes"]] == [bo.name]
    assert replies[quoted_gone]["body"] == "- > [erased]\n\n- Kept."
    assert replies[edited]["body"] == "Nothing about anybody."
    assert deleted not in replies and bo.node(deleted, "... on Post { state }")["state"] == "DELETED"
    assert bo.node(alone, "... on Discussion { state title }") == {
        "__typename": "Discussion",
        "state": "DELETED",
        "title": "",
    }
    # Who follows is told.
    heard = [(event["__typename"], (event.get("reply") or {}).get("id")) for event in bo.events(other, start)]
    assert ("ReplyDeleted", None) in heard
    assert sum(kind == "PostChanged" for kind, _ in heard) >= 5


def test_nothing_of_an_erased_person_waits_for_moderators(site: Parley, crowd: People) -> None:
    canary = f"zq{secrets.token_hex(5)}"
    name = f"Ca{canary} Nary"
    theirs = Person(crowd.http, signed(claims(f"ca-{canary}", name=name)), f"ca-{canary}", name)
    bo, mo = crowd("Bo"), crowd("Mo", moderator=True)
    discussion = bo.start()
    first = theirs.reply(discussion, f"Yes, {canary}.")
    person = theirs.ask("{ viewer { user { id } } }")["viewer"]["user"]["id"]
    guarded = mo.write("addCategory", slug=canary[::-1], name="Guarded", premoderated=True)["category"]["id"]
    mo.write("moveDiscussion", discussionId=discussion, categoryId=guarded)
    asked = "held { id body } errors { ... on MutationError { code } }"
    add = f"mutation ($input: AddReplyInput!) {{ it: addReply(input: $input) {{ {asked} }} }}"
    # So short that anybody may have said it, but its source is known.
    body = f"> Yes, {canary}.\n\nReally, @{theirs.handle}?"
    quotes = [{"sourceId": first, "text": f"Yes, {canary}."}]
    held = bo.ask(add, input={"discussionId": discussion, "body": body, "quotes": quotes})["it"]["held"]["id"]
    assert theirs.ask(add, input={"discussionId": discussion, "body": f"And {canary}."})["it"]["held"]
    report = "mutation ($input: ReportPostInput!) { it: reportPost(input: $input) { reported } }"
    assert bo.ask(report, input={"postId": first, "reason": "SPAM", "note": f"By {name}."})["it"]["reported"]
    mo.write("suspendUser", userId=person, reason=f"It is {name}.")
    url = str(site.settings["database_url"])

    erase(site, theirs)

    assert canary.encode() not in everything(url).lower()
    queue = mo.ask("{ reviewQueue(first: 100) { nodes { held { id body } author { id } } } }")["reviewQueue"]["nodes"]
    (left,) = [item for item in queue if item["held"] and item["held"]["id"] == held]
    assert left["held"]["body"] == "> [erased]\n\nReally, [erased]?"
    assert [item for item in queue if item["author"] is None or item["author"]["id"] == person] == []


REFUSED = "The person of this token was erased here, so the token is refused."


@pytest.mark.parametrize("was_suspended", [False, True])
def test_an_erased_user_does_not_come_back_by_an_open_tab(site: Parley, crowd: People, *, was_suspended: bool) -> None:
    ada, bo = crowd.several("Ada", "Bo")
    ada.start()
    ours = site.token(ada.handle)
    if was_suspended:
        told("suspend", "--handle", ada.handle, **site.settings)
    erase(site, ada)
    for token in (ada.token, ours, signed(claims(ada.handle, name="Somebody else"))):
        answer = Person(crowd.http, token).post("{ viewer { isGuest } }")
        (error,) = answer.json()["errors"]
        assert (answer.status_code, error["extensions"]["code"]) == (401, "UNAUTHENTICATED")
        assert error["message"] == REFUSED
    # The same subject of another issuer is another person, and so is another one who takes the handle.
    for said in (claims(ada.handle, iss="https://other.example"), claims(ada.handle, sub="somebody")):
        assert Person(crowd.http, signed(said)).post("{ viewer { isGuest } }").status_code == 200
    assert bo.ask("{ viewer { isGuest } }") == {"viewer": {"isGuest": False}}


def test_a_guest_who_was_erased_is_refused(site: Parley, crowd: People) -> None:
    name = f"Gus {secrets.token_hex(4)}"
    payload = crowd.reader.write("signInAsGuest", name=name)
    guest = Person(crowd.http, payload["token"], payload["viewer"]["user"]["handle"])
    guest.start()
    erase(site, guest)
    assert guest.post("{ viewer { isGuest } }").status_code == 401


def test_what_refuses_erased_users_moves_with_an_export(
    site: Parley, crowd: People, backend: Backend, tmp_path: Path
) -> None:
    ada = crowd("Ada")
    ada.start()
    erase(site, ada)
    told("export", str(tmp_path / "moved.jsonl"), **site.settings)
    url = backend.new_database()
    told("import", str(tmp_path / "moved.jsonl"), database_url=url)
    moved = Parley.start(database_url=url, folder=tmp_path, jwt_secret=JWT_SECRET)
    try:
        with people_of(moved) as people:
            assert Person(people.http, ada.token).post("{ viewer { isGuest } }").status_code == 401
            assert people("Bo").ask("{ viewer { isGuest } }") == {"viewer": {"isGuest": False}}
    finally:
        moved.stop()


def test_an_erased_user_may_return_as_a_new_user_if_it_is_so_decided(site: Parley, crowd: People) -> None:
    ada = crowd("Ada")
    ada.start()
    ours = site.token(ada.handle)
    told("erase", "--handle", ada.handle, "--yes", "--may-return", **site.settings)
    # A token of our own names the one who is erased; another service's, a person who is new here.
    assert Person(crowd.http, ours).post("{ viewer { isGuest } }").status_code == 401
    assert ada.ask("{ viewer { user { handle discussions(first: 5) { totalCount } } } }")["viewer"]["user"] == {
        "handle": ada.handle,
        "discussions": {"totalCount": 0},
    }


def test_a_quote_that_is_not_theirs_stays(site: Parley, crowd: People) -> None:
    ada, bo, cy = crowd.several("Ada", "Bo", "Cy")
    discussion = ada.start("The sea is calm.")
    source = bo.reply(discussion, "The sea is calm, says she.")
    tied = {"sourceId": source, "text": "The sea is calm, says she."}
    quoting = cy.reply(discussion, f"> **{bo.name} said:**\n>\n> The sea is calm, says she.", quotes=[tied])
    before = [quote["id"] for quote in quotes_of(cy, quoting)]
    erase(site, ada)
    assert cy.node(quoting, "... on Reply { body }")["body"].endswith("The sea is calm, says she.")
    assert [(quote["id"], quote["status"]) for quote in quotes_of(cy, quoting)] == [(before[0], "VERBATIM")]


async def test_an_interrupted_erasure_can_be_repeated(
    site: Parley, crowd: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    (ada, bo), mo = crowd.several("Ada", "Bo"), crowd("Mo", moderator=True)
    discussion = ada.start("The albatross is very large.")
    guarded = mo.write("addCategory", slug=secrets.token_hex(4), name="Guarded", premoderated=True)["category"]["id"]
    asked = "mutation ($input: StartDiscussionInput!) { it: startDiscussion(input: $input) { held { id } } }"
    held = ada.ask(asked, input={"title": "Held", "body": "Held.", "categoryId": guarded})["it"]["held"]["id"]
    quoting = bo.reply(discussion, "> The albatross is very large.\n\nIs it?")

    steps: list[str] = []

    async def break_off(*_: object) -> int:
        raise TimeoutError

    async with Database(str(site.settings["database_url"])) as database:
        user = await users.by_handle(database, ada.handle)
        assert user is not None
        with monkeypatch.context() as patched:
            patched.setattr(forum.erasure, "_rewrite_all", break_off)
            patched.setattr(forum.erasure, "PROGRESS_SECONDS", -1.0)
            with pytest.raises(TimeoutError):
                await forum.erasure.erase_user(database, user, steps.append)
    assert steps[:2] == ["Erasing their posts", "Erasing their posts: 1 of 1"]
    assert "albatross" in str(bo.node(quoting, "... on Reply { body }"))
    # Nobody can publish what was held, while the words of others are looked through.
    assert mo.node(held, "... on HeldPost { body }") is None
    erase(site, ada)
    assert bo.node(quoting, "... on Reply { body }")["body"] == "> [erased]\n\nIs it?"


async def erase_now(site: Parley, person: Person) -> forum.erasure.Erasure:
    """What the command does, without its wait for servers that might not know of the suspension."""
    async with Database(str(site.settings["database_url"])) as database:
        user = await users.by_handle(database, person.handle)
        assert user is not None
        await database.write(lambda tx: users.suspend_user(tx, user.id))
        return await forum.erasure.erase_user(database, user, lambda _step: None)


@pytest.mark.parametrize("name", ["Zoë Ünal", "Анна Щукина", "İpek Çağlar", "अमिता देवी", "山田 太郎", "Σίσυφος Σοφός"])
async def test_names_of_all_scripts_are_gone_from_all_that_readers_see(site: Parley, crowd: People, name: str) -> None:
    bo = crowd("Bo")
    handle = f"zq{secrets.token_hex(4)}"
    named = Person(crowd.http, signed(claims(handle, name=name)), handle, name)
    named.start("Hm.")
    about = bo.start(f"# About {name.upper()}\n\nSee @{handle}.", f"On {name}, in general")
    spelled = [spell(name) for spell in SPELLINGS.values()]
    told_of = {bo.reply(about, f"I met {written} today."): written for written in spelled}
    edited = bo.reply(about, f"[{name}](https://x.example/a) said so.")
    bo.edit(edited, "Somebody said so.")
    untouched = (
        f"@{handle}-2, {handle}@x.example, https://x.example/@{handle}, `@{handle}`, [a](https://x.example/{handle})."
    )
    stays = bo.reply(about, untouched)

    done = await erase_now(site, named)

    assert done.others == len(told_of) + 3
    seen = bo.ask(THREAD, id=about)["discussion"]
    assert (seen["title"], seen["body"]) == ("On [erased], in general", "# About [erased]\n\nSee [erased].")
    replies = {reply["id"]: reply for reply in seen["replies"]["nodes"]}
    for reply, written in told_of.items():
        said = re.sub(r"\(https://x\.example/a\)|[*~\[\]]", "", replies[reply]["body"])
        assert said == "I met erased today.", written
        for shown in (replies[reply]["bodyHtml"], replies[reply]["bodyText"]):
            assert letters(name) not in letters(shown)
    assert [each["body"] for each in replies[edited]["revisions"]["nodes"]] == [
        "[[erased]](https://x.example/a) said so.",
        "Somebody said so.",
    ]
    assert replies[stays]["body"] == untouched
    assert (
        bo.ask("query ($q: String!) { search(query: $q) { totalCount } }", q=f'"{name}"')["search"]["totalCount"] == 0
    )


async def test_all_names_that_a_person_ever_had_are_gone(site: Parley, crowd: People) -> None:
    bo = crowd("Bo")
    handle, canary = f"zq{secrets.token_hex(4)}", secrets.token_hex(5)
    names = [f"Nora {canary}{number}" for number in range(3)]
    nora = Person(crowd.http, None)
    # The first name comes back, and is the present one in the end.
    for name in [*names, names[0], names[1], names[0]]:
        nora = Person(crowd.http, signed(claims(handle, name=name)), handle, name)
        assert nora.ask("{ viewer { user { name } } }")["viewer"]["user"]["name"] == name
    about = bo.start("Hm.")
    reply = bo.reply(about, f"{names[0]} was @{names[1]}, then {names[2]}; not Nora {canary}9.")
    # Nobody reads the former ones.
    seen = nora.ask(f'{{ user(handle: "{handle}") {{ name handle }} viewer {{ user {{ name }} }} }}')
    assert names[1] not in str(seen) and names[2] not in str(seen)
    user = nora.ask("{ viewer { user { id } } }")["viewer"]["user"]["id"]
    await erase_now(site, nora)
    left = bo.node(user, "... on User { handle }")
    assert left is None or bo.ask(f'{{ user(handle: "{left["handle"]}") {{ id }} }}') == {"user": None}
    assert bo.node(reply, "... on Reply { body }")["body"] == (
        f"[erased] was [erased], then [erased]; not Nora {canary}9."
    )
    if (url := str(site.settings["database_url"])).startswith("postgresql:"):
        # SQLite's files are cleaned by the command.
        held = await asyncio.to_thread(everything, url)
        assert not any(name.encode() in held for name in names)


def test_a_dry_run_shows_what_would_change_and_changes_nothing(site: Parley, crowd: People) -> None:
    bo = crowd("Bo")
    handle, name = f"zq{secrets.token_hex(4)}", "Nora Quist"
    nora = Person(crowd.http, signed(claims(handle, name=name)), handle, name)
    own = nora.start("The heron is all grey.")
    about = bo.start("To begin with.", "Ask Nora Quist")
    quoting = bo.reply(about, "> The heron is all grey.\n\nIs it?")
    longer = bo.reply(about, "Ask @Nora Quist Larsen.")
    url = str(site.settings["database_url"])
    before = bo.ask(THREAD, id=about), bo.ask(THREAD, id=own)

    shown = told("erase", "--handle", handle, "--dry-run", **site.settings)

    assert shown.splitlines() == [
        f"@{handle} (Nora Quist) would be erased: 1 posts of their own, and their words or names in 2 posts, versions"
        " and titles of others.",
        f"  Title of {about}: Ask Nora Quist -> Ask [erased]",
        f"  {quoting}: > The heron is all grey. Is it? -> > [erased] Is it?",
        "These passages may be theirs or somebody else's, so they stay:",
        f"  {longer}: Ask @Nora Quist Larsen.",
    ]
    assert (bo.ask(THREAD, id=about), bo.ask(THREAD, id=own)) == before
    assert b"Nora Quist" in everything(url)


async def test_words_that_anybody_may_say_stay_in_quotes_that_name_nobody(site: Parley, crowd: People) -> None:
    ada, bo = crowd.several("Ada", "Bo")
    about = bo.start("To begin with.")
    ada.reply(about, "Yes, 12 whales of the northern sea were seen in 25 bays, and not one of them came back to us.")
    stays = [
        "yes",
        "the",
        "\u2026",
        "1\u20442",
        "12 whales",
        "Yes \u2026 us",
        "12 whales of the northern sea \u2026 back",
        "2\u2075 bays",
    ]
    stays += ["whales of the southern sea were seen in", "of the north", "![whales](https://e.com/a.png)", "---"]
    goes = [
        "12 whales of the NORTHERN sea",
        "Yes, 12 **whales** of the \u2026 not one of them came back",
        "northern sea were seen in 25 bays\n> > of Bo",
    ]
    kept = {bo.reply(about, f"> {words}\n\nMine."): f"> {words}\n\nMine." for words in stays}
    gone = [bo.reply(about, f"> {words}\n\nMine.") for words in goes]

    done = await erase_now(site, ada)

    assert {reply: bo.node(reply, "... on Reply { body }")["body"] for reply in kept} == kept
    bodies = [bo.node(reply, "... on Reply { body }")["body"] for reply in gone]
    assert bodies == ["> [erased]\n\nMine.", "> [erased]\n\nMine.", "> [erased]\n>\n> > of Bo\n\nMine."]
    told_of = [passage.partition("> ")[2] for passage in done.doubtful]
    assert told_of == ["yes", "the", "12 whales", "Yes \u2026 us", "12 whales of the northern sea \u2026 back"]


async def test_an_erasure_ends_while_others_go_on_writing_the_name(
    site: Parley, crowd: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    bo = crowd("Bo")
    handle = f"zq{secrets.token_hex(4)}"
    named = Person(crowd.http, signed(claims(handle)), handle)
    named.start("Hm.")
    about = bo.start("To begin with.")
    before = [bo.reply(about, f"Again @{handle}.") for _ in range(5)]
    written: list[str] = []
    rewrite = forum.erasure._rewrite_post

    async def rewrite_while_others_write(*arguments: Any) -> None:
        assert len(written) < 20, "It goes on for as long as others write."
        written.append(await asyncio.to_thread(bo.reply, about, f"Again @{handle}."))
        await rewrite(*arguments)

    monkeypatch.setattr(forum.erasure, "_rewrite_post", rewrite_while_others_write)
    done = await erase_now(site, named)
    # What was written meanwhile is looked at once.
    assert done.others == 10
    bodies = [bo.node(reply, "... on Reply { body }")["body"] for reply in [*before, *written]]
    assert bodies == ["Again [erased]."] * 10 + [f"Again @{handle}."] * 5


async def test_an_edit_meanwhile_by_a_server_whose_clock_is_behind_is_looked_at(
    site: Parley, crowd: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    bo = crowd("Bo")
    handle = f"zq{secrets.token_hex(4)}"
    named = Person(crowd.http, signed(claims(handle)), handle)
    named.start("Hm.")
    about = bo.start("To begin with.")
    edited, last = bo.reply(about, "Nobody."), bo.reply(about, f"Last @{handle}.")
    rewrite = forum.erasure._rewrite_post

    async def rewrite_while_others_edit(database: Database, *arguments: Any) -> None:
        if bo.node(edited, "... on Reply { body }")["body"] == "Nobody.":
            await asyncio.to_thread(bo.edit, edited, f"Again @{handle}.")
            behind = update(posts).where(posts.c.id == int(edited[2:]))
            behind = behind.values(last_edited_at=datetime.now(UTC) - timedelta(minutes=3))
            await database.write(lambda tx: tx.run(WriteStatement(behind)))
        await rewrite(database, *arguments)

    monkeypatch.setattr(forum.erasure, "_rewrite_post", rewrite_while_others_edit)
    await erase_now(site, named)
    bodies = [bo.node(reply, "... on Reply { body }")["body"] for reply in (edited, last)]
    assert bodies == ["Again [erased].", "Last [erased]."]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--handle", "nobody-at-all", "--yes"], 'parley: No user has the handle "nobody-at-all".'),
        (
            ["--handle", "{handle}"],
            "parley: Erasing @{handle} can't be undone. Run it in a terminal, or confirm with --yes.",
        ),
    ],
)
def test_an_erasure_that_is_impossible_is_refused(
    site: Parley, crowd: People, arguments: list[str], complaint: str
) -> None:
    ada = crowd("Ada")
    discussion = ada.start()
    ended = run("erase", *(argument.format(handle=ada.handle) for argument in arguments), **site.settings)
    assert ended.returncode == 2
    assert ended.stderr == complaint.format(handle=ada.handle) + "\n"
    found: Any = ada.node(discussion, "... on Discussion { author { handle } }")["author"]
    assert found == {"handle": ada.handle}
