"""How many items a list has, counted up to a bound: no count costs more because a forum has more."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, literal_column, select

from db.rows import CountRow
from db.statements import Dialect, Statement, each

MAX_COUNTED = 10_000
"""How many items of a list are counted at most. A total that is higher by one means that there are more."""


def up_to_bound(chosen: Select[Any]) -> ColumnElement[int]:
    """How many rows a selection has, at most one more than MAX_COUNTED."""
    # A literal, not a parameter: PostgreSQL would plan for a tenth of all rows.
    bounded = chosen.limit(literal_column(str(MAX_COUNTED + 1))).subquery()
    return select(func.count()).select_from(bounded).scalar_subquery()


def counted(chosen: Select[Any]) -> Statement[CountRow]:
    """As `up_to_bound`, under the parent 0."""
    return Statement(select(literal(0).label("parent"), up_to_bound(chosen).label("total")), CountRow)


def counted_of_parents(choose: Callable[[ColumnElement[int]], Select[Any]]) -> Statement[CountRow]:
    """As `up_to_bound`, of the selection `choose(parent)` of each of `parents`."""

    def sql(dialect: Dialect) -> Select[int, int]:
        parents, value = each(dialect, "parents")
        total = up_to_bound(choose(value).correlate(parents))
        return select(value.label("parent"), total.label("total")).select_from(parents)

    return Statement(sql, CountRow)
