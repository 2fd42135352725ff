"""Suspensions."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

import resolvers.sanctions
from execution.batch import batch

if TYPE_CHECKING:
    from schema.users import User


@strawberry.type
class Suspension:
    """That a person may read, and write nothing."""

    reason: str | None
    """Why, as the moderator wrote it."""
    until: datetime | None
    """When it ends; null if it has no end."""
    at: datetime
    """Since when; of one that was prolonged or shortened, when that was."""
    by: Annotated["User", strawberry.lazy("schema.users")] | None = batch(resolvers.sanctions.moderators)
    """The moderator who suspended them: for moderators, else null; null if it was a command on the server, too."""
