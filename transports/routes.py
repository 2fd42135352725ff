"""The routes of the GraphQL endpoint."""

from collections.abc import Sequence

from starlette.middleware import Middleware
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from execution.engine import Engine
from transports.addresses import Addresses
from transports.connection import ConnectionLimits
from transports.http import HttpEndpoint
from transports.identity import Identify
from transports.observations import UNOBSERVED, Observer
from transports.origins import Cors, Origins
from transports.parameters import MAX_REQUEST_BYTES
from transports.streams import Streams
from transports.websocket import Sockets, WebSocketEndpoint

PATH = "/graphql"


class Shortcut:
    """An ASGI middleware that hands HTTP requests for a route's path to its endpoint, past what looks for the route."""

    def __init__(self, app: ASGIApp, *, route: Route) -> None:
        """`route`: one of every method, whose endpoint answers all errors itself."""
        self._app = app
        self._path = route.path
        self._endpoint = route.app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_its = scope["type"] == "http" and scope["path"] == self._path and not scope.get("root_path")
        await (self._endpoint if is_its else self._app)(scope, receive, send)


def routes(
    engine: Engine,
    identify: Identify,
    *,
    addresses: Addresses,
    allowed_origins: Sequence[str],
    max_body_bytes: int = MAX_REQUEST_BYTES,
    sockets: Sockets | None = None,
    streams: Streams | None = None,
    limits: ConnectionLimits = ConnectionLimits(),  # noqa: B008 - it is frozen
    observer: Observer = UNOBSERVED,
) -> tuple[Route, WebSocketRoute]:
    """Returns the routes of `/graphql`: POST, GET for queries and event streams, websocket (graphql-transport-ws).

    `allowed_origins`: the origins of other sites' pages that may send requests, or `*`. Pass `sockets` and `streams` to
    close them at shutdown. `observer` takes how each operation ended. Raises ValueError for a malformed origin.
    """
    origins = Origins(allowed_origins)
    streams = streams if streams is not None else Streams()
    http = HttpEndpoint(
        engine,
        identify,
        addresses=addresses,
        streams=streams,
        max_body_bytes=max_body_bytes,
        observer=observer,
    )
    websocket = WebSocketEndpoint(
        engine,
        identify,
        addresses=addresses,
        origins=origins,
        sockets=sockets if sockets is not None else Sockets(),
        streams=streams,
        limits=limits,
        observer=observer,
    )
    return (
        Route(PATH, http, name="graphql", middleware=[Middleware(Cors, origins=origins)]),
        WebSocketRoute(PATH, websocket, name="graphql-websocket"),
    )
