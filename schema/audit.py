"""The audit log: what moderators did."""

from datetime import datetime

import strawberry

import resolvers.audit
import resolvers.held
import resolvers.reviews
from db.kinds import AuditAction
from execution.batch import batch
from schema.categories import Category
from schema.discussions import Discussion
from schema.held import HeldPost
from schema.pages import Connection, Node
from schema.posts import Post
from schema.reviews import ReviewItem
from schema.users import User


@strawberry.type
class AuditEntry(Node):
    """One act of moderation. Only moderators read it."""

    action: AuditAction
    """What was done."""
    actor: User | None = batch(resolvers.audit.actors)
    """Who did it; null for what the server did by itself, and once they are erased."""
    at: datetime
    """When."""
    user: User | None = batch(resolvers.audit.concerned)
    """Whom it concerns: the author, or the person whose rights changed."""
    discussion: Discussion | None = batch(resolvers.audit.discussions_of)
    """The discussion that it was done in, or to."""
    post: Post | None = batch(resolvers.audit.posts_of)
    """The post that it was done to, as it is now."""
    category: Category | None = batch(resolvers.audit.categories_of)
    """The category that it was done to."""
    review_item: ReviewItem | None = batch(resolvers.reviews.of_entries)
    """The review item that it decided."""
    held: HeldPost | None = batch(resolvers.held.of_entries)
    """The held post that it decided."""
    reason: str | None
    """Why; null if no reason was given, and once it is erased."""
    undoes: "AuditEntry | None" = batch(resolvers.audit.undone_entries)
    """The act that it takes back."""
    undone_by: "AuditEntry | None" = batch(resolvers.audit.undoing_entries)
    """The act that has taken it back; null if none has."""
    can_undo: bool = batch(resolvers.audit.can_be_undone)
    """Whether it can be taken back: by its kind, as it was not yet, and as its subject is still what it made of it."""
    total: int | None
    """Of an act on many posts, how many there are; else null."""
    done: int | None
    """Of an act on many posts, how many are done by now; else null."""
    skipped: int | None
    """Of an act on many posts, how many were left as they are, since somebody had changed them; else null."""


@strawberry.type
class AuditEntryConnection(Connection[AuditEntry]):
    """A page of the audit log."""
