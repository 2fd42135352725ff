"""Reporting posts, and deciding what was reported and what is held.

All reports of a post are merged into its review item. A decided one opens again only by a report of a newer version
than any that was reported before. Who decides names the version of the item that they have seen: so of two moderators
who decide at once, one decides, and the other is shown what is there now.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import db.deletions
import db.discussions
import db.held
import db.replies
import db.reviews
from db.database import Transaction
from db.held import HeldPostRow
from db.kinds import AuditAction, HeldState, ReportReason, ReviewAction, ReviewKind, ReviewState
from db.rows import PostRow, ReviewItemRow
from forum import audit, drafts, rules
from forum.deletion_jobs import Changed, finish_deletions
from forum.deletions import can_raise, delete_discussion_in, delete_reply_in
from forum.errors import (
    Conflict,
    InvalidText,
    NotAllowed,
    PostNotFound,
    ReasonTooLong,
    ReviewItemNotFound,
    UntilPassed,
    UserNotFound,
)
from forum.held import PUBLICATION_ERRORS, Publication, prepare_publication, publish, reject
from forum.sanctions import suspend_in
from forum.use_cases import Actor, Command, Forum, Outcome, use_case

CLAIMED_FOR = timedelta(minutes=10)
"""For so long a moderator has a review item to themselves."""
ACTIONS = {
    ReviewKind.REPORTED: (ReviewAction.DISMISS, ReviewAction.DELETE_POST),
    ReviewKind.HELD: (ReviewAction.PUBLISH, ReviewAction.REJECT),
}
"""What can be decided of each kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPost(Command):
    """A post that somebody reports: a reply, or the opening post of a discussion."""

    mutation = "reportPost"

    reply_id: int | None = None
    discussion_id: int | None = None
    """That of the opening post, where no reply is reported."""
    reason: ReportReason
    note: str | None = None
    """What else moderators should know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimReview(Command):
    """A review item that a moderator looks at, so that others leave it alone."""

    mutation = "claimReview"

    review_item_id: int
    release: bool = False
    """Whether they leave it to others again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideReview(Command):
    """What a moderator decides of a review item."""

    mutation = "decideReview"

    review_item_id: int
    action: ReviewAction
    expected_version: int
    reason: str | None = None
    """Why, for the author and moderators."""
    suspend_author_until: datetime | None = None
    """Until when the author may only read, by the same decision; None if they are not suspended."""


@use_case(PostNotFound, NotAllowed, ReasonTooLong, InvalidText)
async def report_post(forum: Forum, actor: Actor, command: ReportPost) -> Outcome:
    """Reports a post to the moderators. It locks the review item alone, so nobody who writes waits for it.

    The outcome's `subject_id` is the review item; None if the report adds nothing.
    """
    note = drafts.check_reason(command.note, "note")
    async with forum.unit_of_work(actor, command) as work:
        post = await _reported_post(work.tx, command)
        if post.author_id == actor.user_id:
            raise NotAllowed("You wrote this: edit or delete it, in place of reporting it.", ("post_id",))
        item_id = await db.reviews.report(
            work.tx,
            post_id=post.post_id,
            discussion_id=post.discussion_id,
            author_id=post.author_id,
            version=post.version,
            reporter_id=actor.user_id,
            reason=command.reason.value,
            note=note,
        )
        work.done(post.discussion_id, post.post_id, subject_id=item_id)
    return work.outcome


async def _reported_post(tx: Transaction, command: ReportPost) -> PostRow:
    """Returns the post, which can be read. Raises PostNotFound."""
    post: PostRow | None
    if command.reply_id is not None:
        post = await tx.row(db.replies.by_ids, ids=[command.reply_id])
    else:
        post = await tx.row(db.discussions.by_id, id=command.discussion_id)
    if post is None or post.deleted_at is not None:
        raise PostNotFound("There is no such post, or it has been deleted.", ("post_id",))
    return post


@use_case(NotAllowed, ReviewItemNotFound, Conflict)
async def claim_review(forum: Forum, actor: Actor, command: ClaimReview) -> Outcome:
    """Tells other moderators that this one looks at an item, for CLAIMED_FOR, or no longer does.

    A claim stops nobody from deciding, and is no new version of the item.
    """
    audit.check_moderator(actor, "claim a review item", "review_item_id")
    async with forum.unit_of_work(actor, command) as work:
        item = await _locked_item(work.tx, command.review_item_id)
        _check_open(item)
        holder = claimed_by(item, work.tx.at)
        if command.release:
            if holder == actor.user_id:
                await db.reviews.claim(work.tx, item, None, None)
        elif holder is not None and holder != actor.user_id:
            raise Conflict("Another moderator looks at this review item.", ("review_item_id",), item)
        else:
            await db.reviews.claim(work.tx, item, actor.user_id, work.tx.at + CLAIMED_FOR)
        work.done(subject_id=item.id)
    return work.outcome


def claimed_by(item: ReviewItemRow, now: datetime) -> int | None:
    """Who has claimed an item, as of a moment; None once the claim is over."""
    return item.claimed_by_id if item.claim_ends_at is not None and item.claim_ends_at > now else None


@use_case(NotAllowed, ReviewItemNotFound, ReasonTooLong, InvalidText, UserNotFound, UntilPassed, *PUBLICATION_ERRORS)
async def decide_review(forum: Forum, actor: Actor, command: DecideReview) -> Outcome:
    """Decides a review item, with one entry in the audit log: that is the decision."""
    audit.check_moderator(actor, "decide a review item", "review_item_id")
    while True:
        before = await forum.database.row(db.reviews.by_ids, ids=[command.review_item_id])
        if before is None:
            raise _no_item(command.review_item_id)
        held = None
        if before.held_post_id is not None and command.action in ACTIONS[ReviewKind.HELD]:
            held = await forum.database.row(db.held.by_ids, ids=[before.held_post_id])
        publication = None
        if held is not None and held.state == HeldState.HELD and command.action is ReviewAction.PUBLISH:
            publication = await prepare_publication(forum, held)
        try:
            outcome = await _decide(forum, actor, command, before, held, publication)
        except Changed:
            await finish_deletions(forum.database, before.discussion_id)
            continue
        forum.source_changed()
        return outcome


async def _decide(
    forum: Forum,
    actor: Actor,
    command: DecideReview,
    before: ReviewItemRow,
    held: HeldPostRow | None,
    publication: Publication | None,
) -> Outcome:
    """Raises Changed if a discussion is to be deleted while its deletion is under way."""
    reason = drafts.check_reason(command.reason)
    async with forum.unit_of_work(actor, command) as work:
        tx = work.tx
        writes = command.action in (ReviewAction.DELETE_POST, ReviewAction.PUBLISH)
        if writes and before.discussion_id is not None:
            await rules.lock_discussion(tx, before.discussion_id)
        item = await _locked_item(tx, command.review_item_id)
        _check_open(item)
        if item.version != command.expected_version:
            message = f"The review item is at version {item.version}, not {command.expected_version}: look at it again."
            raise Conflict(message, ("expected_version",), item)
        allowed = ACTIONS[ReviewKind(item.kind)]
        if command.action not in allowed:
            message = f"Of a {item.kind} item, {' or '.join(allowed)} can be decided, not {command.action}."
            raise NotAllowed(message, ("action",))
        entry = await _delete_post(tx, actor, item, reason) if command.action is ReviewAction.DELETE_POST else None
        if entry is None:
            published = None
            try:
                if publication is not None:
                    published = await publish(tx, publication)
                elif held is not None:
                    await reject(tx, held)
            except Conflict as error:
                error.current = item
                raise
            entry = await audit.record(
                tx,
                actor,
                AuditAction(command.action.value),
                user_id=item.author_id,
                discussion_id=item.discussion_id if published is None else published.discussion_id,
                post_id=item.post_id if published is None else published.post_id,
                review_item_id=item.id,
                held_post_id=item.held_post_id,
                reason=reason,
                event_number=None if published is None else published.position.number,
            )
            await db.reviews.close(tx, [item.id], entry)
        if command.suspend_author_until is not None:
            await _suspend_author(tx, actor, item, command.suspend_author_until, reason)
        work.done(item.discussion_id, item.post_id, subject_id=item.id)
    return work.outcome


async def _suspend_author(
    tx: Transaction, actor: Actor, item: ReviewItemRow, until: datetime, reason: str | None
) -> None:
    """Suspends the author with an entry of its own. Raises UserNotFound, NotAllowed, UntilPassed."""
    part = ("suspend_author_until",)
    if item.author_id is None:
        raise UserNotFound("The author was erased: there is nobody to suspend.", part)
    try:
        await suspend_in(tx, actor, item.author_id, until, reason, review_item_id=item.id)
    except (UserNotFound, NotAllowed, UntilPassed) as error:
        error.path = part
        raise


async def _delete_post(tx: Transaction, actor: Actor, item: ReviewItemRow, reason: str | None) -> int | None:
    """Deletes a reported post, or the discussion that it opens, and decides the item by that.

    Returns the entry; None if there is nothing to delete any more, as after an erasure.
    """
    assert item.post_id is not None
    reply = await tx.row(db.replies.by_ids, ids=[item.post_id])
    post = reply or await tx.row(db.discussions.by_id, id=item.discussion_id)
    assert post is not None
    if post.deleted_at is not None:
        deletion = await tx.row(db.deletions.of_posts, ids=[item.post_id])
        if deletion is None or (reply is not None and deletion.discussion_deleted) or not can_raise(deletion, actor):
            return None
    if reply is None:
        deleted = await delete_discussion_in(tx, actor, post.discussion_id, reason, review_item_id=item.id)
    else:
        deleted = await delete_reply_in(tx, actor, post.post_id, reason, review_item_id=item.id)
    return deleted.audit_entry_id


async def _locked_item(tx: Transaction, item_id: int) -> ReviewItemRow:
    item = await tx.row(db.reviews.lock, item=item_id)
    if item is None:
        raise _no_item(item_id)
    return item


def _no_item(item_id: int) -> ReviewItemNotFound:
    return ReviewItemNotFound(f"There is no review item I_{item_id}.", ("review_item_id",))


def _check_open(item: ReviewItemRow) -> None:
    """Raises Conflict with the item as it is, if it is decided."""
    if item.state != ReviewState.OPEN:
        raise Conflict("The review item is decided already.", ("review_item_id",), item)
