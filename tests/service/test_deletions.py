"""Who reads and restores what was deleted, by whoever deleted it; what comes back, and what is gone for good."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

import pytest
from sqlalchemy import text

import db.erasure
import db.replies
from db import migrate, users
from db.database import Database, Transaction
from forum import drafts
from forum import erasure as forum_erasure
from forum.deletions import DeleteReply, RestoreReply, delete_reply, purge_deleted_posts, restore_reply
from forum.discussions import StartDiscussion, start_discussion
from forum.erasure import erase_user
from forum.replies import AddReply, add_reply
from forum.use_cases import Actor, Forum
from tests.support.http import Data, People, Person, quotes_of, raced, status_is
from tests.support.servers import Parley, told
from tests.support.waiting import eventually
from tests.support.websocket import following

pytestmark = pytest.mark.anyio

POST = """... on Post {
    id version state body bodyHtml bodyText deletedAt author { name } mentions { user { name } }
    deletion { by at reason body } viewerCanRestore viewerCanDelete
} ... on Discussion { title category { slug } replyCount }"""
SECRET = "Words that were taken back."


async def purge(site: Parley, *, days: int = 0) -> int:
    async with Database(str(site.settings["database_url"])) as database:
        return await purge_deleted_posts(database, before=datetime.now(UTC) - timedelta(days=days))


def erase(site: Parley, person: Person) -> None:
    told("erase", "--handle", person.handle, "--yes", **site.settings)


async def held(site: Parley, table: str) -> str:
    """All rows of a table, as text."""
    url = str(site.settings["database_url"])
    rows = await migrate.transact(url, lambda connection: connection.execute(text(f"SELECT * FROM {table}")).all())
    return str(rows)


def restores(person: Person, post: str) -> Data:
    """Restores a reply or a discussion, and returns it."""
    if post.startswith("D_"):
        found: Data = person.write("restoreDiscussion", discussionId=post)["discussion"]
    else:
        found = person.write("restoreReply", replyId=post)["reply"]
    return found


def refused(person: Person, post: str) -> str:
    """The code with which somebody is refused who restores a reply or a discussion."""
    mutation, name = ("restoreDiscussion", "discussionId") if post.startswith("D_") else ("restoreReply", "replyId")
    error = person.refused(mutation, **{name: post})
    assert error["path"] == ["input", name]
    code: str = error["code"]
    return code


class Cast(NamedTuple):
    """The people around a post."""

    author: Person
    moderator: Person
    other: Person


def cast_of(crowd: People) -> Cast:
    return Cast(crowd("Ada"), crowd("Mo", moderator=True), crowd("Bo"))


class Case(NamedTuple):
    """A way to delete a reply, and what follows from it."""

    delete: Callable[[Cast, str], object]
    by: str
    reads: set[str]
    """Who reads what it said."""
    restores: set[str]
    refusals: dict[str, str]
    """The code that each of the others gets who restores it."""
    again: dict[str, str]
    """What becomes of it if somebody deletes it again: by whom it is deleted then, or an error."""


def _raise(cast: Cast, reply: str) -> None:
    cast.author.delete(reply)
    assert cast.moderator.delete(reply)["version"] == cast.author.node(reply, POST)["version"]


NOT_FOUND = "REPLY_NOT_FOUND"
CASES = {
    "by its author": Case(
        lambda cast, reply: cast.author.delete(reply),
        "AUTHOR",
        {"author"},
        {"author"},
        {"moderator": "NOT_ALLOWED", "other": "NOT_ALLOWED"},
        {"author": NOT_FOUND, "other": NOT_FOUND, "moderator": "MODERATOR"},
    ),
    "by a moderator": Case(
        lambda cast, reply: cast.moderator.delete(reply),
        "MODERATOR",
        {"author", "moderator"},
        {"moderator"},
        {"author": "NOT_ALLOWED", "other": "NOT_ALLOWED"},
        {"author": NOT_FOUND, "other": NOT_FOUND, "moderator": NOT_FOUND},
    ),
    "by its author, then by a moderator": Case(
        _raise,
        "MODERATOR",
        {"author"},
        set(),
        {"author": "NOT_ALLOWED", "other": "NOT_ALLOWED", "moderator": "NOT_RESTORABLE"},
        {"author": NOT_FOUND, "other": NOT_FOUND, "moderator": NOT_FOUND},
    ),
}


@pytest.mark.parametrize("how", CASES)
def test_who_deleted_a_reply_decides_who_reads_and_restores_it(crowd: People, how: str) -> None:
    cast, case = cast_of(crowd), CASES[how]
    reply = cast.author.reply(cast.other.start(), SECRET)
    assert refused(cast.author, reply) == "NOT_RESTORABLE"
    case.delete(cast, reply)
    for name, person in (cast._asdict() | {"reader": crowd.reader}).items():
        shown = person.node(reply, POST)
        assert (shown["state"], shown["author"], shown["body"]) == ("DELETED", None, "")
        assert (shown["deletion"]["by"], shown["deletion"]["at"]) == (case.by, shown["deletedAt"])
        assert shown["deletion"]["body"] == (SECRET if name in case.reads else None), name
        assert shown["viewerCanRestore"] is (name in case.restores), name
        assert shown["viewerCanDelete"] is False
    for name, code in case.refusals.items():
        assert refused(getattr(cast, name), reply) == code, name
    assert crowd.reader.payload("restoreReply", replyId=reply)["errors"][0]["code"] == "NOT_SIGNED_IN"
    for name in case.restores:
        restored = restores(getattr(cast, name), reply)
        assert (restored["state"], restored["body"], restored["version"]) == ("VISIBLE", SECRET, 3)
        shown = crowd.reader.node(reply, POST)
        assert (shown["author"], shown["deletion"], shown["deletedAt"]) == ({"name": cast.author.name}, None, None)
        assert refused(getattr(cast, name), reply) == "NOT_RESTORABLE"


@pytest.mark.parametrize("how", CASES)
def test_a_moderator_alone_raises_what_an_author_deleted(crowd: People, how: str) -> None:
    cast, case = cast_of(crowd), CASES[how]
    discussion = cast.other.start()
    reply = cast.author.reply(discussion, SECRET)
    case.delete(cast, reply)
    for name, expected in case.again.items():
        person, cursor = getattr(cast, name), cast.other.cursor(discussion)
        payload = person.payload("deleteReply", replyId=reply)
        if expected == NOT_FOUND:
            assert [error["code"] for error in payload["errors"]] == [NOT_FOUND], name
            assert cast.other.events(discussion, cursor) == []
        else:
            assert payload["errors"] == []
            assert cast.other.node(reply, POST)["deletion"]["by"] == expected
            (event,) = cast.other.events(discussion, cursor, "... on ReplyDeleted { reply { id } }")
            assert (event["__typename"], event["reply"]["id"]) == ("ReplyDeleted", reply)


def test_a_moderator_s_own_reply_stays_theirs(crowd: People) -> None:
    moderator, another = crowd("Mo", moderator=True), crowd("Mia", moderator=True)
    reply = moderator.reply(moderator.start(), SECRET)
    moderator.delete(reply)
    assert moderator.refused("deleteReply", replyId=reply)["code"] == NOT_FOUND
    assert refused(another, reply) == "NOT_ALLOWED"
    assert restores(moderator, reply)["body"] == SECRET


@pytest.mark.parametrize("how", CASES)
async def test_nobody_reads_or_restores_what_is_purged(site: Parley, crowd: People, how: str) -> None:
    cast, case = cast_of(crowd), CASES[how]
    secret = f"Words of {cast.author.handle}."
    discussion = cast.other.start()
    reply = cast.author.reply(discussion, secret)
    cast.author.edit(reply, f"{secret} Again.")
    case.delete(cast, reply)
    cursor = cast.other.cursor(discussion)
    await purge(site, days=1)
    assert cast.author.node(reply, POST)["deletion"]["body"] == f"{secret} Again."
    assert await purge(site) > 0
    assert await purge(site) == 0
    for person in (*cast, crowd.reader):
        shown = person.node(reply, POST)
        assert (shown["deletion"]["by"], shown["deletion"]["body"]) == (case.by, None)
        assert shown["viewerCanRestore"] is False
    for name in ("author", "moderator"):
        expected = "NOT_RESTORABLE" if name in case.restores else case.refusals[name]
        assert refused(getattr(cast, name), reply) == expected
    assert cast.other.events(discussion, cursor) == []
    assert secret not in await held(site, "revisions")


@pytest.mark.parametrize("how", CASES)
async def test_of_what_is_erased_nothing_is_left(site: Parley, crowd: People, how: str) -> None:
    cast, case = cast_of(crowd), CASES[how]
    discussion, own = cast.other.start(), cast.author.start("Mine.")
    reply = cast.author.reply(discussion, "Words that are erased.")
    case.delete(cast, reply)
    cast.moderator.write("deleteDiscussion", discussionId=own)
    cursor = cast.other.cursor(discussion)
    erase(site, cast.author)
    for post in (reply, own):
        for person in (cast.moderator, cast.other, crowd.reader):
            shown = person.node(post, POST)
            assert (shown["deletion"]["by"], shown["deletion"]["body"]) == ("ERASURE", None)
            assert shown["deletion"]["reason"] is None
            assert shown["viewerCanRestore"] is False
        for person in (cast.moderator, cast.other):
            assert refused(person, post) == "NOT_RESTORABLE"
    assert cast.moderator.refused("deleteReply", replyId=reply)["code"] == NOT_FOUND
    # Its followers are told that nobody restores it any more.
    assert [event["__typename"] for event in cast.other.events(discussion, cursor)] == ["ReplyDeleted"]
    for table in ("posts", "revisions", "deleted_posts"):
        assert "Words that are erased." not in await held(site, table)


def test_a_reply_comes_back_as_it_was(crowd: People) -> None:
    ada, bo, cy = crowd.several("Ada", "Bo", "Cy")
    discussion = bo.start()
    source = bo.reply(discussion, "The sky is blue. The sea is wide.")
    body = f"> The sky is blue.\n\nAs @{cy.handle} knows, xylophones.\n\n> **{bo.name} said:**\n>\n> Never."
    tied = {"sourceId": source, "text": "The sky is blue."}
    reply = ada.reply(discussion, body, quotes=[tied])
    ada.edit(reply, f"{body}\n\nAnd more.")
    quoting = cy.reply(discussion, "> As xylophones.\n\nHm.", quotes=[{"sourceId": reply, "text": "xylophones."}])
    below = cy.reply(discussion, "Below.", to=reply)
    fields = "id source { ... on Reply { id } } sourceVersion attributedName attributedTo { name } bodyHtml"
    before, quotes = ada.node(reply, POST), quotes_of(ada, reply, fields)
    status = [quote["status"] for quote in quotes_of(cy, quoting)]
    assert [quote["status"] for quote in quotes] == ["VERBATIM", "UNRESOLVED"]
    cursor = bo.cursor(discussion)

    ada.delete(reply)
    eventually(lambda: len(bo.events(discussion, cursor)) == 2, "the notice of the quoting post")
    assert "SOURCE_DELETED" in [quote["status"] for quote in quotes_of(cy, quoting)]
    assert quotes_of(ada, reply) == []
    found = "query ($words: String!) { search(query: $words) { nodes { id } } }"
    assert reply not in str(bo.ask(found, words="xylophones"))
    restores(ada, reply)

    after = bo.node(reply, POST)
    same = ("state", "body", "bodyHtml", "bodyText", "author", "mentions")
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    assert (before["version"], after["version"]) == (2, 4)
    assert quotes_of(bo, reply, fields) == quotes
    assert reply in str(bo.ask(found, words="xylophones"))
    assert ada.node(below, "... on Reply { replyTo { id state } }")["replyTo"] == {"id": reply, "state": "VISIBLE"}
    assert [quote["status"] for quote in quotes_of(cy, quoting)] == status
    events = ["ReplyDeleted", "QuoteStatusChanged", "ReplyRestored", "QuoteStatusChanged"]
    eventually(
        lambda: [each["__typename"] for each in bo.events(discussion, cursor)] == events, "the notices of both changes"
    )
    # It can be edited, deleted and restored like any other.
    assert ada.edit(reply, "Other words.", version=4)["version"] == 5
    ada.delete(reply)
    assert restores(ada, reply)["body"] == "Other words."


def test_pages_of_versions_pass_over_tombstones(crowd: People) -> None:
    ada = crowd()
    reply = ada.reply(ada.start(), "Words 1.")
    for version in (1, 3, 5):
        ada.delete(reply)
        restores(ada, reply)
        ada.edit(reply, f"Words {version + 3}.", version=version + 2) if version == 5 else None
    asked = """query ($id: ID!, $first: Int!, $after: String) { node(id: $id) { ... on Reply {
        revisions(first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor } nodes { version body } }
    } } }"""
    for first in (1, 2, 3, 20):
        read, after, more = [], None, True
        while more:
            page = ada.ask(asked, id=reply, first=first, after=after)["node"]["revisions"]
            read += [(node["version"], node["body"]) for node in page["nodes"]]
            assert (page["totalCount"], len(page["nodes"]) <= first) == (5, True)
            after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        assert read == [(version, "Words 1.") for version in (1, 3, 5, 7)] + [(8, "Words 8.")]


def test_quotes_come_back_though_their_sources_changed(crowd: People) -> None:
    ada, bo = crowd.several("Ada", "Bo")
    discussion = bo.start()
    edited, deleted = bo.reply(discussion, "The sky is blue."), bo.reply(discussion, "The sea is wide.")
    tied = [{"sourceId": edited, "text": "The sky is blue."}, {"sourceId": deleted, "text": "The sea is wide."}]
    reply = ada.reply(discussion, "> The sky is blue.\n\nYes.\n\n> > The sea is wide.\n\nNo.", quotes=tied)
    fields = "id sourceVersion parent { id } bodyHtml"
    before = quotes_of(ada, reply, fields, depth=9)
    assert len(before) >= 2
    ada.delete(reply)
    bo.edit(edited, "The sky is red.")
    bo.delete(deleted)
    restores(ada, reply)
    after = quotes_of(ada, reply, fields, depth=9)
    assert [quote.pop("status") for quote in after] == ["SOURCE_EDITED", "SOURCE_DELETED"]
    for quote in (*before, *after):
        for name in ("status", "attributedName"):
            quote.pop(name, None)
    assert after == before


def test_a_discussion_comes_back_with_the_posts_of_the_same_act(crowd: People) -> None:
    cast = cast_of(crowd)
    discussion = cast.author.start("To begin with.", "About the sea")
    gone, kept = cast.other.reply(discussion, "Gone before."), cast.other.reply(discussion, "See #1.")
    answer = cast.author.reply(discussion, f"> See #1.\n\nSo, reply {kept}.", to=kept)
    cast.other.delete(gone)
    shown = cast.other.node(discussion, POST)
    cast.moderator.write("deleteDiscussion", discussionId=discussion, reason="Off topic.")
    deleted = cast.moderator.node(discussion, POST)
    assert (deleted["title"], deleted["deletion"]["by"], deleted["deletion"]["body"]) == (
        "",
        "MODERATOR",
        "To begin with.",
    )
    assert deleted["viewerCanRestore"] is True
    for post in (kept, answer):
        assert cast.moderator.node(post, POST)["deletion"]["by"] == "MODERATOR"
        assert cast.moderator.node(post, POST)["viewerCanRestore"] is False
        assert refused(cast.moderator, post) == "NOT_RESTORABLE"
    assert cast.author.node(answer, POST)["deletion"]["reason"] == "Off topic."
    assert refused(cast.author, discussion) == "NOT_ALLOWED"
    assert refused(cast.other, discussion) == "NOT_ALLOWED"

    restored = restores(cast.moderator, discussion)
    assert (restored["title"], restored["state"], restored["version"]) == ("About the sea", "VISIBLE", 3)
    after = cast.other.node(discussion, POST)
    assert {**after, "version": 1} == shown
    assert [cast.other.node(post, POST)["state"] for post in (gone, kept, answer)] == ["DELETED", "VISIBLE", "VISIBLE"]
    assert cast.other.node(gone, POST)["viewerCanRestore"] is True
    assert refused(cast.moderator, discussion) == "NOT_RESTORABLE"
    assert cast.other.reply(discussion, "Again.")


def test_an_author_deletes_and_restores_a_discussion_of_their_own(crowd: People) -> None:
    cast = cast_of(crowd)
    discussion = cast.author.start(SECRET, "My title")
    cast.author.write("deleteDiscussion", discussionId=discussion)
    for person in (cast.moderator, cast.other):
        shown = person.node(discussion, POST)
        assert (shown["deletion"]["by"], shown["deletion"]["body"], shown["viewerCanRestore"]) == (
            "AUTHOR",
            None,
            False,
        )
        assert refused(person, discussion) == "NOT_ALLOWED"
    assert cast.author.refused("deleteDiscussion", discussionId=discussion)["code"] == "DISCUSSION_NOT_FOUND"
    assert restores(cast.author, discussion)["title"] == "My title"
    cast.author.write("deleteDiscussion", discussionId=discussion)
    raised = cast.moderator.write("deleteDiscussion", discussionId=discussion)["discussion"]
    assert raised["version"] == 4
    assert cast.moderator.refused("deleteDiscussion", discussionId=discussion)["code"] == "DISCUSSION_NOT_FOUND"
    assert refused(cast.author, discussion) == "NOT_ALLOWED"
    assert refused(cast.moderator, discussion) == "NOT_RESTORABLE"
    assert cast.moderator.node(discussion, POST)["deletion"]["body"] is None
    assert cast.author.node(discussion, POST)["deletion"]["body"] == SECRET


def test_links_between_restored_posts_lead_there_again(crowd: People) -> None:
    moderator = crowd("Mo", moderator=True)
    discussion = moderator.start("See #2 below.")
    first, second = moderator.reply(discussion, "First."), moderator.reply(discussion, "See #1 and #3.")
    third = moderator.reply(discussion, "See #2.")
    posts = (discussion, first, second, third)
    moderator.edit(second, "Now see #1 and #3.")
    before = [moderator.node(post, POST)["bodyHtml"] for post in posts]
    assert f'data-post-id="{first}"' in before[2]
    moderator.write("deleteDiscussion", discussionId=discussion)
    restores(moderator, discussion)
    after = [moderator.node(post, POST)["bodyHtml"] for post in posts]
    assert after[2] == before[2]
    assert f'data-post-id="{third}"' in after[2]
    assert f'data-post-id="{second}"' in after[3]


def test_in_a_locked_discussion_moderators_alone_restore(crowd: People) -> None:
    cast = cast_of(crowd)
    discussion = cast.other.start()
    own, theirs = cast.author.reply(discussion, SECRET), cast.author.reply(discussion, SECRET)
    cast.author.delete(own)
    cast.moderator.delete(theirs)
    cast.moderator.write("lockDiscussion", discussionId=discussion)
    assert cast.author.node(own, POST)["viewerCanRestore"] is False
    assert refused(cast.author, own) == "DISCUSSION_LOCKED"
    assert cast.moderator.node(theirs, POST)["viewerCanRestore"] is True
    restores(cast.moderator, theirs)
    cast.moderator.write("unlockDiscussion", discussionId=discussion)
    restores(cast.author, own)


def test_a_reason_is_read_by_the_author_and_moderators(crowd: People) -> None:
    cast = cast_of(crowd)
    reply = cast.author.reply(cast.other.start(), SECRET)
    for reason, error in (
        ("x" * 501, {"code": "REASON_TOO_LONG", "limit": 500}),
        ("a\0b", {"code": "INVALID_TEXT"}),
    ):
        found = cast.moderator.refused("deleteReply", replyId=reply, reason=reason)
        assert found["path"] == ["input", "reason"]
        assert found.items() >= error.items()
    cast.moderator.delete(reply, reason="  Insults. \n")
    reasons = [person.node(reply, POST)["deletion"]["reason"] for person in (*cast, crowd.reader)]
    assert reasons == ["Insults.", "Insults.", None, None]
    restores(cast.moderator, reply)
    cast.moderator.delete(reply, reason=" ")
    assert cast.moderator.node(reply, POST)["deletion"]["reason"] is None
    # The longest one passes every limit of arguments.
    restores(cast.moderator, reply)
    cast.moderator.delete(reply, reason="\U0001f600" * 500)


def test_repeats_under_a_key_restore_once(crowd: People) -> None:
    ada = crowd()
    discussion = ada.start()
    reply = ada.reply(discussion, SECRET)
    ada.delete(reply)
    cursor = ada.cursor(discussion)
    given = {"replyId": reply, "clientMutationId": "once"}
    answers = raced([lambda: ada.payload("restoreReply", **given)] * 8)
    assert answers == [answers[0]] * 8
    assert answers[0]["errors"] == []
    assert [event["__typename"] for event in ada.events(discussion, cursor)] == ["ReplyRestored"]
    assert ada.refused("restoreReply", replyId=ada.reply(discussion), clientMutationId="once")["code"] == (
        "IDEMPOTENCY_KEY_REUSED"
    )


def test_racing_restores_bring_a_reply_back_once(crowd: People) -> None:
    ada = crowd()
    discussion = ada.start()
    reply = ada.reply(discussion, f"> **{ada.name} said:**\n>\n> {SECRET}\n\nMine.")
    (quote,) = quotes_of(ada, reply)
    ada.delete(reply)
    cursor = ada.cursor(discussion)
    answers = raced([lambda: ada.payload("restoreReply", replyId=reply)] * 8)
    assert sorted(error["code"] for answer in answers for error in answer["errors"]) == ["NOT_RESTORABLE"] * 7
    assert [event["__typename"] for event in ada.events(discussion, cursor)] == ["ReplyRestored"]
    assert [found["id"] for found in quotes_of(ada, reply)] == [quote["id"]]


def test_what_was_erased_of_others_does_not_come_back_with_a_post(site: Parley, crowd: People) -> None:
    ada, bo = crowd.several("Ada", "Bo")
    moderator = crowd("Mo", moderator=True)
    discussion = bo.start(f"Ask @{ada.handle}.", f"About {ada.name}")
    source = ada.reply(discussion, "I think these are words of hers alone.")
    tied = {"sourceId": source, "text": "I think these are words of hers alone."}
    quoting = bo.reply(
        discussion, f"> I think these are words of hers alone.\n\nReally, @{ada.handle}? Mine.", quotes=[tied]
    )
    moderator.delete(quoting, reason=f"Rude to {ada.name}.")
    moderator.write("deleteDiscussion", discussionId=discussion, reason=f"{ada.name} asked for it.")
    erase(site, ada)
    assert moderator.node(discussion, POST)["deletion"]["reason"] == "[erased] asked for it."
    restored = restores(moderator, discussion)
    assert restored["title"] == "About [erased]"
    assert "@" not in restored["body"]
    assert moderator.node(quoting, POST)["deletion"]["reason"] == "Rude to [erased]."
    back = restores(moderator, quoting)
    assert "words of hers" not in back["body"]
    assert ada.handle not in back["body"] + back["bodyHtml"]
    assert "Mine." in back["body"]
    shown = moderator.node(quoting, POST)
    assert shown["author"]["name"] == bo.name
    assert all(mention["user"] is None for mention in shown["mentions"])
    assert "words of hers" not in str(quotes_of(bo, quoting, "bodyHtml", depth=9))


async def test_followers_see_what_they_may_read_of_a_deletion(site: Parley, crowd: People) -> None:
    cast = cast_of(crowd)
    discussion = cast.other.start()
    shown = "__typename cursor ... on ReplyDeleted { reply { deletion { by reason body } viewerCanRestore } }"
    stream = f"discussionEvents(discussionId: $id, after: $after) {{ {shown} }}"
    document = f"subscription ($id: ID!, $after: String) {{ {stream} }}"
    for deletes, readers in ((cast.author, {"author"}), (cast.moderator, {"author", "moderator"})):
        reply = await asyncio.to_thread(cast.author.reply, discussion, SECRET)
        after = cast.other.cursor(discussion)
        async with AsyncExitStack() as stack:
            followers = {
                name: await stack.enter_async_context(following(site, document, discussion, after, token=person.token))
                for name, person in cast._asdict().items()
            }
            for follower in followers.values():
                await follower.replayed()
            await asyncio.to_thread(deletes.delete, reply, reason="Off topic.")
            for name, follower in followers.items():
                seen = (await follower.item())["reply"]
                assert seen["deletion"]["body"] == (SECRET if name in readers else None), name
                assert seen["deletion"]["reason"] == (None if name == "other" else "Off topic."), name
                assert seen["viewerCanRestore"] is (getattr(cast, name) is deletes), name


def test_mentions_of_who_is_erased_do_not_come_back(site: Parley, crowd: People) -> None:
    ada, bo = crowd("Ada"), crowd("Bo")
    # A longer name may be somebody else's, so an erasure leaves it.
    ada.start()
    reply = bo.reply(bo.start(), f"As @{ada.name} Smith says.")
    asked = "... on Reply { bodyHtml mentions { user { handle } } }"
    assert bo.node(reply, asked)["mentions"][0]["user"] == {"handle": ada.handle}
    bo.delete(reply)
    erase(site, ada)
    restores(bo, reply)
    after = bo.node(reply, asked)
    assert all(mention["user"] is None for mention in after["mentions"])
    assert "data-user-id" not in after["bodyHtml"]


def test_quotes_beside_an_erased_one_come_back_with_their_ids(site: Parley, crowd: People) -> None:
    ada, bo, cy = crowd.several("Ada", "Bo", "Cy")
    discussion = bo.start()
    hers, his = ada.reply(discussion, "Words that Ada alone has said here."), bo.reply(discussion, "The sea is wide.")
    tied = [
        {"sourceId": hers, "text": "Words that Ada alone has said here."},
        {"sourceId": his, "text": "The sea is wide."},
    ]
    body = f"- > Words that Ada alone has said here.\n- So, @{ada.handle}.\n\n> The sea is wide.\n\n@{bo.handle}"
    reply = cy.reply(discussion, body, quotes=tied)
    before = quotes_of(cy, reply, "source { ... on Reply { id } }")
    cy.delete(reply)
    erase(site, ada)
    restores(cy, reply)
    after = quotes_of(cy, reply, "source { ... on Reply { id } }")
    assert after[1] == before[1]
    assert after[0]["bodyText"].strip() == "[erased]"
    assert (after[0]["id"], after[0]["status"]) == (before[0]["id"], "SOURCE_DELETED")
    mentions = cy.node(reply, "... on Reply { mentions { attributedName user { handle } } }")["mentions"]
    assert [mention["user"] for mention in mentions] == [{"handle": bo.handle}]


async def test_a_post_that_is_restored_while_somebody_is_erased_is_looked_at_again(database: Database) -> None:
    ada, bo = [
        Actor(await database.write(partial(users.add_user, person=users.Person(name.lower(), f"{name} Lovelace"))))
        for name in ("Ada", "Bo")
    ]
    forum = Forum(database)
    started = await start_discussion(forum, bo, StartDiscussion(title="Title", body="To begin."))
    assert started.discussion_id is not None
    words = "Ada Lovelace, or @ada, said so."
    at = datetime.now(UTC) - timedelta(days=1)
    added = await add_reply(forum, bo, AddReply(discussion_id=started.discussion_id, body=words, at=at))
    assert added.post_id is not None
    await delete_reply(forum, bo, DeleteReply(reply_id=added.post_id, at=at))
    user = await database.row(users.by_ids, ids=[ada.user_id])
    assert user is not None
    looked: list[str] = []
    rewrite = forum_erasure._rewrite_all

    async def restored_after(*arguments: Any) -> None:
        await rewrite(*arguments)
        # All posts have been looked at once: now it comes back from the words of before.
        if not looked:
            looked.append("everything")
            old = {"body": words, "body_html": f"<p>{words}</p>", "said": words, "title": None}
            await database.write(lambda tx: tx.run(db.erasure.rewrite_version, post=added.post_id, version=1, **old))
            await restore_reply(forum, bo, RestoreReply(reply_id=added.post_id or 0))

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(forum_erasure, "_rewrite_all", restored_after)
        await erase_user(database, user, lambda _step: None)
    row = await database.row(db.replies.by_ids, ids=[added.post_id])
    assert row is not None
    assert row.deleted_at is None
    assert row.body == "[erased], or [erased], said so."


def test_who_gave_a_reason_takes_it_along(site: Parley, crowd: People) -> None:
    author, moderator = crowd("Ada"), crowd("Mo", moderator=True)
    reply = author.reply(author.start(), SECRET)
    moderator.delete(reply, reason="I say so.")
    erase(site, moderator)
    deletion = author.node(reply, POST)["deletion"]
    assert (deletion["by"], deletion["reason"], deletion["body"]) == ("MODERATOR", None, SECRET)


async def test_a_discussion_is_purged_from_its_beginning(
    site: Parley, crowd: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    moderator = crowd("Mo", moderator=True)
    secret = f"Words of {moderator.handle}."
    discussion = moderator.start(secret)
    for number in range(5):
        moderator.reply(discussion, f"{secret} {number}")
    moderator.write("deleteDiscussion", discussionId=discussion)
    monkeypatch.setattr("forum.deletions.PURGED_AT_ONCE", 2)
    # Two servers at once.
    assert sum(await asyncio.gather(purge(site), purge(site))) >= 6
    assert await purge(site) == 0
    assert refused(moderator, discussion) == "NOT_RESTORABLE"
    assert secret not in await held(site, "revisions")


async def test_a_stream_goes_on_past_a_deletion_that_was_restored(site: Parley, crowd: People) -> None:
    cast = cast_of(crowd)
    discussion = cast.author.start()
    cursor = cast.author.cursor(discussion)
    cast.moderator.write("deleteDiscussion", discussionId=discussion)
    deleted = cast.other.cursor(discussion)
    restores(cast.moderator, discussion)
    shown = "__typename cursor ... on DiscussionUpdated { changes discussion { state } }"
    stream = f"discussionEvents(discussionId: $id, after: $after) {{ {shown} }}"
    document = f"subscription ($id: ID!, $after: String) {{ {stream} }}"
    for after, kinds in ((cursor, [["DELETED"], ["RESTORED"]]), (deleted, [["RESTORED"]])):
        async with following(site, document, discussion, after) as follower:
            replayed = await follower.replayed()
            assert [item["changes"] for item in replayed if item["__typename"] == "DiscussionUpdated"] == kinds
            assert all(item["discussion"]["state"] == "VISIBLE" for item in replayed if "discussion" in item)
            reply = await asyncio.to_thread(cast.other.reply, discussion, "After it.")
            assert reply
            assert (await follower.item())["__typename"] == "ReplyAdded"


def test_status_of_quotes_follows_deletion_and_restoring(crowd: People) -> None:
    ada, bo = crowd.several("Ada", "Bo")
    discussion = ada.start()
    source = ada.reply(discussion, "The sky is blue.")
    quoting = bo.reply(
        discussion, "> The sky is blue.\n\nIt is.", quotes=[{"sourceId": source, "text": "The sky is blue."}]
    )
    assert status_is(bo, quoting, "VERBATIM")
    ada.delete(source)
    assert status_is(bo, quoting, "SOURCE_DELETED")
    restores(ada, source)
    assert status_is(bo, quoting, "VERBATIM")
    mentioned: Any = bo.node(quoting, "... on Reply { quotes { source { ... on Reply { id state } } } }")
    assert mentioned["quotes"][0]["source"] == {"id": source, "state": "VISIBLE"}


async def test_words_that_change_while_they_are_restored_are_read_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = Actor(await database.write(partial(users.add_user, person=users.Person("ada", "Ada"))))
    forum = Forum(database)
    started = await start_discussion(forum, ada, StartDiscussion(title="Title", body="To begin."))
    assert started.discussion_id is not None
    added = await add_reply(forum, ada, AddReply(discussion_id=started.discussion_id, body="Bo said this."))
    assert added.post_id is not None
    await delete_reply(forum, ada, DeleteReply(reply_id=added.post_id))
    rendered: list[str] = []
    restored = drafts.restored

    async def meanwhile(forum: Forum, body: str, *rest: Any) -> Any:
        draft = await restored(forum, body, *rest)
        if not rendered:
            # As an erasure of somebody else does it.
            await database.write(partial(_rewrite, post=added.post_id))
        rendered.append(body)
        return draft

    async def _rewrite(tx: Transaction, *, post: int | None) -> None:
        words = {"body": "[erased] said this.", "body_html": "", "said": "", "title": None}
        await tx.run(db.erasure.rewrite_version, post=post, version=1, **words)

    monkeypatch.setattr(drafts, "restored", meanwhile)
    await restore_reply(forum, ada, RestoreReply(reply_id=added.post_id))
    assert rendered == ["Bo said this.", "[erased] said this."]
    row = await database.row(db.replies.by_ids, ids=[added.post_id])
    assert row is not None
    assert row.body == "[erased] said this."
