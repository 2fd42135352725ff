"""What a search finds."""

import strawberry

import resolvers.search
from execution.batch import batch
from schema.discussions import Discussion
from schema.pages import FORWARD, PageInfo
from schema.posts import Post
from schema.scalars import Html

SEARCH = {
    "query": 'Words that a post must all have, the last perhaps unfinished; "words in quotes" must be adjacent.',
    "filter": "Which posts are found; all if omitted.",
    "order_by": "The order; what fits best first if omitted.",
    **FORWARD,
}
"""The arguments of a search, in the client's words."""


@strawberry.type
class SearchResultEdge:
    """A post that was found."""

    cursor: str
    """Its position among the results."""
    node: Post
    """The post: a discussion, found by its title or opening post, or a reply."""
    title: Html = batch(resolvers.search.title_snippets)
    """The title of its discussion, what was looked for in <mark>."""
    snippet: Html = batch(resolvers.search.snippets)
    """The part of its text that shows what was looked for, each hit in <mark>; no other markup."""


@strawberry.type
class SearchResultConnection:
    """A page of the posts that were found."""

    edges: list[SearchResultEdge]
    """The posts of the page, each with its cursor and snippet."""
    nodes: list[Post]
    """The posts of the page by themselves."""
    page_info: PageInfo
    """The position of the page among the results."""
    total_count: int = batch(resolvers.search.total_counts)
    """How many posts have what was looked for, of those that the search looks at."""
    total_count_is_exact: bool = batch(resolvers.search.totals_are_exact)
    """Whether all was looked at that can match: false for a query of nothing but frequent words."""


@strawberry.type
class DiscussionSearchResultEdge:
    """A discussion with posts that were found, and the first of these in the order of the search."""

    cursor: str
    """Its position among the results."""
    node: Discussion
    """The discussion."""
    post: Post
    """The post that fits best, or the newest that fits: the discussion itself or a reply in it."""
    match_count: int
    """How many posts of the discussion have what was looked for, of those that the search looks at."""
    title: Html = batch(resolvers.search.title_snippets)
    """The title of the discussion, what was looked for in <mark>."""
    snippet: Html = batch(resolvers.search.snippets)
    """The part of the post's text that shows what was looked for, each hit in <mark>; no other markup."""


@strawberry.type
class DiscussionSearchResultConnection:
    """A page of the discussions that were found."""

    edges: list[DiscussionSearchResultEdge]
    """The discussions of the page, each with its cursor and best post."""
    nodes: list[Discussion]
    """The discussions of the page by themselves."""
    page_info: PageInfo
    """The position of the page among the results."""
    total_count: int = batch(resolvers.search.total_counts)
    """How many discussions have posts with what was looked for, of those that the search looks at."""
    total_count_is_exact: bool = batch(resolvers.search.totals_are_exact)
    """Whether all was looked at that can match: false for a query of nothing but frequent words."""
