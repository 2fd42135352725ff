"""Holding a post: whether the policy lets it through, and what is kept of one that waits for a moderator.

What the policy asks is found out before the transaction, but for what stands in the rows that a use case locks anyway:
so a post of somebody whom nothing holds costs no statement more.
"""

import secrets
from dataclasses import dataclass, replace
from typing import Any, Protocol

import db.held
import db.reviews
from db.database import Transaction
from db.held import HeldPostRow
from db.kinds import AuthorRole, FilterAnswer, HeldKind, HeldState, HoldReason
from db.posts import PostDraft
from db.rows import DiscussionRow, PostRow
from forum.errors import TooManyHeld
from forum.policy import NEVER_HELD, Author, Policy, PostFacts, hold_reasons, posts_needed
from forum.use_cases import Actor, Forum, Work
from text import links, workers

MAX_HELD = 10
"""How many posts of a person may wait at once."""

_NOTHING = Policy()


class _Premoderated(Protocol):
    """A row that says whether a post is held by its place or its author."""

    @property
    def category_premoderated(self) -> bool: ...

    @property
    def person_premoderated(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Examined:
    """A post that may be held, as far as it is known before its transaction."""

    post: PostFacts
    author: Author
    policy: Policy

    def reasons(self, found: _Premoderated) -> tuple[HoldReason, ...]:
        """Why it is held; empty if it is published at once."""
        post = replace(
            self.post,
            category_premoderated=found.category_premoderated,
            person_premoderated=found.person_premoderated,
        )
        return hold_reasons(post, self.author, self.policy)

    @property
    def awaits_filter(self) -> bool:
        """Whether the outside filter is to be asked again."""
        return self.post.filter_answer is None


class ToHold(Exception):
    """A post is to be held, as the rows say that the transaction has locked to publish it."""

    def __init__(self, reasons: tuple[HoldReason, ...]) -> None:
        super().__init__(reasons)
        self.reasons = reasons


async def examine(
    forum: Forum,
    actor: Actor,
    kind: HeldKind,
    draft: PostDraft,
    *,
    discussion_id: int | None = None,
    title: str = "",
    before: PostRow | None = None,
) -> Examined | None:
    """Finds out what the policy asks of a new post, or of an edit of the post `before`.

    Returns None if nothing that the actor writes is ever held.
    """
    if not actor.is_client or actor.is_moderator:
        return None
    policy = forum.policy
    role = AuthorRole.GUEST if actor.is_guest else AuthorRole.MEMBER
    if policy == _NOTHING and forum.ask_filter is None:
        return Examined(PostFacts(), Author(role), policy)
    addresses = await workers.run_on(draft.body, links.outward, draft.html, forum.host, title, draft.text)
    had = set(_addresses_of(before, forum.host)) if before is not None and addresses else set()
    words = "\n".join([title, draft.text, *addresses])
    post = PostFacts(
        has_links=not had.issuperset(addresses),
        has_held_words=bool(policy.words and await workers.run_on(draft.body, policy.words.found, words)),
    )
    most, published = posts_needed(post, role, policy), 0
    if most or forum.ask_filter is not None:
        besides = 0 if before is None else before.post_id
        row = await forum.database.row(db.held.standing, author=actor.user_id, besides=besides, most=most)
        assert row is not None
        role, published = AuthorRole(row.role), row.published
        if forum.ask_filter is not None and role not in NEVER_HELD:
            document = filter_document(
                kind, actor.user_id, row.name, role, discussion_id, title, draft.body, draft.text, addresses
            )
            post = replace(post, filter_answer=await forum.ask_filter(f"post_{secrets.token_hex(12)}", document))
    return Examined(post, Author(role, published), policy)


def _addresses_of(post: PostRow, host: str | None) -> list[str]:
    title = post.title if isinstance(post, DiscussionRow) else ""
    return links.outward(post.body_html, host, title, post.body_text)


def filter_document(
    kind: HeldKind,
    author_id: int,
    name: str,
    role: AuthorRole,
    discussion_id: int | None,
    title: str,
    body: str,
    text: str,
    addresses: list[str],
) -> dict[str, Any]:
    """What the outside filter is told of a post: see docs/cookbook/moderation.md."""
    return {
        "kind": kind.value,
        "author": {"id": f"U_{author_id}", "name": name, "isGuest": role is AuthorRole.GUEST},
        "discussionId": None if discussion_id is None else f"D_{discussion_id}",
        "title": title or None,
        "body": body,
        "bodyText": text,
        "links": addresses,
    }


async def hold(
    work: Work,
    actor: Actor,
    kind: HeldKind,
    draft: PostDraft,
    reasons: tuple[HoldReason, ...],
    *,
    awaits_filter: bool,
    body_changed: bool,
    **place: Any,
) -> None:
    """Holds a post in place of publishing it, with a review item. `place`: see db.held.insert_held.

    A newer edit takes the place of one of the same post that is held. Raises TooManyHeld.
    """
    tx = work.tx
    discussion_id: int | None = place.get("discussion_id")
    shown = place.get("post_id")
    if kind is HeldKind.EDIT:
        assert shown is not None
        for earlier in await tx.rows(db.held.earlier_edit, author=actor.user_id, post=shown):
            if _is_same(earlier, draft, place):
                work.done(discussion_id, shown, body_changed=body_changed, held_id=earlier.id)
                return
        await withdraw_earlier(tx, actor, shown)
    if await db.held.lock_author_and_count(tx, actor.user_id) >= MAX_HELD:
        message = f"{MAX_HELD} posts of yours wait for a moderator. Wait until one is decided, or withdraw one of them."
        raise TooManyHeld(message, ("body",), MAX_HELD)
    held_id = await db.held.insert_held(
        tx,
        draft,
        kind=kind,
        author_id=actor.user_id,
        reasons=reasons,
        awaits_filter=awaits_filter,
        client_mutation_id=actor.key.text if actor.key else None,
        **place,
    )
    await db.reviews.open_held(tx, held_id, author_id=actor.user_id, discussion_id=discussion_id)
    work.done(discussion_id, shown, body_changed=body_changed, held_id=held_id)


async def withdraw_earlier(tx: Transaction, actor: Actor, post_id: int) -> None:
    """Withdraws the edit of a post that is held, since its author has made a newer one. The discussion is locked."""
    for earlier in await tx.rows(db.held.earlier_edit, author=actor.user_id, post=post_id):
        items = await db.reviews.lock_held(tx, [earlier.id])
        if await db.held.decide(tx, earlier.id, HeldState.WITHDRAWN):
            await db.reviews.close(tx, items)


def _is_same(earlier: HeldPostRow, draft: PostDraft, place: dict[str, Any]) -> bool:
    """Whether an edit that is held says the same, as after a button was pressed twice."""
    wanted = {"title": None, "category_id": None, "keeps_category": True} | place
    return earlier.body == draft.body and all(getattr(earlier, name) == value for name, value in wanted.items())


def answered(reasons: list[HoldReason], answer: FilterAnswer) -> list[HoldReason]:
    """Why a post is held once the outside filter has answered."""
    return [each for each in reasons if each is not HoldReason.FILTER or answer is FilterAnswer.HOLD]
