"""The routes of the GraphQL endpoint."""

from collections.abc import Sequence

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute, Route, WebSocketRoute
from strawberry.http.websocket_origin import normalize_allowed_origins

from execution.engine import Engine
from transports.addresses import Addresses
from transports.connection import ConnectionLimits
from transports.http import HttpEndpoint
from transports.identity import Identify
from transports.requests import TOKEN_HEADER
from transports.streams import Streams
from transports.websocket import Sockets, WebSocketEndpoint

PATH = "/graphql"
PREFLIGHT_SECONDS = 7200
"""How long browsers may cache a preflight: the most that Chromium honours."""


def routes(
    engine: Engine,
    identify: Identify,
    *,
    allowed_origins: Sequence[str],
    max_body_bytes: int = 1_048_576,
    trusted_proxies: Sequence[str] = (),
    sockets: Sockets | None = None,
    streams: Streams | None = None,
    limits: ConnectionLimits = ConnectionLimits(),  # noqa: B008 - it is frozen
) -> list[BaseRoute]:
    """Returns the routes of `/graphql`: POST, GET for queries and event streams, websocket (graphql-transport-ws).

    `allowed_origins`: the origins of other sites' pages that may send requests, or `*`. `trusted_proxies`: addresses
    and networks whose X-Forwarded-For counts. Pass `sockets` and `streams` to close them at shutdown.
    Raises ValueError for a malformed origin, address or network.
    """
    origins = normalize_allowed_origins(allowed_origins)
    addresses = Addresses(trusted_proxies)
    cors = Middleware(
        CORSMiddleware,
        allow_origins=origins,
        # PUT, DELETE and the token header are allowed so that a page of another origin can read why they are refused.
        allow_methods=("GET", "POST", "PUT", "DELETE"),
        allow_headers=("Authorization", "Content-Type", "Last-Event-ID", TOKEN_HEADER),
        expose_headers=("Retry-After",),
        max_age=PREFLIGHT_SECONDS,
    )
    streams = streams if streams is not None else Streams()
    http = HttpEndpoint(
        engine,
        identify,
        addresses=addresses,
        streams=streams,
        max_body_bytes=max_body_bytes,
    )
    websocket = WebSocketEndpoint(
        engine,
        identify,
        addresses=addresses,
        allowed_origins=origins,
        sockets=sockets if sockets is not None else Sockets(),
        streams=streams,
        limits=limits,
    )
    return [
        Route(PATH, http, name="graphql", middleware=[cors]),
        WebSocketRoute(PATH, websocket, name="graphql-websocket"),
    ]
