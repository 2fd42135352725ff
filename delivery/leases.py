"""Deliveries: items of a log sent elsewhere, at least once and in order, by the one process that holds the lease.

A short transaction fixes the range and takes the lease; the request runs outside of any transaction, since all writers
on SQLite would wait for it; a short transaction settles. A range that failed is sent again as it was, whatever came
after it. If a process dies, another one sends its range again once the lease has run out.

Whoever receives may get a range again, and from a process that was halted for longer than its lease even after the next
one: it should ignore positions that it has.
"""

import asyncio
import random
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Generic

import structlog
from sqlalchemy import LargeBinary, bindparam, null, or_, select, update

import db.feed
import db.log_readers
from db.database import Database, Transaction
from db.feed import I, SequencedLog
from db.log_readers import MAX_ITEMS, PlaceRow, items_after, place_columns
from db.rows import Row
from db.statements import Statement, WriteStatement
from db.tables import log_readers

LEASE_SECONDS = 60.0
REQUEST_SECONDS = 15.0
"""How long a request may take. It ends well before the lease, also where clocks differ."""
FIRST_PAUSE_SECONDS = 1.0
"""The longest pause after the first failure; it doubles with each further one."""
MAX_PAUSE_SECONDS = 3_600.0
MAX_DOUBLINGS = 32
_LEASE_BYTES = 8

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Delivery(Generic[I]):
    """Where the items of a log go."""

    name: str
    """That of its reader: see `db.log_readers.open_reader`."""
    send: Callable[[Sequence[I]], Awaitable[None]]
    """Raises if the items may not have arrived."""
    log: SequencedLog[I]
    max_pause_seconds: float = MAX_PAUSE_SECONDS
    """The longest pause after a failure."""


@dataclass(frozen=True, slots=True)
class _Leased(Generic[I]):
    """A range that this process may send until its lease runs out."""

    items: Sequence[I]
    lease: bytes
    attempts: int
    """How often it was begun, this time included."""


class _ReaderRow(PlaceRow):
    __slots__ = ()

    range_end: int | None
    attempts: int


class _NameRow(Row):
    __slots__ = ()

    name: str


_claim = Statement(
    select(*place_columns, log_readers.c.range_end, log_readers.c.attempts)
    .where(
        log_readers.c.name == bindparam("name"),
        or_(log_readers.c.lease_ends_at.is_(None), log_readers.c.lease_ends_at <= bindparam("now")),
        or_(log_readers.c.next_attempt_at.is_(None), log_readers.c.next_attempt_at <= bindparam("now")),
    )
    .with_for_update(skip_locked=True),
    _ReaderRow,
)
_take = WriteStatement(
    update(log_readers)
    .where(log_readers.c.name == bindparam("reader"))
    .values(
        range_end=bindparam("range_end"),
        lease=bindparam("lease", type_=LargeBinary()),
        lease_ends_at=bindparam("ends_at"),
        attempts=bindparam("attempts"),
    )
)
_its_own = (log_readers.c.name == bindparam("reader")) & (log_readers.c.lease == bindparam("held", type_=LargeBinary()))
_settle = Statement(
    update(log_readers)
    .where(_its_own)
    .values(
        position=bindparam("to"),
        epoch=bindparam("epoch", type_=LargeBinary()),
        range_end=null(),
        lease=null(),
        lease_ends_at=null(),
        attempts=0,
        next_attempt_at=null(),
    )
    .returning(log_readers.c.name),
    _NameRow,
)
_put_off = WriteStatement(
    update(log_readers)
    .where(_its_own)
    .values(lease=null(), lease_ends_at=null(), next_attempt_at=bindparam("again_at"))
)


async def deliver(database: Database, delivery: Delivery[I]) -> bool:
    """Sends the next range. Returns whether it has arrived, so that the next one is due.

    Returns False if there is nothing to send or another process is at it, and after a failure, which is logged.
    Raises LookupError if the delivery has no reader.
    """
    head = await db.feed.sequence_pending(database, delivery.log)
    place = await database.row(db.log_readers.place, name=delivery.name)
    if place is None:
        raise LookupError(f'The log has no reader "{delivery.name}".')
    leased = await database.write(partial(_lease, delivery=delivery)) if place.position < head.last_event else None
    if leased is None:
        return False
    try:
        async with asyncio.timeout(REQUEST_SECONDS):
            await delivery.send(leased.items)
    except asyncio.CancelledError:
        # The process ends: another one need not wait for the lease to run out.
        await database.write(partial(_fail, delivery=delivery, leased=leased, pause=0.0))
        raise
    except Exception as error:  # noqa: BLE001 - a request may fail in any way.
        # After a thousand attempts, the power alone would be more than a float can be.
        doubled = FIRST_PAUSE_SECONDS * 2.0 ** min(leased.attempts - 1, MAX_DOUBLINGS)
        pause = random.uniform(0.5, 1.0) * min(delivery.max_pause_seconds, doubled)
        log.warning(
            "a delivery failed",
            reader=delivery.name,
            attempts=leased.attempts,
            again_in_seconds=round(pause),
            error=repr(error),
        )
        await database.write(partial(_fail, delivery=delivery, leased=leased, pause=pause))
        return False
    return await database.write(partial(_arrived, delivery=delivery, leased=leased))


async def _lease(tx: Transaction, *, delivery: Delivery[I]) -> _Leased[I] | None:
    reader = await tx.row(_claim, name=delivery.name, now=tx.at)
    if reader is None:
        return None
    limit = MAX_ITEMS if reader.range_end is None else reader.range_end - reader.position
    items = await items_after(tx, delivery.log, reader, limit)
    if not items:
        return None
    leased = _Leased(items, secrets.token_bytes(_LEASE_BYTES), reader.attempts + 1)
    await tx.run(
        _take,
        reader=delivery.name,
        range_end=items[-1].event_number,
        lease=leased.lease,
        ends_at=tx.at + timedelta(seconds=LEASE_SECONDS),
        attempts=leased.attempts,
    )
    return leased


async def _arrived(tx: Transaction, *, delivery: Delivery[I], leased: _Leased[I]) -> bool:
    """Returns False if the lease has run out and another process has taken it: then that one settles."""
    last = leased.items[-1]
    settled = await tx.row(_settle, reader=delivery.name, held=leased.lease, to=last.event_number, epoch=last.epoch)
    return settled is not None


async def _fail(tx: Transaction, *, delivery: Delivery[I], leased: _Leased[I], pause: float) -> None:
    await tx.run(_put_off, reader=delivery.name, held=leased.lease, again_at=tx.at + timedelta(seconds=pause))
