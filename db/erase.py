"""Erasing a person: what they wrote, what others quote of it, and what tells who they were.

It goes step by step, each in a transaction of its own and each of which can be done again: an erasure that was
interrupted is begun anew and ends the same. First their posts become tombstones, so that nobody can quote them any
more; then the posts of others lose their words and names; and in the end the versions go by which the words were
known, and the person.
"""

import asyncio
import re
import secrets
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any

import asyncpg
from sqlalchemy import ColumnElement, bindparam, case, delete, func, literal, make_url, or_, select, update

from db import drafts, posts, quotes, search
from db.database import Database, Event, Transaction
from db.discussions import delete_discussion
from db.rows import IdRow, PostRow, QuoteRow, Row, UserRow
from db.statements import Command, Dialect, Statement
from db.tables import discussions, events, idempotency_keys, mentions, revisions
from db.tables import posts as posts_table
from db.tables import users as users_table
from text import markdown, normal
from text.erasing import ERASED, Names, erased
from text.quotes import Blockquote

_AT_ONCE = 200
_EVERY_DEPTH = 10_000
_WORD = re.compile(r"\w+")


@dataclass
class Erasure:
    """What an erasure did."""

    posts: int = 0
    """Posts of theirs that were still there."""
    others: int = 0
    """Posts and versions of others that held words or names of theirs."""


class _TheirRow(Row):
    """A post of theirs that is still there."""

    __slots__ = ()

    post_id: int
    discussion_id: int
    sequence: int
    version: int


class _WordsRow(Row):
    """A text of theirs."""

    __slots__ = ()

    body: str


class _VersionRow(Row):
    """A version of a post that others may have written."""

    __slots__ = ()

    post_id: int
    version: int
    title: str | None
    body: str


class _DiscussionRow(Row):
    """What a discussion is called."""

    __slots__ = ()

    id: int
    title: str


_theirs = Statement(
    select(
        posts_table.c.id.label("post_id"), posts_table.c.discussion_id, posts_table.c.sequence, posts_table.c.version
    )
    .where(posts_table.c.author_id == bindparam("user"), posts_table.c.deleted_at.is_(None))
    .order_by(posts_table.c.discussion_id, posts_table.c.sequence),
    _TheirRow,
)
_their_words = Statement(
    select(revisions.c.body).where(revisions.c.editor_id == bindparam("user"), revisions.c.body != ERASED), _WordsRow
)
_their_ids = Statement(
    select(revisions.c.post_id.label("id")).where(revisions.c.editor_id == bindparam("user")).distinct(), IdRow
)
_living_of_others = Statement(
    select(posts_table.c.id)
    .where(
        posts_table.c.discussion_id == bindparam("discussion"),
        posts_table.c.deleted_at.is_(None),
        or_(posts_table.c.author_id.is_(None), posts_table.c.author_id != bindparam("user")),
    )
    .limit(1),
    IdRow,
)
_title = Statement(
    select(discussions.c.id, discussions.c.title).where(discussions.c.id == bindparam("discussion")), _DiscussionRow
)
_leave_opening = Command(update(posts_table).where(posts_table.c.id == bindparam("post")).values(author_id=None))
_retitle = Command(
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


_posts_of_others = Statement(_suspect_posts, PostRow)
_versions_of_others = Statement(_suspect_versions, _VersionRow)
_titles = Statement(
    lambda dialect: (
        select(discussions.c.id, discussions.c.title)
        .where(
            or_(_holds(dialect, discussions.c.title, "handle"), _holds(dialect, discussions.c.title, "name")),
        )
        .order_by(discussions.c.id)
    ),
    _DiscussionRow,
)
_rewrite_version = Command(
    update(revisions)
    .where(revisions.c.post_id == bindparam("post"), revisions.c.version == bindparam("version"))
    .values(body=bindparam("body"), title=bindparam("title"))
)
# An archive's address is made of a title, and a deleted discussion has no title by which to find it.
_forget_deleted_slugs = Command(
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
_forget_slug = Command(
    update(discussions)
    .where(discussions.c.id.in_(select(posts_table.c.discussion_id).where(posts_table.c.id == bindparam("post"))))
    .values(legacy_slug=None)
)
_forget_words = Command(
    update(revisions)
    .where(revisions.c.editor_id == bindparam("user"))
    .values(body=ERASED, title=case((revisions.c.title.is_not(None), ERASED)), editor_id=None)
)
_forget_keys = Command(delete(idempotency_keys).where(idempotency_keys.c.user_id == bindparam("user")))
_forget_actor = Command(
    update(events).where(events.c.actor_id == bindparam("user")).values(client_mutation_id=None, actor_id=None)
)
_forget_person = Command(
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


class _Changed(Exception):
    """A post was changed while it was looked at."""


async def erase_user(database: Database, user: UserRow, tell: Callable[[str], None]) -> Erasure:
    """Erases a person from the database; `clean` then takes what is gone out of its files. `tell` is told each step.

    The person is suspended, and every server knows.
    """
    erasure = Erasure()
    tell("Erasing their posts")
    theirs = await database.rows(_theirs, user=user.id)
    for discussion_id, there in groupby(theirs, key=lambda post: post.discussion_id):
        await _leave_discussion(database, user, discussion_id, list(there))
    erasure.posts = len(theirs)
    person = await _Person.of(database, user)
    tell("Erasing quotes of them and their names in the posts of others")
    await _rewrite_titles(database, person)
    erasure.others += await _rewrite_posts(database, person)
    tell("Erasing those in earlier versions")
    erasure.others += await _rewrite_versions(database, person)

    async def forget(tx: Transaction) -> None:
        for command in (_forget_deleted_slugs, _forget_words, _forget_keys, _forget_actor):
            await tx.run(command, user=user.id)
        await tx.run(_forget_person, user=user.id, handle=f"erased-{secrets.token_hex(6)}", at=tx.at)

    await database.write(forget)
    return erasure


async def _leave_discussion(database: Database, user: UserRow, discussion_id: int, theirs: Sequence[_TheirRow]) -> None:
    """Makes tombstones of their posts in one discussion. One they started goes on where others have written in it."""

    async def leave(tx: Transaction) -> None:
        await tx.take(discussion_id, events=0)
        starts = theirs[0].sequence == 0
        if starts and not await tx.rows(_living_of_others, discussion=discussion_id, user=user.id):
            await delete_discussion(tx, discussion_id, posts.Actor(user.id, is_moderator=True))
            return
        # Read again under the lock: they may have changed since.
        rows = await tx.rows(posts.by_ids, ids=[post.post_id for post in theirs])
        living = [row for row in rows if row.deleted_at is None]
        await tx.take(discussion_id, events=len(living))
        replies = [row for row in living if row.sequence > 0]
        if replies:
            await posts.soft_delete_posts(tx, [row.post_id for row in replies])
        for row in replies:
            tx.tell(Event("ReplyDeleted", row.post_id, row.version + 1, None))
        for row in living:
            if row.sequence == 0:
                title = await tx.row(_title, discussion=discussion_id)
                draft = posts.PostDraft(ERASED, markdown.read(ERASED).html(), ERASED)
                await posts.change_post(tx, row, draft, title=title.title if title else "", next_title=ERASED)
                await tx.run(_leave_opening, post=row.post_id)
                await tx.run(_retitle, discussion=discussion_id, title=ERASED)
                tx.tell(Event("DiscussionUpdated", row.post_id, row.version + 1, None))

    await database.write(leave)


@dataclass(frozen=True, slots=True)
class _Person:
    """By what a person is known in the posts of others."""

    user: UserRow
    names: Names
    ids: frozenset[int]
    """Their posts."""
    words: tuple[str, ...]
    """What they have said, normalised, a text for each version of a post."""
    vocabulary: frozenset[str]

    @classmethod
    async def of(cls, database: Database, user: UserRow) -> "_Person":
        ids = await database.rows(_their_ids, user=user.id)
        bodies = {row.body for row in await database.rows(_their_words, user=user.id)}
        words = await asyncio.to_thread(
            lambda: tuple({normal.normalised(markdown.read(body).own_text) for body in bodies} - {""})
        )
        vocabulary = frozenset(word for text in words for word in _WORD.findall(text))
        return cls(user, Names(user.handle, user.name), frozenset(row.id for row in ids), words, vocabulary)

    @property
    def asked(self) -> dict[str, str]:
        """What the statements look for."""
        return {"handle": self.user.handle.lower(), "name": self.user.name.lower()}

    def said(self, block: Blockquote) -> bool:
        """Whether a blockquote, as it stands, is theirs: it names them, or it names nobody and has their words."""
        if block.attribution is not None and block.attribution.name:
            return self.names.names(block.attribution.name)
        quoted = normal.normalised(block.own_text)
        if not quoted.strip() or not self.vocabulary.issuperset(_WORD.findall(quoted)):
            return False
        return any(normal.contains(text, quoted) for text in self.words)

    def said_in(self, quotes_there: Sequence[QuoteRow]) -> Callable[[Blockquote], bool]:
        """The same for a post whose quotes are known."""
        known = {quote.ordinal: quote for quote in quotes_there}

        def said(block: Blockquote) -> bool:
            quote = known.get(block.index)
            if quote is not None and (quote.source_id in self.ids or quote.speaker_id == self.user.id):
                return True
            return (quote is None or quote.source_id is None) and self.said(block)

        return said


async def _rewrite_titles(database: Database, person: _Person) -> None:
    for row in await database.rows(_titles, **person.asked):
        if person.names.without(row.title) != row.title:
            await database.write(partial(_retitle_one, person=person, discussion_id=row.id))


async def _retitle_one(tx: Transaction, *, person: _Person, discussion_id: int) -> None:
    await tx.take(discussion_id, events=1)
    row = await tx.row(_title, discussion=discussion_id)
    assert row is not None
    title = person.names.without(row.title)
    await tx.run(_retitle, discussion=discussion_id, title=title)
    (opening,) = await tx.rows(posts.opening_posts, discussions=[discussion_id])
    if opening.deleted_at is None:
        await search.put(tx, opening.post_id, title=title, body=opening.body_text)
    tx.tell(Event("DiscussionUpdated", opening.post_id, opening.version, None))


async def _rewrite_posts(database: Database, person: _Person) -> int:
    rewritten, after = 0, 0
    while suspects := await database.rows(
        _posts_of_others, after=after, user=person.user.id, limit=_AT_ONCE, **person.asked
    ):
        found = await database.rows(quotes.of_posts, ids=[post.post_id for post in suspects], deepest=_EVERY_DEPTH)
        for post in suspects:
            rewritten += await _rewrite(
                database, person, post, [quote for quote in found if quote.post_id == post.post_id]
            )
        after = suspects[-1].post_id
    return rewritten


async def _rewrite(database: Database, person: _Person, post: PostRow, its_quotes: Sequence[QuoteRow]) -> bool:
    """Whether there was something of theirs in a post. Its readers are told that its quotes have changed."""
    while True:
        done = await asyncio.to_thread(erased, post.body, person.names, person.said_in(its_quotes))
        if done.body == post.body:
            return False
        draft = await drafts.prepare(
            database,
            done.body,
            drafts.PostContext(discussion_id=post.discussion_id, before=post.sequence, most_quotes=None),
            limit=None,
            known={
                done.moved[quote.ordinal]: quote.source_id
                for quote in its_quotes
                if quote.ordinal in done.moved and quote.source_id is not None
            },
            existing=its_quotes,
        )
        try:
            await database.write(partial(_put, post=post, draft=draft))
        except _Changed:
            again = await database.row(posts.by_ids, ids=[post.post_id])
            if again is None or again.deleted_at is not None:
                return False
            post = again
            its_quotes = await database.rows(quotes.of_posts, ids=[post.post_id], deepest=_EVERY_DEPTH)
        else:
            return True


async def _put(tx: Transaction, *, post: PostRow, draft: posts.PostDraft) -> None:
    await tx.take(post.discussion_id, events=1)
    title = await tx.row(_title, discussion=post.discussion_id) if post.sequence == 0 else None
    if not await posts.rewrite_post(tx, post, draft, title=title.title if title else ""):
        raise _Changed
    tx.tell(Event("QuoteStatusChanged", post.post_id, post.version, None))


async def _rewrite_versions(database: Database, person: _Person) -> int:
    rewritten, after, after_version = 0, 0, 0
    while versions := await database.rows(
        _versions_of_others,
        after=after,
        after_version=after_version,
        user=person.user.id,
        limit=_AT_ONCE,
        **person.asked,
    ):
        for version in versions:
            done = await asyncio.to_thread(erased, version.body, person.names, person.said)
            title = version.title and person.names.without(version.title)
            if (done.body, title) != (version.body, version.title):
                await database.write(partial(_put_version, version=version, body=done.body, title=title))
                rewritten += 1
        after, after_version = versions[-1].post_id, versions[-1].version
    return rewritten


async def _put_version(tx: Transaction, *, version: _VersionRow, body: str, title: str | None) -> None:
    await tx.run(_rewrite_version, post=version.post_id, version=version.version, body=body, title=title)
    if title != version.title:
        await tx.run(_forget_slug, post=version.post_id)


async def clean(url: str) -> bool:
    """Takes deleted rows out of the database's files; False where SQLite could not, because somebody reads.

    PostgreSQL frees their room for other rows; what its log and its backups hold goes when they go.
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
