"""Deleting posts and restoring them: who may, who reads what is kept until then, and when it is gone.

ERASURE > MODERATOR > AUTHOR. What its author deleted, its author reads and restores, and nobody else; a moderator can
raise it to a moderator's deletion, which ends that, and gives nobody the words. What a moderator deleted, moderators
restore, and its author reads it as well. Of what was erased nothing is left. docs/concepts.md has the table.

The deletion of a discussion is one act over all its posts that are there, and its restoring brings back those of that
act: both in steps, if they are many (forum.deletion_jobs). Words are kept for `PARLEY_DELETED_DAYS`.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import NamedTuple

import db.audit
import db.deletion_jobs
import db.deletions
import db.discussions
import db.erasure
import db.listing
import db.quotes
import db.replies
import db.reviews
from db.database import Database, Event, Position, Transaction
from db.deletions import Act, DeletionRow, KeptWordsRow
from db.kinds import AuditAction, DeletedBy, DiscussionChange, EventKind
from db.posts import PostDraft
from db.rows import DiscussionRow, ReplyRow
from forum import audit, drafts, rules
from forum.deletion_jobs import (
    FIRST_STEP,
    Changed,
    begin_deletion,
    begin_restoring,
    drafts_of,
    finish_deletions,
    restore_posts,
    state,
)
from forum.errors import (
    DiscussionLocked,
    DiscussionNotFound,
    InvalidText,
    NotAllowed,
    NotRestorable,
    ReasonTooLong,
    ReplyNotFound,
)
from forum.use_cases import Actor, Command, Forum, Outcome, use_case

PURGED_AT_ONCE = 100
"""How many posts are purged in one transaction."""


def may_read_words(deletion: DeletionRow, *, is_author: bool, is_moderator: bool) -> bool:
    """Whether somebody may read what a deleted post said. Nothing else gives these words to anybody."""
    if not deletion.is_kept:
        return False
    return is_author or _is_open_to_moderators(deletion, is_moderator=is_moderator)


def may_restore(deletion: DeletionRow, *, is_author: bool, is_moderator: bool) -> bool:
    """Whether somebody may restore a post, or the discussion that it opens, as things stand there."""
    in_deleted = deletion.discussion_deleted and deletion.sequence > 0
    in_locked = deletion.locked and not is_moderator
    if not deletion.is_kept or in_deleted or in_locked:
        return False
    if deletion.by == DeletedBy.AUTHOR:
        return is_author
    return _is_open_to_moderators(deletion, is_moderator=is_moderator)


def _is_open_to_moderators(deletion: DeletionRow, *, is_moderator: bool) -> bool:
    return is_moderator and deletion.by == DeletedBy.MODERATOR and not deletion.is_raised


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteReply(Command):
    """A reply to delete."""

    mutation = "deleteReply"

    reply_id: int
    reason: str | None = None
    """Why, for its author and moderators."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteDiscussion(Command):
    """A discussion to delete."""

    mutation = "deleteDiscussion"

    discussion_id: int
    reason: str | None = None
    """Why, for its author and moderators."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreReply(Command):
    """A deleted reply that comes back."""

    mutation = "restoreReply"

    reply_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreDiscussion(Command):
    """A deleted discussion that comes back."""

    mutation = "restoreDiscussion"

    discussion_id: int


class Deleted(NamedTuple):
    """What one deletion was of, and where it is recorded."""

    discussion_id: int
    post_id: int
    position: Position
    audit_entry_id: int | None
    """None where somebody has deleted what they wrote."""


@use_case(ReplyNotFound, NotAllowed, ReasonTooLong, InvalidText)
async def delete_reply(forum: Forum, actor: Actor, command: DeleteReply) -> Outcome:
    """Turns a reply into a tombstone: its place, its sequence and its answers stay.

    A moderator who deletes what its author has deleted raises that to a deletion by a moderator.
    """
    reason = drafts.check_reason(command.reason)
    async with forum.unit_of_work(actor, command) as work:
        deleted = await delete_reply_in(work.tx, actor, command.reply_id, reason)
        work.done(*deleted[:3])
    forum.source_changed()
    return work.outcome


async def delete_reply_in(tx: Transaction, actor: Actor, reply_id: int, reason: str | None, **about: int) -> Deleted:
    """Deletes a reply as `delete_reply` does.

    `about`: the `review_item_id` that it decides, or the entry that it `undoes`; both are recorded.
    """
    row = await _locked_reply(tx, reply_id)
    concerned = (await rules.concerns(tx, [row.post_id]))[row.post_id]
    if row.deleted_at is None:
        if row.author_id != actor.user_id and not actor.is_moderator:
            raise NotAllowed("Only its author or a moderator can delete a reply.", ("reply_id",))
        by = DeletedBy.AUTHOR if row.author_id == actor.user_id else DeletedBy.MODERATOR
        event = actor.event(EventKind.REPLY_DELETED, row.post_id, row.version + 1, **concerned)
        await db.listing.before_deleting(tx, row.discussion_id, [row.post_id])
        position = tx.append(event)
        act = await _act(tx, actor, event, position, by, reason, **about)
        await db.deletions.delete_posts(tx, act, [row.post_id])
    else:
        deletion = await tx.row(db.deletions.of_posts, ids=[row.post_id])
        if deletion is None or deletion.discussion_deleted or not can_raise(deletion, actor):
            raise rules.no_reply(reply_id)
        concerned["author_id"] = deletion.author_id
        event = actor.event(EventKind.REPLY_DELETED, row.post_id, row.version, **concerned)
        position = tx.append(event)
        act = await _act(tx, actor, event, position, DeletedBy.MODERATOR, reason, **about)
        await db.deletions.raise_deletions(tx, act, [row.post_id])
    return Deleted(row.discussion_id, row.post_id, position, act.audit_entry_id)


async def _act(
    tx: Transaction,
    actor: Actor,
    event: Event,
    position: Position,
    by: DeletedBy,
    reason: str | None,
    **about: int,
) -> Act:
    """The deletion that an event tells of, recorded in the audit log if a moderator made it.

    It decides the review item that it is the decision about, or the open one of the post.
    """
    entry = None
    if by is DeletedBy.MODERATOR or about:
        assert tx.head is not None
        # Locked before the entry is written, which stands behind what opened it then.
        open_items = [row.id for row in await tx.rows(db.reviews.lock_of_posts, ids=[event.post_id])]
        of_discussion = event.kind is EventKind.DISCUSSION_UPDATED
        entry = await audit.record(
            tx,
            actor,
            AuditAction.DELETE_DISCUSSION if of_discussion else AuditAction.DELETE_POST,
            user_id=event.author_id,
            discussion_id=tx.head.log_id,
            post_id=event.post_id,
            reason=reason,
            event_number=position.number,
            **{"review_item_id": next(iter(open_items), None), **about},
        )
        await db.reviews.close(tx, open_items, entry)
    return Act(position.number, by, actor.user_id, reason, audit_entry_id=entry)


async def _locked_reply(tx: Transaction, reply_id: int) -> ReplyRow:
    """Locks the discussion of a reply for one event, and returns the reply, which may be deleted."""
    before = await tx.row(db.replies.by_ids, ids=[reply_id])
    if before is None:
        raise rules.no_reply(reply_id)
    await rules.lock_discussion(tx, before.discussion_id, events=1)
    row = await tx.row(db.replies.by_ids, ids=[reply_id])
    assert row is not None
    return row


def can_raise(deletion: DeletionRow, actor: Actor) -> bool:
    """Whether somebody makes a moderator's deletion of it by deleting it again. An author's own stays theirs."""
    return deletion.by == DeletedBy.AUTHOR and actor.is_moderator and deletion.author_id != actor.user_id


@use_case(DiscussionNotFound, NotAllowed, ReasonTooLong, InvalidText)
async def delete_discussion(forum: Forum, actor: Actor, command: DeleteDiscussion) -> Outcome:
    """Turns a discussion and all its replies into tombstones; places stay. What its author has deleted is raised."""
    while True:
        try:
            outcome = await _delete_discussion(forum, actor, command)
        except Changed:
            await finish_deletions(forum.database, command.discussion_id)
            continue
        forum.source_changed()
        return outcome


async def _delete_discussion(forum: Forum, actor: Actor, command: DeleteDiscussion) -> Outcome:
    """Raises Changed if it is to be raised while its deletion is under way."""
    reason = drafts.check_reason(command.reason)
    async with forum.unit_of_work(actor, command) as work:
        deleted = await delete_discussion_in(work.tx, actor, command.discussion_id, reason)
        work.done(*deleted[:3])
    return work.outcome


async def delete_discussion_in(
    tx: Transaction, actor: Actor, discussion_id: int, reason: str | None, **about: int
) -> Deleted:
    """Deletes a discussion as `delete_discussion` does. `about`: see `delete_reply_in`.

    Raises Changed if it is to be raised while its deletion is under way.
    """
    await rules.lock_discussion(tx, discussion_id, events=1)
    row = await tx.row(db.discussions.by_id, id=discussion_id)
    if row is None:
        raise rules.no_discussion(discussion_id)
    concerned = (await rules.concerns(tx, [row.post_id]))[row.post_id]
    if row.deleted_at is None:
        is_author = row.author_id == actor.user_id
        if not actor.is_moderator and (not is_author or row.reply_count > 0):
            message = "Its author can delete a discussion while it has no replies; a moderator always."
            raise NotAllowed(message, ("discussion_id",))
        others = await tx.rows(db.erasure.living_of_others, discussion=row.discussion_id, user=actor.user_id)
        is_theirs = not others
        by = DeletedBy.AUTHOR if is_theirs else DeletedBy.MODERATOR
        event = actor.event(
            EventKind.DISCUSSION_UPDATED,
            row.post_id,
            row.version + 1,
            changes=[DiscussionChange.DELETED],
            **concerned,
        )
        position = tx.append(event)
        act = await _act(tx, actor, event, position, by, reason, **about)
        await delete_whole_discussion(tx, row, act)
    else:
        deletion = await tx.row(db.deletions.of_opening_post, discussion=row.discussion_id)
        if deletion is None or not can_raise(deletion, actor):
            raise rules.no_discussion(discussion_id)
        if await tx.row(db.deletion_jobs.of_discussion, discussion=row.discussion_id):
            raise Changed
        raised = await tx.rows(db.deletions.ids_of_act, discussion=row.discussion_id, act=deletion.act)
        event = actor.event(
            EventKind.DISCUSSION_UPDATED,
            row.post_id,
            row.version,
            changes=[DiscussionChange.DELETED],
            other_posts=[each.id for each in raised],
            **concerned | {"author_id": deletion.author_id},
        )
        position = tx.append(event)
        act = await _act(tx, actor, event, position, DeletedBy.MODERATOR, reason, **about)
        await db.deletions.raise_act(tx, act, row.discussion_id, deletion.act)
        assert act.audit_entry_id is not None
        await db.reviews.close_of_posts(tx, [each.id for each in raised], act.audit_entry_id)
    return Deleted(row.discussion_id, row.post_id, position, act.audit_entry_id)


async def delete_whole_discussion(tx: Transaction, row: DiscussionRow, act: Act, *, first: int | None = None) -> None:
    """Deletes a discussion and its replies in one act, the rest in later steps. Its event is appended.

    `first`: see `begin_deletion`.
    """
    await db.discussions.soft_delete(tx, row.discussion_id)
    await begin_deletion(tx, act, discussion_id=row.discussion_id, opening=(row.post_id, row.title), first=first)


async def erase_replies(tx: Transaction, living: Sequence[Event], deleted: Sequence[Event]) -> None:
    """Leaves tombstones of an erasure of replies, of which some are `deleted` already. Their events are reserved.

    The others are to be counted out before (db.listing).
    """
    numbers = {event.post_id: tx.append(event).number for event in living if event.post_id is not None}
    if numbers:
        act = Act(max(numbers.values()), DeletedBy.ERASURE)
        await db.deletions.delete_posts(tx, act, list(numbers), numbers=numbers)
    for event in deleted:
        tx.append(event)
    await db.deletions.erase_deletions(tx, [event.post_id for event in deleted if event.post_id is not None])


@use_case(ReplyNotFound, NotAllowed, NotRestorable, DiscussionLocked)
async def restore_reply(forum: Forum, actor: Actor, command: RestoreReply) -> Outcome:
    """Brings a deleted reply back as it was, in its next version."""
    return await restore_reply_by(forum, actor, command, command.reply_id)


@use_case(DiscussionNotFound, NotAllowed, NotRestorable, DiscussionLocked)
async def restore_discussion(forum: Forum, actor: Actor, command: RestoreDiscussion) -> Outcome:
    """Brings a deleted discussion back, with its title, and with the posts that were deleted in the same act."""
    return await restore_discussion_by(forum, actor, command, command.discussion_id)


async def _any_deletion(_tx: Transaction, _deletion: DeletionRow) -> None:
    """What `restore_reply` and `restore_discussion` ask of a deletion besides."""


Check = Callable[[Transaction, DeletionRow], Awaitable[None]]
"""Raises a domain error if a deletion, which is locked, is not the one that is meant."""


async def restore_reply_by(
    forum: Forum,
    actor: Actor,
    command: Command,
    reply_id: int,
    *,
    check: Check = _any_deletion,
    reason: str | None = None,
) -> Outcome:
    """Restores a reply by a command, with a `reason` for the audit log. The outcome's `subject_id` is the entry."""

    async def found(source: Database | Transaction) -> DeletionRow:
        row = await source.row(db.replies.by_ids, ids=[reply_id])
        if row is None:
            raise rules.no_reply(reply_id)
        deletion = await source.row(db.deletions.of_posts, ids=[row.post_id])
        return _check_restorable(deletion, actor, f"Reply {row.sequence}", "reply_id")

    while True:
        before = await found(forum.database)
        prepared = await prepare_replies(forum, [before])
        try:
            async with forum.unit_of_work(actor, command) as work:
                await rules.lock_discussion(work.tx, before.discussion_id)
                deletion = await found(work.tx)
                await check(work.tx, deletion)
                await rules.lock_discussion(work.tx, before.discussion_id, events=1)
                (position,) = await restore_replies_in(work.tx, actor, prepared, [deletion])
                entry = await _record_restoring(work.tx, actor, AuditAction.RESTORE_POST, deletion, position, reason)
                work.done(deletion.discussion_id, deletion.post_id, position, subject_id=entry)
        except Changed:
            continue
        forum.source_changed()
        return work.outcome


async def restore_discussion_by(
    forum: Forum,
    actor: Actor,
    command: Command,
    discussion_id: int,
    *,
    check: Check = _any_deletion,
    reason: str | None = None,
) -> Outcome:
    """Restores a discussion by a command, with a `reason` for the audit log. `subject_id` will be the entry."""

    async def found(source: Database | Transaction) -> DeletionRow:
        row = await source.row(db.discussions.by_id, id=discussion_id)
        if row is None:
            raise rules.no_discussion(discussion_id)
        opening = await source.row(db.deletions.of_opening_post, discussion=row.discussion_id)
        return _check_restorable(opening, actor, f"Discussion {row.number}", "discussion_id")

    while True:
        await finish_deletions(forum.database, discussion_id)
        prepared = await prepare_discussion(forum, await found(forum.database))
        try:
            async with forum.unit_of_work(actor, command) as work:
                await rules.lock_discussion(work.tx, discussion_id)
                opening = await found(work.tx)
                await check(work.tx, opening)
                position = await restore_discussion_in(work.tx, actor, prepared, opening)
                entry = await _record_restoring(
                    work.tx, actor, AuditAction.RESTORE_DISCUSSION, opening, position, reason
                )
                work.done(discussion_id, opening.post_id, position, subject_id=entry)
        except Changed:
            continue
        forum.source_changed()
        return work.outcome


@dataclass(frozen=True, slots=True)
class Prepared:
    """Deleted posts of a discussion, read and rendered beside the lock."""

    deletions: Sequence[DeletionRow]
    """Those that are restored at once."""
    words: Sequence[KeptWordsRow]
    written: Mapping[int, PostDraft]
    first: int = 0
    """Of a whole discussion, how many posts at most are restored at once."""


async def prepare_replies(forum: Forum, deletions: Sequence[DeletionRow]) -> Prepared:
    """Renders deleted replies that come back together."""
    ids = [each.post_id for each in deletions]
    words = await forum.database.rows(db.deletions.words, ids=ids)
    return Prepared(deletions, words, await drafts_of(forum, deletions, words, set(ids)))


async def restore_replies_in(
    tx: Transaction, actor: Actor, prepared: Prepared, deletions: Sequence[DeletionRow]
) -> list[Position]:
    """Restores replies, which were prepared, as they are now under the lock, with an event for each, reserved already.

    Raises Changed if what is kept of them is not what was rendered.
    """
    ids = [each.post_id for each in deletions]
    before = [each for each in prepared.deletions if each.post_id in set(ids)]
    words = [each for each in prepared.words if each.post_id in set(ids)]
    if len(before) != len(ids):
        raise Changed
    written = {post_id: prepared.written[post_id] for post_id in ids if post_id in prepared.written}
    await restore_posts(tx, deletions, written, state(before, words))
    await db.listing.after_restoring(tx, deletions[0].discussion_id, ids)
    concerned = await rules.concerns(tx, ids)
    return [
        tx.append(actor.event(EventKind.REPLY_RESTORED, each.post_id, each.version + 1, **concerned[each.post_id]))
        for each in deletions
    ]


async def prepare_discussion(forum: Forum, opening: DeletionRow, *, first: int | None = None) -> Prepared:
    """Renders the posts that come back at once with a discussion, of which this is the opening post.

    These are the `first` ones; FIRST_STEP if omitted.
    """
    first = first or FIRST_STEP
    of_act = {"discussion": opening.discussion_id, "act": opening.act}
    found = await forum.database.rows(db.deletions.of_act, **of_act, after=-1, limit=first)
    kept = [each for each in found if each.is_kept]
    words = await forum.database.rows(db.deletions.words, ids=[each.post_id for each in kept])
    with_it = await forum.database.rows(db.deletions.ids_of_act, **of_act)
    return Prepared(kept, words, await drafts_of(forum, kept, words, {row.id for row in with_it}), first)


async def restore_discussion_in(tx: Transaction, actor: Actor, prepared: Prepared, opening: DeletionRow) -> Position:
    """Restores a prepared discussion, which is locked, as far as the first step goes. Returns its event's place.

    Raises Changed if something is under way there, or what is kept is not what was rendered.
    """
    here = opening.discussion_id
    if await tx.rows(db.deletion_jobs.of_discussion, discussion=here):
        raise Changed
    of_act = {"discussion": here, "act": opening.act, "after": -1}
    now = await tx.rows(db.deletions.of_act, **of_act, limit=prepared.first + 1)
    deletions = [each for each in now[: prepared.first] if each.is_kept]
    await rules.lock_discussion(tx, here, events=1)
    await restore_posts(tx, deletions, prepared.written, state(prepared.deletions, prepared.words))
    title = next(row.title for row in prepared.words if row.post_id == opening.post_id)
    await db.discussions.undelete(tx, here, title=title or "")
    restored_ids = [each.post_id for each in deletions]
    await db.listing.after_restoring(tx, here, restored_ids)
    concerned = await rules.concerns(tx, [opening.post_id])
    event = actor.event(
        EventKind.DISCUSSION_UPDATED,
        opening.post_id,
        opening.version + 1,
        changes=[DiscussionChange.RESTORED],
        other_posts=restored_ids,
        **concerned[opening.post_id],
    )
    position = tx.append(event)
    rest = len(now) > prepared.first
    await begin_restoring(tx, now[: prepared.first], number=position.number, rest=rest)
    return position


async def _record_restoring(
    tx: Transaction,
    actor: Actor,
    action: AuditAction,
    deletion: DeletionRow,
    position: Position,
    reason: str | None,
) -> int | None:
    """Records that a moderator restores what a moderator has deleted. What its author deleted, its author restores.

    Returns the entry. A post that was removed with others is restored by itself: that takes back no act.
    """
    if deletion.by != DeletedBy.MODERATOR:
        return None
    deleting = await tx.row(db.audit.by_ids, ids=[deletion.audit_entry_id or 0])
    takes_back = deleting is not None and deleting.action != AuditAction.REMOVE_POSTS
    return await audit.record(
        tx,
        actor,
        action,
        user_id=deletion.author_id,
        discussion_id=deletion.discussion_id,
        post_id=deletion.post_id,
        reason=reason,
        event_number=position.number,
        undoes=deletion.audit_entry_id if takes_back else None,
    )


def _check_restorable(deletion: DeletionRow | None, actor: Actor, what: str, part: str) -> DeletionRow:
    """Raises NotRestorable, NotAllowed, DiscussionLocked."""
    if deletion is None:
        raise NotRestorable(f"{what} is not deleted.", (part,))
    if deletion.by == DeletedBy.ERASURE:
        raise NotRestorable(f"{what} was erased: nothing is left of it.", (part,))
    is_author = deletion.author_id is not None and deletion.author_id == actor.user_id
    if deletion.by == DeletedBy.AUTHOR and not is_author:
        raise NotAllowed("What its author has deleted, only its author can restore.", (part,))
    if deletion.by == DeletedBy.MODERATOR and not actor.is_moderator:
        raise NotAllowed("What a moderator has deleted, only a moderator can restore.", (part,))
    if deletion.discussion_deleted and deletion.sequence > 0:
        raise NotRestorable(f"The discussion of {what} is deleted: restore the discussion.", (part,))
    if deletion.is_raised:
        raise NotRestorable(f"{what} had been deleted by its author before: nobody can restore it.", (part,))
    if not deletion.is_kept:
        raise NotRestorable(f"What {what} said is no longer kept.", (part,))
    if deletion.locked and not actor.is_moderator:
        raise DiscussionLocked("The discussion is locked: only a moderator can restore something in it.", (part,))
    assert may_restore(deletion, is_author=is_author, is_moderator=actor.is_moderator)
    return deletion


async def purge_deleted_posts(database: Database, *, before: datetime) -> int:
    """Removes the words of posts that were deleted before a moment. Returns of how many.

    In small transactions under the lock of the discussion, without an event: nobody but who may restore them sees a
    difference. It may stop anywhere and run again, also in several processes at once.
    """
    purged = 0
    while found := await database.rows(db.deletions.discussions_to_purge, before=before, limit=PURGED_AT_ONCE):
        for row in found:
            purged += await database.write(partial(_purge, discussion_id=row.discussion_id, before=before))
    return purged


async def _purge(tx: Transaction, *, discussion_id: int, before: datetime) -> int:
    await rules.lock_discussion(tx, discussion_id)
    return await db.deletions.purge(tx, discussion_id, before=before, limit=PURGED_AT_ONCE)
