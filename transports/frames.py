"""A subscription's way to its client: its items as frames, written at once where the server lets us.

Source: RFC 6455, section 5.2 «Base Framing Protocol»; a server's frames carry no mask, so those with the same payload
are the same for everyone.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from execution.streams import Item

TEXT = b"\x81"
"""The first byte of a text message in one frame."""


class Writer(Protocol):
    """What `WebSocketProtocol` gives: a way to write frames that are built already."""

    def write_frames(self, data: bytes) -> bool:
        """Writes whole frames. False where no more may be written before `frames_drained`, or ever."""

    async def frames_drained(self) -> None:
        """Waits until more may be written. Raises OSError where nobody is there to read."""

    def expect(self, text: bytes, heard: Callable[[], None]) -> None:
        """Calls `heard` in place of handing on the client's next message that is this text, in one frame."""

    def abort(self) -> None:
        """Drops the connection, and what was not sent yet."""


class Frames:
    """The items of one subscription, with its operation id around them."""

    __slots__ = ("_head", "_send", "_unsent", "_wait", "_writer")

    def __init__(
        self,
        head: bytes,
        writer: Writer | None,
        send: Callable[[bytes], Awaitable[None]],
        wait: Callable[[Writer], Awaitable[None]],
    ) -> None:
        """`head`: what stands before each item's body. `send` sends one message where there is no `writer`."""
        self._head = head
        self._writer = writer
        self._send = send
        self._wait = wait
        self._unsent: Sequence[Item] = ()

    def write(self, items: Sequence[Item]) -> bool:
        """See execution.streams.Sink."""
        if self._writer is None:
            self._unsent = items
            return False
        return self._writer.write_frames(framed(self._head, items))

    async def drained(self) -> None:
        """See execution.streams.Sink."""
        unsent, self._unsent = self._unsent, ()
        for item in unsent:
            await self._send(b"%b%b}" % (self._head, item.body))
        if self._writer is not None:
            await self._wait(self._writer)


_last: tuple[Sequence[Item], dict[bytes, bytes]] = ((), {})
"""The items framed last, by what stood before them: many clients call their operations alike."""


def framed(head: bytes, items: Sequence[Item]) -> bytes:
    """The items as the frames of one write."""
    global _last  # noqa: PLW0603 - the memo of the burst that is being handed on, and of no other.
    if _last[0] is not items:
        _last = (items, {})
    found = _last[1].get(head)
    if found is None:
        found = _last[1][head] = b"".join(
            part for item in items for part in (_header(len(head) + len(item.body) + 1), head, item.body, b"}")
        )
    return found


def framed_text(text: bytes) -> bytes:
    """A text message as a frame."""
    return _header(len(text)) + text


def _header(length: int) -> bytes:
    if length < 126:
        return TEXT + length.to_bytes(1, "big")
    if length < 65_536:
        return TEXT + b"\x7e" + length.to_bytes(2, "big")
    return TEXT + b"\x7f" + length.to_bytes(8, "big")
