"""Replies: adding and editing them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import db.posts
import db.quotes
import db.replies
from db import paths
from db.database import Position, Transaction
from db.kinds import EventKind, HeldKind
from db.logs import is_discussion
from db.posts import PostDraft, PostPlace
from db.replies import NewReplyRow, ParentRow
from db.rows import ReplyRow
from forum import drafts, holding, rules
from forum.errors import (
    BodyEmpty,
    BodyTooLong,
    DiscussionLocked,
    DiscussionNotFound,
    EditConflict,
    InvalidText,
    NotAllowed,
    ParentDeleted,
    ParentNotFound,
    QuoteSourceNotFound,
    ReplyNotFound,
    TooDeep,
    TooManyHeld,
    TooManyQuotes,
)
from forum.sources import Quoter
from forum.use_cases import Actor, Command, Forum, Outcome, Work, use_case

DRAFT_ERRORS = (BodyEmpty, BodyTooLong, InvalidText, QuoteSourceNotFound, TooManyHeld, TooManyQuotes)
"""What a body and its quotes may be refused for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddReply(Command):
    """A new reply."""

    mutation = "addReply"

    discussion_id: int
    reply_to_id: int | None = None
    """None for an answer to the opening post."""
    body: str
    quotes: Sequence[drafts.QuoteRequest] = ()
    provenance: drafts.Provenance | None = None
    """What is known of it beside its text."""

    def place_and_words(self) -> tuple[Any, ...]:
        return self.discussion_id, self.reply_to_id, *drafts.words([self.body], self.quotes)

    @property
    def log_id(self) -> int:
        return self.discussion_id


@dataclass(frozen=True, slots=True, kw_only=True)
class EditReply(Command):
    """The new text of a reply."""

    mutation = "editReply"

    reply_id: int
    expected_version: int
    body: str
    quotes: Sequence[drafts.QuoteRequest] | None = None
    """None keeps the sources of the quotes that are still there."""


@use_case(DiscussionNotFound, DiscussionLocked, ParentNotFound, ParentDeleted, TooDeep, *DRAFT_ERRORS)
async def add_reply(forum: Forum, actor: Actor, command: AddReply) -> Outcome:
    """Adds a reply."""
    draft = await drafts.prepare(
        forum,
        command.body,
        drafts.PostContext(discussion_id=command.discussion_id, reply_to_id=command.reply_to_id),
        limit=forum.limits.reply_length,
        requests=command.quotes,
        provenance=command.provenance,
        quoter=Quoter(actor.user_id, actor.is_moderator),
    )
    examined = await holding.examine(forum, actor, HeldKind.REPLY, draft, discussion_id=command.discussion_id)
    try:
        return await _publish(forum, actor, command, draft, examined)
    except holding.ToHold as found:
        assert examined is not None
        async with forum.unit_of_work(actor, command, locks_log=False) as work:
            await holding.hold(
                work,
                actor,
                HeldKind.REPLY,
                draft,
                found.reasons,
                awaits_filter=examined.awaits_filter,
                body_changed=draft.body != command.body,
                discussion_id=command.discussion_id,
                reply_to_id=command.reply_to_id,
            )
        return work.outcome


async def _publish(
    forum: Forum, actor: Actor, command: AddReply, draft: PostDraft, examined: holding.Examined | None
) -> Outcome:
    """Adds a reply that nothing holds. Raises ToHold for another one."""
    async with forum.unit_of_work(actor, command) as work:
        reply_to_id = command.reply_to_id
        if command.provenance is not None and command.provenance.replies_to_quoted:
            reply_to_id = await _quoted_reply(work.tx, command.discussion_id, draft)
        found = await _locked(work, command.discussion_id, reply_to_id, actor.user_id)
        rules.check_open(found, command.discussion_id, "discussion_id")
        if reply_to_id is not None:
            _check_parent(found, command.discussion_id, reply_to_id, max_depth=forum.limits.depth)
        await work.check_repeated(found.earlier)
        if examined is not None and (reasons := examined.reasons(found)):
            raise holding.ToHold(reasons)
        place, position = await write_reply(work.tx, actor, draft, found, command.discussion_id, reply_to_id)
        work.done(
            command.discussion_id,
            found.post_id,
            position,
            body_changed=draft.body != command.body,
            reply=db.replies.as_inserted(work.tx, found.post_id, draft, place, author_id=actor.user_id),
        )
    return work.outcome


async def write_reply(
    tx: Transaction, author: Actor, draft: PostDraft, found: NewReplyRow, discussion_id: int, reply_to_id: int | None
) -> tuple[PostPlace, Position]:
    """Writes a reply with its counts and its event, in a discussion that is locked for one of each.

    What it answers may be a tombstone, which lists show then.
    """
    path = paths.child(found.parent_path or b"", found.last_reply)
    place = PostPlace(discussion_id, found.last_reply, reply_to_id, path, found.last_event)
    await db.posts.insert_post(tx, draft, place, author_id=author.user_id, post_id=found.post_id)
    if found.parent_path is not None and not found.parent_listed:
        await db.replies.count_below_unlisted(tx, place, found.post_id)
    else:
        await db.replies.count_reply(tx, place, author_id=author.user_id, takes_part=found.takes_part)
    event = author.event(
        EventKind.REPLY_ADDED,
        found.post_id,
        1,
        author_id=author.user_id,
        answered_id=found.answered_id,
        category_id=found.category_id,
        people=draft.people,
    )
    return place, tx.append(event)


async def _locked(work: Work, discussion_id: int, reply_to_id: int | None, author_id: int) -> NewReplyRow:
    """Locks the discussion and reads under the lock what decides about the reply. Raises DiscussionNotFound."""
    found = None
    if is_discussion(discussion_id):
        found = await work.tx.lock_log_and_read(
            db.replies.new_reply,
            discussion_id,
            events=1,
            replies=1,
            parent=reply_to_id,
            author=author_id,
            **work.words_parameters,
        )
    if found is None:
        raise rules.no_discussion(discussion_id)
    return found


def _check_parent(found: ParentRow, discussion_id: int, reply_to_id: int, *, max_depth: int) -> None:
    """Raises ParentNotFound, ParentDeleted, TooDeep."""
    if found.parent_path is None:
        raise ParentNotFound(f"Discussion {discussion_id} has no reply R_{reply_to_id}.", ("reply_to_id",))
    if found.parent_deleted:
        raise ParentDeleted(f"Reply {found.parent_sequence} has been deleted.", ("reply_to_id",))
    if paths.depth(found.parent_path) + 1 > max_depth:
        message = f"Reply {found.parent_sequence} is at depth {max_depth}, the deepest allowed. Reply further up."
        raise TooDeep(message, ("reply_to_id",), max_depth)


async def _quoted_reply(tx: Transaction, discussion_id: int, draft: PostDraft) -> int | None:
    """The source of the first outermost quote, if it is a reply in this discussion."""
    sources = [quote.source_id for quote in draft.quotes if quote.depth == 0 and quote.source_id is not None]
    places = await tx.rows(db.posts.places, ids=sources[:1]) if sources else []
    return next((row.post_id for row in places if row.discussion_id == discussion_id and row.sequence > 0), None)


@use_case(ReplyNotFound, NotAllowed, EditConflict, DiscussionLocked, *DRAFT_ERRORS)
async def edit_reply(forum: Forum, actor: Actor, command: EditReply) -> Outcome:
    """Gives a reply its next version. An edit that changes nothing writes nothing."""
    before = await forum.database.row(db.replies.by_ids, ids=[command.reply_id])
    before = _check_edit(before, actor, command)
    earlier = await drafts.earlier_quotes(forum.database, before, keep_sources=command.quotes is None)
    draft: PostDraft | None = None
    if command.body != before.body or command.quotes is not None:
        draft = await drafts.prepare(
            forum,
            command.body,
            drafts.PostContext(
                discussion_id=before.discussion_id, reply_to_id=before.reply_to_id, before_sequence=before.sequence
            ),
            limit=forum.limits.reply_length,
            requests=command.quotes or (),
            earlier=earlier,
            quoter=Quoter(actor.user_id, actor.is_moderator),
        )
    changes = draft is not None and drafts.changes(draft, before.body, earlier)
    examined = None
    if draft is not None and changes:
        examined = await holding.examine(
            forum, actor, HeldKind.EDIT, draft, discussion_id=before.discussion_id, before=before
        )
    async with forum.unit_of_work(actor, command) as work:
        row = _check_edit(await rules.locked_reply(work.tx, command.reply_id), actor, command)
        parent = await work.tx.row(db.replies.parent, discussion=row.discussion_id, parent=None, author=actor.user_id)
        parent = rules.check_open(parent, row.discussion_id, "reply_id")
        if draft is None or not changes:
            work.done(row.discussion_id, row.post_id, body_changed=row.body != command.body)
        elif examined is not None and (reasons := examined.reasons(parent)):
            await holding.hold(
                work,
                actor,
                HeldKind.EDIT,
                draft,
                reasons,
                awaits_filter=examined.awaits_filter,
                body_changed=draft.body != command.body,
                discussion_id=row.discussion_id,
                post_id=row.post_id,
                expected_version=row.version,
            )
        else:
            await holding.withdraw_earlier(work.tx, actor, row.post_id)
            work.done(
                row.discussion_id,
                row.post_id,
                await write_edit(work.tx, actor, row, draft),
                body_changed=draft.body != command.body,
                dropped_quotes=drafts.dropped_quotes(draft, earlier),
            )
    if work.outcome.position is not None:
        forum.source_changed()
    return work.outcome


async def write_edit(tx: Transaction, author: Actor, row: ReplyRow, draft: PostDraft) -> Position:
    """Writes the next version of a reply, whose discussion is locked, with its event."""
    await rules.lock_discussion(tx, row.discussion_id, events=1)
    concerned = (await rules.concerns(tx, [row.post_id]))[row.post_id]
    await db.posts.change_post(tx, row, draft)
    # Whoever is not addressed any more has to hear of it, too.
    concerned["people"] = [*concerned["people"], *draft.people]
    return tx.append(author.event(EventKind.REPLY_EDITED, row.post_id, row.version + 1, **concerned))


def _check_edit(reply: ReplyRow | None, actor: Actor, command: EditReply) -> ReplyRow:
    """Raises ReplyNotFound, NotAllowed, EditConflict."""
    reply = rules.check_reply(reply, command.reply_id)
    rules.check_author(reply, actor, "reply", "reply_id")
    rules.check_version(reply, command.expected_version, f"Reply {reply.sequence}")
    return reply
