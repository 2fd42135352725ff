"""The event log of each discussion: it is read after a number, and never rewritten.

The head's row lock is held from before a number is taken until its transaction has committed, so a transaction takes
n+1 only after the one that took n is visible, and a rollback gives n back: whoever sees n sees 1 to n, and "number >
n" misses nothing. docs/decisions/0002-the-log-orders-by-the-lock.md has the whole argument.
"""

from functools import reduce
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Select, Text, and_, bindparam, cast, func, literal, select, update
from sqlalchemy.sql.expression import FromClause

from db.rows import EventRow, IdRow, Row
from db.statements import Dialect, Statement, WriteStatement, among, each_text
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

events_from = Statement(
    select(*_columns)
    .where(
        events.c.discussion_id == bindparam("log_id"),
        events.c.number >= bindparam("number"),
    )
    .order_by(events.c.number)
    .limit(bindparam("limit")),
    EventRow,
)
"""A log from `number` on, that event included, whose epoch shows whether history is still the same."""


class LogHead(Row):
    """The end of a log, and what cursors into it are checked by."""

    __slots__ = ()

    log_id: int
    epoch: bytes
    """The log's own, for cursors at its beginning."""
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
        discussions.c.id.label("log_id"),
        discussions.c.epoch,
        discussions.c.log_floor,
        discussion_heads.c.last_event,
        events.c.epoch.label("last_epoch"),
        discussions.c.deleted_at.is_not(None).label("deleted"),
    )
    .select_from(_joined())
    .where(among(discussions.c.id, "log_ids")),
    LogHead,
)


def log_fingerprint(log_id: int, beginning: bytes, number: int, epoch: bytes) -> str:
    """Returns the state of a log as a text to compare: its epoch, and the number and epoch of its last event.

    `epoch` is the log's own where there is no event.
    """
    return f"{log_id} {beginning.hex()} {number} {epoch.hex()}"


def _diverged(dialect: Dialect) -> Select[Any]:
    fingerprints, fingerprint = each_text(dialect, "fingerprints")
    first = func.split_part(fingerprint, " ", 1) if dialect == "postgresql" else fingerprint
    known = cast(first, BigInteger)

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
            fingerprints.outerjoin(discussions, discussions.c.id == known)
            .outerjoin(discussion_heads, discussion_heads.c.discussion_id == known)
            .outerjoin(events, and_(events.c.discussion_id == known, events.c.number == discussion_heads.c.last_event))
        )
        .where(fingerprint.is_distinct_from(found))
    )


diverged_logs = Statement(_diverged, IdRow)
"""The ids of the logs that differ from their `fingerprints`, those included that are gone."""


class LogStatements(NamedTuple):
    """How the logs of one kind are read."""

    heads: Statement[LogHead]
    """By `log_ids`."""
    events: Statement[EventRow]
    """By `log_id`, `number` and `limit`: from that number on."""
    diverged: Statement[IdRow]
    """By `fingerprints`."""


STATEMENTS = LogStatements(heads, events_from, diverged_logs)
"""Those of the discussions' logs."""

set_floor = WriteStatement(
    update(discussions).where(discussions.c.id == bindparam("discussion")).values(log_floor=bindparam("floor"))
)
"""Raises the floor of a log that is trimmed: cursors below it have to resync."""
