"""What the erasure of a person reads and writes, and how deleted rows leave the database's files."""

import asyncio
import sqlite3

import asyncpg
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Table,
    bindparam,
    case,
    delete,
    func,
    literal,
    make_url,
    null,
    or_,
    select,
    tuple_,
    union,
    union_all,
    update,
)

from db import posts
from db.kinds import AuthorRole, DiscussionChange, EventKind
from db.rows import IdRow, PostRow, Row
from db.statements import Statement, WriteStatement, among
from db.tables import (
    deleted_posts,
    discussions,
    event_people,
    events,
    former_names,
    idempotency_keys,
    mentions,
    quotes,
    revisions,
)
from db.tables import posts as posts_table
from db.tables import users as users_table
from db.users import CalledRow
from text import normal
from text.erasing import ERASED


class TheirPostRow(Row):
    """A post of theirs, or a tombstone of one."""

    __slots__ = ()

    post_id: int
    discussion_id: int
    sequence: int
    deleted: bool


class WordsRow(Row):
    """A text of theirs."""

    __slots__ = ()

    body: str


class TitledRow(Row):
    """A discussion, its title, and the name it had in the addresses of an archive."""

    __slots__ = ()

    id: int
    title: str
    legacy_slug: str | None


class IdentityRow(Row):
    """What a person is by in the tokens of another service."""

    __slots__ = ()

    issuer: str | None
    subject: str | None


class VersionKeyRow(Row):
    """A superseded version of theirs."""

    __slots__ = ()

    post_id: int
    version: int


class EventKeyRow(Row):
    """An event that names them."""

    __slots__ = ()

    log_id: int
    number: int


class VersionRow(Row):
    """A version of a post that others may have written."""

    __slots__ = ()

    post_id: int
    discussion_id: int
    version: int
    title: str | None
    body: str
    body_html: str | None
    """Its HTML; None until a new renderer has read the body."""


_place = (posts_table.c.id.label("post_id"), posts_table.c.discussion_id, posts_table.c.sequence)
their_posts = Statement(
    union_all(
        select(*_place, literal(False).label("deleted")).where(
            posts_table.c.author_id == bindparam("user"), posts_table.c.deleted_at.is_(None)
        ),
        select(*_place, literal(True).label("deleted"))
        .join(deleted_posts, deleted_posts.c.post_id == posts_table.c.id)
        .where(deleted_posts.c.author_id == bindparam("user")),
    ).order_by("discussion_id", "sequence"),
    TheirPostRow,
)
"""All posts of theirs, and what is left of those that were deleted."""
their_words = Statement(
    union(
        select(revisions.c.body).where(
            revisions.c.editor_id == bindparam("user"), revisions.c.body != ERASED, revisions.c.body != ""
        ),
        select(posts_table.c.body).where(posts_table.c.author_id == bindparam("user")),
    ),
    WordsRow,
)
their_post_ids = Statement(
    union(
        select(revisions.c.post_id.label("id")).where(revisions.c.editor_id == bindparam("user")),
        select(posts_table.c.id).where(posts_table.c.author_id == bindparam("user")),
    ),
    IdRow,
)
living_of_others = Statement(
    select(posts_table.c.id)
    .where(
        posts_table.c.discussion_id == bindparam("discussion"),
        posts_table.c.deleted_at.is_(None),
        or_(posts_table.c.author_id.is_(None), posts_table.c.author_id != bindparam("user")),
    )
    .limit(1),
    IdRow,
)
anonymise_post = WriteStatement(update(posts_table).where(posts_table.c.id == bindparam("post")).values(author_id=None))
retitle = WriteStatement(
    update(discussions)
    .where(discussions.c.id == bindparam("discussion"))
    .values(title=bindparam("title"), legacy_slug=None)
)


_posts = (
    select(*posts.columns())
    .where(
        posts_table.c.id > bindparam("after"),
        posts_table.c.id <= bindparam("last"),
        posts_table.c.deleted_at.is_(None),
        or_(posts_table.c.author_id.is_(None), posts_table.c.author_id != bindparam("user")),
    )
    .order_by(posts_table.c.id)
    .limit(bindparam("limit"))
)
_was_restored = select(events.c.log_id).where(
    or_(events.c.kind == EventKind.REPLY_RESTORED.value, events.c.changes == DiscussionChange.RESTORED.value),
    events.c.at >= bindparam("since"),
)
_was_touched = or_(
    posts_table.c.id > bindparam("first"),
    posts_table.c.last_edited_at >= bindparam("since"),
    posts_table.c.deleted_at >= bindparam("since"),
    # A restored post says when in its discussion's log alone.
    posts_table.c.discussion_id.in_(_was_restored),
)
_versions = (
    select(
        revisions.c.post_id,
        posts_table.c.discussion_id,
        revisions.c.version,
        revisions.c.title,
        revisions.c.body,
        revisions.c.body_html,
    )
    .join(posts_table, posts_table.c.id == revisions.c.post_id)
    .where(
        or_(
            revisions.c.post_id > bindparam("after"),
            (revisions.c.post_id == bindparam("after")) & (revisions.c.version > bindparam("after_version")),
        ),
        revisions.c.post_id <= bindparam("last"),
        or_(revisions.c.editor_id.is_(None), revisions.c.editor_id != bindparam("user")),
    )
    .order_by(revisions.c.post_id, revisions.c.version)
    .limit(bindparam("limit"))
)

last_post = Statement(select(func.coalesce(func.max(posts_table.c.id), 0).label("id")), IdRow)
"""The id of the newest post, 0 if there is none."""
posts_of_others = Statement(_posts, PostRow)
"""What others have written, after the post `after` up to `last`, in the order of the ids."""
touched_posts_of_others = Statement(_posts.where(_was_touched), PostRow)
"""As `posts_of_others`, those that are newer than the post `first` or were changed since the moment `since`."""
versions_of_others = Statement(_versions, VersionRow)
"""The superseded versions that others have written, after a version of the post `after` up to the post `last`."""
touched_versions_of_others = Statement(
    _versions.where(revisions.c.post_id.in_(select(posts_table.c.id).where(_was_touched))), VersionRow
)
titles = Statement(
    select(discussions.c.id, discussions.c.title, discussions.c.legacy_slug)
    .where(discussions.c.id > bindparam("after"))
    .order_by(discussions.c.id)
    .limit(bindparam("limit")),
    TitledRow,
)
"""The titles of all discussions, in the order of the ids."""
called = Statement(
    select(users_table.c.id, users_table.c.handle, users_table.c.name)
    .where(users_table.c.id > bindparam("after"))
    .order_by(users_table.c.id)
    .limit(bindparam("limit")),
    CalledRow,
)
"""How everybody is called, in the order of the ids."""
identity = Statement(
    select(users_table.c.issuer, users_table.c.subject).where(users_table.c.id == bindparam("user")), IdentityRow
)
rewrite_version = WriteStatement(
    update(revisions)
    .where(revisions.c.post_id == bindparam("post"), revisions.c.version == bindparam("version"))
    .values(body=bindparam("body"), body_html=bindparam("body_html"), said=bindparam("said"), title=bindparam("title"))
)
# An archive's address is made of the title, and a deleted discussion has no title by which to find it.
blank_deleted_slugs = WriteStatement(
    update(discussions)
    .where(
        discussions.c.deleted_at.is_not(None),
        discussions.c.id.in_(
            select(posts_table.c.discussion_id)
            .join(revisions, revisions.c.post_id == posts_table.c.id)
            .where(posts_table.c.sequence == 0, revisions.c.editor_id == bindparam("user"))
        ),
    )
    .values(legacy_slug=None)
)
blank_slug = WriteStatement(
    update(discussions)
    .where(discussions.c.id.in_(select(posts_table.c.discussion_id).where(posts_table.c.id == bindparam("post"))))
    .values(legacy_slug=None)
)
their_versions = Statement(
    select(revisions.c.post_id, revisions.c.version)
    .where(
        revisions.c.editor_id == bindparam("user"),
        tuple_(revisions.c.post_id, revisions.c.version) > tuple_(bindparam("after"), bindparam("after_version")),
    )
    .order_by(revisions.c.post_id, revisions.c.version)
    .limit(bindparam("limit")),
    VersionKeyRow,
)
"""Some of the superseded versions that they have written, behind a version of the post `after`."""
blank_revision = WriteStatement(
    update(revisions)
    .where(revisions.c.post_id == bindparam("post"), revisions.c.version == bindparam("of_version"))
    .values(
        body=ERASED,
        body_html=f"<p>{ERASED}</p>\n",
        said=ERASED,
        title=case((revisions.c.title.is_not(None), ERASED)),
        editor_id=None,
    )
)
_naming = union(
    select(mentions.c.post_id).where(mentions.c.user_id == bindparam("user")),
    select(quotes.c.post_id).where(quotes.c.attributed_id == bindparam("user")),
).subquery("naming")
naming_posts = Statement(
    select(*posts.columns())
    .join(_naming, _naming.c.post_id == posts_table.c.id)
    .order_by(posts_table.c.discussion_id, posts_table.c.id)
    .limit(bindparam("limit")),
    PostRow,
)
"""Posts that mention them, or have a quote under their name: what they say may be another's name, and stays."""
blank_mentions = WriteStatement(
    update(mentions)
    .where(mentions.c.user_id == bindparam("user"), among(mentions.c.post_id, "ids"))
    .values(user_id=None)
)
blank_attributions = WriteStatement(
    update(quotes)
    .where(quotes.c.attributed_id == bindparam("user"), among(quotes.c.post_id, "ids"))
    .values(attributed_id=None)
)
delete_former_names = WriteStatement(delete(former_names).where(former_names.c.user_id == bindparam("user")))
delete_keys = WriteStatement(delete(idempotency_keys).where(idempotency_keys.c.user_id == bindparam("user")))
_is_actor = events.c.actor_id == bindparam("user")
_is_author = events.c.author_id == bindparam("user")
_is_answered = events.c.answered_id == bindparam("user")


def _keys(of: Table, *conditions: ColumnElement[bool]) -> Statement[EventKeyRow]:
    """Some events behind an event of a log, in the order of the logs."""
    place = tuple_(bindparam("after_log", type_=BigInteger()), bindparam("after_number", type_=BigInteger()))
    chosen = select(of.c.log_id, of.c.number).where(tuple_(of.c.log_id, of.c.number) > place, *conditions)
    return Statement(chosen.order_by(of.c.log_id, of.c.number).limit(bindparam("limit")), EventKeyRow)


their_events = _keys(events, or_(_is_actor, _is_author, _is_answered))
anonymise_event = WriteStatement(
    update(events)
    .where(events.c.log_id == bindparam("log"), events.c.number == bindparam("event"))
    .values(
        client_mutation_id=case((_is_actor, null()), else_=events.c.client_mutation_id),
        actor_id=case((_is_actor, null()), else_=events.c.actor_id),
        author_id=case((_is_author, null()), else_=events.c.author_id),
        answered_id=case((_is_answered, null()), else_=events.c.answered_id),
    )
)
events_naming_them = _keys(event_people, event_people.c.user_id == bindparam("user"))
leave_event = WriteStatement(
    delete(event_people).where(
        event_people.c.log_id == bindparam("log"),
        event_people.c.number == bindparam("event"),
        event_people.c.user_id == bindparam("user"),
    )
)
blank_user = WriteStatement(
    update(users_table)
    .where(users_table.c.id == bindparam("user"))
    .values(
        handle=bindparam("handle"),
        name=ERASED,
        name_key=normal.normalised(ERASED),
        handle_skeleton=None,
        name_skeleton=None,
        avatar_url=None,
        email=None,
        issuer=None,
        subject=None,
        role=AuthorRole.MEMBER.value,
        legacy_id=None,
        suspended_at=bindparam("at"),
    )
)


async def clean(url: str) -> bool:
    """Removes deleted rows from the database's files. Returns False if SQLite could not, since a reader is open.

    PostgreSQL frees their space for other rows; its write-ahead log and its backups keep them until they are deleted.
    """
    if url.startswith("postgresql:"):
        connection = await asyncpg.connect(url)
        try:
            for table in (
                "users",
                "former_names",
                "user_search_keys",
                "posts",
                "revisions",
                "deleted_posts",
                "audit_entries",
                "held_posts",
                "removal_jobs",
                "reports",
                "review_items",
                "suspensions",
                "user_networks",
                "quotes",
                "mentions",
                "discussions",
                "events",
                "viewer_events",
                "post_search",
            ):
                await connection.execute(f"VACUUM {table}")
        finally:
            await connection.close()
        return True
    return await asyncio.to_thread(_clean_sqlite, str(make_url(url).database))


def _clean_sqlite(path: str) -> bool:
    connection = sqlite3.connect(path, isolation_level=None, timeout=15)
    try:
        # The index keeps the words of deleted posts until its parts are merged.
        connection.execute("INSERT INTO post_search (post_search) VALUES ('optimize')")
        connection.execute("VACUUM")
        (is_busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not is_busy
    finally:
        connection.close()
