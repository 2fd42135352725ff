"""Event logs: each is read after a number, and never rewritten.

The head's row lock is held from before a number is taken until its transaction has committed, so a transaction takes
n+1 only after the one that took n is visible, and a rollback gives n back: whoever sees n sees 1 to n, and "number >
n" misses nothing. docs/decisions/0002-the-log-orders-by-the-lock.md has the whole argument.
"""

from functools import reduce
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Select, Text, bindparam, cast, func, literal, select, update

from db.kinds import DiscussionChange
from db.logs import FEED, SITE
from db.rows import EventRow, IdRow, Row
from db.statements import Dialect, Statement, WriteStatement, among, each_text
from db.tables import discussions, events, log_heads

columns: list[ColumnElement[Any]] = [
    events.c.log_id,
    events.c.number.label("event_number"),
    events.c.epoch,
    events.c.kind,
    events.c.post_id,
    events.c.version,
    events.c.actor_id,
    events.c.category_id,
    events.c.user_id,
    events.c.changes.label("change_names"),
    events.c.client_mutation_id,
    events.c.at.label("occurred_at"),
]

events_from = Statement(
    select(*columns)
    .where(
        events.c.log_id == bindparam("log_id"),
        events.c.number >= bindparam("number"),
    )
    .order_by(events.c.number)
    .limit(bindparam("limit")),
    EventRow,
)
"""A public log from `number` on, that event included, whose epoch shows whether history is still the same."""


rendered_since = Statement(
    select(events.c.number.label("id"))
    .where(
        events.c.log_id == bindparam("log"),
        events.c.number > bindparam("since"),
        events.c.changes == DiscussionChange.RENDERED.value,
    )
    .limit(1),
    IdRow,
)
"""An event after the number `since` that tells of posts with new HTML, if there is one."""


class LogHead(Row):
    """The end of a log, and what cursors into it are checked by."""

    __slots__ = ()

    log_id: int
    epoch: bytes
    """The log's own, for cursors at its beginning."""
    log_floor: int
    last_event: int
    last_epoch: bytes
    """That of the last event; before the first one, the log's own."""
    closed: bool
    """Whether its followers are done at its end: so the log of a deleted discussion is."""


heads = Statement(
    select(
        log_heads.c.log_id,
        log_heads.c.epoch,
        log_heads.c.log_floor,
        log_heads.c.last_event,
        log_heads.c.last_epoch,
        discussions.c.deleted_at.is_not(None).label("closed"),
    )
    .select_from(log_heads.outerjoin(discussions, discussions.c.id == log_heads.c.log_id))
    .where(among(log_heads.c.log_id, "log_ids"), log_heads.c.log_id > FEED, log_heads.c.log_id < SITE),
    LogHead,
)
"""The heads of the logs of discussions."""


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
        cast(log_heads.c.log_id, Text),
        hexadecimal(log_heads.c.epoch),
        cast(log_heads.c.last_event, Text),
        hexadecimal(log_heads.c.last_epoch),
    ]
    found = reduce(lambda text, part: text.concat(" ").concat(part), parts)
    return (
        select(known.label("id"))
        .select_from(fingerprints.outerjoin(log_heads, log_heads.c.log_id == known))
        .where(fingerprint.is_distinct_from(found))
    )


diverged_logs = Statement(_diverged, IdRow)
"""The ids of the logs that differ from their `fingerprints`, those included that are gone."""


class LogStatements(NamedTuple):
    """How logs of one kind are read."""

    heads: Statement[LogHead]
    """By `log_ids`."""
    events: Statement[Any]
    """By `log_id`, `number` and `limit`: from that number on."""
    diverged: Statement[IdRow]
    """By `fingerprints`."""


STATEMENTS = LogStatements(heads, events_from, diverged_logs)
"""Those of the logs of discussions."""

set_floor = WriteStatement(
    update(log_heads).where(log_heads.c.log_id == bindparam("log")).values(log_floor=bindparam("floor"))
)
"""Raises the floor of a log that is trimmed: cursors below it have to resync."""
