"""What becomes of held posts: their authors withdraw them, moderators publish or reject them.

A post that was held is published by the code that writes any other, as its author's, with the time of its publication.
What was deleted or locked meanwhile around it does not stop it; a discussion that is deleted as a whole does, and so
does a post that has changed since the edit of it was made.
"""

from dataclasses import dataclass, replace

import db.discussions
import db.held
import db.posts
import db.replies
import db.reviews
import db.search
from db import idempotency
from db.database import Database, Position, Transaction
from db.held import HeldPostRow
from db.kinds import HeldKind, HeldState
from db.posts import PostDraft
from forum import discussions, drafts, replies, rules
from forum.errors import Conflict, DiscussionNotFound, HeldPostNotFound, PostNotFound
from forum.use_cases import Actor, Command, Forum, IdempotencyKey, Outcome, use_case

PUBLICATION_ERRORS = (Conflict, DiscussionNotFound, PostNotFound)
"""What publishing or rejecting a held post may be refused for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawHeldPost(Command):
    """A held post that its author takes back."""

    mutation = "withdrawHeldPost"

    held_id: int


@dataclass(frozen=True, slots=True)
class Publication:
    """A held post, ready to be published: rendered, and its quotes compared, beside the lock."""

    held: HeldPostRow
    draft: PostDraft
    title: str = ""
    """That of the discussion of an opening post, which is found by it."""


@dataclass(frozen=True, slots=True)
class Published:
    """What a held post has become."""

    discussion_id: int
    post_id: int
    position: Position
    """That of its event in the log of the discussion."""


@use_case(HeldPostNotFound)
async def withdraw_held_post(forum: Forum, actor: Actor, command: WithdrawHeldPost) -> Outcome:
    """Takes back a post that waits for a moderator."""
    async with forum.unit_of_work(actor, command) as work:
        items = await db.reviews.lock_held(work.tx, [command.held_id])
        found = await work.tx.row(db.held.by_ids, ids=[command.held_id])
        is_theirs = found is not None and found.author_id == actor.user_id
        if not is_theirs or not await db.held.decide(work.tx, command.held_id, HeldState.WITHDRAWN):
            message = f"No post of yours that is held has the id H_{command.held_id}."
            raise HeldPostNotFound(message, ("held_post_id",))
        await db.reviews.close(work.tx, items)
        work.done(held_id=command.held_id)
    return work.outcome


async def prepare_publication(forum: Forum, held: HeldPostRow) -> Publication:
    """Does the slow part of publishing a post, without a lock. Raises DiscussionNotFound, PostNotFound."""
    context, title = drafts.PostContext(discussion_id=held.discussion_id, reply_to_id=held.reply_to_id), ""
    if held.kind == HeldKind.DISCUSSION:
        title = held.title or ""
        context = drafts.PostContext(title=title)
    elif held.kind == HeldKind.EDIT:
        post = await forum.database.row(db.posts.by_ids, ids=[held.post_id])
        if post is None or post.deleted_at is not None:
            raise _no_post(held)
        if post.sequence == 0:
            row = await forum.database.row(db.discussions.by_id, id=post.discussion_id)
            assert row is not None
            title = row.title if held.title is None else held.title
        context = drafts.PostContext(discussion_id=post.discussion_id, before_sequence=post.sequence, title=title)
    draft = await drafts.restored(forum, held.body, context, held)
    return Publication(held, await _with_authors(forum.database, draft), title)


async def _with_authors(database: Database, draft: PostDraft) -> PostDraft:
    """A draft whose quotes say who wrote their sources, who are notified."""
    sources = [quote.source_id for quote in draft.quotes if quote.source_id is not None]
    if not sources:
        return draft
    authors = {row.post_id: row.author_id for row in await database.rows(db.posts.places, ids=sources)}
    return replace(
        draft, quotes=[replace(quote, author_id=authors.get(quote.source_id or 0)) for quote in draft.quotes]
    )


async def publish(tx: Transaction, publication: Publication) -> Published:
    """Publishes a held post, in a transaction that has locked its discussion, if it has one, and then its review item.

    Call `forum.source_changed` after the commit. Raises DiscussionNotFound for a discussion that was deleted,
    PostNotFound for the edit of a post that was, and Conflict if the post has changed since its edit was made or the
    held post is decided already.
    """
    held = publication.held
    key = None if held.client_mutation_id is None else IdempotencyKey(held.client_mutation_id, b"")
    author = Actor(held.author_id, key=key)
    write = {HeldKind.REPLY: _publish_reply, HeldKind.DISCUSSION: _publish_discussion, HeldKind.EDIT: _publish_edit}
    published = await write[HeldKind(held.kind)](tx, author, publication)
    await db.held.place(tx, held.id, discussion_id=published.discussion_id, post_id=published.post_id)
    return published


async def reject(tx: Transaction, held: HeldPostRow) -> None:
    """Rejects a held post. Raises Conflict if it is decided already."""
    await _decide(tx, held, HeldState.REJECTED)


async def _publish_reply(tx: Transaction, author: Actor, publication: Publication) -> Published:
    held = publication.held
    assert held.discussion_id is not None
    found = await tx.lock_log_and_read(
        db.replies.new_reply,
        held.discussion_id,
        events=1,
        replies=1,
        parent=held.reply_to_id,
        author=held.author_id,
        **idempotency.words_parameters("", None, tx.at),
    )
    if found is None or found.deleted:
        raise rules.no_discussion(held.discussion_id)
    await _decide(tx, held, HeldState.PUBLISHED)
    _, position = await replies.write_reply(tx, author, publication.draft, found, held.discussion_id, held.reply_to_id)
    return Published(held.discussion_id, found.post_id, position)


async def _publish_discussion(tx: Transaction, author: Actor, publication: Publication) -> Published:
    held = publication.held
    await _decide(tx, held, HeldState.PUBLISHED)
    return Published(
        *await discussions.write_discussion(
            tx, author, publication.draft, title=publication.title, category_id=held.category_id
        )
    )


async def _publish_edit(tx: Transaction, author: Actor, publication: Publication) -> Published:
    held, draft = publication.held, publication.draft
    assert held.discussion_id is not None
    assert held.post_id is not None
    await rules.lock_discussion(tx, held.discussion_id)
    discussion = await tx.row(db.discussions.by_id, id=held.discussion_id)
    if discussion is None or discussion.deleted_at is not None:
        raise rules.no_discussion(held.discussion_id)
    reply = None if held.post_id == discussion.post_id else await tx.row(db.replies.by_ids, ids=[held.post_id])
    post = discussion if reply is None else reply
    if post.post_id != held.post_id or post.deleted_at is not None:
        raise _no_post(held)
    if post.version != held.expected_version:
        message = (
            f"The post is at version {post.version}, and the edit was made from version {held.expected_version}."
            " Reject the edit: its author can make it again."
        )
        raise Conflict(message)
    await _decide(tx, held, HeldState.PUBLISHED)
    if reply is not None:
        return Published(held.discussion_id, held.post_id, await replies.write_edit(tx, author, reply, draft))
    title = discussion.title if held.title is None else held.title
    if title != publication.title:
        draft = replace(draft, search_entry=db.search.entry(title, draft.text))
    position = await discussions.write_edit(
        tx,
        author,
        discussion,
        draft,
        title=title,
        category_id=discussion.category_id if held.keeps_category else held.category_id,
        changes_body=draft.body != discussion.body,
    )
    return Published(held.discussion_id, held.post_id, position)


async def _decide(tx: Transaction, held: HeldPostRow, state: HeldState) -> None:
    """Raises Conflict if it is decided already."""
    if not await db.held.decide(tx, held.id, state):
        raise Conflict(f"The post H_{held.id} is not held any more: look at what became of it.")


def _no_post(held: HeldPostRow) -> PostNotFound:
    return PostNotFound(f"The post that H_{held.id} edits has been deleted.")
