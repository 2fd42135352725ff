"""Review items: what moderators have to decide. Each change that they see enters the log of moderation.

A post has one item, which all its reports are merged into; a held post has one as well. What writes to an item locks
it first, after the head of its discussion and before the audit entry: so an entry stands behind the opening of the item
that it decides.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, bindparam, func, insert, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from db import audit, counts
from db.database import Transaction
from db.kinds import ModerationKind, ReviewKind, ReviewState
from db.logs import REVIEW
from db.rows import CountRow, IdRow, ReportRow, ReviewItemRow, Row
from db.statements import Dialect, Statement, WriteStatement, among, paged, paged_by
from db.tables import Moment, reports, review_changes, review_items


class ItemVersionRow(Row):
    """The version of a review item after a change."""

    __slots__ = ()

    id: int
    version: int


class DecidedRow(Row):
    """What decided a held post."""

    __slots__ = ()

    held_id: int
    decision_id: int


class _ReportedRow(Row):
    __slots__ = ()

    version: int
    """The newest version of a post that was reported; 0 if none was."""


_columns: list[ColumnElement[Any]] = [
    review_items.c.id,
    review_items.c.kind,
    review_items.c.state,
    review_items.c.post_id,
    review_items.c.held_post_id,
    review_items.c.post_version,
    review_items.c.discussion_id,
    review_items.c.author_id,
    review_items.c.version,
    review_items.c.claimed_by_id,
    review_items.c.claim_ends_at,
    review_items.c.decision_id,
    review_items.c.opened_at.label("created_at"),
    review_items.c.updated_at,
]
by_ids = Statement(select(*_columns).where(among(review_items.c.id, "ids")), ReviewItemRow)
"""The review items `ids`."""
lock = Statement(
    select(*_columns).where(review_items.c.id == bindparam("item")).with_for_update(of=review_items), ReviewItemRow
)
"""The review item `item`, locked to the end of the transaction."""
lock_of_posts = Statement(
    select(review_items.c.id)
    .where(among(review_items.c.post_id, "ids"), review_items.c.state == ReviewState.OPEN.value)
    .order_by(review_items.c.id)
    .with_for_update(of=review_items),
    IdRow,
)
"""The open items of the posts `ids`, locked to the end of the transaction."""
decisions_of_held = Statement(
    select(review_items.c.held_post_id.label("held_id"), review_items.c.decision_id).where(
        among(review_items.c.held_post_id, "ids"), review_items.c.decision_id.is_not(None)
    ),
    DecidedRow,
)
"""The entries that decided the held posts `ids`, of those that were not withdrawn."""
posts_under_review = select(review_items.c.post_id).where(
    review_items.c.state == ReviewState.OPEN.value, review_items.c.post_id.is_not(None)
)
"""The posts of which a moderator still has to read what was reported."""


def _meet(dialect: Dialect) -> Any:
    made = (postgresql if dialect == "postgresql" else sqlite).insert(review_items)
    made = made.values(
        kind=ReviewKind.REPORTED.value,
        state=ReviewState.DECIDED.value,
        post_id=bindparam("post"),
        post_version=bindparam("of_version"),
        discussion_id=bindparam("discussion"),
        author_id=bindparam("author"),
        version=0,
        opened_at=bindparam("now"),
        updated_at=bindparam("now"),
    )
    # An update that changes nothing, since that locks the row and gives it.
    same = made.on_conflict_do_update(index_elements=["post_id"], set_={"version": review_items.c.version})
    return same.returning(*_columns)


_meet_item = Statement(_meet, ReviewItemRow)
_newest_reported = Statement(
    select(func.coalesce(func.max(reports.c.post_version), 0).label("version")).where(
        reports.c.review_item_id == bindparam("item")
    ),
    _ReportedRow,
)


def _add_report(dialect: Dialect) -> Any:
    made = (postgresql if dialect == "postgresql" else sqlite).insert(reports)
    names = ("review_item_id", "reporter_id", "post_version", "reason", "note", "at")
    made = made.values({name: bindparam(name) for name in names})
    return made.on_conflict_do_nothing().returning(reports.c.id)


_insert_report = Statement(_add_report, IdRow)
_open = Statement(
    update(review_items)
    .where(review_items.c.id == bindparam("item"))
    .values(
        state=ReviewState.OPEN.value,
        post_version=bindparam("of_version"),
        author_id=bindparam("author"),
        version=review_items.c.version + 1,
        claimed_by_id=None,
        claim_ends_at=None,
        decision_id=None,
        opened_at=bindparam("now"),
        updated_at=bindparam("now"),
    )
    .returning(review_items.c.id, review_items.c.version),
    ItemVersionRow,
)
_touch = Statement(
    update(review_items)
    .where(review_items.c.id == bindparam("item"))
    .values(version=review_items.c.version + 1, updated_at=bindparam("now"))
    .returning(review_items.c.id, review_items.c.version),
    ItemVersionRow,
)
_claim = WriteStatement(
    update(review_items)
    .where(review_items.c.id == bindparam("item"))
    .values(claimed_by_id=bindparam("user"), claim_ends_at=bindparam("ends", type_=Moment), updated_at=bindparam("now"))
)
_insert_change = Statement(
    insert(review_changes)
    .values({name: bindparam(name) for name in ("review_item_id", "kind", "version", "at")})
    .returning(review_changes.c.id),
    IdRow,
)
_open_held = Statement(
    insert(review_items)
    .values(
        kind=ReviewKind.HELD.value,
        held_post_id=bindparam("held"),
        discussion_id=bindparam("discussion"),
        author_id=bindparam("author"),
        opened_at=bindparam("now"),
        updated_at=bindparam("now"),
    )
    .returning(review_items.c.id, review_items.c.version),
    ItemVersionRow,
)
_lock_held = Statement(
    select(review_items.c.id)
    .where(among(review_items.c.held_post_id, "held"))
    .order_by(review_items.c.id)
    .with_for_update(),
    IdRow,
)
_close = Statement(
    update(review_items)
    .where(among(review_items.c.id, "ids"), review_items.c.state == ReviewState.OPEN.value)
    .values(
        state=ReviewState.DECIDED.value,
        decision_id=bindparam("decision"),
        claimed_by_id=None,
        claim_ends_at=None,
        version=review_items.c.version + 1,
        updated_at=bindparam("now"),
    )
    .returning(review_items.c.id, review_items.c.version),
    ItemVersionRow,
)


async def send_change(
    tx: Transaction, item_id: int, version: int, kind: ModerationKind = ModerationKind.REVIEW_ITEM_CHANGED
) -> None:
    """Has a change of a review item, which this transaction has locked, enter the log of moderation."""
    row = await tx.row(_insert_change, review_item_id=item_id, kind=kind.value, version=version, at=tx.at)
    assert row is not None
    await audit.send(tx, REVIEW, row.id)


async def close(tx: Transaction, ids: Sequence[int], decision_id: int | None = None) -> None:
    """Closes those of these review items that are open, by an entry of the audit log or, with None, without one."""
    if not ids:
        return
    parameters: dict[str, Any] = {"ids": list(ids), "decision": decision_id, "now": tx.at}
    for item in await tx.rows(_close, **parameters):
        await send_change(tx, item.id, item.version)


async def close_of_posts(tx: Transaction, post_ids: Sequence[int], decision_id: int) -> None:
    """Closes the open review items of posts that an entry of the audit log is about."""
    await close(tx, [row.id for row in await tx.rows(lock_of_posts, ids=list(post_ids))], decision_id)


async def open_held(tx: Transaction, held_id: int, *, author_id: int, discussion_id: int | None) -> int:
    """Opens the review item of a post that this transaction holds. Returns its id."""
    item = await tx.row(_open_held, held=held_id, author=author_id, discussion=discussion_id, now=tx.at)
    assert item is not None
    await send_change(tx, item.id, item.version, ModerationKind.REVIEW_ITEM_OPENED)
    return item.id


async def report(
    tx: Transaction,
    *,
    post_id: int,
    discussion_id: int,
    author_id: int | None,
    version: int,
    reporter_id: int,
    reason: str,
    note: str | None,
) -> int | None:
    """Adds a report of a version of a post to its review item, which is locked, and opened if there is none open.

    Returns the id of the item; None if the report adds nothing: the same person has reported this version, or
    moderators have decided about it.
    """
    place = {"of_version": version, "author": author_id, "now": tx.at}
    item = await tx.row(_meet_item, post=post_id, discussion=discussion_id, **place)
    assert item is not None
    if item.state == ReviewState.DECIDED:
        newest = await tx.row(_newest_reported, item=item.id)
        if newest is not None and version <= newest.version:
            return None
    added = await tx.row(
        _insert_report,
        review_item_id=item.id,
        reporter_id=reporter_id,
        post_version=version,
        reason=reason,
        note=note,
        at=tx.at,
    )
    if added is None:
        return None
    if item.state == ReviewState.OPEN:
        changed = await tx.row(_touch, item=item.id, now=tx.at)
        kind = ModerationKind.REVIEW_ITEM_CHANGED
    else:
        changed = await tx.row(_open, item=item.id, **place)
        kind = ModerationKind.REVIEW_ITEM_OPENED
    assert changed is not None
    await send_change(tx, item.id, changed.version, kind)
    return item.id


async def claim(tx: Transaction, item: ReviewItemRow, user_id: int | None, ends_at: datetime | None) -> None:
    """Has a locked review item claimed by a person until a moment, or by nobody. That is no new version of it."""
    await tx.run(_claim, item=item.id, user=user_id, ends=ends_at, now=tx.at)
    await send_change(tx, item.id, item.version)


_FILTERS: dict[str, ColumnElement[bool]] = {
    "kind": review_items.c.kind == bindparam("kind"),
    "author": review_items.c.author_id == bindparam("author"),
    "claimed_by": (review_items.c.claimed_by_id == bindparam("claimed_by"))
    & (review_items.c.claim_ends_at > bindparam("now", type_=Moment)),
}


def _chosen(columns: Sequence[ColumnElement[Any]], filters: frozenset[str]) -> Select[Any]:
    conditions = [_FILTERS[name] for name in sorted(filters)]
    return select(*columns).where(review_items.c.state == bindparam("state"), *conditions)


@cache
def queue(filters: frozenset[str]) -> Statement[ReviewItemRow]:
    """The review items of a `state` behind a place (`after_at`, `after_id`), the oldest first.

    `filters`: names of parameters by which they are chosen besides: `kind`, `author`, `claimed_by` with `now`.
    """
    place = (review_items.c.opened_at, review_items.c.id)
    after = tuple_(bindparam("after_at", type_=Moment), bindparam("after_id", type_=BigInteger))
    chosen = _chosen(_columns, filters).where(tuple_(*place) > after)
    return Statement(chosen.order_by(*place).limit(bindparam("limit")), ReviewItemRow)


@cache
def queue_counted(filters: frozenset[str]) -> Statement[CountRow]:
    """How many items `queue` has: see db.counts."""
    return counts.counted(_chosen([review_items.c.id], filters))


open_of_kind = counts.counted(
    select(review_items.c.id).where(
        review_items.c.state == ReviewState.OPEN.value, review_items.c.kind == bindparam("kind")
    )
)
"""How many review items of a `kind` are open: see db.counts."""


def _reports_of_items(dialect: Dialect) -> Select[Any]:
    def choose(parent: ColumnElement[int]) -> Select[Any]:
        inner = reports.alias("inner")
        chosen = select(inner.c.id).where(inner.c.review_item_id == parent, inner.c.id > bindparam("low"))
        return paged_by(dialect, [chosen], inner.c.id, descending=False, parent=parent)

    return (
        select(*_report_columns)
        .select_from(paged(dialect, "parents", reports, reports.c.id, choose))
        .order_by(reports.c.id)
    )


_report_columns: list[ColumnElement[Any]] = [
    reports.c.id,
    reports.c.review_item_id,
    reports.c.reporter_id,
    reports.c.post_version,
    reports.c.reason,
    reports.c.note,
    reports.c.at,
]
reports_by_ids = Statement(select(*_report_columns).where(among(reports.c.id, "ids")), ReportRow)
"""The reports `ids`."""
reports_of_items = Statement(_reports_of_items, ReportRow)
"""A page of the reports of each of the review items `parents`, behind the report `low`, the oldest first."""
reports_counted = counts.counted_of_parents(
    lambda parent: select(reports.c.id).where(reports.c.review_item_id == parent)
)
"""How many reports each of the review items `parents` has: see db.counts."""


async def lock_held(tx: Transaction, held_ids: Sequence[int]) -> list[int]:
    """Locks the review items of held posts: before these, and after the head of their discussion. Returns their ids."""
    return [row.id for row in await tx.rows(_lock_held, held=list(held_ids))]
