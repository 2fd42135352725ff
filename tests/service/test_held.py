"""Held posts: who reads them, what becomes of them, and that nothing goes round the policy."""

import asyncio
import secrets
from collections.abc import Iterator
from functools import partial
from typing import Any

import anyio
import pytest
from sqlalchemy import Connection, text

from db import migrate
from tests.support.backends import Backend
from tests.support.http import Data, People, Person, claims, key, people_of, raced, signed
from tests.support.servers import JWT_SECRET, UNLIMITED, Parley
from tests.support.websocket import following

pytestmark = pytest.mark.anyio

HELD = """held { id kind state reasons title body bodyHtml author { handle } createdAt decision { action reason }
  discussion { id } replyTo { id } edits { id version } reply { id sequence } category { slug } }"""
ERRORS = "errors { ... on MutationError { code path } }"
WRITTEN = {
    "addReply": "reply { id } repeated",
    "startDiscussion": "discussion { id } repeated",
    "editReply": "reply { id version body }",
    "editDiscussion": "discussion { id version body title category { slug } }",
    "withdrawHeldPost": "clientMutationId",
}
THREAD = """query ($id: ID!) { discussion(id: $id) { replyCount participantCount thread(first: 100) { totalCount nodes {
  id state sequence replyCount descendantCount replyTo { id } author { handle } quotes { status } } } } }"""
ADDED = """subscription ($id: ID!, $after: String) { discussionEvents(discussionId: $id, after: $after) {
  __typename ... on ReplyAdded {
    eventNumber reply { id } edge { depth } ancestors { id replyCount descendantCount } } } }"""


def does(person: Person, mutation: str, **given: Any) -> Data:
    """The payload of a mutation that may hold what it writes."""
    kind = mutation[0].upper() + mutation[1:]
    document = (
        f"mutation ($input: {kind}Input!) {{ {mutation}(input: $input) {{ {WRITTEN[mutation]} {HELD} {ERRORS} }} }}"
    )
    payload: Data = person.ask(document, input=given)[mutation]
    return payload


def holds(person: Person, mutation: str, **given: Any) -> Data:
    """What a mutation holds."""
    payload = does(person, mutation, **given)
    assert payload["errors"] == []
    assert payload["held"] is not None, payload
    found: Data = payload["held"]
    return found


def now(person: Person, held: Data) -> Data | None:
    """What somebody reads of a held post by its id."""
    found: Data | None = person.node(held["id"], HELD.replace("held {", "... on HeldPost {", 1))
    if found is not None:
        assert found.pop("__typename") == "HeldPost"
    return found


def thread(person: Person, discussion: str) -> Data:
    found: Data = person.ask(THREAD, id=discussion)["discussion"]
    return found


def decides(moderator: Person, held: Data, action: str = "PUBLISH") -> Data:
    """The payload of a decision about a held post, also of one that is decided already."""
    query = """query ($state: ReviewState) { reviewQueue(filter: {state: $state, kind: HELD}, first: 100) {
      nodes { id version held { id } } } }"""
    items = [
        item
        for state in ("OPEN", "DECIDED")
        for item in moderator.ask(query, state=state)["reviewQueue"]["nodes"]
        if item["held"] and item["held"]["id"] == held["id"]
    ]
    document = f"mutation ($input: DecideReviewInput!) {{ decideReview(input: $input) {{ {ERRORS} }} }}"
    chosen = {"reviewItemId": items[0]["id"], "action": action, "expectedVersion": items[0]["version"]}
    payload: Data = moderator.ask(document, input=chosen)["decideReview"]
    return payload


def publishes(moderator: Person, held: Data) -> Data:
    """Publishes a held post, and returns it as it is then."""
    assert decides(moderator, held)["errors"] == []
    published = now(moderator, held)
    assert published is not None
    assert (published["state"], published["decision"]["action"]) == ("PUBLISHED", "PUBLISH")
    return published


def refused(moderator: Person, held: Data) -> str:
    """The code of the error that publishing a held post ends with."""
    (error,) = decides(moderator, held)["errors"]
    code: str = error["code"]
    return code


def recount(site: Parley, discussion: str) -> None:
    """The counts of a discussion are those of its posts."""
    number = int(discussion[2:])
    statements = (
        """SELECT count(*) FROM posts JOIN reply_counts AS c ON c.discussion_id = posts.discussion_id
            AND c.sequence = posts.sequence WHERE posts.discussion_id = :d AND posts.sequence > 0 AND c.reply_count <>
            (SELECT count(*) FROM posts AS below WHERE below.reply_to_id = posts.id AND below.listed)""",
        """SELECT count(*) FROM discussion_counts AS c WHERE c.discussion_id = :d AND (c.reply_count <>
            (SELECT count(*) FROM posts WHERE discussion_id = :d AND sequence > 0 AND listed)
            OR c.participant_count <> (SELECT count(DISTINCT author_id) FROM posts WHERE discussion_id = :d))""",
        """SELECT count(*) FROM posts WHERE discussion_id = :d AND sequence > 0 AND listed <>
            (deleted_at IS NULL OR EXISTS
                (SELECT 1 FROM posts AS below WHERE below.reply_to_id = posts.id AND below.listed))""",
    )

    def differences(connection: Connection) -> list[int]:
        return [connection.execute(text(statement), {"d": number}).scalar_one() for statement in statements]

    assert asyncio.run(migrate.transact(str(site.settings["database_url"]), differences)) == [0, 0, 0]


@pytest.fixture(scope="module")
def moderator(crowd: People) -> Person:
    return crowd("Mo", moderator=True)


@pytest.fixture
def guarded(moderator: Person) -> str:
    """A category in which all is held."""
    slug = f"c{secrets.token_hex(6)}"
    made: str = moderator.write("addCategory", slug=slug, name="Looked at", premoderated=True)["category"]["id"]
    return made


@pytest.fixture
def discussion(moderator: Person, guarded: str) -> str:
    """A discussion in which all replies are held."""
    return moderator.start(categoryId=guarded)


def test_a_held_reply_is_read_by_its_author_and_moderators(crowd: People, moderator: Person, discussion: str) -> None:
    ada, bo = crowd.several("Ada", "Bo")
    payload = does(ada, "addReply", discussionId=discussion, body="Words that **wait**.")
    held = payload["held"]
    assert payload["reply"] is None
    assert payload["errors"] == []
    assert (held["kind"], held["state"], held["reasons"]) == ("REPLY", "HELD", ["CATEGORY"])
    assert held["bodyHtml"] == '<p dir="auto">Words that <strong>wait</strong>.</p>\n'
    assert (held["author"]["handle"], held["discussion"]["id"]) == (ada.handle, discussion)
    assert held["reply"] is held["replyTo"] is held["edits"] is held["decision"] is None
    for person in (ada, moderator):
        assert now(person, held) == held
    for person in (bo, crowd.reader):
        assert now(person, held) is None
        assert thread(person, discussion)["thread"]["nodes"] == []
        found = person.ask('{ search(query: "Words that wait") { nodes { id } } }')
        assert found["search"]["nodes"] == []
    mine = "{ viewer { heldPosts { totalCount nodes { id body } } } }"
    assert ada.ask(mine)["viewer"]["heldPosts"]["nodes"] == [{"id": held["id"], "body": held["body"]}]
    assert bo.ask(mine)["viewer"]["heldPosts"] == {"totalCount": 0, "nodes": []}
    assert ada.events(discussion, ada.cursor(discussion)) == []


def test_a_held_post_has_an_open_review_item(crowd: People, moderator: Person, discussion: str) -> None:
    ada = crowd("Ada")
    held = holds(ada, "addReply", discussionId=discussion, body="To be looked at.")
    query = """query ($author: ID!) { reviewQueue(filter: {kind: HELD, authorId: $author}) {
      nodes { kind state version } } }"""
    author = ada.ask("{ viewer { user { id } } }")["viewer"]["user"]["id"]
    items = moderator.ask(query, author=author)["reviewQueue"]["nodes"]
    assert items == [{"kind": "HELD", "state": "OPEN", "version": 1}]
    does(ada, "withdrawHeldPost", heldPostId=held["id"])
    assert moderator.ask(query, author=author)["reviewQueue"]["nodes"] == []


@pytest.mark.parametrize("keyed", [True, False], ids=["with a key", "without a key"])
def test_a_repeat_answers_what_became_of_it(
    site: Parley, crowd: People, moderator: Person, discussion: str, keyed: bool
) -> None:
    def write() -> tuple[Person, Data]:
        ada = crowd("Ada")
        given = (key() if keyed else {}) | {"discussionId": discussion, "body": "Once."}
        first, *others = raced([lambda: does(ada, "addReply", **given)] * 4)
        assert all(payload["held"] == first["held"] for payload in others)
        return ada, given | {"held": first["held"]}

    ada, given = write()
    held = given.pop("held")
    published = publishes(moderator, held)
    again = does(ada, "addReply", **given)
    assert (again["repeated"], again["held"]) == (True, published)
    assert published["reply"]["sequence"] == 1


def test_what_was_withdrawn_is_gone_and_can_be_written_again(crowd: People, discussion: str) -> None:
    ada, bo = crowd.several("Ada", "Bo")
    held = holds(ada, "addReply", discussionId=discussion, body="Never mind.")
    error = {"code": "HELD_POST_NOT_FOUND", "path": ["input", "heldPostId"]}
    assert does(bo, "withdrawHeldPost", heldPostId=held["id"])["errors"] == [error]
    assert holds(ada, "withdrawHeldPost", heldPostId=held["id"])["state"] == "WITHDRAWN"
    assert does(ada, "withdrawHeldPost", heldPostId=held["id"])["errors"] == [error]
    assert does(ada, "withdrawHeldPost", heldPostId=discussion)["errors"] == [error]
    again = holds(ada, "addReply", discussionId=discussion, body="Never mind.")
    assert (again["id"] != held["id"], again["state"]) == (True, "HELD")


def test_ten_posts_of_a_person_may_wait(crowd: People, discussion: str) -> None:
    ada = crowd("Ada")

    def write(at: int) -> Data:
        return does(ada, "addReply", discussionId=discussion, body=f"Number {at}.")

    payloads = raced([partial(write, at) for at in range(14)])
    waiting = [payload["held"] for payload in payloads if payload["held"]]
    assert len(waiting) == 10
    codes = [error["code"] for payload in payloads for error in payload["errors"]]
    assert codes == ["TOO_MANY_HELD"] * 4
    does(ada, "withdrawHeldPost", heldPostId=waiting[0]["id"])
    assert write(20)["held"]["state"] == "HELD"
    page = ada.ask("{ viewer { heldPosts(first: 4, state: HELD) { totalCount pageInfo { endCursor } nodes { id } } } }")
    first = page["viewer"]["heldPosts"]
    more = ada.ask(
        "query ($after: String) { viewer { heldPosts(first: 100, after: $after, state: HELD) { nodes { id } } } }",
        after=first["pageInfo"]["endCursor"],
    )["viewer"]["heldPosts"]
    found = [node["id"] for node in [*first["nodes"], *more["nodes"]]]
    assert (first["totalCount"], len(found), len(set(found))) == (10, 10, 10)
    assert waiting[0]["id"] not in found


async def test_a_published_reply_arrives_live_in_its_place(
    site: Parley, crowd: People, discussion: str, moderator: Person
) -> None:
    above = moderator.reply(discussion, "Above.")
    beside = moderator.reply(discussion, "Beside.")
    ada = crowd("Ada")
    held = holds(
        ada, "addReply", discussionId=discussion, replyToId=above, body="In its place.", clientMutationId="mine"
    )
    assert held["replyTo"] == {"id": above}
    before = ada.cursor(discussion)
    async with following(site, ADDED, discussion, before) as socket:
        await socket.replayed()
        published = await anyio.to_thread.run_sync(publishes, moderator, held)
        item = await socket.item(20)
    reply = published["reply"]["id"]
    assert item["reply"] == {"id": reply}
    assert (item["edge"], item["ancestors"]) == ({"depth": 1}, [{"id": above, "replyCount": 1, "descendantCount": 1}])
    (event,) = ada.events(discussion, before)
    assert (event["__typename"], event["clientMutationId"]) == ("ReplyAdded", "mine")
    shown = thread(crowd.reader, discussion)
    assert [node["id"] for node in shown["thread"]["nodes"]] == [above, reply, beside]
    assert (shown["replyCount"], shown["participantCount"]) == (3, 2)
    assert shown["thread"]["nodes"][1]["author"] == {"handle": ada.handle}
    changed = now(ada, held)
    assert changed is not None
    assert (changed["state"], changed["reply"]) == ("PUBLISHED", {"id": reply, "sequence": 3})
    await anyio.to_thread.run_sync(recount, site, discussion)
    assert (await anyio.to_thread.run_sync(refused, moderator, held)) == "CONFLICT"


def test_a_reply_is_published_below_what_was_deleted_meanwhile(
    site: Parley, crowd: People, moderator: Person, discussion: str
) -> None:
    top = moderator.reply(discussion, "Top.")
    parent = moderator.reply(discussion, "Parent.", to=top)
    ada = crowd("Ada")
    held = holds(ada, "addReply", discussionId=discussion, replyToId=parent, body="Below them.")
    moderator.delete(parent)
    moderator.delete(top)
    assert thread(ada, discussion)["thread"]["totalCount"] == 0
    before = ada.cursor(discussion)
    reply = publishes(moderator, held)["reply"]["id"]
    nodes = thread(ada, discussion)["thread"]["nodes"]
    assert [(node["id"], node["state"], node["descendantCount"]) for node in nodes] == [
        (top, "DELETED", 2),
        (parent, "DELETED", 1),
        (reply, "VISIBLE", 0),
    ]
    recount(site, discussion)
    # Who follows the thread is given what it did not show.
    fields = "... on ReplyAdded { edges { node { id } } ancestors { id replyCount } }"
    (event,) = ada.events(discussion, before, fields)
    assert [edge["node"]["id"] for edge in event["edges"]] == [top, parent, reply]
    assert event["ancestors"] == [{"id": top, "replyCount": 1}, {"id": parent, "replyCount": 1}]
    ada.delete(reply)
    assert thread(ada, discussion)["thread"]["totalCount"] == 0
    recount(site, discussion)


def test_a_reply_is_published_in_a_locked_discussion(
    site: Parley, crowd: People, moderator: Person, discussion: str
) -> None:
    ada = crowd("Ada")
    held = holds(ada, "addReply", discussionId=discussion, body="Before the lock.")
    moderator.write("lockDiscussion", discussionId=discussion)
    reply = publishes(moderator, held)["reply"]["id"]
    assert ada.node(reply, "... on Reply { body }")["body"] == "Before the lock."
    recount(site, discussion)


def test_a_deleted_discussion_takes_no_publication(
    site: Parley, crowd: People, moderator: Person, discussion: str
) -> None:
    ada = crowd("Ada")
    held = holds(ada, "addReply", discussionId=discussion, body="Too late.")
    moderator.write("deleteDiscussion", discussionId=discussion)
    assert refused(moderator, held) == "DISCUSSION_NOT_FOUND"
    changed = now(ada, held)
    assert changed is not None
    assert changed["state"] == "HELD"
    moderator.write("restoreDiscussion", discussionId=discussion)
    publishes(moderator, held)
    recount(site, discussion)


def test_a_quote_of_what_was_edited_meanwhile_says_so(
    site: Parley, crowd: People, moderator: Person, discussion: str
) -> None:
    source = moderator.reply(discussion, "It will rain.")
    ada = crowd("Ada")
    held = holds(
        ada,
        "addReply",
        discussionId=discussion,
        body="> It will rain.\n\nNo.",
        quotes=[{"sourceId": source, "text": "It will rain."}],
    )
    moderator.edit(source, "It will snow.")
    cursor = moderator.ask("{ feedCursor }")["feedCursor"]
    reply = publishes(moderator, held)["reply"]["id"]
    quotes = ada.node(reply, "... on Reply { quotes { status sourceVersion source { id } } }")["quotes"]
    assert quotes == [{"status": "SOURCE_EDITED", "sourceVersion": 1, "source": {"id": source}}]
    # Whom it quotes is told.
    query = """query ($after: String!) { feedEvents(after: $after, filter: {toViewer: true}, first: 100) {
      nodes { event { ... on ReplyAdded { reply { id } } } } } }"""
    told = moderator.ask(query, after=cursor)["feedEvents"]["nodes"]
    assert {"event": {"reply": {"id": reply}}} in told


def test_a_held_discussion_is_published_with_its_links(
    site: Parley, crowd: People, moderator: Person, guarded: str
) -> None:
    ada = crowd("Ada")
    given = key() | {
        "title": "A new one",
        "body": f"See [above](#reply-1), @{moderator.handle}.",
        "categoryId": guarded,
    }
    held = holds(ada, "startDiscussion", **given)
    assert (held["kind"], held["title"], held["discussion"]) == ("DISCUSSION", "A new one", None)
    assert held["category"] is not None
    published = publishes(moderator, held)
    number = published["discussion"]["id"][2:]
    shown = ada.node(
        f"D_{number}", "... on Discussion { title bodyHtml author { handle } mentions { user { handle } } }"
    )
    assert shown["mentions"] == [{"user": {"handle": moderator.handle}}]
    assert f'/d/{number}#reply-1"' in shown["bodyHtml"]
    again = does(ada, "startDiscussion", **given)
    assert (again["repeated"], again["held"]["discussion"]) == (True, {"id": f"D_{number}"})
    recount(site, f"D_{number}")


def test_an_edit_waits_while_the_published_version_stays(
    site: Parley, crowd: People, moderator: Person, discussion: str
) -> None:
    ada, bo = crowd.several("Ada", "Bo")
    reply = publishes(moderator, holds(ada, "addReply", discussionId=discussion, body="One."))["reply"]["id"]
    payload = does(ada, "editReply", replyId=reply, expectedVersion=1, body="Two.")
    first = payload["held"]
    assert payload["reply"] == {"id": reply, "version": 1, "body": "One."}
    assert (first["kind"], first["edits"]) == ("EDIT", {"id": reply, "version": 1})
    # A button that was pressed twice.
    assert holds(ada, "editReply", replyId=reply, expectedVersion=1, body="Two.")["id"] == first["id"]
    second = holds(ada, "editReply", replyId=reply, expectedVersion=1, body="Three.")
    changed = now(ada, first)
    assert changed is not None
    assert changed["state"] == "WITHDRAWN"
    assert refused(moderator, first) == "CONFLICT"
    assert bo.node(reply, "... on Reply { body version }") == {"__typename": "Reply", "body": "One.", "version": 1}
    moderator.write("lockDiscussion", discussionId=discussion)
    publishes(moderator, second)
    assert bo.node(reply, "... on Reply { body version }") == {"__typename": "Reply", "body": "Three.", "version": 2}
    # One that changes nothing is not held.
    moderator.write("unlockDiscussion", discussionId=discussion)
    assert does(ada, "editReply", replyId=reply, expectedVersion=2, body="Three.")["held"] is None


def test_an_edit_of_what_has_changed_since_conflicts(
    site: Parley, crowd: People, moderator: Person, guarded: str
) -> None:
    ada = crowd("Ada")
    open_one = ada.start("The opening post.")
    reply = ada.reply(open_one, "One.")
    moderator.write("moveDiscussion", discussionId=open_one, categoryId=guarded)
    held = holds(ada, "editReply", replyId=reply, expectedVersion=1, body="Two.")
    moderator.write("moveDiscussion", discussionId=open_one, categoryId=None)
    ada.edit(reply, "Another two.")
    # Its author has made a newer edit: nobody has to decide about this one.
    assert refused(moderator, held) == "CONFLICT"
    changed = now(ada, held)
    assert changed is not None
    assert (changed["state"], changed["decision"]) == ("WITHDRAWN", None)
    moderator.write("moveDiscussion", discussionId=open_one, categoryId=guarded)
    held = holds(ada, "editReply", replyId=reply, expectedVersion=2, body="Three.")
    opening = holds(ada, "editDiscussion", discussionId=open_one, expectedVersion=1, body="Another one.")
    moderator.write("moveDiscussion", discussionId=open_one, categoryId=None)
    ada.write("editDiscussion", discussionId=open_one, expectedVersion=1, body="Yet another one.")
    changed = now(ada, opening)
    assert changed is not None
    assert changed["state"] == "WITHDRAWN"
    ada.delete(reply)
    assert refused(moderator, held) == "POST_NOT_FOUND"
    moderator.write("deleteDiscussion", discussionId=open_one)
    assert refused(moderator, held) in ("POST_NOT_FOUND", "DISCUSSION_NOT_FOUND")


def test_an_author_does_not_move_a_discussion_past_moderators(
    site: Parley, crowd: People, moderator: Person, guarded: str
) -> None:
    ada = crowd("Ada")
    discussion = ada.start("Something harmless.", title="Fine")
    payload = does(ada, "editDiscussion", discussionId=discussion, expectedVersion=1, categoryId=guarded)
    assert payload["discussion"]["category"] is None
    held = payload["held"]
    assert held["reasons"] == ["CATEGORY"]
    moderator.write("retitleDiscussion", discussionId=discussion, title="Finer", expectedVersion=1)
    assert refused(moderator, held) == "CONFLICT"
    held = holds(ada, "editDiscussion", discussionId=discussion, expectedVersion=2, categoryId=guarded, title="Finest")
    publishes(moderator, held)
    shown = ada.node(discussion, "... on Discussion { title version category { id } }")
    assert shown == {"__typename": "Discussion", "title": "Finest", "version": 3, "category": {"id": guarded}}
    # Nor out of there.
    assert holds(ada, "editDiscussion", discussionId=discussion, expectedVersion=3, categoryId=None)["reasons"] == [
        "CATEGORY"
    ]


def test_a_rejected_post_says_so_to_its_author(crowd: People, moderator: Person, discussion: str) -> None:
    ada = crowd("Ada")
    held = holds(ada, "addReply", discussionId=discussion, body="Buy now.")

    assert decides(moderator, held, "REJECT")["errors"] == []
    changed = now(ada, held)
    assert changed is not None
    assert (changed["state"], changed["body"], changed["reply"]) == ("REJECTED", "Buy now.", None)
    assert refused(moderator, held) == "CONFLICT"


def test_moderators_and_applications_are_not_held(crowd: People, moderator: Person, discussion: str) -> None:
    assert does(moderator, "addReply", discussionId=discussion, body="Order!")["held"] is None
    said = claims(f"bot-{secrets.token_hex(4)}", parley_role="application")
    bot = Person(crowd.http, signed(said))
    payload = does(bot, "addReply", discussionId=discussion, body="Beep.")
    assert (payload["held"], payload["errors"]) == (None, [])


def test_what_is_refused_is_not_held(crowd: People, moderator: Person, discussion: str) -> None:
    ada = crowd("Ada")
    above = moderator.reply(discussion, "Above.")
    moderator.delete(above)
    for given, code in (
        ({"body": "  "}, "BODY_EMPTY"),
        ({"body": "Below.", "replyToId": above}, "PARENT_DELETED"),
        ({"body": "Where?", "discussionId": "D_999999"}, "DISCUSSION_NOT_FOUND"),
    ):
        payload = does(ada, "addReply", **({"discussionId": discussion} | given))
        assert ([error["code"] for error in payload["errors"]], payload["held"]) == ([code], None)
    moderator.write("lockDiscussion", discussionId=discussion)
    payload = does(ada, "addReply", discussionId=discussion, body="Locked?")
    assert [error["code"] for error in payload["errors"]] == ["DISCUSSION_LOCKED"]
    assert ada.ask("{ viewer { heldPosts { totalCount } } }")["viewer"]["heldPosts"]["totalCount"] == 0


@pytest.fixture(scope="module")
def strict(backend: Backend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parley]:
    """A server that holds links of newcomers, and words."""
    folder = tmp_path_factory.mktemp("strict")
    words = folder / "words.txt"
    words.write_text("# Not here\nviagra\n", encoding="utf-8")
    server = Parley.start(
        database_url=backend.migrated_database(),
        bus_url=backend.bus_url,
        folder=folder,
        guests=True,
        jwt_secret=JWT_SECRET,
        public_url="https://forum.example",
        allowed_hosts="*",
        hold_links=2,
        held_words=str(words),
        **UNLIMITED,
    )
    yield server
    server.stop()


@pytest.fixture(scope="module")
def newcomers(strict: Parley) -> Iterator[People]:
    with people_of(strict) as made:
        yield made


LINKS = (
    "See [this](https://spam.example/x).",
    "See https://spam.example/x.",
    "See www.spam.com.",
    "![](https://spam.example/x.png)",
    "> See https://spam.example/x.",
    "See `https://spam.example/x`.",
    "```\nwww.spam.example/x\n```",
    "See hxxps://spam.example/x",
)


@pytest.mark.parametrize("body", LINKS)
def test_links_of_newcomers_are_held_until_they_have_posts(newcomers: People, body: str) -> None:
    ada = newcomers("Ada")
    discussion = ada.start("Hello.")
    assert holds(ada, "addReply", discussionId=discussion, body=body)["reasons"] == ["LINKS"]
    ada.reply(discussion, "Second.")
    assert does(ada, "addReply", discussionId=discussion, body=body + " Now.")["held"] is None


def test_links_of_the_site_itself_are_not_held(newcomers: People) -> None:
    ada = newcomers("Ada")
    discussion = ada.start("Hello.")
    links = f"[here](https://forum.example/d/{discussion[2:]}), [there](/d/1)"
    body = f"As {links}, #1, @{ada.handle} and `https://forum.example/d/1`."
    assert does(ada, "addReply", discussionId=discussion, body=body)["held"] is None


@pytest.mark.parametrize(
    ("edited", "reasons"),
    [
        ("Now with https://spam.example/x", ["LINKS"]),
        ("Now with vi\u200bagra", ["WORDS"]),
        ("Now with viagra at https://spam.example/x", ["LINKS", "WORDS"]),
        ("Nothing new.", None),
    ],
)
def test_edits_do_not_go_round_the_policy(newcomers: People, edited: str, reasons: list[str] | None) -> None:
    ada = newcomers("Ada")
    discussion = ada.start("Hello.", title="Fine")
    reply = ada.reply(discussion, "Harmless.")
    changes = (
        ("editReply", {"replyId": reply, "body": edited}),
        ("editDiscussion", {"discussionId": discussion, "body": edited}),
    )
    for mutation, given in changes:
        payload = does(ada, mutation, expectedVersion=1, **given)
        assert (payload["held"] and payload["held"]["reasons"]) == reasons
    if reasons is None:
        for title, held in (("Viagra", ["WORDS"]), ("https://spam.example/x", ["LINKS"])):
            payload = does(ada, "editDiscussion", discussionId=discussion, expectedVersion=2, title=title)
            assert (payload["held"]["reasons"], payload["held"]["title"]) == (held, title)


def test_a_link_that_was_there_before_is_not_held_again(strict: Parley, newcomers: People) -> None:
    ada = newcomers("Ada")
    discussion = ada.start("Hello.")
    held = holds(ada, "addReply", discussionId=discussion, body="https://spam.example/x is good.")
    reply = publishes(newcomers("Mo", moderator=True), held)["reply"]["id"]
    assert (
        does(ada, "editReply", replyId=reply, expectedVersion=1, body="https://spam.example/x is bad.")["held"] is None
    )


def test_the_first_post_of_a_guest_is_held_on_a_public_site(strict: Parley, newcomers: People) -> None:
    def guest() -> Person:
        payload = newcomers.reader.write("signInAsGuest", name=f"Guest {secrets.token_hex(4)}")
        return Person(newcomers.http, payload["token"])

    eve = guest()
    discussion = newcomers("Ada").start("Hello.")
    held = holds(eve, "addReply", discussionId=discussion, body="May I?")
    assert held["reasons"] == ["NEW_MEMBER"]
    assert holds(eve, "addReply", discussionId=discussion, body="And this?")["reasons"] == ["NEW_MEMBER"]
    reply = publishes(newcomers("Mo", moderator=True), held)["reply"]["id"]
    assert does(eve, "addReply", discussionId=discussion, body="Thanks.")["held"] is None
    mallory = guest()
    held = holds(mallory, "addReply", discussionId=discussion, body="Hi.")
    first = publishes(newcomers("Mo", moderator=True), held)["reply"]["id"]
    # An edit of one's only post is the first post once more.
    assert holds(mallory, "editReply", replyId=first, expectedVersion=1, body="Buy.")["reasons"] == ["NEW_MEMBER"]
    assert does(eve, "editReply", replyId=reply, expectedVersion=1, body="May I ask?")["held"] is None
