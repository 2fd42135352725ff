"""Searching: what is found, in which order, and how it is shown."""

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, NamedTuple

from strawberry import UNSET

import db.search
from db import rows
from db.kinds import SearchOrder
from db.search import HitRow
from resolvers import discussions, errors, ids, inputs, pages, posts
from resolvers.context import Context
from text import excerpts, normal, search, workers
from text.search import Term

LONGEST_QUERY = 500
"""How many characters a query has at most."""


class SearchEdge(NamedTuple):
    """A post that was found, and what for. In a search by discussion it is the one that its discussion shows."""

    cursor: str
    node: Any
    """The post, or its discussion."""
    post: rows.PostRow
    terms: tuple[Term, ...]
    match_count: int


async def posts_found(
    _roots: Sequence[None],
    context: Context,
    *,
    query: str,
    filter: inputs.SearchFilter | None = UNSET,
    order_by: SearchOrder = SearchOrder.RELEVANCE,
    first: int | None = UNSET,
    after: str | None = UNSET,
) -> Sequence[pages.Page[rows.PostRow]]:
    """The posts that have all words of a query, a page."""
    wanted = _Search(_terms(query), order_by, False, _filters(pages.unset_to_none(filter)))
    window = pages.window(first, after)
    hits, following = await _hits(wanted, window, context)
    edges = [SearchEdge(_cursor(wanted, hit), post, post, wanted.terms, 1) for hit, post in hits]
    return [_page(wanted, window, edges, has_next=following)]


async def discussions_found(
    _roots: Sequence[None],
    context: Context,
    *,
    query: str,
    filter: inputs.SearchFilter | None = UNSET,
    order_by: SearchOrder = SearchOrder.RELEVANCE,
    first: int | None = UNSET,
    after: str | None = UNSET,
) -> Sequence[pages.Page[rows.DiscussionRow]]:
    """The discussions with posts that have all words of a query, each with the post that comes first, a page."""
    wanted = _Search(_terms(query), order_by, True, _filters(pages.unset_to_none(filter)))
    window = pages.window(first, after)
    hits, following = await _hits(wanted, window, context)
    found = await discussions.of_posts([post for _, post in hits], context)
    edges = [
        SearchEdge(_cursor(wanted, hit), discussion, post, wanted.terms, hit.match_count)
        for (hit, post), discussion in zip(hits, found, strict=True)
        if discussion is not None
    ]
    return [_page(wanted, window, edges, has_next=following)]


@dataclass(frozen=True, slots=True)
class _Search:
    """What is searched for, as far as a cursor is bound to it."""

    terms: tuple[Term, ...]
    order: SearchOrder
    by_discussion: bool
    filters: dict[str, Any]

    def digest(self) -> str:
        """Returns 16 hexadecimal digits that no other search has but by chance."""
        return blake2b(repr(self).encode(), digest_size=8).hexdigest()

    def parameters(self) -> dict[str, Any]:
        return db.search.search_parameters(self.terms) | self.filters


async def _hits(
    wanted: _Search, window: pages.Window, context: Context
) -> tuple[list[tuple[HitRow, rows.PostRow]], bool]:
    """The posts of a page that can be read, and whether more follow."""
    place = {} if window.after is None else _place(wanted, window.after)
    if not wanted.terms:
        return [], False
    statement = db.search.hits(
        wanted.order,
        by_discussion=wanted.by_discussion,
        filters=frozenset(wanted.filters),
        bounded=window.after is not None,
    )
    # By time the newest matches are the page.
    most = db.search.MAX_RANKED
    if wanted.order is SearchOrder.NEWEST and not wanted.by_discussion:
        most = window.limit + 1
    found = await context.database.rows(statement, most=most, limit=window.limit + 1, **wanted.parameters(), **place)
    kept = found[: window.limit]
    read = await posts.by_post_ids([hit.post_id for hit in kept], context)
    # A post may have been deleted at this very moment, between the two statements.
    hits = [(hit, post) for hit, post in zip(kept, read, strict=True) if post is not None and post.deleted_at is None]
    return hits, len(found) > window.limit


def _page(wanted: _Search, window: pages.Window, edges: Sequence[SearchEdge], *, has_next: bool) -> pages.Page[Any]:
    info = pages.info(edges, has_next=has_next, has_previous=window.after is not None, after=window.after)
    if not wanted.terms:
        return pages.Page(edges, info, 0)
    statement = db.search.counted(frozenset(wanted.filters), by_discussion=wanted.by_discussion)
    return pages.Page(edges, info, pages.Count(statement, 0, tuple(wanted.parameters().items()), takes_parents=False))


def check_query(query: str) -> None:
    """Raises BAD_ARGUMENT for a query that is too long, or that can't be stored."""
    if len(query) > LONGEST_QUERY:
        raise errors.bad_argument(f"`query` has {len(query)} characters; {LONGEST_QUERY} are allowed.")
    if objection := normal.invalid(query):
        raise errors.bad_argument(f"`query` can't be searched for: {objection}")


def _terms(query: str) -> tuple[Term, ...]:
    check_query(query)
    return search.terms(query)


def _filters(chosen: inputs.SearchFilter | None) -> dict[str, Any]:
    """The conditions by name, with the values they bind."""
    wanted: dict[str, Any] = {}
    if chosen is None:
        return wanted
    if chosen.category_id is None:
        wanted["no_category"] = True
    elif chosen.category_id is not UNSET:
        wanted["category_id"] = ids.number(chosen.category_id, "C")
    if (discussion := pages.unset_to_none(chosen.discussion_id)) is not None:
        wanted["discussion_id"] = ids.number(discussion, "D")
    if (author := pages.unset_to_none(chosen.author_id)) is not None:
        wanted["author_id"] = ids.number(author, "U")
    if (begin := pages.unset_to_none(chosen.created_after)) is not None:
        wanted["created_after"] = begin
    if (end := pages.unset_to_none(chosen.created_before)) is not None:
        wanted["created_before"] = end
    return wanted


def _cursor(wanted: _Search, hit: HitRow) -> str:
    """The search, how well a post fits, to the last bit, and its id: the place behind it."""
    return f"s{wanted.digest()}{struct.pack('>d', hit.rank).hex()}.{hit.post_id}"


def _place(wanted: _Search, cursor: str) -> dict[str, Any]:
    read = re.fullmatch(r"s([0-9a-f]{16})([0-9a-f]{16})\.([0-9]{1,18})", cursor, re.ASCII)
    if read is None or read[1] != wanted.digest():
        raise errors.bad_cursor(cursor, "this search")
    (rank,) = struct.unpack(">d", bytes.fromhex(read[2]))
    if not -1e30 < rank < 1e30:
        raise errors.bad_cursor(cursor, "this search")
    return {"rank": rank, "post": int(read[3])}


async def snippets(edges: Sequence[SearchEdge], _context: Context) -> Sequence[str]:
    """The part of each post that shows what was looked for."""
    # Beside the event loop: a page of very long posts takes a while.
    return await workers.run(lambda: [_snippet(edge) for edge in edges])


def _snippet(edge: SearchEdge) -> str:
    return search.snippet(excerpts.veiled(edge.post.body_text, edge.post.body_html), edge.terms)


async def title_snippets(edges: Sequence[SearchEdge], context: Context) -> Sequence[str]:
    """The title of each post's discussion, what was looked for marked in it."""
    found = await discussions.of_posts([edge.post for edge in edges], context)
    return [search.marked(row.title if row else "", edge.terms) for row, edge in zip(found, edges, strict=True)]
