"""What lives as long as a server process."""

import asyncio
import gc
import tomllib
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

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
from live.bus import Bus
from live.cursors import Cursors
from live.feed import Feed
from live.hub import Hub
from live.presence import PresenceTracker
from resolvers.context import Context, Services
from resolvers.sweeps import BackgroundJobs
from transports import streams
from transports.draining import Draining
from transports.websocket import Sockets
from web.routes import NoAnswer

VERSION: str = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text())["project"]["version"]
GARBAGE_AT = 20_000
"""How many more objects than before make Python look for cycles: the answer of a large page holds thousands."""

log = structlog.get_logger(__name__)


class Process:
    """What lives as long as a server process: the database, the bus, the hub, and what requests need of them."""

    def __init__(self, chosen: Settings) -> None:
        self.settings = chosen
        self.bus = Bus(chosen.bus_url)
        self.database = Database(chosen.database_url, announce=self.bus.notify)
        self.hub = Hub(self.database, self.bus)
        poll_seconds = LOCAL_POLL_SECONDS if chosen.bus_url.startswith("memory:") else POLL_SECONDS
        self.rights = SuspensionMonitor(self.database, self.bus, poll_seconds=poll_seconds)
        self.feed = Feed(self.database, self.bus)
        self.engine = open_engine(chosen)
        self.sockets = Sockets()
        self.streams = streams.Streams(streams.Limits(of_address=chosen.streams_of_address))
        self.draining = Draining(self._leave)
        self.services: Services
        self.people: Authenticator

    @asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncGenerator[None, None]:
        async with self.database:
            await self._compose()
            await self.bus.start()
            await self.hub.start()
            await self.rights.start()
            await self.services.presence.start()
            await self.feed.start()
            await self.services.sweeps.start()
            await self.services.rates.start()
            # What stays for the whole life of the process need not be looked through for garbage again and again.
            gc.collect()
            gc.freeze()
            gc.set_threshold(GARBAGE_AT, 10, 10)
            self.draining.take_signals()
            log.info("parley serves", address=public_url(self.settings), version=VERSION)
            yield
            self.draining.give_signals_back()
            await self._leave(0.0)
            await self.services.rates.stop()
            await self.services.sweeps.stop()
            await self.services.presence.stop()
            await self.rights.stop()
            await self.feed.stop()
            await self.hub.stop()
            await self.bus.stop()

    async def _leave(self, seconds: float) -> None:
        """Sends the clients of all streams elsewhere."""
        await asyncio.gather(
            self.sockets.close_all(spread_seconds=seconds), self.streams.close_all(spread_seconds=seconds)
        )

    async def _compose(self) -> None:
        chosen = self.settings
        key = await self.database.secret("cursor")
        tokens = await open_tokens(self.database, chosen)
        self.people = Authenticator(self.database, tokens, self.rights)
        self.services = Services(
            database=self.database,
            hub=self.hub,
            presence=PresenceTracker(self.database, self.hub, self.bus, key=key),
            feed=self.feed,
            cursors=Cursors(key),
            tokens=tokens,
            throttle=WriteRateLimiter(
                chosen.bus_url,
                writes_per_minute=chosen.writes_per_minute,
                writes_per_minute_of_address=chosen.writes_per_minute_of_address,
            ),
            rates=CostBudgets(
                chosen.bus_url,
                cost_per_minute=chosen.cost_per_minute,
                cost_per_minute_of_address=chosen.cost_per_minute_of_address,
            ),
            sweeps=BackgroundJobs(self.database, key),
            limits=chosen.limits,
            public_url=public_url(chosen),
            guests=chosen.takes_guests,
            site_name=chosen.site_name,
            version=VERSION,
            terms=chosen.terms,
        )

    async def open_context(self, authorization: str | None, address: str, *, to_stay: bool = False) -> RequestIdentity:
        """Who asks. Raises RequestRefused for a token that can't be trusted."""
        try:
            viewer = await self.people.viewer(authorization, from_memory=not to_stay)
        except BadToken as error:
            raise RequestRefused([request_error("UNAUTHENTICATED", str(error))]) from error
        return RequestIdentity(Context(self.services, viewer, address), self.rights)

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
