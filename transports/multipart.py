"""Apollo's multipart subscriptions: how results are written as the parts of one response.

Source: Apollo's "Multipart HTTP protocol for GraphQL subscriptions", subscriptionSpec 1.0.
"""

from collections.abc import Sequence
from typing import Any

import orjson

from execution.results import Item
from transports.negotiation import MULTIPART
from transports.streams import HEADERS


def _part(content: bytes) -> bytes:
    return b"\r\nContent-Type: application/json\r\n\r\n%b\r\n--graphql" % content


EMPTY = _part(b"{}")
"""What Apollo Client takes for a sign of life."""


class Multipart:
    """The parts of one subscription. Each includes the delimiter after it, or the client would wait for more."""

    media_type = f'{MULTIPART}; boundary="graphql"; subscriptionSpec="1.0"'
    headers = HEADERS
    # The two hyphens make the last delimiter the end. Without them Apollo Client reports a cut to its page.
    complete = b"--\r\n"

    def opening(self) -> bytes:
        """Returns the first delimiter. Apollo Client looks for it after a line's end."""
        return b"\r\n--graphql" + EMPTY

    def heartbeat(self, _cursor: str | None) -> bytes:
        """Returns an empty part, without the position: Apollo Client can't resume."""
        return EMPTY

    def position(self, _cursor: str) -> bytes:
        """Returns nothing: Apollo Client can't resume."""
        return b""

    def items(self, items: Sequence[Item]) -> bytes:
        """Returns a part for each result. The stream goes on after them, whatever errors they have."""
        return b"".join([_part(b'{"payload":%b}' % item.body) for item in items])

    def errors(self, errors: Sequence[dict[str, Any]], *, retry_seconds: int | None = None) -> bytes:
        """Returns the errors that end the stream: beside the payload rather than in it."""
        return _part(orjson.dumps({"payload": None, "errors": errors}))
