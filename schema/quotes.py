"""Quotes: words of one post inside another."""

from typing import TYPE_CHECKING, Annotated

import strawberry

import resolvers.html
import resolvers.posts
import resolvers.quotes
import resolvers.users
from db.kinds import QuoteStatus
from execution.batch import batch
from schema.pages import Node
from schema.scalars import Html
from schema.users import User

if TYPE_CHECKING:
    from schema.posts import Post


@strawberry.type
class Omission:
    """An ellipsis of an abridged quote, where its source says more."""

    start: int
    """Where it begins in `bodyText`, in UTF-16 units."""
    length: int
    """How long it is in `bodyText`, in UTF-16 units."""


@strawberry.type
class Quote(Node):
    """Words of one post inside another, with their source.

    Its id is kept across edits of the quoting post while its text and source stay.
    """

    post: Annotated["Post", strawberry.lazy("schema.posts")] = batch(resolvers.posts.that_quote)
    """The post that quotes."""
    parent: "Quote | None" = batch(resolvers.quotes.parents)
    """The quote around this one; null for an outermost quote."""
    depth: int
    """How many quotes are around this one: 0 for an outermost quote."""
    source: Annotated["Post", strawberry.lazy("schema.posts")] | None = batch(resolvers.posts.sources_of_quotes)
    """The post that is quoted; null while none is found."""
    source_version: int | None
    """The version of the source that was quoted."""
    attributed_to: User | None = batch(resolvers.users.of_quotes)
    """Who wrote the source; null while none is found, and once it is deleted."""
    attributed_name: str
    """Whom the quoting text names, as in "Ada said:"."""
    body_html: Html = batch(resolvers.html.of_bodies)
    """The quoted words as HTML, with the quotes inside them."""
    body_text: str
    """The quoted words as plain text."""
    status: QuoteStatus = batch(resolvers.quotes.statuses)
    """Whether the source still says so, at the moment of reading."""
    omissions: list[Omission] = batch(resolvers.quotes.omissions)
    """Where an abridged quote leaves words out, in order, at most 20; empty for any other."""
