"""Discussions whose logs the tests write to without a server."""

import db.discussions
import db.posts
import db.users
from db.database import Database, Event, Transaction
from db.kinds import EventKind


async def discussion(database: Database) -> int:
    """A new discussion, with an empty log."""

    async def start(tx: Transaction) -> int:
        author = db.posts.Actor(await db.users.add_user(tx, db.users.Person("ada", "Ada")))
        post = db.posts.PostDraft("Words.", "<p>Words.</p>", "Words.")
        return await db.discussions.start_discussion(tx, db.discussions.DiscussionDraft("A title", post), author)

    return await database.write(start)


async def append(database: Database, discussion_id: int, count: int = 1) -> int:
    """Appends events in one transaction; gives the number of the last."""

    async def work(tx: Transaction) -> int:
        return await take_and_append(tx, discussion_id, count)

    return await database.write(work)


async def take_and_append(tx: Transaction, discussion_id: int, count: int = 1, *, key: str | None = None) -> int:
    """Appends events in a transaction; gives the number of the last."""
    await tx.take(discussion_id, events=count)
    return [tx.tell(Event(EventKind.DISCUSSION_UPDATED, None, 1, None, key)) for _ in range(count)][-1]
