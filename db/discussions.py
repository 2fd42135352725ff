"""Discussions: their rows and lists."""

from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    func,
    insert,
    literal,
    select,
    tuple_,
    update,
)
from sqlalchemy.sql.expression import FromClause

from db.database import Transaction
from db.kinds import DiscussionOrderField
from db.posts import columns as post_columns
from db.rows import CountRow, DiscussionRow, IdRow, Row
from db.statements import Reads, Statement, WriteStatement, among, paged
from db.tables import (
    discussion_counts,
    discussion_views,
    discussions,
    log_heads,
    participants,
    posts,
    reply_counts,
)

_columns: list[ColumnElement[Any]] = [
    *post_columns(),
    discussions.c.title,
    discussions.c.category_id,
    discussions.c.locked,
    log_heads.c.epoch,
    log_heads.c.log_floor,
    log_heads.c.last_event.label("event_number"),
    log_heads.c.last_epoch,
    discussion_counts.c.reply_count,
    discussion_counts.c.participant_count,
    discussion_counts.c.last_activity_at,
    func.coalesce(discussion_views.c.view_count, 0).label("view_count"),
]


def _join(base: FromClause) -> FromClause:
    # The head is read in the same statement as the row, so a page follows from no later than what it shows.
    return (
        base.join(
            posts,
            and_(posts.c.discussion_id == discussions.c.id, posts.c.sequence == 0),
        )
        .join(log_heads, log_heads.c.log_id == discussions.c.id)
        .join(discussion_counts, discussion_counts.c.discussion_id == discussions.c.id)
        .outerjoin(discussion_views, discussion_views.c.discussion_id == discussions.c.id)
    )


_joined = _join(discussions)

by_ids = Statement(
    select(*_columns).select_from(_joined).where(among(discussions.c.id, "ids")),
    DiscussionRow,
    reads=Reads(discussions=("ids",)),
)

by_id = Statement(
    select(*_columns).select_from(_joined).where(discussions.c.id == bindparam("id")),
    DiscussionRow,
    reads=Reads(discussions=("id",)),
)
"""One discussion: for a list of unknown length PostgreSQL would plan each time, which takes longer than reading."""

of_posts = Statement(
    select(*_columns).select_from(_joined).where(among(posts.c.id, "ids")),
    DiscussionRow,
    reads=Reads(of_discussions=("discussion_id",), each="ids"),
)
"""The discussions whose opening posts have these post ids."""

_slugged = select(*_columns).select_from(_joined).order_by(discussions.c.id).limit(1)
by_legacy_slug = Statement(_slugged.where(discussions.c.legacy_slug == bindparam("slug")), DiscussionRow)
"""The discussion of an old address's slug."""

_slug: ColumnElement[Any] = bindparam("slug", type_=discussions.c.legacy_slug.type)
by_cut_legacy_slug = Statement(
    _slugged.where(func.substr(discussions.c.legacy_slug, 1, func.length(_slug) + 1) == _slug + "-"), DiscussionRow
)
"""The first discussion whose slug goes on after these words. It looks at all slugs, so it is for rare use."""


class TitleRow(Row):
    """A discussion and its title."""

    __slots__ = ()

    id: int
    title: str


_titles = select(discussions.c.id, discussions.c.title)
title = Statement(_titles.where(discussions.c.id == bindparam("discussion")), TitleRow)
titles_of_opening_posts = Statement(
    _titles.join(posts, and_(posts.c.discussion_id == discussions.c.id, posts.c.sequence == 0)).where(
        among(posts.c.id, "ids")
    ),
    TitleRow,
)
"""The discussions of which the posts `ids` are opening posts."""


class StarterRow(Row):
    """A discussion, and who started it."""

    __slots__ = ()

    discussion_id: int
    author_id: int | None
    """None once the discussion is deleted or the account is erased."""


authors = Statement(
    select(posts.c.discussion_id, posts.c.author_id).where(
        among(posts.c.discussion_id, "discussions"), posts.c.sequence == 0
    ),
    StarterRow,
    reads=Reads(discussions=("discussions",)),
)

ORDERS = {
    DiscussionOrderField.LAST_ACTIVITY_AT: discussion_counts.c.last_activity_at,
    DiscussionOrderField.CREATED_AT: discussions.c.created_at,
    DiscussionOrderField.REPLY_COUNT: discussion_counts.c.reply_count,
}
FILTERS = {
    "category_id": discussions.c.category_id == bindparam("category_id"),
    "no_category": discussions.c.category_id.is_(None),
    "author_id": posts.c.author_id == bindparam("author_id"),
    "locked": discussions.c.locked == bindparam("locked"),
}


@cache
def listed(
    order: DiscussionOrderField, *, descending: bool, bounded: bool, filters: frozenset[str]
) -> Statement[DiscussionRow]:
    """A page of all discussions that are not deleted.

    Parameters are `limit`, those of the filters, and, where it is `bounded`, `value` and `id` of the discussion to
    begin after.
    """
    key = ORDERS[order]
    # The id out of the very index that holds the key, so that the index is walked and nothing sorted.
    tie = discussion_counts.c.discussion_id if key.table is discussion_counts else discussions.c.id
    narrow = discussion_counts.join(discussions, discussions.c.id == discussion_counts.c.discussion_id)
    if "author_id" in filters:
        narrow = narrow.join(posts, and_(posts.c.discussion_id == discussions.c.id, posts.c.sequence == 0))
    direction = (key.desc(), tie.desc()) if descending else (key, tie)
    # Which ones is decided on narrow rows; without that, SQLite walks all posts to find the opening ones.
    chosen = select(tie).select_from(narrow).where(discussions.c.deleted_at.is_(None))
    for name in sorted(filters):
        chosen = chosen.where(FILTERS[name])
    if bounded:
        chosen = chosen.where(_beyond(key, tie, descending=descending))
    within = chosen.order_by(*direction).limit(bindparam("limit")).correlate(None)
    return Statement(
        select(*_columns).select_from(_joined).where(discussions.c.id.in_(within)).order_by(*direction), DiscussionRow
    )


def _beyond(key: ColumnElement[Any], tie: ColumnElement[Any], *, descending: bool) -> ColumnElement[bool]:
    place = tuple_(key, tie)
    bound = tuple_(bindparam("value", type_=key.type), bindparam("id", type_=tie.type))
    return place < bound if descending else place > bound


@cache
def counted(filters: frozenset[str]) -> Statement[CountRow]:
    statement = select(literal(0).label("parent"), func.count().label("total")).select_from(
        discussions.join(
            posts,
            and_(posts.c.discussion_id == discussions.c.id, posts.c.sequence == 0),
        )
    )
    for name in sorted(filters):
        statement = statement.where(FILTERS[name])
    return Statement(statement.where(discussions.c.deleted_at.is_(None)), CountRow)


@cache
def of_parents(
    parent: str, order: DiscussionOrderField, *, descending: bool, bounded: bool
) -> Statement[DiscussionRow]:
    """A page for each of `parents`: categories (`parent` is "category_id") or people ("author_id")."""
    key, tie = ORDERS[order], discussions.c.id
    direction = (key.desc(), tie.desc()) if descending else (key, tie)
    inner_discussions, inner_posts, inner_counts = (
        discussions.alias(),
        posts.alias(),
        discussion_counts.alias(),
    )
    inner_key = {"created_at": inner_discussions}.get(key.name, inner_counts).c[key.name]
    inner_parent = {"author_id": inner_posts}.get(parent, inner_discussions).c[parent]

    def choose(value: ColumnElement[int]) -> Select[Any]:
        chosen = (
            select(inner_discussions.c.id)
            .join(
                inner_posts,
                and_(
                    inner_posts.c.discussion_id == inner_discussions.c.id,
                    inner_posts.c.sequence == 0,
                ),
            )
            .join(inner_counts, inner_counts.c.discussion_id == inner_discussions.c.id)
            .where(inner_parent == value, inner_discussions.c.deleted_at.is_(None))
            .order_by(
                *(
                    (inner_key.desc(), inner_discussions.c.id.desc())
                    if descending
                    else (inner_key, inner_discussions.c.id)
                )
            )
            .limit(bindparam("limit"))
        )
        if bounded:
            chosen = chosen.where(_beyond(inner_key, inner_discussions.c.id, descending=descending))
        return chosen

    return Statement(
        lambda dialect: (
            select(*_columns)
            .select_from(_join(paged(dialect, "parents", discussions, discussions.c.id, choose)))
            .order_by(*direction)
        ),
        DiscussionRow,
    )


@cache
def counted_of_parents(parent: str) -> Statement[CountRow]:
    """How many discussions each of `parents` has that are not deleted."""
    column = {"category_id": discussions.c.category_id, "author_id": posts.c.author_id}[parent]
    return Statement(
        select(column.label("parent"), func.count().label("total"))
        .select_from(
            discussions.join(
                posts,
                and_(posts.c.discussion_id == discussions.c.id, posts.c.sequence == 0),
            )
        )
        .where(among(column, "parents"), discussions.c.deleted_at.is_(None))
        .group_by(column),
        CountRow,
    )


_insert = Statement(
    insert(discussions)
    .values(
        title=bindparam("title"),
        category_id=bindparam("category"),
        legacy_slug=bindparam("legacy_slug"),
        created_at=bindparam("at"),
    )
    .returning(discussions.c.id),
    IdRow,
)
_insert_counts = WriteStatement(
    insert(discussion_counts).values(
        discussion_id=bindparam("discussion"),
        participant_count=bindparam("participants"),
        last_activity_at=bindparam("at"),
    )
)
_insert_reply_counts = WriteStatement(insert(reply_counts).values(discussion_id=bindparam("discussion"), sequence=0))
_insert_participant = WriteStatement(
    insert(participants).values(discussion_id=bindparam("discussion"), user_id=bindparam("user"))
)


async def insert_discussion(
    tx: Transaction, *, title: str, category_id: int | None, author_id: int, legacy_slug: str | None = None
) -> int:
    """Inserts a discussion with an empty log and no opening post yet, and returns its id."""
    row = await tx.row(
        _insert,
        title=title,
        category=category_id,
        legacy_slug=legacy_slug,
        at=tx.at,
    )
    assert row is not None
    await tx.open_log(row.id)
    await tx.run(_insert_counts, discussion=row.id, participants=1, at=tx.at)
    await tx.run(_insert_reply_counts, discussion=row.id)
    await tx.run(_insert_participant, discussion=row.id, user=author_id)
    return row.id


change = WriteStatement(
    update(discussions)
    .where(discussions.c.id == bindparam("discussion"))
    .values(title=bindparam("title"), category_id=bindparam("category"))
)
set_locked = WriteStatement(
    update(discussions).where(discussions.c.id == bindparam("discussion")).values(locked=bindparam("locked"))
)
soft_delete = WriteStatement(
    update(discussions).where(discussions.c.id == bindparam("discussion")).values(title="", deleted_at=bindparam("at"))
)
undelete = WriteStatement(
    update(discussions)
    .where(discussions.c.id == bindparam("discussion"))
    .values(title=bindparam("title"), deleted_at=None)
)
