"""Deleted posts: how a post becomes a tombstone and comes back, and how what is kept of it is purged.

A tombstone has no author, words, quotes and mentions. Its row in `deleted_posts` says by whom it was deleted, and holds
what its quotes and mentions were, without their words. The words are in the last of its revisions, which erasure
rewrites like any other. `words` is the one statement that reads them for people; forum.deletions says for whom.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Text, bindparam, delete, func, null, or_, select, update

from db import mentions, revisions, search
from db.database import Database, Transaction
from db.kinds import DeletedBy
from db.posts import PostDraft, content, delete_mentions, delete_quotes, insert_parts
from db.reviews import posts_under_review
from db.rows import IdRow, Row
from db.statements import Reads, Statement, WriteStatement, among, inserted
from db.tables import deleted_posts, deletion_jobs, discussions, posts, quotes
from db.tables import revisions as revisions_table


@dataclass(frozen=True, slots=True)
class Act:
    """One deletion, of a reply or of a whole discussion."""

    number: int
    """That of its event."""
    by: DeletedBy
    by_user_id: int | None = None
    reason: str | None = None
    at: datetime | None = None
    """When; at the moment of the transaction if omitted."""
    audit_entry_id: int | None = None
    """The act of moderation that it is part of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptQuote:
    """What a quote of a deleted post was, without its words. The fields are columns of `quotes`."""

    id: int
    parent_id: int | None
    ordinal: int
    depth: int
    source_id: int | None
    source_version: int | None
    attributed_id: int | None
    comparison: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMention:
    """Whom a mention in a deleted post meant. The fields are columns of `mentions`."""

    user_id: int | None
    start: int
    length: int


class DeletionRow(Row):
    """A tombstone: its place, and how the post was deleted."""

    __slots__ = ()
    graphql_type = "Deletion"

    post_id: int
    discussion_id: int
    sequence: int
    version: int
    """The tombstone's: what it said is the version before."""
    act: int
    by: str
    """A DeletedBy."""
    by_user_id: int | None
    """Who deleted it; None once they are erased, and their reason with them."""
    at: datetime
    reason: str | None
    author_id: int | None
    """Who wrote it; None once they are erased."""
    is_raised: bool
    """Whether its author had deleted it before a moderator did."""
    is_kept: bool
    """Whether there is something to read and to restore."""
    quotes: str | None
    mentions: str | None
    audit_entry_id: int | None
    """The act of moderation that deleted it."""
    locked: bool
    """Whether its discussion is locked."""
    discussion_deleted: bool

    @property
    def kept_quotes(self) -> list[KeptQuote] | None:
        """None if they are to be found again."""
        return None if self.quotes is None else [KeptQuote(**each) for each in orjson.loads(self.quotes)]

    @property
    def kept_mentions(self) -> list[KeptMention]:
        return [KeptMention(**each) for each in orjson.loads(self.mentions or "[]")]


class KeptWordsRow(Row):
    """What a tombstone said before."""

    __slots__ = ()

    post_id: int
    title: str | None
    """That of the discussion of an opening post."""
    body: str


class PurgeRow(Row):
    """A discussion with deleted posts whose words are to be purged."""

    __slots__ = ()

    discussion_id: int


class _AuthoredRow(Row):
    __slots__ = ()

    post_id: int
    author_id: int | None


class _QuoteRow(Row):
    __slots__ = ()

    post_id: int
    id: int
    parent_id: int | None
    ordinal: int
    depth: int
    source_id: int | None
    source_version: int | None
    attributed_id: int | None
    comparison: str


_columns: list[ColumnElement[Any]] = [
    deleted_posts.c.post_id,
    posts.c.discussion_id,
    posts.c.sequence,
    posts.c.version,
    deleted_posts.c.act,
    deleted_posts.c.by,
    deleted_posts.c.by_user_id,
    deleted_posts.c.at,
    deleted_posts.c.reason,
    deleted_posts.c.author_id,
    deleted_posts.c.is_raised,
    deleted_posts.c.is_kept,
    deleted_posts.c.quotes,
    deleted_posts.c.mentions,
    deleted_posts.c.audit_entry_id,
    discussions.c.locked,
    discussions.c.deleted_at.is_not(None).label("discussion_deleted"),
]
_select = (
    select(*_columns)
    .join_from(deleted_posts, posts, posts.c.id == deleted_posts.c.post_id)
    .join(discussions, discussions.c.id == posts.c.discussion_id)
)

of_posts = Statement(
    _select.where(among(deleted_posts.c.post_id, "ids")),
    DeletionRow,
    # A deletion changes with its post, which the same query has read.
    reads=Reads(of_discussions=("discussion_id",), of_people=("by_user_id",)),
)
"""How the posts `ids` were deleted, those of them that are."""

of_opening_post = Statement(
    _select.where(posts.c.discussion_id == bindparam("discussion"), posts.c.sequence == 0), DeletionRow
)
"""How a discussion was deleted."""

_is_of_act = (posts.c.discussion_id == bindparam("discussion")) & (deleted_posts.c.act == bindparam("act"))
of_act = Statement(
    _select.where(_is_of_act, posts.c.sequence > bindparam("after"))
    .order_by(posts.c.sequence)
    .limit(bindparam("limit")),
    DeletionRow,
)
"""What is left deleted of the posts that one act deleted in a discussion, behind the sequence `after`."""
ids_of_act = Statement(
    select(posts.c.id).join(deleted_posts, deleted_posts.c.post_id == posts.c.id).where(_is_of_act), IdRow
)

words = Statement(
    select(deleted_posts.c.post_id, revisions_table.c.title, revisions_table.c.body)
    .join_from(deleted_posts, posts, posts.c.id == deleted_posts.c.post_id)
    .join(
        revisions_table,
        (revisions_table.c.post_id == posts.c.id) & (revisions_table.c.version == posts.c.version - 1),
    )
    .where(among(deleted_posts.c.post_id, "ids"), deleted_posts.c.is_kept.is_(True)),
    KeptWordsRow,
)
"""What the deleted posts `ids` said, as far as it is kept."""

_authored = Statement(
    select(posts.c.id.label("post_id"), posts.c.author_id).where(among(posts.c.id, "ids")), _AuthoredRow
)
_quotes = Statement(
    select(
        quotes.c.post_id,
        quotes.c.id,
        quotes.c.parent_id,
        quotes.c.ordinal,
        quotes.c.depth,
        quotes.c.source_id,
        quotes.c.source_version,
        quotes.c.attributed_id,
        quotes.c.comparison,
    )
    .where(among(quotes.c.post_id, "ids"))
    .order_by(quotes.c.post_id, quotes.c.ordinal),
    _QuoteRow,
)
_insert = WriteStatement(inserted(deleted_posts))
_made_tombstones = (
    update(posts)
    .where(among(posts.c.id, "ids"))
    .values(
        body="",
        body_html="",
        body_text="",
        said=None,
        author_id=None,
        version=posts.c.version + 1,
        deleted_at=bindparam("at"),
    )
)
_bury = WriteStatement(_made_tombstones)
_bury_unlisted = WriteStatement(_made_tombstones.values(listed=False, last_event=bindparam("number")))
_raised = update(deleted_posts).values(
    by=DeletedBy.MODERATOR.value,
    by_user_id=bindparam("user"),
    reason=bindparam("reason_now"),
    is_raised=True,
    audit_entry_id=bindparam("entry"),
)
_raise = WriteStatement(_raised.where(among(deleted_posts.c.post_id, "ids")))
_raise_act = WriteStatement(
    _raised.where(
        deleted_posts.c.act == bindparam("of_act"),
        deleted_posts.c.by == DeletedBy.AUTHOR.value,
        deleted_posts.c.post_id.in_(select(posts.c.id).where(posts.c.discussion_id == bindparam("discussion"))),
    )
)
_erase = WriteStatement(
    update(deleted_posts)
    .where(among(deleted_posts.c.post_id, "ids"))
    .values(
        by=DeletedBy.ERASURE.value,
        by_user_id=None,
        reason=None,
        author_id=None,
        is_kept=False,
        quotes=None,
        mentions=None,
    )
)
_restore = WriteStatement(
    update(posts)
    .where(posts.c.id == bindparam("post"))
    .values(
        body=bindparam("body"),
        body_html=bindparam("body_html"),
        body_text=bindparam("body_text"),
        said=bindparam("said"),
        renderer=bindparam("renderer"),
        author_id=bindparam("author"),
        version=posts.c.version + 1,
        deleted_at=None,
    )
)
_forget = WriteStatement(delete(deleted_posts).where(among(deleted_posts.c.post_id, "ids")))

_blank = WriteStatement(
    update(deleted_posts)
    .where(among(deleted_posts.c.post_id, "ids"), deleted_posts.c.by_user_id == bindparam("user"))
    .values(by_user_id=None, reason=None)
)

forget_mentions = WriteStatement(
    update(deleted_posts).where(deleted_posts.c.post_id == bindparam("post")).values(mentions=None)
)
"""Has the mentions of a deleted post found again when it is restored, since its kept words are others now."""
forget_quotes = WriteStatement(
    update(deleted_posts).where(deleted_posts.c.post_id == bindparam("post")).values(quotes=None)
)
"""Has its quotes found again, too."""


def _forget_people(column: ColumnElement[str]) -> WriteStatement:
    """Replaces the JSON of a person's id in a column by that of nobody."""
    named, nobody = bindparam("named", type_=Text()), bindparam("nobody", type_=Text())
    return WriteStatement(
        update(deleted_posts)
        .where(among(deleted_posts.c.post_id, "ids"), column.contains(named))
        .values({column.name: func.replace(column, named, nobody)})
    )


_forget_mentioned = _forget_people(deleted_posts.c.mentions)
_forget_attributed = _forget_people(deleted_posts.c.quotes)


class ReasonRow(Row):
    """Why a post was deleted, in the words of somebody else than the person who is erased."""

    __slots__ = ()

    post_id: int
    discussion_id: int
    version: int
    reason: str


reasons_of_others = Statement(
    select(deleted_posts.c.post_id, posts.c.discussion_id, posts.c.version, deleted_posts.c.reason)
    .join(posts, posts.c.id == deleted_posts.c.post_id)
    .where(
        deleted_posts.c.post_id > bindparam("after"),
        deleted_posts.c.reason.is_not(None),
        deleted_posts.c.by_user_id.is_distinct_from(bindparam("user")),
    )
    .order_by(deleted_posts.c.post_id)
    .limit(bindparam("limit")),
    ReasonRow,
)
"""The reasons that others gave, after the post `after`."""
rewrite_reason = WriteStatement(
    update(deleted_posts)
    .where(deleted_posts.c.post_id == bindparam("post"), deleted_posts.c.reason == bindparam("old", type_=Text()))
    .values(reason=bindparam("new"))
)


_concerning = Statement(
    select(deleted_posts.c.post_id.label("id"))
    .where(
        deleted_posts.c.post_id > bindparam("after"),
        or_(
            deleted_posts.c.by_user_id == bindparam("user"),
            deleted_posts.c.mentions.contains(bindparam("mentioned", type_=Text())),
            deleted_posts.c.quotes.contains(bindparam("attributed", type_=Text())),
        ),
    )
    .order_by(deleted_posts.c.post_id)
    .limit(bindparam("limit")),
    IdRow,
)


def in_json(name: str, user_id: int | None) -> str:
    """How a person, or nobody, stands in the JSON of mentions or quotes. No id stands last there."""
    return f'"{name}":{"null" if user_id is None else user_id},'


async def concerning_person(database: Database, user_id: int, *, after: int, limit: int) -> list[int]:
    """Returns the next tombstones, behind the post `after`, that this person made or whose kept parts name them."""
    names = {"mentioned": in_json("user_id", user_id), "attributed": in_json("attributed_id", user_id)}
    return [row.id for row in await database.rows(_concerning, user=user_id, after=after, limit=limit, **names)]


async def forget_person(tx: Transaction, user_id: int, ids: Sequence[int]) -> None:
    """Takes a person out of what is kept of these tombstones, also where a name that may be somebody else's stays."""
    for statement, name in ((_forget_mentioned, "user_id"), (_forget_attributed, "attributed_id")):
        await tx.run(statement, ids=list(ids), named=in_json(name, user_id), nobody=in_json(name, None))
    await tx.run(_blank, ids=list(ids), user=user_id)


async def delete_posts(
    tx: Transaction,
    act: Act,
    ids: Sequence[int],
    *,
    opening: tuple[int, str] | None = None,
    is_listed: bool = True,
    numbers: Mapping[int, int] | None = None,
) -> None:
    """Turns posts into tombstones; their places in the tree stay.

    `opening` is the opening post among them, with the title of the discussion. Those of a discussion that is deleted as
    a whole are not listed, and what shows them so is the event of the act. `numbers` are those of the events of posts
    that are deleted singly.
    """
    at = act.at or tx.at
    authors = {row.post_id: row.author_id for row in await tx.rows(_authored, ids=list(ids))}
    their_quotes: defaultdict[int, list[KeptQuote]] = defaultdict(list)
    their_mentions: defaultdict[int, list[KeptMention]] = defaultdict(list)
    for quote in await tx.rows(_quotes, ids=list(ids)):
        fields = {name: getattr(quote, name) for name in KeptQuote.__dataclass_fields__}
        their_quotes[quote.post_id].append(KeptQuote(**fields))
    for mention in await tx.rows(mentions.of_posts, ids=list(ids)):
        kept = KeptMention(user_id=mention.user_id, start=mention.start, length=mention.length)
        their_mentions[mention.post_id].append(kept)
    if untitled := [each for each in ids if opening is None or each != opening[0]]:
        await tx.run(revisions.keep, ids=untitled, title=None)
    if opening is not None:
        await tx.run(revisions.keep, ids=[opening[0]], title=opening[1])
    is_kept = act.by is not DeletedBy.ERASURE
    await tx.run_many(
        _insert,
        [
            {
                "post_id": post_id,
                "act": numbers[post_id] if numbers else act.number,
                "by": act.by.value,
                "by_user_id": act.by_user_id,
                "at": at,
                "reason": act.reason,
                "author_id": authors[post_id] if is_kept else None,
                "is_raised": False,
                "is_kept": is_kept,
                "purged_at": None,
                "quotes": kept_json(their_quotes[post_id]) if is_kept else None,
                "mentions": kept_json(their_mentions[post_id]) if is_kept else None,
                "audit_entry_id": act.audit_entry_id,
            }
            for post_id in ids
        ],
    )
    if is_listed:
        await tx.run(_bury, ids=list(ids), at=at)
    else:
        await tx.run(_bury_unlisted, ids=list(ids), at=at, number=act.number)
    await tx.run(delete_quotes, ids=list(ids))
    await tx.run(delete_mentions, ids=list(ids))
    await search.remove(tx, ids)


def kept_json(kept: Sequence[KeptQuote] | Sequence[KeptMention]) -> str:
    """Quotes or mentions as they are stored."""
    return orjson.dumps([asdict(each) for each in kept]).decode()


async def raise_deletions(tx: Transaction, act: Act, ids: Sequence[int]) -> None:
    """Makes a moderator's deletions of those that the authors had made."""
    await tx.run(_raise, ids=list(ids), user=act.by_user_id, reason_now=act.reason, entry=act.audit_entry_id)


async def raise_act(tx: Transaction, act: Act, discussion_id: int, former_act: int) -> None:
    """The same with all that one act deleted in a discussion."""
    await tx.run(
        _raise_act,
        discussion=discussion_id,
        of_act=former_act,
        user=act.by_user_id,
        reason_now=act.reason,
        entry=act.audit_entry_id,
    )


async def erase_deletions(tx: Transaction, ids: Sequence[int]) -> None:
    """Makes deletions those of an erasure: nothing of them can be read or restored any more."""
    await tx.run(_erase, ids=list(ids))


async def restore_posts(tx: Transaction, drafts: Mapping[int, PostDraft], authors: Mapping[int, int | None]) -> None:
    """Turns tombstones into posts again, in their next version. The keys are the ids of the posts."""
    ids = list(drafts)
    await tx.run_many(_restore, [{"post": post, "author": authors[post], **content(drafts[post])} for post in ids])
    await insert_parts(tx, drafts)
    await tx.run(_forget, ids=ids)


# A restoring that is under way would miss the words of the posts to come.
_is_due = (
    deleted_posts.c.purged_at.is_(None)
    & (deleted_posts.c.at <= bindparam("before"))
    & posts.c.discussion_id.not_in(select(deletion_jobs.c.discussion_id))
    # What was reported is kept until a moderator has decided.
    & deleted_posts.c.post_id.not_in(posts_under_review)
)
_due = (
    select(posts.c.discussion_id)
    .join_from(deleted_posts, posts, posts.c.id == deleted_posts.c.post_id)
    .where(_is_due)
    .limit(bindparam("limit"))
    .subquery("due")
)
discussions_to_purge = Statement(select(_due.c.discussion_id).distinct(), PurgeRow)
"""Some discussions with posts that were deleted before a moment and are not purged, where nothing is under way."""
_to_purge = Statement(
    select(deleted_posts.c.post_id.label("id"))
    .join(posts, posts.c.id == deleted_posts.c.post_id)
    .where(posts.c.discussion_id == bindparam("discussion"), _is_due)
    # An opening post first: from then on its discussion is not restored without replies that are purged already.
    .order_by(posts.c.sequence)
    .limit(bindparam("limit")),
    IdRow,
)
_purge_words = WriteStatement(
    update(revisions_table)
    .where(among(revisions_table.c.post_id, "ids"))
    .values(title=null(), body="", body_html="", said=None)
)
_purge = WriteStatement(
    update(deleted_posts)
    .where(among(deleted_posts.c.post_id, "ids"))
    .values(is_kept=False, purged_at=bindparam("now"), quotes=None, mentions=None)
)


async def purge(tx: Transaction, discussion_id: int, *, before: datetime, limit: int) -> int:
    """Removes the words of posts that were deleted before a moment in a discussion, which is locked.

    Returns of how many; at most `limit` at once.
    """
    ids = [row.id for row in await tx.rows(_to_purge, discussion=discussion_id, before=before, limit=limit)]
    if ids:
        await tx.run(_purge_words, ids=ids)
        await tx.run(_purge, ids=ids, now=tx.at)
    return len(ids)
