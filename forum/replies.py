"""Replies: adding, editing and deleting them."""

from collections.abc import Sequence
from dataclasses import dataclass

import db.posts
import db.quotes
import db.replies
from db import paths
from db.database import Transaction
from db.kinds import EventKind
from db.posts import PostDraft, PostPlace
from db.rows import ReplyRow
from forum import drafts, rules
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
    TooManyQuotes,
)
from forum.sources import Quoter
from forum.use_cases import Actor, Command, Forum, Outcome, use_case

DRAFT_ERRORS = (BodyEmpty, BodyTooLong, InvalidText, QuoteSourceNotFound, TooManyQuotes)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class EditReply(Command):
    """The new text of a reply."""

    mutation = "editReply"

    reply_id: int
    expected_version: int
    body: str
    quotes: Sequence[drafts.QuoteRequest] | None = None
    """None keeps the sources of the quotes that are still there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteReply(Command):
    """A reply to delete."""

    mutation = "deleteReply"

    reply_id: int


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
    async with forum.unit_of_work(actor, command) as work:
        head = await rules.lock_discussion(work.tx, command.discussion_id, events=1, replies=1)
        reply_to_id = command.reply_to_id
        if command.provenance is not None and command.provenance.replies_to_quoted:
            reply_to_id = await _quoted_reply(work.tx, command.discussion_id, draft)
        above = await _parent_path(work.tx, command.discussion_id, reply_to_id, max_depth=forum.limits.depth)
        place = PostPlace(head.discussion_id, head.last_reply, reply_to_id, paths.child(above, head.last_reply))
        post_id = await db.posts.insert_post(work.tx, draft, place, author_id=actor.user_id)
        await db.replies.count_reply(work.tx, place, author_id=actor.user_id)
        position = work.tx.append(actor.event(EventKind.REPLY_ADDED, post_id, 1))
        work.done(head.discussion_id, post_id, position, body_changed=draft.body != command.body)
    return work.outcome


async def _parent_path(tx: Transaction, discussion_id: int, reply_to_id: int | None, *, max_depth: int) -> bytes:
    parent = await tx.row(db.replies.parent, discussion=discussion_id, parent=reply_to_id)
    parent = rules.check_open(parent, discussion_id, "discussion_id")
    if reply_to_id is None:
        return b""
    if parent.parent_path is None:
        raise ParentNotFound(f"Discussion {discussion_id} has no reply R_{reply_to_id}.", ("reply_to_id",))
    if parent.parent_deleted:
        raise ParentDeleted(f"Reply {parent.parent_sequence} has been deleted.", ("reply_to_id",))
    if paths.depth(parent.parent_path) + 1 > max_depth:
        message = f"Reply {parent.parent_sequence} is at depth {max_depth}, the deepest allowed. Reply further up."
        raise TooDeep(message, ("reply_to_id",), max_depth)
    return parent.parent_path


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
    async with forum.unit_of_work(actor, command) as work:
        row = _check_edit(await rules.locked_reply(work.tx, command.reply_id), actor, command)
        parent = await work.tx.row(db.replies.parent, discussion=row.discussion_id, parent=None)
        rules.check_open(parent, row.discussion_id, "reply_id")
        if draft is None or not drafts.changes(draft, row.body, earlier):
            work.done(row.discussion_id, row.post_id, body_changed=row.body != command.body)
        else:
            await rules.lock_discussion(work.tx, row.discussion_id, events=1)
            await db.posts.change_post(work.tx, row, draft)
            work.done(
                row.discussion_id,
                row.post_id,
                work.tx.append(actor.event(EventKind.REPLY_EDITED, row.post_id, row.version + 1)),
                body_changed=draft.body != command.body,
                dropped_quotes=drafts.dropped_quotes(draft, earlier),
            )
    if work.outcome.position is not None:
        forum.source_changed()
    return work.outcome


def _check_edit(reply: ReplyRow | None, actor: Actor, command: EditReply) -> ReplyRow:
    """Raises ReplyNotFound, NotAllowed, EditConflict."""
    reply = rules.check_reply(reply, command.reply_id)
    rules.check_author(reply, actor, "reply", "reply_id")
    rules.check_version(reply, command.expected_version, f"Reply {reply.sequence}")
    return reply


@use_case(ReplyNotFound, NotAllowed)
async def delete_reply(forum: Forum, actor: Actor, command: DeleteReply) -> Outcome:
    """Turns a reply into a tombstone: its place, its sequence and its answers stay."""
    async with forum.unit_of_work(actor, command) as work:
        row = await rules.locked_reply(work.tx, command.reply_id, events=1)
        if row.author_id != actor.user_id and not actor.is_moderator:
            raise NotAllowed("Only its author or a moderator can delete a reply.", ("reply_id",))
        await db.posts.soft_delete_posts(work.tx, [row.post_id])
        position = work.tx.append(actor.event(EventKind.REPLY_DELETED, row.post_id, row.version + 1))
        work.done(row.discussion_id, row.post_id, position)
    forum.source_changed()
    return work.outcome
