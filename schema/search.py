"""What a search finds."""

import strawberry

import resolvers.pages
import resolvers.search
from execution.batch import batch
from schema.pages import PageInfo
from schema.posts import Post
from schema.scalars import Html

SEARCH = {
    "query": 'Words that a post must all have, the last perhaps unfinished; "words in quotes" must be adjacent.',
    "first": "How many at most, counted from the start or from `after`; 20 if omitted, at most 100.",
    "after": "The cursor that the page starts behind.",
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
    """A page of what was found, what fits best first."""

    edges: list[SearchResultEdge]
    """The posts of the page, each with its cursor and snippet."""
    nodes: list[Post]
    """The posts of the page by themselves."""
    page_info: PageInfo
    """The position of the page among the results."""
    total_count: int = batch(resolvers.pages.total_counts)
    """How many posts have what was looked for."""
