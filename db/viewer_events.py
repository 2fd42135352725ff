"""The logs of persons: what concerns one person alone, kept for a week.

An entry refers to what it is about: an entry of the audit log. It stands in a table of its own, since nobody but the
person may read it. A log's head is made at its first use; until then its beginning is known all the same.
"""

import secrets
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, LargeBinary, bindparam, delete, false, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

import db.events
from db.database import EPOCH_BYTES, Transaction
from db.events import LogHead, LogStatements
from db.logs import PERSON, of_person
from db.rows import Row, ViewerEventRow
from db.statements import Dialect, Statement, WriteStatement, among, inserted
from db.tables import log_heads, viewer_events

MAX_PERSONS = 500
"""To how many logs one transaction appends at most, so that none holds their locks for long."""
KEPT = timedelta(days=7)
"""For how long entries are kept."""


class Entry(NamedTuple):
    """What is appended to the log of a person: something in another log that concerns them."""

    user_id: int
    kind: str
    """A ViewerEventKind."""
    source_log_id: int
    source_number: int


class _NumberRow(Row):
    __slots__ = ()

    log_id: int
    last_event: int


class _ExpiredRow(Row):
    __slots__ = ()

    user_id: int
    last: int
    """The number of the last entry that is too old."""


def _advance(dialect: Dialect) -> Any:
    made = (postgresql if dialect == "postgresql" else sqlite).insert(log_heads)
    made = made.values(
        log_id=bindparam("log"),
        epoch=bindparam("beginning", type_=LargeBinary()),
        last_event=bindparam("count"),
        last_epoch=bindparam("last_epoch", type_=LargeBinary()),
    )
    return made.on_conflict_do_update(
        index_elements=["log_id"],
        set_={
            "last_event": log_heads.c.last_event + made.excluded.last_event,
            "last_epoch": made.excluded.last_epoch,
            "revision": log_heads.c.revision + 1,
        },
    )


def _open(dialect: Dialect) -> Any:
    made = (postgresql if dialect == "postgresql" else sqlite).insert(log_heads)
    epoch = bindparam("beginning", type_=LargeBinary())
    return made.values(log_id=bindparam("log"), epoch=epoch, last_epoch=epoch).on_conflict_do_nothing()


_advance_head = WriteStatement(_advance)
_open_head = WriteStatement(_open)
_numbers = Statement(
    select(log_heads.c.log_id, log_heads.c.last_event).where(among(log_heads.c.log_id, "log_ids")), _NumberRow
)
_insert = WriteStatement(inserted(viewer_events))
_user_id = bindparam("log_id", type_=BigInteger()) - PERSON
_entries = Statement(
    select(
        viewer_events.c.user_id,
        viewer_events.c.number.label("event_number"),
        viewer_events.c.epoch,
        viewer_events.c.kind,
        viewer_events.c.source_log_id,
        viewer_events.c.source_number,
        viewer_events.c.at.label("occurred_at"),
    )
    .where(viewer_events.c.user_id == _user_id, viewer_events.c.number >= bindparam("number"))
    .order_by(viewer_events.c.number)
    .limit(bindparam("limit")),
    ViewerEventRow,
)
heads = Statement(
    select(
        log_heads.c.log_id,
        log_heads.c.epoch,
        log_heads.c.log_floor,
        log_heads.c.last_event,
        log_heads.c.last_epoch,
        false().label("closed"),
    ).where(among(log_heads.c.log_id, "log_ids"), log_heads.c.log_id >= PERSON),
    LogHead,
)
"""The heads of the logs of persons."""

STATEMENTS = LogStatements(heads, _entries, db.events.diverged_logs)
"""How the logs of persons are followed, by the ids of `db.logs.of_person`. An entry names what it is about."""

_last_expired = func.max(viewer_events.c.number)
_expired = Statement(
    select(viewer_events.c.user_id, _last_expired.label("last"))
    .join(log_heads, log_heads.c.log_id == viewer_events.c.user_id + PERSON)
    .where(viewer_events.c.at < bindparam("before"))
    .group_by(viewer_events.c.user_id, log_heads.c.log_floor)
    .having(_last_expired > log_heads.c.log_floor)
    .order_by(viewer_events.c.user_id)
    .limit(bindparam("limit")),
    _ExpiredRow,
)
_raise_floor = WriteStatement(
    update(log_heads)
    .where(log_heads.c.log_id == bindparam("log"), log_heads.c.log_floor < bindparam("floor"))
    .values(log_floor=bindparam("floor"), revision=log_heads.c.revision + 1)
)
# The one at the floor stays: a cursor there is checked by it.
_delete_below = WriteStatement(
    delete(viewer_events).where(
        viewer_events.c.user_id == bindparam("user"), viewer_events.c.number < bindparam("floor")
    )
)
delete_events = WriteStatement(delete(viewer_events).where(viewer_events.c.user_id == bindparam("user")))
"""For the erasure of a person, with `delete_head`."""
delete_head = WriteStatement(
    delete(log_heads).where(log_heads.c.log_id == bindparam("user", type_=BigInteger()) + PERSON)
)


def beginning(user_id: int) -> bytes:
    """The epoch of the log of a person, which is known before there is the log: that of a cursor in front of it.

    Such a cursor skips nothing, whatever history follows it.
    """
    return of_person(user_id).to_bytes(EPOCH_BYTES, "big")


async def open_log(tx: Transaction, user_id: int) -> None:
    """Makes the log of a person, for a follower, unless there is one."""
    await tx.run(_open_head, log=of_person(user_id), beginning=beginning(user_id))


async def append(tx: Transaction, entries: Sequence[Entry]) -> None:
    """Appends entries to the logs of up to MAX_PERSONS persons, those of each in the given order.

    The heads are locked in ascending order and no other head is, so two of these can wait for each other and never
    deadlock. Call it once in a transaction. Raises RuntimeError otherwise, and for too many persons.
    """
    counts = Counter(entry.user_id for entry in entries)
    if tx.head is not None or tx.reached or len(counts) > MAX_PERSONS:
        raise RuntimeError(f"A transaction appends once, to the logs of up to {MAX_PERSONS} persons, and to no other.")
    epochs = [secrets.token_bytes(EPOCH_BYTES) for _ in entries]
    last_epochs = {entry.user_id: epoch for entry, epoch in zip(entries, epochs, strict=True)}
    await tx.run_many(
        _advance_head,
        [
            {
                "log": of_person(user_id),
                "beginning": beginning(user_id),
                "count": counts[user_id],
                "last_epoch": last_epochs[user_id],
            }
            for user_id in sorted(counts)
        ],
    )
    heads = await tx.rows(_numbers, log_ids=[of_person(user_id) for user_id in counts])
    last_numbers = {row.log_id: row.last_event for row in heads}
    following = {user_id: last_numbers[of_person(user_id)] - count for user_id, count in counts.items()}
    rows = []
    for entry, epoch in zip(entries, epochs, strict=True):
        following[entry.user_id] += 1
        rows.append({**entry._asdict(), "number": following[entry.user_id], "epoch": epoch, "at": tx.at})
    await tx.run_many(_insert, rows)
    tx.reached |= last_numbers


async def trim(tx: Transaction) -> int:
    """Deletes entries older than KEPT and raises the floors of their logs. Returns of how many persons.

    At most MAX_PERSONS at once. The last of the old entries stays, without the others.
    """
    expired = await tx.rows(_expired, before=tx.at - KEPT, limit=MAX_PERSONS)
    await tx.run_many(_raise_floor, [{"log": of_person(row.user_id), "floor": row.last} for row in expired])
    await tx.run_many(_delete_below, [{"user": row.user_id, "floor": row.last} for row in expired])
    return len(expired)
