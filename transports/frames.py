"""The results of one subscription as websocket frames, written at once if the server offers a way to.

Source: RFC 6455, section 5.2 "Base Framing Protocol". A server's frames have no mask, so frames of the same payload are
the same for all clients.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from execution.results import Burst, Item

TEXT = b"\x81"
"""The first byte of a text message in one frame."""


class FrameWriter(Protocol):
    """What `WebSocketProtocol` offers: a way to write frames that are encoded already."""

    def write_frames(self, data: bytes) -> bool:
        """Writes whole frames. Returns False if no more may be written before `frames_drained`, or ever."""

    async def frames_drained(self) -> None:
        """Waits until more may be written. Raises OSError if the client is gone."""

    def expect(self, text: bytes, received: Callable[[], None]) -> None:
        """Calls `received` instead of handing on the client's next message if that is this text, in one frame."""

    def waiting(self, size: int) -> AbstractContextManager[None]:
        """Counts bytes that wait to be written. Raises RequestRefused if too many wait for this client, or for all."""

    def abort(self) -> None:
        """Drops the connection and everything not sent yet."""


class Frames:
    """The sink of one subscription: writes each item in a `next` message of its operation."""

    __slots__ = ("_head", "_send", "_unsent", "_wait", "_write", "_writer")

    def __init__(
        self,
        head: bytes,
        writer: FrameWriter | None,
        send: Callable[[bytes], Awaitable[None]],
        wait: Callable[[FrameWriter], Awaitable[None]],
    ) -> None:
        """`head` is the message before an item's body. `send` sends one message if there is no `writer`."""
        self._head = head
        self._writer = writer
        self._write = None if writer is None else writer.write_frames
        self._send = send
        self._wait = wait
        self._unsent: Sequence[Item] = ()

    def begin(self, cursor: str) -> None:
        """Sends nothing: graphql-transport-ws has no message for a position."""

    def write(self, burst: Burst) -> bool:
        """See execution.streams.Sink."""
        if self._write is None:
            self._unsent = burst.items
            return False
        # Many clients number their operations alike, so the head is often the same.
        return self._write(burst.encodings.get(self._head) or burst.encoded(self._head, self._frames))

    async def drained(self) -> None:
        """See execution.streams.Sink."""
        unsent, self._unsent = self._unsent, ()
        for item in unsent:
            await self._send(b"%b%b}" % (self._head, item.body))
        if self._writer is not None:
            await self._wait(self._writer)

    def _frames(self, items: Sequence[Item]) -> bytes:
        head = self._head
        return b"".join(
            part for item in items for part in (_header(len(head) + len(item.body) + 1), head, item.body, b"}")
        )


def framed_text(text: bytes) -> bytes:
    """Returns a text message as one frame."""
    return _header(len(text)) + text


def _header(length: int) -> bytes:
    if length < 126:
        return TEXT + length.to_bytes(1, "big")
    if length < 65_536:
        return TEXT + b"\x7e" + length.to_bytes(2, "big")
    return TEXT + b"\x7f" + length.to_bytes(8, "big")
