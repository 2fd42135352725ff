"""The answer to one subscription over plain HTTP."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

from execution.operation import RequestRefused, StreamEnded, request_error
from execution.streams import Item, Sink
from transports.streams import Framing, Stream, Streams, refusal

Hold = Callable[[Callable[[str], None]], Callable[[], None]]
MAX_UNSENT_BYTES = 65_536
"""How much may wait for a client before it is left to itself until it has taken that."""


class SubscriptionResponse(Stream):
    """The answer to one subscription, and the sink that it is delivered to."""

    def __init__(
        self,
        framing: Framing,
        deliver: Callable[[Sink], Awaitable[None]],
        streams: Streams,
        *,
        address: str,
        hold: Hold,
    ) -> None:
        """`deliver` brings the results to a sink until there are no more. Raises RequestRefused and StreamEnded.

        `hold`: by what rights, as Context.hold has it.
        """
        super().__init__(framing, streams, address=address)
        self._hold = hold
        self._deliver = deliver
        self._unsent = bytearray()
        self._filled = asyncio.Event()
        self._emptied = asyncio.Event()
        self._emptied.set()

    def write(self, items: Sequence[Item]) -> bool:
        """See execution.streams.Sink."""
        body = self._framing.items(items)
        # Where nothing waits before it, nor is on its way through `_write`, it is written at once.
        is_next = self._emptied.is_set() and not self._ending.done()
        if is_next and self._writer is not None and self._writer.write_chunk(_chunk(body)):
            return True
        self._unsent += body
        self._emptied.clear()
        self._filled.set()
        return len(self._unsent) < MAX_UNSENT_BYTES

    async def drained(self) -> None:
        """See execution.streams.Sink. Where nobody reads any more, this task is cancelled."""
        await self._emptied.wait()

    def _works(self) -> Sequence[Coroutine[Any, Any, None]]:
        return [self._follow(), self._pump(), self._beat()]

    async def _pump(self) -> None:
        """Sends what was written meanwhile, all at once."""
        while True:
            await self._filled.wait()
            self._filled.clear()
            body = bytes(self._unsent)
            self._unsent.clear()
            await self._write(body)
            if not self._unsent:
                self._emptied.set()

    async def _follow(self) -> None:
        """Has the results delivered, and tells how they ended."""
        last, is_final = self._framing.complete, True
        release = self._hold(self._end_rights)
        try:
            await self._deliver(self)
        except RequestRefused as refused:
            last = refusal(self._framing, refused.errors, refused.retry_seconds)
            is_final = refused.retry_seconds is None
        except StreamEnded as ended:
            last = refusal(self._framing, ended.errors)
        finally:
            release()
        await self.drained()
        self.leave(last, is_final=is_final)

    def _end_rights(self, reason: str) -> None:
        # Cut rather than complete: clients come back, with headers asked anew.
        self.leave(self._framing.errors([request_error("UNAUTHENTICATED", reason)]))


_last: tuple[bytes, bytes] = (b"", b"")
"""The body that became a chunk last: for everyone who hears it, it is the same."""


def _chunk(body: bytes) -> bytes:
    global _last  # noqa: PLW0603 - the memo of the burst that is being handed on, and of no other.
    if _last[0] is not body:
        _last = (body, b"%x\r\n%b\r\n" % (len(body), body))
    return _last[1]
