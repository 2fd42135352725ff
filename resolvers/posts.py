"""What opening posts and replies have in common."""

from collections.abc import Sequence
from typing import NamedTuple

import db.discussions
import db.posts
import db.replies
from db import rows
from forum.sources import version_proof
from resolvers import discussions, legacy, users
from resolvers.context import Context
from text import workers
from text.excerpts import excerpt, veiled
from text.legacy import legacy_key


async def by_post_ids(post_ids: Sequence[int | None], context: Context) -> Sequence[rows.PostRow | None]:
    """The posts with these ids as rows of their kind, in the same order: one statement for each kind there is."""
    wanted = list({post_id for post_id in post_ids if post_id})
    if not wanted:
        return [None] * len(post_ids)
    by_id: dict[int, rows.PostRow] = {
        row.post_id: row for row in await context.database.rows(db.replies.by_ids, ids=wanted)
    }
    if rest := [post_id for post_id in wanted if post_id not in by_id]:
        by_id |= {row.post_id: row for row in await context.database.rows(db.discussions.of_posts, ids=rest)}
    return [by_id.get(post_id or 0) for post_id in post_ids]


async def that_quote(quotes: Sequence[rows.QuoteRow], context: Context) -> Sequence[rows.PostRow | None]:
    """The post each quote is in."""
    return await by_post_ids([quote.post_id for quote in quotes], context)


async def author_roles(posts: Sequence[rows.PostRow], context: Context) -> Sequence[str | None]:
    """What the author of each post is here, as its row has it, or read once for all posts of a person."""
    return [None if author is None else author.role for author in await users.of_posts(posts, context)]


async def by_discussion_author(posts: Sequence[rows.PostRow], context: Context) -> Sequence[bool]:
    """Whether the author of each post started its discussion."""
    asked = {
        post.discussion_id for post in posts if post.author_id is not None and not isinstance(post, rows.DiscussionRow)
    }
    started = await context.database.rows(db.discussions.authors, discussions=list(asked)) if asked else []
    author_of = {row.discussion_id: row.author_id for row in started}
    return [
        post.author_id is not None
        and (isinstance(post, rows.DiscussionRow) or author_of.get(post.discussion_id) == post.author_id)
        for post in posts
    ]


class _NamedDiscussion(NamedTuple):
    node_id: str


class DiscussionReference(_NamedDiscussion):
    """A discussion of which no more is selected than what names it."""

    __slots__ = ()
    graphql_type = "Discussion"


class _NamedReply(NamedTuple):
    node_id: str
    sequence: int


class ReplyReference(_NamedReply):
    """A reply of which no more is selected than what names it."""

    __slots__ = ()
    graphql_type = "Reply"


_NAMING = frozenset({"__typename", "id", "sequence"})


async def sources_of_quotes(
    quotes: Sequence[rows.QuoteRow], context: Context, *, selected: frozenset[str] | None = None
) -> Sequence[rows.PostRow | DiscussionReference | ReplyReference | None]:
    """The post each quote quotes; for a link to it the quote's own row is enough."""
    if selected is None or not selected <= _NAMING:
        return await by_post_ids([quote.source_id for quote in quotes], context)
    return [_reference(quote) for quote in quotes]


def _reference(quote: rows.QuoteRow) -> DiscussionReference | ReplyReference | None:
    if quote.source_sequence is None:
        return None
    if quote.source_sequence == 0:
        return DiscussionReference(f"D_{quote.source_discussion_id}")
    return ReplyReference(f"R_{quote.source_id}", quote.source_sequence)


async def of_events(events: Sequence[rows.EventRow], context: Context) -> Sequence[rows.PostRow | None]:
    """The post each event is about, as it is now."""
    return await by_post_ids([event.post_id for event in events], context)


async def by_legacy_url(_roots: Sequence[None], context: Context, *, legacy_url: str) -> Sequence[rows.PostRow | None]:
    """The post that stood at this address before an import."""
    key = legacy_key(legacy_url)
    if key is None:
        return [await legacy.discussion(context, legacy_url)]
    post = await context.database.row(db.posts.by_legacy_id, legacy_id=key)
    return await by_post_ids([post.post_id if post else None], context)


def urls(posts: Sequence[rows.PostRow], context: Context) -> Sequence[str]:
    """The address of each post for people."""
    base = context.services.site.public_url
    return [f"{base}/d/{post.discussion_id}" + (f"#reply-{post.sequence}" if post.sequence else "") for post in posts]


def version_proofs(posts: Sequence[rows.PostRow], context: Context) -> Sequence[str]:
    """Proof that the present version of each post was read."""
    key = context.services.forum.proof_key
    return [version_proof(key, post.post_id, post.version, post.last_edited_at or post.created_at) for post in posts]


async def viewer_can_reply(posts: Sequence[rows.PostRow], context: Context) -> Sequence[bool]:
    """Whether the viewer may answer each post."""
    if context.viewer.role in ("anonymous", "suspended"):
        return [False] * len(posts)
    open_ones = await _open(posts, context)
    return [post.deleted_at is None and post.discussion_id in open_ones for post in posts]


async def viewer_can_edit(posts: Sequence[rows.PostRow], context: Context) -> Sequence[bool]:
    """Whether the viewer may edit each post."""
    if context.viewer.role == "suspended" or not any(context.viewer.is_(post.author_id) for post in posts):
        return [False] * len(posts)
    open_ones = await _open(posts, context)
    return [context.viewer.is_(post.author_id) and post.discussion_id in open_ones for post in posts]


async def _open(posts: Sequence[rows.PostRow], context: Context) -> set[int]:
    """The discussions of the posts that are neither locked nor deleted."""
    rows_of = await discussions.of_posts(posts, context)
    return {row.discussion_id for row in rows_of if row is not None and not row.locked and row.deleted_at is None}


async def excerpts(posts: Sequence[rows.PostRow], _context: Context) -> Sequence[str]:
    """The beginning of each post's text."""
    # Beside the event loop, since long posts with spoilers take milliseconds.
    return await workers.run(lambda: [excerpt(veiled(post.body_text, post.body_html)) for post in posts])


def viewer_can_delete(posts: Sequence[rows.PostRow], context: Context) -> Sequence[bool]:
    """Whether the viewer may delete each post."""
    is_moderator, may_write = context.viewer.role == "moderator", context.viewer.role != "suspended"

    def can(post: rows.PostRow) -> bool:
        if post.deleted_at is not None or not may_write:
            return False
        unanswered = not isinstance(post, rows.DiscussionRow) or post.reply_count == 0
        return is_moderator or (context.viewer.is_(post.author_id) and unanswered)

    return [can(post) for post in posts]


def viewer_can_report(posts: Sequence[rows.PostRow], context: Context) -> Sequence[bool]:
    """Whether the viewer may report each post."""
    # By role, for all viewers of a role at once; who is suspended has one of their own.
    if context.viewer.role not in ("guest", "member", "moderator"):
        return [False] * len(posts)
    return [post.deleted_at is None and not context.viewer.is_(post.author_id) for post in posts]
