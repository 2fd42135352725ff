"""What a person wrote, removed in one act or brought back: what there is, and how far each act is."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, delete, func, select, tuple_, update

from db.rows import IdRow, Row
from db.statements import Statement, WriteStatement, among, inserted
from db.tables import Moment, audit_entries, deleted_posts, discussions, posts, removal_jobs


class RemovalRow(Row):
    """An act on the posts of a person that is under way, and the place of the last post that is done."""

    __slots__ = ()

    audit_entry_id: int
    author_id: int | None
    undoes: int | None
    """The act whose posts come back; None if posts are removed."""
    begins_at: datetime | None
    """Posts that were written before are left alone."""
    last_post_id: int
    discussion_id: int
    sequence: int


class ExtentRow(Row):
    """How much a removal would take."""

    __slots__ = ()

    posts: int
    discussions: int
    """How many of these posts open a discussion."""
    last_post_id: int | None
    """The highest id of them."""


class OthersRow(Row):
    """How many replies of others are in the discussions that a removal would take whole."""

    __slots__ = ()

    total: int


class PlaceRow(Row):
    """The place of a post."""

    __slots__ = ()

    post_id: int
    discussion_id: int
    sequence: int


class LivingRow(Row):
    """A post that is to be removed, as it is now."""

    __slots__ = ()

    post_id: int
    sequence: int
    version: int


_author: Any = bindparam("author")
_since: Any = bindparam("since", type_=Moment)
_theirs = and_(
    posts.c.author_id == _author,
    posts.c.created_at >= _since,
    posts.c.deleted_at.is_(None),
    posts.c.discussion_id == discussions.c.id,
    discussions.c.deleted_at.is_(None),
)
extent = Statement(
    select(
        func.count().label("posts"),
        func.count().filter(posts.c.sequence == 0).label("discussions"),
        func.max(posts.c.id).label("last_post_id"),
    )
    .select_from(posts, discussions)
    .where(_theirs),
    ExtentRow,
)
"""What the person `author` wrote at `since` or later, and can be read."""
_started = select(posts.c.discussion_id).where(_theirs, posts.c.sequence == 0)
_reply = posts.alias("reply")
others_below = Statement(
    select(func.count().label("total"))
    .select_from(_reply)
    .where(
        _reply.c.discussion_id.in_(_started),
        _reply.c.author_id.is_distinct_from(_author),
        _reply.c.deleted_at.is_(None),
    ),
    OthersRow,
)
"""The replies of others in the discussions that are among these posts."""

_behind: ColumnElement[bool] = tuple_(posts.c.discussion_id, posts.c.sequence) > tuple_(
    bindparam("discussion"), bindparam("after")
)
_of_removal = and_(_theirs, posts.c.id <= bindparam("last"))
_place = (posts.c.id.label("post_id"), posts.c.discussion_id, posts.c.sequence)
places = Statement(
    select(*_place)
    .select_from(posts, discussions)
    .where(_of_removal, _behind)
    .order_by(posts.c.discussion_id, posts.c.sequence)
    .limit(bindparam("limit")),
    PlaceRow,
)
"""The next posts that a removal takes, behind a place."""
living = Statement(
    select(posts.c.id.label("post_id"), posts.c.sequence, posts.c.version)
    .where(among(posts.c.id, "ids"), posts.c.author_id == _author, posts.c.deleted_at.is_(None))
    .order_by(posts.c.sequence),
    LivingRow,
)
"""Those of the posts `ids` that are still there."""
living_in_discussion = Statement(
    select(posts.c.id)
    .select_from(posts, discussions)
    .where(_of_removal, posts.c.discussion_id == bindparam("discussion")),
    IdRow,
)
"""Those that a removal takes in one discussion."""

_removed = and_(deleted_posts.c.audit_entry_id == bindparam("entry"), deleted_posts.c.post_id == posts.c.id)
removed = Statement(
    select(
        func.count().label("posts"),
        func.count().filter(posts.c.sequence == 0).label("discussions"),
        func.max(posts.c.id).label("last_post_id"),
    )
    .select_from(deleted_posts, posts)
    .where(_removed, deleted_posts.c.author_id == _author),
    ExtentRow,
)
"""What an act of removal has taken of the person."""
places_of_removed = Statement(
    select(*_place)
    .select_from(deleted_posts, posts)
    .where(_removed, _behind)
    .order_by(posts.c.discussion_id, posts.c.sequence)
    .limit(bindparam("limit")),
    PlaceRow,
)
"""The next posts that an act of removal deleted and that are still deleted, of others too, behind a place."""
removed_in_discussion = Statement(
    select(posts.c.id)
    .select_from(deleted_posts, posts)
    .where(
        _removed,
        deleted_posts.c.author_id == _author,
        deleted_posts.c.is_kept,
        posts.c.discussion_id == bindparam("discussion"),
        deleted_posts.c.act == bindparam("act"),
    ),
    IdRow,
)
"""What it has taken of the person in one discussion, by the act of a deletion."""

_columns = [removal_jobs.c[name] for name in RemovalRow.columns]
every = Statement(select(*_columns).order_by(removal_jobs.c.audit_entry_id), RemovalRow)
of_entry = Statement(select(*_columns).where(removal_jobs.c.audit_entry_id == bindparam("entry")), RemovalRow)
add = WriteStatement(inserted(removal_jobs))
_is_here = and_(
    removal_jobs.c.audit_entry_id == bindparam("entry"),
    removal_jobs.c.discussion_id == bindparam("from_discussion"),
    removal_jobs.c.sequence == bindparam("from_sequence"),
)
advance = Statement(
    update(removal_jobs)
    .where(_is_here)
    .values(discussion_id=bindparam("to_discussion"), sequence=bindparam("to_sequence"))
    .returning(removal_jobs.c.audit_entry_id.label("id")),
    IdRow,
)
"""Moves an act on from one place to another; it gives no row if it is no longer there."""
end = Statement(
    delete(removal_jobs)
    .where(removal_jobs.c.audit_entry_id == bindparam("entry"))
    .returning(removal_jobs.c.audit_entry_id.label("id")),
    IdRow,
)
"""Ends an act; it gives no row if it has ended already."""
skip_rest = WriteStatement(
    update(audit_entries)
    .where(audit_entries.c.id == bindparam("entry"), audit_entries.c.total > audit_entries.c.done)
    .values(skipped=audit_entries.c.total - audit_entries.c.done)
)
"""Counts what is not done as passed over."""
