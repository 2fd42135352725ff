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
COMMENT = b":\n"
"""Without an empty line after it, which early versions of graphql-sse take for the end of a message."""


class EventStream:
    """The events of one subscription, in graphql-sse's distinct connections mode."""

    media_type = f"{EVENT_STREAM}; charset=utf-8"
    headers = HEADERS
    complete = COMPLETE

    def __init__(self, *, is_event_source: bool) -> None:
        """`is_event_source`: whether the client is an EventSource, which uses GET.

        It alone is told when to reconnect, and gets events of other names than graphql-sse's, which uses POST and takes
        both for an error.
        """
        self._is_event_source = is_event_source

    def opening(self) -> bytes:
        """Returns bytes that make the client, and proxies before it, see that the stream is open."""
        return b"retry: %d\n" % random.randint(*RETRY_MILLISECONDS) if self._is_event_source else COMMENT

    def heartbeat(self, cursor: str | None) -> bytes:
        """Returns a sign that the stream is alive: for EventSource an event, which its page can see, with the position.

        Its `data` is empty, as that of `complete`.
        """
        if not self._is_event_source:
            return COMMENT
        position = b"" if cursor is None else b"id: %b\n" % cursor.encode()
        return position + b"event: heartbeat\ndata:\n\n"

    def position(self, cursor: str) -> bytes:
        """Returns the stream's position as an id, so that a client that is cut before the first event resumes there.

        For EventSource it is that of an event of its own without data. A block with nothing but an id would do for
        browsers, but not for the npm package eventsource; other events are an error to graphql-sse, which reads no ids.
        """
        if self._is_event_source:
            return b"id: %b\nevent: position\ndata:\n\n" % cursor.encode()
        return b"id: %b\n" % cursor.encode()

    def items(self, items: Sequence[Item]) -> bytes:
        """Returns an event for each result, whose id is its cursor: EventSource resumes after it."""
        return b"".join(map(_event, items))

    def errors(self, errors: Sequence[dict[str, Any]], *, retry_seconds: int | None = None) -> bytes:
        """Returns an event with errors; if retrying may help after some seconds, EventSource is told when."""
        event = next_event(orjson.dumps({"errors": errors}))
        if self._is_event_source and retry_seconds is not None:
            return b"retry: %d\n%b" % (retry_seconds * 1000, event)
        return event


def _event(item: Item) -> bytes:
    if item.cursor is None:
        return next_event(item.body)
    return b"id: %b\nevent: next\ndata: %b\n\n" % (item.cursor.encode(), item.body)


def next_event(body: bytes) -> bytes:
    """Returns an event with a result after which no client can resume."""
    return b"event: next\ndata: %b\n\n" % body
