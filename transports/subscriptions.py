"""The response to one subscription over plain HTTP."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

from execution.error_codes import RequestErrorCode
from execution.operation import RequestRefused, StreamEnded, count_errors, request_error
from execution.results import Burst, Item
from execution.streams import Sink
from transports.identity import OnRevoked, Revocation
from transports.streams import Framing, StreamingResponse, Streams, refusal

MAX_UNSENT_BYTES = 65_536
"""How much may wait for a client before it leaves its audience until it has taken that."""


class SubscriptionResponse(StreamingResponse):
    """The response to one subscription, and the sink of its results."""

    def __init__(
        self,
        framing: Framing,
        deliver: Callable[[Sink], Awaitable[None]],
        streams: Streams,
        *,
        network: str,
        on_revoked: OnRevoked,
    ) -> None:
        """`deliver` writes the results to a sink until the stream ends. It raises RequestRefused and StreamEnded."""
        super().__init__(framing, streams, network=network)
        self._on_revoked = on_revoked
        self._deliver = deliver
        self._media_type = framing.media_type
        self._unsent = bytearray()
        self._filled = asyncio.Event()
        self._emptied = asyncio.Event()
        self._emptied.set()
        self._cursor: str | None = None
        """The position after what was written."""

    def begin(self, cursor: str) -> None:
        """See execution.streams.Sink."""
        self._cursor = cursor
        if position := self._framing.position(cursor):
            self._enqueue(position)

    def write(self, burst: Burst) -> bool:
        """See execution.streams.Sink."""
        self._cursor = burst.items[-1].cursor
        # Written at once if nothing waits to be sent before it, nor is on its way through `_write`.
        writer = self._writer if self._emptied.is_set() and not self._ending.done() else None
        if writer is not None and writer.write_chunk(burst.encoded(self._media_type, self._chunk)):
            return True
        self._enqueue(burst.encoded((self._media_type, "body"), self._framing.items))
        return len(self._unsent) < MAX_UNSENT_BYTES

    async def drained(self) -> None:
        """See execution.streams.Sink. If the client is gone, the caller's task is cancelled."""
        await self._emptied.wait()

    def _beat(self) -> None:
        # What waits to be sent is a better sign of life. A heartbeat never passes or is passed by an item: an
        # EventSource resumes from the last id that it has read.
        if self._emptied.is_set():
            self._enqueue(self._framing.heartbeat(self._cursor))

    def _enqueue(self, body: bytes) -> None:
        self._unsent += body
        self._emptied.clear()
        self._filled.set()

    def _chunk(self, items: Sequence[Item]) -> bytes:
        body = self._framing.items(items)
        return b"%x\r\n%b\r\n" % (len(body), body)

    def _jobs(self) -> Sequence[Coroutine[Any, Any, None]]:
        return [self._follow(), self._send_unsent()]

    async def _send_unsent(self) -> None:
        """Sends what was written in the meantime, all at once."""
        while True:
            await self._filled.wait()
            self._filled.clear()
            body = bytes(self._unsent)
            self._unsent.clear()
            await self._write(body)
            if not self._unsent:
                self._emptied.set()

    async def _follow(self) -> None:
        """Runs the subscription, and ends the response as the stream ended."""
        last, is_final = self._framing.complete, True
        release = self._on_revoked(self._end_rights)
        try:
            await self._deliver(self)
        except RequestRefused as refused:
            count_errors(refused.errors)
            last = refusal(self._framing, refused.errors, refused.retry_seconds)
            is_final = refused.retry_seconds is None
        except StreamEnded as ended:
            count_errors(ended.errors)
            last = refusal(self._framing, ended.errors)
        finally:
            release()
        await self.drained()
        self.leave(last, is_final=is_final)

    def _end_rights(self, revocation: Revocation) -> None:
        # Cut rather than complete: clients reconnect, with headers requested again.
        if revocation is Revocation.CHANGED:
            self.restart()
        else:
            self.leave(self._framing.errors([request_error(RequestErrorCode.UNAUTHENTICATED, revocation.value)]))
