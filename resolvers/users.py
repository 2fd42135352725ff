"""What fills people."""

from collections.abc import Sequence
from operator import attrgetter

import db.users
from db import rows
from resolvers import pages
from resolvers.context import Context
from text import normal


async def by_user_ids(user_ids: Sequence[int | None], context: Context) -> Sequence[rows.UserRow | None]:
    """The people with these ids, in the same order: each is read once, however many rows name them."""
    return await pages.by_ids(db.users.by_ids, user_ids, context, attrgetter("id"))


async def of_posts(
    posts: Sequence[rows.PostRow], context: Context
) -> Sequence[rows.UserRow | None] | Sequence[rows.Speaker | None]:
    """Who wrote each post, as its row has it, or read once for all posts of a person."""
    authored = [post for post in posts if isinstance(post, rows.AuthoredReplyRow)]
    if len(authored) == len(posts):
        people = {post.author_id: post for post in authored}
        authors = {author_id: post.author for author_id, post in people.items()}
        return [authors[post.author_id] for post in authored]
    return await by_user_ids([post.author_id for post in posts], context)


def of_quotes(quotes: Sequence[rows.QuoteRow], _context: Context) -> Sequence[rows.Speaker | None]:
    """Who wrote the source of each quote, or whom it names where no source was found."""
    return [quote.speaker for quote in quotes]


async def of_mentions(mentions: Sequence[rows.MentionRow], context: Context) -> Sequence[rows.UserRow | None]:
    """Whom each mention names."""
    return await by_user_ids([mention.user_id for mention in mentions], context)


async def of_revisions(revisions: Sequence[rows.RevisionRow], context: Context) -> Sequence[rows.UserRow | None]:
    """Who wrote each version."""
    return await by_user_ids([revision.editor_id for revision in revisions], context)


async def by_handle(_roots: Sequence[None], context: Context, *, handle: str) -> Sequence[rows.UserRow | None]:
    """The person of this name."""
    if normal.invalid(handle):
        return [None]
    return [await context.database.row(db.users.by_handle, handle=handle.removeprefix("@").casefold())]
