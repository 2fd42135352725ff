"""The closed sets of values that rows, cursors and clients share."""

from enum import StrEnum


class EventKind(StrEnum):
    """What happened. The values are stored in the log and name GraphQL types, so they never change."""

    REPLY_ADDED = "ReplyAdded"
    REPLY_EDITED = "ReplyEdited"
    REPLY_DELETED = "ReplyDeleted"
    DISCUSSION_UPDATED = "DiscussionUpdated"
    DISCUSSION_DELETED = "DiscussionDeleted"
    QUOTE_STATUS_CHANGED = "QuoteStatusChanged"

    @property
    def graphql_type(self) -> str:
        """The type clients see. A deleted discussion is an updated one to them."""
        return EventKind.DISCUSSION_UPDATED.value if self is EventKind.DISCUSSION_DELETED else self.value


class PostState(StrEnum):
    """Whether a post can be read."""

    VISIBLE = "VISIBLE"
    """It can be read."""
    DELETED = "DELETED"
    """A tombstone: its author and content are gone, its place and the answers below it stay."""


class QuoteStatus(StrEnum):
    """Whether the source of a quote still says what the quote says."""

    VERBATIM = "VERBATIM"
    """The source says this now."""
    ABRIDGED = "ABRIDGED"
    """The source says this now, and more where the quote has an ellipsis: see `omissions`."""
    SOURCE_EDITED = "SOURCE_EDITED"
    """The source said it when it was quoted, and has changed since."""
    SOURCE_DELETED = "SOURCE_DELETED"
    """The source has been deleted."""
    ALTERED = "ALTERED"
    """The source never said it in these words, or the quote says that somebody else than its author did."""
    UNRESOLVED = "UNRESOLVED"
    """No source was found."""


class DiscussionOrderField(StrEnum):
    """What discussions can be ordered by."""

    LAST_ACTIVITY_AT = "LAST_ACTIVITY_AT"
    """When something was last written in them."""
    CREATED_AT = "CREATED_AT"
    """When they were started."""
    REPLY_COUNT = "REPLY_COUNT"
    """How many replies they have."""


class ResyncReason(StrEnum):
    """Why a stream cannot go on from a cursor."""

    LOG_TRIMMED = "LOG_TRIMMED"
    """The events after the cursor are no longer kept."""
    HISTORY_CHANGED = "HISTORY_CHANGED"
    """The event the cursor names is not part of the discussion's history, as after a restored backup."""
