"""Discussions whose logs the tests write to without a server."""

from functools import partial

import db.users
from db.database import MAX_EVENTS, Database, Event, Transaction
from db.kinds import EventKind
from tests.db import writing


async def discussion(database: Database) -> int:
    """A new discussion, with an empty log."""

    async def start(tx: Transaction) -> int:
        return await writing.start_discussion(tx, await db.users.add_user(tx, db.users.Person("ada", "Ada")))

    return await database.write(start)


async def append_events(database: Database, discussion_id: int, count: int = 1) -> int:
    """Appends events, as many in a transaction as it takes; returns the number of the last."""
    last = 0
    while count > 0:
        some = min(count, MAX_EVENTS)
        last = await database.write(partial(lock_and_append, discussion_id=discussion_id, count=some))
        count -= some
    return last


async def lock_and_append(tx: Transaction, discussion_id: int, count: int = 1, *, key: str | None = None) -> int:
    """Appends events in a transaction; returns the number of the last."""
    await tx.lock_log(discussion_id, events=count)
    return [tx.append(Event(EventKind.DISCUSSION_UPDATED, None, 1, None, key)) for _ in range(count)][-1].number
