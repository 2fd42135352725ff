"""Discussions: an opening post and what it led to."""

from datetime import datetime

import strawberry

import resolvers.categories
import resolvers.discussions
import resolvers.events
import resolvers.replies
import resolvers.threads
from execution.batch import batch
from schema.categories import Category
from schema.directives import semantic_non_null
from schema.events import DiscussionEventConnection
from schema.pages import BOTH_WAYS, ReplyConnection
from schema.posts import Post
from schema.replies import Reply
from schema.threads import THREAD, ThreadConnection


@strawberry.type
class Discussion(Post):
    """An opening post with its title, and the replies to it."""

    number: int
    """Its number for people: "discussion #12"."""
    title: str
    """What it is about, in a line of plain text."""
    category: Category | None = batch(resolvers.categories.of_discussions)
    """The category it is in."""
    view_count: int
    """How often it was opened, once per reader in 30 minutes."""
    reply_count: int
    """How many replies it lists at any depth: those that are visible, and tombstones above them."""
    participant_count: int
    """How many people have a visible post in it."""
    last_activity_at: datetime
    """When something was last written in it; a deletion leaves it."""
    locked: bool
    """Whether it takes no more replies."""
    pinned: bool
    """Whether a moderator has pinned it, for lists to show it before the others: see the filter `pinned`."""
    viewer_can_moderate: bool = batch(resolvers.discussions.viewer_can_moderate)
    """Whether the viewer may lock, pin, move and retitle it."""
    reply: Reply | None = batch(resolvers.replies.by_sequence, sequence="The reply's number in the discussion.")
    """The reply with this number; null if there is none."""
    replies: ReplyConnection = batch(resolvers.replies.of_discussions, **BOTH_WAYS)
    """Its listed replies as a flat list, by number or by time."""
    thread: ThreadConnection | None = semantic_non_null(batch(resolvers.threads.of_discussions, **THREAD))
    """Its listed replies in reading order: a reply, then its answers.

    Null with NOT_FOUND where `root`, `around` or `aroundSequence` names no reply of this discussion. With `around` the
    page is shifted at the ends of the thread; around a reply that is not listed it shows its nearest listed ancestor.
    """
    event_cursor: str = batch(resolvers.events.cursors_of_discussions)
    """The position in the event log that this response shows below this discussion.

    Follow from here and nothing is missed; what the stream brings again is merged by id and version. Follow from the
    first response's cursor, thereafter only from the stream's.
    """
    event_number: int
    """The number of the last event before eventCursor: the counts below this discussion are at least as new."""
    events: DiscussionEventConnection = batch(
        resolvers.events.of_discussions,
        after="The cursor that the page starts behind: an eventCursor, or that of an event.",
        first="How many at most; 20 if omitted, at most 100.",
    )
    """The same events as the subscription brings, for clients that poll."""
