"""The addresses this room answers."""

from collections.abc import Sequence

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute, Route, WebSocketRoute
from strawberry.http.websocket_origin import normalize_allowed_origins

from execution.engine import Engine
from transports import http, websocket
from transports.address import Addresses
from transports.channels import TOKEN_HEADER, Channels
from transports.connection import Limits
from transports.context import OpenContext
from transports.streams import Streams

PATH = "/graphql"
PREFLIGHT_SECONDS = 7200
"""How long browsers may keep a preflight's answer: the most that Chromium honours."""


def routes(
    engine: Engine,
    open_context: OpenContext,
    *,
    allowed_origins: Sequence[str],
    max_body_bytes: int = 1_048_576,
    trusted_proxies: Sequence[str] = (),
    sockets: websocket.Sockets | None = None,
    streams: Streams | None = None,
    is_alone: bool = False,
    limits: Limits = Limits(),  # noqa: B008 - it is frozen
) -> list[BaseRoute]:
    """The routes of `/graphql`: POST, GET for queries and event streams, and websocket (graphql-transport-ws).

    `open_context(authorization, address)` tells who asks. `allowed_origins`: whose pages may ask, or `*`;
    `trusted_proxies`: addresses and networks whose X-Forwarded-For counts. Pass `sockets` and `streams` to close
    them at shutdown. `is_alone`: whether all requests come to this process, so that they may share a stream. Raises
    ValueError for an origin, address or network that is none.
    """
    origins = normalize_allowed_origins(allowed_origins)
    addresses = Addresses(trusted_proxies)
    cors = Middleware(
        CORSMiddleware,
        allow_origins=origins,
        allow_methods=("GET", "POST", "PUT", "DELETE"),
        allow_headers=("Authorization", "Content-Type", "Last-Event-ID", TOKEN_HEADER),
        expose_headers=("Retry-After",),
        max_age=PREFLIGHT_SECONDS,
    )
    over_http = http.Endpoint(
        engine,
        open_context,
        addresses=addresses,
        streams=streams if streams is not None else Streams(),
        channels=Channels() if is_alone else None,
        max_body_bytes=max_body_bytes,
    )
    over_websocket = websocket.Endpoint(
        engine,
        open_context,
        addresses=addresses,
        allowed_origins=origins,
        sockets=sockets if sockets is not None else websocket.Sockets(),
        limits=limits,
    )
    return [
        Route(PATH, over_http, name="graphql", middleware=[cors]),
        WebSocketRoute(PATH, over_websocket, name="graphql-websocket"),
    ]
