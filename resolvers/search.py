"""Searching: what is found, in which order, and how it is shown."""

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, NamedTuple

from strawberry import UNSET

from db import rows, search_hits, search_scopes
from db.kinds import SearchOrder
from db.search_hits import HitRow
from db.search_scopes import Lead, Scope
from db.statements import Statement
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


@dataclass(frozen=True, slots=True)
class FoundPage:
    """A page of a search; its edges are SearchEdges."""

    edges: Sequence[SearchEdge]
    page_info: pages.PageInfoRow
    search: "_Search" = field(compare=False)
    scope: Scope | None = field(compare=False)
    """Of the page; None for a query without words."""
    top: int = field(compare=False)
    """The greatest id that the whole search looks at."""
    total: int | None = field(compare=False)
    """How many the whole search finds; None if the page does not tell."""

    @property
    def nodes(self) -> Sequence[Any]:
        return [edge.node for edge in self.edges]


async def posts_found(
    _roots: Sequence[None],
    context: Context,
    *,
    query: str,
    filter: inputs.SearchFilter | None = UNSET,
    order_by: SearchOrder = SearchOrder.RELEVANCE,
    first: int | None = UNSET,
    after: str | None = UNSET,
) -> Sequence[FoundPage]:
    """The posts that have all words of a query, a page."""
    wanted = _Search(_terms(query), order_by, False, _filters(pages.unset_to_none(filter)))
    window = pages.window(first, after)
    found = await _found(wanted, window, context)
    edges = [SearchEdge(_cursor(wanted, hit, found.top), post, post, wanted.terms, 1) for hit, post in found.hits]
    return [_page(wanted, window, found, edges)]


async def discussions_found(
    _roots: Sequence[None],
    context: Context,
    *,
    query: str,
    filter: inputs.SearchFilter | None = UNSET,
    order_by: SearchOrder = SearchOrder.RELEVANCE,
    first: int | None = UNSET,
    after: str | None = UNSET,
) -> Sequence[FoundPage]:
    """The discussions with posts that have all words of a query, each with the post that comes first, a page."""
    wanted = _Search(_terms(query), order_by, True, _filters(pages.unset_to_none(filter)))
    window = pages.window(first, after)
    found = await _found(wanted, window, context)
    shown = await discussions.of_posts([post for _, post in found.hits], context)
    edges = [
        SearchEdge(_cursor(wanted, hit, found.top), discussion, post, wanted.terms, hit.match_count)
        for (hit, post), discussion in zip(found.hits, shown, strict=True)
        if discussion is not None
    ]
    return [_page(wanted, window, found, edges)]


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

    def statement(self, scope: Scope, *, bounded: bool = False) -> Statement[HitRow]:
        """The statement that reads a page of it."""
        return search_hits.hits(
            scope.lead,
            order=self.order,
            is_compared=bool(scope.compared),
            by_discussion=self.by_discussion,
            filters=frozenset(self.filters),
            bounded=bounded,
        )


class _Found(NamedTuple):
    """What a page of a search finds."""

    scope: Scope | None
    top: int
    total: int | None
    hits: Sequence[tuple[HitRow, rows.PostRow]]
    """Those that can be read."""
    has_next: bool


async def _found(wanted: _Search, window: pages.Window, context: Context) -> _Found:
    place = None if window.after is None else _place(wanted, window.after)
    if not wanted.terms:
        return _Found(None, 0, 0, [], has_next=False)
    top = None if place is None else place.top
    if place is not None and wanted.order is SearchOrder.NEWEST and not wanted.by_discussion:
        # By time, each page looks further back than the one before.
        top = min(place.top, place.post - 1)
    scope = await search_scopes.scope(context.database, wanted.terms, wanted.filters, top)
    read = await context.database.rows(
        wanted.statement(scope, bounded=place is not None),
        limit=window.limit + 1,
        **search_hits.parameters(scope, wanted.terms, wanted.filters),
        **({} if place is None else {"rank": place.rank, "post": place.post}),
    )
    kept = read[: window.limit]
    found = await posts.by_post_ids([hit.post_id for hit in kept], context)
    # A post may have been deleted at this very moment, between the two statements.
    hits = [(hit, post) for hit, post in zip(kept, found, strict=True) if post is not None and post.deleted_at is None]
    return _Found(
        scope,
        scope.top if place is None else place.top,
        read[0].total if read else None,
        hits,
        has_next=len(read) > window.limit,
    )


def _page(wanted: _Search, window: pages.Window, found: _Found, edges: Sequence[SearchEdge]) -> FoundPage:
    info = pages.info(edges, has_next=found.has_next, has_previous=window.after is not None, after=window.after)
    return FoundPage(edges, info, wanted, found.scope, found.top, found.total)


async def total_counts(given: Sequence[FoundPage], context: Context) -> Sequence[int]:
    """How many posts or discussions each search finds in its scope."""
    return [(await _whole(page, context))[1] for page in given]


async def totals_are_exact(given: Sequence[FoundPage], context: Context) -> Sequence[bool]:
    """Whether each search looked at all that can match, and found no more than it orders."""
    return [
        scope is None or (scope.is_whole and (scope.lead is not Lead.NEWEST or total < search_scopes.MAX_SEARCHED))
        for scope, total in [await _whole(page, context) for page in given]
    ]


async def _whole(page: FoundPage, context: Context) -> tuple[Scope | None, int]:
    """The scope of the whole search, which is not that of a later page in the order of time, and how many it finds."""
    scope, wanted = page.scope, page.search
    if scope is None:
        return None, 0
    if scope.top != page.top:
        scope = await search_scopes.scope(context.database, wanted.terms, wanted.filters, page.top)
    elif page.total is not None:
        return scope, page.total
    first = await context.database.rows(
        wanted.statement(scope), limit=1, **search_hits.parameters(scope, wanted.terms, wanted.filters)
    )
    return scope, first[0].total if first else 0


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


class _Place(NamedTuple):
    """Where a page begins: behind this post, in a search among ids up to `top`."""

    rank: float
    post: int
    top: int


def _cursor(wanted: _Search, hit: HitRow, top: int) -> str:
    """The search, how well a post fits, to the last bit, its id, and where the search began: the place behind it."""
    return f"s{wanted.digest()}{struct.pack('>d', hit.rank).hex()}.{hit.post_id}.{top}"


def _place(wanted: _Search, cursor: str) -> _Place:
    read = re.fullmatch(r"s([0-9a-f]{16})([0-9a-f]{16})\.([0-9]{1,18})\.([0-9]{1,18})", cursor, re.ASCII)
    if read is None or read[1] != wanted.digest():
        raise errors.bad_cursor(cursor, "this search")
    (rank,) = struct.unpack(">d", bytes.fromhex(read[2]))
    if not -1e30 < rank < 1e30:
        raise errors.bad_cursor(cursor, "this search")
    return _Place(rank, int(read[3]), int(read[4]))


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
