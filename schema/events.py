"""Events: what happens in a discussion, one by one."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

import resolvers.discussions
import resolvers.events
import resolvers.feed
import resolvers.posts
import resolvers.replies
from db.kinds import ResyncReason
from execution.batch import batch
from schema.pages import Edge, PageInfo
from schema.posts import Post
from schema.replies import Reply
from schema.threads import ThreadEdge

if TYPE_CHECKING:
    from schema.discussions import Discussion


@strawberry.interface
class StreamItem:
    """What a stream brings."""

    cursor: str
    """The position of the stream after this item: to resume, pass the last one handled as `after`."""


@strawberry.interface
class DiscussionStreamItem(StreamItem):
    """What `discussionEvents` brings: events, CaughtUp and ResyncRequired."""


@strawberry.interface
class FeedStreamItem(StreamItem):
    """What `feed` brings: FeedReply, CaughtUp and ResyncRequired."""


@strawberry.interface
class DiscussionEvent(DiscussionStreamItem):
    """Something that happened in a discussion; a replayed event shows its posts as they are now."""

    cursor: str = batch(resolvers.events.cursors)
    event_number: int
    """1, 2, 3 … without gaps in a discussion."""
    occurred_at: datetime
    """When it happened."""
    client_mutation_id: str | None = batch(resolvers.events.client_mutation_ids)
    """The clientMutationId of the mutation that caused it, for the person who sent it; null to everyone else."""
    discussion: Annotated["Discussion", strawberry.lazy("schema.discussions")] = batch(resolvers.discussions.of_events)
    """The discussion it happened in."""


@strawberry.type
class ReplyAdded(DiscussionEvent):
    """A reply was added."""

    reply: Reply = batch(resolvers.replies.of_events)
    """The new reply."""
    edge: ThreadEdge = batch(resolvers.replies.of_events)
    """The new reply with its place in the thread."""


@strawberry.type
class ReplyEdited(DiscussionEvent):
    """A reply was edited."""

    reply: Reply = batch(resolvers.replies.of_events)
    """The reply as it is now."""


@strawberry.type
class ReplyDeleted(DiscussionEvent):
    """A reply was deleted: a tombstone is left in its place."""

    reply: Reply = batch(resolvers.replies.of_events)
    """The tombstone."""


@strawberry.type
class DiscussionUpdated(DiscussionEvent):
    """The discussion itself changed: its title, its opening post, its category, or whether it is locked or deleted."""


@strawberry.type
class QuoteStatusChanged(DiscussionEvent):
    """The source of one or more quotes in a post was edited or deleted; there is one event per post that quotes."""

    post: Post = batch(resolvers.posts.of_events)
    """The post that quotes."""


@strawberry.type
class FeedReply(FeedStreamItem):
    """A reply was added in some discussion."""

    cursor: str = batch(resolvers.feed.cursors)
    event: ReplyAdded = batch(resolvers.feed.events)
    """What happened; its own cursor belongs to its discussion, that of this item to the feed."""


@strawberry.type
class CaughtUp(DiscussionStreamItem, FeedStreamItem):
    """All that had happened before has been brought: what follows is live."""


@strawberry.type
class ResyncRequired(DiscussionStreamItem, FeedStreamItem):
    """The last item of a stream that cannot go on: fetch the thread again and follow from its eventCursor."""

    reason: ResyncReason
    """Why the stream cannot go on."""


@strawberry.type
class DiscussionEventConnection:
    """A page of what happened in a discussion."""

    edges: list[Edge[DiscussionEvent]]
    """The events of the page, each with its cursor."""
    nodes: list[DiscussionEvent]
    """The events of the page by themselves."""
    page_info: PageInfo
    """The position of the page in the log; on an empty page endCursor is `after`."""
    resync_required: ResyncRequired | None
    """Set if the log cannot be continued from the cursor: fetch the thread again and go on from its eventCursor."""
