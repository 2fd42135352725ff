"""Categories of discussions."""

import strawberry

import resolvers.discussions
from execution.batch import batch
from schema.pages import DISCUSSIONS, DiscussionConnection, Node


@strawberry.type
class Category(Node):
    """A named group of discussions."""

    slug: str
    """Its name in addresses."""
    name: str
    """Its name for people."""
    description: str | None
    """What belongs into it."""
    discussions: DiscussionConnection = batch(resolvers.discussions.of_categories, **DISCUSSIONS)
    """Its discussions."""
