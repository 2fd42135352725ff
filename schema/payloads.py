"""Payloads: what a mutation answers.

Each type's fields are written out below one of two bases that are no GraphQL types of their own.
"""

import strawberry

import resolvers.discussions
import resolvers.replies
from execution.batch import batch
from schema.discussions import Discussion
from schema.failures import MutationError
from schema.replies import Reply
from schema.threads import ThreadEdge
from schema.users import Viewer


@strawberry.type
class Payload:
    """What every mutation answers."""

    client_mutation_id: str | None
    """The clientMutationId of the input."""
    errors: list[MutationError]
    """Why nothing was changed; empty on success."""


@strawberry.type
class DiscussionPayload(Payload):
    """What a mutation of a discussion answers."""

    discussion: Discussion | None = batch(resolvers.discussions.of_payloads)
    """The discussion as it is now; null where the mutation failed."""


@strawberry.type
class ReplyPayload(Payload):
    """What a mutation of a reply answers."""

    reply: Reply | None = batch(resolvers.replies.of_payloads)
    """The reply as it is now; null where the mutation failed."""


@strawberry.type
class StartDiscussionPayload(DiscussionPayload):
    """What startDiscussion answers."""


@strawberry.type
class EditDiscussionPayload(DiscussionPayload):
    """What editDiscussion answers."""


@strawberry.type
class DeleteDiscussionPayload(DiscussionPayload):
    """What deleteDiscussion answers."""


@strawberry.type
class LockDiscussionPayload(DiscussionPayload):
    """What lockDiscussion answers."""


@strawberry.type
class UnlockDiscussionPayload(DiscussionPayload):
    """What unlockDiscussion answers."""


@strawberry.type
class RecordViewPayload(DiscussionPayload):
    """What recordView answers."""


@strawberry.type
class SetPresencePayload(DiscussionPayload):
    """What setPresence answers."""


@strawberry.type
class AddReplyPayload(ReplyPayload):
    """What addReply answers."""

    edge: ThreadEdge | None = batch(resolvers.replies.of_payloads)
    """The reply with its place in the thread; null where the mutation failed."""
    event_cursor: str | None
    """Where the event log stands right after the reply: follow from here and nothing is missed."""


@strawberry.type
class EditReplyPayload(ReplyPayload):
    """What editReply answers."""


@strawberry.type
class DeleteReplyPayload(ReplyPayload):
    """What deleteReply answers."""


@strawberry.type
class SignInAsGuestPayload(Payload):
    """What signInAsGuest answers."""

    token: str | None
    """The bearer token to send from now on; null where the mutation failed."""
    viewer: Viewer | None
    """The guest, as a viewer; null where the mutation failed."""
