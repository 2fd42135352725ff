"""Endpoints for operators: liveness, readiness, metrics and the schema."""

import asyncio

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

import db.log_readers
from app.process import Process
from schema.root import sdl
from transports.caching import EXPIRED, NO_CACHE, NO_STORE, etag_of, is_current
from web.source import OverBudget

PATHS_OF_OPERATORS = ("/healthz", "/readyz", "/metrics")
"""Of probes and scrapers: proxies do not show them."""
ANSWER_SECONDS = 3.0
"""How long the database may take to answer a probe or a scrape."""

log = structlog.get_logger(__name__)


def routes(process: Process) -> list[Route]:
    """Returns the routes `/healthz`, `/readyz`, `/metrics` and `/schema.graphql`."""

    async def ready(_request: Request) -> Response:
        return await _ready(process)

    async def metrics(_request: Request) -> Response:
        return await _metrics(process)

    text = sdl().encode()
    etag = etag_of(text)

    async def schema(request: Request) -> Response:
        is_known = is_current(request.headers, etag)
        try:
            process.pages.charge(request.scope, 0 if is_known else len(text))
        except OverBudget as over:
            return PlainTextResponse(
                f"{over}\n", 429, {"Cache-Control": NO_STORE, "Retry-After": str(over.retry_seconds)}
            )
        headers = {**EXPIRED, "Cache-Control": NO_CACHE, "ETag": etag}
        if is_known:
            return Response(status_code=304, headers=headers)
        return Response(text, headers=headers, media_type="application/graphql; charset=utf-8")

    return [
        *[Route(path, answer) for path, answer in zip(PATHS_OF_OPERATORS, (_alive, ready, metrics), strict=True)],
        Route("/schema.graphql", schema),
    ]


async def _alive(_request: Request) -> Response:
    return PlainTextResponse("alive\n")


async def _ready(process: Process) -> Response:
    """Answers 200 while the database answers. An unreachable bus only delays events, so it does not matter here."""
    if process.draining.begun:
        return JSONResponse({"ready": False, "draining": True}, status_code=503)
    try:
        await asyncio.wait_for(process.database.ping(), timeout=ANSWER_SECONDS)
    except Exception as error:  # noqa: BLE001 - any error means that the database does not answer.
        log.warning("not ready", error=repr(error))
        return JSONResponse({"ready": False, "database": False, "bus": process.bus.connected}, status_code=503)
    ready: dict[str, object] = {"ready": True, "database": True, "bus": process.bus.connected}
    if process.versions is not None and process.versions.is_standby:
        ready["pageCache"] = "off: the database is a standby"
    return JSONResponse(ready)


async def _metrics(process: Process) -> Response:
    """Returns the metrics of this process in Prometheus' text format."""
    registry = CollectorRegistry()
    lag = Gauge(
        "parley_log_reader_lag",
        "Items of its log that a durable reader has not read; none while the database does not answer.",
        ["reader"],
        registry=registry,
    )
    try:
        rows = await asyncio.wait_for(process.database.rows(db.log_readers.lags), timeout=ANSWER_SECONDS)
    except Exception as error:  # noqa: BLE001 - the others are told whatever the database does.
        log.warning("the lag of the readers is not known", error=repr(error))
    else:
        for row in rows:
            lag.labels(row.name).set(row.lag)
    for name, text, value in (
        (
            "parley_bus_connected",
            "Whether notifications of the bus arrive (1) or not (0).",
            float(process.bus.connected),
        ),
        ("parley_followers", "Open subscriptions of this process.", float(process.engine.followers)),
        (
            "parley_feed_followers",
            "Followers of the feed in this process; a shared execution counts once.",
            float(process.feed.followers),
        ),
        ("parley_followed_discussions", "Followed discussions of this process.", float(process.hub.followed)),
        ("parley_presences", "Readers whose presence this process knows.", float(process.services.presence.known)),
        ("parley_sockets", "Open websockets of this process.", float(len(process.sockets))),
        ("parley_tasks", "asyncio tasks of this process.", float(len(asyncio.all_tasks()))),
        ("parley_statements", "Reads sent to the database since the start.", float(process.database.statement_count)),
    ):
        Gauge(name, text, registry=registry).set(value)
    if (cache := process.page_cache) is not None:
        Counter("parley_page_cache_hits", "Answers sent from the page cache since the start.", registry=registry).inc(
            cache.counts.hits
        )
        misses = Counter(
            "parley_page_cache_misses",
            "Queries run since the start, by why no answer was kept.",
            ["reason"],
            registry=registry,
        )
        for reason, count in cache.counts.misses.items():
            misses.labels(reason).inc(count)
        Gauge("parley_page_cache_bytes", "What the page cache holds, in bytes.", registry=registry).set(cache.bytes)
        Gauge("parley_page_cache_answers", "Answers in the page cache.", registry=registry).set(len(cache))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
