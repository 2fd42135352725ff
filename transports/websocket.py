"""The websocket endpoint: who may open one, and which are open."""

import asyncio
import random
from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send
from strawberry.http.websocket_origin import is_same_origin, normalize_origin

from execution.engine import Engine
from transports.address import Addresses
from transports.connection import Close, Connection, Limits
from transports.context import OpenContext
from transports.protocol import WRITER
from transports.pulse import PingScheduler

PROTOCOL = "graphql-transport-ws"


class Sockets:
    """The open connections of this process, so that a shutdown can send them elsewhere."""

    def __init__(self) -> None:
        self._open: set[Connection] = set()
        self._leaving: set[Connection] = set()
        """Those that `close_all` waits for."""
        self._all_left = asyncio.Event()
        self.closing = False
        """Whether those that open are closed at once."""

    def __len__(self) -> int:
        return len(self._open)

    async def hold(self, connection: Connection) -> None:
        """Serves a connection to its end, in reach of close_all."""
        self._open.add(connection)
        if self.closing:
            connection.leave(_RESTART)
        try:
            await connection.serve()
        finally:
            self._open.remove(connection)
            self._leaving.discard(connection)
            if not self._leaving:
                self._all_left.set()

    async def close_all(self, *, spread_seconds: float = 0.0) -> None:
        """Closes every connection with 1012 and waits until their queries and mutations have run to the end.

        Over `spread_seconds`, at moments that are drawn; those opened from now on are closed at once.
        """
        self.closing = True
        loop = asyncio.get_running_loop()
        self._leaving |= self._open
        for connection in self._open:
            loop.call_later(random.uniform(0, spread_seconds), connection.leave, _RESTART)
        while self._leaving:
            self._all_left.clear()
            await self._all_left.wait()


_RESTART = Close(1012, "Service restart")


class Endpoint:
    """The ASGI application behind the websocket route: decides about the handshake, then serves the connection."""

    def __init__(
        self,
        engine: Engine,
        open_context: OpenContext,
        *,
        addresses: Addresses,
        allowed_origins: Collection[str],
        sockets: Sockets,
        limits: Limits,
    ) -> None:
        """`allowed_origins`: in the form browsers send them, or `*`."""
        self.engine = engine
        self.open_context = open_context
        self.addresses = addresses
        self.allowed_origins = allowed_origins
        self.sockets = sockets
        self.limits = limits
        self.pulse = PingScheduler(limits.ping_seconds)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        headers = Headers(scope=scope)
        if not self._welcomes(headers):
            # Closed before it is accepted, a handshake is answered with 403.
            await send(Close(1008, "Origin not allowed").message())
        elif PROTOCOL not in scope["subprotocols"]:
            await send({"type": "websocket.accept"})
            await send(Close(4406, "Subprotocol not acceptable").message())
        else:
            await send({"type": "websocket.accept", "subprotocol": PROTOCOL})
            address = self.addresses.of(scope)
            connection = Connection(
                self.engine,
                lambda authorization: self.open_context(authorization, address, to_stay=True),
                receive,
                send,
                authorization=headers.get("authorization"),
                limits=self.limits,
                pulse=self.pulse,
                writer=scope.get("extensions", {}).get(WRITER, {}).get("writer"),
            )
            await self.sockets.hold(connection)

    def _welcomes(self, headers: Headers) -> bool:
        """Whether the page may that opens it: browsers ask no CORS question here. Other programs name no Origin."""
        origin = headers.get("origin")
        if origin is None or "*" in self.allowed_origins:
            return True
        return is_same_origin(origin, headers.get("host")) or normalize_origin(origin) in self.allowed_origins
