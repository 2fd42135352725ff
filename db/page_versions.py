"""What a page or feed shows, in one small statement without the words: it is equal as long as the page is.

The number of a discussion's last event says whether its posts changed. What changes without an event is named beside
it: the people's names, and the renderer of the posts.

Limits are literals: PostgreSQL would take a parameter for a tenth of all rows.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    LargeBinary,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    exists,
    func,
    literal_column,
    or_,
    select,
    true,
    union,
)
from sqlalchemy.sql.expression import FromClause

from db import deletion_jobs, discussion_lists
from db.posts import OPENING_PATH
from db.rows import Row
from db.statements import Dialect, Statement
from db.tables import categories, discussion_counts, discussions, log_heads, posts, quotes, users

Part = Literal["beginning", "after", "around", "newest"]
"""Which replies a page shows: the first of the thread, those after or around the reply `at`, or those written last."""


class DiscussionVersionRow(Row):
    """The version of what a page shows of one discussion."""

    __slots__ = ()

    id: int
    last_event: int
    last_epoch: bytes
    deleted: bool
    is_there: bool
    """Whether the thread has the part that the page shows."""
    shown: str | None
    """The versions, renderers, authors and quotes of the opening post and of the replies that are shown, or of more."""
    category_event: int | None
    """The last event that made or changed a category that the page shows: all of them on a page of the latest."""


class FeedPostRow(Row):
    """The version of what a feed shows of one post."""

    __slots__ = ()

    post_id: int
    discussion_id: int
    sequence: int
    version: int
    renderer: int
    name: str | None
    title: str
    deleted: bool
    discussion_deleted: bool
    size: int
    """The bytes of its HTML."""
    last_event: int
    last_epoch: bytes
    newest: int
    """The highest id, or number in the discussion, of all posts."""


class MarkRow(Row):
    """A moment in the order of posts and of the transactions that write them."""

    __slots__ = ()

    newest: int | None
    writers: str
    """The transactions that may still add a post up to `newest`, with blanks between."""


class DiscussionListRow(Row):
    """What the sitemap shows of one discussion."""

    __slots__ = ()

    id: int
    title: str
    last_activity_at: datetime


class NumberRow(Row):
    """One number."""

    __slots__ = ()

    number: int | None


@cache
def _at(part: Part) -> ColumnElement[Any]:
    """The path of the reply `at`; around it, that of the nearest listed one, from it upwards, or the beginning."""
    place, parent = posts.alias("place"), posts.alias("parent")
    found = select(place.c.path, place.c.reply_to_id, place.c.listed).where(
        place.c.discussion_id == bindparam("id"), place.c.sequence == bindparam("at"), place.c.sequence > 0
    )
    if part == "after":
        return select(found.subquery().c.path).scalar_subquery()
    up = found.cte("up", recursive=True)
    up = up.union_all(
        select(parent.c.path, parent.c.reply_to_id, parent.c.listed)
        .join(up, parent.c.id == up.c.reply_to_id)
        .where(~up.c.listed)
    )
    nearest = select(up.c.path).where(up.c.listed).scalar_subquery()
    return func.coalesce(nearest, OPENING_PATH)


def _is_there(part: Part) -> ColumnElement[bool]:
    if part in {"beginning", "newest"}:
        return true()
    reply = posts.alias("reply")
    is_shown = (
        and_(reply.c.listed, reply.c.path > _at(part)) if part == "after" else reply.c.sequence == bindparam("at")
    )
    found = select(reply.c.id).where(reply.c.discussion_id == discussions.c.id, reply.c.sequence > 0, is_shown)
    return exists(found.correlate(discussions))


def _shown(dialect: Dialect, part: Part, replies: int) -> Any:
    """The opening post and so many listed replies of the discussion of the enclosing statement, as one text.

    Around a reply, so many before it and so many after it: a page shows some of these.
    """

    def chosen(*conditions: Any, by: Any, limit: int) -> Select[Any]:
        rows_chosen = (
            select(
                *(posts.c[name] for name in ("id", "version", "renderer")), *_PERSON, _quoted(dialect).label("quoted")
            )
            .select_from(posts.outerjoin(users, users.c.id == posts.c.author_id))
            .where(posts.c.discussion_id == discussions.c.id, *conditions)
            .order_by(by)
            .limit(literal_column(str(limit)))
            .correlate(discussions)
        )
        return select(rows_chosen.subquery())

    parts = [chosen(posts.c.sequence == 0, by=posts.c.sequence, limit=1)]
    if part == "newest":
        parts.append(chosen(posts.c.sequence > 0, posts.c.listed, by=posts.c.sequence.desc(), limit=replies))
    elif replies:
        begins = posts.c.path > (OPENING_PATH if part == "beginning" else _at(part))
        parts.append(chosen(begins, posts.c.listed, by=posts.c.path, limit=replies))
    if part == "around":
        before = (posts.c.path > OPENING_PATH, posts.c.listed, posts.c.path <= _at(part))
        parts.append(chosen(*before, by=posts.c.path.desc(), limit=replies))
    first, *rest = parts
    rows = first.union_all(*rest).subquery()
    return select(_joined(dialect, rows.c)).select_from(rows).scalar_subquery()


_PERSON = (users.c.name, users.c.handle, users.c.avatar_url, users.c.role)


def _quoted(dialect: Dialect) -> Any:
    """What a post of the enclosing statement shows of others: the sources of its quotes, and whom they name."""
    source, named = posts.alias("source"), users.alias("named")
    found = (
        quotes.outerjoin(source, source.c.id == quotes.c.source_id)
        .outerjoin(place := discussions.alias("place"), place.c.id == source.c.discussion_id)
        .outerjoin(named, named.c.id == func.coalesce(source.c.author_id, quotes.c.attributed_id))
    )
    columns = [source.c.version, deletion_jobs.deleted_at(source), place.c.title, named.c.name]
    shown = select(_joined(dialect, columns)).select_from(found).where(quotes.c.post_id == posts.c.id)
    return shown.correlate(posts).scalar_subquery()


def _joined(dialect: Dialect, columns: Iterable[ColumnElement[Any]]) -> ColumnElement[str]:
    """All rows as one text."""
    first, *rest = (func.coalesce(cast(column, Text), "") for column in columns)
    line: ColumnElement[str] = first
    for column in rest:
        line = line.concat(literal_column("'\n'")).concat(column)
    joined = func.string_agg if dialect == "postgresql" else func.group_concat
    return joined(line, literal_column("'\n'"), type_=Text())


_LAST_EVENT = discussions.join(log_heads, log_heads.c.log_id == discussions.c.id)


def _category_event(part: Part) -> ColumnElement[Any]:
    found = select(func.max(categories.c.last_event))
    if part != "newest":
        found = found.where(categories.c.id == discussions.c.category_id).correlate(discussions)
    return found.scalar_subquery()


def _versions(dialect: Dialect, part: Part, replies: int, base: FromClause = _LAST_EVENT) -> Select[Any]:
    return select(
        discussions.c.id,
        log_heads.c.last_event,
        log_heads.c.last_epoch,
        discussions.c.deleted_at.is_not(None).label("deleted"),
        _is_there(part).label("is_there"),
        _shown(dialect, part, replies).label("shown"),
        _category_event(part).label("category_event"),
    ).select_from(base)


def of_discussion(part: Part, replies: int) -> Statement[DiscussionVersionRow]:
    """The discussion with the number `id`, and so many of its replies."""
    return Statement(
        lambda dialect: _versions(dialect, part, replies).where(discussions.c.id == bindparam("id")),
        DiscussionVersionRow,
    )


def of_latest(count: int, replies: int) -> Statement[DiscussionVersionRow]:
    """The discussions with the latest activity and those that are pinned, and the newest replies of each."""
    counted = _LAST_EVENT.join(discussion_counts, discussion_counts.c.discussion_id == discussions.c.id)

    def sql(dialect: Dialect) -> Select[Any]:
        latest = select(discussion_lists.latest(dialect, literal_column(str(count))).subquery().c.id)
        others = discussions.alias()
        pinned = select(others.c.id).where(others.c.pinned_at.is_not(None))
        return (
            _versions(dialect, "newest", replies, counted)
            .where(discussions.c.id.in_(union(latest, pinned)))
            .order_by(discussion_counts.c.last_activity_at.desc(), discussion_counts.c.discussion_id.desc())
        )

    return Statement(sql, DiscussionVersionRow)


def of_feed(limit: int, *, of_discussion: bool) -> Statement[FeedPostRow]:
    """The newest `limit` posts up to `until`, an id, or a number in discussion `id`; deleted ones included.

    The ids of posts are the order of the whole site, opening posts included, which are not in the table `feed`. They
    are given out before commits, which on PostgreSQL may come in another order: hence `mark`.
    """
    key = posts.c.sequence if of_discussion else posts.c.id
    every = posts.alias("every")
    newest = (
        select(func.max(every.c.sequence)).where(every.c.discussion_id == bindparam("id"))
        if of_discussion
        else select(func.max(every.c.id))
    )

    def size(dialect: Dialect) -> ColumnElement[int]:
        # In PostgreSQL this reads no text that is stored apart.
        text = posts.c.body_html
        return func.octet_length(text) if dialect == "postgresql" else func.length(cast(text, LargeBinary))

    def sql(dialect: Dialect) -> Select[Any]:
        chosen = (
            select(
                posts.c.id.label("post_id"),
                posts.c.discussion_id,
                posts.c.sequence,
                posts.c.version,
                posts.c.renderer,
                users.c.name,
                discussions.c.title,
                or_(posts.c.deleted_at.is_not(None), discussions.c.deleted_at.is_not(None)).label("deleted"),
                discussions.c.deleted_at.is_not(None).label("discussion_deleted"),
                size(dialect).label("size"),
                log_heads.c.last_event,
                log_heads.c.last_epoch,
                newest.scalar_subquery().label("newest"),
            )
            .select_from(
                _LAST_EVENT.join(posts, posts.c.discussion_id == discussions.c.id).outerjoin(
                    users, users.c.id == posts.c.author_id
                )
            )
            .where(key <= bindparam("until"))
            .order_by(key.desc())
            .limit(literal_column(str(limit)))
        )
        return chosen.where(posts.c.discussion_id == bindparam("id")) if of_discussion else chosen

    return Statement(sql, FeedPostRow)


def _mark(dialect: Dialect) -> Any:
    # Whoever takes an id for a post holds this lock on the table to the end of the transaction. The oldest transaction
    # of the snapshot would not do: it may be one of another database. In SQLite writers wait for each other.
    writers = """(
        SELECT coalesce(string_agg(DISTINCT virtualtransaction, ' '), '') FROM pg_locks
        WHERE relation = 'posts'::regclass AND mode = 'RowExclusiveLock' AND granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    )"""
    running = literal_column(writers if dialect == "postgresql" else "''", Text)
    return select(func.max(posts.c.id).label("newest"), running.label("writers"))


mark = Statement(_mark, MarkRow)
"""A moment: once none of its `writers` is among those of a later one, all posts up to `newest` can be read."""

in_range = Statement(
    select(discussions.c.id, discussions.c.title, discussion_counts.c.last_activity_at)
    .join_from(discussions, discussion_counts, discussion_counts.c.discussion_id == discussions.c.id)
    .where(discussions.c.id.between(bindparam("low"), bindparam("high")), discussions.c.deleted_at.is_(None))
    .order_by(discussions.c.id),
    DiscussionListRow,
)
"""The discussions with the numbers from `low` to `high`."""
newest_number = Statement(select(func.max(discussions.c.id).label("number")), NumberRow)
"""The number of the discussion that was started last."""
