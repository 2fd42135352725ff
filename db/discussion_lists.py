"""Lists of discussions, and how many they have.

Which discussions a page shows is decided on a range of one index, whatever the filters and the order are: an index of
`discussion_counts` for the orders that replies change, and one of `discussions` for the order of starting. Locked and
unlocked ones are a range each, so a list of both merges two.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, select, tuple_

from db import counts
from db.discussions import columns, join
from db.kinds import DiscussionOrderField
from db.rows import CountRow, DiscussionRow
from db.statements import PAGE_LIMIT, Dialect, Statement, paged, paged_by
from db.tables import discussion_counts, discussions

_KEYS: Mapping[DiscussionOrderField, ColumnElement[Any]] = {
    DiscussionOrderField.LAST_ACTIVITY_AT: discussion_counts.c.last_activity_at,
    DiscussionOrderField.CREATED_AT: discussions.c.created_at,
    DiscussionOrderField.REPLY_COUNT: discussion_counts.c.reply_count,
}
_BY_COLUMN = ("category_id", "author_id")
_PINNED = select(discussions.c.id).where(discussions.c.pinned_at.is_not(None))
"""The few that are pinned, in an index of their own: a list of them is sorted, and one of the others passes over."""


class _List:
    """A list of discussions that are not deleted, chosen from the narrowest rows that hold its order and filters."""

    def __init__(
        self, order: DiscussionOrderField, filters: Mapping[str, ColumnElement[Any] | None], *, parent: str = ""
    ) -> None:
        """`filters`: see `listed`. Those by a column have the value that it is to equal."""
        is_listed: ColumnElement[bool]
        if order is DiscussionOrderField.CREATED_AT:
            held = discussions.alias().c
            id_, is_listed = held.id, held.deleted_at.is_(None)
        else:
            held = discussion_counts.alias().c
            id_, is_listed = held.discussion_id, held.listed
        conditions = {name: held[name] == filters[name] for name in _BY_COLUMN if name in filters}
        conditions |= {"no_category": held.category_id.is_(None), "locked": held.locked, "unlocked": ~held.locked}
        conditions |= {"pinned": id_.in_(_PINNED), "unpinned": id_.not_in(_PINNED)}
        self.chosen = select(id_.label("id")).where(is_listed, *[conditions[name] for name in sorted(filters)])
        self._ranges = [self.chosen]
        if not filters.keys() & {"locked", "unlocked", "pinned"}:
            self._ranges = [self.chosen.where(held.locked), self.chosen.where(~held.locked)]
        self._place = (held[_KEYS[order].name], id_)
        # PostgreSQL reads a range in order if the column before the key equals a value, but not if it is null.
        self._before_key = [held.category_id] if "no_category" in filters else []
        self._parent = filters.get(parent) if parent else None

    def page(
        self, dialect: Dialect, *, descending: bool, bounded: bool, limit: ColumnElement[int] = PAGE_LIMIT
    ) -> Select[Any]:
        """The ids of a page. Parameters: `limit` and, where it is `bounded`, `value` and `id` of where it begins."""
        place, ranges = self._place, self._ranges
        if bounded:
            names = zip(("value", "id"), place, strict=True)
            bound = tuple_(*[bindparam(name, type_=column.type) for name, column in names])
            ranges = [each.where(tuple_(*place) < bound if descending else tuple_(*place) > bound) for each in ranges]
        ordered = (*self._before_key, *place)
        return paged_by(dialect, ranges, *ordered, descending=descending, parent=self._parent, limit=limit)


def _ordered(order: DiscussionOrderField, *, descending: bool) -> list[ColumnElement[Any]]:
    place = (_KEYS[order], discussions.c.id)
    return [column.desc() if descending else column for column in place]


@cache
def listed(
    order: DiscussionOrderField, *, descending: bool, bounded: bool, filters: frozenset[str] = frozenset()
) -> Statement[DiscussionRow]:
    """A page of all discussions that are not deleted.

    `filters` are "category_id" and "author_id", which have a parameter of the same name, "no_category", "locked",
    "unlocked", "pinned" and "unpinned". Further parameters are `limit` and, where it is `bounded`, `value` and `id` of
    the discussion to begin after.
    """
    chosen = _List(order, _parameters(filters))

    def sql(dialect: Dialect) -> Select[Any]:
        within = chosen.page(dialect, descending=descending, bounded=bounded).correlate(None)
        found = select(*columns).select_from(join(discussions)).where(discussions.c.id.in_(within))
        return found.order_by(*_ordered(order, descending=descending))

    return Statement(sql, DiscussionRow)


def latest(dialect: Dialect, limit: ColumnElement[int]) -> Select[Any]:
    """The ids of the discussions with the latest activity."""
    every = _List(DiscussionOrderField.LAST_ACTIVITY_AT, {})
    return every.page(dialect, descending=True, bounded=False, limit=limit)


def _parameters(filters: frozenset[str]) -> dict[str, ColumnElement[Any] | None]:
    return {name: bindparam(name) if name in _BY_COLUMN else None for name in filters}


@cache
def counted(filters: frozenset[str] = frozenset()) -> Statement[CountRow]:
    """How many discussions `listed` has with these filters: see db.counts."""
    return counts.counted(_List(DiscussionOrderField.CREATED_AT, _parameters(filters)).chosen)


@cache
def of_parents(
    parent: str, order: DiscussionOrderField, *, descending: bool, bounded: bool
) -> Statement[DiscussionRow]:
    """A page for each of `parents`: categories (`parent` is "category_id") or people ("author_id")."""

    def sql(dialect: Dialect) -> Select[Any]:
        def choose(value: ColumnElement[int]) -> Select[Any]:
            return _List(order, {parent: value}, parent=parent).page(dialect, descending=descending, bounded=bounded)

        found = select(*columns).select_from(join(paged(dialect, "parents", discussions, discussions.c.id, choose)))
        return found.order_by(*_ordered(order, descending=descending))

    return Statement(sql, DiscussionRow)


@cache
def counted_of_parents(parent: str) -> Statement[CountRow]:
    """How many discussions each of `parents` has that are not deleted: see `of_parents` and db.counts."""
    return counts.counted_of_parents(lambda value: _List(DiscussionOrderField.CREATED_AT, {parent: value}).chosen)
