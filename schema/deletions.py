"""How a post was deleted."""

from datetime import datetime

import strawberry

import resolvers.deletions
from db.kinds import DeletedBy
from execution.batch import batch


@strawberry.type
class Deletion:
    """How a post was deleted, and what is kept of it."""

    by: DeletedBy
    """By whom, which decides who may restore it."""
    at: datetime
    """When."""
    reason: str | None = batch(resolvers.deletions.reasons)
    """Why, for its author and moderators; null to everyone else, and if none was given."""
    body: str | None = batch(resolvers.deletions.bodies)
    """What it said, in Markdown: for its author, and for moderators if a moderator deleted it.

    Null to everyone else, to moderators if its author had deleted it before, and once it is purged or erased.
    """
