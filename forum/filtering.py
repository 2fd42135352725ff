"""Asking the outside filter again about posts that are held because it did not answer."""

import asyncio

import db.audit
import db.held
import db.reviews
from db.audit import AuditEntry
from db.database import Transaction
from db.held import HeldPostRow, StandingRow
from db.kinds import AuditAction, AuthorRole, FilterAnswer, HeldKind, HoldReason
from forum import holding, rules
from forum.errors import Conflict, DiscussionNotFound, PostNotFound
from forum.held import Publication, prepare_publication, publish
from forum.use_cases import Forum
from text import links, markdown, workers

ASKED_AT_ONCE = 5


class FilterAway(Exception):
    """The filter has not answered."""


async def ask_again(forum: Forum, review_items: list[int]) -> None:
    """Asks about those of these review items' posts of which the filter has said nothing, and does what it says.

    What it lets through and nothing else holds is published. Raises FilterAway if one is left without an answer.
    """
    waiting = await forum.database.rows(db.held.awaiting_filter, items=review_items)
    turns = asyncio.Semaphore(ASKED_AT_ONCE)

    async def settled(held: HeldPostRow) -> bool:
        async with turns:
            return await _settle(forum, held)

    if not all(await asyncio.gather(*map(settled, waiting))):
        raise FilterAway("The outside filter has not answered about all posts.")


async def _settle(forum: Forum, held: HeldPostRow) -> bool:
    """Asks about one post. Returns whether the filter has answered."""
    author = await forum.database.row(db.held.standing, author=held.author_id, besides=0, most=0)
    assert author is not None
    answer = await _ask(forum, held, author)
    if answer is None:
        return False
    left = holding.answered(held.reasons, answer)
    if author.person_premoderated and HoldReason.PERSON not in left:
        left.append(HoldReason.PERSON)
    publication = None
    if not left and not author.is_suspended:
        try:
            publication = await prepare_publication(forum, held)
        except (DiscussionNotFound, PostNotFound):
            left = held.reasons
    await forum.database.detach(_write(forum, held, publication, left or held.reasons))
    return True


async def _ask(forum: Forum, held: HeldPostRow, author: StandingRow) -> FilterAnswer | None:
    assert forum.ask_filter is not None
    document = await workers.run(markdown.read, held.body)
    asked = holding.filter_document(
        HeldKind(held.kind),
        held.author_id,
        author.name,
        AuthorRole(author.role),
        held.discussion_id,
        held.title or "",
        held.body,
        document.text,
        links.outward(held.body_html, forum.host, held.title or "", document.text),
    )
    return await forum.ask_filter(held.node_id, asked)


async def _write(forum: Forum, held: HeldPostRow, publication: Publication | None, left: list[HoldReason]) -> None:
    """Publishes a post, or leaves it to moderators for the reasons that are `left`."""
    if publication is not None:
        try:
            await forum.database.write(lambda tx: _publish(tx, publication))
        except (Conflict, DiscussionNotFound, PostNotFound):
            # Decided meanwhile, or not to be published any more.
            left = held.reasons
        else:
            forum.source_changed()
            return
    await forum.database.write(lambda tx: db.held.filter_answered(tx, held.id, left))


async def _publish(tx: Transaction, publication: Publication) -> None:
    """Publishes a post and decides its review item, as the server's own act."""
    held = publication.held
    if held.discussion_id is not None:
        await rules.lock_discussion(tx, held.discussion_id)
    items = await db.reviews.lock_held(tx, [held.id])
    published = await publish(tx, publication)
    entry = await db.audit.add(
        tx,
        AuditEntry(
            action=AuditAction.PUBLISH,
            actor_id=None,
            user_id=held.author_id,
            discussion_id=published.discussion_id,
            post_id=published.post_id,
            review_item_id=items[0] if items else None,
            held_post_id=held.id,
            event_number=published.position.number,
        ),
    )
    await db.reviews.close(tx, items, entry)
