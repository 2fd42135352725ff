"""Events: what happens in a discussion, one by one."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

import resolvers.categories
import resolvers.discussions
import resolvers.events
import resolvers.feed
import resolvers.posts
import resolvers.replies
import resolvers.users
from db.kinds import DiscussionChange, ResyncReason
from execution.batch import batch
from schema.categories import Category
from schema.pages import Edge, PageInfo
from schema.posts import Post
from schema.replies import Reply, ReplyCounts
from schema.threads import ThreadEdge
from schema.users import User

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
    """What `feed` brings: FeedItem, CaughtUp and ResyncRequired."""


@strawberry.interface
class ModerationStreamItem(StreamItem):
    """What `moderationEvents` brings: what there is to decide and was done, CaughtUp and ResyncRequired."""


@strawberry.interface
class ViewerStreamItem(StreamItem):
    """What `viewerEvents` brings: what concerns the viewer alone, CaughtUp and ResyncRequired."""


@strawberry.interface
class LogEvent(StreamItem):
    """Something that happened, in the log of a discussion or of the site; a replayed event shows what is so now."""

    cursor: str = batch(resolvers.events.cursors)
    """The position of its own log after it."""
    event_number: int
    """1, 2, 3 … without gaps in its log."""
    occurred_at: datetime
    """When it happened."""
    client_mutation_id: str | None = batch(resolvers.events.client_mutation_ids)
    """The clientMutationId of the mutation that caused it, for the person who sent it; null to everyone else."""


@strawberry.interface
class DiscussionEvent(LogEvent, DiscussionStreamItem):
    """Something that happened in a discussion; a replayed event shows its posts as they are now."""

    discussion: Annotated["Discussion", strawberry.lazy("schema.discussions")] = batch(resolvers.discussions.of_events)
    """The discussion it happened in."""


@strawberry.interface
class SiteEvent(LogEvent):
    """Something that happened to a person or a category."""


@strawberry.type
class DiscussionStarted(DiscussionEvent):
    """A discussion was started: the first event of its log."""


@strawberry.type
class ReplyAdded(DiscussionEvent):
    """A reply was added."""

    reply: Reply = batch(resolvers.replies.of_events)
    """The new reply."""
    edge: ThreadEdge = batch(resolvers.replies.of_events)
    """The new reply with its place in the thread."""
    edges: list[ThreadEdge] = batch(resolvers.replies.edges_of_events)
    """Those that lists show now, of the reply and those above it, from the top down: a reply that was held may be
    published below tombstones, which lists did not show before."""
    ancestors: list[ReplyCounts] = batch(resolvers.replies.ancestors_of_events)
    """The counts of the replies above it as they are now, from the top-level answer down."""


@strawberry.type
class ReplyEdited(DiscussionEvent):
    """A reply was edited."""

    reply: Reply = batch(resolvers.replies.of_events)
    """The reply as it is now."""


@strawberry.type
class ReplyDeleted(DiscussionEvent):
    """A reply was deleted: a tombstone is left in its place, which lists show while something below it can be read."""

    reply: Reply = batch(resolvers.replies.of_events)
    """The tombstone."""
    unlisted: list[strawberry.ID] = batch(resolvers.replies.unlisted_of_events)
    """The ids of those that lists do not show now, of the reply and those above it: take them out of the thread."""
    ancestors: list[ReplyCounts] = batch(resolvers.replies.ancestors_of_events)
    """The counts of the replies above it as they are now, from the top-level answer down."""


@strawberry.type
class ReplyRestored(DiscussionEvent):
    """A deleted reply was restored."""

    reply: Reply = batch(resolvers.replies.of_events)
    """The reply as it is now."""
    edge: ThreadEdge = batch(resolvers.replies.of_events)
    """The reply with its place in the thread."""
    edges: list[ThreadEdge] = batch(resolvers.replies.edges_of_events)
    """Those that lists show now, of the reply and those above it, from the top down: put them into the thread."""
    ancestors: list[ReplyCounts] = batch(resolvers.replies.ancestors_of_events)
    """The counts of the replies above it as they are now, from the top-level answer down."""


@strawberry.type
class PostChanged(DiscussionEvent):
    """A post shows something else without a new version: an erasure has taken words or names out of it."""

    post: Post = batch(resolvers.posts.of_events)
    """The post as it is now."""


@strawberry.type
class DiscussionUpdated(DiscussionEvent):
    """The discussion itself changed."""

    changes: list[DiscussionChange]
    """What changed; empty for events of before there was this field."""


@strawberry.type
class QuoteStatusChanged(DiscussionEvent):
    """The source of quotes in a post was edited, deleted or restored; there is one event per post that quotes."""

    post: Post = batch(resolvers.posts.of_events)
    """The post that quotes."""


@strawberry.type
class UserChanged(SiteEvent):
    """A person's name, picture or role changed."""

    user: User | None = batch(resolvers.users.of_events)
    """The person as they are now; null if they are gone."""


@strawberry.type
class UserErased(SiteEvent):
    """A person was erased: those who keep copies delete what names the person, and the person's words."""

    user_id: strawberry.ID = batch(resolvers.users.ids_of_events)
    """The id of the person, whose posts no longer have an author."""


@strawberry.type
class CategoryChanged(SiteEvent):
    """A category was made or changed."""

    category_id: strawberry.ID = batch(resolvers.categories.ids_of_events)
    """Its id."""
    category: Category | None = batch(resolvers.categories.of_events)
    """The category as it is now; null if it is gone."""


@strawberry.type
class FeedItem(FeedStreamItem):
    """Something that happened in a discussion or to the site, at its place in the feed."""

    cursor: str = batch(resolvers.feed.cursors)
    event: LogEvent = batch(resolvers.feed.events)
    """What happened; its own cursor belongs to its log, that of this item to the feed."""


@strawberry.type
class CaughtUp(DiscussionStreamItem, FeedStreamItem, ModerationStreamItem, ViewerStreamItem):
    """All that had happened before has been brought: what follows is live."""


@strawberry.type
class ResyncRequired(DiscussionStreamItem, FeedStreamItem, ModerationStreamItem, ViewerStreamItem):
    """The last item of a stream that cannot resume: fetch again what it keeps, and follow from the cursor of that."""

    reason: ResyncReason
    """Why the stream cannot resume."""


@strawberry.type
class FeedConnection:
    """A page of the feed."""

    edges: list[Edge[FeedItem]]
    """The items of the page, each with its cursor."""
    nodes: list[FeedItem]
    """The items of the page by themselves."""
    page_info: PageInfo
    """The position of the page in the feed; endCursor is past what the filter left out, so continue from it."""
    resync_required: ResyncRequired | None
    """Set if the feed cannot be continued from the cursor: fetch everything again, beginning with feedCursor."""


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
    """Set if the log cannot be continued from the cursor: fetch the thread again and resume from its eventCursor."""
