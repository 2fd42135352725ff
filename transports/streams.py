"""Answers that last: one subscription each, over plain HTTP, and the registry of those that are open."""

import asyncio
import random
from collections import Counter
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import structlog
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from execution.operation import RequestRefused, request_error
from execution.streams import Item
from transports import faults
from transports.address import network
from transports.protocol import WRITER

CLOSE_SECONDS = 1.0
QUIET_SECONDS = 0.2
"""How long nothing is written before a stream is cut.

graphql-sse comes back only from a cut that it waits through: what it still had to tell its page would be its last word.
"""
RETRY_SECONDS = 30
"""When one who has too many streams may find room."""
HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
"""No cache and no proxy (nginx reads the second) keeps back what is to be heard at once."""

log = structlog.get_logger(__name__)


class Writer(Protocol):
    """What `HttpProtocol` gives: the connection under a chunked answer (RFC 9112, section 7.1)."""

    def write_chunk(self, chunk: bytes) -> bool:
        """Writes a whole chunk; False where it did not, because the client has to be waited for, or is gone."""

    def abort(self) -> None:
        """Drops the connection, and what was not sent yet."""


class Framing(Protocol):
    """How a stream is written."""

    @property
    def media_type(self) -> str: ...

    @property
    def headers(self) -> Mapping[str, str]: ...

    @property
    def beat(self) -> bytes:
        """What shows that the connection lives, and says nothing."""

    @property
    def complete(self) -> bytes:
        """The end, after which nobody need come back. A stream that ends without it was cut, as clients see it."""

    def opening(self) -> bytes: ...

    def items(self, items: Sequence[Item]) -> bytes: ...

    def errors(self, errors: Sequence[dict[str, Any]], *, retry_seconds: int | None = None) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Limits:
    """How many streams there may be, and how long a client is waited for."""

    of_address: int = 1_000
    """Streams of one address, or of one /64 of IPv6: a browser has six, a house behind one address many browsers."""
    beat_seconds: float = 12.0
    send_seconds: float = 12.0


class ClientDisconnected(Exception):
    """Nobody is at the other end any more, or we have turned away from it."""


class Streams:
    """The open streams of this process, so that a shutdown can send them elsewhere."""

    def __init__(self, limits: Limits = Limits()) -> None:
        self.limits = limits
        self._open: set[Stream] = set()
        self._of: Counter[str] = Counter()
        self.closing = False
        """Whether those that open are cut at once."""

    def __len__(self) -> int:
        return len(self._open)

    def admit(self, address: str) -> None:
        """Raises RequestRefused where an address has as many as it may have."""
        if self._of[network(address)] >= self.limits.of_address:
            message = f"At most {self.limits.of_address} streams at once from one address."
            raise RequestRefused([request_error("RATE_LIMITED", message)], retry_seconds=RETRY_SECONDS)

    @contextmanager
    def holding(self, stream: "Stream", address: str) -> Iterator[None]:
        """Keeps a stream in reach of close_all."""
        counted = network(address)
        self._open.add(stream)
        self._of[counted] += 1
        if self.closing:
            stream.leave(b"")
        try:
            yield
        finally:
            self._open.remove(stream)
            self._of[counted] -= 1
            if not self._of[counted]:
                del self._of[counted]
            stream.over.set()

    async def close_all(self, *, spread_seconds: float = 0.0) -> None:
        """Cuts every stream, so that clients come back, and waits until they have ended.

        Over `spread_seconds`, at moments that are drawn; those opened from now on are cut at once.
        """
        self.closing = True
        loop = asyncio.get_running_loop()
        leaving = list(self._open)
        for stream in leaving:
            loop.call_later(random.uniform(0, spread_seconds), stream.leave, b"")
        for stream in leaving:
            await stream.over.wait()


class End(NamedTuple):
    """How a stream ends."""

    last: bytes | None
    """What is written last; None where nobody takes anything."""
    is_final: bool
    """Whether the answer is over. If not, it is cut off in its midst, for that is what all clients come back from."""


class Stream(Response):
    """An answer that lasts, from its head to its end.

    Whoever finds a reason to end it calls `leave`; the call itself then writes the last bytes and cleans up. No task
    outlives it.
    """

    def __init__(
        self,
        framing: Framing,
        streams: Streams,
        *,
        address: str,
    ) -> None:
        self.status_code = 200
        self.init_headers({"Vary": "Accept", "Content-Type": framing.media_type, **framing.headers})
        self.over = asyncio.Event()
        self._framing = framing
        self._streams = streams
        self._limits = streams.limits
        self._address = address
        self._ending: asyncio.Future[End] = asyncio.get_running_loop().create_future()
        self._send: Send
        self._writer: Writer | None

    def leave(self, last: bytes | None, *, is_final: bool = False) -> None:
        """Ends the stream with these bytes, or at once where nobody takes any. The first reason counts."""
        if not self._ending.done():
            self._ending.set_result(End(last, is_final))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._send = send
        self._writer = scope.get("extensions", {}).get(WRITER, {}).get("writer")
        with self._streams.holding(self, self._address):
            end = await self._serve(receive)
            if not await self._finish(end):
                await _cut(self._writer, receive, send)

    async def _serve(self, receive: Receive) -> End:
        """Writes what there is to write until someone leaves."""
        tasks: list[asyncio.Task[None]] = []
        try:
            await self._tell({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            await self._write(self._framing.opening())
            works = [self._listen(receive), *self._works()]
            tasks = [asyncio.create_task(self._guarded(work)) for work in works]
            return await self._ending
        except ClientDisconnected:
            return await self._ending
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _works(self) -> Sequence[Coroutine[Any, Any, None]]:
        """What is done all the while the stream is open."""
        raise NotImplementedError

    async def _listen(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self.leave(None)

    async def _beat(self) -> None:
        """Shows that the connection lives."""
        while True:
            # Drawn anew each time, so that streams opened together do not stay in step.
            await asyncio.sleep(self._limits.beat_seconds * random.uniform(0.9, 1.1))
            await self._write(self._framing.beat)

    async def _write(self, body: bytes) -> None:
        """Raises Gone where nobody takes it, and leaves a client that takes nothing for too long."""
        if self._ending.done():
            raise ClientDisconnected
        await self._tell(_body(body, more_body=True))

    async def _tell(self, message: Message) -> None:
        try:
            async with asyncio.timeout(self._limits.send_seconds):
                await self._send(message)
        except (TimeoutError, OSError) as error:
            # ASGI servers raise OSError when the peer is gone.
            self.leave(None)
            raise ClientDisconnected from error

    async def _finish(self, end: End) -> bool:
        """Writes the last bytes, and tells whether the answer is over."""
        if end.last is None:
            return False
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                if end.last or end.is_final:
                    await self._send(_body(end.last, more_body=not end.is_final))
                if not end.is_final:
                    await asyncio.sleep(QUIET_SECONDS)
        except (TimeoutError, OSError):
            return False
        return end.is_final

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        """Whatever nobody expected is logged, and the client told that there was something."""
        try:
            await work
        except ClientDisconnected:
            pass
        except Exception:  # noqa: BLE001 - `masked` logs it
            self.leave(refusal(self._framing, [faults.masked("a stream failed")]), is_final=True)


def refusal(framing: Framing, errors: Sequence[dict[str, Any]], retry_seconds: int | None = None) -> bytes:
    """The end of a stream with errors; without `complete` where coming back in some seconds may go better."""
    told = framing.errors(errors, retry_seconds=retry_seconds)
    return told if retry_seconds is not None else told + framing.complete


def _body(body: bytes, *, more_body: bool) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": more_body}


async def _cut(writer: Writer | None, receive: Receive, send: Send) -> None:
    """Ends the connection in the midst of its answer, where the server lets us."""
    if writer is not None:
        writer.abort()
        # The server learns of it a moment later, and would call the answer forgotten.
        while (await receive())["type"] != "http.disconnect":
            pass
        return
    with suppress(TimeoutError, OSError):
        async with asyncio.timeout(CLOSE_SECONDS):
            await send(_body(b"", more_body=False))
