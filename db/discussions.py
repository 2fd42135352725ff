"""Discussions: their rows."""

from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, func, insert, literal_column, select, update
from sqlalchemy.sql.expression import FromClause

from db.database import Transaction
from db.posts import change_title
from db.posts import columns as post_columns
from db.rows import DiscussionRow, IdRow, Row
from db.search import SearchEntry
from db.statements import Reads, Statement, WriteStatement, among
from db.tables import (
    discussion_counts,
    discussion_views,
    discussions,
    log_heads,
    participants,
    posts,
    reply_counts,
)

columns: list[ColumnElement[Any]] = [
    *post_columns(),
    discussions.c.title,
    discussions.c.category_id,
    discussions.c.locked,
    discussions.c.pinned_at.is_not(None).label("pinned"),
    log_heads.c.epoch,
    log_heads.c.log_floor,
    log_heads.c.last_event.label("event_number"),
    log_heads.c.last_epoch,
    discussion_counts.c.reply_count,
    discussion_counts.c.participant_count,
    discussion_counts.c.last_activity_at,
    func.coalesce(discussion_views.c.view_count, 0).label("view_count"),
]


def join(base: FromClause) -> FromClause:
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


_joined = join(discussions)

by_ids = Statement(
    select(*columns).select_from(_joined).where(among(discussions.c.id, "ids")),
    DiscussionRow,
    reads=Reads(discussions=("ids",)),
)

by_id = Statement(
    select(*columns).select_from(_joined).where(discussions.c.id == bindparam("id")),
    DiscussionRow,
    reads=Reads(discussions=("id",)),
)
"""One discussion: for a list of unknown length PostgreSQL would plan each time, which takes longer than reading."""

of_posts = Statement(
    select(*columns).select_from(_joined).where(among(posts.c.id, "ids")),
    DiscussionRow,
    reads=Reads(of_discussions=("discussion_id",), each="ids"),
)
"""The discussions whose opening posts have these post ids."""

_slugged = select(*columns).select_from(_joined).order_by(discussions.c.id).limit(1)
by_legacy_slug = Statement(_slugged.where(discussions.c.legacy_slug == bindparam("slug")), DiscussionRow)
"""The discussion of an old address's slug."""

_slug: ColumnElement[Any] = bindparam("slug", type_=discussions.c.legacy_slug.type)
_first_of_cut_slug = (
    select(discussions.c.id)
    # The sign after "-" is ".".
    .where(discussions.c.legacy_slug > _slug + "-", discussions.c.legacy_slug < _slug + ".")
    # Computed, so that PostgreSQL does not walk through all discussions for the first.
    .order_by(discussions.c.id + literal_column("0"))
    .limit(literal_column("1"))
)
by_cut_legacy_slug = Statement(
    select(*columns)
    .select_from(_joined)
    .where(discussions.c.id == _first_of_cut_slug.correlate(None).scalar_subquery()),
    DiscussionRow,
)
"""The first discussion whose slug goes on after these words."""


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

_insert = Statement(
    insert(discussions)
    .values(
        title=bindparam("title"),
        category_id=bindparam("category"),
        author_id=bindparam("author"),
        legacy_slug=bindparam("legacy_slug"),
        created_at=bindparam("at"),
    )
    .returning(discussions.c.id),
    IdRow,
)
_insert_counts = WriteStatement(
    insert(discussion_counts).values(
        discussion_id=bindparam("discussion"),
        last_activity_at=bindparam("at"),
        category_id=bindparam("category"),
        author_id=bindparam("author"),
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
        author=author_id,
        legacy_slug=legacy_slug,
        at=tx.at,
    )
    assert row is not None
    await tx.open_log(row.id)
    await tx.run(_insert_counts, discussion=row.id, at=tx.at, category=category_id, author=author_id)
    await tx.run(_insert_reply_counts, discussion=row.id)
    await tx.run(_insert_participant, discussion=row.id, user=author_id)
    return row.id


_of_discussion = discussions.c.id == bindparam("discussion")
_change = WriteStatement(
    update(discussions)
    .where(_of_discussion)
    .values(title=bindparam("title"), category_id=bindparam("category"), retitled_by_id=None)
)
_move = WriteStatement(update(discussions).where(_of_discussion).values(category_id=bindparam("category")))
_retitle = WriteStatement(
    update(discussions).where(_of_discussion).values(title=bindparam("title"), retitled_by_id=bindparam("moderator"))
)
_set_pinned = WriteStatement(update(discussions).where(_of_discussion).values(pinned_at=bindparam("at")))
_set_locked = WriteStatement(update(discussions).where(_of_discussion).values(locked=bindparam("locked")))
_soft_delete = WriteStatement(update(discussions).where(_of_discussion).values(title="", deleted_at=bindparam("at")))
_undelete = WriteStatement(update(discussions).where(_of_discussion).values(title=bindparam("title"), deleted_at=None))
_set_author = WriteStatement(
    update(discussions)
    .where(_of_discussion, posts.c.discussion_id == discussions.c.id, posts.c.sequence == 0)
    .values(author_id=case((discussions.c.deleted_at.is_(None), posts.c.author_id)))
)
_set_listed = WriteStatement(
    update(discussion_counts)
    .where(
        discussion_counts.c.discussion_id == bindparam("discussion"),
        discussions.c.id == discussion_counts.c.discussion_id,
    )
    .values(
        category_id=discussions.c.category_id,
        author_id=discussions.c.author_id,
        locked=discussions.c.locked,
        listed=discussions.c.deleted_at.is_(None),
    )
)


async def relist(tx: Transaction, discussion_id: int) -> None:
    """Has lists show a discussion as it is: what they choose it by is copied to the rows that they are ordered by."""
    await tx.run(_set_author, discussion=discussion_id)
    await tx.run(_set_listed, discussion=discussion_id)


async def change(tx: Transaction, discussion_id: int, *, title: str, category_id: int | None) -> None:
    """Gives a discussion the title and the category that its author wants."""
    await tx.run(_change, discussion=discussion_id, title=title, category=category_id)
    await relist(tx, discussion_id)


async def move(tx: Transaction, discussion_id: int, *, category_id: int | None) -> None:
    """Puts a discussion in a category, or in none."""
    await tx.run(_move, discussion=discussion_id, category=category_id)
    await relist(tx, discussion_id)


async def retitle(
    tx: Transaction, post: DiscussionRow, *, title: str, moderator_id: int | None, entry: SearchEntry
) -> None:
    """Gives a discussion a moderator's title, and its opening post its next version, with the same words.

    `entry` is what the search index keeps of the opening post then.
    """
    await change_title(tx, post, title=post.title, entry=entry)
    await tx.run(_retitle, discussion=post.discussion_id, title=title, moderator=moderator_id)


async def set_pinned(tx: Transaction, discussion_id: int, *, pinned: bool) -> None:
    """Pins or unpins a discussion."""
    await tx.run(_set_pinned, discussion=discussion_id, at=tx.at if pinned else None)


async def set_locked(tx: Transaction, discussion_id: int, *, locked: bool) -> None:
    """Locks or unlocks a discussion."""
    await tx.run(_set_locked, discussion=discussion_id, locked=locked)
    await relist(tx, discussion_id)


async def soft_delete(tx: Transaction, discussion_id: int) -> None:
    """Takes a discussion's title and takes it out of all lists."""
    await tx.run(_soft_delete, discussion=discussion_id, at=tx.at)
    await relist(tx, discussion_id)


async def undelete(tx: Transaction, discussion_id: int, *, title: str) -> None:
    """Puts a discussion, whose opening post is there again, back into the lists, with its title."""
    await tx.run(_undelete, discussion=discussion_id, title=title)
    await relist(tx, discussion_id)
