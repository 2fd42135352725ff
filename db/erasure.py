"""What the erasure of a person reads and writes, and how deleted rows leave the database's files."""

import asyncio
import sqlite3
from typing import Any

import asyncpg
from sqlalchemy import ColumnElement, bindparam, case, delete, func, literal, make_url, or_, select, update

from db import posts
from db.discussions import TitleRow
from db.rows import IdRow, PostRow, Row
from db.statements import Dialect, Statement, WriteStatement
from db.tables import discussions, events, idempotency_keys, mentions, revisions
from db.tables import posts as posts_table
from db.tables import users as users_table
from text import normal
from text.erasing import ERASED


class TheirPostRow(Row):
    """A post of theirs that is still there."""

    __slots__ = ()

    post_id: int
    discussion_id: int
    sequence: int
    version: int


class WordsRow(Row):
    """A text of theirs."""

    __slots__ = ()

    body: str


class VersionRow(Row):
    """A version of a post that others may have written."""

    __slots__ = ()

    post_id: int
    version: int
    title: str | None
    body: str


their_posts = Statement(
    select(
        posts_table.c.id.label("post_id"), posts_table.c.discussion_id, posts_table.c.sequence, posts_table.c.version
    )
    .where(posts_table.c.author_id == bindparam("user"), posts_table.c.deleted_at.is_(None))
    .order_by(posts_table.c.discussion_id, posts_table.c.sequence),
    TheirPostRow,
)
their_words = Statement(
    select(revisions.c.body).where(revisions.c.editor_id == bindparam("user"), revisions.c.body != ERASED), WordsRow
)
their_post_ids = Statement(
    select(revisions.c.post_id.label("id")).where(revisions.c.editor_id == bindparam("user")).distinct(), IdRow
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


def _holds(dialect: Dialect, text: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    find = func.strpos if dialect == "postgresql" else func.instr
    return find(func.lower(text), bindparam(name)) > 0


def _suspect_posts(dialect: Dialect) -> Any:
    body = posts_table.c.body
    find = func.strpos if dialect == "postgresql" else func.instr
    mentioning = select(mentions.c.post_id).where(mentions.c.user_id == bindparam("user"))
    return (
        select(*posts.columns())
        .where(
            posts_table.c.id > bindparam("after"),
            posts_table.c.deleted_at.is_(None),
            or_(
                find(body, literal(">")) > 0,
                _holds(dialect, body, "handle"),
                _holds(dialect, body, "name"),
                posts_table.c.id.in_(mentioning),
            ),
        )
        .order_by(posts_table.c.id)
        .limit(bindparam("limit"))
    )


def _suspect_versions(dialect: Dialect) -> Any:
    body = revisions.c.body
    find = func.strpos if dialect == "postgresql" else func.instr
    return (
        select(revisions.c.post_id, revisions.c.version, revisions.c.title, body)
        .where(
            or_(
                revisions.c.post_id > bindparam("after"),
                (revisions.c.post_id == bindparam("after")) & (revisions.c.version > bindparam("after_version")),
            ),
            or_(revisions.c.editor_id.is_(None), revisions.c.editor_id != bindparam("user")),
            or_(
                find(body, literal(">")) > 0,
                find(body, literal("@")) > 0,
                _holds(dialect, body, "handle"),
                _holds(dialect, body, "name"),
                _holds(dialect, func.coalesce(revisions.c.title, ""), "handle"),
                _holds(dialect, func.coalesce(revisions.c.title, ""), "name"),
            ),
        )
        .order_by(revisions.c.post_id, revisions.c.version)
        .limit(bindparam("limit"))
    )


posts_of_others = Statement(_suspect_posts, PostRow)
versions_of_others = Statement(_suspect_versions, VersionRow)
titles = Statement(
    lambda dialect: (
        select(discussions.c.id, discussions.c.title)
        .where(
            or_(_holds(dialect, discussions.c.title, "handle"), _holds(dialect, discussions.c.title, "name")),
        )
        .order_by(discussions.c.id)
    ),
    TitleRow,
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
blank_revisions = WriteStatement(
    update(revisions)
    .where(revisions.c.editor_id == bindparam("user"))
    .values(
        body=ERASED,
        body_html=f"<p>{ERASED}</p>\n",
        said=ERASED,
        title=case((revisions.c.title.is_not(None), ERASED)),
        editor_id=None,
    )
)
delete_keys = WriteStatement(delete(idempotency_keys).where(idempotency_keys.c.user_id == bindparam("user")))
anonymise_events = WriteStatement(
    update(events).where(events.c.actor_id == bindparam("user")).values(client_mutation_id=None, actor_id=None)
)
blank_user = WriteStatement(
    update(users_table)
    .where(users_table.c.id == bindparam("user"))
    .values(
        handle=bindparam("handle"),
        name=ERASED,
        name_key=normal.normalised(ERASED),
        avatar_url=None,
        email=None,
        issuer=None,
        subject=None,
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
            for table in ("users", "posts", "revisions", "quotes", "mentions", "discussions", "events", "post_search"):
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
