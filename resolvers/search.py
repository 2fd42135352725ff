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
from db.search_scopes import Scope
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
    scope, top, hits, following = await _hits(wanted, window, context)
    edges = [SearchEdge(_cursor(wanted, hit, top), post, post, wanted.terms, 1) for hit, post in hits]
    return [FoundPage(edges, _info(window, edges, following), wanted, scope, top)]


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
    scope, top, hits, following = await _hits(wanted, window, context)
    found = await discussions.of_posts([post for _, post in hits], context)
    edges = [
        SearchEdge(_cursor(wanted, hit, top), discussion, post, wanted.terms, hit.match_count)
        for (hit, post), discussion in zip(hits, found, strict=True)
        if discussion is not None
    ]
    return [FoundPage(edges, _info(window, edges, following), wanted, scope, top)]


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


async def _hits(
    wanted: _Search, window: pages.Window, context: Context
) -> tuple[Scope | None, int, list[tuple[HitRow, rows.PostRow]], bool]:
    """The scope of a page, the top of the search, the posts of the page that can be read, and whether more follow."""
    place = None if window.after is None else _place(wanted, window.after)
    if not wanted.terms:
        return None, 0, [], False
    top = None if place is None else place.top
    if place is not None and wanted.order is SearchOrder.NEWEST and not wanted.by_discussion:
        # By time, each page looks further back than the one before.
        top = min(place.top, place.post - 1)
    chosen = await search_scopes.scope(context.database, wanted.terms, wanted.filters, top)
    statement = search_hits.hits(
        chosen.lead,
        order=wanted.order,
        is_compared=bool(chosen.compared),
        by_discussion=wanted.by_discussion,
        filters=frozenset(wanted.filters),
        bounded=place is not None,
    )
    found = await context.database.rows(
        statement,
        limit=window.limit + 1,
        **search_hits.parameters(chosen, wanted.terms, wanted.filters),
        **({} if place is None else {"rank": place.rank, "post": place.post}),
    )
    kept = found[: window.limit]
    read = await posts.by_post_ids([hit.post_id for hit in kept], context)
    # A post may have been deleted at this very moment, between the two statements.
    hits = [(hit, post) for hit, post in zip(kept, read, strict=True) if post is not None and post.deleted_at is None]
    return chosen, chosen.top if place is None else place.top, hits, len(found) > window.limit


def _info(window: pages.Window, edges: Sequence[SearchEdge], has_next: bool) -> pages.PageInfoRow:
    return pages.info(edges, has_next=has_next, has_previous=window.after is not None, after=window.after)


async def total_counts(given: Sequence[FoundPage], context: Context) -> Sequence[int]:
    """How many posts or discussions each search finds in its scope."""
    totals = []
    for page in given:
        wanted, scope, total = page.search, await _whole(page, context), 0
        if scope is not None:
            statement = search_hits.counted(
                scope.lead,
                is_compared=bool(scope.compared),
                by_discussion=wanted.by_discussion,
                filters=frozenset(wanted.filters),
            )
            parameters = search_hits.parameters(scope, wanted.terms, wanted.filters)
            (counted,) = await context.database.rows(statement, **parameters)
            total = counted.total
        totals.append(total)
    return totals


async def totals_are_exact(given: Sequence[FoundPage], context: Context) -> Sequence[bool]:
    """Whether each search looks at all that can match."""
    scopes = [await _whole(page, context) for page in given]
    return [scope is None or scope.is_whole for scope in scopes]


async def _whole(page: FoundPage, context: Context) -> Scope | None:
    """The scope of the whole search, which is not that of a later page in the order of time."""
    if page.scope is None or page.scope.top == page.top:
        return page.scope
    return await search_scopes.scope(context.database, page.search.terms, page.search.filters, page.top)


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
