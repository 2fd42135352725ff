"""What opening posts and replies share: their columns, and how a post is inserted and changed."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    LargeBinary,
    ScalarSelect,
    Select,
    Text,
    bindparam,
    case,
    cast,
    delete,
    func,
    insert,
    literal_column,
    null,
    select,
    update,
)
from sqlalchemy.sql.expression import FromClause

from db import deletion_jobs, paths, revisions, search
from db.database import Transaction
from db.rows import IdRow, PlaceRow, PostRow, Row, SourceRow, WordsRow
from db.statements import Dialect, Reads, Statement, WriteStatement, among, inserted
from db.tables import discussions, mentions, posts, quotes
from text.markdown import RENDERER


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteDraft:
    """A quote of a post to be written; `ordinal` is the index of its blockquote among all of the body.

    The fields but `author_id` are the columns of `quotes`.
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
    author_id: int | None = None
    """Who wrote the source."""


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

    @property
    def people(self) -> list[int]:
        """Who is quoted or mentioned in it."""
        quoted = [quote.attributed_id if quote.source_id is None else quote.author_id for quote in self.quotes]
        mentioned = [mention.user_id for mention in self.mentions]
        return list(dict.fromkeys(each for each in (*quoted, *mentioned) if each is not None))


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
        post.c.last_event,
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
    posts.c.listed,
]

OPENING_PATH = cast(literal_column("''"), LargeBinary)
"""The path of opening posts. Replies among rows of which the sequences are bounded are told by it: SQLite would prefer
the range of all sequences above 0, and read the whole discussion."""

places = Statement(
    select(*_place_columns).where(among(posts.c.id, "ids")),
    PlaceRow,
    reads=Reads(of_discussions=("discussion_id",), each="ids"),
)
"""The places of the posts `ids`, opening posts (sequence 0) included."""

places_by_sequence = Statement(
    select(*_place_columns).where(
        among(posts.c.discussion_id, "discussions"),
        among(posts.c.sequence, "sequences"),
        posts.c.path != OPENING_PATH,
    ),
    PlaceRow,
    reads=Reads(discussions=("discussions",)),
)
"""The places of the replies `sequences` of the discussions."""

by_places = Statement(
    select(*_place_columns).where(among(posts.c.discussion_id, "discussions"), among(posts.c.sequence, "sequences")),
    PlaceRow,
    reads=Reads(discussions=("discussions",)),
)
"""The places of the posts `sequences` of the discussions, opening posts (sequence 0) included."""

by_ids = Statement(
    select(*columns()).where(among(posts.c.id, "ids")),
    PostRow,
    reads=Reads(of_discussions=("discussion_id",), each="ids"),
)
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
    deletion_jobs.deleted_at(),
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

_answered, _source = posts.alias("answered"), posts.alias("source")


class LegacyIdRow(Row):
    """A post's id in an archive."""

    __slots__ = ()

    legacy_id: str


class SubjectRow(Row):
    """Whom and what an event about a post concerns now."""

    __slots__ = ()

    post_id: int
    author_id: int | None
    answered_id: int | None
    """Who wrote the post that it answers."""
    category_id: int | None
    quoted_ids: str | None
    """Who is quoted in it: ids with commas between, some maybe twice; None for nobody."""
    mentioned_ids: str | None
    """Who is mentioned in it, likewise."""

    @property
    def people(self) -> list[int]:
        """Who is quoted or mentioned in it."""
        found = f"{self.quoted_ids or ''},{self.mentioned_ids or ''}".split(",")
        return list(dict.fromkeys(int(each) for each in found if each))


def _subjects(dialect: Dialect) -> Select[Any]:
    def comma_separated(ids: ColumnElement[int], base: FromClause, here: ColumnElement[bool]) -> ScalarSelect[str]:
        joined = func.string_agg if dialect == "postgresql" else func.group_concat
        found = select(joined(cast(ids, Text), literal_column("','"), type_=Text())).select_from(base).where(here)
        return found.correlate(posts).scalar_subquery()

    def author_of(*answered: ColumnElement[bool]) -> ScalarSelect[int]:
        return select(_answered.c.author_id).where(*answered).correlate(posts).scalar_subquery()

    quoted_id = case((quotes.c.source_id.is_(None), quotes.c.attributed_id), else_=_source.c.author_id)
    sources = quotes.outerjoin(_source, _source.c.id == quotes.c.source_id)
    opening = author_of(_answered.c.discussion_id == posts.c.discussion_id, _answered.c.sequence == 0)
    return (
        select(
            posts.c.id.label("post_id"),
            posts.c.author_id,
            case(
                (posts.c.sequence == 0, null()),
                (posts.c.reply_to_id.is_(None), opening),
                else_=author_of(_answered.c.id == posts.c.reply_to_id),
            ).label("answered_id"),
            discussions.c.category_id,
            comma_separated(quoted_id, sources, quotes.c.post_id == posts.c.id).label("quoted_ids"),
            comma_separated(mentions.c.user_id, mentions, mentions.c.post_id == posts.c.id).label("mentioned_ids"),
        )
        .join(discussions, discussions.c.id == posts.c.discussion_id)
        .where(among(posts.c.id, "ids"))
    )


subjects = Statement(_subjects, SubjectRow)
"""Whom and what an event about each of the posts `ids` concerns now."""

there_of_legacy_ids = Statement(select(posts.c.legacy_id).where(among(posts.c.legacy_id, "legacy_ids")), LegacyIdRow)
"""Which of the posts `legacy_ids` are here."""

by_legacy_id = Statement(select(*columns()).where(posts.c.legacy_id == bindparam("legacy_id")), PostRow)

stale = Statement(
    select(*columns())
    .where(posts.c.id > bindparam("after"), posts.c.renderer < bindparam("renderer"), posts.c.deleted_at.is_(None))
    .order_by(posts.c.id)
    .limit(bindparam("limit")),
    PostRow,
)
"""Posts whose HTML an earlier renderer made, after the post `after`."""

stale_in_discussion = Statement(
    select(posts.c.id)
    .where(
        posts.c.discussion_id == bindparam("discussion"),
        posts.c.renderer < bindparam("renderer"),
        posts.c.deleted_at.is_(None),
    )
    # The latest are rendered last, so one that is left is found at once.
    .order_by(posts.c.sequence.desc())
    .limit(1),
    IdRow,
)
"""A post of a discussion whose HTML an earlier renderer made, if there is one."""


def next_id(dialect: Dialect) -> ColumnElement[int]:
    """The id of the next post that is inserted, for a transaction that may write."""
    if dialect == "postgresql":
        return func.nextval(func.pg_get_serial_sequence("posts", "id"), type_=BigInteger)
    return select(func.coalesce(func.max(posts.c.id), 0) + 1).scalar_subquery()


_next_id = Statement(lambda dialect: select(next_id(dialect).label("id")), IdRow)
_insert = WriteStatement(insert(posts).values({column.name: bindparam(column.name) for column in posts.columns}))

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

_next_version = WriteStatement(
    update(posts)
    .where(posts.c.id == bindparam("post"))
    .values(version=posts.c.version + 1, last_edited_at=bindparam("at"))
)

rerender = Statement(
    update(posts)
    .where(
        posts.c.id == bindparam("post"),
        posts.c.version == bindparam("version"),
        # Words that must be gone leave a post without a new version.
        posts.c.body == bindparam("body"),
        posts.c.renderer < bindparam("renderer"),
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
"""Gives a post the HTML of a newer renderer. It gives no row if the post has changed since it was read, or has that."""

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

_insert_quote = WriteStatement(inserted(quotes))
_insert_mention = WriteStatement(inserted(mentions))
delete_quotes = WriteStatement(delete(quotes).where(among(quotes.c.post_id, "ids")))
delete_mentions = WriteStatement(delete(mentions).where(among(mentions.c.post_id, "ids")))


@dataclass(frozen=True, slots=True)
class PostPlace:
    """Where a new post goes: its number in the discussion, the reply it answers, and its path in the tree."""

    discussion_id: int
    sequence: int = 0
    reply_to_id: int | None = None
    path: bytes = b""
    event_number: int = 0
    """The number of the event that tells of it."""


async def insert_post(
    tx: Transaction, draft: PostDraft, place: PostPlace, *, author_id: int, post_id: int | None = None
) -> int:
    """Inserts a post with its quotes and mentions, indexes it for search, and returns its id.

    `post_id` is what `next_id` gave in this transaction, if it was read.
    """
    if post_id is None:
        row = await tx.row(_next_id)
        assert row is not None
        post_id = row.id
    await tx.run(
        _insert,
        id=post_id,
        discussion_id=place.discussion_id,
        sequence=place.sequence,
        reply_to_id=place.reply_to_id,
        path=place.path,
        newest_path=paths.newest(place.path),
        depth=paths.depth(place.path),
        author_id=author_id,
        version=1,
        last_event=place.event_number,
        created_at=tx.at,
        last_edited_at=None,
        deleted_at=None,
        listed=True,
        legacy_id=draft.legacy_id,
        **content(draft),
    )
    await insert_parts(tx, {post_id: draft})
    return post_id


async def change_post(tx: Transaction, post: PostRow, draft: PostDraft, *, title: str | None = None) -> None:
    """Gives a post its next version and keeps the present one as a revision, with the discussion's present title."""
    await tx.run(revisions.keep, ids=[post.post_id], title=title)
    await tx.run(_change, post=post.post_id, at=tx.at, **content(draft))
    await _replace_parts(tx, post.post_id, draft)


async def change_title(tx: Transaction, post: PostRow, *, title: str, entry: search.SearchEntry) -> None:
    """Gives an opening post its next version with the same words, for another title than `title`, that of this one."""
    await tx.run(revisions.keep, ids=[post.post_id], title=title)
    await tx.run(_next_version, post=post.post_id, at=tx.at)
    await search.put(tx, {post.post_id: entry})


async def rewrite_post(tx: Transaction, post: PostRow, draft: PostDraft) -> bool:
    """Gives a post other words, quotes and mentions in its present version. Returns False if it has changed since.

    No version changes and no event is appended: it is for words that must be gone.
    """
    changed = await tx.rows(_rewrite, post=post.post_id, version=post.version, **content(draft))
    if changed:
        await _replace_parts(tx, post.post_id, draft)
    return bool(changed)


def content(draft: PostDraft) -> dict[str, Any]:
    """The columns that hold what a post says."""
    return {
        "body": draft.body,
        "body_html": draft.html,
        "body_text": draft.text,
        "said": draft.said,
        "renderer": RENDERER,
    }


async def _replace_parts(tx: Transaction, post_id: int, draft: PostDraft) -> None:
    await tx.run(delete_quotes, ids=[post_id])
    await tx.run(delete_mentions, ids=[post_id])
    await insert_parts(tx, {post_id: draft})


async def insert_parts(tx: Transaction, drafts: Mapping[int, PostDraft]) -> None:
    """Inserts the quotes and mentions of posts that have none, and indexes the posts for search, by their ids."""
    await tx.run_many(
        _insert_quote,
        [{"post_id": post_id, **asdict(quote)} for post_id, draft in drafts.items() for quote in draft.quotes],
    )
    await _insert_mentions(tx, {post_id: draft.mentions for post_id, draft in drafts.items()})
    await search.put(tx, {post_id: draft.search_entry for post_id, draft in drafts.items()})


async def replace_mentions(tx: Transaction, post_id: int, mentions_now: Sequence[MentionDraft]) -> None:
    """Gives a post the mentions that a newer renderer finds in it."""
    await tx.run(delete_mentions, ids=[post_id])
    await _insert_mentions(tx, {post_id: mentions_now})


async def _insert_mentions(tx: Transaction, of_posts: Mapping[int, Sequence[MentionDraft]]) -> None:
    await tx.run_many(
        _insert_mention,
        [
            {"post_id": post_id, "ordinal": ordinal, **asdict(mention)}
            for post_id, found in of_posts.items()
            for ordinal, mention in enumerate(found)
        ],
    )
