"""What operators ask of a process: whether it lives, whether it is ready, and its figures."""

import asyncio

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from app.process import Process
from schema.root import sdl

log = structlog.get_logger(__name__)


def routes(process: Process) -> list[Route]:
    """The routes `/healthz`, `/readyz`, `/metrics` and `/schema.graphql`."""

    async def ready(_request: Request) -> Response:
        return await _ready(process)

    async def metrics(_request: Request) -> Response:
        return _metrics(process)

    return [
        Route("/healthz", _alive),
        Route("/readyz", ready),
        Route("/metrics", metrics),
        Route("/schema.graphql", _schema),
    ]


async def _alive(_request: Request) -> Response:
    return PlainTextResponse("alive\n")


async def _schema(_request: Request) -> Response:
    return PlainTextResponse(sdl(), media_type="application/graphql; charset=utf-8")


async def _ready(process: Process) -> Response:
    """Whether requests should come here: the database answers. A bus that is away only makes events late."""
    if process.draining.begun:
        return JSONResponse({"ready": False, "draining": True}, status_code=503)
    try:
        await asyncio.wait_for(process.database.ping(), timeout=3)
    except Exception as error:  # noqa: BLE001 - whatever it is, the database does not answer.
        log.warning("not ready", error=repr(error))
        return JSONResponse({"ready": False, "database": False, "bus": process.bus.connected}, status_code=503)
    return JSONResponse({"ready": True, "database": True, "bus": process.bus.connected})


def _metrics(process: Process) -> Response:
    """The figures of this process in Prometheus' text format."""
    registry = CollectorRegistry()
    for name, text, value in (
        ("parley_bus_connected", "Whether the bus is heard.", float(process.bus.connected)),
        ("parley_followers", "How many streams are followed here.", float(process.engine.followers)),
        ("parley_feed_followers", "How many read the feed here, alone or for many.", float(process.feed.followers)),
        ("parley_followed_discussions", "How many discussions are followed here.", float(process.hub.followed)),
        ("parley_presences", "How many readers are known to be somewhere.", float(process.services.presence.known)),
        ("parley_sockets", "How many websockets are open here.", float(len(process.sockets))),
        ("parley_tasks", "How many asyncio tasks there are.", float(len(asyncio.all_tasks()))),
        ("parley_statements", "How many reads were sent to the database.", float(process.database.statement_count)),
    ):
        Gauge(name, text, registry=registry).set(value)
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
