"""Replies in several discussions, written without a server."""

import secrets
from collections.abc import Sequence

import db.feed
import db.search
import db.users
from db import categories
from db.database import Database, Transaction
from db.posts import MentionDraft, PostDraft, QuoteDraft
from db.rows import FeedRow
from forum.deletions import DeleteReply, delete_reply
from forum.use_cases import Actor, Forum
from tests.db import writing

EVERYTHING = 10_000

Reply = tuple[int, int]
"""A discussion and the number of an event in it."""

_PLAIN = writing.draft()


async def person(database: Database) -> int:
    """A new person's id."""
    name = f"p{secrets.token_hex(6)}"
    return await database.write(lambda tx: db.users.add_user(tx, db.users.Person(name, name)))


async def category(database: Database) -> int:
    """A new category's id."""
    name = f"c{secrets.token_hex(6)}"
    return await database.write(lambda tx: categories.category(tx, slug=name, name=name, description=None))


async def discussion(database: Database, author: int, category_id: int | None = None) -> int:
    """A new discussion, with an empty log."""
    return await database.write(lambda tx: writing.start_discussion(tx, author, category_id=category_id))


async def discussions(database: Database, count: int) -> list[int]:
    """New discussions, each of a person of its own."""
    return [await discussion(database, await person(database)) for _ in range(count)]


def post(*, quotes: Sequence[tuple[int | None, int | None]] = (), mentions: Sequence[int | None] = ()) -> PostDraft:
    """A post that quotes (post, or else person) and mentions people."""
    return PostDraft(
        "Quite so.",
        "<p>Quite so.</p>",
        "Quite so.",
        "quite so.",
        db.search.entry("", "Quite so."),
        quotes=[
            QuoteDraft(
                id=secrets.randbits(60),
                parent_id=None,
                ordinal=ordinal,
                depth=0,
                source_id=source,
                source_version=source and 1,
                attributed_name="Someone",
                body_html="<p>So.</p>",
                body_text="So.",
                said="so.",
                comparison="VERBATIM",
                notified_version=1,
                attributed_id=person_id,
            )
            for ordinal, (source, person_id) in enumerate(quotes)
        ],
        mentions=[MentionDraft(person_id, "Someone", start, 1) for start, person_id in enumerate(mentions)],
    )


async def add(
    tx: Transaction, discussion_id: int, author: int, to: int | None = None, *, post: PostDraft = _PLAIN
) -> tuple[int, int]:
    """Adds a reply in a transaction; returns its post's id and its event's number."""
    post_id, position = await writing.add_reply(tx, discussion_id, author, to, post=post)
    return post_id, position.number


async def reply(database: Database, discussion_id: int, author: int, to: int | None = None) -> Reply:
    """Adds a reply."""
    _, number = await database.write(lambda tx: add(tx, discussion_id, author, to))
    return discussion_id, number


async def delete(database: Database, reply_id: int, author: int) -> None:
    """Deletes a reply of the author's."""
    await delete_reply(Forum(database), Actor(author), DeleteReply(reply_id=reply_id))


async def items(database: Database, after: int = 0, limit: int = EVERYTHING) -> list[FeedRow]:
    """What is in the feed after a position."""
    return await database.rows(db.feed.feed.items_at, positions=db.feed.positions(after + 1, limit))


def replies(rows: Sequence[FeedRow]) -> list[Reply]:
    return [(row.discussion_id, row.number) for row in rows]


def assert_each_once_in_order(received: Sequence[Reply], written: Sequence[Reply]) -> None:
    """Each reply that was written exactly once, and those of a discussion by their numbers."""
    assert sorted(received) == sorted(written)
    for discussion_id in {discussion_id for discussion_id, _ in received}:
        numbers = [number for each, number in received if each == discussion_id]
        assert numbers == sorted(numbers)
