"""What a post would read like."""

import strawberry

from schema.failures import MutationError
from schema.scalars import Html


@strawberry.type
class Preview:
    """A post that nobody has written yet. It counts as a write towards the limits of who asks."""

    body: str | None
    """Its Markdown with the quotes put before it that it lacks; null where it would be refused."""
    body_html: Html | None
    """Its body as HTML, as readers would see it; null where it would be refused."""
    errors: list[MutationError]
    """Why it would be refused; empty where it would not."""
