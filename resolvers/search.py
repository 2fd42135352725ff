"""Searching: what is found, in which order, and how it is shown."""

import re
import struct
from collections.abc import Sequence
from typing import NamedTuple

from strawberry import UNSET

import db.search
from db import rows
from db.search import HitRow
from resolvers import discussions, errors, pages, posts
from resolvers.context import Context
from text import normal, search, workers
from text.search import Term

LONGEST_QUERY = 500
"""How many characters a query has at most."""


class SearchEdge(NamedTuple):
    """A post that was found, and what for."""

    cursor: str
    node: rows.PostRow
    terms: tuple[Term, ...]


async def found(
    _roots: Sequence[None],
    context: Context,
    *,
    query: str,
    first: int | None = UNSET,
    after: str | None = UNSET,
) -> Sequence[pages.Page[rows.PostRow]]:
    """The posts that have all words of a query, a page."""
    window = pages.window(first, after)
    terms = _terms(query)
    before = _place(window.after) if window.after is not None else None
    if not terms:
        return [pages.page([], window, _cursor, 0)]
    parameters = db.search.search_parameters(terms)
    hits = await context.database.rows(
        db.search.best if before is None else db.search.next_best,
        **parameters,
        most=db.search.MAX_RANKED,
        limit=window.limit + 1,
        **({} if before is None else {"rank": before[0], "post": before[1]}),
    )
    kept = hits[: window.limit]
    found = await posts.by_post_ids([hit.post_id for hit in kept], context)
    edges = [
        SearchEdge(_cursor(hit), post, terms)
        for hit, post in zip(kept, found, strict=True)
        # Deleted at this very moment, between the two statements.
        if post is not None and post.deleted_at is None
    ]
    info = pages.info(
        edges, has_next=len(hits) > window.limit, has_previous=window.after is not None, after=window.after
    )
    total = pages.Count(db.search.counted, 0, tuple(parameters.items()), takes_parents=False)
    return [pages.Page(edges, info, total)]


def _terms(query: str) -> tuple[Term, ...]:
    if len(query) > LONGEST_QUERY:
        raise errors.bad_argument(f"`query` has {len(query)} characters; {LONGEST_QUERY} are allowed.")
    if objection := normal.invalid(query):
        raise errors.bad_argument(f"`query` can't be searched for: {objection}")
    return search.terms(query)


def _cursor(hit: HitRow) -> str:
    """How well a post fits, to the last bit, and its id: the place behind it."""
    return f"s{struct.pack('>d', hit.rank).hex()}.{hit.post_id}"


def _place(cursor: str) -> tuple[float, int]:
    read = re.fullmatch(r"s([0-9a-f]{16})\.([0-9]{1,18})", cursor, re.ASCII)
    if read is None:
        raise errors.bad_cursor(cursor, "a search")
    (rank,) = struct.unpack(">d", bytes.fromhex(read[1]))
    if not -1e30 < rank < 1e30:
        raise errors.bad_cursor(cursor, "a search")
    return rank, int(read[2])


async def snippets(edges: Sequence[SearchEdge], _context: Context) -> Sequence[str]:
    """The part of each post that shows what was looked for."""
    # Beside the event loop: a page of very long posts takes a while.
    return await workers.run(lambda: [search.snippet(edge.node.body_text, edge.terms) for edge in edges])


async def title_snippets(edges: Sequence[SearchEdge], context: Context) -> Sequence[str]:
    """The title of each post's discussion, what was looked for marked in it."""
    found = await discussions.of_posts([edge.node for edge in edges], context)
    return [search.marked(row.title if row else "", edge.terms) for row, edge in zip(found, edges, strict=True)]
