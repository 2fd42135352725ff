"""One client's graphql-transport-ws connection.

Source: PROTOCOL.md of graphql-ws. Close codes are chosen by what its clients do with them: 4400, 4401, 4406, 4409 and
4429 end a client for good, while 1012, 1013, 4403 and 4408 let it come back, with connection parameters asked anew.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVarTuple

import structlog
from starlette.types import Receive, Send

from execution.engine import Engine, Prepared
from execution.operation import RequestRefused, StreamEnded, request_error
from transports import faults, messages
from transports.context import Context
from transports.frames import Frames, Writer, framed_text
from transports.pulse import PingScheduler

Arguments = TypeVarTuple("Arguments")

CLOSE_SECONDS = 1.0
MAX_REASON_BYTES = 123
"""What a close frame has room for (RFC 6455, section 5.5)."""
MAX_UNANSWERED_PINGS = 2
PING_FRAME = framed_text(messages.PING.encode())
PONG = messages.pong(None).encode()

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one connection may take, and how long it is waited for."""

    operations: int = 100
    """At once."""
    frames_per_second: int = 100
    """What a client sends beyond is read later."""
    init_seconds: float = 5.0
    ping_seconds: float = 25.0
    """Proxies end connections that are silent for a minute. A ping that is not acknowledged ends the socket sooner."""
    send_seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class Close:
    """Why the server ends a connection."""

    code: int
    reason: str

    def message(self) -> dict[str, Any]:
        reason = self.reason.encode()[:MAX_REASON_BYTES].decode(errors="ignore")
        return {"type": "websocket.close", "code": self.code, "reason": reason}


class ClientDisconnected(Exception):
    """Nobody is at the other end any more, or we have turned away from it."""


class Connection:
    """One client's socket, from the handshake to the close.

    Whoever finds a reason to end it calls `leave`; `serve` alone then closes it, its streams and its tasks. Only
    streams are cancelled: a query or mutation that has begun runs to its end, and its answer is dropped.
    """

    def __init__(
        self,
        engine: Engine,
        open_context: Callable[[str | None], Awaitable[Context]],
        receive: Receive,
        send: Send,
        *,
        authorization: str | None,
        limits: Limits,
        pulse: PingScheduler,
        writer: Writer | None = None,
    ) -> None:
        """`authorization`: the handshake's, which counts where `connection_init` brings none.

        `pulse` tells when to ping. `writer` takes pings and the items of streams as frames, past `send`.
        """
        self.engine = engine
        self.open_context = open_context
        self.authorization = authorization
        self.limits = limits
        self._receive = receive
        self._send = send
        self._pulse = pulse
        self._writer = writer
        self.context: Context | None = None
        self.release: Callable[[], None] = lambda: None
        self.initialised = False
        self.slot: int | None = None
        """Of the pulse, once the connection is pinged."""
        self.unanswered_pings = 0
        self.operations: dict[str, asyncio.Task[None]] = {}
        self.streams: set[asyncio.Task[None]] = set()
        self.calls: set[asyncio.Task[None]] = set()
        self.upkeep: set[asyncio.Task[None]] = set()
        loop = asyncio.get_running_loop()
        self.ending: asyncio.Future[Close | None] = loop.create_future()
        timeout = Close(4408, "Connection initialisation timeout")
        self.init_timer = loop.call_later(self.limits.init_seconds, self.leave, timeout)

    async def serve(self) -> None:
        """Reads and answers until someone leaves, then cleans up; no task outlives this."""
        self._start(self.upkeep, self._read)
        try:
            close = await self.ending
            if close is not None:
                await self._close(close)
        finally:
            self.leave(None)
            self.init_timer.cancel()
            if self.slot is not None:
                self._pulse.remove(self, self.slot)
            self.release()
            for task in self.streams | self.upkeep:
                task.cancel()
            await asyncio.gather(*self.streams, *self.upkeep, *self.calls, return_exceptions=True)

    def leave(self, close: Close | None) -> None:
        """Ends the connection, with a close frame unless the peer is gone. The first reason counts."""
        if not self.ending.done():
            self.ending.set_result(close)

    # What arrives

    async def _read(self) -> None:
        clock = asyncio.get_running_loop().time
        second, frames = clock(), 0
        while not self.ending.done():
            # What was read is let go before the next is waited for, which may be for hours.
            await self._take_next()
            if clock() - second >= 1:
                second, frames = clock(), 0
            frames += 1
            if frames > self.limits.frames_per_second:
                # What is not read fills the client's own buffers; nothing it sent is lost.
                await asyncio.sleep(second + 1 - clock())

    async def _take_next(self) -> None:
        event = await self._receive()
        if event["type"] == "websocket.disconnect":
            self.leave(None)
            return
        self._heard()
        text = event.get("text")
        try:
            if text is None:
                raise messages.BadFrame("Frames must be text, not binary")
            await self._take(messages.read(text))
        except messages.BadFrame as bad:
            self.leave(Close(4400, str(bad)))

    async def _take(self, message: messages.Message) -> None:
        match message:
            case messages.Init():
                await self._initialise(message)
            case messages.Ping():
                await self.send(messages.pong(message.payload))
            case messages.Pong():
                pass
            case messages.Subscribe():
                await self._subscribe(message)
            case messages.Complete():
                # Unknown ids are no error: the operation may have ended while this was under way.
                task = self.operations.pop(message.id, None)
                if task in self.streams:
                    task.cancel()

    async def _initialise(self, message: messages.Init) -> None:
        """ConnectionInit: opens the context all operations of this connection share, and acknowledges."""
        if self.initialised:
            self.leave(Close(4429, "Too many initialisation requests"))
            return
        self.initialised = True
        self.init_timer.cancel()
        try:
            self.context = await self.open_context(message.authorization or self.authorization)
        except RequestRefused as refused:
            forbidden = _has_code(refused, "UNAUTHENTICATED")
            self.leave(Close(4403, "Forbidden") if forbidden else Close(1013, str(refused)))
            return
        self.release = self.context.hold(lambda reason: self.leave(Close(4403, reason)))
        await self.send(messages.ACKNOWLEDGED)
        if not self.ending.done():
            self.slot = self._pulse.add(self)

    async def _subscribe(self, message: messages.Subscribe) -> None:
        """Subscribe: starts a query, mutation or subscription."""
        if self.context is None:
            self.leave(Close(4401, "Unauthorized"))
            return
        if message.id in self.operations:
            self.leave(Close(4409, f"Subscriber for {message.id} already exists"))
            return
        if len(self.streams) + len(self.calls) >= self.limits.operations:
            limit = f"At most {self.limits.operations} operations at once on one connection."
            await self.send(messages.errors(message.id, [request_error("RATE_LIMITED", limit)]))
            return
        try:
            prepared = self.engine.prepare(message.operation)
            context = self.context.spend(prepared.cost)
        except RequestRefused as refused:
            await self.send(messages.errors(message.id, refused.errors))
            return
        except Exception:  # noqa: BLE001 - `masked` logs it
            await self.send(messages.errors(message.id, [faults.masked("an operation failed")]))
            return
        tasks = self.streams if prepared.kind == "subscription" else self.calls
        self.operations[message.id] = self._start(tasks, self._answer, message.id, prepared, context)

    # What is answered

    async def _answer(self, operation_id: str, prepared: Prepared, context: object) -> None:
        """Runs one operation and tells how it ended, unless the client has completed it before."""
        try:
            if prepared.kind == "subscription":
                await self._follow(operation_id, prepared, context)
            else:
                await self._execute(operation_id, prepared, context)
            last = messages.complete(operation_id)
        except (RequestRefused, StreamEnded) as refused:
            last = messages.errors(operation_id, refused.errors)
        except ClientDisconnected:
            return
        except Exception:  # noqa: BLE001 - `masked` logs it
            last = messages.errors(operation_id, [faults.masked("an operation failed")])
        if self._wants(operation_id):
            del self.operations[operation_id]
            await self.send(last)

    async def _execute(self, operation_id: str, prepared: Prepared, context: object) -> None:
        body = await self.engine.execute(prepared, context)
        if self._wants(operation_id):
            await self._next(messages.head(operation_id), body)

    async def _follow(self, operation_id: str, prepared: Prepared, context: object) -> None:
        sink = Frames(messages.head(operation_id), self._writer, self.send, self._wait_for)
        await self.engine.deliver(prepared, context, sink)

    async def _wait_for(self, writer: Writer) -> None:
        """Waits until more may be written. Raises Gone, as `send` does."""
        await self._patiently(writer.frames_drained())

    async def _next(self, head: bytes, body: bytes) -> None:
        await self.send(b"%b%b}" % (head, body))

    def _wants(self, operation_id: str) -> bool:
        """Whether the client still waits for the operation this task runs: its id may be free or taken anew by now."""
        return self.operations.get(operation_id) is asyncio.current_task()

    # The connection itself

    def ping(self) -> None:
        """Pings the peer, or ends the connection where it was silent through two pings."""
        if self.unanswered_pings == MAX_UNANSWERED_PINGS:
            self.leave(Close(4408, "No answer to pings"))
            return
        self.unanswered_pings += 1
        if self._writer is None:
            self._start(self.upkeep, self.send, messages.PING)
        else:
            self._writer.write_frames(PING_FRAME)
            self._writer.expect(PONG, self._heard)

    def _heard(self) -> None:
        self.unanswered_pings = 0

    async def send(self, text: str | bytes) -> None:
        """Sends one text frame. Raises Gone where nobody takes it, and leaves a peer that takes none for too long."""
        if self.ending.done():
            raise ClientDisconnected
        if isinstance(text, bytes):
            text = text.decode()
        await self._patiently(self._send({"type": "websocket.send", "text": text}))

    async def _patiently(self, sending: Awaitable[None]) -> None:
        try:
            async with asyncio.timeout(self.limits.send_seconds):
                await sending
        except TimeoutError as error:
            self.leave(Close(1013, "Too slow"))
            raise ClientDisconnected from error
        except (OSError, RuntimeError) as error:
            # ASGI servers raise OSError when the peer is gone, RuntimeError when they closed the socket themselves.
            self.leave(None)
            raise ClientDisconnected from error

    async def _close(self, close: Close) -> None:
        # A peer that reads nothing lets nothing more through, and one that has gone needs no farewell.
        with suppress(OSError, RuntimeError):
            try:
                async with asyncio.timeout(CLOSE_SECONDS):
                    await self._send(close.message())
            except TimeoutError:
                # What waits to be sent to it would be kept until the network gives up.
                if self._writer is not None:
                    self._writer.abort()

    def _start(
        self, tasks: set[asyncio.Task[None]], work: Callable[[*Arguments], Awaitable[None]], *arguments: *Arguments
    ) -> asyncio.Task[None]:
        task = asyncio.create_task(self._guarded(work, *arguments))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        return task

    async def _guarded(self, work: Callable[[*Arguments], Awaitable[None]], *arguments: *Arguments) -> None:
        """Whatever nobody expected is logged, and the client told to come back: no fault of ours ends it for good."""
        try:
            await work(*arguments)
        except ClientDisconnected:
            pass
        except Exception:
            log.exception("a websocket failed")
            self.leave(Close(1013, "Something went wrong here; try again"))


def _has_code(refused: RequestRefused, code: str) -> bool:
    return any(error["extensions"]["code"] == code for error in refused.errors)
