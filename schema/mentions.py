"""Mentions: people named in a post."""

import strawberry

import resolvers.users
from execution.batch import batch
from schema.users import User


@strawberry.type
class Mention:
    """A person named in a post, as in @ada."""

    user: User | None = batch(resolvers.users.of_mentions)
    """The person; null while nobody of that name is known."""
    attributed_name: str
    """The name as it was written, without the @."""
    start: int
    """Where the mention begins in `body`, in UTF-16 units."""
    length: int
    """How long the mention is in `body`, in UTF-16 units."""
