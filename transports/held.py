"""What the server holds for slow clients: answers that are not taken, and bodies that have not arrived whole.

What is small is not counted: an answer only if its client does not take it at once, and of a body what is large.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from execution.error_codes import RequestErrorCode
from execution.operation import RequestRefused, request_error
from transports.protocol import LARGE_BYTES, WRITER, HttpProtocol
from transports.refusals import Refused

HELD_BYTES_OF_NETWORK = 33_554_432
HELD_BYTES = 134_217_728
RETRY_SECONDS = 10
"""When a client may retry: those that take nothing are cut by then."""
TOO_MUCH = "Clients of this address, or of the server, have not taken yet what they asked for. Retry in some seconds."


class Held:
    """The bytes that a process holds, by the networks of clients."""

    def __init__(self, *, of_network: int = HELD_BYTES_OF_NETWORK, of_all: int = HELD_BYTES) -> None:
        """`of_network` and `of_all`: the most bytes for one address (a /64 of IPv6), and for all."""
        self._max_of_network = of_network
        self._max_of_all = of_all
        self._of_network: Counter[str] = Counter()
        self.total = 0

    def admits(self, network: str, size: int) -> bool:
        """Whether so many bytes more may be held."""
        return self.total + size <= self._max_of_all and self._of_network[network] + size <= self._max_of_network

    def add(self, network: str, size: int) -> None:
        """Counts bytes that are held from now on, or with a negative size no longer."""
        self.total += size
        self._of_network[network] += size
        if not self._of_network[network]:
            del self._of_network[network]


class Holding:
    """The bytes that are held for one connection."""

    __slots__ = ("_held", "_network", "_unread", "_unsent")

    def __init__(self, held: Held, network: str) -> None:
        self._held = held
        self._network = network
        self._unsent = 0
        self._unread = 0

    def set_unread(self, size: int) -> bool:
        """Counts what has arrived of a message that is not whole. Returns False if so much may not be held."""
        if size == self._unread:
            return True
        if size > self._unread and not self.admits(size - self._unread):
            return False
        self._held.add(self._network, size - self._unread)
        self._unread = size
        return True

    def set_unsent(self, size: int) -> None:
        """Counts what was written, and the client has not taken."""
        self._held.add(self._network, size - self._unsent)
        self._unsent = size

    def admits(self, size: int) -> bool:
        """Whether so many bytes more may be written."""
        return self._held.admits(self._network, size)

    @contextmanager
    def waiting(self, size: int) -> Iterator[None]:
        """Counts bytes that wait to be written. Raises RequestRefused with RATE_LIMITED if they may not."""
        if not self.admits(size):
            error = request_error(RequestErrorCode.RATE_LIMITED, TOO_MUCH)
            raise RequestRefused([error], retry_seconds=RETRY_SECONDS)
        self._held.add(self._network, size)
        try:
            yield
        finally:
            self._held.add(self._network, -size)


class BoundedHolding:
    """An ASGI middleware that bounds what is held: it refuses large answers and bodies beyond that, with 429.

    What can't be refused any more, a part of a stream, is cut: its client resumes.
    """

    def __init__(self, app: ASGIApp, *, held: Held, network_of: Callable[[Scope], str]) -> None:
        """`network_of` returns the network of a request's client."""
        self._app = app
        self._held = held
        self._network_of = network_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        writer = scope.get("extensions", {}).get(WRITER, {}).get("writer")
        if writer is None:
            await self._app(scope, receive, send)
            return
        network = self._network_of(scope)
        if scope["type"] == "websocket":
            writer.holding = Holding(self._held, network)
            await self._app(scope, receive, send)
            return
        # The answer to the request before is taken first, or one more would be held.
        if writer.flow.write_paused:
            await writer.drained()
        # A proxy sends requests of several clients over one connection.
        writer.holding = Holding(self._held, network)
        request = _Request(self._held, network, writer, receive, send)
        try:
            await self._app(scope, request.receive, request.send)
        finally:
            request.release()
        await request.refuse()


class _Request:
    """The messages of one request over HTTP."""

    def __init__(self, held: Held, network: str, writer: HttpProtocol, receive: Receive, send: Send) -> None:
        self._held = held
        self._network = network
        self._writer = writer
        self._receive = receive
        self._send = send
        self._received = 0
        self._is_refused = False
        self._has_started = False

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            size = len(message.get("body", b""))
            if self._received + size > LARGE_BYTES and not self._held.admits(self._network, size):
                self._is_refused = True
                return {"type": "http.disconnect"}
            self._received += size
            self._held.add(self._network, size)
            if not message.get("more_body", False):
                self.release()
        return message

    def release(self) -> None:
        """Counts the body no longer."""
        if self._received:
            self._held.add(self._network, -self._received)
            self._received = 0

    async def send(self, message: Message) -> None:
        if self._is_refused:
            return
        if message["type"] == "http.response.start":
            size = next((int(value) for name, value in message["headers"] if name == b"content-length"), 0)
            self._is_refused = size > LARGE_BYTES and not self._held.admits(self._network, size)
            if self._is_refused:
                return
            self._has_started = True
        elif message.get("more_body"):
            size = len(message["body"])
            if size > LARGE_BYTES and not self._held.admits(self._network, size):
                self._writer.abort()
                return
        await self._send(message)

    async def refuse(self) -> None:
        """Answers a request that was refused."""
        if self._is_refused and not self._has_started:
            refused = Refused(
                HTTPStatus.TOO_MANY_REQUESTS,
                TOO_MUCH,
                code=RequestErrorCode.RATE_LIMITED,
                retry_seconds=RETRY_SECONDS,
            )
            # To close while a body is still sent would reset the connection, and the answer could be lost.
            headers = [(name, value) for name, value in refused.headers if name != b"connection"]
            await self._send({"type": "http.response.start", "status": refused.status, "headers": headers})
            await self._send({"type": "http.response.body", "body": refused.body})
