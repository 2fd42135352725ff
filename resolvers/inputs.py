"""What clients send: inputs and enums. Imports only `db.kinds`, and is all of the schema that resolvers may import."""

from datetime import datetime
from enum import StrEnum

import strawberry
from strawberry import UNSET

from db.kinds import (
    AuditAction,
    AuthorRole,
    DiscussionChange,
    DiscussionOrderField,
    EventKind,
    HeldKind,
    HeldState,
    HoldReason,
    PostState,
    QuoteStatus,
    ReportReason,
    ResyncReason,
    ReviewAction,
    ReviewKind,
    ReviewState,
    SearchOrder,
)

for _kind in (
    AuditAction,
    AuthorRole,
    DiscussionChange,
    DiscussionOrderField,
    EventKind,
    HeldKind,
    HeldState,
    HoldReason,
    PostState,
    QuoteStatus,
    ReportReason,
    ResyncReason,
    ReviewAction,
    ReviewKind,
    ReviewState,
    SearchOrder,
):
    strawberry.enum(_kind)


@strawberry.enum
class SiblingOrder(StrEnum):
    """How the answers to one post are ordered in a thread; every answer is followed by its own answers."""

    OLDEST = "OLDEST"
    """Oldest first."""
    NEWEST = "NEWEST"
    """Newest first."""


@strawberry.enum
class OrderDirection(StrEnum):
    """Which end of an order comes first."""

    ASC = "ASC"
    """The smallest or oldest first."""
    DESC = "DESC"
    """The largest or newest first."""


@strawberry.enum
class ReplyOrderField(StrEnum):
    """What replies can be ordered by."""

    SEQUENCE = "SEQUENCE"
    """Their number in the discussion."""
    CREATED_AT = "CREATED_AT"
    """When they were written."""


@strawberry.input
class ReplyOrder:
    """How a flat list of replies is ordered."""

    field: ReplyOrderField
    """What the replies are ordered by."""
    direction: OrderDirection
    """Which end comes first."""


@strawberry.input
class DiscussionOrder:
    """How a list of discussions is ordered."""

    field: DiscussionOrderField
    """What the discussions are ordered by."""
    direction: OrderDirection
    """Which end comes first."""


@strawberry.input
class DiscussionFilter:
    """Which discussions are listed: those that match all given conditions."""

    category_id: strawberry.ID | None = UNSET
    """Only discussions of this category; null for those of none."""
    author_id: strawberry.ID | None = UNSET
    """Only discussions this person started."""
    locked: bool | None = UNSET
    """Only locked discussions, or only those that are not."""
    pinned: bool | None = UNSET
    """Only pinned discussions, or only those that are not."""


@strawberry.input
class FeedFilter:
    """Which events the feed brings: those that match all given conditions, by what was so when they happened.

    UserErased and CategoryChanged pass every filter, and UserChanged passes those of categories and discussions. An id
    that names nothing matches no other event.
    """

    kinds: list[EventKind] | None = UNSET
    """Only events of these kinds; all if omitted."""
    category_id: strawberry.ID | None = UNSET
    """Only events in discussions of this category, and moves into or out of it; null for discussions of none."""
    author_id: strawberry.ID | None = UNSET
    """Only events about posts of this person, or about the person."""
    discussion_ids: list[strawberry.ID] | None = UNSET
    """Only events in these discussions; at most 100."""
    to_viewer: bool | None = UNSET
    """Only events about posts that answer, quote or mention the viewer; without a token that is UNAUTHENTICATED."""


@strawberry.input
class SearchFilter:
    """Which posts a search finds: those that match all given conditions."""

    category_id: strawberry.ID | None = UNSET
    """Only posts in discussions of this category; null for discussions of none."""
    discussion_id: strawberry.ID | None = UNSET
    """Only posts of this discussion."""
    author_id: strawberry.ID | None = UNSET
    """Only posts this person wrote."""
    created_after: datetime | None = UNSET
    """Only posts written at this moment or later."""
    created_before: datetime | None = UNSET
    """Only posts written before this moment."""


@strawberry.input
class QuoteInput:
    """Words of another post that the body quotes.

    It is tied, by normalised text, to a blockquote of the body; one that fits none is put before the body under its
    attribution.
    """

    source_id: strawberry.ID
    """The post that is quoted: a reply, or a discussion for its opening post."""
    source_version: int | None = UNSET
    """The version of the source that is quoted; the current one if omitted.

    An earlier one counts for the source's author, for moderators, and with its `versionProof`; else the current one
    is meant.
    """
    version_proof: str | None = UNSET
    """The `versionProof` of the source at `sourceVersion`. It holds for 24 hours after that version was edited."""
    text: str
    """The quoted words."""


@strawberry.input
class IdempotentInput:
    """What the inputs of all writes that can be repeated have."""

    client_mutation_id: str | None = UNSET
    """A key of at most 128 characters: the same key again within 7 days repeats the answer, not the write."""


@strawberry.input
class StartDiscussionInput(IdempotentInput):
    """A new discussion."""

    title: str
    """What the discussion is about, in a line of plain text."""
    body: str
    """The opening post, in Markdown."""
    category_id: strawberry.ID | None = UNSET
    """The category it is put in."""
    quotes: list[QuoteInput] | None = UNSET
    """The sources of the quotes in the body."""


@strawberry.input
class EditDiscussionInput(IdempotentInput):
    """What changes in a discussion and its opening post; what is omitted stays as it is."""

    discussion_id: strawberry.ID
    """The discussion to edit."""
    expected_version: int
    """The version the edit was made from; if there is a newer one, the edit is refused with an EditConflict."""
    title: str | None = UNSET
    """The new title."""
    body: str | None = UNSET
    """The new opening post, in Markdown."""
    category_id: strawberry.ID | None = UNSET
    """The new category; null takes it out of any."""
    quotes: list[QuoteInput] | None = UNSET
    """The sources of the quotes in the new body; if omitted, those still present are kept."""


@strawberry.input
class DeleteDiscussionInput(IdempotentInput):
    """A discussion to delete."""

    discussion_id: strawberry.ID
    """The discussion to delete."""
    reason: str | None = UNSET
    """Why, in at most 500 characters, for its author and moderators."""


@strawberry.input
class RestoreDiscussionInput(IdempotentInput):
    """A deleted discussion to restore."""

    discussion_id: strawberry.ID
    """The discussion that comes back."""


@strawberry.input
class LockDiscussionInput(IdempotentInput):
    """A discussion to lock."""

    discussion_id: strawberry.ID
    """The discussion that takes no more replies."""


@strawberry.input
class UnlockDiscussionInput(IdempotentInput):
    """A discussion to unlock."""

    discussion_id: strawberry.ID
    """The discussion that takes replies again."""


@strawberry.input
class PinDiscussionInput(IdempotentInput):
    """A discussion to pin."""

    discussion_id: strawberry.ID
    """The discussion to pin."""
    reason: str | None = UNSET
    """Why, in at most 500 characters, for moderators."""


@strawberry.input
class UnpinDiscussionInput(IdempotentInput):
    """A discussion to unpin."""

    discussion_id: strawberry.ID
    """The discussion to unpin."""
    reason: str | None = UNSET
    """Why, in at most 500 characters, for moderators."""


@strawberry.input
class MoveDiscussionInput(IdempotentInput):
    """A discussion to move to another category."""

    discussion_id: strawberry.ID
    """The discussion to move."""
    category_id: strawberry.ID | None
    """The category it goes to; null takes it out of any."""
    reason: str | None = UNSET
    """Why, in at most 500 characters, for moderators."""


@strawberry.input
class RetitleDiscussionInput(IdempotentInput):
    """Another title of a discussion."""

    discussion_id: strawberry.ID
    """The discussion that gets another title."""
    title: str
    """What it is about, in a line of plain text."""
    expected_version: int
    """The version that the title is made for; if there is a newer one, it is refused with an EditConflict."""
    reason: str | None = UNSET
    """Why, in at most 500 characters, for moderators."""


@strawberry.input
class AddCategoryInput(IdempotentInput):
    """A new category."""

    slug: str
    """Its name in addresses: small letters and digits with hyphens between. It stays."""
    name: str
    """Its name for people."""
    description: str | None = UNSET
    """What belongs into it."""
    position: int = 0
    """Its place in lists: the lowest first, and of equal ones the oldest."""
    premoderated: bool = False
    """Whether all that is written in it is held for a moderator."""


@strawberry.input
class EditCategoryInput(IdempotentInput):
    """What changes in a category; what is omitted or null stays as it is."""

    category_id: strawberry.ID
    """The category to change."""
    name: str | None = UNSET
    """Its new name for people."""
    description: str | None = UNSET
    """What belongs into it; empty for nothing."""
    position: int | None = UNSET
    """Its new place in lists."""
    premoderated: bool | None = UNSET
    """Whether all that is written in it is held for a moderator."""


@strawberry.input
class RemovePostsInput(IdempotentInput):
    """What a person wrote, to be removed."""

    author_id: strawberry.ID
    """Who wrote it."""
    since: datetime | None = UNSET
    """What they wrote before this moment is left alone; all goes if omitted."""
    reason: str | None = UNSET
    """Why, in at most 500 characters, for the author and moderators."""
    dry_run: bool = False
    """Says how much would go, and removes nothing."""


@strawberry.input
class UndoInput(IdempotentInput):
    """An act of moderation to take back."""

    audit_entry_id: strawberry.ID
    """The entry of the act."""
    reason: str | None = UNSET
    """Why, in at most 500 characters, for moderators."""


@strawberry.input
class RecordViewInput:
    """A discussion that was opened by a reader."""

    discussion_id: strawberry.ID
    """The discussion that was opened."""
    client_mutation_id: str | None = UNSET
    """Text of at most 128 characters that the payload returns."""


@strawberry.input
class AddReplyInput(IdempotentInput):
    """A new reply."""

    discussion_id: strawberry.ID
    """The discussion to reply in."""
    reply_to_id: strawberry.ID | None = UNSET
    """The reply that is answered; the opening post if omitted."""
    body: str
    """The reply, in Markdown, with every quote it makes."""
    quotes: list[QuoteInput] | None = UNSET
    """The sources of the quotes in the body."""


@strawberry.input
class EditReplyInput(IdempotentInput):
    """The new text of a reply."""

    reply_id: strawberry.ID
    """The reply to edit."""
    expected_version: int
    """The version the edit was made from; if there is a newer one, the edit is refused with an EditConflict."""
    body: str
    """The new text, in Markdown."""
    quotes: list[QuoteInput] | None = UNSET
    """The sources of the quotes in the new body; if omitted, those still present are kept."""


@strawberry.input
class DeleteReplyInput(IdempotentInput):
    """A reply to delete."""

    reply_id: strawberry.ID
    """The reply to delete."""
    reason: str | None = UNSET
    """Why, in at most 500 characters, for its author and moderators."""


@strawberry.input
class RestoreReplyInput(IdempotentInput):
    """A deleted reply to restore."""

    reply_id: strawberry.ID
    """The reply that comes back."""


@strawberry.input
class WithdrawHeldPostInput(IdempotentInput):
    """A held post to take back."""

    held_post_id: strawberry.ID
    """The post that is not to be published."""


@strawberry.input
class SuspendUserInput(IdempotentInput):
    """A person who may read, and write nothing for a time. Of who is suspended already, it replaces end and reason."""

    user_id: strawberry.ID
    """Whom to suspend; nobody suspends themselves."""
    until: datetime | None = UNSET
    """When it ends by itself; without an end if omitted."""
    reason: str | None = UNSET
    """Why, of at most 500 characters: the person reads it, and so do moderators."""


@strawberry.input
class UnsuspendUserInput(IdempotentInput):
    """A suspended person who may write again."""

    user_id: strawberry.ID
    """Whose suspension ends."""
    reason: str | None = UNSET
    """Why, of at most 500 characters, for the audit log."""


@strawberry.input
class SetRoleInput(IdempotentInput):
    """What a person is from now on. A later token with `parley_role` changes it, and one without does not."""

    user_id: strawberry.ID
    """Who gets the role; guests get none, and nobody changes their own."""
    role: AuthorRole
    """MODERATOR, APPLICATION, or MEMBER to take such a role."""
    reason: str | None = UNSET
    """Why, of at most 500 characters, for the audit log."""


@strawberry.input
class PremoderateUserInput(IdempotentInput):
    """Whether all that a person writes is held until a moderator publishes it."""

    user_id: strawberry.ID
    """Whose posts are held."""
    premoderated: bool
    """Whether they are from now on."""
    reason: str | None = UNSET
    """Why, of at most 500 characters, for the audit log."""


@strawberry.input
class SetPresenceInput:
    """What a reader does in a discussion at this moment."""

    discussion_id: strawberry.ID
    """The discussion the reader is in."""
    typing: bool = False
    """Whether the reader is writing something; who has not signed in never is."""
    client_mutation_id: str | None = UNSET
    """Text of at most 128 characters that the payload returns."""


@strawberry.input
class SignInAsGuestInput:
    """Who a guest wants to be."""

    name: str
    """The name shown with what the guest writes."""
    client_mutation_id: str | None = UNSET
    """Text of at most 128 characters that the payload returns."""


@strawberry.input
class ReviewQueueFilter:
    """Which review items are listed: those that match all given conditions."""

    state: ReviewState | None = UNSET
    """Open or decided ones; open ones if omitted."""
    kind: ReviewKind | None = UNSET
    """Only those of this kind."""
    author_id: strawberry.ID | None = UNSET
    """Only those of what this person wrote."""
    claimed_by_me: bool | None = UNSET
    """If true, only those that the viewer has claimed."""


@strawberry.input
class AuditLogFilter:
    """Which entries of the audit log are listed: those that match all given conditions."""

    actions: list[AuditAction] | None = UNSET
    """Only these acts."""
    actor_id: strawberry.ID | None = UNSET
    """Only what this person did."""
    user_id: strawberry.ID | None = UNSET
    """Only what concerns this person."""
    discussion_id: strawberry.ID | None = UNSET
    """Only what was done in this discussion, or to it."""
    since: datetime | None = UNSET
    """Only what was done at this moment or later."""
    until: datetime | None = UNSET
    """Only what was done before this moment."""


@strawberry.input
class ReportPostInput(IdempotentInput):
    """A post to report to the moderators."""

    post_id: strawberry.ID
    """The reply, or the discussion for its opening post. What is reported is its present version."""
    reason: ReportReason
    """Why."""
    note: str | None = UNSET
    """What else moderators should know, in at most 500 characters. Only they read it."""


@strawberry.input
class ClaimReviewInput(IdempotentInput):
    """A review item to look at for ten minutes, so that other moderators leave it alone."""

    review_item_id: strawberry.ID
    """The review item."""
    release: bool | None = UNSET
    """True to leave it to others again."""


@strawberry.input
class DecideReviewInput(IdempotentInput):
    """What is decided of a review item."""

    review_item_id: strawberry.ID
    """The review item."""
    action: ReviewAction
    """PUBLISH or REJECT for what is held, DISMISS or DELETE_POST for what was reported."""
    expected_version: int
    """The version of the review item that the decision is about: with another one by now, it is a Conflict."""
    reason: str | None = UNSET
    """Why, in at most 500 characters, for the author and moderators."""
    suspend_author_until: datetime | None = UNSET
    """Suspends the author as well, until this moment and for the same reason; if omitted, they are not suspended."""
