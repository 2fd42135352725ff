"""The event log of each discussion: read after a number, never rewritten.

The head's row lock is held from before a number is taken until its transaction has committed, so a transaction takes
n+1 only after the one that took n is visible, and a rollback gives n back: whoever sees n sees 1 to n, and "number >
n" misses nothing. docs/decisions/0002-the-log-orders-by-the-lock.md has the whole argument.
"""

from sqlalchemy import and_, bindparam, select, update
from sqlalchemy.sql.expression import FromClause

from db.rows import EventRow, Row
from db.statements import Command, Statement, among
from db.tables import discussion_heads, discussions, events

_columns = [
    events.c.discussion_id,
    events.c.number.label("event_number"),
    events.c.tag,
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


class StandingRow(Row):
    """Where a discussion's log stands, and what makes a cursor honest."""

    __slots__ = ()

    discussion_id: int
    tag: bytes
    """The discussion's own, for cursors to the beginning."""
    log_floor: int
    last_event: int
    last_tag: bytes | None
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
        discussions.c.tag,
        discussions.c.log_floor,
        discussion_heads.c.last_event,
        events.c.tag.label("last_tag"),
        discussions.c.deleted_at.is_not(None).label("deleted"),
    )
    .select_from(_joined())
    .where(among(discussions.c.id, "ids")),
    StandingRow,
)

set_floor = Command(
    update(discussions).where(discussions.c.id == bindparam("discussion")).values(log_floor=bindparam("floor"))
)
"""For a later trimming of the log: cursors below the floor are told to resync."""
