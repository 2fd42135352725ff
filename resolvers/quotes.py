"""What fills quotes, and lists of them."""

import re
from collections.abc import Awaitable, Sequence
from functools import lru_cache
from itertools import chain
from operator import attrgetter
from typing import NamedTuple

from strawberry import UNSET

import db.posts
import db.quotes
import forum.quotes
from db import rows
from forum.drafts import QuoteRequest
from resolvers import errors, ids, inputs, pages
from resolvers.context import Context

_CURSOR = re.compile(r"q([0-9]{1,18})\.([0-9]{1,9})", re.ASCII)


_READ_FOR = {
    ("body_html",): ("bodyHtml",),
    ("body_text",): ("bodyText", "omissions"),
    ("said", "comparison", "changed_said"): ("status", "omissions"),
    ("author_is_guest", "author_role", "author_created_at"): (
        "attributedTo.isGuest",
        "attributedTo.role",
        "attributedTo.createdAt",
    ),
    ("parent_id", "depth", "attributed_name"): ("parent", "depth", "attributedName"),
}
"""The columns of a quote that are left out unless one of these fields is selected."""


_ASKED = frozenset(chain.from_iterable(_READ_FOR.values()))


@lru_cache(maxsize=256)
def _row_class(selected: frozenset[str] | None) -> type[rows.QuoteRow]:
    """The row that holds what is selected of the quotes of a post.

    `selected` has nothing but what is in _ASKED, so that no document's other paths are kept.
    """
    if selected is None:
        return rows.QuoteRow
    unread = [columns for columns, fields in _READ_FOR.items() if selected.isdisjoint(fields)]
    return rows.QuoteRow.without(frozenset(chain.from_iterable(unread)))


async def of_posts(
    posts: Sequence[rows.PostRow], context: Context, *, max_depth: int = 0, selected: frozenset[str] | None = None
) -> Sequence[Sequence[rows.QuoteRow]]:
    """The quotes each post makes, in order, down to the depth."""
    if max_depth < 0:
        raise errors.bad_argument(f"`maxDepth` is {max_depth}; it must be 0 or more.")
    post_ids = [post.post_id for post in posts]
    # A tombstone may have its quotes yet, if it is deleted with its discussion.
    living = [post.post_id for post in posts if post.body_html]
    found = await context.database.rows(
        db.quotes.in_posts(_row_class(None if selected is None else selected & _ASKED)),  # type: ignore[arg-type]
        ids=living,
        deepest=min(max_depth, 2**30),
    )
    groups = pages.grouped(found, by=attrgetter("post_id"))
    limit = max(1, context.services.forum.limits.quotes or 1)
    for group in groups.values():
        # Imported posts may have more.
        del group[limit:]
    return [groups.get(post_id, []) for post_id in post_ids]


async def of_sources(
    posts: Sequence[rows.PostRow], context: Context, *, first: int | None = UNSET, after: str | None = UNSET
) -> Sequence[pages.Page[rows.QuoteRow]]:
    """The quotes made of each post, a page each."""
    window = pages.window(first, after)
    place = _CURSOR.fullmatch(window.after) if window.after is not None else None
    if window.after is not None and place is None:
        raise errors.bad_cursor(window.after, "a list of quotes")
    found = await context.database.rows(
        db.quotes.of_sources(),
        parents=[post.post_id for post in posts],
        post=int(place[1]) if place else 0,
        ordinal=int(place[2]) if place else -1,
        limit=window.limit + 1,
    )
    groups = pages.grouped(found, by=attrgetter("source_id"))
    return [
        pages.page(
            groups.get(post.post_id, []),
            window,
            lambda quote: f"q{quote.post_id}.{quote.ordinal}",
            pages.Count(db.quotes.of_sources_counted, post.post_id),
        )
        for post in posts
    ]


async def parents(quotes: Sequence[rows.QuoteRow], context: Context) -> Sequence[rows.QuoteRow | None]:
    """The quote around each quote."""
    return await pages.by_ids(db.quotes.by_ids, [quote.parent_id for quote in quotes], context, attrgetter("id"))


def statuses(quotes: Sequence[rows.QuoteRow], context: Context) -> Sequence[str] | Awaitable[Sequence[str]]:
    """Whether each quote's source still says so."""
    return forum.quotes.statuses(context.database, quotes)


class OmissionRow(NamedTuple):
    """Where a quote leaves words out."""

    start: int
    length: int


async def omissions(quotes: Sequence[rows.QuoteRow], context: Context) -> Sequence[Sequence[OmissionRow]]:
    """Where each quote leaves words out, if it is abridged."""
    read = await forum.quotes.statuses_now(context.database, quotes)
    return [
        [OmissionRow(*place) for place in forum.quotes.omissions(quote, status)]
        for quote, status in zip(quotes, read, strict=True)
    ]


async def requests(context: Context, quotes: Sequence[inputs.QuoteInput] | None) -> list[QuoteRequest] | None:
    """The quotes that an input names; None if it names none at all."""
    wanted = pages.unset_to_none(quotes)
    if wanted is None:
        return None
    openings = [ids.number(quote.source_id, "D") for quote in wanted]
    found: list[rows.PostRow] = []
    if named := [number for number in openings if number]:
        # Not in a snapshot: this is for what is written or rendered next, which takes a connection of its own.
        found = await context.services.database.rows(db.posts.opening_posts, discussions=named)
    opening_post = {row.discussion_id: row.post_id for row in found}
    return [
        QuoteRequest(
            ids.number(quote.source_id, "R") or opening_post.get(opening) or None,
            quote.text,
            pages.unset_to_none(quote.source_version),
            pages.unset_to_none(quote.version_proof),
        )
        for quote, opening in zip(wanted, openings, strict=True)
    ]
