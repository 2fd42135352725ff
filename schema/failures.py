"""Failures: what can be expected to go wrong with a mutation, as data."""

from datetime import datetime

import strawberry

from schema.posts import Post


@strawberry.interface
class MutationError:
    """Why a mutation changed nothing."""

    code: str
    """The name of the error's type in capitals, as in DISCUSSION_LOCKED."""
    message: str
    """What is wrong, which, and where, in English."""
    path: list[str] | None
    """Which part of the arguments is wrong, from `input` down; null where none is."""


@strawberry.type
class DiscussionNotFound(MutationError):
    """No discussion has this id."""


@strawberry.type
class ReplyNotFound(MutationError):
    """No reply has this id."""


@strawberry.type
class ParentNotFound(MutationError):
    """The reply to answer is not in this discussion."""


@strawberry.type
class ParentDeleted(MutationError):
    """The reply to answer has been deleted."""


@strawberry.type
class CategoryNotFound(MutationError):
    """No category has this id."""


@strawberry.type
class QuoteSourceNotFound(MutationError):
    """The post to quote, or that version of it, does not exist."""


@strawberry.type
class DiscussionLocked(MutationError):
    """The discussion is locked."""


@strawberry.type
class TitleEmpty(MutationError):
    """The title has no visible character."""


@strawberry.type
class TitleTooLong(MutationError):
    """The title is too long."""

    limit: int
    """How many characters are allowed."""


@strawberry.type
class BodyEmpty(MutationError):
    """The body has no visible character."""


@strawberry.type
class BodyTooLong(MutationError):
    """The body is too long."""

    limit: int
    """How many characters are allowed."""


@strawberry.type
class TooManyQuotes(MutationError):
    """The body quotes too often."""

    limit: int
    """How many quotes are allowed."""


@strawberry.type
class TooDeep(MutationError):
    """The reply would stand too deep below other replies."""

    limit: int
    """How deep replies may stand."""


@strawberry.type
class InvalidText(MutationError):
    """The text holds a character that cannot be kept: U+0000 or half of a surrogate pair."""


@strawberry.type
class NameTaken(MutationError):
    """Somebody else has this name."""


@strawberry.type
class NotSignedIn(MutationError):
    """This needs a bearer token."""


@strawberry.type
class NotAllowed(MutationError):
    """The viewer may not do this."""


@strawberry.type
class EditConflict(MutationError):
    """The post has been changed since the version the edit was made from."""

    current: Post
    """The post as it is now."""


@strawberry.type
class IdempotencyKeyReused(MutationError):
    """The same clientMutationId came before with another input."""


@strawberry.type
class RateLimited(MutationError):
    """Too many writes in too short a time."""

    reset_at: datetime
    """When to try again."""


FAILURES: tuple[type[MutationError], ...] = (
    DiscussionNotFound,
    ReplyNotFound,
    ParentNotFound,
    ParentDeleted,
    CategoryNotFound,
    QuoteSourceNotFound,
    DiscussionLocked,
    TitleEmpty,
    TitleTooLong,
    BodyEmpty,
    BodyTooLong,
    TooManyQuotes,
    TooDeep,
    InvalidText,
    NameTaken,
    NotSignedIn,
    NotAllowed,
    EditConflict,
    IdempotencyKeyReused,
    RateLimited,
)
"""All of them: only MutationError names them in the schema, so they are handed to it."""
