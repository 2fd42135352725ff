"""Discussions: starting and editing them, and what moderators do with them: lock, pin, move, give another title."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import db.discussions
import db.held
import db.posts
import db.search
from db.database import Position, Transaction
from db.kinds import AuditAction, DiscussionChange, EventKind, HeldKind, HoldReason
from db.posts import PostDraft, PostPlace
from db.rows import DiscussionRow
from db.search import SearchEntry
from forum import audit, drafts, holding, rules
from forum.errors import (
    CategoryNotFound,
    DiscussionLocked,
    DiscussionNotFound,
    EditConflict,
    InvalidText,
    NotAllowed,
    ReasonTooLong,
    TitleEmpty,
    TitleTooLong,
)
from forum.replies import DRAFT_ERRORS
from forum.sources import Quoter
from forum.use_cases import Actor, Command, Forum, Outcome, use_case
from text import workers


@dataclass(frozen=True, slots=True, kw_only=True)
class StartDiscussion(Command):
    """A new discussion."""

    mutation = "startDiscussion"

    title: str
    body: str
    category_id: int | None = None
    quotes: Sequence[drafts.QuoteRequest] = ()
    provenance: drafts.Provenance | None = None
    """What is known of it beside its text."""

    def place_and_words(self) -> tuple[Any, ...]:
        return self.category_id, *drafts.words([self.title, self.body], self.quotes)


@dataclass(frozen=True, slots=True, kw_only=True)
class EditDiscussion(Command):
    """What changes in a discussion. None leaves a title, a body and quotes as they are."""

    mutation = "editDiscussion"

    discussion_id: int
    expected_version: int
    title: str | None = None
    body: str | None = None
    category_id: int | None = None
    """The new category; None takes the discussion out of its category."""
    keep_category: bool = True
    """Leaves the category as it is."""
    quotes: Sequence[drafts.QuoteRequest] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LockDiscussion(Command):
    """A discussion that takes no more replies."""

    mutation = "lockDiscussion"

    discussion_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlockDiscussion(Command):
    """A locked discussion that takes replies again."""

    mutation = "unlockDiscussion"

    discussion_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PinDiscussion(Command):
    """A discussion that lists can show before the others."""

    mutation = "pinDiscussion"

    discussion_id: int
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnpinDiscussion(Command):
    """A pinned discussion that is like the others again."""

    mutation = "unpinDiscussion"

    discussion_id: int
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveDiscussion(Command):
    """A discussion that goes to another category."""

    mutation = "moveDiscussion"

    discussion_id: int
    category_id: int | None
    """None takes it out of its category."""
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RetitleDiscussion(Command):
    """A discussion that gets another title."""

    mutation = "retitleDiscussion"

    discussion_id: int
    title: str
    expected_version: int
    reason: str | None = None


@use_case(CategoryNotFound, TitleEmpty, TitleTooLong, *DRAFT_ERRORS)
async def start_discussion(forum: Forum, actor: Actor, command: StartDiscussion) -> Outcome:
    """Starts a discussion with its opening post."""
    title = drafts.check_title(command.title, limit=forum.limits.title_length)
    draft = await drafts.prepare(
        forum,
        command.body,
        drafts.PostContext(title=title),
        limit=forum.limits.opening_post_length,
        requests=command.quotes,
        provenance=command.provenance,
        quoter=Quoter(actor.user_id, actor.is_moderator),
    )
    legacy_slug = command.provenance.legacy_slug if command.provenance else None
    examined = await holding.examine(forum, actor, HeldKind.DISCUSSION, draft, title=title)
    body_changed = draft.body != command.body
    async with forum.unit_of_work(actor, command) as work:
        await rules.check_category(work.tx, command.category_id)
        if examined is not None and (reasons := await _reasons(work.tx, actor, examined, command.category_id)):
            await holding.hold(
                work,
                actor,
                HeldKind.DISCUSSION,
                draft,
                reasons,
                awaits_filter=examined.awaits_filter,
                body_changed=body_changed,
                title=title,
                category_id=command.category_id,
            )
        else:
            discussion_id, post_id, position = await write_discussion(
                work.tx, actor, draft, title=title, category_id=command.category_id, legacy_slug=legacy_slug
            )
            work.done(discussion_id, post_id, position, body_changed=body_changed)
    return work.outcome


async def _reasons(
    tx: Transaction, actor: Actor, examined: holding.Examined, *categories: int | None
) -> tuple[HoldReason, ...]:
    """Why an opening post, or its edit, is held that is in these categories."""
    ids = [each for each in categories if each is not None]
    found = await tx.row(db.held.premoderation, author=actor.user_id, categories=ids)
    assert found is not None
    return examined.reasons(found)


async def write_discussion(
    tx: Transaction,
    author: Actor,
    draft: PostDraft,
    *,
    title: str,
    category_id: int | None,
    legacy_slug: str | None = None,
) -> tuple[int, int, Position]:
    """Writes a discussion with its opening post and its event. Returns the ids of both, and where the event is."""
    discussion_id = await db.discussions.insert_discussion(
        tx, title=title, category_id=category_id, author_id=author.user_id, legacy_slug=legacy_slug
    )
    head = await rules.lock_discussion(tx, discussion_id, events=1)
    draft = drafts.in_discussion(draft, discussion_id)
    place = PostPlace(discussion_id, event_number=head.last_event)
    post_id = await db.posts.insert_post(tx, draft, place, author_id=author.user_id)
    event = author.event(
        EventKind.DISCUSSION_STARTED,
        post_id,
        1,
        author_id=author.user_id,
        category_id=category_id,
        people=draft.people,
    )
    return discussion_id, post_id, tx.append(event)


@use_case(
    DiscussionNotFound,
    NotAllowed,
    EditConflict,
    DiscussionLocked,
    CategoryNotFound,
    TitleEmpty,
    TitleTooLong,
    *DRAFT_ERRORS,
)
async def edit_discussion(forum: Forum, actor: Actor, command: EditDiscussion) -> Outcome:
    """Gives the opening post its next version, with a title and a category. An edit without a change writes nothing."""
    before = await forum.database.row(db.discussions.by_id, id=command.discussion_id)
    before = _check_edit(before, actor, command)
    title = before.title
    if command.title is not None:
        title = drafts.check_title(command.title, limit=forum.limits.title_length)
    body = before.body if command.body is None else command.body
    category_id = before.category_id if command.keep_category else command.category_id
    earlier = await drafts.earlier_quotes(forum.database, before, keep_sources=command.quotes is None)
    draft: PostDraft | None = None
    if (title, body, category_id) != (before.title, before.body, before.category_id) or command.quotes is not None:
        # What was written under other limits may stay as it is.
        has_new_text = command.body is not None or bool(command.quotes)
        draft = await drafts.prepare(
            forum,
            body,
            drafts.PostContext(discussion_id=before.discussion_id, before_sequence=0, title=title),
            limit=forum.limits.opening_post_length if has_new_text else None,
            requests=command.quotes or (),
            earlier=earlier,
            quoter=Quoter(actor.user_id, actor.is_moderator),
        )
    is_changed = draft is not None and drafts.changes(draft, before.body, earlier)
    examined = None
    if draft is not None and (is_changed or (title, category_id) != (before.title, before.category_id)):
        examined = await holding.examine(
            forum,
            actor,
            HeldKind.EDIT,
            draft,
            discussion_id=before.discussion_id,
            title=title,
            before=before,
        )
    async with forum.unit_of_work(actor, command) as work:
        row = _check_edit(await rules.locked_discussion(work.tx, command.discussion_id), actor, command)
        if row.locked:
            raise DiscussionLocked(f"Discussion {row.number} is locked: nobody can write in it.", ("discussion_id",))
        # A moderator may have moved it meanwhile, which is no new version.
        category_id = row.category_id if command.keep_category else command.category_id
        await rules.check_category(work.tx, category_id)
        if draft is None or not (is_changed or (title, category_id) != (row.title, row.category_id)):
            work.done(row.discussion_id, row.post_id, body_changed=row.body != body)
        elif examined is not None and (
            reasons := await _reasons(work.tx, actor, examined, row.category_id, category_id)
        ):
            await holding.hold(
                work,
                actor,
                HeldKind.EDIT,
                draft,
                reasons,
                awaits_filter=examined.awaits_filter,
                body_changed=draft.body != body,
                discussion_id=row.discussion_id,
                post_id=row.post_id,
                expected_version=row.version,
                title=None if command.title is None else title,
                category_id=command.category_id,
                keeps_category=command.keep_category,
            )
        else:
            await holding.withdraw_earlier(work.tx, actor, row.post_id)
            position = await write_edit(
                work.tx, actor, row, draft, title=title, category_id=category_id, changes_body=is_changed
            )
            work.done(
                row.discussion_id,
                row.post_id,
                position,
                body_changed=draft.body != body,
                dropped_quotes=drafts.dropped_quotes(draft, earlier),
            )
    if work.outcome.position is not None:
        forum.source_changed()
    return work.outcome


async def write_edit(
    tx: Transaction,
    author: Actor,
    row: DiscussionRow,
    draft: PostDraft,
    *,
    title: str,
    category_id: int | None,
    changes_body: bool,
) -> Position:
    """Writes the next version of a discussion, which is locked, with its event."""
    await rules.lock_discussion(tx, row.discussion_id, events=1)
    concerned = (await rules.concerns(tx, [row.post_id]))[row.post_id]
    await db.posts.change_post(tx, row, draft, title=row.title)
    await db.discussions.change(tx, row.discussion_id, title=title, category_id=category_id)
    concerned |= {
        # Whoever is not addressed any more has to hear of it, too.
        "people": [*concerned["people"], *draft.people],
        "category_id": category_id,
        "former_category_id": row.category_id if category_id != row.category_id else None,
        "changes": [
            change
            for change, is_made in (
                (DiscussionChange.TITLE, title != row.title),
                (DiscussionChange.BODY, changes_body),
                (DiscussionChange.CATEGORY, category_id != row.category_id),
            )
            if is_made
        ],
    }
    return tx.append(author.event(EventKind.DISCUSSION_UPDATED, row.post_id, row.version + 1, **concerned))


def _check_edit(discussion: DiscussionRow | None, actor: Actor, command: EditDiscussion) -> DiscussionRow:
    """Raises DiscussionNotFound, NotAllowed, EditConflict."""
    if discussion is None or discussion.deleted_at is not None:
        raise rules.no_discussion(command.discussion_id)
    rules.check_author(discussion, actor, "discussion", "discussion_id")
    rules.check_version(discussion, command.expected_version, f"Discussion {discussion.number}")
    return discussion


@use_case(DiscussionNotFound, NotAllowed)
async def lock_discussion(forum: Forum, actor: Actor, command: LockDiscussion) -> Outcome:
    """Locks a discussion. Appends no event if it is locked already."""
    return await _set_locked(forum, actor, command, locked=True)


@use_case(DiscussionNotFound, NotAllowed)
async def unlock_discussion(forum: Forum, actor: Actor, command: UnlockDiscussion) -> Outcome:
    """Unlocks a discussion. Appends no event if it is not locked."""
    return await _set_locked(forum, actor, command, locked=False)


async def _set_locked(
    forum: Forum, actor: Actor, command: LockDiscussion | UnlockDiscussion, *, locked: bool
) -> Outcome:
    async with forum.unit_of_work(actor, command) as work:
        row = await _of_moderator(work.tx, actor, command.discussion_id, "lock and unlock a discussion")
        done = await set_locked(work.tx, actor, row, locked=locked)
        work.done(row.discussion_id, row.post_id, done and done.position)
    return work.outcome


@use_case(DiscussionNotFound, NotAllowed, ReasonTooLong, InvalidText)
async def pin_discussion(forum: Forum, actor: Actor, command: PinDiscussion) -> Outcome:
    """Pins a discussion. Appends no event if it is pinned already."""
    return await _set_pinned(forum, actor, command, pinned=True)


@use_case(DiscussionNotFound, NotAllowed, ReasonTooLong, InvalidText)
async def unpin_discussion(forum: Forum, actor: Actor, command: UnpinDiscussion) -> Outcome:
    """Unpins a discussion. Appends no event if it is not pinned."""
    return await _set_pinned(forum, actor, command, pinned=False)


async def _set_pinned(forum: Forum, actor: Actor, command: PinDiscussion | UnpinDiscussion, *, pinned: bool) -> Outcome:
    reason = drafts.check_reason(command.reason)
    async with forum.unit_of_work(actor, command) as work:
        row = await _of_moderator(work.tx, actor, command.discussion_id, "pin and unpin a discussion")
        done = await set_pinned(work.tx, actor, row, pinned=pinned, reason=reason)
        work.done(row.discussion_id, row.post_id, done and done.position)
    return work.outcome


@use_case(DiscussionNotFound, NotAllowed, CategoryNotFound, ReasonTooLong, InvalidText)
async def move_discussion(forum: Forum, actor: Actor, command: MoveDiscussion) -> Outcome:
    """Puts a discussion in another category, or in none. Appends no event if it is there already."""
    reason = drafts.check_reason(command.reason)
    async with forum.unit_of_work(actor, command) as work:
        row = await _of_moderator(work.tx, actor, command.discussion_id, "move a discussion")
        await rules.check_category(work.tx, command.category_id)
        done = await move(work.tx, actor, row, command.category_id, reason=reason)
        work.done(row.discussion_id, row.post_id, done and done.position)
    return work.outcome


@use_case(DiscussionNotFound, NotAllowed, EditConflict, TitleEmpty, TitleTooLong, ReasonTooLong, InvalidText)
async def retitle_discussion(forum: Forum, actor: Actor, command: RetitleDiscussion) -> Outcome:
    """Gives a discussion another title, and its opening post its next version with the same words.

    A title that it has already changes nothing.
    """
    title = drafts.check_title(command.title, limit=forum.limits.title_length)
    reason = drafts.check_reason(command.reason)
    before = await forum.database.row(db.discussions.by_id, id=command.discussion_id)
    entry = None if before is None else await titled(before, title)
    async with forum.unit_of_work(actor, command) as work:
        row = await _of_moderator(work.tx, actor, command.discussion_id, "give a discussion another title")
        rules.check_version(row, command.expected_version, f"Discussion {row.number}")
        assert before is not None
        if entry is None or row.version != before.version:
            # It was edited in the moment before the lock, to just the version that is expected.
            entry = await titled(row, title)
        done = await retitle(work.tx, actor, row, title, entry, reason=reason)
        work.done(row.discussion_id, row.post_id, done and done.position)
    if work.outcome.position is not None:
        forum.source_changed()
    return work.outcome


async def _of_moderator(tx: Transaction, actor: Actor, discussion_id: int, what: str) -> DiscussionRow:
    """Locks a discussion for an act of a moderator. Raises DiscussionNotFound, NotAllowed."""
    row = await rules.locked_discussion(tx, discussion_id)
    audit.check_moderator(actor, what, "discussion_id")
    return row


async def titled(row: DiscussionRow, title: str) -> SearchEntry:
    """What the search index keeps of an opening post with another title."""
    return await workers.run(db.search.entry, title, row.body_text)


class Done(NamedTuple):
    """An act on a discussion: its event and its entry."""

    position: Position
    audit_entry_id: int


# The acts themselves, on a discussion that is locked. They return None if there is nothing to change. `about` is what
# their entry has besides.


async def set_locked(tx: Transaction, actor: Actor, row: DiscussionRow, *, locked: bool, **about: Any) -> Done | None:
    """Locks or unlocks a discussion."""
    if row.locked == locked:
        return None
    await db.discussions.set_locked(tx, row.discussion_id, locked=locked)
    action = AuditAction.LOCK_DISCUSSION if locked else AuditAction.UNLOCK_DISCUSSION
    return await _done(tx, actor, row, DiscussionChange.LOCK, action, **about)


async def set_pinned(tx: Transaction, actor: Actor, row: DiscussionRow, *, pinned: bool, **about: Any) -> Done | None:
    """Pins or unpins a discussion."""
    if row.pinned == pinned:
        return None
    await db.discussions.set_pinned(tx, row.discussion_id, pinned=pinned)
    action = AuditAction.PIN_DISCUSSION if pinned else AuditAction.UNPIN_DISCUSSION
    return await _done(tx, actor, row, DiscussionChange.PIN, action, **about)


async def move(tx: Transaction, actor: Actor, row: DiscussionRow, category_id: int | None, **about: Any) -> Done | None:
    """Puts a discussion in a category, or in none."""
    if row.category_id == category_id:
        return None
    await db.discussions.move(tx, row.discussion_id, category_id=category_id)
    return await _done(
        tx,
        actor,
        row,
        DiscussionChange.CATEGORY,
        AuditAction.MOVE_DISCUSSION,
        category_id=category_id,
        former={"category": row.category_id},
        **about,
    )


async def retitle(
    tx: Transaction, actor: Actor, row: DiscussionRow, title: str, entry: SearchEntry, **about: Any
) -> Done | None:
    """Gives a discussion a title, and its opening post its next version."""
    if row.title == title:
        return None
    await db.discussions.retitle(tx, row, title=title, moderator_id=actor.acting_id, entry=entry)
    former = {"version": row.version}
    return await _done(tx, actor, row, DiscussionChange.TITLE, AuditAction.RETITLE_DISCUSSION, former=former, **about)


async def _done(
    tx: Transaction, actor: Actor, row: DiscussionRow, change: DiscussionChange, action: AuditAction, **about: Any
) -> Done:
    """Appends the event and writes the entry of an act on a discussion, which was as `row` says."""
    await rules.lock_discussion(tx, row.discussion_id, events=1)
    concerned = (await rules.concerns(tx, [row.post_id]))[row.post_id]
    is_moved = change is DiscussionChange.CATEGORY
    event = actor.event(
        EventKind.DISCUSSION_UPDATED,
        row.post_id,
        row.version + (change is DiscussionChange.TITLE),
        changes=[change],
        former_category_id=row.category_id if is_moved else None,
        **concerned,
    )
    position = tx.append(event)
    entry = await audit.record(
        tx,
        actor,
        action,
        user_id=row.author_id,
        discussion_id=row.discussion_id,
        event_number=position.number,
        **about,
    )
    return Done(position, entry)
