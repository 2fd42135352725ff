"""The lifespan of a server process, and the services that live as long as it."""

import asyncio
import sys
import tomllib
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import structlog
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.types import Scope

import db.feed
import db.viewer_events
from access.addresses import network_of
from access.authenticator import Authenticator
from access.budgets import CostBudgets
from access.rate_limits import WriteRateLimiter, shared_storage
from access.rights import LOCAL_POLL_SECONDS, POLL_SECONDS, TOPIC, RightsMonitor
from access.tokens import BadToken, Tokens
from app import memory
from app.engine import open_engine
from app.identity import RequestIdentity
from app.metrics import open_metrics
from app.pages import PageSource
from app.settings import Settings, public_url
from db.database import Database
from db.logs import MODERATION, SITE
from db.versions import versions_of
from delivery.filter import FilterRetries, OutsideFilter
from execution.error_codes import RequestErrorCode
from execution.operation import RequestRefused, request_error
from execution.page_cache import PageCache
from forum.filtering import ask_again
from forum.jobs import BackgroundJobs
from forum.use_cases import Forum
from live.bus import Bus
from live.cursors import Cursors
from live.feed import Feed
from live.follower import LogFollower
from live.hub import Hub
from live.presence import PresenceTracker
from live.reads import StatementReader
from resolvers.context import Context, Services, SiteRow
from text.name_rules import NameRules
from transports.addresses import Addresses
from transports.draining import Draining
from transports.held import Held
from transports.streams import StreamLimits, Streams
from transports.websocket import Sockets
from web.languages import shown_as_names

VERSION: str = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text())["project"]["version"]
READ_SECONDS = 5.0
"""How long one statement that reads may take."""
TURN_SECONDS = 0.002
"""After how long a thread that computes lets the event loop's thread go on. Python's own 5 ms are waited for at each
statement of a request, while a long text is rendered or a new document read."""

log = structlog.get_logger(__name__)


class _Part(Protocol):
    """What works beside the requests until the process ends."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


class Process:
    """What lives as long as a server process: the database, the bus, the followers, and what requests need of them."""

    def __init__(self, chosen: Settings) -> None:
        self.settings = chosen
        self.bus = Bus(chosen.bus_url)
        self.metrics = metrics = open_metrics()
        self.database = Database(
            chosen.database_url,
            notify=self.bus.notify,
            read_seconds=READ_SECONDS,
            observe=metrics.observe_database,
        )
        self.database.driver.on_waited = metrics.observe_pool_wait
        self.hub = Hub(self.database, self.bus)
        self.feed = Feed(self.database, self.bus)
        self.moderation = Feed(self.database, self.bus, log=db.feed.moderation)
        self.persons = LogFollower(StatementReader(self.database, db.viewer_events.STATEMENTS))
        self.bus.on_notification(self.persons.wake, self.persons.check_soon)
        followers: dict[str, LogFollower] = {
            "discussion": self.hub,
            "feed": self.feed,
            "moderation": self.moderation,
            "person": self.persons,
        }
        for name, follower in followers.items():
            follower.observe_delay = metrics.event_observer(name)
        poll_seconds = LOCAL_POLL_SECONDS if chosen.bus_url.startswith("memory:") else POLL_SECONDS
        self.rights = RightsMonitor(self.database, poll_seconds=poll_seconds)
        self.bus.subscribe(TOPIC, self._check_rights)
        self.bus.on_notification(self._check_all_rights, self.rights.check_all_soon)
        self.versions = versions_of(self.database) if chosen.page_cache_mb else None
        self.page_cache = (
            None if self.versions is None else PageCache(self.versions.holds, chosen.page_cache_mb * 1_000_000)
        )
        self.engine = open_engine(chosen, self.page_cache)
        self.sockets = Sockets()
        self.streams = Streams(StreamLimits(per_network=chosen.streams_of_address))
        self.held = Held()
        self.addresses = Addresses(chosen.trusted_proxies)
        self.draining = Draining(self._leave)
        storage = self._storage = shared_storage(chosen.bus_url)
        self.budgets = CostBudgets(storage, chosen)
        self.pages = PageSource(
            self.engine, self.database, self.budgets, self.addresses, lambda: self.services, self.versions
        )
        self.filter_retries: FilterRetries | None = None
        self.services: Services
        self.authenticator: Authenticator

    @asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncGenerator[None, None]:
        memory.bound_heaps()
        sys.setswitchinterval(TURN_SECONDS)
        async with AsyncExitStack() as stack:
            stack.push_async_callback(run_in_threadpool, self.metrics.close)
            await stack.enter_async_context(self.database)
            await self._compose(stack)
            services = self.services
            if self.versions is not None:
                stack.push_async_callback(self.versions.stop)
                await self.versions.start()
            parts: list[_Part] = [
                self.bus,
                self.hub,
                self.feed,
                self.moderation,
                self.persons,
                self.rights,
                services.presence,
                services.jobs,
                self.budgets,
            ]
            if self.filter_retries is not None:
                parts.append(self.filter_retries)
            for part in parts:
                stack.push_async_callback(part.stop)
                await part.start()
            # The first use of threads loads modules for 20 ms: before others wait for the event loop.
            await run_in_threadpool(memory.freeze)
            self.draining.install_signal_handlers()
            log.info("serving", address=public_url(self.settings), version=VERSION)
            yield
            self.draining.restore_signal_handlers()
            await self._leave(0.0)

    def network_of(self, scope: Scope) -> str:
        """The network of a request's client, which counts as one address."""
        return network_of(self.addresses.of(scope))

    def _check_rights(self, user_id: object) -> None:
        """Handles a notification of a command that changes rights. Raises ValueError for one that names no user."""
        if not isinstance(user_id, int):
            raise ValueError("It names no user.")
        self.rights.check_soon(user_id)

    def _check_all_rights(self, log_id: int, _number: int) -> None:
        """Handles a notification: what a moderator or a token changes of a person's rights is in one of these logs."""
        if log_id in (MODERATION, SITE):
            self.rights.check_all_soon()

    async def _leave(self, seconds: float) -> None:
        """Closes all websockets and event streams, spread over `seconds`; their clients reconnect elsewhere."""
        await asyncio.gather(
            self.sockets.close_all(spread_seconds=seconds), self.streams.close_all(spread_seconds=seconds)
        )

    async def _compose(self, stack: AsyncExitStack) -> None:
        chosen = self.settings
        key = await self.database.secret("cursor")
        tokens = await open_tokens(self.database, chosen)
        stack.push_async_callback(tokens.close)
        names = NameRules(
            reserved=[chosen.site_name, *chosen.reserved_names, *shown_as_names()],
            mixed_scripts=chosen.mixed_script_names,
        )
        self.authenticator = Authenticator(self.database, tokens, self.rights, names)
        host = urlsplit(public_url(chosen)).netloc
        jobs = BackgroundJobs(self.database, key, host=host, deleted_days=chosen.deleted_days)
        self.bus.on_notification(
            lambda log_id, _number: jobs.moderators_acted() if log_id == MODERATION else None, jobs.moderators_acted
        )
        limiter = WriteRateLimiter(self._storage, chosen)
        forum = Forum(
            self.database,
            chosen.limits,
            host=host,
            write_limiter=limiter,
            source_changed=jobs.source_changed,
            names=names,
            proof_key=key,
            policy=chosen.policy,
        )
        if chosen.filter_url is not None:
            outside = OutsideFilter(chosen.filter_url, chosen.filter_secret or "")
            stack.push_async_callback(outside.close)
            forum = replace(forum, ask_filter=outside.ask)
            self.filter_retries = FilterRetries(self.database, partial(ask_again, forum))
        self.services = Services(
            database=self.database,
            forum=forum,
            hub=self.hub,
            presence=PresenceTracker(self.database, self.hub, self.bus, key=key),
            feed=self.feed,
            moderation=self.moderation,
            persons=self.persons,
            cursors=Cursors(key),
            tokens=tokens,
            write_limiter=limiter,
            jobs=jobs,
            versions=self.versions,
            site=SiteRow(
                name=chosen.site_name,
                version=VERSION,
                terms=chosen.terms,
                deleted_days=chosen.deleted_days,
                takes_guests=chosen.takes_guests,
                public_url=public_url(chosen),
            ),
        )

    async def identify(
        self, authorization: str | None, address: str, *, is_connection: bool = False
    ) -> RequestIdentity:
        """Returns the viewer of a request. Raises RequestRefused with UNAUTHENTICATED for its token."""
        try:
            viewer = await self.authenticator.viewer(authorization, from_memory=not is_connection)
        except BadToken as error:
            raise RequestRefused([request_error(RequestErrorCode.UNAUTHENTICATED, str(error))]) from error
        if viewer.user_id is not None and viewer.role == "suspended":
            self.services.jobs.record_network(viewer.user_id, network_of(address))
        return RequestIdentity(Context(self.services, viewer, address), self.rights, self.budgets)


async def open_tokens(database: Database, chosen: Settings) -> Tokens:
    """Returns the reader and writer of tokens, with the secret of the settings or else that of the database."""
    secret = chosen.jwt_secret.encode() if chosen.jwt_secret else await database.secret("token")
    return Tokens(
        secret,
        jwks_url=chosen.jwks_url,
        issuer=chosen.jwt_issuer,
        audience=chosen.jwt_audience,
        leeway_seconds=chosen.jwt_leeway,
    )
