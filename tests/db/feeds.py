"""Replies in several discussions, written without a server."""

import secrets
from collections.abc import Sequence

import db.discussions
import db.feed
import db.replies
import db.users
from db import categories
from db.database import Database, Transaction
from db.limits import Limits
from db.posts import Actor, MentionDraft, PostDraft, QuoteDraft
from db.rows import FeedRow

EVERYTHING = 10_000

Reply = tuple[int, int]
"""A discussion and the number of an event in it."""

_PLAIN = PostDraft("Words.", "<p>Words.</p>", "Words.")


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
    draft = db.discussions.DiscussionDraft("A title", _PLAIN, category_id)
    return await database.write(lambda tx: db.discussions.start_discussion(tx, draft, Actor(author)))


async def discussions(database: Database, count: int) -> list[int]:
    """New discussions, each of a person of its own."""
    return [await discussion(database, await person(database)) for _ in range(count)]


def post(*, quotes: Sequence[tuple[int | None, int | None]] = (), mentions: Sequence[int | None] = ()) -> PostDraft:
    """A post that quotes (post, or else person) and mentions people."""
    return PostDraft(
        "Quite so.",
        "<p>Quite so.</p>",
        "Quite so.",
        quotes=[
            QuoteDraft(
                id=secrets.randbits(60),
                parent_id=None,
                ordinal=ordinal,
                depth=0,
                source_id=source,
                source_version=source and 1,
                attributed_name="Someone",
                html="<p>So.</p>",
                text="So.",
                own_text="So.",
                verbatim=True,
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
    """Adds a reply in a transaction; gives its post's id and its event's number."""
    return await db.replies.add_reply(tx, db.replies.ReplyDraft(discussion_id, to, post), Actor(author), Limits())


async def reply(database: Database, discussion_id: int, author: int, to: int | None = None) -> Reply:
    """Adds a reply."""
    _, number = await database.write(lambda tx: add(tx, discussion_id, author, to))
    return discussion_id, number


async def delete(database: Database, reply_id: int, author: int) -> None:
    """Deletes a reply of the author's."""
    await database.write(lambda tx: db.replies.delete_reply(tx, reply_id, Actor(author)))


async def items(database: Database, after: int = 0, limit: int = EVERYTHING) -> list[FeedRow]:
    """What is in the feed after a position."""
    return await database.rows(db.feed.items_at, positions=db.feed.positions(after + 1, limit))


def replies(rows: Sequence[FeedRow]) -> list[Reply]:
    return [(row.discussion_id, row.number) for row in rows]


def assert_each_once_in_order(received: Sequence[Reply], written: Sequence[Reply]) -> None:
    """Each reply that was written exactly once, and those of a discussion by their numbers."""
    assert sorted(received) == sorted(written)
    for discussion_id in {discussion_id for discussion_id, _ in received}:
        numbers = [number for each, number in received if each == discussion_id]
        assert numbers == sorted(numbers)
