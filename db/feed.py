"""The feed: the replies of all discussions in one order that misses, repeats and reorders none.

Every write puts its replies into `feed_outbox`. The sequencer moves what it finds there into `feed`, to the next
positions, ordered by discussion and number. The whole argument is in
docs/decisions/0005-the-feed-is-sequenced-not-numbered.md.
"""

import secrets

from sqlalchemy import (
    BigInteger,
    ClauseElement,
    ColumnElement,
    LargeBinary,
    ScalarSelect,
    Text,
    and_,
    bindparam,
    case,
    cast,
    delete,
    exists,
    false,
    func,
    insert,
    literal_column,
    select,
    text,
    tuple_,
    update,
)

from db.database import EPOCH_BYTES, Transaction
from db.events import LogHead
from db.rows import FeedRow, Row
from db.statements import Dialect, Statement, WriteStatement, among
from db.tables import discussions, events, feed, feed_head, feed_outbox, mentions, posts, quotes

MAX_SEQUENCED_AT_ONCE = 1_000
"""How many replies one run of the sequencer takes at most, so that none lasts long."""
MAX_IDLE_MILLISECONDS = 1_000
"""After so long without a statement, PostgreSQL ends a sequencer's transaction."""


class FeedHead(LogHead):
    """The end of the feed, which is the log with the id 0."""

    __slots__ = ()

    pending: bool
    """Whether there are replies that have not entered the feed."""


class LockedFeedHead(Row):
    """The end of the feed, locked by this transaction."""

    __slots__ = ()

    last_position: int


class PositionRow(Row):
    """A position of the feed."""

    __slots__ = ()

    position: int


_answered = posts.alias("answered")
_source = posts.alias("source")


def _author_of(*answered: ColumnElement[bool]) -> ScalarSelect[int]:
    return select(_answered.c.author_id).where(*answered).correlate(posts).scalar_subquery()


_answers = case(
    (
        posts.c.reply_to_id.is_(None),
        _author_of(_answered.c.discussion_id == posts.c.discussion_id, _answered.c.sequence == 0),
    ),
    else_=_author_of(_answered.c.id == posts.c.reply_to_id),
)


def _comma_separated(dialect: Dialect, ids: ColumnElement[int]) -> ColumnElement[str]:
    joined = func.string_agg if dialect == "postgresql" else func.group_concat
    return joined(cast(ids, Text), literal_column("','"), type_=Text())


def _quoted(dialect: Dialect) -> ScalarSelect[str]:
    author_id = case((quotes.c.source_id.is_(None), quotes.c.attributed_id), else_=_source.c.author_id)
    joined = quotes.outerjoin(_source, _source.c.id == quotes.c.source_id)
    found = select(_comma_separated(dialect, author_id)).select_from(joined).where(quotes.c.post_id == events.c.post_id)
    return found.correlate(events).scalar_subquery()


def _mentioned(dialect: Dialect) -> ScalarSelect[str]:
    found = select(_comma_separated(dialect, mentions.c.user_id)).where(mentions.c.post_id == events.c.post_id)
    return found.correlate(events).scalar_subquery()


items_at = Statement(
    lambda dialect: (
        select(
            feed.c.discussion_id,
            feed.c.position.label("event_number"),
            feed.c.epoch,
            events.c.kind,
            events.c.post_id,
            events.c.version,
            events.c.actor_id,
            events.c.client_mutation_id,
            events.c.at.label("occurred_at"),
            feed.c.number,
            events.c.epoch.label("number_epoch"),
            discussions.c.category_id,
            posts.c.author_id,
            _answers.label("answered_id"),
            _quoted(dialect).label("quoted_ids"),
            _mentioned(dialect).label("mentioned_ids"),
        )
        .select_from(
            feed.join(events, and_(events.c.discussion_id == feed.c.discussion_id, events.c.number == feed.c.number))
            .join(posts, posts.c.id == events.c.post_id)
            .join(discussions, discussions.c.id == feed.c.discussion_id)
        )
        .where(among(feed.c.position, "positions"))
        .order_by(feed.c.position)
    ),
    FeedRow,
)
"""The items at these positions. They are listed, because PostgreSQL plans for a range of unknown size to be long."""


def positions(number: int, limit: int) -> list[int]:
    """Returns the positions of a page from a number on, for `items_at`; there is no position 0."""
    first = max(number, 1)
    return list(range(first, first + limit))


head = Statement(
    select(
        literal_column("0").label("log_id"),
        feed_head.c.epoch,
        feed_head.c.log_floor,
        feed_head.c.last_position.label("last_event"),
        feed.c.epoch.label("last_epoch"),
        false().label("deleted"),
        exists(select(feed_outbox.c.number)).label("pending"),
    ).select_from(feed_head.outerjoin(feed, feed.c.position == feed_head.c.last_position)),
    FeedHead,
)

set_floor = WriteStatement(update(feed_head).values(log_floor=bindparam("floor")))
"""Raises the floor of the feed when it is trimmed: cursors below it have to resync."""


def _limit_idle_time(dialect: Dialect) -> ClauseElement:
    """Has PostgreSQL end this transaction if its process stops in the middle: it keeps other sequencers out."""
    if dialect == "postgresql":
        return text(f"SET LOCAL idle_in_transaction_session_timeout = {MAX_IDLE_MILLISECONDS}")
    return text("SELECT 1")


_set_idle_limit = WriteStatement(_limit_idle_time)
_lock = Statement(select(feed_head.c.last_position).with_for_update(skip_locked=True), LockedFeedHead)
_copy = Statement(
    insert(feed)
    .from_select(
        ["position", "discussion_id", "number", "epoch"],
        select(
            bindparam("last", type_=BigInteger())
            + func.row_number().over(order_by=(feed_outbox.c.discussion_id, feed_outbox.c.number)),
            feed_outbox.c.discussion_id,
            feed_outbox.c.number,
            bindparam("epoch", type_=LargeBinary()),
        )
        .order_by(feed_outbox.c.discussion_id, feed_outbox.c.number)
        .limit(bindparam("limit")),
    )
    .returning(feed.c.position),
    PositionRow,
)
_drop = WriteStatement(
    delete(feed_outbox).where(
        tuple_(feed_outbox.c.discussion_id, feed_outbox.c.number).in_(
            select(feed.c.discussion_id, feed.c.number).where(among(feed.c.position, "positions"))
        )
    )
)
_set_last = WriteStatement(update(feed_head).values(last_position=bindparam("last")))


async def sequence(tx: Transaction) -> int | None:
    """Moves pending replies into the feed, MAX_SEQUENCED_AT_ONCE at most.

    Returns how many, or None if another sequencer holds the lock. What was committed before the call is in the feed
    after it, unless it returns MAX_SEQUENCED_AT_ONCE: then more may be pending.
    """
    await tx.run(_set_idle_limit)
    locked = await tx.row(_lock)
    if locked is None:
        return None
    # Each statement sees what is committed when it begins, so this one sees all that former holders of the lock did.
    epoch = secrets.token_bytes(EPOCH_BYTES)
    copied = await tx.rows(_copy, last=locked.last_position, epoch=epoch, limit=MAX_SEQUENCED_AT_ONCE)
    if copied:
        await tx.run(_drop, positions=[row.position for row in copied])
        await tx.run(_set_last, last=locked.last_position + len(copied))
    return len(copied)
