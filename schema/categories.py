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
    position: int
    """Its place in lists: they show the lowest first, and of equal ones the oldest."""
    premoderated: bool
    """Whether all that is written in it is held for a moderator."""
    discussions: DiscussionConnection = batch(resolvers.discussions.of_categories, **DISCUSSIONS)
    """Its discussions."""
