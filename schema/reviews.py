"""Review items: what moderators have to decide, and what was decided."""

from datetime import datetime

import strawberry

import resolvers.audit
import resolvers.held
import resolvers.reviews
from db.kinds import AuditAction, ReportReason, ReviewKind, ReviewState
from execution.batch import batch
from schema.held import HeldPost
from schema.pages import FORWARD, Connection, Node
from schema.posts import Post
from schema.users import User


@strawberry.type
class Decision:
    """What a moderator decided."""

    action: AuditAction
    """What it was."""
    by: User | None = batch(resolvers.audit.actors)
    """Which moderator it was, for moderators; null to everyone else, and once they are erased."""
    reason: str | None
    """Why; null if no reason was given."""
    at: datetime
    """When."""


@strawberry.type
class Report(Node):
    """What somebody says against a post. Only moderators read it."""

    reporter: User | None = batch(resolvers.reviews.reporters)
    """Who reported it; null once they are erased."""
    reason: ReportReason
    """Why."""
    note: str | None
    """What else they say; null if nothing, and once they or the author are erased."""
    post_version: int
    """The version of the post that was reported."""
    at: datetime
    """When."""


@strawberry.type
class ReportConnection(Connection[Report]):
    """A page of the reports of a post."""


@strawberry.type
class ReviewItem(Node):
    """What moderators have to decide: a post that was reported, with all its reports, or one that is held.

    Only they see it. A decided one opens again if a newer version of the post is reported.
    """

    kind: ReviewKind
    """Why it is to be reviewed."""
    state: ReviewState
    """Whether it is decided."""
    post: Post | None = batch(resolvers.reviews.posts_of)
    """The reported post as it is now; null for what is held."""
    held: HeldPost | None = batch(resolvers.held.of_items)
    """The post that is held, or was; null for what was reported, and once its author is erased."""
    post_version: int | None
    """The version of the post that was reported first since the item was opened; null for what is held."""
    body: str | None = batch(resolvers.reviews.bodies)
    """What that version said, in Markdown, while the item is open, even if its author has changed or deleted it."""
    title: str | None = batch(resolvers.reviews.titles)
    """The title of the discussion in that version, if its opening post was reported; null if the item is not open."""
    author: User | None = batch(resolvers.reviews.authors)
    """Who wrote it; null once they are erased."""
    reports: ReportConnection = batch(resolvers.reviews.reports_of_items, **FORWARD)
    """All reports of the post, the oldest first, those included that were decided before."""
    report_count: int = batch(resolvers.reviews.report_counts)
    """How many reports there are, at most 10,000."""
    decision: Decision | None = batch(resolvers.reviews.decisions)
    """What was decided; null while it is open, and if its author withdrew what was held, or was erased."""
    claimed_by: User | None = batch(resolvers.reviews.claimants)
    """The moderator who looks at it now; null if nobody does. That stops nobody else from deciding."""
    claimed_until: datetime | None = batch(resolvers.reviews.claim_ends)
    """When the claim ends by itself; null if nobody has claimed it."""
    version: int
    """One more with each report and decision, but not with a claim: what decideReview names."""
    created_at: datetime
    """When it was opened, the last time."""
    updated_at: datetime
    """When it last changed."""


@strawberry.type
class ReviewItemConnection(Connection[ReviewItem]):
    """A page of review items."""
