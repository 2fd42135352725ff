"""Discussions: starting, editing and locking them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import db.discussions
import db.posts
from db.database import Position
from db.kinds import AuditAction, DiscussionChange, EventKind
from db.posts import PostDraft, PostPlace
from db.rows import DiscussionRow
from forum import audit, drafts, rules
from forum.errors import (
    CategoryNotFound,
    DiscussionLocked,
    DiscussionNotFound,
    EditConflict,
    NotAllowed,
    TitleEmpty,
    TitleTooLong,
)
from forum.replies import DRAFT_ERRORS
from forum.sources import Quoter
from forum.use_cases import Actor, Command, Forum, Outcome, use_case


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
    async with forum.unit_of_work(actor, command) as work:
        await rules.check_category(work.tx, command.category_id)
        discussion_id = await db.discussions.insert_discussion(
            work.tx,
            title=title,
            category_id=command.category_id,
            author_id=actor.user_id,
            legacy_slug=legacy_slug,
        )
        head = await rules.lock_discussion(work.tx, discussion_id, events=1)
        draft = drafts.in_discussion(draft, discussion_id)
        place = PostPlace(discussion_id, event_number=head.last_event)
        post_id = await db.posts.insert_post(work.tx, draft, place, author_id=actor.user_id)
        event = actor.event(
            EventKind.DISCUSSION_STARTED,
            post_id,
            1,
            author_id=actor.user_id,
            category_id=command.category_id,
            people=draft.people,
        )
        work.done(discussion_id, post_id, work.tx.append(event), body_changed=draft.body != command.body)
    return work.outcome


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
    async with forum.unit_of_work(actor, command) as work:
        row = _check_edit(await rules.locked_discussion(work.tx, command.discussion_id), actor, command)
        if row.locked:
            raise DiscussionLocked(f"Discussion {row.number} is locked: nobody can write in it.", ("discussion_id",))
        await rules.check_category(work.tx, category_id)
        is_changed = draft is not None and drafts.changes(draft, row.body, earlier)
        if draft is None or not (is_changed or (title, category_id) != (row.title, row.category_id)):
            work.done(row.discussion_id, row.post_id, body_changed=row.body != body)
        else:
            await rules.lock_discussion(work.tx, row.discussion_id, events=1)
            concerned = (await rules.concerns(work.tx, [row.post_id]))[row.post_id]
            await db.posts.change_post(work.tx, row, draft, title=row.title)
            await db.discussions.change(work.tx, row.discussion_id, title=title, category_id=category_id)
            concerned |= {
                # Whoever is not addressed any more has to hear of it, too.
                "people": [*concerned["people"], *draft.people],
                "category_id": category_id,
                "former_category_id": row.category_id if category_id != row.category_id else None,
                "changes": [
                    change
                    for change, is_made in (
                        (DiscussionChange.TITLE, title != row.title),
                        (DiscussionChange.BODY, is_changed),
                        (DiscussionChange.CATEGORY, category_id != row.category_id),
                    )
                    if is_made
                ],
            }
            event = actor.event(EventKind.DISCUSSION_UPDATED, row.post_id, row.version + 1, **concerned)
            work.done(
                row.discussion_id,
                row.post_id,
                work.tx.append(event),
                body_changed=draft.body != body,
                dropped_quotes=drafts.dropped_quotes(draft, earlier),
            )
    if work.outcome.position is not None:
        forum.source_changed()
    return work.outcome


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
        row = await rules.locked_discussion(work.tx, command.discussion_id)
        audit.check_moderator(actor, "lock and unlock a discussion", "discussion_id")
        position: Position | None = None
        if row.locked != locked:
            await rules.lock_discussion(work.tx, row.discussion_id, events=1)
            await db.discussions.set_locked(work.tx, row.discussion_id, locked=locked)
            event = actor.event(
                EventKind.DISCUSSION_UPDATED,
                row.post_id,
                row.version,
                author_id=row.author_id,
                category_id=row.category_id,
                changes=[DiscussionChange.LOCK],
            )
            position = work.tx.append(event)
            await audit.record(
                work.tx,
                actor,
                AuditAction.LOCK_DISCUSSION if locked else AuditAction.UNLOCK_DISCUSSION,
                user_id=row.author_id,
                discussion_id=row.discussion_id,
                event_number=position.number,
            )
        work.done(row.discussion_id, row.post_id, position)
    return work.outcome
