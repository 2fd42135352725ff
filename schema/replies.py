"""Replies: the answers in a discussion."""

import strawberry

import resolvers.replies
from execution.batch import batch
from schema.pages import BOTH_WAYS, ReplyConnection
from schema.posts import Post


@strawberry.type
class Reply(Post):
    """An answer in a discussion, to its opening post or to another reply."""

    sequence: int
    """Its number in the discussion: dense, never reused; "reply #17"."""
    path: list[int]
    """The sequences from the top-level answer down to this one, as in [3, 17, 42]; never changes.

    Compared as lists of numbers, paths give the reading order of a thread (for NEWEST, negate each number), and a
    prefix is an ancestor: so a follower knows where a new reply goes.
    """
    reply_to: "Reply | None" = batch(resolvers.replies.answered)
    """The reply it answers; null if it answers the opening post."""
    ancestors: list["Reply"] = batch(resolvers.replies.ancestors)
    """The replies above it, from the top-level answer down to the one it answers."""
    depth: int
    """How many replies are above it: 0 for an answer to the opening post."""
    replies: ReplyConnection = batch(resolvers.replies.of_replies, **BOTH_WAYS)
    """Its listed direct answers."""
    reply_count: int
    """How many direct answers it lists: those that are visible, and tombstones above visible ones."""
    descendant_count: int
    """How many replies are listed below it at any depth."""
    legacy_url: str | None = batch(resolvers.replies.legacy_urls)
    """Where it stood before an import; null if it was written here."""


@strawberry.type
class ReplyCounts:
    """How many listed replies a reply has: to set, not to add."""

    node_id: strawberry.ID = strawberry.field(name="id")
    """The id of the reply."""
    reply_count: int
    """How many direct answers it lists."""
    descendant_count: int
    """How many replies are listed below it at any depth."""
