"""The feed: the events of all public logs in one order that misses, repeats and reorders none.

Every write puts its events into the outbox. The sequencer of a log moves what it finds there for it to the next
positions, in the order of the outbox. What moderators did has such a log of its own: audit entries and changes of
review items, each written with a row of the outbox by the act itself. The whole argument is in
docs/decisions/0005-the-feed-is-sequenced-not-numbered.md.
"""

import asyncio
import secrets
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import (
    BigInteger,
    ClauseElement,
    ColumnElement,
    LargeBinary,
    ScalarSelect,
    Table,
    Text,
    and_,
    bindparam,
    cast,
    delete,
    exists,
    false,
    func,
    insert,
    literal,
    literal_column,
    null,
    select,
    text,
    tuple_,
    update,
)

from db import tables
from db.database import EPOCH_BYTES, Database, Transaction
from db.events import LogHead, columns
from db.kinds import ModerationKind
from db.logs import AUDIT, FEED, MODERATION, REVIEW
from db.rows import FeedRow, ModerationRow, Row
from db.statements import Dialect, Statement, WriteStatement, among
from db.tables import audit_entries, event_people, events, log_heads, outbox, review_changes

MAX_SEQUENCED_AT_ONCE = 1_000
"""How many events one run of the sequencer takes at most, so that none lasts long."""
MAX_PENDING = 10_000
"""Up to how many events that wait for the sequencer are counted."""
BUSY_SECONDS = 0.02
"""After so long, a lock that somebody else held is tried again."""
MAX_IDLE_MILLISECONDS = 1_000
"""After so long without a statement, PostgreSQL ends a sequencer's transaction."""


class FeedHead(LogHead):
    """The end of a sequenced log."""

    __slots__ = ()

    pending: bool
    """Whether there are events that have not entered it."""


class LockedFeedHead(Row):
    """The end of a sequenced log, locked by this transaction."""

    __slots__ = ()

    last_position: int


class PendingRow(Row):
    """How many events have not entered a sequenced log."""

    __slots__ = ()

    pending: int
    """MAX_PENDING at most."""


class PositionRow(Row):
    """A position of a sequenced log."""

    __slots__ = ()

    position: int


I = TypeVar("I", FeedRow, ModerationRow)  # noqa: E741 - an item.


class SequencedLog(NamedTuple, Generic[I]):
    """An order over events of other logs, or over other rows that say what happened."""

    log_id: int
    items_at: Statement[I]
    """By `positions`: they are listed, because PostgreSQL plans for a range of unknown size to be long."""
    head: Statement[FeedHead]
    copy: Statement[PositionRow]
    """The next `limit` of the outbox to the positions after `last`, with this `epoch`."""
    drop: WriteStatement
    """What is at `positions` from the outbox."""


def _people(dialect: Dialect) -> ScalarSelect[str]:
    joined = func.string_agg if dialect == "postgresql" else func.group_concat
    ids = joined(cast(event_people.c.user_id, Text), literal_column("','"), type_=Text())
    here = and_(event_people.c.log_id == events.c.log_id, event_people.c.number == events.c.number)
    return select(ids).where(here).correlate(events).scalar_subquery()


def _events_in_feed(dialect: Dialect) -> ClauseElement:
    table = tables.feed
    of_item: dict[str, ColumnElement[Any]] = {
        "event_number": table.c.position.label("event_number"),
        "epoch": table.c.epoch,
    }
    return (
        select(
            *(of_item.get(column.name, column) for column in columns),
            events.c.number,
            events.c.epoch.label("number_epoch"),
            events.c.author_id,
            events.c.answered_id,
            events.c.former_category_id,
            _people(dialect).label("people_ids"),
        )
        .select_from(table.join(events, and_(events.c.log_id == table.c.log_id, events.c.number == table.c.number)))
        .where(among(table.c.position, "positions"))
        .order_by(table.c.position)
    )


def _acts_of_moderation() -> ClauseElement:
    table = tables.moderation_events
    of_item = [table.c.log_id, table.c.position.label("event_number"), table.c.epoch]
    entries = (
        select(
            *of_item,
            literal(ModerationKind.AUDIT_ENTRY_ADDED.value).label("kind"),
            audit_entries.c.id.label("subject_id"),
            audit_entries.c.action,
            audit_entries.c.user_id,
            literal(0).label("version"),
            audit_entries.c.at.label("occurred_at"),
        )
        .join_from(table, audit_entries, audit_entries.c.id == table.c.number)
        .where(table.c.log_id == AUDIT, among(table.c.position, "positions"))
    )
    changes = (
        select(
            *of_item,
            review_changes.c.kind,
            review_changes.c.review_item_id.label("subject_id"),
            null().label("action"),
            null().label("user_id"),
            review_changes.c.version,
            review_changes.c.at.label("occurred_at"),
        )
        .join_from(table, review_changes, review_changes.c.id == table.c.number)
        .where(table.c.log_id == REVIEW, among(table.c.position, "positions"))
    )
    return entries.union_all(changes).order_by("event_number")


def _sequenced(log_id: int, table: Table, items_at: Statement[I]) -> SequencedLog[I]:
    head = select(
        log_heads.c.log_id,
        log_heads.c.epoch,
        log_heads.c.log_floor,
        log_heads.c.last_event,
        log_heads.c.last_epoch,
        false().label("closed"),
        exists(select(outbox.c.id).where(outbox.c.log_id == log_id)).label("pending"),
    ).where(log_heads.c.log_id == log_id)
    copy = (
        insert(table)
        .from_select(
            ["position", "log_id", "number", "epoch"],
            select(
                bindparam("last", type_=BigInteger()) + func.row_number().over(order_by=outbox.c.id),
                outbox.c.source_log_id,
                outbox.c.source_number,
                bindparam("epoch", type_=LargeBinary()),
            )
            .where(outbox.c.log_id == log_id)
            .order_by(outbox.c.id)
            .limit(bindparam("limit")),
        )
        .returning(table.c.position)
    )
    # Exactly these: one with an earlier id may be committed at this moment.
    drop = delete(outbox).where(
        outbox.c.log_id == log_id,
        tuple_(outbox.c.source_log_id, outbox.c.source_number).in_(
            select(table.c.log_id, table.c.number).where(among(table.c.position, "positions"))
        ),
    )
    return SequencedLog(
        log_id,
        items_at,
        Statement(head, FeedHead),
        Statement(copy, PositionRow),
        WriteStatement(drop),
    )


feed = _sequenced(FEED, tables.feed, Statement(_events_in_feed, FeedRow))
moderation = _sequenced(
    MODERATION, tables.moderation_events, Statement(lambda _dialect: _acts_of_moderation(), ModerationRow)
)


def positions(number: int, limit: int) -> list[int]:
    """Returns the positions of a page from a number on, for `items_at`; there is no position 0."""
    first = max(number, 1)
    return list(range(first, first + limit))


def _limit_idle_time(dialect: Dialect) -> ClauseElement:
    """Has PostgreSQL end this transaction if its process stops in the middle: it keeps other sequencers out."""
    if dialect == "postgresql":
        return text(f"SET LOCAL idle_in_transaction_session_timeout = {MAX_IDLE_MILLISECONDS}")
    return text("SELECT 1")


set_idle_limit = WriteStatement(_limit_idle_time)
"""For transactions that hold a row which others wait for: PostgreSQL ends one that stops in the middle."""
_lock = Statement(
    select(log_heads.c.last_event.label("last_position"))
    .where(log_heads.c.log_id == bindparam("log"))
    .with_for_update(skip_locked=True),
    LockedFeedHead,
)
_set_last = WriteStatement(
    update(log_heads)
    .where(log_heads.c.log_id == bindparam("log"))
    .values(last_event=bindparam("last"), last_epoch=bindparam("epoch"), revision=log_heads.c.revision + 1)
)

pending = Statement(
    select(func.count().label("pending")).select_from(
        select(outbox.c.id).where(outbox.c.log_id == bindparam("log")).limit(MAX_PENDING).subquery()
    ),
    PendingRow,
)
"""How many events have not entered the log `log`."""


async def sequence(tx: Transaction, log: SequencedLog[Any] = feed) -> int | None:
    """Moves pending events into a log, MAX_SEQUENCED_AT_ONCE at most.

    Returns how many, or None if another sequencer holds the lock. What was committed before the call is in the log
    after it, unless it returns MAX_SEQUENCED_AT_ONCE: then more may be pending.
    """
    await tx.run(set_idle_limit)
    locked = await tx.row(_lock, log=log.log_id)
    if locked is None:
        return None
    # Each statement sees what is committed when it begins, so this one sees all that former holders of the lock did.
    epoch = secrets.token_bytes(EPOCH_BYTES)
    copied = await tx.rows(log.copy, last=locked.last_position, epoch=epoch, limit=MAX_SEQUENCED_AT_ONCE)
    if copied:
        await tx.run(log.drop, positions=[row.position for row in copied])
        await tx.run(_set_last, log=log.log_id, last=locked.last_position + len(copied), epoch=epoch)
    return len(copied)


async def sequence_pending(database: Database, log: SequencedLog[Any] = feed) -> FeedHead:
    """Returns the head of a log after every event committed before the call has entered it."""
    (head,) = await database.rows(log.head)
    sequenced: int | None = MAX_SEQUENCED_AT_ONCE
    while head.pending and (sequenced is None or sequenced == MAX_SEQUENCED_AT_ONCE):
        sequenced = await database.write(partial(sequence, log=log))
        if sequenced is None:
            # Another sequencer holds the lock, and may have begun before the events of this call's time.
            await asyncio.sleep(BUSY_SECONDS)
        (head,) = await database.rows(log.head)
    return head
