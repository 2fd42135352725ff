"""The event log of each discussion: read after a number, never rewritten.

The head's row lock is held from before a number is taken until its transaction has committed, so a transaction takes
n+1 only after the one that took n is visible, and a rollback gives n back: whoever sees n sees 1 to n, and "number >
n" misses nothing. docs/decisions/0002-the-log-orders-by-the-lock.md has the whole argument.
"""

from functools import reduce
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, Text, and_, bindparam, cast, func, literal, select, update
from sqlalchemy.sql.expression import FromClause

from db.rows import EventRow, IdRow, Row
from db.statements import Command, Dialect, Statement, among, each_text
from db.tables import discussion_heads, discussions, events

_columns = [
    events.c.discussion_id,
    events.c.number.label("event_number"),
    events.c.epoch,
    events.c.kind,
    events.c.post_id,
    events.c.version,
    events.c.actor_id,
    events.c.client_mutation_id,
    events.c.at.label("occurred_at"),
]

since = Statement(
    select(*_columns)
    .where(
        events.c.discussion_id == bindparam("discussion"),
        events.c.number >= bindparam("number"),
    )
    .order_by(events.c.number)
    .limit(bindparam("limit")),
    EventRow,
)
"""The log from `number` on, that event included: whoever holds its tag can see that history is still the same."""

by_numbers = Statement(
    select(*_columns).where(among(events.c.discussion_id, "discussions"), among(events.c.number, "numbers")),
    EventRow,
)
"""All pairs of these discussions and numbers, of which the caller takes those it asked for."""


class LogHead(Row):
    """Where a discussion's log stands, and what makes a cursor honest."""

    __slots__ = ()

    discussion_id: int
    epoch: bytes
    """The discussion's own, for cursors to the beginning."""
    log_floor: int
    last_event: int
    last_epoch: bytes | None
    deleted: bool


def _joined() -> FromClause:
    return discussions.join(discussion_heads, discussion_heads.c.discussion_id == discussions.c.id).outerjoin(
        events,
        and_(
            events.c.discussion_id == discussions.c.id,
            events.c.number == discussion_heads.c.last_event,
        ),
    )


heads = Statement(
    select(
        discussions.c.id.label("discussion_id"),
        discussions.c.epoch,
        discussions.c.log_floor,
        discussion_heads.c.last_event,
        events.c.epoch.label("last_epoch"),
        discussions.c.deleted_at.is_not(None).label("deleted"),
    )
    .select_from(_joined())
    .where(among(discussions.c.id, "ids")),
    LogHead,
)


def mark(discussion_id: int, beginning: bytes, number: int, epoch: bytes) -> str:
    """Where a log stands, as a text to compare: its own tag, its last event's number, and the tag of that event.

    The log's own once more where there is no event.
    """
    return f"{discussion_id} {beginning.hex()} {number} {epoch.hex()}"


def _strayed(dialect: Dialect) -> Select[Any]:
    marks, mark = each_text(dialect, "marks")
    known = cast(func.split_part(mark, " ", 1) if dialect == "postgresql" else mark, BigInteger)

    def hexadecimal(epoch: ColumnElement[bytes]) -> ColumnElement[str]:
        return func.encode(epoch, literal("hex")) if dialect == "postgresql" else func.lower(func.hex(epoch))

    parts: list[ColumnElement[str]] = [
        cast(discussions.c.id, Text),
        hexadecimal(discussions.c.epoch),
        cast(discussion_heads.c.last_event, Text),
        hexadecimal(func.coalesce(events.c.epoch, discussions.c.epoch)),
    ]
    found = reduce(lambda text, part: text.concat(" ").concat(part), parts)
    return (
        select(known.label("id"))
        .select_from(
            marks.outerjoin(discussions, discussions.c.id == known)
            .outerjoin(discussion_heads, discussion_heads.c.discussion_id == known)
            .outerjoin(events, and_(events.c.discussion_id == known, events.c.number == discussion_heads.c.last_event))
        )
        .where(mark.is_distinct_from(found))
    )


diverged_logs = Statement(_strayed, IdRow)
"""Which logs do not stand as their `marks` say, those included that are gone."""

set_floor = Command(
    update(discussions).where(discussions.c.id == bindparam("discussion")).values(log_floor=bindparam("floor"))
)
"""For a later trimming of the log: cursors below the floor are told to resync."""
