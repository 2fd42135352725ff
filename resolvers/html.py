"""What fills fields of HTML, as it is stored: its links on this site become absolute."""

from collections.abc import Sequence
from typing import Protocol

from resolvers.context import Context
from text.links import absolute


class _WithBody(Protocol):
    @property
    def body_html(self) -> str | None: ...


def of_bodies(rows: Sequence[_WithBody], context: Context) -> Sequence[str | None]:
    """The HTML of each post, quote or preview."""
    public_url = context.services.site.public_url
    return [html and absolute(html, public_url) for html in [row.body_html for row in rows]]
