"""The closed sets of values that rows, cursors and clients share."""

from enum import StrEnum


class EventKind(StrEnum):
    """What happened."""

    # The values are stored in the log and name GraphQL types, so they never change.
    DISCUSSION_STARTED = "DiscussionStarted"
    """A discussion was started."""
    DISCUSSION_UPDATED = "DiscussionUpdated"
    """A discussion itself changed: also deleted and restored ones."""
    REPLY_ADDED = "ReplyAdded"
    """A reply was added."""
    REPLY_EDITED = "ReplyEdited"
    """A reply was edited."""
    REPLY_DELETED = "ReplyDeleted"
    """A reply was deleted."""
    REPLY_RESTORED = "ReplyRestored"
    """A deleted reply was restored."""
    POST_CHANGED = "PostChanged"
    """A post shows something else without a new version."""
    QUOTE_STATUS_CHANGED = "QuoteStatusChanged"
    """The source of a quote was edited, deleted or restored."""
    USER_CHANGED = "UserChanged"
    """A person's name, picture or role changed."""
    USER_ERASED = "UserErased"
    """A person was erased."""
    CATEGORY_CHANGED = "CategoryChanged"
    """A category was made or changed."""


class DiscussionChange(StrEnum):
    """What changed in a discussion. The values are stored in the log, so they never change."""

    TITLE = "TITLE"
    """Its title."""
    BODY = "BODY"
    """Its opening post."""
    CATEGORY = "CATEGORY"
    """It was moved to another category, or out of one."""
    LOCK = "LOCK"
    """It was locked or unlocked."""
    DELETED = "DELETED"
    """It was deleted, and all its posts with it."""
    RESTORED = "RESTORED"
    """It was restored, and the posts that were deleted with it: fetch it again."""
    ERASED = "ERASED"
    """An erasure has taken words or names out of its title or opening post, or all of it away."""
    RENDERED = "RENDERED"
    """Its posts have new HTML, since an upgrade renders them in another way: fetch it again."""


class PostState(StrEnum):
    """Whether a post can be read."""

    VISIBLE = "VISIBLE"
    """It can be read."""
    DELETED = "DELETED"
    """A tombstone: its author and content are gone, its place and the answers below it stay."""


class AuthorRole(StrEnum):
    """What a person is here."""

    MODERATOR = "MODERATOR"
    """Who keeps order: the identity provider said so at the last sign-in."""
    MEMBER = "MEMBER"
    """A person with an account of the site's identity provider."""
    GUEST = "GUEST"
    """Who signed in by a name alone."""
    APPLICATION = "APPLICATION"
    """A program that writes under a name of its own."""


class DeletedBy(StrEnum):
    """By whom a post was deleted, which decides who may restore it. The values are stored, so they never change."""

    AUTHOR = "AUTHOR"
    """By its author, who alone reads what it said, and may restore it."""
    MODERATOR = "MODERATOR"
    """By a moderator: moderators may restore it, and its author still reads it."""
    ERASURE = "ERASURE"
    """By the erasure of its author: nothing is left of it, and nobody can restore it."""


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


class SearchOrder(StrEnum):
    """How what a search finds is ordered."""

    RELEVANCE = "RELEVANCE"
    """What fits best first."""
    NEWEST = "NEWEST"
    """What was added last first."""


class ResyncReason(StrEnum):
    """Why a stream cannot resume from a cursor."""

    LOG_TRIMMED = "LOG_TRIMMED"
    """The events after the cursor are no longer kept."""
    HISTORY_CHANGED = "HISTORY_CHANGED"
    """The event the cursor names is not part of the discussion's history, as after a restored backup."""
