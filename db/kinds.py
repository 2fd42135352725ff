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
    PIN = "PIN"
    """It was pinned or unpinned."""
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
    """Who keeps order: by a token's claim, or because a moderator made them one."""
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


class AuditAction(StrEnum):
    """What a moderator did. The values are stored, so they never change."""

    DELETE_POST = "DELETE_POST"
    """Deleted a reply."""
    RESTORE_POST = "RESTORE_POST"
    """Restored a reply."""
    DELETE_DISCUSSION = "DELETE_DISCUSSION"
    """Deleted a discussion and its posts."""
    RESTORE_DISCUSSION = "RESTORE_DISCUSSION"
    """Restored a discussion and its posts."""
    LOCK_DISCUSSION = "LOCK_DISCUSSION"
    """Locked a discussion."""
    UNLOCK_DISCUSSION = "UNLOCK_DISCUSSION"
    """Unlocked a discussion."""
    PIN_DISCUSSION = "PIN_DISCUSSION"
    """Pinned a discussion."""
    UNPIN_DISCUSSION = "UNPIN_DISCUSSION"
    """Unpinned a discussion."""
    MOVE_DISCUSSION = "MOVE_DISCUSSION"
    """Moved a discussion to another category, or out of one."""
    RETITLE_DISCUSSION = "RETITLE_DISCUSSION"
    """Gave a discussion another title."""
    ADD_CATEGORY = "ADD_CATEGORY"
    """Made a category."""
    EDIT_CATEGORY = "EDIT_CATEGORY"
    """Changed a category."""
    SUSPEND_USER = "SUSPEND_USER"
    """Suspended a person."""
    UNSUSPEND_USER = "UNSUSPEND_USER"
    """Ended the suspension of a person, or its time was over."""
    SET_ROLE = "SET_ROLE"
    """Gave a person another role."""
    PREMODERATE_USER = "PREMODERATE_USER"
    """Has all that a person writes held, or no longer."""
    PUBLISH = "PUBLISH"
    """Published a held post."""
    REJECT = "REJECT"
    """Rejected a held post."""
    DISMISS = "DISMISS"
    """Found nothing wrong with a reported post."""
    REMOVE_POSTS = "REMOVE_POSTS"
    """Removed what a person wrote."""
    RESTORE_POSTS = "RESTORE_POSTS"
    """Brought back what was removed."""


class ModerationKind(StrEnum):
    """What the log of moderation brings. The values name GraphQL types, so they never change."""

    REVIEW_ITEM_OPENED = "ReviewItemOpened"
    """There is something to decide."""
    REVIEW_ITEM_CHANGED = "ReviewItemChanged"
    """A review item was reported again, claimed or decided."""
    AUDIT_ENTRY_ADDED = "AuditEntryAdded"
    """A moderator did something."""


class ViewerEventKind(StrEnum):
    """What the log of a person brings. The values are stored and name GraphQL types, so they never change."""

    DECISION_MADE = "DecisionMade"
    """A moderator has decided something that concerns the person."""


class ReviewKind(StrEnum):
    """Why something is to be reviewed. The values are stored, so they never change."""

    REPORTED = "REPORTED"
    """Somebody reported a post."""
    HELD = "HELD"
    """A post waits to be published."""


class ReviewState(StrEnum):
    """Whether a review item is decided. The values are stored, so they never change."""

    OPEN = "OPEN"
    """It is to be decided."""
    DECIDED = "DECIDED"
    """A moderator has decided it, or it was withdrawn."""


class ReviewAction(StrEnum):
    """What a moderator decides of a review item. Each is recorded as the AuditAction of the same name."""

    PUBLISH = "PUBLISH"
    """Publish a held post."""
    REJECT = "REJECT"
    """Reject a held post, which its author and moderators go on reading."""
    DISMISS = "DISMISS"
    """Leave a reported post as it is."""
    DELETE_POST = "DELETE_POST"
    """Delete a reported post; of an opening post, the discussion."""


class ReportReason(StrEnum):
    """Why a post is reported. The values are stored, so they never change."""

    SPAM = "SPAM"
    """It is advertising, or the same again and again."""
    ABUSE = "ABUSE"
    """It insults, threatens or harasses somebody."""
    ILLEGAL = "ILLEGAL"
    """It is against the law."""
    PERSONAL_DATA = "PERSONAL_DATA"
    """It shows what should stay private."""
    OFF_TOPIC = "OFF_TOPIC"
    """It does not belong in this discussion."""
    OTHER = "OTHER"
    """Something else: the note says what."""


class HeldKind(StrEnum):
    """What is held. The values are stored, so they never change."""

    REPLY = "REPLY"
    """A new reply."""
    DISCUSSION = "DISCUSSION"
    """A new discussion with its opening post."""
    EDIT = "EDIT"
    """The edit of a reply or of a discussion, which stays as it is meanwhile."""


class HeldState(StrEnum):
    """What became of a held post. The values are stored, so they never change."""

    HELD = "HELD"
    """It waits for a moderator."""
    PUBLISHED = "PUBLISHED"
    """It was published."""
    REJECTED = "REJECTED"
    """A moderator rejected it."""
    WITHDRAWN = "WITHDRAWN"
    """Its author took it back, or sent another edit of the same post."""


class HoldReason(StrEnum):
    """Why a post is held. The values are stored, so they never change."""

    NEW_MEMBER = "NEW_MEMBER"
    """Its author has written little here."""
    LINKS = "LINKS"
    """It has links, and its author has written little here."""
    WORDS = "WORDS"
    """It has words that the site looks at first."""
    CATEGORY = "CATEGORY"
    """All posts in this category are looked at first."""
    PERSON = "PERSON"
    """All posts of this person are looked at first."""
    FILTER = "FILTER"
    """An outside filter said so, or did not answer."""


class FilterAnswer(StrEnum):
    """What an outside filter says of a post. The values are what it answers, so they never change."""

    PUBLISH = "publish"
    """The filter has nothing against it."""
    HOLD = "hold"
    """A moderator is to look at it."""


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
