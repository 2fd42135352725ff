"""Held posts: what waits for a moderator before others read it."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

import resolvers.held
import resolvers.html
from db.kinds import HeldKind, HeldState, HoldReason
from execution.batch import batch
from schema.categories import Category
from schema.pages import Node
from schema.scalars import Html

if TYPE_CHECKING:
    from schema.discussions import Discussion
    from schema.posts import Post
    from schema.replies import Reply
    from schema.reviews import Decision
    from schema.users import User


@strawberry.type
class HeldPost(Node):
    """A new reply, a new discussion or an edit that waits for a moderator, or waited.

    Its author and moderators can read it, and nobody else.
    """

    kind: HeldKind
    """What is held."""
    state: HeldState
    """What became of it."""
    discussion: Annotated["Discussion", strawberry.lazy("schema.discussions")] | None = batch(
        resolvers.held.its_discussions
    )
    """The discussion it is in; of a new discussion, what it became once it is published."""
    reply_to: Annotated["Reply", strawberry.lazy("schema.replies")] | None = batch(resolvers.held.answered)
    """The reply that it answers; null if it answers the opening post."""
    edits: Annotated["Post", strawberry.lazy("schema.posts")] | None = batch(resolvers.held.edited)
    """The post that it edits, as it is now; null for a new post."""
    reply: Annotated["Reply", strawberry.lazy("schema.replies")] | None = batch(resolvers.held.published)
    """The reply that it became; null until it is published, and for all but new replies."""
    title: str | None
    """The title of a new discussion, or the new one of an edited discussion."""
    body: str
    """Its Markdown source."""
    body_html: Html = batch(resolvers.html.of_bodies)
    """Its body as HTML, as in `Post.bodyHtml`."""
    author: Annotated["User", strawberry.lazy("schema.users")] = batch(resolvers.held.authors)
    """Who wrote it."""
    reasons: list[HoldReason]
    """Why it is held."""
    category: Category | None = batch(resolvers.held.categories)
    """The category that a new discussion is put in, or that an edit moves it to."""
    created_at: datetime
    """When it was written."""
    decision: Annotated["Decision", strawberry.lazy("schema.reviews")] | None = batch(resolvers.held.decisions)
    """What was decided; null while it is held, and if its author withdrew it."""
