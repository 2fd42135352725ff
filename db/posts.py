"""What opening posts and replies share.

Their columns, and how a post is put down, changed and turned into a tombstone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.expression import FromClause

from db import revisions, search
from db.database import Transaction
from db.rows import IdRow, PlaceRow, PostRow
from db.statements import Command, Dialect, Statement, among
from db.tables import mentions, pending_quote_notifications, posts, quotes
from text.markdown import RENDERER


@dataclass(frozen=True, slots=True)
class Actor:
    """Who writes, and with what rights."""

    user_id: int
    is_moderator: bool = False
    client_mutation_id: str | None = None


@dataclass(frozen=True, slots=True)
class QuoteDraft:
    """A quote of a post to be written; `ordinal` is the place of its blockquote among all of the body."""

    id: int
    parent_id: int | None
    ordinal: int
    depth: int
    source_id: int | None
    source_version: int | None
    attributed_name: str
    html: str
    text: str
    own_text: str
    verbatim: bool
    notified_version: int
    attributed_id: int | None = None


@dataclass(frozen=True, slots=True)
class MentionDraft:
    """A name in a post to be written; `start` and `length` are UTF-16 units of the body."""

    user_id: int | None
    attributed_name: str
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class PostDraft:
    """A post to be written: checked, rendered, its quotes and mentions found.

    The last two fields are the importer's.
    """

    body: str
    html: str
    text: str
    quotes: Sequence[QuoteDraft] = ()
    mentions: Sequence[MentionDraft] = ()
    created_at: datetime | None = None
    legacy_id: str | None = None


def columns(post: FromClause = posts) -> list[ColumnElement[Any]]:
    """The columns of PostRow, in order."""
    return [
        post.c.id.label("post_id"),
        post.c.discussion_id,
        post.c.sequence,
        post.c.author_id,
        post.c.body,
        post.c.body_html,
        post.c.body_text,
        post.c.version,
        post.c.created_at,
        post.c.last_edited_at,
        post.c.deleted_at,
        post.c.legacy_id,
    ]


_place_columns = [
    posts.c.id.label("post_id"),
    posts.c.discussion_id,
    posts.c.sequence,
    posts.c.path.label("path_bytes"),
    posts.c.newest_path,
    posts.c.created_at,
    posts.c.deleted_at,
    posts.c.author_id,
]

places = Statement(select(*_place_columns).where(among(posts.c.id, "ids")), PlaceRow)
"""Where the posts `ids` stand, opening posts (sequence 0) included."""

places_by_sequence = Statement(
    select(*_place_columns).where(
        among(posts.c.discussion_id, "discussions"),
        among(posts.c.sequence, "sequences"),
        posts.c.sequence > 0,
    ),
    PlaceRow,
)
"""Where the replies `sequences` of the discussions stand."""

by_ids = Statement(select(*columns()).where(among(posts.c.id, "ids")), PostRow)
"""The posts `ids`, of either kind, without what only their kind has."""

opening_posts = Statement(
    select(*columns()).where(among(posts.c.discussion_id, "discussions"), posts.c.sequence == 0),
    PostRow,
)

by_legacy_id = Statement(select(*columns()).where(posts.c.legacy_id == bindparam("legacy_id")), PostRow)

stale = Statement(
    select(*columns())
    .where(posts.c.renderer < bindparam("renderer"), posts.c.deleted_at.is_(None))
    .order_by(posts.c.id)
    .limit(bindparam("limit")),
    PostRow,
)
"""Posts whose HTML an earlier renderer made."""

_insert = Statement(
    insert(posts)
    .values(
        {
            name: bindparam(name)
            for name in (
                "discussion_id",
                "sequence",
                "reply_to_id",
                "path",
                "newest_path",
                "depth",
                "author_id",
                "body",
                "body_html",
                "body_text",
                "renderer",
                "version",
                "created_at",
                "last_edited_at",
                "deleted_at",
                "legacy_id",
            )
        }
    )
    .returning(posts.c.id),
    IdRow,
)

_change = Command(
    update(posts)
    .where(posts.c.id == bindparam("post"))
    .values(
        body=bindparam("body"),
        body_html=bindparam("body_html"),
        body_text=bindparam("body_text"),
        renderer=bindparam("renderer"),
        version=posts.c.version + 1,
        last_edited_at=bindparam("at"),
    )
)

rerender = Statement(
    update(posts)
    .where(posts.c.id == bindparam("post"), posts.c.version == bindparam("version"))
    .values(
        body_html=bindparam("body_html"),
        body_text=bindparam("body_text"),
        renderer=bindparam("renderer"),
    )
    .returning(posts.c.id),
    IdRow,
)
"""Gives a post the HTML of a newer renderer, unless it has changed since it was read: then it gives no row."""

_rewrite = Statement(
    update(posts)
    .where(posts.c.id == bindparam("post"), posts.c.version == bindparam("version"), posts.c.deleted_at.is_(None))
    .values(
        body=bindparam("body"),
        body_html=bindparam("body_html"),
        body_text=bindparam("body_text"),
        renderer=bindparam("renderer"),
    )
    .returning(posts.c.id),
    IdRow,
)

_soft_delete = Command(
    update(posts)
    .where(among(posts.c.id, "ids"))
    .values(
        body="",
        body_html="",
        body_text="",
        author_id=None,
        version=posts.c.version + 1,
        deleted_at=bindparam("at"),
    )
)

_insert_quote = Command(
    insert(quotes).values(
        {
            name: bindparam(name)
            for name in (
                "id",
                "post_id",
                "parent_id",
                "ordinal",
                "depth",
                "source_id",
                "source_version",
                "attributed_name",
                "attributed_id",
                "body_html",
                "body_text",
                "own_text",
                "verbatim",
                "notified_version",
            )
        }
    )
)
_insert_mention = Command(
    insert(mentions).values(
        {
            name: bindparam(name)
            for name in (
                "post_id",
                "ordinal",
                "user_id",
                "attributed_name",
                "start",
                "length",
            )
        }
    )
)
_delete_quotes = Command(delete(quotes).where(among(quotes.c.post_id, "ids")))
_delete_mentions = Command(delete(mentions).where(among(mentions.c.post_id, "ids")))


def _untold(dialect: Dialect) -> Any:
    made = (postgresql if dialect == "postgresql" else sqlite).insert(pending_quote_notifications)
    # Whether or not it is quoted yet: a quote that is being written at this moment can't be seen here.
    chosen = select(posts.c.id, posts.c.version).where(among(posts.c.id, "ids"))
    made = made.from_select(["post_id", "version"], chosen)
    return made.on_conflict_do_update(index_elements=["post_id"], set_={"version": made.excluded.version})


_mark_untold = Command(_untold)


async def insert_post(
    tx: Transaction,
    draft: PostDraft,
    *,
    discussion_id: int,
    sequence: int,
    reply_to_id: int | None,
    path: bytes,
    newest_path: bytes,
    author_id: int | None,
    title: str = "",
) -> int:
    """Puts a post down with its quotes and mentions, lets it be found, and gives its id. `title`: its discussion's."""
    row = await tx.row(
        _insert,
        discussion_id=discussion_id,
        sequence=sequence,
        reply_to_id=reply_to_id,
        path=path,
        newest_path=newest_path,
        depth=len(path) // 4 - 1,
        author_id=author_id,
        body=draft.body,
        body_html=draft.html,
        body_text=draft.text,
        renderer=RENDERER,
        version=1,
        created_at=draft.created_at or tx.at,
        last_edited_at=None,
        deleted_at=None,
        legacy_id=draft.legacy_id,
    )
    assert row is not None
    await _insert_parts(tx, row.id, draft)
    await search.put(tx, row.id, title=title, body=draft.text)
    return row.id


async def change_post(
    tx: Transaction, post: PostRow, draft: PostDraft, *, title: str | None = None, next_title: str = ""
) -> None:
    """Gives a post its next version and keeps the present one as a revision. The titles are a discussion's."""
    await tx.run(revisions.keep, ids=[post.post_id], title=title)
    await tx.run(
        _change,
        post=post.post_id,
        body=draft.body,
        body_html=draft.html,
        body_text=draft.text,
        renderer=RENDERER,
        at=tx.at,
    )
    await tx.run(_delete_quotes, ids=[post.post_id])
    await tx.run(_delete_mentions, ids=[post.post_id])
    await _insert_parts(tx, post.post_id, draft)
    await search.put(tx, post.post_id, title=next_title, body=draft.text)
    await tx.run(_mark_untold, ids=[post.post_id])


async def rewrite_post(tx: Transaction, post: PostRow, draft: PostDraft, *, title: str = "") -> bool:
    """Gives a post other words, quotes and mentions in its present version; False where it has changed since.

    No version and no event tells of it: it is for words that must be gone. `title` is its discussion's.
    """
    changed = await tx.rows(
        _rewrite,
        post=post.post_id,
        version=post.version,
        body=draft.body,
        body_html=draft.html,
        body_text=draft.text,
        renderer=RENDERER,
    )
    if changed:
        await tx.run(_delete_quotes, ids=[post.post_id])
        await tx.run(_delete_mentions, ids=[post.post_id])
        await _insert_parts(tx, post.post_id, draft)
        await search.put(tx, post.post_id, title=title, body=draft.text)
    return bool(changed)


async def soft_delete_posts(tx: Transaction, ids: Sequence[int], *, title: str | None = None) -> None:
    """Turns posts into tombstones: author, words, quotes and mentions leave them; their places stay.

    The words remain in `revisions` alone, which nobody can read for a deleted post.
    """
    await tx.run(revisions.keep, ids=ids, title=title)
    await tx.run(_soft_delete, ids=ids, at=tx.at)
    await tx.run(_delete_quotes, ids=ids)
    await tx.run(_delete_mentions, ids=ids)
    await search.remove(tx, ids)
    await tx.run(_mark_untold, ids=ids)


async def _insert_parts(tx: Transaction, post_id: int, draft: PostDraft) -> None:
    await tx.run_many(
        _insert_quote,
        [
            {
                "id": quote.id,
                "post_id": post_id,
                "parent_id": quote.parent_id,
                "ordinal": quote.ordinal,
                "depth": quote.depth,
                "source_id": quote.source_id,
                "source_version": quote.source_version,
                "attributed_name": quote.attributed_name,
                "attributed_id": quote.attributed_id,
                "body_html": quote.html,
                "body_text": quote.text,
                "own_text": quote.own_text,
                "verbatim": quote.verbatim,
                "notified_version": quote.notified_version,
            }
            for quote in draft.quotes
        ],
    )
    await tx.run_many(
        _insert_mention,
        [
            {
                "post_id": post_id,
                "ordinal": ordinal,
                "user_id": mention.user_id,
                "attributed_name": mention.attributed_name,
                "start": mention.start,
                "length": mention.length,
            }
            for ordinal, mention in enumerate(draft.mentions)
        ],
    )
