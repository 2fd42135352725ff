"""Server-sent events: how results are written for graphql-sse's clients and for a browser's EventSource.

Sources: PROTOCOL.md of graphql-sse; HTML, section 9.2 "Server-sent events". Lines end with LF, which every parser
accepts; urql's accepts nothing else.
"""

import random
from collections.abc import Sequence
from typing import Any

import orjson

from execution.results import Item
from transports.negotiation import EVENT_STREAM
from transports.streams import HEADERS

RETRY_MILLISECONDS = (1_000, 5_000)
"""When an EventSource reconnects after its stream was cut: random for each, so that they do not reconnect together."""

COMPLETE = b"event: complete\ndata:\n\n"
"""With an empty `data`, without which EventSource dispatches no event."""


class EventStream:
    """The events of one subscription, in graphql-sse's distinct connections mode."""

    media_type = f"{EVENT_STREAM}; charset=utf-8"
    headers = HEADERS
    complete = COMPLETE
    # A comment without an empty line after it, which early versions of graphql-sse take for the end of a message.
    heartbeat = b":\n"

    def __init__(self, *, sends_retry: bool) -> None:
        """`sends_retry`: whether the client is told when to reconnect.

        EventSource uses GET, and alone reads it; graphql-sse uses POST, and early versions take it for an error.
        """
        self._sends_retry = sends_retry

    def opening(self) -> bytes:
        """Returns bytes that make the client, and proxies before it, see that the stream is open."""
        return b"retry: %d\n" % random.randint(*RETRY_MILLISECONDS) if self._sends_retry else self.heartbeat

    def items(self, items: Sequence[Item]) -> bytes:
        """Returns an event for each result, whose id is its cursor: EventSource resumes after it."""
        return b"".join(map(_event, items))

    def errors(self, errors: Sequence[dict[str, Any]], *, retry_seconds: int | None = None) -> bytes:
        """Returns an event with errors; if retrying may help after some seconds, EventSource is told when."""
        event = next_event(orjson.dumps({"errors": errors}))
        if self._sends_retry and retry_seconds is not None:
            return b"retry: %d\n%b" % (retry_seconds * 1000, event)
        return event


def _event(item: Item) -> bytes:
    if item.cursor is None:
        return next_event(item.body)
    return b"id: %b\nevent: next\ndata: %b\n\n" % (item.cursor.encode(), item.body)


def next_event(body: bytes) -> bytes:
    """Returns an event with a result after which no client can resume."""
    return b"event: next\ndata: %b\n\n" % body
