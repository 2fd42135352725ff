"""Pages of a thread: the tree in reading order, by keyset on the path, wherever the page begins."""

from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, literal_column, select
from sqlalchemy.sql.expression import FromClause

from db import counts, replies
from db.rows import AuthoredReplyRow, CountRow, ReplyRow
from db.statements import Dialect, Reads, Statement, each, paged
from db.tables import posts


def _within(
    table: FromClause, order: str, parent: ColumnElement[int], *, low: bool, high: bool, is_sqlite: bool
) -> list[ColumnElement[bool]]:
    """The conditions on the listed replies of one discussion between two bounds."""
    # The opening post, whose path is empty, is in no thread. SQLite would use the index on what bounds a thread, and
    # sort all of it.
    by_path = low or is_sqlite
    least: ColumnElement[Any] = bindparam("low") if low else literal_column("x''")
    bounds = [table.c.discussion_id == parent, table.c.listed]
    bounds.append(table.c[order] > least if by_path else table.c.sequence > literal_column("0"))
    if high:
        bounds.append(table.c[order] < bindparam("high"))
    return bounds


@cache
def page(
    order: str,
    *,
    descending: bool,
    by_depth: bool,
    low: bool = True,
    high: bool = True,
    one: bool = False,
    row_class: type[ReplyRow] = ReplyRow,
) -> Statement[ReplyRow]:
    """At most `limit` listed replies of each of the discussions `parents`, between exclusive bounds `low` and `high`.

    A bound that bounds nothing is left out: a generic plan of PostgreSQL takes two of unknown value for a narrow range,
    and then prefers an index by which it reads the whole thread and sorts it.

    `order` is the path column: "path" (oldest sibling first) or "newest_path". With `by_depth`, only replies at the
    depths of the list `depths`: one limited range of the index for each depth, merged, because a filter on the depth
    would read past every deeper reply. With `one`, `parent` names the only discussion, which spares a join.
    `row_class` is ReplyRow, AuthoredReplyRow, or one of them without some columns.
    """
    inner = posts.alias("inner")

    def ordered(table: FromClause) -> ColumnElement[Any]:
        column: ColumnElement[Any] = table.c[order]
        return column.desc() if descending else column

    def within(dialect: Dialect, table: FromClause, parent: ColumnElement[int]) -> list[ColumnElement[bool]]:
        return _within(table, order, parent, low=low, high=high, is_sqlite=dialect == "sqlite")

    def sql(dialect: Dialect) -> Select[Any]:
        columns = replies.columns_of(row_class)
        if one and not by_depth:
            chosen = select(*columns).select_from(replies.join(posts, row_class))
            return (
                chosen.where(*within(dialect, posts, bindparam("parent")))
                .order_by(ordered(posts))
                .limit(bindparam("limit"))
            )

        def choose(parent: ColumnElement[int]) -> Select[Any]:
            if not by_depth:
                chosen = select(inner.c.id).where(*within(dialect, inner, parent))
                return chosen.order_by(ordered(inner)).limit(bindparam("limit"))
            merged = posts.alias("merged")

            def at_depth(depth: ColumnElement[int]) -> Select[Any]:
                chosen = select(inner.c.id).where(*within(dialect, inner, parent), inner.c.depth == depth)
                return chosen.order_by(ordered(inner)).limit(bindparam("limit")).correlate_except(inner)

            joined = paged(dialect, "depths", merged, merged.c.id, at_depth)
            return select(merged.c.id).select_from(joined).order_by(ordered(merged)).limit(bindparam("limit"))

        joined = replies.join(paged(dialect, "parents", posts, posts.c.id, choose), row_class)
        return select(*columns).select_from(joined).order_by(ordered(posts))

    return Statement(
        sql,
        row_class,
        reads=Reads(
            discussions=("parent" if one and not by_depth else "parents",),
            of_people=("author_id",) if issubclass(row_class, AuthoredReplyRow) else (),
        ),
    )


@cache
def counted(*, by_depth: bool) -> Statement[CountRow]:
    """How many listed replies of each of `parents`, discussions, are between the paths `low` and `high`: see db.counts.

    `by_depth`: at the `depths`. Each is a range of an index, since the replies that are deeper may be many more.
    """

    def sql(dialect: Dialect) -> Select[int, int]:
        parents, parent = each(dialect, "parents")
        chosen, discussion = select(posts.c.id), parent
        if by_depth:
            depths, depth = each(dialect, "depths")
            chosen = chosen.join_from(depths, posts, posts.c.depth == depth)
            # It seems to hang on the depth, so that no database begins with all replies of the discussion.
            discussion = parent + depth * literal_column("0")
        chosen = chosen.where(
            posts.c.discussion_id == discussion,
            posts.c.listed,
            posts.c.path > bindparam("low"),
            posts.c.path < bindparam("high"),
        )
        total = counts.up_to_bound(chosen.correlate(parents))
        return select(parent.label("parent"), total.label("total")).select_from(parents)

    return Statement(sql, CountRow, reads=Reads(discussions=("parents",)))
