"""Durable readers of sequenced logs: each has a row with its position, which the process that reads on for it claims.

There are two kinds. A projection writes rows and moves its position in one transaction (forum.projections). A delivery
sends what it read to somewhere else, which no transaction includes (delivery.leases).
"""

from collections.abc import Sequence
from typing import Any

import structlog
from sqlalchemy import Text, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

import db.logs
from db.database import Transaction
from db.feed import I, SequencedLog
from db.rows import FeedRow, ModerationRow, Row
from db.statements import Dialect, Statement, WriteStatement
from db.tables import log_heads, log_readers

MAX_ITEMS = 100
"""How many items of a log a reader takes at once."""

log = structlog.get_logger(__name__)


class PlaceRow(Row):
    """How far a reader has read."""

    __slots__ = ()

    name: str
    position: int
    epoch: bytes | None
    """That of the item at the position; None where none was read yet."""


class LagRow(Row):
    """How far a reader is behind the end of its log."""

    __slots__ = ()

    name: str
    lag: int
    """How many items it has not read."""


class LogIncomplete(Exception):
    """An item of a log is missing, which must not be passed over."""


place_columns = [log_readers.c.name, log_readers.c.position, log_readers.c.epoch]
_claim = Statement(
    select(*place_columns).where(log_readers.c.name == bindparam("name")).with_for_update(skip_locked=True),
    PlaceRow,
)
_move = WriteStatement(
    update(log_readers)
    .where(log_readers.c.name == bindparam("reader"))
    .values(position=bindparam("to"), epoch=bindparam("epoch"))
)
place = Statement(select(*place_columns).where(log_readers.c.name == bindparam("name")), PlaceRow)
"""Where the reader `name` is."""
lags = Statement(
    select(log_readers.c.name, (log_heads.c.last_event - log_readers.c.position).label("lag"))
    .join(log_heads, log_heads.c.log_id == log_readers.c.log_id)
    .order_by(log_readers.c.name),
    LagRow,
)
"""How far each reader is behind."""


def _open(dialect: Dialect) -> Any:
    made = (postgresql if dialect == "postgresql" else sqlite).insert(log_readers)
    end = select(bindparam("reader", type_=Text()), log_heads.c.log_id, log_heads.c.last_event).where(
        log_heads.c.log_id == bindparam("log")
    )
    return made.from_select(["name", "log_id", "position"], end).on_conflict_do_nothing()


_open_reader = WriteStatement(_open)
_rewind = WriteStatement(
    update(log_readers).where(log_readers.c.name == bindparam("reader")).values(position=0, epoch=None)
)


async def open_reader(tx: Transaction, name: str, log_id: int = db.logs.FEED) -> None:
    """Makes a reader that begins at the end of a log, unless there is one of this name."""
    await tx.run(_open_reader, reader=name, log=log_id)


async def rewind(tx: Transaction, name: str) -> None:
    """Has a reader read its log again, from the first item that is kept."""
    await tx.run(_rewind, reader=name)


async def claim(tx: Transaction, name: str) -> PlaceRow | None:
    """Locks a reader to the end of this transaction. Returns None if another process has it, or there is none."""
    return await tx.row(_claim, name=name)


async def move(tx: Transaction, name: str, last: FeedRow | ModerationRow) -> None:
    """Stores that a reader has read up to an item."""
    await tx.run(_move, reader=name, to=last.event_number, epoch=last.epoch)


async def items_after(
    tx: Transaction, sequenced: SequencedLog[I], reader: PlaceRow, limit: int = MAX_ITEMS
) -> Sequence[I]:
    """Returns the next items of a log for a reader, `limit` at most, without a gap.

    A reader below the floor goes on at the floor. One whose position is not part of the log's history, as after a
    restored backup, begins at the floor: nothing is missed then, and some of it is read again.

    Raises LogIncomplete if an item is missing.
    """
    (head,) = await tx.rows(sequenced.head)
    position, epoch = reader.position, reader.epoch
    if position < head.log_floor:
        position, epoch = head.log_floor, None
    found = await _items(tx, sequenced, position, min(position + limit, head.last_event))
    is_there = found and (found[0].event_number, found[0].epoch) == (position, epoch)
    if position > head.last_event or (epoch is not None and not is_there):
        log.warning("the history of a log changed", log_id=head.log_id, reader=reader.name, last=position)
        position = head.log_floor
        found = await _items(tx, sequenced, position, min(position + limit, head.last_event))
    items = [item for item in found if item.event_number > position]
    expected = range(position + 1, min(position + limit, head.last_event) + 1)
    if [item.event_number for item in items] != list(expected):
        raise LogIncomplete(f"Log {head.log_id} lacks items from {expected.start} to {expected.stop - 1}.")
    return items


async def _items(tx: Transaction, sequenced: SequencedLog[I], first: int, last: int) -> Sequence[I]:
    """The item at the position itself, too: its epoch shows whether the history is still the same."""
    return await tx.rows(sequenced.items_at, positions=list(range(max(first, 1), last + 1)))
