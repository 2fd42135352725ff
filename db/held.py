"""Held posts: what waits for a moderator before anybody else reads it, and what decides whether a post is held."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

import orjson
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    exists,
    false,
    func,
    insert,
    select,
    tuple_,
    update,
)

from db import counts
from db.database import Transaction
from db.deletions import KeptMention, KeptQuote, kept_json
from db.kinds import AuthorRole, HeldKind, HeldState, HoldReason
from db.posts import PostDraft
from db.rows import CountRow, IdRow, PrefixedId, Row
from db.statements import Statement, WriteStatement, among
from db.tables import categories, discussions, held_posts, posts, review_items, users
from db.user_columns import is_ever_held


class HeldPostRow(Row):
    """A post that is held, or was."""

    __slots__ = ()
    graphql_type = "HeldPost"

    id: int
    kind: str
    """A HeldKind."""
    state: str
    """A HeldState."""
    author_id: int
    discussion_id: int | None
    """None for a discussion that is not there yet."""
    reply_to_id: int | None
    post_id: int | None
    """The post that an edit changes, or that it has become."""
    expected_version: int | None
    """Of an edit, the version that it was made from."""
    title: str | None
    """Of a discussion, or the new one of an edit."""
    category_id: int | None
    keeps_category: bool
    """Of an edit, whether the discussion stays in its category."""
    body: str
    body_html: str
    quotes: str | None
    mentions: str | None
    reason_names: str
    awaits_filter: bool
    """Whether the outside filter is to be asked again."""
    client_mutation_id: str | None
    created_at: datetime
    decided_at: datetime | None

    node_id = PrefixedId("H_", "id")

    @property
    def reasons(self) -> list[HoldReason]:
        """Why it is held."""
        return [HoldReason(name) for name in self.reason_names.split()]

    @property
    def kept_quotes(self) -> list[KeptQuote] | None:
        """Its quotes without their words; None if they are to be found again."""
        return None if self.quotes is None else [KeptQuote(**each) for each in orjson.loads(self.quotes)]

    @property
    def kept_mentions(self) -> list[KeptMention]:
        """Whom its mentions mean; empty if they are to be found again."""
        return [KeptMention(**each) for each in orjson.loads(self.mentions or "[]")]


class PremoderationRow(Row):
    """Whether all that somebody writes in some place is held."""

    __slots__ = ()

    category_premoderated: bool
    person_premoderated: bool


class StandingRow(Row):
    """Who writes, as far as it decides whether they are held."""

    __slots__ = ()

    name: str
    role: str
    """An AuthorRole."""
    is_suspended: bool
    person_premoderated: bool
    published: int
    """How many posts of theirs can be read, counted up to `most`."""


_columns = [
    held_posts.c.id,
    held_posts.c.kind,
    held_posts.c.state,
    held_posts.c.author_id,
    held_posts.c.discussion_id,
    held_posts.c.reply_to_id,
    held_posts.c.post_id,
    held_posts.c.expected_version,
    held_posts.c.title,
    held_posts.c.category_id,
    held_posts.c.keeps_category,
    held_posts.c.body,
    held_posts.c.body_html,
    held_posts.c.quotes,
    held_posts.c.mentions,
    held_posts.c.reasons.label("reason_names"),
    held_posts.c.awaits_filter,
    held_posts.c.client_mutation_id,
    held_posts.c.created_at,
    held_posts.c.decided_at,
]
_select = select(*_columns)
_is_held = held_posts.c.state == HeldState.HELD.value
_author: ColumnElement[int] = bindparam("author", type_=BigInteger)
_of_author = held_posts.c.author_id == _author

by_ids = Statement(_select.where(among(held_posts.c.id, "ids")), HeldPostRow)
"""The held posts `ids`, whatever became of them."""

awaiting_filter = Statement(
    _select.join(review_items, review_items.c.held_post_id == held_posts.c.id).where(
        among(review_items.c.id, "items"), _is_held, held_posts.c.awaits_filter
    ),
    HeldPostRow,
)
"""The held posts of the review items `items` of which the outside filter is to be asked again."""


@cache
def of_author(*, in_state: bool) -> Statement[HeldPostRow]:
    """The next `limit` of the held posts of `author` before the id `below`, the newest first.

    All of them, or those in the `state`.
    """
    chosen = _select.where(_of_author, held_posts.c.id < bindparam("below"))
    return Statement(
        _in_state(chosen, in_state).order_by(held_posts.c.id.desc()).limit(bindparam("limit")), HeldPostRow
    )


@cache
def of_authors_counted(*, in_state: bool) -> Statement[CountRow]:
    """How many held posts each of the people `parents` has: see db.counts."""

    def choose(value: ColumnElement[int]) -> Select[Any]:
        return _in_state(select(held_posts.c.id).where(held_posts.c.author_id == value), in_state)

    return counts.counted_of_parents(choose)


def _in_state(chosen: Select[Any], in_state: bool) -> Select[Any]:
    return chosen.where(held_posts.c.state == bindparam("state")) if in_state else chosen


_role = case((users.c.is_guest, AuthorRole.GUEST.value), else_=users.c.role)
_published = (
    select(posts.c.id)
    .where(posts.c.author_id == _author, posts.c.id != bindparam("besides"))
    .limit(bindparam("most"))
    .subquery()
)
standing = Statement(
    select(
        users.c.name,
        _role.label("role"),
        users.c.suspended_at.is_not(None).label("is_suspended"),
        users.c.premoderated.label("person_premoderated"),
        select(func.count()).select_from(_published).scalar_subquery().label("published"),
    ).where(users.c.id == _author),
    StandingRow,
)
"""How `author` stands. Of their posts that can be read, `most` are counted, and not the post `besides`."""

_premoderates = exists().where(among(categories.c.id, "categories"), categories.c.premoderated)
premoderation = Statement(
    select(
        and_(is_ever_held, _premoderates).label("category_premoderated"),
        and_(is_ever_held, users.c.premoderated).label("person_premoderated"),
    ).where(users.c.id == _author),
    PremoderationRow,
)
"""Whether all that `author` writes is held, and whether what they write in one of `categories` is."""

_insert = Statement(
    insert(held_posts)
    .values(
        {column.name: bindparam(column.name) for column in held_posts.columns if column.name not in ("id", "state")}
    )
    .returning(held_posts.c.id),
    IdRow,
)
# Not its key: rows that refer to the person go on being written.
_lock_author = Statement(select(users.c.id).where(users.c.id == _author).with_for_update(key_share=True), IdRow)
_waiting = Statement(select(func.count().label("id")).select_from(held_posts).where(_of_author, _is_held), IdRow)
_decide = Statement(
    update(held_posts)
    .where(held_posts.c.id == bindparam("held"), _is_held)
    .values(state=bindparam("now_state"), decided_at=bindparam("now"), awaits_filter=False)
    .returning(held_posts.c.id),
    IdRow,
)
_place = WriteStatement(
    update(held_posts)
    .where(held_posts.c.id == bindparam("held"))
    .values(discussion_id=bindparam("in_discussion"), post_id=bindparam("post"))
)
earlier_edit = Statement(
    _select.where(
        _of_author,
        held_posts.c.post_id == bindparam("post"),
        held_posts.c.kind == HeldKind.EDIT.value,
        _is_held,
    ),
    HeldPostRow,
)
"""The edits of a post by `author` that are held."""
_answered = Statement(
    update(held_posts)
    .where(held_posts.c.id == bindparam("held"), _is_held, held_posts.c.awaits_filter)
    .values(awaits_filter=False, reasons=bindparam("left"))
    .returning(held_posts.c.id),
    IdRow,
)


async def insert_held(
    tx: Transaction,
    draft: PostDraft,
    *,
    kind: HeldKind,
    author_id: int,
    reasons: Sequence[HoldReason],
    awaits_filter: bool,
    client_mutation_id: str | None,
    **place: Any,
) -> int:
    """Holds a post. `place`: the columns that say where it is to be published. Returns its id."""
    values: dict[str, Any] = {
        "discussion_id": None,
        "reply_to_id": None,
        "post_id": None,
        "expected_version": None,
        "title": None,
        "category_id": None,
        "keeps_category": True,
    }
    quotes = [
        KeptQuote(**{name: getattr(quote, name) for name in KeptQuote.__dataclass_fields__}) for quote in draft.quotes
    ]
    mentions = [KeptMention(user_id=each.user_id, start=each.start, length=each.length) for each in draft.mentions]
    values |= place | {
        "kind": kind.value,
        "author_id": author_id,
        "body": draft.body,
        "body_html": draft.html,
        "quotes": kept_json(quotes),
        "mentions": kept_json(mentions),
        "reasons": " ".join(reasons),
        "awaits_filter": awaits_filter,
        "client_mutation_id": client_mutation_id,
        "created_at": tx.at,
        "decided_at": None,
    }
    row = await tx.row(_insert, **values)
    assert row is not None
    return row.id


async def lock_author_and_count(tx: Transaction, author_id: int) -> int:
    """Returns how many posts of a person are held. No other transaction changes that until the end of this one."""
    await tx.row(_lock_author, author=author_id)
    row = await tx.row(_waiting, author=author_id)
    assert row is not None
    return row.id


async def decide(tx: Transaction, held_id: int, state: HeldState) -> bool:
    """Says what became of a held post. Returns False if that is decided already."""
    return await tx.row(_decide, held=held_id, now_state=state.value, now=tx.at) is not None


async def place(tx: Transaction, held_id: int, *, discussion_id: int, post_id: int) -> None:
    """Says which post a held one has become, or has changed."""
    await tx.run(_place, held=held_id, in_discussion=discussion_id, post=post_id)


async def filter_answered(tx: Transaction, held_id: int, left: Sequence[HoldReason]) -> bool:
    """Stores why a post is held now that the filter has answered. Returns False if that is known already."""
    return await tx.row(_answered, held=held_id, left=" ".join(left)) is not None


class PublishedRow(Row):
    """A post that can be read, as the policy would have met it when it was written."""

    __slots__ = ()

    post_id: int
    discussion_id: int
    sequence: int
    title: str | None
    """That of the discussion of an opening post."""
    body_html: str
    body_text: str
    handle: str
    role: str
    """The AuthorRole of its author now."""
    category_premoderated: bool
    """Whether its category is now."""
    person_premoderated: bool
    """Whether its author is now."""
    published: int
    """How many posts its author had by then that can be read now, counted up to `most`."""


def _published_before() -> ColumnElement[int]:
    earlier = posts.alias("earlier")
    before = tuple_(earlier.c.created_at, earlier.c.id) < tuple_(posts.c.created_at, posts.c.id)
    counted = select(earlier.c.id).where(earlier.c.author_id == posts.c.author_id, before).limit(bindparam("most"))
    return select(func.count()).select_from(counted.correlate(posts).subquery()).scalar_subquery()


published_since = Statement(
    select(
        posts.c.id.label("post_id"),
        posts.c.discussion_id,
        posts.c.sequence,
        case((posts.c.sequence == 0, discussions.c.title)).label("title"),
        posts.c.body_html,
        posts.c.body_text,
        users.c.handle,
        _role.label("role"),
        func.coalesce(categories.c.premoderated, false()).label("category_premoderated"),
        users.c.premoderated.label("person_premoderated"),
        _published_before().label("published"),
    )
    .join(users, users.c.id == posts.c.author_id)
    .join(discussions, discussions.c.id == posts.c.discussion_id)
    .outerjoin(categories, categories.c.id == discussions.c.category_id)
    .where(posts.c.created_at >= bindparam("since"), posts.c.id > bindparam("after"))
    .order_by(posts.c.id)
    .limit(bindparam("limit")),
    PublishedRow,
)
"""The posts that were written since a moment and can be read, behind the post `after`."""
