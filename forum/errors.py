"""Domain errors: why a use case refused, with a stable code.

A rule that is broken raises one of these. The transaction rolls back, and the error becomes an item of the payload's
`errors`. The GraphQL error types are built from these classes: their docstrings and fields are declared here only.
"""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from db.rows import PostRow, ReviewItemRow


class ErrorCode(StrEnum):
    """The stable name of a domain error. The GraphQL type of each error is named after its code."""

    DISCUSSION_NOT_FOUND = "DISCUSSION_NOT_FOUND"
    REPLY_NOT_FOUND = "REPLY_NOT_FOUND"
    PARENT_NOT_FOUND = "PARENT_NOT_FOUND"
    PARENT_DELETED = "PARENT_DELETED"
    CATEGORY_NOT_FOUND = "CATEGORY_NOT_FOUND"
    QUOTE_SOURCE_NOT_FOUND = "QUOTE_SOURCE_NOT_FOUND"
    DISCUSSION_LOCKED = "DISCUSSION_LOCKED"
    TITLE_EMPTY = "TITLE_EMPTY"
    TITLE_TOO_LONG = "TITLE_TOO_LONG"
    BODY_EMPTY = "BODY_EMPTY"
    BODY_TOO_LONG = "BODY_TOO_LONG"
    TOO_MANY_QUOTES = "TOO_MANY_QUOTES"
    TOO_DEEP = "TOO_DEEP"
    REASON_TOO_LONG = "REASON_TOO_LONG"
    NOT_RESTORABLE = "NOT_RESTORABLE"
    INVALID_TEXT = "INVALID_TEXT"
    NAME_TAKEN = "NAME_TAKEN"
    NOT_SIGNED_IN = "NOT_SIGNED_IN"
    NOT_ALLOWED = "NOT_ALLOWED"
    EDIT_CONFLICT = "EDIT_CONFLICT"
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"
    RATE_LIMITED = "RATE_LIMITED"
    SUSPENDED = "SUSPENDED"
    UNTIL_PASSED = "UNTIL_PASSED"
    USER_NOT_FOUND = "USER_NOT_FOUND"
    POST_NOT_FOUND = "POST_NOT_FOUND"
    HELD_POST_NOT_FOUND = "HELD_POST_NOT_FOUND"
    TOO_MANY_HELD = "TOO_MANY_HELD"
    REVIEW_ITEM_NOT_FOUND = "REVIEW_ITEM_NOT_FOUND"
    AUDIT_ENTRY_NOT_FOUND = "AUDIT_ENTRY_NOT_FOUND"
    CONFLICT = "CONFLICT"
    SLUG_TAKEN = "SLUG_TAKEN"

    @property
    def graphql_type(self) -> str:
        """The name of the error's GraphQL type, as in `DiscussionLocked`."""
        return "".join(word.title() for word in self.value.split("_"))


class DomainError(Exception):
    """A refusal: nothing was written.

    `message` says what, which value and what to do. `path` names the part of the input in Python's names, outermost
    first; None where no part of the input is wrong.
    """

    code: ClassVar[ErrorCode]

    def __init__(self, message: str, path: tuple[str, ...] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.path = path


class LimitExceeded(DomainError):
    """Something is longer, more or deeper than `limit` allows."""

    def __init__(self, message: str, path: tuple[str, ...], limit: int) -> None:
        super().__init__(message, path)
        self.limit = limit


class DiscussionNotFound(DomainError):
    """No discussion has this id."""

    code = ErrorCode.DISCUSSION_NOT_FOUND


class ReplyNotFound(DomainError):
    """No reply has this id."""

    code = ErrorCode.REPLY_NOT_FOUND


class ParentNotFound(DomainError):
    """The reply to answer is not in this discussion."""

    code = ErrorCode.PARENT_NOT_FOUND


class ParentDeleted(DomainError):
    """The reply to answer has been deleted."""

    code = ErrorCode.PARENT_DELETED


class CategoryNotFound(DomainError):
    """No category has this id."""

    code = ErrorCode.CATEGORY_NOT_FOUND


class QuoteSourceNotFound(DomainError):
    """The post to quote, or that version of it, does not exist."""

    code = ErrorCode.QUOTE_SOURCE_NOT_FOUND


class DiscussionLocked(DomainError):
    """The discussion is locked."""

    code = ErrorCode.DISCUSSION_LOCKED


class TitleEmpty(DomainError):
    """The title has no visible character."""

    code = ErrorCode.TITLE_EMPTY


class TitleTooLong(LimitExceeded):
    """The title is too long."""

    code = ErrorCode.TITLE_TOO_LONG
    limit: int
    """How many characters are allowed."""


class BodyEmpty(DomainError):
    """The body has no visible character."""

    code = ErrorCode.BODY_EMPTY


class BodyTooLong(LimitExceeded):
    """The body is too long."""

    code = ErrorCode.BODY_TOO_LONG
    limit: int
    """How many characters are allowed."""


class TooManyQuotes(LimitExceeded):
    """The body holds too many quotes."""

    code = ErrorCode.TOO_MANY_QUOTES
    limit: int
    """How many quotes are allowed."""


class TooDeep(LimitExceeded):
    """The reply would be nested too deep below other replies."""

    code = ErrorCode.TOO_DEEP
    limit: int
    """How deep replies may be nested."""


class ReasonTooLong(LimitExceeded):
    """The reason is too long."""

    code = ErrorCode.REASON_TOO_LONG
    limit: int
    """How many characters are allowed."""


class NotRestorable(DomainError):
    """Nothing can be restored: it is not deleted, its words are purged or erased, or its discussion is deleted."""

    code = ErrorCode.NOT_RESTORABLE


class InvalidText(DomainError):
    """The text holds a character that is not allowed, or a name that nobody can bear."""

    code = ErrorCode.INVALID_TEXT


class NameTaken(DomainError):
    """Another user has this name or one that looks like it, or it is reserved."""

    code = ErrorCode.NAME_TAKEN


class NotSignedIn(DomainError):
    """This needs a bearer token."""

    code = ErrorCode.NOT_SIGNED_IN


class NotAllowed(DomainError):
    """The viewer may not do this."""

    code = ErrorCode.NOT_ALLOWED


class EditConflict(DomainError):
    """The post has been changed since the version the edit was made from."""

    code = ErrorCode.EDIT_CONFLICT
    current: PostRow
    """The post as it is now."""

    def __init__(self, message: str, path: tuple[str, ...], current: PostRow) -> None:
        super().__init__(message, path)
        self.current = current


class IdempotencyKeyReused(DomainError):
    """The same clientMutationId was sent before with another input."""

    code = ErrorCode.IDEMPOTENCY_KEY_REUSED


class RateLimited(DomainError):
    """Too many writes or new guests in too short a time, or too much text in a day."""

    code = ErrorCode.RATE_LIMITED
    reset_at: datetime
    """When to try again."""

    def __init__(self, what: str, reset_at: datetime) -> None:
        super().__init__(f"Too many {what}. Try again at {reset_at:%Y-%m-%d %H:%M:%S} UTC.")
        self.reset_at = reset_at


class Suspended(DomainError):
    """The viewer is suspended: they may read, and write nothing."""

    code = ErrorCode.SUSPENDED
    reason: str | None
    """Why, as the moderator wrote it."""
    until: datetime | None
    """When the suspension ends; null if it has no end."""

    def __init__(self, reason: str | None, until: datetime | None) -> None:
        end = "" if until is None else f" until {until:%Y-%m-%d %H:%M} UTC"
        why = f' The reason: "{reason}"' if reason else ""
        super().__init__(f"You are suspended{end}: you can read, and write nothing.{why}")
        self.reason = reason
        self.until = until


class UntilPassed(DomainError):
    """The end of the suspension is past."""

    code = ErrorCode.UNTIL_PASSED


class UserNotFound(DomainError):
    """No person has this id, or they were erased."""

    code = ErrorCode.USER_NOT_FOUND


class PostNotFound(DomainError):
    """No post has this id, or it has been deleted."""

    code = ErrorCode.POST_NOT_FOUND


class HeldPostNotFound(DomainError):
    """No held post of the viewer has this id, or it is not held any more."""

    code = ErrorCode.HELD_POST_NOT_FOUND


class TooManyHeld(LimitExceeded):
    """Too many posts of the viewer wait for a moderator."""

    code = ErrorCode.TOO_MANY_HELD
    limit: int
    """How many may wait at once."""


class ReviewItemNotFound(DomainError):
    """No review item has this id."""

    code = ErrorCode.REVIEW_ITEM_NOT_FOUND


class AuditEntryNotFound(DomainError):
    """No entry of the audit log has this id."""

    code = ErrorCode.AUDIT_ENTRY_NOT_FOUND


class Conflict(DomainError):
    """Somebody else has done something meanwhile that this would not fit: look at what is there now."""

    code = ErrorCode.CONFLICT
    current: ReviewItemRow | None
    """The review item as it is now; null for what is not about one."""

    def __init__(self, message: str, path: tuple[str, ...] | None = None, current: ReviewItemRow | None = None) -> None:
        super().__init__(message, path)
        self.current = current


class SlugTaken(DomainError):
    """Another category has this slug."""

    code = ErrorCode.SLUG_TAKEN


def domain_errors(base: type[DomainError] = DomainError) -> list[type[DomainError]]:
    """All errors that have a code, in the order of their declaration."""
    found = [base] if "code" in vars(base) else []
    return found + [error for child in base.__subclasses__() for error in domain_errors(child)]
