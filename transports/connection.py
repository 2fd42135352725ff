"""One client's graphql-transport-ws connection.

Source: PROTOCOL.md of graphql-ws.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from time import thread_time
from typing import TypeVarTuple

import structlog
from starlette.types import Receive, Send

from execution.engine import Engine, Prepared
from execution.error_codes import RequestErrorCode
from execution.errors import internal_error
from execution.operation import RequestRefused, StreamEnded, request_error
from execution.results import has_errors
from transports import messages
from transports.close_codes import Close, CloseCode
from transports.frames import Frames, FrameWriter, framed_text
from transports.identity import Identity, Revocation
from transports.observations import UNOBSERVED, Observation, Observer, Outcome
from transports.pings import PingScheduler
from transports.registry import ClientDisconnected

Arguments = TypeVarTuple("Arguments")

CLOSE_SECONDS = 1.0
MAX_UNANSWERED_PINGS = 2
PING_FRAME = framed_text(messages.PING.encode())
PONG = messages.pong(None).encode()

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """What one connection may use, and how long its client is waited for."""

    operations: int = 100
    """At once."""
    frames_per_second: int = 100
    """Further frames of a client are read in the next second."""
    work_per_second: float = 0.1
    """Seconds of CPU for reading frames and preparing their operations; after them, too, the next second is waited for.

    It is what refused documents take: their senders pay no cost.
    """
    init_seconds: float = 5.0
    ping_seconds: float = 25.0
    """Proxies end connections that are silent for a minute. TCP ends a socket sooner if a ping is not acknowledged."""
    send_seconds: float = 10.0


class FrameRate:
    """Counts the frames of one client per second, and the CPU that reading them takes."""

    def __init__(
        self,
        frames_per_second: int,
        clock: Callable[[], float],
        *,
        work_per_second: float = math.inf,
        cpu_clock: Callable[[], float] = thread_time,
    ) -> None:
        self._max_frames = frames_per_second
        self._max_work = work_per_second
        self._clock = clock
        self._cpu_clock = cpu_clock
        self._second = clock()
        self._frames = 0
        self._work = 0.0

    @contextmanager
    def working(self) -> Iterator[None]:
        """Counts the CPU of a block that waits for nothing."""
        started = self._cpu_clock()
        try:
            yield
        finally:
            self._work += self._cpu_clock() - started

    def delay(self) -> float:
        """Counts a frame, and returns after how many seconds the next may be read."""
        now = self._clock()
        if now - self._second >= 1:
            self._second, self._frames, self._work = now, 0, 0.0
        self._frames += 1
        is_over = self._frames > self._max_frames or self._work > self._max_work
        return self._second + 1 - now if is_over else 0.0


class GraphQLConnection:
    """One client's websocket, from the handshake to the close.

    `leave` ends it from anywhere; `serve` alone then closes it, its streams and its tasks. Queries and streams that
    their client no longer wants are cancelled; a mutation that has begun runs to its end, and its result is dropped.
    """

    def __init__(
        self,
        engine: Engine,
        identify: Callable[[str | None], Awaitable[Identity]],
        receive: Receive,
        send: Send,
        *,
        limits: ConnectionLimits,
        observer: Observer = UNOBSERVED,
        pings: PingScheduler,
        writer: FrameWriter | None = None,
    ) -> None:
        """`identify` finds the viewer by the `authorization` of `connection_init`, if it has one.

        `writer` takes pings and the items of streams as frames, past `send`.
        """
        self.engine = engine
        self.identify = identify
        self.limits = limits
        self.observer = observer
        self._receive = receive
        self._send = send
        self._rate = FrameRate(
            limits.frames_per_second, asyncio.get_running_loop().time, work_per_second=limits.work_per_second
        )
        self._pings = pings
        self._writer = writer
        self.identity: Identity | None = None
        self.release: Callable[[], None] = lambda: None
        self.initialised = False
        self.ping_slot: int | None = None
        """Set once the connection is pinged."""
        self.unanswered_pings = 0
        self.operations: dict[str, asyncio.Task[None]] = {}
        self.reads: set[asyncio.Task[None]] = set()
        self.mutations: set[asyncio.Task[None]] = set()
        self.upkeep: set[asyncio.Task[None]] = set()
        loop = asyncio.get_running_loop()
        self.ending: asyncio.Future[Close | None] = loop.create_future()
        timeout = Close(CloseCode.CONNECTION_INITIALISATION_TIMEOUT, "Connection initialisation timeout")
        self.init_timer = loop.call_later(self.limits.init_seconds, self.leave, timeout)

    async def serve(self) -> None:
        """Serves the connection until `leave` is called, then cleans up. No task outlives this."""
        self._start(self.upkeep, self._read)
        try:
            close = await self.ending
            if close is not None:
                await self._close(close)
        finally:
            self.leave(None)
            self.init_timer.cancel()
            if self.ping_slot is not None:
                self._pings.remove(self, self.ping_slot)
            self.release()
            for task in self.reads | self.upkeep:
                task.cancel()
            await asyncio.gather(*self.reads, *self.upkeep, *self.mutations, return_exceptions=True)

    def leave(self, close: Close | None) -> None:
        """Ends the connection, with a close frame unless `close` is None. The first call counts."""
        if not self.ending.done():
            self.ending.set_result(close)

    def restart(self) -> None:
        """Closes the connection, so that its client reconnects."""
        self.leave(Close(CloseCode.SERVICE_RESTART, "Service restart"))

    def _end_rights(self, revocation: Revocation) -> None:
        """Closes the connection: its client has to get a token, or reconnects to go on with other rights."""
        code = CloseCode.SERVICE_RESTART if revocation is Revocation.CHANGED else CloseCode.FORBIDDEN
        self.leave(Close(code, revocation.value))

    # Messages of the client

    async def _read(self) -> None:
        while not self.ending.done():
            # A function of its own, so that no message stays in memory while the next is awaited, perhaps for hours.
            await self._receive_next()
            # Unread frames stay in the client's buffers, none is lost. Others get a turn even if nothing is waited for:
            # frames that have arrived are received, and answered, without a pause.
            await asyncio.sleep(self._rate.delay())

    async def _receive_next(self) -> None:
        event = await self._receive()
        if event["type"] == "websocket.disconnect":
            self.leave(None)
            return
        self._reset_pings()
        text = event.get("text")
        try:
            if text is None:
                raise messages.BadFrame("Frames must be text, not binary")
            with self._rate.working():
                message = messages.read(text)
            await self._handle(message)
        except messages.BadFrame as bad:
            self.leave(Close(CloseCode.BAD_REQUEST, str(bad)))

    async def _handle(self, message: messages.Message) -> None:
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
                # An unknown id is no error: the operation may have ended while this message was under way.
                task = self.operations.pop(message.id, None)
                if task in self.reads:
                    task.cancel()

    async def _initialise(self, message: messages.Init) -> None:
        """ConnectionInit: identifies the viewer of all operations of this connection, and acknowledges."""
        if self.initialised:
            self.leave(Close(CloseCode.TOO_MANY_INITIALISATION_REQUESTS, "Too many initialisation requests"))
            return
        self.initialised = True
        self.init_timer.cancel()
        try:
            self.identity = await self.identify(message.authorization)
        except RequestRefused as refused:
            if _has_code(refused, RequestErrorCode.UNAUTHENTICATED):
                self.leave(Close(CloseCode.FORBIDDEN, "Forbidden"))
            else:
                self.leave(Close(CloseCode.TRY_AGAIN_LATER, str(refused)))
            return
        self.release = self.identity.on_revoked(self._end_rights)
        await self.send(messages.ACKNOWLEDGED)
        if not self.ending.done():
            self.ping_slot = self._pings.add(self)

    async def _subscribe(self, message: messages.Subscribe) -> None:
        """Subscribe: starts a query, mutation or subscription."""
        if self.identity is None:
            self.leave(Close(CloseCode.UNAUTHORIZED, "Unauthorized"))
            return
        if message.id in self.operations:
            reason = f"Subscriber for {message.id} already exists"
            self.leave(Close(CloseCode.SUBSCRIBER_ALREADY_EXISTS, reason))
            return
        observed = Observation(self.observer)
        if len(self.reads) + len(self.mutations) >= self.limits.operations:
            limit = f"At most {self.limits.operations} operations at once on one connection."
            errors = [request_error(RequestErrorCode.RATE_LIMITED, limit)]
            observed.refuse(errors)
            await self.send(messages.errors(message.id, errors))
            return
        operation = message.operation
        try:
            if isinstance(operation, RequestRefused):
                raise operation
            await self.engine.read(operation, self.identity.charge)
            with self._rate.working():
                prepared = self.engine.prepare(operation, charge=self.identity.charge)
                context = self.identity.charge(prepared.cost)
        except RequestRefused as refused:
            observed.refuse(refused.errors)
            await self.send(messages.errors(message.id, refused.errors))
            return
        except Exception as error:  # noqa: BLE001 - `internal_error` logs it.
            errors = [internal_error("an operation failed", error)]
            observed.refuse(errors)
            await self.send(messages.errors(message.id, errors))
            return
        observed.kind, observed.name = prepared.kind, prepared.name
        tasks = self.mutations if prepared.kind == "mutation" else self.reads
        self.operations[message.id] = self._start(tasks, self._run, message.id, prepared, context, observed)

    # Operations

    async def _run(self, operation_id: str, prepared: Prepared, context: object, observed: Observation) -> None:
        """Runs one operation and sends how it ended, unless the client has completed it before."""
        try:
            if prepared.kind == "subscription":
                observed.end()
                await self._follow(operation_id, prepared, context)
            else:
                await self._execute(operation_id, prepared, context, observed)
            last = messages.complete(operation_id)
        except (RequestRefused, StreamEnded) as refused:
            observed.refuse(refused.errors)
            last = messages.errors(operation_id, refused.errors)
        except asyncio.CancelledError:
            observed.end(Outcome.CLIENT_GONE)
            raise
        except ClientDisconnected:
            return
        except Exception as error:  # noqa: BLE001 - `internal_error` logs it.
            errors = [internal_error("an operation failed", error)]
            observed.refuse(errors)
            last = messages.errors(operation_id, errors)
        if self._is_wanted(operation_id):
            del self.operations[operation_id]
            await self.send(last)

    async def _execute(self, operation_id: str, prepared: Prepared, context: object, observed: Observation) -> None:
        assert self.identity is not None
        body = await self.engine.execute(prepared, context, self.identity.charge)
        observed.end(Outcome.FIELD_ERRORS if has_errors(body) else None)
        if self._is_wanted(operation_id):
            with nullcontext() if self._writer is None else self._writer.waiting(len(body)):
                await self.send(b"%b%b}" % (messages.head(operation_id), body))

    async def _follow(self, operation_id: str, prepared: Prepared, context: object) -> None:
        sink = Frames(messages.head(operation_id), self._writer, self.send, self._drain)
        assert self.identity is not None
        await self.engine.deliver(prepared, context, sink, charge=self.identity.charge)

    async def _drain(self, writer: FrameWriter) -> None:
        """Waits until more may be written. Raises ClientDisconnected, as `send` does."""
        await self._within_limit(writer.frames_drained())

    def _is_wanted(self, operation_id: str) -> bool:
        """Whether the operation of this task was not completed by the client, who may have reused its id since."""
        return self.operations.get(operation_id) is asyncio.current_task()

    # The connection itself

    def ping(self) -> None:
        """Pings the peer, or ends the connection if it has sent nothing since two pings ago."""
        if self.unanswered_pings == MAX_UNANSWERED_PINGS:
            self.leave(Close(CloseCode.PING_TIMEOUT, "No answer to pings"))
            return
        self.unanswered_pings += 1
        if self._writer is None:
            self._start(self.upkeep, self.send, messages.PING)
        else:
            self._writer.write_frames(PING_FRAME)
            self._writer.expect(PONG, self._reset_pings)

    def _reset_pings(self) -> None:
        self.unanswered_pings = 0

    async def send(self, text: str | bytes) -> None:
        """Sends one text frame. Raises ClientDisconnected if the peer is gone, or does not take it for too long."""
        if self.ending.done():
            raise ClientDisconnected
        if isinstance(text, bytes):
            text = text.decode()
        await self._within_limit(self._send({"type": "websocket.send", "text": text}))

    async def _within_limit(self, sending: Awaitable[None]) -> None:
        try:
            async with asyncio.timeout(self.limits.send_seconds):
                await sending
        except TimeoutError as error:
            self.leave(Close(CloseCode.TRY_AGAIN_LATER, "Too slow"))
            raise ClientDisconnected from error
        except (OSError, RuntimeError) as error:
            # ASGI servers raise OSError when the peer is gone, RuntimeError when they closed the socket themselves.
            self.leave(None)
            raise ClientDisconnected from error

    async def _close(self, close: Close) -> None:
        # The peer may be gone, or read nothing any more.
        with suppress(OSError, RuntimeError):
            try:
                async with asyncio.timeout(CLOSE_SECONDS):
                    await self._send(close.message())
            except TimeoutError:
                # Otherwise what waits to be sent would be kept until TCP times out.
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
        """Logs an unexpected exception, and closes the connection with a code after which its client reconnects."""
        try:
            await work(*arguments)
        except ClientDisconnected:
            pass
        except Exception:
            log.exception("a websocket failed")
            self.leave(Close(CloseCode.TRY_AGAIN_LATER, "Something went wrong here; try again"))


def _has_code(refused: RequestRefused, code: RequestErrorCode) -> bool:
    return any(error["extensions"]["code"] == code for error in refused.errors)
