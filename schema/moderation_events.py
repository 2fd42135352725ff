"""What the stream of moderation brings."""

import strawberry

import resolvers.moderation_events
import resolvers.reviews
from execution.batch import batch
from schema.audit import AuditEntry
from schema.events import ModerationStreamItem
from schema.reviews import ReviewItem


@strawberry.type
class ReviewItemOpened(ModerationStreamItem):
    """There is something to decide."""

    cursor: str = batch(resolvers.moderation_events.cursors)
    review_item: ReviewItem = batch(resolvers.reviews.of_events)
    """The review item as it is now."""


@strawberry.type
class ReviewItemChanged(ModerationStreamItem):
    """A review item was reported again, claimed, released or decided."""

    cursor: str = batch(resolvers.moderation_events.cursors)
    review_item: ReviewItem = batch(resolvers.reviews.of_events)
    """The review item as it is now."""


@strawberry.type
class AuditEntryAdded(ModerationStreamItem):
    """A moderator did something."""

    cursor: str = batch(resolvers.moderation_events.cursors)
    entry: AuditEntry = batch(resolvers.moderation_events.entries)
    """What it was, as it is now."""
