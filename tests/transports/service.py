"""A small GraphQL service behind the real transports, on a real server, for tests of the transports alone."""

import asyncio
import logging
import socket
import threading
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import strawberry
import uvicorn
from graphql import GraphQLError
from starlette.applications import Starlette
from starlette.middleware import Middleware

from execution.batch import follow
from execution.engine import Engine
from execution.error_codes import RequestErrorCode
from execution.operation import RequestRefused, request_error
from transports.addresses import Addresses
from transports.connection import ConnectionLimits
from transports.held import BoundedHolding, Held
from transports.identity import Revocation
from transports.protocol import MAX_FRAME_BYTES, HttpProtocol, WebSocketProtocol
from transports.routes import routes
from transports.streams import StreamLimits, Streams
from transports.websocket import Sockets

ALLOWED_ORIGIN = "https://reader.example"


@dataclass
class Context:
    authorization: str | None
    address: str
    service: "Service"
    expires_at: datetime | None = None
    spent: int | None = None

    @property
    def network(self) -> str:
        return self.address

    def on_revoked(self, ended: Callable[[Revocation], None]) -> Callable[[], None]:
        """What expires ends then; everything ends at `service.end_rights`."""
        loop = asyncio.get_running_loop()
        self.service.holds.append(ended)
        if self.expires_at is None:
            return lambda: self.service.let_go(ended)
        timer = loop.call_later((self.expires_at - datetime.now(UTC)).total_seconds(), ended, Revocation.EXPIRED)

        def release() -> None:
            timer.cancel()
            self.service.let_go(ended)

        return release

    def charge(self, cost: int) -> "Context":
        """What one operation gets; one with `Bearer poor` has nothing left."""
        if self.authorization == "Bearer poor":
            raise RequestRefused([request_error(RequestErrorCode.RATE_LIMITED, "Nothing is left.")], retry_seconds=7)
        return replace(self, spent=cost)


Info = strawberry.Info[Context, None]


@strawberry.type
class Query:
    @strawberry.field
    def hello(self, name: str = "world") -> str:
        return f"Hello {name}"

    @strawberry.field
    def authorization(self, info: Info) -> str | None:
        return info.context.authorization

    @strawberry.field
    def spent(self, info: Info) -> int | None:
        return info.context.spent

    @strawberry.field
    def address(self, info: Info) -> str:
        return info.context.address

    @strawberry.field
    async def slow(self, info: Info, seconds: float) -> bool:
        await asyncio.sleep(seconds)
        info.context.service.finished += 1
        return True

    @strawberry.field
    def long(self, info: Info, characters: int) -> str:
        info.context.service.asked += 1
        return "x" * characters

    @strawberry.field
    def broken(self) -> str:
        raise RuntimeError("secret")


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def write(self, info: Info, seconds: float = 0) -> int:
        info.context.service.begun += 1
        await asyncio.sleep(seconds)
        info.context.service.written += 1
        return info.context.service.written


@dataclass(frozen=True, slots=True)
class ResultBatch:
    """One number, which is its own cursor; or only the position after it."""

    number: int
    is_shown: bool = True

    @property
    def value(self) -> int | None:
        return self.number if self.is_shown else None

    @property
    def cursor(self) -> str:
        return f"n{self.number}"

    @property
    def position(self) -> None:
        """Nobody shares what they hear."""

    @property
    def live(self) -> bool:
        return False


async def numbers(
    context: Context,
    *,
    after: str | None = None,
    to: int = 1_000_000,
    at_once: int = 1,
    pause: float = 0.001,
    quiet: int = 0,
) -> AsyncGenerator[list[ResultBatch], None]:
    """The numbers after a cursor as a log gives them, `at_once` in a list; of the first `quiet` only the positions."""
    with context.service.stream():
        if not (after or "n0").removeprefix("n").isdecimal():
            raise GraphQLError("That is no cursor.", extensions={"code": "BAD_CURSOR"})
        last = int((after or "n0").removeprefix("n"))
        while last < to:
            told = [ResultBatch(number, number > quiet) for number in range(last + 1, min(last + at_once, to) + 1)]
            last = told[-1].number
            yield told
            await asyncio.sleep(pause)


@strawberry.type
class Subscription:
    numbers: int = follow(numbers)
    """Numbers that one can come back to."""

    @strawberry.subscription
    async def count(self, info: Info, to: int, characters: int = 0) -> AsyncGenerator[str, None]:
        with info.context.service.stream():
            for number in range(1, to + 1):
                yield str(number) + "x" * characters
                info.context.service.told = number

    @strawberry.subscription
    async def silence(self, info: Info) -> AsyncGenerator[str, None]:
        with info.context.service.stream():
            await asyncio.Event().wait()
            yield ""

    @strawberry.subscription
    async def from_here(self, info: Info, after: int = 0) -> AsyncGenerator[int, None]:
        """Endless numbers after `after`, as a log that is followed."""
        with info.context.service.stream():
            while True:
                after += 1
                yield after
                await asyncio.sleep(0.01)

    @strawberry.subscription
    async def breaks(self, info: Info) -> AsyncGenerator[str, None]:
        with info.context.service.stream():
            yield "1"
            raise RuntimeError("secret")


@dataclass
class Service:
    """A running server. Counts what its resolvers did, and keeps what was logged."""

    trusted_proxies: Sequence[str] = ()
    allowed_origins: Sequence[str] = (ALLOWED_ORIGIN,)
    max_body_bytes: int = 10_000
    limits: ConnectionLimits = field(default_factory=ConnectionLimits)
    stream_limits: StreamLimits = field(default_factory=StreamLimits)
    http: Any = HttpProtocol
    websocket: Any = WebSocketProtocol
    held: Held = field(default_factory=Held)
    asked: int = 0
    begun: int = 0
    written: int = 0
    finished: int = 0
    streams: int = 0
    opened: int = 0
    told: int = 0
    records: list[logging.LogRecord] = field(default_factory=list)
    sockets: Sockets = field(default_factory=Sockets)
    holds: list[Callable[[Revocation], None]] = field(default_factory=list)
    port: int = 0

    def __post_init__(self) -> None:
        self.open_streams = Streams(self.stream_limits)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/graphql"

    @property
    def ws_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/graphql"

    @contextmanager
    def stream(self) -> Iterator[None]:
        """Counts an open stream, until its generator is closed."""
        self.streams += 1
        self.opened += 1
        try:
            yield
        finally:
            self.streams -= 1

    def has_opened(self, streams: int) -> bool:
        """Whether that many streams were opened, ever."""
        return self.opened >= streams

    def close_streams(self) -> None:
        asyncio.run_coroutine_threadsafe(self.open_streams.close_all(), self.loop).result(10)
        self.open_streams.closing = False

    def tasks(self) -> int:
        """How many tasks the server's loop holds."""
        return len(asyncio.all_tasks(self.loop))

    def let_go(self, ended: Callable[[Revocation], None]) -> None:
        if ended in self.holds:
            self.holds.remove(ended)

    def end_rights(self, revocation: Revocation) -> None:
        """Ends the rights of everybody who is connected."""
        for ended in list(self.holds):
            self.loop.call_soon_threadsafe(ended, revocation)

    def close_sockets(self) -> None:
        asyncio.run_coroutine_threadsafe(self.sockets.close_all(), self.loop).result(10)
        # As after a restart: those who come back are welcome.
        self.sockets.closing = False

    def tracebacks(self) -> list[str]:
        """What was logged with an exception, or as an error."""
        return [record.getMessage() for record in self.records if record.exc_info or record.levelno >= logging.ERROR]

    async def identify(self, authorization: str | None, address: str, *, is_connection: bool = False) -> Context:
        """`Bearer bad` is refused, `Bearer lasting 0.5` expires in half a second, `Bearer crash` is a fault of ours."""
        word = (authorization or "").removeprefix("Bearer ")
        if word == "bad":
            raise RequestRefused([request_error(RequestErrorCode.UNAUTHENTICATED, "The token is not valid.")])
        if word == "crash":
            raise RuntimeError("secret")
        context = Context(authorization, address, self)
        if word.startswith("lasting "):
            context.expires_at = datetime.now(UTC) + timedelta(seconds=float(word.removeprefix("lasting ")))
        return context

    def application(self) -> Starlette:
        schema = strawberry.Schema(Query, Mutation, Subscription)
        addresses = Addresses(self.trusted_proxies)
        return Starlette(
            routes=routes(
                Engine(schema),
                self.identify,
                allowed_origins=self.allowed_origins,
                max_body_bytes=self.max_body_bytes,
                addresses=addresses,
                sockets=self.sockets,
                streams=self.open_streams,
                limits=self.limits,
            ),
            middleware=[
                Middleware(BoundedHolding, held=self.held, network_of=addresses.of),
            ],
        )

    @contextmanager
    def running(self) -> Iterator["Service"]:
        # Named by its protocol, or asyncio leaves Nagle's algorithm on, and answers wait 40 ms for the client's ACK.
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        self.port = listening.getsockname()[1]
        config = uvicorn.Config(
            self.application(),
            lifespan="off",
            log_config=None,
            proxy_headers=False,
            http=self.http,
            ws=self.websocket,
            ws_max_size=MAX_FRAME_BYTES,
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=5,
        )
        server = uvicorn.Server(config)
        self.loop = asyncio.new_event_loop()

        def serve() -> None:
            asyncio.set_event_loop(self.loop)
            self.loop.run_until_complete(server.serve(sockets=[listening]))
            self.loop.close()

        thread = threading.Thread(target=serve)
        handler = Kept(self.records)
        logging.getLogger().addHandler(handler)
        thread.start()
        try:
            yield self
        finally:
            server.should_exit = True
            thread.join(20)
            logging.getLogger().removeHandler(handler)
        assert not thread.is_alive(), "The server did not stop."


class Kept(logging.Handler):
    """Keeps the records in a list."""

    def __init__(self, records: list[logging.LogRecord]) -> None:
        super().__init__(logging.WARNING)
        self.records = records

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


def code_of(answer: dict[str, Any]) -> Any:
    """The code of a response's first error."""
    return answer["errors"][0]["extensions"]["code"]
