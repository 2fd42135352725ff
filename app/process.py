"""What lives as long as a server process."""

import asyncio
import gc
import tomllib
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
import structlog
from starlette.applications import Starlette

from access.authenticator import Authenticator
from access.budgets import CostBudgets
from access.rate_limits import WriteRateLimiter
from access.suspensions import LOCAL_POLL_SECONDS, POLL_SECONDS, SuspensionMonitor
from access.tokens import BadToken, Tokens
from access.viewer import Viewer
from app.engine import open_engine
from app.identity import RequestIdentity
from app.settings import Settings, public_url
from db.database import Database
from execution.operation import Operation, RequestRefused, request_error
from forum.jobs import BackgroundJobs
from forum.use_cases import Forum
from live.bus import Bus
from live.cursors import Cursors
from live.feed import Feed
from live.hub import Hub
from live.presence import Presence
from resolvers.context import Context, Services, SiteRow
from transports import streams
from transports.draining import Draining
from transports.websocket import Sockets
from web.routes import NoAnswer

VERSION: str = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text())["project"]["version"]
GARBAGE_AT = 20_000
"""How many more objects than before make Python look for cycles: the answer of a large page holds thousands."""

log = structlog.get_logger(__name__)


class Process:
    """What lives as long as a server process: the database, the bus, the followers, and what requests need of them."""

    def __init__(self, chosen: Settings) -> None:
        self.settings = chosen
        self.bus = Bus(chosen.bus_url)
        self.database = Database(chosen.database_url, notify=self.bus.ring)
        self.hub = Hub(self.database, self.bus)
        self.feed = Feed(self.database, self.bus)
        poll_seconds = LOCAL_POLL_SECONDS if chosen.bus_url.startswith("memory:") else POLL_SECONDS
        self.suspensions = SuspensionMonitor(self.database, self.bus, poll_seconds=poll_seconds)
        self.engine = open_engine(chosen)
        self.sockets = Sockets()
        self.streams = streams.Streams(streams.Limits(of_address=chosen.streams_of_address))
        self.draining = Draining(self._leave)
        self.budgets = CostBudgets(
            chosen.bus_url,
            cost_per_minute=chosen.cost_per_minute,
            cost_per_minute_of_address=chosen.cost_per_minute_of_address,
        )
        self.services: Services
        self.authenticator: Authenticator

    @asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncGenerator[None, None]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.database)
            await self._compose()
            services = self.services
            for part in (
                self.bus,
                self.hub,
                self.feed,
                self.suspensions,
                services.presence,
                services.jobs,
                self.budgets,
            ):
                stack.push_async_callback(part.stop)
                await part.start()
            # What stays for the whole life of the process need not be looked through for garbage again and again.
            gc.collect()
            gc.freeze()
            gc.set_threshold(GARBAGE_AT, 10, 10)
            self.draining.take_signals()
            log.info("parley serves", address=public_url(self.settings), version=VERSION)
            yield
            self.draining.give_signals_back()
            await self._leave(0.0)

    async def _leave(self, seconds: float) -> None:
        """Sends the clients of all streams elsewhere."""
        await asyncio.gather(
            self.sockets.close_all(spread_seconds=seconds), self.streams.close_all(spread_seconds=seconds)
        )

    async def _compose(self) -> None:
        chosen = self.settings
        key = await self.database.secret("cursor")
        tokens = await open_tokens(self.database, chosen)
        self.authenticator = Authenticator(self.database, tokens, self.suspensions)
        jobs = BackgroundJobs(self.database, key)
        limiter = WriteRateLimiter(
            chosen.bus_url,
            writes_per_minute=chosen.writes_per_minute,
            writes_per_minute_of_address=chosen.writes_per_minute_of_address,
        )
        self.services = Services(
            database=self.database,
            forum=Forum(
                self.database,
                chosen.limits,
                host=urlsplit(public_url(chosen)).netloc,
                write_limiter=limiter,
                source_changed=jobs.source_changed,
            ),
            hub=self.hub,
            presence=Presence(self.database, self.hub, self.bus, key=key),
            feed=self.feed,
            cursors=Cursors(key),
            tokens=tokens,
            write_limiter=limiter,
            jobs=jobs,
            site=SiteRow(
                name=chosen.site_name,
                version=VERSION,
                terms=chosen.terms,
                takes_guests=chosen.takes_guests,
                public_url=public_url(chosen),
            ),
        )

    async def open_context(self, authorization: str | None, address: str, *, to_stay: bool = False) -> RequestIdentity:
        """Who asks. Raises RequestRefused for a token that can't be trusted."""
        try:
            viewer = await self.authenticator.viewer(authorization, from_memory=not to_stay)
        except BadToken as error:
            raise RequestRefused([request_error("UNAUTHENTICATED", str(error))]) from error
        return RequestIdentity(Context(self.services, viewer, address), self.suspensions, self.budgets)

    async def read(self, document: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The data of a query of the server's own pages, as a reader without a token sees it. Raises NoAnswer."""
        prepared = self.engine.prepare(Operation(document, variables), is_ours=True)
        answer = orjson.loads(await self.engine.execute(prepared, Context(self.services, Viewer(), "")))
        if "errors" in answer:
            raise NoAnswer(answer["errors"][0]["message"])
        found: dict[str, Any] = answer["data"]
        return found


async def open_tokens(database: Database, chosen: Settings) -> Tokens:
    """Reads and writes tokens by the secret of the settings, or by the one the database keeps."""
    secret = chosen.jwt_secret.encode() if chosen.jwt_secret else await database.secret("token")
    return Tokens(secret, jwks_url=chosen.jwks_url, issuer=chosen.jwt_issuer, audience=chosen.jwt_audience)
