"""Discussions: their rows and lists, and the writes that start, change, lock and end them."""

import secrets
from dataclasses import dataclass
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

from db import posts as post_writes
from db.categories import by_ids as categories_by_ids
from db.database import EPOCH_BYTES, Event, Transaction
from db.failures import (
    CategoryNotFound,
    DiscussionLocked,
    DiscussionNotFound,
    EditConflict,
    NotAllowed,
    Refused,
)
from db.posts import Actor, PostDraft
from db.rows import CountRow, DiscussionRow, IdRow
from db.statements import Command, Statement, among, paged
from db.tables import (
    discussion_counts,
    discussion_heads,
    discussion_views,
    discussions,
    events,
    participants,
    posts,
    reply_counts,
)

_columns: list[ColumnElement[Any]] = [
    *post_writes.columns(),
    discussions.c.title,
    discussions.c.category_id,
    discussions.c.locked,
    discussions.c.epoch,
    discussions.c.log_floor,
    discussion_heads.c.last_event,
    events.c.epoch.label("last_epoch"),
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
        .join(discussion_heads, discussion_heads.c.discussion_id == discussions.c.id)
        .join(discussion_counts, discussion_counts.c.discussion_id == discussions.c.id)
        .outerjoin(discussion_views, discussion_views.c.discussion_id == discussions.c.id)
        .outerjoin(
            events,
            and_(
                events.c.discussion_id == discussions.c.id,
                events.c.number == discussion_heads.c.last_event,
            ),
        )
    )


_joined = _join(discussions)

by_ids = Statement(
    select(*_columns).select_from(_joined).where(among(discussions.c.id, "ids")),
    DiscussionRow,
)

by_id = Statement(select(*_columns).select_from(_joined).where(discussions.c.id == bindparam("id")), DiscussionRow)
"""One discussion: for a list of unknown length PostgreSQL plans each time anew, and longer than it reads."""

of_posts = Statement(
    select(*_columns).select_from(_joined).where(among(posts.c.id, "ids")),
    DiscussionRow,
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

ORDERS = {
    "LAST_ACTIVITY_AT": discussion_counts.c.last_activity_at,
    "CREATED_AT": discussions.c.created_at,
    "REPLY_COUNT": discussion_counts.c.reply_count,
}
FILTERS = {
    "category_id": discussions.c.category_id == bindparam("category_id"),
    "no_category": discussions.c.category_id.is_(None),
    "author_id": posts.c.author_id == bindparam("author_id"),
    "locked": discussions.c.locked == bindparam("locked"),
}


@cache
def listed(order: str, *, descending: bool, bounded: bool, filters: frozenset[str]) -> Statement[DiscussionRow]:
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
def of_parents(parent: str, order: str, *, descending: bool, bounded: bool) -> Statement[DiscussionRow]:
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


@dataclass(frozen=True, slots=True)
class DiscussionDraft:
    """A discussion to start, checked and rendered. The legacy fields are the importer's."""

    title: str
    post: PostDraft
    category_id: int | None = None
    legacy_slug: str | None = None


_insert = Statement(
    insert(discussions)
    .values(
        title=bindparam("title"),
        category_id=bindparam("category"),
        epoch=bindparam("epoch"),
        legacy_slug=bindparam("legacy_slug"),
        created_at=bindparam("at"),
    )
    .returning(discussions.c.id),
    IdRow,
)
_insert_head = Command(insert(discussion_heads).values(discussion_id=bindparam("discussion")))
_insert_counts = Command(
    insert(discussion_counts).values(
        discussion_id=bindparam("discussion"),
        participant_count=bindparam("participants"),
        last_activity_at=bindparam("at"),
    )
)
_insert_reply_counts = Command(insert(reply_counts).values(discussion_id=bindparam("discussion"), sequence=0))
_insert_participant = Command(
    insert(participants).values(discussion_id=bindparam("discussion"), user_id=bindparam("user"))
)


async def start_discussion(tx: Transaction, draft: DiscussionDraft, actor: Actor) -> int:
    """Puts a discussion down with its opening post and an empty log, and gives its id. Raises CategoryNotFound."""
    if draft.category_id is not None and not await tx.rows(categories_by_ids, ids=[draft.category_id]):
        raise Refused(CategoryNotFound(f"There is no category {draft.category_id}.", ("category_id",)))
    at = draft.post.created_at or tx.at
    row = await tx.row(
        _insert,
        title=draft.title,
        category=draft.category_id,
        epoch=secrets.token_bytes(EPOCH_BYTES),
        legacy_slug=draft.legacy_slug,
        at=at,
    )
    assert row is not None
    await tx.run(_insert_head, discussion=row.id)
    await tx.run(_insert_counts, discussion=row.id, participants=1, at=at)
    await tx.run(_insert_reply_counts, discussion=row.id)
    await tx.run(_insert_participant, discussion=row.id, user=actor.user_id)
    await post_writes.insert_post(
        tx,
        draft.post,
        discussion_id=row.id,
        sequence=0,
        reply_to_id=None,
        path=b"",
        newest_path=b"",
        author_id=actor.user_id,
        title=draft.title,
    )
    return row.id


_change = Command(
    update(discussions)
    .where(discussions.c.id == bindparam("discussion"))
    .values(title=bindparam("title"), category_id=bindparam("category"))
)
_set_locked = Command(
    update(discussions).where(discussions.c.id == bindparam("discussion")).values(locked=bindparam("locked"))
)
_soft_delete = Command(
    update(discussions).where(discussions.c.id == bindparam("discussion")).values(title="", deleted_at=bindparam("at"))
)
_living_posts = Statement(
    select(posts.c.id).where(posts.c.discussion_id == bindparam("discussion"), posts.c.deleted_at.is_(None)),
    IdRow,
)


async def _taken(tx: Transaction, discussion_id: int) -> DiscussionRow:
    """The discussion as it stands under its lock. Raises DiscussionNotFound, also for a deleted one."""
    await tx.take(discussion_id, events=0)
    row = await tx.row(by_ids, ids=[discussion_id])
    if row is None or row.deleted_at is not None:
        raise Refused(DiscussionNotFound(f"There is no discussion {discussion_id}.", ("discussion_id",)))
    return row


async def edit_discussion(
    tx: Transaction,
    discussion_id: int,
    *,
    expected_version: int,
    title: str,
    category_id: int | None,
    post: PostDraft,
    actor: Actor,
) -> None:
    """Gives the opening post its next version. Raises NotAllowed, EditConflict, DiscussionLocked, CategoryNotFound."""
    row = await _taken(tx, discussion_id)
    if row.author_id != actor.user_id:
        raise Refused(NotAllowed("Only its author edits a discussion.", ("discussion_id",)))
    if row.version != expected_version:
        raise Refused(
            EditConflict(
                f"Discussion {discussion_id} is at version {row.version}, not {expected_version}.",
                ("expected_version",),
                current=row,
            )
        )
    if row.locked:
        raise Refused(DiscussionLocked(f"Discussion {discussion_id} is locked.", ("discussion_id",)))
    if category_id is not None and not await tx.rows(categories_by_ids, ids=[category_id]):
        raise Refused(CategoryNotFound(f"There is no category {category_id}.", ("category_id",)))
    await tx.take(discussion_id, events=1)
    await post_writes.change_post(tx, row, post, title=row.title, next_title=title)
    await tx.run(_change, discussion=discussion_id, title=title, category=category_id)
    tx.tell(
        Event(
            "DiscussionUpdated",
            row.post_id,
            row.version + 1,
            actor.user_id,
            actor.client_mutation_id,
        )
    )


async def set_locked(tx: Transaction, discussion_id: int, *, locked: bool, actor: Actor) -> None:
    """Locks or unlocks; says nothing where it is so already. Raises NotAllowed for all but moderators."""
    row = await _taken(tx, discussion_id)
    if not actor.is_moderator:
        raise Refused(NotAllowed("Only a moderator locks and unlocks.", ("discussion_id",)))
    if row.locked != locked:
        await tx.take(discussion_id, events=1)
        await tx.run(_set_locked, discussion=discussion_id, locked=locked)
        tx.tell(
            Event(
                "DiscussionUpdated",
                row.post_id,
                row.version,
                actor.user_id,
                actor.client_mutation_id,
            )
        )


async def delete_discussion(tx: Transaction, discussion_id: int, actor: Actor) -> None:
    """Turns a discussion and all its replies into tombstones; counts and places stay.

    Raises NotAllowed for all but its author while nobody has answered, and moderators.
    """
    row = await _taken(tx, discussion_id)
    if not actor.is_moderator and (row.author_id != actor.user_id or row.reply_count > 0):
        raise Refused(
            NotAllowed(
                "Its author deletes a discussion while it has no replies, or a moderator.",
                ("discussion_id",),
            )
        )
    await tx.take(discussion_id, events=1)
    living = [post.id for post in await tx.rows(_living_posts, discussion=discussion_id)]
    await post_writes.soft_delete_posts(tx, [post for post in living if post != row.post_id])
    await post_writes.soft_delete_posts(tx, [row.post_id], title=row.title)
    await tx.run(_soft_delete, discussion=discussion_id, at=tx.at)
    tx.tell(
        Event(
            "DiscussionDeleted",
            row.post_id,
            row.version + 1,
            actor.user_id,
            actor.client_mutation_id,
        )
    )
