"""The websocket endpoint: who may open a connection, and which are open."""

from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from execution.engine import Engine
from execution.error_codes import RequestErrorCode
from execution.operation import RequestRefused
from transports.addresses import Addresses
from transports.close_codes import Close, CloseCode
from transports.connection import ConnectionLimits, GraphQLConnection
from transports.identity import Identify
from transports.observations import Observer
from transports.origins import Origins
from transports.pings import PingScheduler
from transports.protocol import WRITER
from transports.refusals import Refused, refuse_handshake
from transports.registry import Registry
from transports.streams import Streams

PROTOCOL = "graphql-transport-ws"


class Sockets(Registry[GraphQLConnection]):
    """The open websockets of a process."""


class WebSocketEndpoint:
    """The ASGI application of the websocket route: accepts or refuses the handshake, then serves the connection."""

    def __init__(
        self,
        engine: Engine,
        identify: Identify,
        *,
        addresses: Addresses,
        origins: Origins,
        sockets: Sockets,
        streams: Streams,
        limits: ConnectionLimits,
        observer: Observer,
    ) -> None:
        """`streams` counts the connections of an address."""
        self.engine = engine
        self.identify = identify
        self.addresses = addresses
        self.origins = origins
        self.sockets = sockets
        self.streams = streams
        self.limits = limits
        self.observer = observer
        self.pings = PingScheduler(limits.ping_seconds)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        headers = Headers(scope=scope)
        # Browsers send no preflight for a websocket, so its Origin is checked here.
        if not self.origins.allows(headers):
            # A handshake that is closed before it is accepted is answered with 403.
            await send(Close(CloseCode.POLICY_VIOLATION, "Origin not allowed").message())
        elif PROTOCOL not in scope["subprotocols"]:
            await send({"type": "websocket.accept"})
            await send(Close(CloseCode.SUBPROTOCOL_NOT_ACCEPTABLE, "Subprotocol not acceptable").message())
        else:
            address = self.addresses.of(scope)
            anonymous = await self.identify(None, address)
            try:
                self.streams.admit(anonymous.network)
            except RequestRefused as refused:
                await refuse_handshake(
                    send,
                    Refused(
                        HTTPStatus.TOO_MANY_REQUESTS,
                        str(refused),
                        code=RequestErrorCode.RATE_LIMITED,
                        retry_seconds=refused.retry_seconds,
                    ),
                )
                return
            with self.streams.counting(anonymous.network):
                await self._serve(scope, receive, send, headers.get("authorization"), address)

    async def _serve(self, scope: Scope, receive: Receive, send: Send, of_handshake: str | None, address: str) -> None:
        await send({"type": "websocket.accept", "subprotocol": PROTOCOL})
        connection = GraphQLConnection(
            self.engine,
            lambda authorization: self.identify(authorization or of_handshake, address, is_connection=True),
            receive,
            send,
            limits=self.limits,
            observer=self.observer,
            pings=self.pings,
            writer=scope.get("extensions", {}).get(WRITER, {}).get("writer"),
        )
        with self.sockets.holding(connection):
            await connection.serve()
