"""Endpoints for operators: liveness, readiness, metrics and the schema."""

import asyncio

import structlog
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

import db.deletion_jobs
import db.feed
import db.log_readers
import db.reviews
from app.metrics import exposition
from app.process import Process
from db.counts import MAX_COUNTED
from db.kinds import ReviewKind
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
    if process.versions is not None and (off := process.versions.off) is not None:
        ready["pageCache"] = f"off: {off}"
    return JSONResponse(ready)


async def _metrics(process: Process) -> Response:
    """Returns the metrics of this process. Those that are read are missing while the database does not answer."""
    lags, pending, left, to_review = {}, {}, {}, {}
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            lags = {row.name: row.lag for row in await process.database.rows(db.log_readers.lags)}
            for name, sequenced in (("feed", db.feed.feed), ("moderation", db.feed.moderation)):
                (row,) = await process.database.rows(db.feed.pending, log=sequenced.log_id)
                pending[name] = row.pending
            jobs = await process.database.rows(db.deletion_jobs.every)
            for kind in ReviewKind:
                (count,) = await process.database.rows(db.reviews.open_of_kind, kind=kind.value)
                to_review[kind.value.lower()] = min(count.total, MAX_COUNTED)
            for work, is_deletion in (("deletion", True), ("restoring", False)):
                left[work] = sum(job.total - job.position for job in jobs if job.is_deletion == is_deletion)
    except Exception as error:  # noqa: BLE001 - the others are told whatever the database does.
        log.warning("what readers and jobs have left is not known", error=repr(error))
    return Response(exposition(process, lags, pending, left, to_review), media_type=CONTENT_TYPE_LATEST)
