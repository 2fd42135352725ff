"""Apollo's multipart subscriptions: how results are written as the parts of one answer.

Source: Apollo's «Multipart HTTP protocol for GraphQL subscriptions», subscriptionSpec 1.0.
"""

from collections.abc import Sequence
from typing import Any

import orjson

from execution.streams import Item
from transports.negotiation import MULTIPART
from transports.streams import HEADERS


def _part(content: bytes) -> bytes:
    return b"\r\nContent-Type: application/json\r\n\r\n%b\r\n--graphql" % content


class Multipart:
    """The parts of one subscription. Each brings the delimiter after it along, or the client would wait for more."""

    media_type = f'{MULTIPART}; boundary="graphql"; subscriptionSpec="1.0"'
    headers = HEADERS
    beat = _part(b"{}")
    # The two hyphens that make the last delimiter the end. Without them Apollo Client tells its page of a cut.
    complete = b"--\r\n"

    def opening(self) -> bytes:
        # Apollo Client looks for delimiters with a line's end before them, the first one too.
        return b"\r\n--graphql" + self.beat

    def items(self, items: Sequence[Item]) -> bytes:
        """Results: the stream goes on after them, whatever failed in them."""
        return b"".join([_part(b'{"payload":%b}' % item.body) for item in items])

    def errors(self, errors: Sequence[dict[str, Any]], *, retry_seconds: int | None = None) -> bytes:
        """What ends the stream: errors beside the payload rather than in it."""
        return _part(orjson.dumps({"payload": None, "errors": errors}))
