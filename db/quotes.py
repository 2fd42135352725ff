"""Quotes: their rows, whether their sources still say so, and the sweep that tells readers when a source changed."""

from collections.abc import Sequence
from functools import cache, lru_cache, partial
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, case, delete, func, select, update
from sqlalchemy.sql.expression import FromClause

from db import posts as post_writes
from db.database import Database, Event, Transaction
from db.rows import CountRow, PostRow, QuoteRow, Row
from db.statements import Command, Statement, among, paged
from db.tables import pending_quote_notifications, posts, quotes, users
from text import markdown, normal

_source = posts.alias("source")
_speaker = users.alias("speaker")
_columns: list[ColumnElement[Any]] = [
    quotes.c.id,
    quotes.c.post_id,
    quotes.c.parent_id,
    quotes.c.ordinal,
    quotes.c.depth,
    quotes.c.source_id,
    quotes.c.source_version,
    # A text that names nobody lets its source speak for itself, and a tombstone has nobody to name.
    func.coalesce(func.nullif(quotes.c.attributed_name, ""), _speaker.c.name, "").label("attributed_name"),
    quotes.c.body_html,
    quotes.c.body_text,
    quotes.c.own_text,
    quotes.c.verbatim,
    _source.c.version.label("current_version"),
    _source.c.discussion_id.label("source_discussion_id"),
    _source.c.sequence.label("source_sequence"),
    _source.c.deleted_at.label("source_deleted_at"),
    case(
        (
            _source.c.deleted_at.is_(None) & _source.c.version.is_distinct_from(quotes.c.source_version),
            _source.c.body,
        ),
    ).label("changed_body"),
    _speaker.c.id.label("speaker_id"),
    _speaker.c.handle.label("speaker_handle"),
    _speaker.c.name.label("speaker_name"),
    _speaker.c.avatar_url.label("speaker_avatar_url"),
    _speaker.c.created_at.label("speaker_created_at"),
]


def _join(base: FromClause) -> FromClause:
    """Joins the sources, and who wrote them or is named where there is none, to what holds `quotes`."""
    joined = base.outerjoin(_source, _source.c.id == quotes.c.source_id)
    speaker = case((quotes.c.source_id.is_(None), quotes.c.attributed_id), else_=_source.c.author_id)
    return joined.outerjoin(_speaker, _speaker.c.id == speaker)


_joined = _join(quotes)

by_ids = Statement(select(*_columns).select_from(_joined).where(among(quotes.c.id, "ids")), QuoteRow)

of_posts = Statement(
    select(*_columns)
    .select_from(_joined)
    .where(among(quotes.c.post_id, "ids"), quotes.c.depth <= bindparam("deepest"))
    .order_by(quotes.c.post_id, quotes.c.ordinal),
    QuoteRow,
)
"""The quotes in the posts `ids`, in order of appearance, outer before inner, no deeper than `deepest`."""


@cache
def of_sources() -> Statement[QuoteRow]:
    """A page of the quotes of each of the posts `parents`, after the quote id `low`."""
    inner = quotes.alias("inner")

    def choose(parent: ColumnElement[int]) -> Select[Any]:
        chosen = select(inner.c.id).where(inner.c.source_id == parent, inner.c.post_id >= bindparam("post"))
        after = (inner.c.post_id > bindparam("post")) | (inner.c.ordinal > bindparam("ordinal"))
        return chosen.where(after).order_by(inner.c.post_id, inner.c.ordinal).limit(bindparam("limit"))

    return Statement(
        lambda dialect: (
            select(*_columns)
            .select_from(_join(paged(dialect, "parents", quotes, quotes.c.id, choose)))
            .order_by(quotes.c.post_id, quotes.c.ordinal)
        ),
        QuoteRow,
    )


of_sources_counted = Statement(
    select(quotes.c.source_id.label("parent"), func.count().label("total"))
    .where(among(quotes.c.source_id, "parents"))
    .group_by(quotes.c.source_id),
    CountRow,
)


@lru_cache(maxsize=256)
def _own_words(_post_id: int, _version: int, body: str) -> str:
    return normal.normalised(markdown.read(body).own_text)


_said: dict[tuple[int, int, int, int], bool] = {}
"""What was found lately: a post, its version and the hashes of body and words → whether it says them."""
_SAID_KEPT = 10_000


def says(post_id: int, version: int, body: str, words: str) -> bool:
    """Whether a version of a post says these words itself: what it only quotes are another's words."""
    key = (post_id, version, hash(body), hash(words))
    found = _said.get(key)
    if found is None:
        if len(_said) >= _SAID_KEPT:
            _said.clear()
        found = _said[key] = normal.contains(_own_words(post_id, version, body), words)
    return found


def status(quote: QuoteRow) -> str:
    """What QuoteStatus says of a quote: its words are compared with the source's where the versions differ."""
    if quote.source_id is None:
        return "UNRESOLVED"
    if quote.source_deleted_at is not None:
        return "SOURCE_DELETED"
    if quote.changed_body is None:
        return "VERBATIM" if quote.verbatim else "ALTERED"
    assert quote.current_version is not None
    if says(quote.source_id, quote.current_version, quote.changed_body, quote.own_text):
        return "VERBATIM"
    return "SOURCE_EDITED" if quote.verbatim else "ALTERED"


class _SourceRow(Row):
    __slots__ = ()

    post_id: int
    version: int


class _UntoldRow(Row):
    __slots__ = ()

    discussion_id: int
    post_id: int
    post_version: int


_pending_sources = Statement(
    select(pending_quote_notifications.c.post_id, pending_quote_notifications.c.version)
    .order_by(pending_quote_notifications.c.post_id)
    .limit(100),
    _SourceRow,
)
_quoting = posts.alias("quoting")
_untold = (
    select(
        _quoting.c.discussion_id,
        _quoting.c.id.label("post_id"),
        _quoting.c.version.label("post_version"),
    )
    .select_from(
        quotes.join(_quoting, _quoting.c.id == quotes.c.post_id).join(_source, _source.c.id == quotes.c.source_id)
    )
    .where(
        quotes.c.source_id == bindparam("source"),
        quotes.c.notified_version < _source.c.version,
    )
    .distinct()
    .order_by(_quoting.c.discussion_id, _quoting.c.id)
)
_untold_anywhere = Statement(_untold, _UntoldRow)
_untold_here = Statement(_untold.where(_quoting.c.discussion_id == bindparam("discussion")), _UntoldRow)
_tell = Command(
    update(quotes)
    .where(among(quotes.c.post_id, "ids"), quotes.c.source_id == bindparam("source"))
    .values(notified_version=select(_source.c.version).where(_source.c.id == bindparam("source")).scalar_subquery())
)
_told = Command(
    delete(pending_quote_notifications).where(
        pending_quote_notifications.c.post_id == bindparam("source"),
        pending_quote_notifications.c.version == bindparam("version"),
    )
)


async def tell_of_changed_sources(database: Database) -> int:
    """Appends one QuoteStatusChanged per quoting post of each source that was edited or deleted; gives how many.

    One short transaction per discussion, so no write ever holds two heads. It may stop anywhere and be run again,
    also by several processes at once: what is due is `notified_version < version`, and a source leaves the list only at
    the version that was told.
    """
    told = 0
    while sources := await database.rows(_pending_sources):
        for source in sources:
            due = await database.rows(_untold_anywhere, source=source.post_id)
            for discussion in dict.fromkeys(row.discussion_id for row in due):
                told += await _tell_discussion(database, discussion, source.post_id)
            await database.write(partial(_tick_off, source=source))
    return told


async def _tick_off(tx: Transaction, *, source: _SourceRow) -> None:
    await tx.run(_told, source=source.post_id, version=source.version)


async def _tell_discussion(database: Database, discussion_id: int, source_id: int) -> int:
    async def tell(tx: Transaction) -> int:
        await tx.take(discussion_id, events=0)
        due = await tx.rows(_untold_here, source=source_id, discussion=discussion_id)
        await tx.take(discussion_id, events=len(due))
        await tx.run(_tell, ids=[row.post_id for row in due], source=source_id)
        for row in due:
            tx.tell(Event("QuoteStatusChanged", row.post_id, row.post_version, None))
        return len(due)

    return await database.write(tell)


candidates = Statement(
    select(*post_writes.columns())
    .where(
        posts.c.discussion_id == bindparam("discussion"),
        among(posts.c.author_id, "authors"),
        posts.c.sequence < bindparam("before"),
        posts.c.deleted_at.is_(None),
    )
    .order_by(posts.c.sequence.desc())
    .limit(500),
    PostRow,
)
"""What some people wrote earlier in a discussion, the latest first: where a quote by name is looked for."""


def kept(existing: Sequence[QuoteRow], own_text: str, attributed_name: str) -> QuoteRow | None:
    """The quote of the present version whose words a blockquote of the next one still holds."""
    words = normal.normalised(own_text)
    for quote in existing:
        if normal.normalised(quote.own_text) == words and attributed_name in (
            "",
            quote.attributed_name,
        ):
            return quote
    return None
