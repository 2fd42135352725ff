"""Which posts lists show and count, kept in step when posts are deleted and restored.

A post is *listed* while it is visible, or while one that answers it is listed: a tombstone stays in its place for as
long as something below it can be read. `posts.listed` says so; `reply_counts` and `discussion_counts` count listed
replies. `participants` counts the visible posts of each person, and is without those who have none.

All of it is called under the lock of the discussion's head.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    and_,
    any_,
    bindparam,
    delete,
    func,
    literal_column,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from db import paths
from db.database import Transaction
from db.rows import CountRow, ReplyCountsRow, Row
from db.statements import Dialect, Statement, WriteStatement, among
from db.tables import discussion_counts, participants, posts, reply_counts

_, _TOP = paths.below(b"")


class _PostRow(Row):
    """A post as it is counted."""

    __slots__ = ()

    post_id: int
    sequence: int
    reply_to_id: int | None
    author_id: int | None
    deleted: bool
    listed: bool
    reply_count: int
    descendant_count: int


_counted = and_(reply_counts.c.discussion_id == posts.c.discussion_id, reply_counts.c.sequence == posts.c.sequence)


def _up_from(chosen: ColumnElement[bool], dialect: Dialect) -> CTE:
    """The ids of some posts and of all above them, each once."""
    up = select(posts.c.id, posts.c.reply_to_id).where(chosen).cte("up", recursive=True)
    parent = posts.alias("parent")
    if dialect == "sqlite":
        return up.union(select(parent.c.id, parent.c.reply_to_id).join(up, parent.c.id == up.c.reply_to_id))
    # PostgreSQL expects ten times as many as there are, and reads all posts of a forum unless it looks up each.
    looked_up = select(parent.c.id, parent.c.reply_to_id).where(parent.c.id == up.c.reply_to_id)
    above = looked_up.offset(literal_column("0")).lateral("above")
    return up.union(select(above.c.id, above.c.reply_to_id).select_from(up.join(above, true())))


def _in(up: CTE, dialect: Dialect) -> ColumnElement[bool]:
    """Whether a post is one of these. An array, since PostgreSQL expects thousands else, and reads all posts."""
    ids = select(up.c.id)
    return posts.c.id == any_(func.array(ids.scalar_subquery())) if dialect == "postgresql" else posts.c.id.in_(ids)


def _above(dialect: Dialect) -> Select[Any]:
    opening = and_(posts.c.discussion_id == bindparam("discussion"), posts.c.sequence == 0)
    up = _up_from(or_(among(posts.c.id, "ids"), opening), dialect)
    return (
        select(
            posts.c.id.label("post_id"),
            posts.c.sequence,
            posts.c.reply_to_id,
            posts.c.author_id,
            posts.c.deleted_at.is_not(None).label("deleted"),
            posts.c.listed,
            reply_counts.c.reply_count,
            reply_counts.c.descendant_count,
        )
        .join_from(posts, reply_counts, _counted)
        .where(_in(up, dialect))
    )


_with_all_above = Statement(_above, _PostRow)


def _with_ancestors(dialect: Dialect) -> Select[Any]:
    up = _up_from(among(posts.c.id, "ids"), dialect)
    return (
        select(
            posts.c.id.label("post_id"),
            posts.c.reply_to_id,
            posts.c.listed,
            reply_counts.c.reply_count,
            reply_counts.c.descendant_count,
        )
        .join_from(posts, reply_counts, _counted)
        .where(_in(up, dialect))
    )


with_ancestors = Statement(_with_ancestors, ReplyCountsRow)
"""The replies `ids` and all above them, each once."""
_list = WriteStatement(update(posts).where(among(posts.c.id, "ids")).values(listed=bindparam("listed")))
_count = WriteStatement(
    update(reply_counts)
    .where(reply_counts.c.discussion_id == bindparam("discussion"), reply_counts.c.sequence == bindparam("of_sequence"))
    .values(reply_count=bindparam("replies"), descendant_count=bindparam("descendants"))
)
_of_discussion = update(discussion_counts).where(discussion_counts.c.discussion_id == bindparam("discussion"))
_participants_now = discussion_counts.c.participant_count + bindparam("newcomers")
_count_participants = WriteStatement(_of_discussion.values(participant_count=_participants_now))
_count_discussion = WriteStatement(
    _of_discussion.values(reply_count=bindparam("replies"), participant_count=_participants_now)
)


def _join_in(dialect: Dialect) -> Any:
    made = (postgresql if dialect == "postgresql" else sqlite).insert(participants)
    return made.values(
        discussion_id=bindparam("discussion"), user_id=bindparam("user"), post_count=bindparam("count")
    ).on_conflict_do_update(
        index_elements=["discussion_id", "user_id"],
        set_={"post_count": participants.c.post_count + made.excluded.post_count},
    )


_post_count = (participants.c.user_id.label("parent"), participants.c.post_count.label("total"))


_add_posts = Statement(lambda dialect: _join_in(dialect).returning(*_post_count), CountRow)
add_post = WriteStatement(_join_in)
"""Counts `count` more visible posts of a `user` in a `discussion`."""
_theirs = and_(participants.c.discussion_id == bindparam("discussion"), participants.c.user_id == bindparam("user"))
_take_posts = Statement(
    update(participants)
    .where(_theirs)
    .values(post_count=participants.c.post_count - bindparam("count"))
    .returning(*_post_count),
    CountRow,
)
_leave = WriteStatement(delete(participants).where(_theirs))


async def count_posts(tx: Transaction, discussion_id: int, *, user_id: int, count: int = 1) -> int:
    """Counts visible posts of a person in a discussion, or takes them away if `count` is negative.

    Returns by how many its participants change.
    """
    if count > 0:
        row = await tx.row(_add_posts, discussion=discussion_id, user=user_id, count=count)
        return int(row is not None and row.total == count)
    row = await tx.row(_take_posts, discussion=discussion_id, user=user_id, count=-count)
    if row is None or row.total > 0:
        return 0
    await tx.run(_leave, discussion=discussion_id, user=user_id)
    return -1


async def before_deleting(tx: Transaction, discussion_id: int, post_ids: Sequence[int]) -> None:
    """Unlists and counts out replies that this transaction deletes, and tombstones above that hold up nothing more."""
    tree = await _Tree.above(tx, discussion_id, post_ids)
    replies = [tree.posts[post_id] for post_id in post_ids]
    people = Counter(reply.row.author_id for reply in replies if reply.row.author_id is not None)
    for reply in replies:
        reply.deleted = True
        tree.settle(reply)
    await tree.write(tx, {user_id: -count for user_id, count in people.items()})


async def after_restoring(tx: Transaction, discussion_id: int, post_ids: Sequence[int]) -> None:
    """Lists and counts replies that are visible again, and the tombstones above them."""
    tree = await _Tree.above(tx, discussion_id, post_ids)
    replies = [tree.posts[post_id] for post_id in post_ids]
    for reply in replies:
        tree.settle(reply)
    await tree.write(tx, Counter(reply.row.author_id for reply in replies if reply.row.author_id is not None))


async def after_adding(tx: Transaction, discussion_id: int, post_id: int) -> None:
    """Lists and counts a reply that this transaction inserted, and the tombstones above it.

    `reply_counts` has its row; for a reply whose ancestors are all listed, db.replies.count_reply does it with less.
    """
    tree = await _Tree.above(tx, discussion_id, [post_id])
    reply = tree.posts[post_id]
    reply.listed = False
    tree.settle(reply)
    assert reply.row.author_id is not None
    await tree.write(tx, {reply.row.author_id: 1})


async def after_anonymising(tx: Transaction, discussion_id: int, *, user_id: int) -> None:
    """Counts a visible post less of a person, since nobody is named as its author any more."""
    newcomers = await count_posts(tx, discussion_id, user_id=user_id, count=-1)
    await tx.run(_count_participants, discussion=discussion_id, newcomers=newcomers)


@dataclass(slots=True)
class _Post:
    """A post while its discussion is counted."""

    row: _PostRow
    deleted: bool
    listed: bool
    reply_count: int
    descendant_count: int


class _Tree:
    """Some replies of a discussion and all that is above them, by their ids."""

    def __init__(self, discussion_id: int, found: Iterable[_PostRow]) -> None:
        self.discussion_id = discussion_id
        self.posts = {
            row.post_id: _Post(row, row.deleted, row.listed, row.reply_count, row.descendant_count) for row in found
        }
        (self.opening,) = (post for post in self.posts.values() if post.row.sequence == 0)

    @classmethod
    async def above(cls, tx: Transaction, discussion_id: int, post_ids: Sequence[int]) -> Self:
        return cls(discussion_id, await tx.rows(_with_all_above, discussion=discussion_id, ids=list(post_ids)))

    def settle(self, post: _Post) -> None:
        """Decides again whether a reply is listed, then about each post above it.

        The order in which several are settled does not matter: each passes on what it changes all the way up.
        """
        below = all_below = 0
        while True:
            post.reply_count += below
            post.descendant_count += all_below
            is_listed = not post.deleted or post.reply_count > 0
            below = is_listed - post.listed
            all_below += below
            post.listed = is_listed
            if post is self.opening:
                return
            post = self.opening if post.row.reply_to_id is None else self.posts[post.row.reply_to_id]

    async def write(self, tx: Transaction, people: Mapping[int, int]) -> None:
        """Writes what has changed, and by how many the visible posts of people have."""
        for is_listed in (False, True):
            changed = [post for post in self.posts.values() if post.listed == is_listed != post.row.listed]
            if changed:
                await tx.run(_list, ids=[post.row.post_id for post in changed], listed=is_listed)
        await tx.run_many(
            _count,
            [
                {
                    "discussion": self.discussion_id,
                    "of_sequence": post.row.sequence,
                    "replies": post.reply_count,
                    "descendants": post.descendant_count,
                }
                for post in self.posts.values()
                if post.descendant_count != post.row.descendant_count
            ],
        )
        newcomers = 0
        for user_id, count in people.items():
            newcomers += await count_posts(tx, self.discussion_id, user_id=user_id, count=count)
        replies = self.opening.descendant_count
        if newcomers or replies != self.opening.row.descendant_count:
            await tx.run(_count_discussion, discussion=self.discussion_id, replies=replies, newcomers=newcomers)
