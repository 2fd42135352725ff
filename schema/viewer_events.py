"""What the stream of one person brings."""

import strawberry

import resolvers.viewer_events
from execution.batch import batch
from schema.events import ViewerStreamItem
from schema.held import HeldPost
from schema.posts import Post
from schema.reviews import Decision


@strawberry.type
class DecisionMade(ViewerStreamItem):
    """A moderator has decided about something of the viewer: what they wrote, or their suspension."""

    cursor: str = batch(resolvers.viewer_events.cursors)
    decision: Decision = batch(resolvers.viewer_events.decisions)
    """What was decided, and why."""
    post: Post | None = batch(resolvers.viewer_events.posts_of)
    """The post that it is about, as it is now, or that the held one became; null if there is none."""
    held: HeldPost | None = batch(resolvers.viewer_events.held_of)
    """The held post that it is about; null if it is about something else."""
