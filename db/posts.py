"""What opening posts and replies share: their columns, and how a post is inserted, changed and soft-deleted."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, bindparam, case, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.expression import FromClause

from db import paths, revisions, search
from db.database import Transaction
from db.rows import IdRow, PlaceRow, PostRow, SourceRow, WordsRow
from db.statements import Dialect, Statement, WriteStatement, among, inserted
from db.tables import mentions, pending_quote_notifications, posts, quotes
from text.markdown import RENDERER


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteDraft:
    """A quote of a post to be written; `ordinal` is the index of its blockquote among all of the body.

    The fields are the columns of `quotes`.
    """

    id: int
    parent_id: int | None
    ordinal: int
    depth: int
    source_id: int | None
    source_version: int | None
    attributed_name: str
    attributed_id: int | None
    body_html: str
    body_text: str
    said: str
    comparison: str
    """A Comparison."""
    notified_version: int


@dataclass(frozen=True, slots=True)
class MentionDraft:
    """A name in a post to be written; `start` and `length` are UTF-16 units of the body.

    The fields are the columns of `mentions`.
    """

    user_id: int | None
    attributed_name: str
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class PostDraft:
    """A post to be written: checked, rendered, its quotes and mentions found, its words ready for the search index."""

    body: str
    html: str
    text: str
    said: str
    """What it says, as quotes are compared with it."""
    search_entry: search.SearchEntry
    """What the search index keeps of it. An opening post is found by its discussion's title, too."""
    quotes: Sequence[QuoteDraft] = ()
    mentions: Sequence[MentionDraft] = ()
    legacy_id: str | None = None
    """The importer's."""


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
"""The places of the posts `ids`, opening posts (sequence 0) included."""

places_by_sequence = Statement(
    select(*_place_columns).where(
        among(posts.c.discussion_id, "discussions"),
        among(posts.c.sequence, "sequences"),
        posts.c.sequence > 0,
    ),
    PlaceRow,
)
"""The places of the replies `sequences` of the discussions."""

by_ids = Statement(select(*columns()).where(among(posts.c.id, "ids")), PostRow)
"""The posts `ids`, of either kind, without what only their kind has."""

opening_posts = Statement(
    select(*columns()).where(among(posts.c.discussion_id, "discussions"), posts.c.sequence == 0),
    PostRow,
)

_written_at = func.coalesce(posts.c.last_edited_at, posts.c.created_at).label("written_at")
_source_columns = [
    posts.c.id.label("post_id"),
    posts.c.discussion_id,
    posts.c.sequence,
    posts.c.author_id,
    posts.c.version,
    _written_at,
    posts.c.deleted_at,
    posts.c.said,
    case((posts.c.said.is_(None), posts.c.body)).label("unread_body"),
]

sources = Statement(select(*_source_columns).where(among(posts.c.id, "ids")), SourceRow)

sources_by_place = Statement(
    select(*_source_columns).where(
        posts.c.discussion_id == bindparam("discussion"), posts.c.sequence == bindparam("sequence")
    ),
    SourceRow,
)
"""The post of this sequence in a discussion; 0 is the opening post."""

sources_of_authors = Statement(
    select(*_source_columns)
    .where(
        posts.c.discussion_id == bindparam("discussion"),
        among(posts.c.author_id, "authors"),
        posts.c.sequence < bindparam("before"),
        posts.c.deleted_at.is_(None),
    )
    .order_by((posts.c.id == bindparam("first")).desc(), posts.c.sequence.desc())
    .limit(bindparam("limit")),
    SourceRow,
)
"""What some people wrote earlier in a discussion: the post `first`, if it is theirs, then the latest."""

said = Statement(
    select(posts.c.id.label("post_id"), posts.c.version, _written_at, posts.c.said).where(among(posts.c.id, "ids")),
    WordsRow,
)
"""What the posts `ids` say now."""

by_legacy_id = Statement(select(*columns()).where(posts.c.legacy_id == bindparam("legacy_id")), PostRow)

stale = Statement(
    select(*columns())
    .where(posts.c.id > bindparam("after"), posts.c.renderer < bindparam("renderer"), posts.c.deleted_at.is_(None))
    .order_by(posts.c.id)
    .limit(bindparam("limit")),
    PostRow,
)
"""Posts whose HTML an earlier renderer made, after the post `after`."""

_insert = Statement(inserted(posts).returning(posts.c.id), IdRow)

_change = WriteStatement(
    update(posts)
    .where(posts.c.id == bindparam("post"))
    .values(
        body=bindparam("body"),
        body_html=bindparam("body_html"),
        body_text=bindparam("body_text"),
        said=bindparam("said"),
        renderer=bindparam("renderer"),
        version=posts.c.version + 1,
        last_edited_at=bindparam("at"),
    )
)

rerender = Statement(
    update(posts)
    .where(
        posts.c.id == bindparam("post"),
        posts.c.version == bindparam("version"),
        # Words that must be gone leave a post without a new version.
        posts.c.body == bindparam("body"),
    )
    .values(
        body_html=bindparam("body_html"),
        body_text=bindparam("body_text"),
        said=bindparam("said"),
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
        said=bindparam("said"),
        renderer=bindparam("renderer"),
    )
    .returning(posts.c.id),
    IdRow,
)

_soft_delete = WriteStatement(
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

_insert_quote = WriteStatement(inserted(quotes))
_insert_mention = WriteStatement(inserted(mentions))
_delete_quotes = WriteStatement(delete(quotes).where(among(quotes.c.post_id, "ids")))
_delete_mentions = WriteStatement(delete(mentions).where(among(mentions.c.post_id, "ids")))


def _pending(dialect: Dialect) -> Any:
    made = (postgresql if dialect == "postgresql" else sqlite).insert(pending_quote_notifications)
    # Whether or not it is quoted yet: a quote that is being written at this moment is not visible here.
    chosen = select(posts.c.id, posts.c.version).where(among(posts.c.id, "ids"))
    made = made.from_select(["post_id", "version"], chosen)
    return made.on_conflict_do_update(index_elements=["post_id"], set_={"version": made.excluded.version})


_notify_quotes = WriteStatement(_pending)


@dataclass(frozen=True, slots=True)
class PostPlace:
    """Where a new post goes: its number in the discussion, the reply it answers, and its path in the tree."""

    discussion_id: int
    sequence: int = 0
    reply_to_id: int | None = None
    path: bytes = b""


async def insert_post(tx: Transaction, draft: PostDraft, place: PostPlace, *, author_id: int) -> int:
    """Inserts a post with its quotes and mentions, indexes it for search, and returns its id."""
    row = await tx.row(
        _insert,
        discussion_id=place.discussion_id,
        sequence=place.sequence,
        reply_to_id=place.reply_to_id,
        path=place.path,
        newest_path=paths.newest(place.path),
        depth=paths.depth(place.path),
        author_id=author_id,
        version=1,
        created_at=tx.at,
        last_edited_at=None,
        deleted_at=None,
        legacy_id=draft.legacy_id,
        **_content(draft),
    )
    assert row is not None
    await _insert_parts(tx, row.id, draft)
    await search.put(tx, row.id, draft.search_entry)
    return row.id


async def change_post(tx: Transaction, post: PostRow, draft: PostDraft, *, title: str | None = None) -> None:
    """Gives a post its next version and keeps the present one as a revision, with the discussion's present title."""
    await tx.run(revisions.keep, ids=[post.post_id], title=title)
    await tx.run(_change, post=post.post_id, at=tx.at, **_content(draft))
    await _replace_parts(tx, post.post_id, draft)
    await tx.run(_notify_quotes, ids=[post.post_id])


async def rewrite_post(tx: Transaction, post: PostRow, draft: PostDraft) -> bool:
    """Gives a post other words, quotes and mentions in its present version. Returns False if it has changed since.

    No version changes and no event is appended: it is for words that must be gone.
    """
    changed = await tx.rows(_rewrite, post=post.post_id, version=post.version, **_content(draft))
    if changed:
        await _replace_parts(tx, post.post_id, draft)
    return bool(changed)


async def soft_delete_posts(tx: Transaction, ids: Sequence[int], *, title: str | None = None) -> None:
    """Turns posts into tombstones without author, words, quotes and mentions; their places in the tree stay.

    The words remain in `revisions`, which nobody can read for a deleted post. `title` is the discussion's, for an
    opening post.
    """
    await tx.run(revisions.keep, ids=ids, title=title)
    await tx.run(_soft_delete, ids=ids, at=tx.at)
    await tx.run(_delete_quotes, ids=ids)
    await tx.run(_delete_mentions, ids=ids)
    await search.remove(tx, ids)
    await tx.run(_notify_quotes, ids=ids)


def _content(draft: PostDraft) -> dict[str, Any]:
    return {
        "body": draft.body,
        "body_html": draft.html,
        "body_text": draft.text,
        "said": draft.said,
        "renderer": RENDERER,
    }


async def _replace_parts(tx: Transaction, post_id: int, draft: PostDraft) -> None:
    await tx.run(_delete_quotes, ids=[post_id])
    await tx.run(_delete_mentions, ids=[post_id])
    await _insert_parts(tx, post_id, draft)
    await search.put(tx, post_id, draft.search_entry)


async def _insert_parts(tx: Transaction, post_id: int, draft: PostDraft) -> None:
    await tx.run_many(_insert_quote, [{"post_id": post_id, **asdict(quote)} for quote in draft.quotes])
    await tx.run_many(
        _insert_mention,
        [{"post_id": post_id, "ordinal": ordinal, **asdict(mention)} for ordinal, mention in enumerate(draft.mentions)],
    )
