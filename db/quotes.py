"""Quotes: their rows, and which quoting posts have to be notified of a changed source."""

from functools import cache, partial
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, case, delete, exists, func, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.expression import FromClause

from db import counts, deletion_jobs
from db.rows import QuoteRow, Row
from db.statements import Dialect, Reads, Statement, WriteStatement, among, paged, paged_by
from db.tables import pending_quote_notifications, posts, quotes, users
from db.user_columns import author_columns

MAX_JOINED_CHARACTERS = 2_000
"""What a changed source says comes with each of its quotes if it is no longer than this."""

_source = posts.alias("source")
_author = users.alias("author")
_quoting = posts.alias("quoting")
_columns: list[ColumnElement[Any]] = [
    quotes.c.id,
    quotes.c.post_id,
    quotes.c.parent_id,
    quotes.c.ordinal,
    quotes.c.depth,
    quotes.c.source_id,
    quotes.c.source_version,
    # A text that names nobody lets its source speak for itself, and a tombstone has nobody to name.
    func.coalesce(func.nullif(quotes.c.attributed_name, ""), _author.c.name, "").label("attributed_name"),
    quotes.c.body_html,
    quotes.c.body_text,
    quotes.c.said,
    quotes.c.comparison,
    _source.c.version.label("current_version"),
    _source.c.discussion_id.label("source_discussion_id"),
    _source.c.sequence.label("source_sequence"),
    deletion_jobs.deleted_at(_source).label("source_deleted_at"),
    case(
        (
            _source.c.deleted_at.is_(None)
            & _source.c.version.is_distinct_from(quotes.c.source_version)
            & (func.length(_source.c.said) <= MAX_JOINED_CHARACTERS),
            _source.c.said,
        ),
    ).label("changed_said"),
    *author_columns(_author),
]


def _join(base: FromClause) -> FromClause:
    """Joins the sources, and who wrote them or is named if there is none, to what holds `quotes`."""
    joined = base.outerjoin(_source, _source.c.id == quotes.c.source_id)
    author_id = case((quotes.c.source_id.is_(None), quotes.c.attributed_id), else_=_source.c.author_id)
    return joined.outerjoin(_author, _author.c.id == author_id)


_joined = _join(quotes)

by_ids = Statement(select(*_columns).select_from(_joined).where(among(quotes.c.id, "ids")), QuoteRow)


@cache
def in_posts(row_class: type[QuoteRow] = QuoteRow) -> Statement[QuoteRow]:
    """The quotes in the posts `ids`, in order of appearance, outer before inner, no deeper than `deepest`.

    `row_class` is QuoteRow, perhaps without some columns.
    """
    return Statement(
        select(*[column for column in _columns if column.name in row_class.columns])
        .select_from(_joined)
        .where(among(quotes.c.post_id, "ids"), quotes.c.depth <= bindparam("deepest"))
        .order_by(quotes.c.post_id, quotes.c.ordinal),
        row_class,
        # A quote changes with its post, which the same query has read.
        reads=Reads(of_discussions=("source_discussion_id",), of_people=("author_id",)),
    )


of_posts = in_posts()


@cache
def of_sources() -> Statement[QuoteRow]:
    """A page of the quotes of each of the posts `parents`, after the quote id `low`."""
    inner = quotes.alias("inner")

    place = (inner.c.post_id, inner.c.ordinal)

    def choose(dialect: Dialect, parent: ColumnElement[int]) -> Select[Any]:
        # By itself for each quote: joined, PostgreSQL would read all quotes of the post first.
        hidden = select(deletion_jobs.is_hidden(_quoting)).where(_quoting.c.id == inner.c.post_id)
        after = tuple_(
            *[bindparam(name, type_=column.type) for name, column in zip(("post", "ordinal"), place, strict=True)]
        )
        chosen = select(inner.c.id).where(inner.c.source_id == parent, tuple_(*place) > after)
        chosen = chosen.where(~hidden.correlate(inner).scalar_subquery())
        return paged_by(dialect, [chosen], *place, descending=False, parent=parent)

    return Statement(
        lambda dialect: (
            select(*_columns)
            .select_from(_join(paged(dialect, "parents", quotes, quotes.c.id, partial(choose, dialect))))
            .order_by(quotes.c.post_id, quotes.c.ordinal)
        ),
        QuoteRow,
    )


of_sources_counted = counts.counted_of_parents(
    # What the index holds, too: no row is read.
    lambda value: select(quotes.c.post_id).where(quotes.c.source_id == value)
)
"""How many quotes there are of each of the posts `parents`: see db.counts."""


class PendingSourceRow(Row):
    """A version of a source whose quoting posts have to be notified."""

    __slots__ = ()

    post_id: int
    version: int


class QuotingRow(Row):
    """A post that quotes a source and has not been notified of its present version."""

    __slots__ = ()

    discussion_id: int
    post_id: int
    post_version: int


pending_sources = Statement(
    select(pending_quote_notifications.c.post_id, pending_quote_notifications.c.version)
    .order_by(pending_quote_notifications.c.post_id)
    .limit(100),
    PendingSourceRow,
)
_to_notify = (
    select(
        _quoting.c.discussion_id,
        _quoting.c.id.label("post_id"),
        _quoting.c.version.label("post_version"),
    )
    .select_from(
        quotes.join(_quoting, _quoting.c.id == quotes.c.post_id).join(_source, _source.c.id == quotes.c.source_id)
    )
    .where(
        quotes.c.source_id == bindparam("source"),
        quotes.c.notified_version < _source.c.version,
    )
    .distinct()
    .order_by(_quoting.c.discussion_id, _quoting.c.id)
)
to_notify = Statement(_to_notify, QuotingRow)
"""The posts that quote `source` and have not been notified of its present version, in all discussions."""
to_notify_in_discussion = Statement(
    _to_notify.where(_quoting.c.discussion_id == bindparam("discussion")).limit(bindparam("limit")), QuotingRow
)


def _pending(*sources: ColumnElement[bool]) -> WriteStatement:
    """Notes of some posts that the posts which quote them have to be notified, where there are such posts."""
    has_due = exists().where(quotes.c.source_id == posts.c.id, quotes.c.notified_version < posts.c.version)
    chosen = select(posts.c.id, posts.c.version).where(*sources, has_due)

    def build(dialect: Dialect) -> Any:
        made = (postgresql if dialect == "postgresql" else sqlite).insert(pending_quote_notifications)
        made = made.from_select(["post_id", "version"], chosen)
        return made.on_conflict_do_update(index_elements=["post_id"], set_={"version": made.excluded.version})

    return WriteStatement(build)


add_pending = _pending(among(posts.c.id, "ids"))
"""Of the posts `ids`."""
add_pending_of_discussions = _pending(among(posts.c.discussion_id, "discussions"))
"""Of all posts of the `discussions`."""
set_notified = WriteStatement(
    update(quotes)
    .where(among(quotes.c.post_id, "ids"), quotes.c.source_id == bindparam("source"))
    .values(notified_version=select(_source.c.version).where(_source.c.id == bindparam("source")).scalar_subquery())
)
settle_source = WriteStatement(
    delete(pending_quote_notifications).where(
        pending_quote_notifications.c.post_id == bindparam("source"),
        pending_quote_notifications.c.version == bindparam("version"),
    )
)

rerender = WriteStatement(
    update(quotes)
    .where(quotes.c.id == bindparam("quote"))
    .values(
        body_html=bindparam("html"),
        body_text=bindparam("text"),
        said=bindparam("said"),
        comparison=bindparam("comparison"),
    )
)
