"""The kinds of events that logs hold."""

from enum import StrEnum


class EventKind(StrEnum):
    """What an event says has happened: the name of its GraphQL type, but for DISCUSSION_DELETED."""

    REPLY_ADDED = "ReplyAdded"
    REPLY_EDITED = "ReplyEdited"
    REPLY_DELETED = "ReplyDeleted"
    DISCUSSION_UPDATED = "DiscussionUpdated"
    DISCUSSION_DELETED = "DiscussionDeleted"
    """The last event of a log. Clients receive it as a DiscussionUpdated."""
    QUOTE_STATUS_CHANGED = "QuoteStatusChanged"
