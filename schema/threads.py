"""Threads: replies in reading order."""

import strawberry

import resolvers.pages
from execution.batch import batch
from schema.pages import PageInfo
from schema.replies import Reply

THREAD = {
    "root_id": "The reply whose descendants are returned, itself excluded; the whole discussion if omitted.",
    "max_depth": "The greatest depth shown, counted from the discussion or given root: 0 shows direct answers only.",
    "order": "How the answers to one post are ordered.",
    "first": "How many at most, counted from the start or from `after`; 50 if omitted, at most 500.",
    "after": "The cursor that the page starts behind.",
    "last": "How many at most, counted back from the end or from `before`; at most 500.",
    "before": "The cursor that the page ends in front of.",
    "around": "The reply in the middle of the page, or its nearest shown ancestor; not with after, before or last.",
    "around_sequence": "As `around`, by the reply's sequence.",
}
"""The arguments of a thread, in the client's words."""


@strawberry.type
class ThreadEdge:
    """A reply and its place in a thread."""

    cursor: str
    """Names the reply: it holds under any order, root and maxDepth that show it, and while replies arrive."""
    node: Reply
    """The reply."""
    depth: int
    """How many replies are above it in the discussion: 0 for an answer to the opening post."""
    hidden_descendant_count: int
    """How many listed replies below it are left out by maxDepth alone, else 0."""


@strawberry.type
class ThreadConnection:
    """A page of a thread: a reply, then its answers."""

    edges: list[ThreadEdge]
    """The replies of the page, each with its cursor and depth."""
    nodes: list[Reply]
    """The replies of the page by themselves."""
    page_info: PageInfo
    """The position of the page in the thread."""
    total_count: int = batch(resolvers.pages.total_counts)
    """How many replies the whole thread shows, at most 10,000 of a part of it: see `totalCountIsExact`."""
    total_count_is_exact: bool = batch(resolvers.pages.are_exact)
    """Whether the thread shows as many replies as `totalCount` says; false if it shows more."""
