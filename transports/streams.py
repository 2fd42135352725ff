"""Streaming responses over plain HTTP, and the registry of those that are open."""

import asyncio
import random
from collections import Counter
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from execution.error_codes import RequestErrorCode
from execution.errors import internal_error
from execution.operation import RequestRefused, request_error
from execution.results import Item
from transports.caching import NO_STORE
from transports.protocol import WRITER
from transports.registry import ClientDisconnected, Registry

CLOSE_SECONDS = 1.0
QUIET_SECONDS = 0.2
"""How long nothing is written before a stream is cut.

graphql-sse reconnects only if it is waiting for more when the stream is cut. If it still has items to hand to its page,
these would be its last.
"""
RETRY_SECONDS = 30
"""When a client with too many streams may retry."""
VARIED = {"Vary": "Accept, Authorization, Origin", "X-Content-Type-Options": "nosniff"}
"""The headers of every response: it depends on these of the request, on Origin by the CORS middleware."""
COMMON = {"Cache-Control": NO_STORE, **VARIED}
"""The headers of those that no cache keeps."""
HEADERS = {"X-Accel-Buffering": "no"}
"""Keeps nginx from holding back what is written."""


class ChunkWriter(Protocol):
    """What `HttpProtocol` offers: the connection under a chunked response (RFC 9112, section 7.1)."""

    def write_chunk(self, chunk: bytes) -> bool:
        """Writes a whole chunk. Returns False, having written nothing, if the client must be waited for or is gone."""

    def abort(self) -> None:
        """Drops the connection and everything not sent yet."""


class Framing(Protocol):
    """How a stream is written."""

    @property
    def media_type(self) -> str: ...

    @property
    def headers(self) -> Mapping[str, str]: ...

    @property
    def complete(self) -> bytes:
        """The end, after which clients do not reconnect. To them, a stream that ends without it was cut."""

    def opening(self) -> bytes:
        """Returns the first bytes of the response."""

    def heartbeat(self, cursor: str | None) -> bytes:
        """Returns bytes that show that the connection is alive, with the stream's position if it has one."""

    def position(self, cursor: str) -> bytes:
        """Returns the stream's position before its first item as bytes, if there is a way to say it."""

    def items(self, items: Sequence[Item]) -> bytes:
        """Returns results as bytes; the same for every framing of one media type."""

    def errors(self, errors: Sequence[dict[str, Any]], *, retry_seconds: int | None = None) -> bytes:
        """Returns the errors that end a stream, with the time to retry if there is one."""


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """How many streams there may be, and how long a client is waited for."""

    per_network: int = 1_000
    """Streams and websockets of one address, or of one /64 of IPv6.

    One browser opens six, and one NAT address may hold many browsers.
    """
    heartbeat_seconds: float = 12.0
    send_seconds: float = 12.0


class Streams(Registry["StreamingResponse"]):
    """The open streams of a process. They are counted per network, together with its websockets."""

    def __init__(self, limits: StreamLimits = StreamLimits()) -> None:
        super().__init__()
        self.limits = limits
        self._count_per_network: Counter[str] = Counter()

    def admit(self, network: str) -> None:
        """Raises RequestRefused with RATE_LIMITED if a network has as many streams and websockets as it may have."""
        if self._count_per_network[network] >= self.limits.per_network:
            message = f"At most {self.limits.per_network} event streams and websockets at once from one address."
            error = request_error(RequestErrorCode.RATE_LIMITED, message)
            raise RequestRefused([error], retry_seconds=RETRY_SECONDS)

    @contextmanager
    def counting(self, network: str) -> Iterator[None]:
        """Counts a stream or websocket of a network until the block ends."""
        self._count_per_network[network] += 1
        try:
            yield
        finally:
            self._count_per_network[network] -= 1
            if not self._count_per_network[network]:
                del self._count_per_network[network]


class End(NamedTuple):
    """How a stream ends."""

    last: bytes | None
    """What is written last; None if the client is gone."""
    is_final: bool
    """Whether the response is complete. If not, the connection is cut, which is what all clients reconnect after."""


class StreamingResponse(Response):
    """A response that is written while its stream lives.

    `leave` ends it from anywhere; `__call__` alone then writes the last bytes and cleans up. No task outlives it.
    """

    def __init__(self, framing: Framing, streams: Streams, *, network: str) -> None:
        self.status_code = 200
        self.init_headers({**COMMON, "Content-Type": framing.media_type, **framing.headers})
        self._framing = framing
        self._streams = streams
        self._limits = streams.limits
        self._network = network
        self._ending: asyncio.Future[End] = asyncio.get_running_loop().create_future()
        self._send: Send
        self._writer: ChunkWriter | None

    def leave(self, last: bytes | None, *, is_final: bool = False) -> None:
        """Ends the stream with these bytes, or at once if they are None. The first call counts."""
        if not self._ending.done():
            self._ending.set_result(End(last, is_final))

    def restart(self) -> None:
        """Cuts the stream, so that its client reconnects."""
        self.leave(b"")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._send = send
        self._writer = scope.get("extensions", {}).get(WRITER, {}).get("writer")
        with self._streams.counting(self._network), self._streams.holding(self):
            end = await self._serve(receive)
            if not await self._finish(end):
                await _cut(self._writer, receive, send)

    async def _serve(self, receive: Receive) -> End:
        """Writes the stream until `leave` is called."""
        tasks: list[asyncio.Task[None]] = []
        try:
            await self._send_message(
                {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
            )
            await self._write(self._framing.opening())
            jobs = [self._watch_client(receive), self._send_heartbeats(), *self._jobs()]
            tasks = [asyncio.create_task(self._guarded(job)) for job in jobs]
            return await self._ending
        except ClientDisconnected:
            return await self._ending
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _jobs(self) -> Sequence[Coroutine[Any, Any, None]]:
        """Returns what runs while the stream is open."""
        raise NotImplementedError

    def _beat(self) -> None:
        """Shows that the stream is alive."""
        raise NotImplementedError

    async def _watch_client(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self.leave(None)

    async def _send_heartbeats(self) -> None:
        while True:
            # Random each time, so that streams opened together do not stay in step.
            await asyncio.sleep(self._limits.heartbeat_seconds * random.uniform(0.9, 1.1))
            self._beat()

    async def _write(self, body: bytes) -> None:
        """Raises ClientDisconnected if the client is gone, or does not take it for too long."""
        if self._ending.done():
            raise ClientDisconnected
        await self._send_message(_body(body, more_body=True))

    async def _send_message(self, message: Message) -> None:
        try:
            async with asyncio.timeout(self._limits.send_seconds):
                await self._send(message)
        except (TimeoutError, OSError) as error:
            # ASGI servers raise OSError when the peer is gone.
            self.leave(None)
            raise ClientDisconnected from error

    async def _finish(self, end: End) -> bool:
        """Writes the last bytes, and returns whether the response is complete."""
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

    async def _guarded(self, job: Coroutine[Any, Any, None]) -> None:
        """Logs an unexpected exception, and ends the stream with INTERNAL."""
        try:
            await job
        except ClientDisconnected:
            pass
        except Exception as error:  # noqa: BLE001 - `internal_error` logs it.
            self.leave(refusal(self._framing, [internal_error("a stream failed", error)]), is_final=True)


def refusal(framing: Framing, errors: Sequence[dict[str, Any]], retry_seconds: int | None = None) -> bytes:
    """Returns the end of a stream with errors; without `complete` if the client may retry after some seconds."""
    body = framing.errors(errors, retry_seconds=retry_seconds)
    return body if retry_seconds is not None else body + framing.complete


def _body(body: bytes, *, more_body: bool) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": more_body}


async def _cut(writer: ChunkWriter | None, receive: Receive, send: Send) -> None:
    """Ends the connection before the response is complete, if the server offers a way to."""
    if writer is not None:
        writer.abort()
        # uvicorn notices a moment later, and until then would log that the response is incomplete.
        while (await receive())["type"] != "http.disconnect":
            pass
        return
    with suppress(TimeoutError, OSError):
        async with asyncio.timeout(CLOSE_SECONDS):
            await send(_body(b"", more_body=False))
