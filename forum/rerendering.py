"""Renders again what an earlier renderer made, in small transactions beside the writes, under the discussion's lock.

It keeps what each version says, with which quotes are compared, so superseded versions come first: then the quotes of a
post are compared with the versions that they quote.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from functools import partial

import db.discussions
import db.events
import db.mentions
import db.posts
import db.quotes
import db.revisions
import db.search
from db.database import Database, Event, Transaction
from db.kinds import DiscussionChange, EventKind
from db.revisions import StaleVersionRow
from db.rows import PostRow, QuoteRow
from forum import rules
from forum.drafts import EVERY_DEPTH
from forum.quotes import compared
from forum.references import references
from text import markdown, workers
from text.said import Comparison

BATCH = 20
"""How many posts are held in memory at a time."""


async def rerender_stale_posts(database: Database, *, host: str | None = None) -> int:
    """Renders and indexes all posts of an older renderer. Returns how many. No version changes.

    With the last post of a discussion comes one event: its posts are shown in another way. Superseded versions are
    rendered as well. Mentions keep the users that they meant. `host` is this server's, for links to its posts. At most
    half of the time is spent working, so that writers have the other half of a processor.
    """
    await _render_versions(database, host)
    rendered, after = 0, 0
    begun: dict[int, int] = {}
    while stale := await database.rows(db.posts.stale, after=after, renderer=markdown.RENDERER, limit=BATCH):
        found = await database.rows(db.quotes.of_posts, ids=[post.post_id for post in stale], deepest=EVERY_DEPTH)
        for post in stale:
            its_quotes = [quote for quote in found if quote.post_id == post.post_id]
            await _at_half_speed(_render_post(database, host, post, its_quotes, begun))
        after = stale[-1].post_id
        rendered += len(stale)
    # Those in which a server of an earlier version wrote meanwhile.
    for discussion_id, since in begun.items():
        await database.write(partial(_append_rendered, discussion_id=discussion_id, since=since))
    return rendered


async def _at_half_speed(work: Awaitable[None]) -> None:
    """Works, then rests as long."""
    now = asyncio.get_running_loop().time
    begun = now()
    await work
    await asyncio.sleep(now() - begun)


async def _render_versions(database: Database, host: str | None) -> None:
    place = (0, 0)
    while stale := await database.rows(
        db.revisions.stale, post=place[0], version=place[1], renderer=markdown.RENDERER, limit=BATCH
    ):
        for version in stale:
            await _at_half_speed(_render_version(database, host, version))
        place = (stale[-1].post_id, stale[-1].version)


async def _render_version(database: Database, host: str | None, version: StaleVersionRow) -> None:
    document = await workers.run(markdown.read, version.body)
    found = await references(database, document, discussion_id=version.discussion_id, host=host)
    html = await workers.run(document.html, (), found.targets)

    async def write(tx: Transaction) -> None:
        await tx.run(
            db.revisions.rerender,
            post=version.post_id,
            version=version.version,
            body=version.body,
            body_html=html,
            said=document.said,
            renderer=markdown.RENDERER,
        )

    await database.write(write)


class _Retitled(Exception):
    """The discussion was renamed meanwhile, so the search entry is not what it should be."""


async def _render_post(
    database: Database, host: str | None, post: PostRow, its_quotes: Sequence[QuoteRow], begun: dict[int, int]
) -> None:
    """`begun` has the discussions whose event is still to come: the number of the last event when one was rendered."""
    while True:
        try:
            await _try_to_render_post(database, host, post, its_quotes, begun)
        except _Retitled:
            continue
        return


async def _try_to_render_post(
    database: Database, host: str | None, post: PostRow, its_quotes: Sequence[QuoteRow], begun: dict[int, int]
) -> None:
    """Raises _Retitled. A post that was edited meanwhile has been rendered by that."""
    titles = await database.rows(db.discussions.titles_of_opening_posts, ids=[post.post_id])
    title = titles[0].title if titles else ""
    document = await workers.run(markdown.read, post.body)
    known = await database.rows(db.mentions.of_posts, ids=[post.post_id])
    found = await references(database, document, discussion_id=post.discussion_id, host=host, known=known)
    html = await workers.run(document.html, {quote.ordinal: quote.node_id for quote in its_quotes}, found.targets)
    entry = await workers.run(db.search.entry, title, document.text)
    blocks = {block.index: block for block in document.blockquotes}
    kept = [(quote, blocks[quote.ordinal]) for quote in its_quotes if quote.ordinal in blocks]
    comparisons = [await _comparison(database, quote, block.said) for quote, block in kept]

    async def write(tx: Transaction) -> None:
        discussion_id = post.discussion_id
        head = await rules.lock_discussion(tx, discussion_id)
        if await write_post(tx):
            begun[discussion_id] = head.last_event
        if discussion_id not in begun or await tx.rows(
            db.posts.stale_in_discussion, discussion=discussion_id, renderer=markdown.RENDERER
        ):
            return
        await _append_rendered(tx, discussion_id=discussion_id, since=begun[discussion_id])
        done.append(discussion_id)

    async def write_post(tx: Transaction) -> bool:
        """Returns whether it was still to be rendered."""
        changed = await tx.rows(
            db.posts.rerender,
            post=post.post_id,
            version=post.version,
            body=post.body,
            body_html=html,
            body_text=document.text,
            said=document.said,
            renderer=markdown.RENDERER,
        )
        if not changed:
            return False
        if any(row.title != title for row in await tx.rows(db.discussions.titles_of_opening_posts, ids=[post.post_id])):
            raise _Retitled
        await db.posts.replace_mentions(tx, post.post_id, found.mentions)
        await db.search.put(tx, {post.post_id: entry})
        for (quote, block), comparison in zip(kept, comparisons, strict=True):
            await tx.run(
                db.quotes.rerender,
                quote=quote.id,
                html=document.quote_html(block.index, found.targets),
                text=block.text,
                said=block.said,
                comparison=comparison,
            )
        return True

    done: list[int] = []
    await database.write(write)
    for discussion_id in done:
        del begun[discussion_id]


async def _append_rendered(tx: Transaction, *, discussion_id: int, since: int) -> None:
    """Appends the event of a discussion whose posts are rendered, unless another process has after the event `since`.

    Of a deleted discussion nothing is shown.
    """
    await rules.lock_discussion(tx, discussion_id)
    row = await tx.row(db.discussions.by_id, id=discussion_id)
    if row is None or row.deleted_at is not None:
        return
    if await tx.rows(db.events.rendered_since, log=discussion_id, since=since):
        return
    await rules.lock_discussion(tx, discussion_id, events=1)
    concerned = (await rules.concerns(tx, [row.post_id]))[row.post_id]
    changes = [DiscussionChange.RENDERED]
    tx.append(Event(EventKind.DISCUSSION_UPDATED, row.post_id, row.version, None, changes=changes, **concerned))


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
    if version is None:
        return quote.comparison
    found: Comparison = await workers.run(compared, version, words)
    # Words that were compared before were said so then: only what their markup shows may be another thing now.
    return quote.comparison if found is Comparison.NOT_SAID and quote.said is not None else found.value
