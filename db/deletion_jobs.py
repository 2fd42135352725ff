"""Large discussions that are deleted or restored in steps, and what is read of their posts meanwhile.

The first step changes what the discussion is, and leaves a row here; the others follow, each in a short transaction
(forum/deletion_jobs.py). Until its own step comes, a post of a deleted discussion is read as the tombstone that it will
be: by what `as_tombstones` makes of a statement's columns.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, bindparam, case, delete, literal, null, select, update

from db.rows import Row
from db.statements import Statement, WriteStatement, among, inserted
from db.tables import deleted_posts, deletion_jobs, discussion_counts, discussions, participants, posts, reply_counts


class DeletionJobRow(Row):
    """A deletion or a restoring that is under way, and how much of it is done."""

    __slots__ = ()

    discussion_id: int
    is_deletion: bool
    """Or else a restoring."""
    act: int
    """The deletion: the number of its event."""
    number: int
    """The number of the event that began this."""
    former_act: int | None
    """The earlier deletion whose restoring this one has ended."""
    position: int
    """The sequence of the last post that is done."""
    total: int
    """The sequence of the last post."""


class PostInStepRow(Row):
    """A post of a discussion that is deleted."""

    __slots__ = ()

    post_id: int
    author_id: int | None
    deleted: bool


_select = select(
    deletion_jobs.c.discussion_id,
    deletion_jobs.c.is_deletion,
    deletion_jobs.c.act,
    deletion_jobs.c.number,
    deletion_jobs.c.former_act,
    deletion_jobs.c.position,
    deletion_jobs.c.total,
)
of_discussion = Statement(_select.where(deletion_jobs.c.discussion_id == bindparam("discussion")), DeletionJobRow)
every = Statement(_select.order_by(deletion_jobs.c.discussion_id), DeletionJobRow)
add = WriteStatement(inserted(deletion_jobs))
advance = WriteStatement(
    update(deletion_jobs)
    .where(deletion_jobs.c.discussion_id == bindparam("discussion"))
    .values(position=bindparam("done"))
)
end = WriteStatement(delete(deletion_jobs).where(deletion_jobs.c.discussion_id == bindparam("discussion")))

_of_discussion: Any = bindparam("discussion")


def _in_range(table: Table) -> ColumnElement[bool]:
    """Those of a discussion with sequences from behind `after` to `last`."""
    after: Any = bindparam("after")
    last: Any = bindparam("last")
    return and_(table.c.discussion_id == _of_discussion, table.c.sequence > after, table.c.sequence <= last)


_in_step = _in_range(posts)
in_step = Statement(
    select(posts.c.id.label("post_id"), posts.c.author_id, posts.c.deleted_at.is_not(None).label("deleted"))
    .where(_in_step)
    .order_by(posts.c.sequence),
    PostInStepRow,
)
"""The posts of a discussion with sequences from behind `after` to `last`."""
unlist = WriteStatement(update(posts).where(_in_step, posts.c.listed).values(listed=False))
"""Unlists the tombstones among these that answers had held up."""
count_none = WriteStatement(
    update(reply_counts)
    .where(_in_range(reply_counts), reply_counts.c.descendant_count > 0)
    .values(reply_count=0, descendant_count=0)
)
"""No answer to them is listed any more."""
leave = WriteStatement(
    delete(participants).where(participants.c.discussion_id == _of_discussion, among(participants.c.user_id, "users"))
)
empty_discussion = WriteStatement(
    update(discussion_counts)
    .where(discussion_counts.c.discussion_id == _of_discussion)
    .values(reply_count=0, participant_count=0)
)
join_act = WriteStatement(
    update(deleted_posts)
    .where(among(deleted_posts.c.post_id, "ids"), deleted_posts.c.act == bindparam("former_act"))
    .values(act=bindparam("of_act"))
)
"""Makes what an ended restoring has left deleted part of the deletion that ended it."""
show_event = WriteStatement(update(posts).where(among(posts.c.id, "ids")).values(last_event=bindparam("number")))
"""Notes the event by which restored posts are shown."""


def is_under_way(post: Any) -> ColumnElement[bool]:
    """Whether the discussion of a post is being deleted."""
    deleted: ColumnElement[bool] = post.c.discussion_id.in_(
        select(deletion_jobs.c.discussion_id).where(deletion_jobs.c.is_deletion)
    )
    return deleted


def is_hidden(post: Any = posts) -> ColumnElement[bool]:
    """Whether a post is not deleted yet while its discussion is."""
    return and_(is_under_way(post), post.c.deleted_at.is_(None))


def deleted_at(post: Any = posts) -> ColumnElement[Any]:
    """When a post was deleted, by itself or with its discussion."""
    of_discussion = select(discussions.c.deleted_at).where(discussions.c.id == post.c.discussion_id)
    lookup = of_discussion.correlate(post).scalar_subquery()
    return case((is_hidden(post), lookup), else_=post.c.deleted_at).label("deleted_at")


def as_tombstones(rows: Select[Any], columns: Sequence[ColumnElement[Any]]) -> Select[Any]:
    """Selects `columns`, those of `rows`, with hidden posts as the tombstones that they will be."""
    # Kept apart by OFFSET, so that PostgreSQL looks the discussion up once for a row and not once for each column.
    read = rows.add_columns(is_under_way(posts).label("is_under_way")).offset(literal(0)).subquery("read")
    is_hidden = and_(read.c.is_under_way, read.c.deleted_at.is_(None))
    here = read.c.discussion_id
    number = select(deletion_jobs.c.number).where(deletion_jobs.c.discussion_id == here).scalar_subquery()
    at = select(discussions.c.deleted_at).where(discussions.c.id == here).scalar_subquery()
    tombstone: dict[str, Any] = {
        "author_id": null(),
        "body": "",
        "body_html": "",
        "body_text": "",
        "version": read.c.version + 1,
        "deleted_at": at,
        "last_event": number,
    }
    # Nothing is listed below a tombstone of before, either.
    counts = ("reply_count", "descendant_count")
    values = {name: case((is_hidden, value), else_=read.c[name]) for name, value in tombstone.items()}
    values |= {name: case((read.c.is_under_way, 0), else_=read.c[name]) for name in counts}
    return select(*(values.get(column.name, read.c[column.name]).label(column.name) for column in columns))
