"""Payloads: what a mutation returns."""

import strawberry

import resolvers.audit
import resolvers.categories
import resolvers.discussions
import resolvers.held
import resolvers.replies
import resolvers.reviews
import resolvers.sanctions
from execution.batch import batch
from forum import categories, deletions, discussions, held, removals, replies, reviews, sanctions, undo
from forum.errors import DiscussionNotFound, RateLimited, Suspended
from forum.use_cases import errors_of
from forum.users import GUEST_ERRORS
from schema.audit import AuditEntry
from schema.categories import Category
from schema.discussions import Discussion
from schema.errors import MutationError, payload
from schema.held import HeldPost
from schema.pages import Edge
from schema.replies import Reply
from schema.reviews import ReviewItem
from schema.threads import ThreadEdge
from schema.users import User, Viewer


@strawberry.type
class Payload:
    """What every mutation returns."""

    client_mutation_id: str | None
    """The clientMutationId of the input."""
    errors: list[MutationError]
    """Why nothing was changed; empty on success."""


@strawberry.type
class WrittenPayload(Payload):
    """What a mutation that writes a body returns."""

    body_changed: bool
    """Whether the stored body differs from the one that was sent: show the stored one, and edit from it."""
    held: HeldPost | None = batch(resolvers.held.of_payloads)
    """What waits for a moderator in place of being published, as it is now; null if nothing held it."""


@strawberry.type
class NewPostPayload(WrittenPayload):
    """What a mutation that writes a new post returns."""

    repeated: bool
    """Whether an earlier mutation wrote it, and this one nothing: one with the same clientMutationId, or, where both
    have none, with the same words in the same place in the last minute."""


@strawberry.type
class EditPayload(WrittenPayload):
    """What an edit returns."""

    dropped_quote_ids: list[strawberry.ID]
    """The quotes of the version before that are gone, or have other words or another source: their ids then."""


@strawberry.type
class DiscussionPayload(Payload):
    """What a mutation of a discussion returns."""

    discussion: Discussion | None = batch(resolvers.discussions.of_payloads)
    """The discussion as it is now; null if the mutation failed, and of a new one that is held."""


@strawberry.type
class ReplyPayload(Payload):
    """What a mutation of a reply returns."""

    reply: Reply | None = batch(resolvers.replies.of_payloads)
    """The reply as it is now; null if the mutation failed, and of a new one that is held."""


@strawberry.type
class CategoryPayload(Payload):
    """What a mutation of a category returns."""

    category: Category | None = batch(resolvers.categories.of_payloads)
    """The category as it is now; null if the mutation failed."""


@payload(*errors_of(discussions.start_discussion))
class StartDiscussionPayload(DiscussionPayload, NewPostPayload):
    """What startDiscussion returns."""

    edge: Edge[Discussion] | None = batch(resolvers.discussions.edges_of_payloads)
    """The discussion with its cursor in a list by last activity; null if the mutation failed, or it is held."""


@payload(*errors_of(discussions.edit_discussion))
class EditDiscussionPayload(DiscussionPayload, EditPayload):
    """What editDiscussion returns."""


@payload(*errors_of(deletions.delete_discussion))
class DeleteDiscussionPayload(DiscussionPayload):
    """What deleteDiscussion returns."""


@payload(*errors_of(deletions.restore_discussion))
class RestoreDiscussionPayload(DiscussionPayload):
    """What restoreDiscussion returns."""


@payload(*errors_of(discussions.lock_discussion))
class LockDiscussionPayload(DiscussionPayload):
    """What lockDiscussion returns."""


@payload(*errors_of(discussions.unlock_discussion))
class UnlockDiscussionPayload(DiscussionPayload):
    """What unlockDiscussion returns."""


@payload(*errors_of(discussions.pin_discussion))
class PinDiscussionPayload(DiscussionPayload):
    """What pinDiscussion returns."""


@payload(*errors_of(discussions.unpin_discussion))
class UnpinDiscussionPayload(DiscussionPayload):
    """What unpinDiscussion returns."""


@payload(*errors_of(discussions.move_discussion))
class MoveDiscussionPayload(DiscussionPayload):
    """What moveDiscussion returns."""


@payload(*errors_of(discussions.retitle_discussion))
class RetitleDiscussionPayload(DiscussionPayload):
    """What retitleDiscussion returns."""


@payload(*errors_of(categories.add_category))
class AddCategoryPayload(CategoryPayload):
    """What addCategory returns."""


@payload(*errors_of(categories.edit_category))
class EditCategoryPayload(CategoryPayload):
    """What editCategory returns."""


@payload(*errors_of(removals.remove_posts))
class RemovePostsPayload(Payload):
    """What removePosts returns."""

    posts: int
    """How many posts of the person go, opening posts among them."""
    discussions: int
    """How many discussions that the person started go as a whole."""
    replies_of_others: int
    """How many replies of others go with these discussions."""
    audit_entry: AuditEntry | None = batch(resolvers.audit.of_payloads)
    """The act, which goes on: `total`, `done` and `skipped` say how far it is. Null if nothing is removed."""


@payload(*errors_of(undo.undo))
class UndoPayload(Payload):
    """What undo returns."""

    audit_entry: AuditEntry | None = batch(resolvers.audit.of_payloads)
    """The new act, which took back the other; null if the mutation failed."""


@payload(DiscussionNotFound)
class RecordViewPayload(DiscussionPayload):
    """What recordView returns."""


@payload(DiscussionNotFound, RateLimited, Suspended)
class SetPresencePayload(DiscussionPayload):
    """What setPresence returns."""


@strawberry.type
class UserPayload(Payload):
    """What a mutation of a person's rights returns."""

    user: User | None = batch(resolvers.sanctions.of_payloads)
    """The person as they are now; null if the mutation failed."""


@payload(*errors_of(sanctions.suspend_user))
class SuspendUserPayload(UserPayload):
    """What suspendUser returns."""


@payload(*errors_of(sanctions.unsuspend_user))
class UnsuspendUserPayload(UserPayload):
    """What unsuspendUser returns."""


@payload(*errors_of(sanctions.set_role))
class SetRolePayload(UserPayload):
    """What setRole returns."""


@payload(*errors_of(sanctions.premoderate_user))
class PremoderateUserPayload(UserPayload):
    """What premoderateUser returns."""


@payload(*errors_of(replies.add_reply))
class AddReplyPayload(ReplyPayload, NewPostPayload):
    """What addReply returns."""

    edge: ThreadEdge | None = batch(resolvers.replies.of_payloads)
    """The reply with its place in the thread; null if the mutation failed, or it is held."""
    event_cursor: str | None = batch(resolvers.replies.cursors_of_payloads)
    """Where the event log is right after the reply: follow from here and nothing is missed."""


@payload(*errors_of(replies.edit_reply))
class EditReplyPayload(ReplyPayload, EditPayload):
    """What editReply returns."""


@payload(*errors_of(deletions.delete_reply))
class DeleteReplyPayload(ReplyPayload):
    """What deleteReply returns."""


@payload(*errors_of(deletions.restore_reply))
class RestoreReplyPayload(ReplyPayload):
    """What restoreReply returns."""


@payload(*errors_of(held.withdraw_held_post))
class WithdrawHeldPostPayload(Payload):
    """What withdrawHeldPost returns."""

    held: HeldPost | None = batch(resolvers.held.of_payloads)
    """The post as it is now; null if the mutation failed."""


@payload(*GUEST_ERRORS)
class SignInAsGuestPayload(Payload):
    """What signInAsGuest returns."""

    token: str | None
    """The bearer token to send from now on; null if the mutation failed."""
    viewer: Viewer | None
    """The guest, as a viewer; null if the mutation failed."""


@payload(*errors_of(reviews.report_post))
class ReportPostPayload(Payload):
    """What reportPost returns."""

    reported: bool
    """Whether moderators have something new to look at; false if the viewer has reported this version already, or they
    have decided about it."""


@strawberry.type
class ReviewItemPayload(Payload):
    """What a mutation of a review item returns."""

    review_item: ReviewItem | None = batch(resolvers.reviews.of_payloads)
    """The review item as it is now; null if the mutation failed."""


@payload(*errors_of(reviews.claim_review))
class ClaimReviewPayload(ReviewItemPayload):
    """What claimReview returns."""


@payload(*errors_of(reviews.decide_review))
class DecideReviewPayload(ReviewItemPayload):
    """What decideReview returns."""
