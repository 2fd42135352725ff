"""The kinds of events."""

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
