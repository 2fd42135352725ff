"""Renders posts again that an earlier renderer made, in small transactions beside the writes."""

from collections.abc import Sequence
from contextlib import suppress

import db.discussions
import db.posts
import db.quotes
import db.search
from db.database import Database, Transaction
from db.rows import PostRow, QuoteRow
from forum.drafts import EVERY_DEPTH
from text import markdown, workers

BATCH = 100


async def rerender_stale_posts(database: Database) -> int:
    """Renders and indexes all posts of an older renderer. Returns how many. No version changes, and no event comes."""
    rendered = 0
    while stale := await database.rows(db.posts.stale, renderer=markdown.RENDERER, limit=BATCH):
        found = await database.rows(db.quotes.of_posts, ids=[post.post_id for post in stale], deepest=EVERY_DEPTH)
        for post in stale:
            await _render(database, post, [quote for quote in found if quote.post_id == post.post_id])
        rendered += len(stale)
    return rendered


class _Retitled(Exception):
    """The discussion was renamed meanwhile, so the search entry is not what it should be."""


async def _render(database: Database, post: PostRow, its_quotes: Sequence[QuoteRow]) -> None:
    document = await workers.run(markdown.read, post.body)
    blocks = {block.index: block for block in document.blockquotes}
    kept = [quote for quote in its_quotes if quote.ordinal in blocks]
    html = document.html({quote.ordinal: quote.node_id for quote in kept})
    titles = await database.rows(db.discussions.titles_of_opening_posts, ids=[post.post_id])
    title = titles[0].title if titles else ""
    entry = await workers.run(db.search.entry, title, document.text)

    async def write(tx: Transaction) -> None:
        changed = await tx.rows(
            db.posts.rerender,
            post=post.post_id,
            version=post.version,
            body_html=html,
            body_text=document.text,
            renderer=markdown.RENDERER,
        )
        if not changed:
            return
        # An edit that waits for this row will write its own words after these.
        if any(row.title != title for row in await tx.rows(db.discussions.titles_of_opening_posts, ids=[post.post_id])):
            raise _Retitled
        await db.search.put(tx, post.post_id, entry)
        for quote in kept:
            block = blocks[quote.ordinal]
            await tx.run(db.quotes.rerender, quote=quote.id, html=block.html, text=block.text, own=block.own_text)

    # A post that was retitled is still stale, so the next round takes it.
    with suppress(_Retitled):
        await database.write(write)
