"""Renders again what an earlier renderer made, in small transactions beside the writes.

It keeps what each version says, with which quotes are compared, so superseded versions come first: then the quotes of a
post are compared with the versions that they quote.
"""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass

import db.discussions
import db.posts
import db.quotes
import db.revisions
import db.search
from db.database import Database, Transaction
from db.revisions import StaleVersionRow
from db.rows import PostRow, QuoteRow
from db.search import SearchEntry
from forum.drafts import EVERY_DEPTH
from forum.quotes import compared
from text import markdown, workers
from text.said import Comparison

BATCH = 20
"""How many posts are held in memory at a time."""


async def rerender_stale_posts(database: Database) -> int:
    """Renders and indexes all posts of an older renderer. Returns how many. No version changes, and no event comes.

    Superseded versions are rendered as well. At most half of the time is spent working, so that writers have the other
    half of a busy processor.
    """
    await _render_versions(database)
    rendered, after = 0, 0
    while stale := await database.rows(db.posts.stale, after=after, renderer=markdown.RENDERER, limit=BATCH):
        found = await database.rows(db.quotes.of_posts, ids=[post.post_id for post in stale], deepest=EVERY_DEPTH)
        for post in stale:
            await _at_half_speed(
                _render_post(database, post, [quote for quote in found if quote.post_id == post.post_id])
            )
        after = stale[-1].post_id
        rendered += len(stale)
    return rendered


async def _at_half_speed(work: Awaitable[None]) -> None:
    """Works, then rests as long."""
    now = asyncio.get_running_loop().time
    begun = now()
    await work
    await asyncio.sleep(now() - begun)


async def _render_versions(database: Database) -> None:
    place = (0, 0)
    while stale := await database.rows(
        db.revisions.stale, post=place[0], version=place[1], renderer=markdown.RENDERER, limit=BATCH
    ):
        for version in stale:
            await _at_half_speed(_render_version(database, version))
        place = (stale[-1].post_id, stale[-1].version)


async def _render_version(database: Database, version: StaleVersionRow) -> None:
    made = await workers.run(_made, version.body, {}, "")

    async def write(tx: Transaction) -> None:
        await tx.run(
            db.revisions.rerender,
            post=version.post_id,
            version=version.version,
            body=version.body,
            body_html=made.html,
            said=made.document.said,
            renderer=markdown.RENDERER,
        )

    await database.write(write)


@dataclass(frozen=True, slots=True)
class _Made:
    """What a body is made into."""

    document: markdown.MarkdownDocument
    html: str
    entry: SearchEntry


def _made(body: str, quote_ids: Mapping[int, str], title: str) -> _Made:
    document = markdown.read(body)
    return _Made(document, document.html(quote_ids), db.search.entry(title, document.text))


class _Retitled(Exception):
    """The discussion was renamed meanwhile, so the search entry is not what it should be."""


async def _render_post(database: Database, post: PostRow, its_quotes: Sequence[QuoteRow]) -> None:
    while True:
        try:
            await _try_to_render_post(database, post, its_quotes)
        except _Retitled:
            continue
        return


async def _try_to_render_post(database: Database, post: PostRow, its_quotes: Sequence[QuoteRow]) -> None:
    """Raises _Retitled. A post that was edited meanwhile has been rendered by that."""
    titles = await database.rows(db.discussions.titles_of_opening_posts, ids=[post.post_id])
    title = titles[0].title if titles else ""
    made = await workers.run(_made, post.body, {quote.ordinal: quote.node_id for quote in its_quotes}, title)
    blocks = {block.index: block for block in made.document.blockquotes}
    kept = [(quote, blocks[quote.ordinal]) for quote in its_quotes if quote.ordinal in blocks]
    comparisons = [await _comparison(database, quote, block.said) for quote, block in kept]

    async def write(tx: Transaction) -> None:
        changed = await tx.rows(
            db.posts.rerender,
            post=post.post_id,
            version=post.version,
            body=post.body,
            body_html=made.html,
            body_text=made.document.text,
            said=made.document.said,
            renderer=markdown.RENDERER,
        )
        if not changed:
            return
        # An edit that waits for this row will write its own words after these.
        if any(row.title != title for row in await tx.rows(db.discussions.titles_of_opening_posts, ids=[post.post_id])):
            raise _Retitled
        await db.search.put(tx, post.post_id, made.entry)
        for (quote, block), comparison in zip(kept, comparisons, strict=True):
            await tx.run(
                db.quotes.rerender,
                quote=quote.id,
                html=block.html,
                text=block.text,
                said=block.said,
                comparison=comparison,
            )

    await database.write(write)


async def _comparison(database: Database, quote: QuoteRow, words: str) -> str:
    """Whether the quoted version says the words, by this renderer; what is known of it if that version is not."""
    if quote.source_id is None or quote.comparison == Comparison.MISATTRIBUTED.value:
        return quote.comparison
    source = await database.row(db.posts.sources, ids=[quote.source_id])
    version: str | None = None
    if source is not None and source.version == quote.source_version:
        version = source.said
        if version is None and source.unread_body is not None:
            version = (await workers.run(markdown.read, source.unread_body)).said
    else:
        rows = await database.rows(db.revisions.words, post=quote.source_id, versions=[quote.source_version])
        version = rows[0].said if rows else None
    return quote.comparison if version is None else (await workers.run(compared, version, words)).value
