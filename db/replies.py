"""Replies: their rows, flat lists, and counts."""

from functools import cache, partial
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    exists,
    false,
    func,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.expression import FromClause

from db import counts, deletion_jobs, idempotency, listing, paths
from db.database import Transaction, epoch_before
from db.posts import OPENING_PATH, PostDraft, PostPlace, content, next_id
from db.posts import columns as post_columns
from db.rows import AuthoredReplyRow, LockedHeadRow, ReplyRow, Row
from db.statements import Dialect, Reads, Statement, WriteStatement, among, each, paged, paged_by
from db.tables import categories, discussion_counts, discussions, log_heads, participants, posts, reply_counts, users
from db.user_columns import author_columns, is_ever_held


def _looked_up(column: Column[int]) -> ColumnElement[int]:
    """A count, looked up for each reply: joined, PostgreSQL's generic plan reads all counts for every reply."""
    here = and_(reply_counts.c.discussion_id == posts.c.discussion_id, reply_counts.c.sequence == posts.c.sequence)
    return select(column).where(here).correlate(posts).scalar_subquery().label(column.name)


columns: list[ColumnElement[Any]] = [
    *post_columns(),
    posts.c.reply_to_id,
    posts.c.path.label("path_bytes"),
    posts.c.depth,
    _looked_up(reply_counts.c.reply_count),
    _looked_up(reply_counts.c.descendant_count),
]


# The post has the author's id.
_author_columns = author_columns()[1:]


def columns_of(row: type[ReplyRow]) -> list[ColumnElement[Any]]:
    """The columns of ReplyRow, AuthoredReplyRow or one of them without some, in order."""
    return [column for column in (*columns, *_author_columns) if column.name in row.columns]


def join(base: FromClause, row: type[ReplyRow] = ReplyRow) -> FromClause:
    """Joins the authors, where the row has them, to what holds `posts`."""
    return base.outerjoin(users, users.c.id == posts.c.author_id) if issubclass(row, AuthoredReplyRow) else base


def _that_are(*conditions: ColumnElement[bool]) -> Select[Any]:
    """Replies, wherever they are read by themselves and not by way of their discussion, which may be deleted."""
    return deletion_jobs.as_tombstones(select(*columns).where(posts.c.path != OPENING_PATH, *conditions), columns)


by_ids = Statement(
    _that_are(among(posts.c.id, "ids")), ReplyRow, reads=Reads(of_discussions=("discussion_id",), each="ids")
)

by_sequences = Statement(
    _that_are(among(posts.c.discussion_id, "discussions"), among(posts.c.sequence, "sequences")),
    ReplyRow,
    reads=Reads(discussions=("discussions",)),
)
"""The replies of the discussions that have these sequences: all pairs, of which the caller takes those it wanted."""


_READS_OF_PARENTS = {
    "discussion_id": Reads(discussions=("parents",)),
    # The answers to a reply are in its discussion, which the same query has read.
    "reply_to_id": Reads(),
}


@cache
def of_parents(parent: str, order: str, *, descending: bool) -> Statement[ReplyRow]:
    """A flat page of listed replies for each of `parents`: discussions, replies or people, as the column `parent` says.

    `order` is "sequence" or "created_at". Parameters: `limit`; `low` and `high`, exclusive bounds; with "created_at"
    also `low_at` and `high_at`, and the first two break ties, by the id for a user's replies.
    """
    inner = posts.alias()
    tie = "id" if parent == "author_id" else "sequence"

    def keys(table: FromClause) -> list[ColumnElement[Any]]:
        return [table.c.created_at, table.c[tie]] if order == "created_at" else [table.c[order]]

    def bound(name: str) -> ColumnElement[Any]:
        names = [f"{name}_at", name] if order == "created_at" else [name]
        return tuple_(*[bindparam(each, type_=key.type) for each, key in zip(names, keys(inner), strict=True)])

    def choose(dialect: Dialect, value: ColumnElement[int]) -> Select[Any]:
        place = tuple_(*keys(inner))
        chosen = select(inner.c.id).where(inner.c[parent] == value, place > bound("low"), place < bound("high"))
        if parent == "author_id":
            # What somebody wrote has an author, and so is no tombstone.
            chosen = chosen.where(inner.c.sequence > 0, ~deletion_jobs.is_under_way(inner))
        else:
            # By the path, which the index by time lacks: in that, PostgreSQL would read all of a discussion to sort it.
            chosen = chosen.where(inner.c.path != OPENING_PATH, inner.c.listed)
        return paged_by(dialect, [chosen], *keys(inner), descending=descending, parent=value)

    return Statement(
        lambda dialect: (
            select(*columns)
            .select_from(paged(dialect, "parents", posts, posts.c.id, partial(choose, dialect)))
            .order_by(*[key.desc() if descending else key for key in keys(posts)])
        ),
        ReplyRow,
        reads=_READS_OF_PARENTS.get(parent),
    )


of_users_counted = counts.counted_of_parents(
    lambda value: select(posts.c.id).where(
        posts.c.author_id == value, posts.c.sequence > 0, ~deletion_jobs.is_under_way(posts)
    )
)
"""How many replies each of the people `parents` has written that are not deleted: see db.counts."""


def as_inserted(tx: Transaction, post_id: int, draft: PostDraft, place: PostPlace, *, author_id: int) -> ReplyRow:
    """The row of a reply that this transaction inserts, as it would be read."""
    values = content(draft) | {
        "post_id": post_id,
        "discussion_id": place.discussion_id,
        "sequence": place.sequence,
        "author_id": author_id,
        "version": 1,
        "created_at": tx.at,
        "last_edited_at": None,
        "deleted_at": None,
        "legacy_id": draft.legacy_id,
        "last_event": place.event_number,
        "reply_to_id": place.reply_to_id,
        "path_bytes": place.path,
        "depth": paths.depth(place.path),
        "reply_count": 0,
        "descendant_count": 0,
    }
    return ReplyRow.of_values([values[name] for name in ReplyRow.columns])


class ParentRow(Row):
    """What decides whether a discussion takes a reply, and where the reply goes."""

    __slots__ = ()

    locked: bool
    deleted: bool
    parent_sequence: int | None
    parent_path: bytes | None
    parent_deleted: bool
    category_id: int | None
    answered_id: int | None
    """Who wrote what the reply answers: the reply `parent`, or else the opening post."""
    parent_listed: bool | None
    """False for a tombstone that lists do not show."""
    category_premoderated: bool
    """Whether all that `author` writes in this category is held."""
    person_premoderated: bool
    """Whether all that `author` writes is held."""


class NewReplyRow(LockedHeadRow, ParentRow):
    """What decides whether a discussion takes a reply, and what the reply needs to be written."""

    __slots__ = ()

    post_id: int
    """The id that the reply gets."""
    takes_part: bool
    """Whether its author has another visible post in the discussion."""
    earlier: str | None
    """The outcome of an earlier write of the same words: `idempotency.of_words`."""


_parent = posts.alias("parent")
_opening = posts.alias("opening")
_parent_columns: list[ColumnElement[Any]] = [
    discussions.c.locked,
    discussions.c.deleted_at.is_not(None).label("deleted"),
    _parent.c.sequence.label("parent_sequence"),
    _parent.c.path.label("parent_path"),
    _parent.c.deleted_at.is_not(None).label("parent_deleted"),
    discussions.c.category_id,
    func.coalesce(
        _parent.c.author_id,
        select(_opening.c.author_id)
        .where(_opening.c.discussion_id == discussions.c.id, _opening.c.sequence == 0, _parent.c.id.is_(None))
        .correlate(discussions, _parent)
        .scalar_subquery(),
    ).label("answered_id"),
    _parent.c.listed.label("parent_listed"),
    and_(is_ever_held, func.coalesce(categories.c.premoderated, false())).label("category_premoderated"),
    and_(is_ever_held, users.c.premoderated).label("person_premoderated"),
]
_author: ColumnElement[int] = bindparam("author", type_=BigInteger)
_discussion_and_parent = (
    discussions.outerjoin(
        _parent,
        and_(_parent.c.discussion_id == discussions.c.id, _parent.c.id == bindparam("parent"), _parent.c.sequence > 0),
    )
    .join(users, users.c.id == _author)
    .outerjoin(categories, categories.c.id == discussions.c.category_id)
)
parent = Statement(
    select(*_parent_columns).select_from(_discussion_and_parent).where(discussions.c.id == bindparam("discussion")),
    ParentRow,
)
"""The state of a discussion for somebody who writes, `author`, and of the reply `parent` in it, whose columns are null
if there is none."""


def _new_reply(dialect: Dialect) -> Select[Any]:
    theirs = and_(participants.c.discussion_id == discussions.c.id, participants.c.user_id == _author)
    return (
        select(
            *_parent_columns,
            log_heads.c.log_id,
            log_heads.c.last_event,
            log_heads.c.last_reply,
            epoch_before,
            next_id(dialect).label("post_id"),
            exists().where(theirs).correlate(discussions).label("takes_part"),
            idempotency.of_words(_author).label("earlier"),
        )
        .select_from(_discussion_and_parent.join(log_heads, log_heads.c.log_id == discussions.c.id))
        .where(discussions.c.id == bindparam("log"))
    )


new_reply = Statement(_new_reply, NewReplyRow)
"""As `parent`, of the discussion `log` under its lock, with what else a reply of `author` needs."""


def _count_up(dialect: Dialect) -> Any:
    """Makes the counts of a reply and adds it to those of its ancestors; `sequences` are all of these."""
    base, sequence = each(dialect, "sequences")
    discussion = bindparam("discussion", type_=BigInteger)
    made = (postgresql if dialect == "postgresql" else sqlite).insert(reply_counts)
    is_answered = reply_counts.c.sequence == bindparam("above")
    # SQLite takes ON for the condition of a join unless there is a WHERE.
    chosen = select(discussion, sequence).select_from(base).where(true())
    return made.from_select(["discussion_id", "sequence"], chosen).on_conflict_do_update(
        index_elements=["discussion_id", "sequence"],
        set_={
            "descendant_count": reply_counts.c.descendant_count + 1,
            "reply_count": reply_counts.c.reply_count + case((is_answered, 1), else_=0),
        },
    )


_count = WriteStatement(_count_up)
_count_discussion = WriteStatement(
    update(discussion_counts)
    .where(discussion_counts.c.discussion_id == bindparam("discussion"))
    .values(
        reply_count=discussion_counts.c.reply_count + 1,
        participant_count=discussion_counts.c.participant_count + bindparam("newcomers"),
        last_activity_at=bindparam("at"),
    )
)

_be_active = WriteStatement(
    update(discussion_counts)
    .where(discussion_counts.c.discussion_id == bindparam("discussion"))
    .values(last_activity_at=bindparam("at"))
)


async def count_reply(tx: Transaction, place: PostPlace, *, author_id: int, takes_part: bool) -> None:
    """Counts a new reply at each of its ancestors, which are listed since what it answers is visible.

    `takes_part`: whether its author has another visible post in the discussion.
    """
    discussion_id = place.discussion_id
    way = [0, *paths.sequences(place.path)]
    await tx.run(_count, discussion=discussion_id, sequences=way, above=way[-2])
    await tx.run(listing.add_post, discussion=discussion_id, user=author_id, count=1)
    await tx.run(_count_discussion, discussion=discussion_id, newcomers=int(not takes_part), at=tx.at)


async def count_below_unlisted(tx: Transaction, place: PostPlace, post_id: int) -> None:
    """Counts a new reply that answers a tombstone which lists do not show: it brings back those above it."""
    await tx.run(_count, discussion=place.discussion_id, sequences=[place.sequence], above=-1)
    await listing.after_adding(tx, place.discussion_id, post_id)
    await tx.run(_be_active, discussion=place.discussion_id, at=tx.at)
