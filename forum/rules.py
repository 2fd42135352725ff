"""Rules that several use cases share, checked under the lock of the discussion."""

from collections.abc import Sequence
from typing import Any

import db.categories
import db.discussions
import db.posts
import db.replies
from db.database import Transaction
from db.logs import is_discussion
from db.replies import ParentRow
from db.rows import DiscussionRow, HeadRow, PostRow, ReplyRow
from forum.errors import (
    CategoryNotFound,
    DiscussionLocked,
    DiscussionNotFound,
    EditConflict,
    NotAllowed,
    ReplyNotFound,
)
from forum.use_cases import Actor


async def lock_discussion(tx: Transaction, discussion_id: int, *, events: int = 0, replies: int = 0) -> HeadRow:
    """Locks the log of a discussion, as `Transaction.lock_log`. Raises DiscussionNotFound."""
    head = await tx.lock_log(discussion_id, events=events, replies=replies) if is_discussion(discussion_id) else None
    if head is None:
        raise no_discussion(discussion_id)
    return head


async def concerns(tx: Transaction, post_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Whom and what an event about each of these posts concerns now, as the fields of an Event, by post id."""
    return {
        row.post_id: {
            "author_id": row.author_id,
            "answered_id": row.answered_id,
            "category_id": row.category_id,
            "people": row.people,
        }
        for row in await tx.rows(db.posts.subjects, ids=list(post_ids))
    }


def no_discussion(discussion_id: int) -> DiscussionNotFound:
    """The error for a discussion that does not exist."""
    return DiscussionNotFound(f"There is no discussion {discussion_id}.", ("discussion_id",))


async def locked_discussion(tx: Transaction, discussion_id: int, *, events: int = 0) -> DiscussionRow:
    """Locks a discussion and returns its row. Raises DiscussionNotFound, also for a deleted one."""
    await lock_discussion(tx, discussion_id, events=events)
    row = await tx.row(db.discussions.by_id, id=discussion_id)
    if row is None or row.deleted_at is not None:
        raise no_discussion(discussion_id)
    return row


async def locked_reply(tx: Transaction, reply_id: int, *, events: int = 0) -> ReplyRow:
    """Locks the discussion of a reply, and returns the reply. Raises ReplyNotFound, also for a deleted one."""
    before = check_reply(await tx.row(db.replies.by_ids, ids=[reply_id]), reply_id)
    await lock_discussion(tx, before.discussion_id, events=events)
    return check_reply(await tx.row(db.replies.by_ids, ids=[reply_id]), reply_id)


def check_reply(reply: ReplyRow | None, reply_id: int) -> ReplyRow:
    """Raises ReplyNotFound for a reply that does not exist or has been deleted."""
    if reply is None or reply.deleted_at is not None:
        raise no_reply(reply_id)
    return reply


def no_reply(reply_id: int) -> ReplyNotFound:
    """The error for a reply that does not exist or has been deleted."""
    return ReplyNotFound(f"There is no reply R_{reply_id}, or it has been deleted.", ("reply_id",))


def check_open(parent: ParentRow | None, discussion_id: int, part: str) -> ParentRow:
    """Raises DiscussionNotFound or DiscussionLocked for a discussion that accepts no replies or edits."""
    if parent is None or parent.deleted:
        raise no_discussion(discussion_id)
    if parent.locked:
        raise DiscussionLocked(f"Discussion {discussion_id} is locked: nobody can write in it.", (part,))
    return parent


def check_author(post: PostRow, actor: Actor, what: str, part: str) -> None:
    """Raises NotAllowed unless the actor wrote the post."""
    if post.author_id != actor.user_id:
        raise NotAllowed(f"Only its author can edit a {what}.", (part,))


def check_version(post: PostRow, expected: int, name: str) -> None:
    """Raises EditConflict unless the post is at the version that the edit was made from."""
    if post.version != expected:
        message = f"{name} is at version {post.version}, not {expected}. Merge your edit with the current version."
        raise EditConflict(message, ("expected_version",), post)


async def check_category(tx: Transaction, category_id: int | None) -> None:
    """Raises CategoryNotFound."""
    if category_id is not None and not await tx.rows(db.categories.by_ids, ids=[category_id]):
        raise CategoryNotFound(f"There is no category {category_id}.", ("category_id",))
