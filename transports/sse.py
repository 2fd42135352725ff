"""Server-sent events: how results are written for graphql-sse's clients and for a browser's own EventSource.

Sources: PROTOCOL.md of graphql-sse; HTML, section 9.2 «Server-sent events». Lines end with LF, which every parser
takes; urql's takes nothing else.
"""

import random
from collections.abc import Sequence
from typing import Any

import orjson

from execution.streams import Item
from transports.negotiation import EVENT_STREAM
from transports.streams import HEADERS

RETRY_MILLISECONDS = (1_000, 5_000)
"""How soon an EventSource comes back after its stream was cut: drawn anew for each, so that they do not all at once."""

COMPLETE = b"event: complete\ndata:\n\n"
"""With an empty `data`, or EventSource would tell nobody of the event."""


class EventStream:
    """The frames of one subscription in distinct connections mode."""

    media_type = f"{EVENT_STREAM}; charset=utf-8"
    headers = HEADERS
    complete = COMPLETE
    # A comment without an empty line after it, which earlier clients of graphql-sse take for the end of a message.
    beat = b":\n"

    def __init__(self, *, tells_retry: bool) -> None:
        """`tells_retry`: whether the client is told how soon it may come back.

        EventSource asks by GET, and alone reads it; graphql-sse asks by POST, and earlier clients take it for a fault.
        """
        self._tells_retry = tells_retry

    def opening(self) -> bytes:
        """What makes the client, and the proxies before it, see that the stream is there."""
        return b"retry: %d\n" % random.randint(*RETRY_MILLISECONDS) if self._tells_retry else self.beat

    def items(self, items: Sequence[Item]) -> bytes:
        """Results, each of which EventSource goes on after when it comes back."""
        global _last  # noqa: PLW0603 - the memo of the burst that is being handed on, and of no other.
        if _last[0] is not items:
            _last = (items, b"".join(map(_event, items)))
        return _last[1]

    def errors(self, errors: Sequence[dict[str, Any]], *, retry_seconds: int | None = None) -> bytes:
        """What went wrong; where it is over in some seconds, EventSource comes back then."""
        told = next_event(orjson.dumps({"errors": errors}))
        if self._tells_retry and retry_seconds is not None:
            return b"retry: %d\n%b" % (retry_seconds * 1000, told)
        return told


_last: tuple[Sequence[Item], bytes] = ((), b"")
"""The items framed last: for everyone who hears them they are the same."""


def _event(item: Item) -> bytes:
    if item.cursor is None:
        return next_event(item.body)
    return b"id: %b\nevent: next\ndata: %b\n\n" % (item.cursor.encode(), item.body)


def next_event(body: bytes) -> bytes:
    """An event with a result that nobody comes back for."""
    return b"event: next\ndata: %b\n\n" % body
