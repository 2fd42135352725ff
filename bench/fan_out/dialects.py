"""What followers send and receive, byte by byte: bare frames, websockets with and without GraphQL, event streams."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import orjson

from bench.load import BadAnswer

QUERY = Path(__file__).with_name("follow.graphql").read_text()
_PATH = "/graphql"
_KEY = base64.b64encode(b"parley follower!").decode()
_TEXT, _SHORT_LENGTH = 0x81, 126
_PING, _PONG = b'{"type":"ping"}', b'{"type":"pong"}'


@dataclass(frozen=True, slots=True)
class Follow:
    """What one follower asks for, and whom."""

    host: str
    port: int
    discussion: str = "D_1"
    after: str | None = None

    @property
    def operation(self) -> dict[str, Any]:
        return {"query": QUERY, "variables": {"discussionId": self.discussion, "after": self.after}}


class Step(NamedTuple):
    """What a follower sends, and how long the answer is with which some bytes begin."""

    send: bytes
    length: Callable[[bytes], int | None]
    """None while it is not whole. Raises BadAnswer for another answer than the one expected."""


class Split(NamedTuple):
    """What some bytes from a server hold."""

    events: list[bytes]
    rest: bytes
    """The beginning of what is not whole yet."""
    pinged: bool


class Dialect(Protocol):
    """How a follower begins, and how it decodes what it receives."""

    pong: bytes
    """What answers pings."""

    def opening(self, follow: Follow) -> list[Step]:
        """What it sends until it follows."""

    def split(self, data: bytes) -> Split:
        """The events in what it receives, without what is around them. Raises BadAnswer."""

    def answer(self, event: bytes) -> Any:
        """What an event says, decoded."""


class Frames:
    """Frames of a websocket from the first byte on, without a handshake."""

    pong = b""

    def opening(self, follow: Follow) -> list[Step]:
        return []

    def split(self, data: bytes) -> Split:
        events: list[bytes] = []
        pinged = False
        at = 0
        while end := _frame_end(data, at):
            if data[at] != _TEXT:
                raise BadAnswer(f"A frame that is no text: {data[at:end]!r}")
            if data[at + 2 : end] == _PING:
                pinged = True
            else:
                events.append(data[at:end])
            at = end
        return Split(events, data[at:], pinged)

    def answer(self, event: bytes) -> Any:
        return orjson.loads(event[4:] if event[1] == _SHORT_LENGTH else event[2:]).get("payload")


class WebSocket(Frames):
    """A websocket that sends to every client, without a subscription."""

    def opening(self, follow: Follow) -> list[Step]:
        return [Step(_upgrade(follow), _upgraded)]


class GraphQLWebSocket(Frames):
    """graphql-transport-ws."""

    def __init__(self) -> None:
        self.pong = _masked(_PONG)

    def opening(self, follow: Follow) -> list[Step]:
        subscribe = {"id": "1", "type": "subscribe", "payload": follow.operation}
        return [
            Step(_upgrade(follow, "Sec-WebSocket-Protocol: graphql-transport-ws\r\n"), _upgraded),
            Step(_masked(b'{"type":"connection_init"}'), _acknowledged),
            Step(_masked(orjson.dumps(subscribe)), lambda _data: 0),
        ]


class EventStream:
    """Server-sent events over HTTP, as the distinct connections of graphql-sse."""

    pong = b""

    def opening(self, follow: Follow) -> list[Step]:
        body = orjson.dumps(follow.operation)
        head = (
            f"POST {_PATH} HTTP/1.1\r\nHost: {follow.host}:{follow.port}\r\nContent-Type: application/json\r\n"
            f"Accept: text/event-stream\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return [Step(head.encode() + body, _streaming)]

    def split(self, data: bytes) -> Split:
        events: list[bytes] = []
        while True:
            size, line_end, rest = data.partition(b"\r\n")
            length = int(size, 16) if line_end else len(rest)
            if not line_end or len(rest) < length + 2:
                return Split(events, data, pinged=False)
            # Each chunk holds whole blocks. Those without data, and lines of a colon or a position, say nothing.
            blocks = rest[:length].split(b"\n\n")
            if any(not line.startswith((b":", b"id: ")) for line in blocks.pop().splitlines()):
                raise BadAnswer(f"A chunk ends within a block: {rest[:length]!r}")
            events += [block for block in blocks if b"data:" in block]
            data = rest[length + 2 :]

    def answer(self, event: bytes) -> Any:
        _, _, data = event.partition(b"data:")
        return orjson.loads(data)


def _frame_end(data: bytes, at: int) -> int | None:
    """Where the frame that begins there ends; None where it is not whole."""
    if len(data) - at < 4:
        return None
    length, head = data[at + 1], 2
    if length > _SHORT_LENGTH:
        raise BadAnswer(f"A frame of more than 64 KiB, or a masked one: {data[at : at + 10]!r}")
    if length == _SHORT_LENGTH:
        length, head = int.from_bytes(data[at + 2 : at + 4], "big"), 4
    end = at + head + length
    return end if end <= len(data) else None


def _masked(message: bytes) -> bytes:
    """A client's text frame, under a mask of zeros."""
    short = len(message) < _SHORT_LENGTH
    length = bytes([0x80 | len(message)]) if short else b"\xfe" + len(message).to_bytes(2, "big")
    return bytes([_TEXT]) + length + bytes(4) + message


def _upgrade(follow: Follow, more: str = "") -> bytes:
    return (
        f"GET {_PATH} HTTP/1.1\r\nHost: {follow.host}:{follow.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {_KEY}\r\n{more}\r\n"
    ).encode()


def _upgraded(data: bytes) -> int | None:
    return _head(data, b"HTTP/1.1 101 ")


def _acknowledged(data: bytes) -> int | None:
    end = _frame_end(data, 0)
    if end is not None and b'"connection_ack"' not in data[:end]:
        raise BadAnswer(f"No acknowledgement: {data[:end]!r}")
    return end


def _streaming(data: bytes) -> int | None:
    length = _head(data, b"HTTP/1.1 200 ")
    if length is not None and b"text/event-stream" not in data[:length]:
        raise BadAnswer(f"No event stream: {data!r}")
    return length


def _head(data: bytes, status: bytes) -> int | None:
    """The length of the head of an answer with this status."""
    if not data.startswith(status[: len(data)]):
        raise BadAnswer(data.decode(errors="replace"))
    head, end, _ = data.partition(b"\r\n\r\n")
    return len(head) + len(end) if end else None
