"""Users and the viewer."""

from datetime import datetime

import strawberry

import resolvers.discussions
import resolvers.held
import resolvers.replies
import resolvers.sanctions
import resolvers.viewer
import resolvers.viewer_events
from db.kinds import AuthorRole
from execution.batch import batch
from schema.pages import FORWARD, DiscussionConnection, HeldPostConnection, Node, ReplyConnection
from schema.sanctions import Suspension


@strawberry.type
class User(Node):
    """A person who writes here."""

    handle: str
    """The name that is unique among all people, as in @ada."""
    name: str
    """The name shown with what the person writes."""
    avatar_url: str | None
    """The address of the person's picture."""
    is_guest: bool
    """Whether the person signed in as a guest: by a name alone."""
    role: AuthorRole
    """What the person is here."""
    created_at: datetime
    """When the person was first seen."""
    suspension: Suspension | None = batch(resolvers.sanctions.of_users)
    """Whether the person is suspended: for moderators and the person, null for all others and for who is not."""
    premoderated: bool | None = batch(resolvers.sanctions.premoderated)
    """Whether all that the person writes is held for a moderator: for moderators, null for all others."""
    replies: ReplyConnection = batch(resolvers.replies.of_users, **FORWARD)
    """The person's replies in all discussions, newest first."""
    discussions: DiscussionConnection = batch(resolvers.discussions.of_users, **FORWARD)
    """The discussions the person started, newest first."""


@strawberry.type
class Viewer:
    """The viewer."""

    id: strawberry.ID
    """The same for a person: for clients that keep objects by their ids. `node` does not take it."""
    user: User = batch(resolvers.viewer.users)
    """The viewer as others see them."""
    is_guest: bool = batch(resolvers.viewer.are_guests)
    """Whether the viewer signed in by signInAsGuest."""
    is_moderator: bool
    """Whether the viewer may also lock discussions and delete what others wrote. Not while they are suspended."""
    role: AuthorRole = batch(resolvers.viewer.roles)
    """What the viewer is here; also while they are suspended."""
    suspension: Suspension | None = batch(resolvers.sanctions.of_viewers)
    """That the viewer is suspended: they may read as before, and each mutation answers SUSPENDED. Null if not."""
    event_cursor: str = batch(resolvers.viewer_events.ends)
    """The end of the viewer's own log: follow `viewerEvents` from here and nothing is missed."""
    token_expires_at: datetime
    """When the viewer's bearer token expires."""
    held_posts: HeldPostConnection = batch(
        resolvers.held.of_viewers, **FORWARD, state="Only those in this state; all if omitted."
    )
    """What the viewer wrote that waits for a moderator, or waited, newest first."""
