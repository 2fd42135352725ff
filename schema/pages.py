"""What all lists share: connections after Relay's spec, and what has an id."""

from typing import TYPE_CHECKING, Annotated, Generic, TypeVar

import strawberry

import resolvers.pages
from execution.batch import batch

if TYPE_CHECKING:
    from schema.categories import Category
    from schema.discussions import Discussion
    from schema.held import HeldPost
    from schema.quotes import Quote
    from schema.replies import Reply
    from schema.revisions import Revision

T = TypeVar("T")

FORWARD = {
    "first": "How many at most, counted from the start or from `after`; 20 if omitted, at most 100.",
    "after": "The cursor that the page starts behind.",
}
"""The arguments of every connection, in the client's words."""

BOTH_WAYS = FORWARD | {
    "last": "How many at most, counted back from the end or from `before`; at most 100.",
    "before": "The cursor that the page ends in front of.",
    "order_by": "The order; by number, oldest first, if omitted.",
}
"""The arguments of a list of replies, in the client's words."""

DISCUSSIONS = FORWARD | {"order_by": "The order; by last activity, newest first, if omitted."}
"""The arguments of a list of discussions, in the client's words."""


@strawberry.interface
class Node:
    """What has an id and can be fetched by it."""

    node_id: strawberry.ID = strawberry.field(name="id")
    """Its id, opaque and the same for ever."""


@strawberry.type
class PageInfo:
    """The position of a page in its list."""

    start_cursor: str | None
    """The cursor of the first edge; null on an empty page."""
    end_cursor: str | None
    """The cursor of the last edge; on an empty page the cursor it was requested with, if any."""
    has_next_page: bool
    """Whether more follows this page."""
    has_previous_page: bool
    """Whether something comes before this page."""


@strawberry.type
class Edge(Generic[T]):
    """One item of a page and its cursor."""

    cursor: str
    """The position of the item in the list."""
    node: T
    """The item itself."""


@strawberry.type
class Connection(Generic[T]):
    """A page of a list."""

    edges: list[Edge[T]]
    """The items of the page, each with its cursor."""
    nodes: list[T]
    """The items of the page by themselves."""
    page_info: PageInfo
    """The position of the page in the list."""
    total_count: int = batch(resolvers.pages.total_counts)
    """How many items the whole list has, at most 10,000 where they have to be counted: see `totalCountIsExact`."""
    total_count_is_exact: bool = batch(resolvers.pages.are_exact)
    """Whether the list has as many items as `totalCount` says; false if it has more."""


@strawberry.type
class DiscussionConnection(Connection[Annotated["Discussion", strawberry.lazy("schema.discussions")]]):
    """A page of discussions."""


@strawberry.type
class ReplyConnection(Connection[Annotated["Reply", strawberry.lazy("schema.replies")]]):
    """A page of replies in a flat list."""


@strawberry.type
class QuoteConnection(Connection[Annotated["Quote", strawberry.lazy("schema.quotes")]]):
    """A page of quotes."""


@strawberry.type
class RevisionConnection(Connection[Annotated["Revision", strawberry.lazy("schema.revisions")]]):
    """A page of the versions of a post."""


@strawberry.type
class HeldPostConnection(Connection[Annotated["HeldPost", strawberry.lazy("schema.held")]]):
    """A page of held posts."""


@strawberry.type
class CategoryConnection(Connection[Annotated["Category", strawberry.lazy("schema.categories")]]):
    """A page of categories."""
