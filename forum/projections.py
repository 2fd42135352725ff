"""Projections: rows that follow from the log, written by a reader that remembers how far it has read.

A step claims the reader, takes the next items of the log, writes rows and moves the position, in one transaction: so
each item is projected once, whatever crashes, and by one process at a time. It locks no discussion. Run again from
position 0 (`db.log_readers.rewind`), it rebuilds the rows from what the log and its tables hold then.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic

import db.feed
import db.log_readers
from db.database import Database, Transaction
from db.feed import I, SequencedLog


@dataclass(frozen=True, slots=True)
class Projection(Generic[I]):
    """What is written for the items of a log."""

    name: str
    """That of its reader, which a migration makes."""
    write: Callable[[Transaction, Sequence[I]], Awaitable[None]]
    log: SequencedLog[I]


async def catch_up(database: Database, projection: Projection[I]) -> None:
    """Returns once every event that was committed before the call is projected, by this process or another one.

    Raises LookupError if the projection has no reader.
    """
    head = await db.feed.sequence_pending(database, projection.log)
    while (place := await database.row(db.log_readers.place, name=projection.name)) is not None:
        if place.position >= head.last_event:
            return
        if not await database.write(partial(_step, projection=projection)):
            # Another process projects, and may have read before the events of this call's time.
            await asyncio.sleep(db.feed.BUSY_SECONDS)
    raise LookupError(f'The log has no reader "{projection.name}": run `python server.py migrate`.')


async def _step(tx: Transaction, *, projection: Projection[I]) -> bool:
    """Projects the next items. Returns False if there are none, or another process is at it."""
    await tx.run(db.feed.set_idle_limit)
    reader = await db.log_readers.claim(tx, projection.name)
    items = await db.log_readers.items_after(tx, projection.log, reader) if reader else []
    if items:
        await projection.write(tx, items)
        await db.log_readers.move(tx, projection.name, items[-1])
    return bool(items)
