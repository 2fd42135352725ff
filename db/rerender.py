"""Gives posts that an earlier renderer made the HTML of the present one, in small transactions beside the writes."""

from sqlalchemy import bindparam, select, update

from db import posts, quotes, search
from db.database import Database, Transaction
from db.rows import PostRow, QuoteRow, Row
from db.statements import Command, Statement
from db.tables import discussions
from db.tables import quotes as quotes_table
from text import markdown

BATCH = 100
_EVERY_DEPTH = 10_000

_quote = Command(
    update(quotes_table)
    .where(quotes_table.c.id == bindparam("quote"))
    .values(body_html=bindparam("html"), body_text=bindparam("text"), own_text=bindparam("own"))
)


class _TitleRow(Row):
    """What a discussion is called."""

    __slots__ = ()

    title: str


_title = Statement(select(discussions.c.title).where(discussions.c.id == bindparam("discussion")), _TitleRow)


async def rerender_stale_posts(database: Database) -> int:
    """Renders all posts of an older `RENDERER` anew and gives how many there were. No version and no event changes."""
    rendered = 0
    while stale := await database.rows(posts.stale, renderer=markdown.RENDERER, limit=BATCH):
        found = await database.rows(quotes.of_posts, ids=[post.post_id for post in stale], deepest=_EVERY_DEPTH)
        for post in stale:
            await _render(database, post, [quote for quote in found if quote.post_id == post.post_id])
        rendered += len(stale)
    return rendered


async def _render(database: Database, post: PostRow, its_quotes: list[QuoteRow]) -> None:
    document = markdown.read(post.body)
    blocks = {block.index: block for block in document.blockquotes}
    kept = [quote for quote in its_quotes if quote.ordinal in blocks]

    async def write(tx: Transaction) -> None:
        changed = await tx.rows(
            posts.rerender,
            post=post.post_id,
            version=post.version,
            body_html=document.html({quote.ordinal: quote.node_id for quote in kept}),
            body_text=document.text,
            renderer=markdown.RENDERER,
        )
        if not changed:
            return
        # An edit that waits for this row will write its own words behind these.
        title = await tx.row(_title, discussion=post.discussion_id) if post.sequence == 0 else None
        await search.put(tx, post.post_id, title=title.title if title else "", body=document.text)
        for quote in kept:
            block = blocks[quote.ordinal]
            await tx.run(_quote, quote=quote.id, html=block.html, text=block.text, own=block.own_text)

    await database.write(write)
