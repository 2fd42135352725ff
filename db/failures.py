"""Expected failures of a write, as values: clients get them as data, so they are rows like any other.

A rule that is broken raises `Refused` with one of these; the transaction rolls back and the failure becomes an item
of the payload's `errors`. `path` names the offending part of the draft in Python's names, outermost first.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from db.rows import PostRow


@dataclass(frozen=True, slots=True)
class Failure:
    """What all failures share. `message` says what, which and where."""

    message: str
    path: tuple[str, ...] | None = None

    @property
    def code(self) -> str:
        """The type's name in capitals: DISCUSSION_LOCKED."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__).upper()


class Refused(Exception):
    """Raised inside a write when a rule forbids it; nothing of the write is kept."""

    def __init__(self, *failures: Failure) -> None:
        super().__init__("; ".join(failure.message for failure in failures))
        self.failures = failures


@dataclass(frozen=True, slots=True)
class _Limited(Failure):
    limit: int = 0
    """What is allowed at most."""


class DiscussionNotFound(Failure):
    """No discussion has this id."""


class ReplyNotFound(Failure):
    """No reply has this id."""


class ParentNotFound(Failure):
    """The post to answer is not a reply of this discussion."""


class ParentDeleted(Failure):
    """The post to answer has been deleted."""


class CategoryNotFound(Failure):
    """No category has this id."""


class QuoteSourceNotFound(Failure):
    """The quoted post, or the quoted version of it, does not exist."""


class DiscussionLocked(Failure):
    """The discussion takes no more replies or edits."""


class TitleEmpty(Failure):
    """A title needs at least one visible character."""


class TitleTooLong(_Limited):
    """The title has more characters than `limit`."""


class BodyEmpty(Failure):
    """A body needs at least one visible character."""


class BodyTooLong(_Limited):
    """The body has more characters than `limit`."""


class TooManyQuotes(_Limited):
    """The body holds more quotes than `limit`."""


class TooDeep(_Limited):
    """The reply would stand deeper in the tree than `limit`."""


class InvalidText(Failure):
    """The text holds U+0000 or a lone surrogate."""


class NameTaken(Failure):
    """Somebody has this name already."""


class NotSignedIn(Failure):
    """This needs a bearer token."""


class NotAllowed(Failure):
    """The viewer may not do this."""


@dataclass(frozen=True, slots=True)
class EditConflict(Failure):
    """Somebody else was faster: `current` is the post as it is now."""

    current: PostRow | None = None


class IdempotencyKeyReused(Failure):
    """The same clientMutationId came before with another input."""


@dataclass(frozen=True, slots=True)
class RateLimited(Failure):
    """Too many writes: try again at `reset_at`."""

    reset_at: datetime | None = None
