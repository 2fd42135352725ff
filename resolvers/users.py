"""Resolvers of users."""

from collections.abc import Sequence
from operator import attrgetter

from strawberry import ID, UNSET

import db.user_search
import db.users
from db import rows
from resolvers import ids, pages
from resolvers.context import Context
from resolvers.search import check_query
from text import normal
from text.erasing import ERASED
from text.search import name_prefix


async def by_user_ids(user_ids: Sequence[int | None], context: Context) -> Sequence[rows.UserRow | None]:
    """The people with these ids, in the same order: each is read once, however many rows name them."""
    return await pages.by_ids(db.users.by_ids, user_ids, context, attrgetter("id"))


async def of_posts(
    posts: Sequence[rows.PostRow], context: Context
) -> Sequence[rows.UserRow | None] | Sequence[rows.JoinedAuthor | None]:
    """Who wrote each post, as its row has it, or read once for all posts of a person."""
    author_ids = [post.author_id for post in posts]
    kinds = set(map(type, posts))
    if len(kinds) == 1 and issubclass(kinds.pop(), rows.AuthoredReplyRow):
        return _joined_authors(posts, author_ids)  # type: ignore[arg-type]
    return await by_user_ids(author_ids, context)


def _joined_authors(
    named: Sequence[rows.AuthoredReplyRow | rows.QuoteRow],
    ids: Sequence[int | None],
) -> Sequence[rows.JoinedAuthor | None]:
    """Returns the author of each row, one object per author."""
    any_of = dict(zip(ids, named, strict=True))
    any_of.pop(None, None)
    found: dict[int | None, rows.JoinedAuthor] = dict(
        zip(any_of, rows.joined_authors(list(any_of.values())), strict=True)
    )
    return list(map(found.get, ids))


def of_quotes(quotes: Sequence[rows.QuoteRow], _context: Context) -> Sequence[rows.JoinedAuthor | None]:
    """Who wrote the source of each quote."""
    return _joined_authors(quotes, [None if quote.source_id is None else quote.author_id for quote in quotes])


async def of_mentions(mentions: Sequence[rows.MentionRow], context: Context) -> Sequence[rows.UserRow | None]:
    """Whom each mention names."""
    return await by_user_ids([mention.user_id for mention in mentions], context)


async def of_revisions(revisions: Sequence[rows.RevisionRow], context: Context) -> Sequence[rows.UserRow | None]:
    """Who wrote each version. Which moderator gave one its title, only moderators learn."""
    shows_moderators = context.viewer.role == "moderator"
    return await by_user_ids(
        [
            revision.editor_id
            if revision.retitled_by_id is None
            else revision.retitled_by_id
            if shows_moderators
            else None
            for revision in revisions
        ],
        context,
    )


async def of_events(events: Sequence[rows.EventRow], context: Context) -> Sequence[rows.UserRow | None]:
    """Whom each event is about."""
    return await by_user_ids([event.user_id for event in events], context)


def ids_of_events(events: Sequence[rows.EventRow], _context: Context) -> Sequence[str]:
    """The id of whom each event is about."""
    return [f"U_{event.user_id}" for event in events]


async def by_handle(_roots: Sequence[None], context: Context, *, handle: str) -> Sequence[rows.UserRow | None]:
    """The person of this name."""
    if normal.invalid(handle):
        return [None]
    found = await db.users.by_handle(context.database, handle)
    return [None if found is None or found.name == ERASED else found]


async def starting_with(
    _roots: Sequence[None],
    context: Context,
    *,
    query: str,
    discussion_id: ID | None = UNSET,
    first: int | None = UNSET,
) -> Sequence[Sequence[rows.UserRow]]:
    """The people whose handle, or a word of whose name, begins with a query."""
    check_query(query)
    discussion, limit = pages.unset_to_none(discussion_id), pages.window(first).limit
    prefix = name_prefix(query)
    if not prefix or not limit:
        return [[]]
    number = None if discussion is None else ids.number(discussion, "D")
    return [await db.user_search.starting_with(context.database, prefix, discussion_id=number, limit=limit)]
