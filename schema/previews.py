"""What a post would look like."""

import resolvers.html
from execution.batch import batch
from forum.errors import RateLimited
from forum.replies import DRAFT_ERRORS
from schema.errors import MutationError, payload
from schema.scalars import Html


@payload(RateLimited, *DRAFT_ERRORS)
class Preview:
    """A post that is not written yet. It counts as a write towards the viewer's limits."""

    body: str | None
    """Its Markdown, with the requested quotes put before it that it lacks; null if it would be refused."""
    body_html: Html | None = batch(resolvers.html.of_bodies)
    """Its body as HTML, as readers would see it; null if it would be refused."""
    errors: list[MutationError]
    """Why it would be refused; empty if it would not."""
