"""Parley's composition: settings, what lives as long as a process, routes, and the command line.

`python server.py` serves; `python server.py --help` names the other commands. Settings come from the environment.
"""

import asyncio
import gc
import logging
import math
import socket
import sys
import tomllib
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, Any, NoReturn, Self
from urllib.parse import urlsplit

import orjson
import structlog
import typer
import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from rich.console import Console
from sqlalchemy.exc import DBAPIError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from strawberry.http.websocket_origin import normalize_allowed_origins
from uvicorn.supervisors import Multiprocess

import db.erase
import db.users
import transports.routes
import web.routes
from archives import demo, export, ning, ning_import, ning_pages, restore
from db.database import Database
from db.drivers import DRIVER_ERRORS, driver
from db.limits import Limits
from db.migrate import DatabaseUnusable
from db.migrate import migrate as migrate_database
from db.rows import UserRow
from execution.documents import DocumentLimits
from execution.engine import Engine
from execution.operation import Operation, RequestRefused, request_error
from execution.persisted import Mode, read_manifest
from live.bus import Bus
from live.cursors import Cursors
from live.feed import Feed
from live.hub import Hub
from live.presence import Presence, Visit
from resolvers.context import Context, Services, Viewer
from resolvers.people import People
from resolvers.rates import OverBudget, Rates
from resolvers.rights import NOTICE, POLL_SECONDS, UNTOLD_POLL_SECONDS, Rights
from resolvers.sweeps import Sweeps
from resolvers.throttle import Throttle
from resolvers.tokens import BadToken, Tokens
from schema.root import schema as contract
from schema.root import sdl, sizes
from schema.scalars import NATIVES, rfc3339
from transports import streams
from transports.address import Addresses
from transports.draining import Draining
from transports.protocol import HttpProtocol, WebSocketProtocol
from transports.websocket import Sockets

ROOT = Path(__file__).parent
VERSION: str = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
EMBEDDED = "sqlite:///parley.db"
MAX_BODY_BYTES = 1_048_576
MAX_FRAME_BYTES = 65_536
GRACE_SECONDS = 6
SILENT_SECONDS = 10
"""How long a peer may leave what it was sent unacknowledged."""
GARBAGE_AT = 20_000
"""How many more objects than before make Python look for cycles: the answer of a large page holds thousands."""
MOST = 2**31 - 1
"""What an Int of GraphQL can say."""

log = structlog.get_logger(__name__)


class Settings(BaseSettings):
    """What the environment says, each name with the prefix PARLEY_."""

    model_config = SettingsConfigDict(env_prefix="PARLEY_", extra="ignore", use_attribute_docstrings=True)

    database_url: str = EMBEDDED
    """Where everything is kept: `sqlite:///FILE` or `postgresql://…`."""
    bus_url: str = "memory://"
    """What rings between processes: `memory://`, `redis://…`, `rediss://…` or `postgresql://…`."""
    host: str = "127.0.0.1"
    """The address it listens on."""
    port: Annotated[int, Field(ge=1, le=65_535)] = 8000
    """The port it listens on."""
    workers: Annotated[int, Field(ge=1, le=64)] = 1
    """How many processes serve; more than one needs PostgreSQL and a bus that they share."""
    jwt_secret: Annotated[str | None, Field(min_length=32)] = None
    """What signs HS256 tokens; made and kept in the database unless it is said."""
    jwks_url: str | None = None
    """The key set of whose tokens are taken besides."""
    jwt_issuer: str | None = None
    """Whose tokens are taken, by their `iss`; any besides our own must have it."""
    jwt_audience: str | None = None
    """Whom tokens must be for, by their `aud`; our own name nobody."""
    guests: bool | None = None
    """Whether guests may sign in; unless it is said, only where the database is the embedded default."""
    allowed_origins: Annotated[list[str], NoDecode] = []
    """The origins whose pages may ask besides our own, or `*`; commas between."""
    trusted_proxies: Annotated[list[str], NoDecode] = []
    """Addresses and networks of proxies whose `X-Forwarded-For` counts; commas between."""
    public_url: str | None = None
    """Where people reach it; from host and port unless it is said."""
    site_name: str = "Parley"
    """What the site is called."""
    terms: str | None = None
    """What people agree to by writing, in Markdown or as an address."""
    writes_per_minute: Annotated[int, Field(ge=1)] = 300
    """How often a person may write."""
    writes_per_minute_of_address: Annotated[int, Field(ge=1)] = 1200
    """How often those of one address (of IPv6 a /64) may write."""
    cost_per_minute: Annotated[int, Field(ge=1, le=MOST)] = 20_000_000
    """What a person's operations may cost together."""
    cost_per_minute_of_address: Annotated[int, Field(ge=1, le=MOST)] = 200_000_000
    """What the operations of an address may cost together where nobody is signed in."""
    streams_of_address: Annotated[int, Field(ge=1)] = 1_000
    """How many event streams of one address may be open in a process."""
    max_tokens: Annotated[int, Field(ge=100)] = 2_000
    """How many tokens a document may have, and how many selections once its fragments are spread."""
    max_depth: Annotated[int, Field(ge=1, le=100)] = 50
    """How many levels of fields a document may have."""
    max_cost: Annotated[int, Field(ge=1, le=MOST)] = 250_000
    """What one operation may cost: the values that its answer may hold."""
    persisted_documents: Mode = "apq"
    """`off`; `apq`: what clients send with its hash is kept; `trusted`: only the manifest's documents run."""
    documents_manifest: Path | None = None
    """A JSON file of trusted documents, as Relay, graphql-codegen or Apollo write it."""
    title_length: Annotated[int, Field(ge=1)] = 200
    """How many characters a title may have."""
    opening_post_length: Annotated[int, Field(ge=1)] = 100_000
    """How many characters an opening post may have."""
    reply_length: Annotated[int, Field(ge=1)] = 40_000
    """How many characters a reply may have."""
    depth: Annotated[int, Field(ge=0, le=500)] = 100
    """How many replies may stand above a reply."""
    quotes: Annotated[int, Field(ge=0)] = 20
    """How many quotes a post may make."""

    @field_validator("allowed_origins", "trusted_proxies", mode="before")
    @classmethod
    def split_at_commas(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("allowed_origins")
    @classmethod
    def name_origins(cls, value: list[str]) -> list[str]:
        return sorted(normalize_allowed_origins(value))

    @field_validator("trusted_proxies")
    @classmethod
    def name_networks(cls, value: list[str]) -> list[str]:
        Addresses(value)
        return value

    @field_validator("database_url")
    @classmethod
    def name_a_database(cls, value: str) -> str:
        driver(value)
        return value

    @field_validator("bus_url")
    @classmethod
    def name_a_bus(cls, value: str) -> str:
        Bus(value)
        return value

    @field_validator("jwks_url", "public_url")
    @classmethod
    def be_an_address(cls, value: str | None) -> str | None:
        if value is not None and (urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).netloc):
            raise ValueError("it must be an address that begins with http:// or https://")
        return value

    @model_validator(mode="after")
    def share_what_workers_share(self) -> Self:
        if self.workers > 1 and self.database_url.startswith("sqlite:"):
            raise ValueError("PARLEY_WORKERS over 1 needs PostgreSQL: SQLite is for one process")
        if self.workers > 1 and self.bus_url.startswith("memory:"):
            raise ValueError("PARLEY_WORKERS over 1 needs a bus they share: redis://… or postgresql://…")
        return self

    @model_validator(mode="after")
    def trust_a_manifest(self) -> Self:
        if (self.persisted_documents == "trusted") != (self.documents_manifest is not None):
            raise ValueError("PARLEY_PERSISTED_DOCUMENTS=trusted and PARLEY_DOCUMENTS_MANIFEST need each other")
        return self

    @property
    def takes_guests(self) -> bool:
        return self.database_url == EMBEDDED if self.guests is None else self.guests

    @property
    def limits(self) -> Limits:
        return Limits(
            title_length=self.title_length,
            opening_post_length=self.opening_post_length,
            reply_length=self.reply_length,
            depth=self.depth,
            quotes=self.quotes,
        )


def settings() -> Settings:
    """The settings; a wrong one ends the program with one line that says which and why."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = f"PARLEY_{str(first['loc'][0]).upper()}: " if first["loc"] else ""
        # Secrets and the passwords in URLs are not for the log.
        shown = first["loc"] and first["loc"][0] not in ("jwt_secret", "database_url", "bus_url")
        given = f" (it is «{first['input']}»)" if shown else ""
        fail(f"{name}{first['msg'].removeprefix('Value error, ')}{given}")


def fail(message: str) -> NoReturn:
    """Ends the program with one line."""
    typer.echo(f"parley: {message}", err=True)
    raise SystemExit(2)


def open_engine(chosen: Settings) -> Engine:
    """What runs operations; a manifest that can't be served ends the program with one line."""
    try:
        return Engine(
            contract,
            NATIVES,
            limits=DocumentLimits(tokens=chosen.max_tokens, depth=chosen.max_depth, cost=chosen.max_cost),
            sizes=sizes(chosen.limits),
            persisted=chosen.persisted_documents,
            manifest=read_manifest(chosen.documents_manifest) if chosen.documents_manifest else None,
        )
    except ValueError as error:
        fail(f"PARLEY_DOCUMENTS_MANIFEST: {chosen.documents_manifest}: {error}")


class Caller:
    """Who asks, as the transports hold them: what an operation costs is taken from their budget."""

    def __init__(self, context: Context, rights: Rights) -> None:
        self.context = context
        self.rights = rights

    @property
    def expires_at(self) -> datetime | None:
        return self.context.viewer.expires_at

    def hold(self, ended: Callable[[str], None]) -> Callable[[], None]:
        visit = Visit()
        self.context = replace(self.context, visit=visit)
        viewer, leave = self.context.viewer, partial(self.context.services.presence.leave, visit)
        if viewer.user_id is None or viewer.expires_at is None:
            return leave

        def release() -> None:
            leave()
            timer.cancel()
            let_go()

        def end(reason: str) -> None:
            release()
            ended(reason)

        remaining = (viewer.expires_at - datetime.now(UTC)).total_seconds()
        timer = asyncio.get_running_loop().call_later(max(0.0, remaining), end, "Token expired")
        let_go = self.rights.hold(viewer.user_id, end)
        return release

    def spend(self, cost: int) -> Context:
        context = self.context
        try:
            rate = context.services.rates.spend(context.viewer.user_id, context.address, cost)
        except OverBudget as over:
            rate = over.rate
            extensions = {"cost": cost, "limit": rate.limit, "remaining": rate.remaining}
            error = request_error("RATE_LIMITED", str(over), **extensions, resetAt=rfc3339(rate.reset_at))
            wait = math.ceil((rate.reset_at - datetime.now(UTC)).total_seconds())
            raise RequestRefused([error], retry_seconds=max(1, wait)) from over
        return Context(context.services, context.viewer, context.address, rate, context.visit)


class Process:
    """What lives as long as a server process: the database, the bus, the hub, and what requests need of them."""

    def __init__(self, chosen: Settings) -> None:
        self.settings = chosen
        self.bus = Bus(chosen.bus_url)
        self.database = Database(chosen.database_url, announce=self.bus.ring)
        self.hub = Hub(self.database, self.bus)
        poll_seconds = UNTOLD_POLL_SECONDS if chosen.bus_url.startswith("memory:") else POLL_SECONDS
        self.rights = Rights(self.database, self.bus, poll_seconds=poll_seconds)
        self.feed = Feed(self.database, self.bus)
        self.engine = open_engine(chosen)
        self.sockets = Sockets()
        self.streams = streams.Streams(streams.Limits(of_address=chosen.streams_of_address))
        self.draining = Draining(self._leave)
        self.services: Services
        self.people: People

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
        self.people = People(self.database, tokens, self.rights)
        self.services = Services(
            database=self.database,
            hub=self.hub,
            presence=Presence(self.database, self.hub, self.bus, key=key),
            feed=self.feed,
            cursors=Cursors(key),
            tokens=tokens,
            throttle=Throttle(
                chosen.bus_url,
                writes_per_minute=chosen.writes_per_minute,
                writes_per_minute_of_address=chosen.writes_per_minute_of_address,
            ),
            rates=Rates(
                chosen.bus_url,
                cost_per_minute=chosen.cost_per_minute,
                cost_per_minute_of_address=chosen.cost_per_minute_of_address,
            ),
            sweeps=Sweeps(self.database, key),
            limits=chosen.limits,
            public_url=public_url(chosen),
            guests=chosen.takes_guests,
            site_name=chosen.site_name,
            version=VERSION,
            terms=chosen.terms,
        )

    async def open_context(self, authorization: str | None, address: str, *, to_stay: bool = False) -> Caller:
        """Who asks. Raises RequestRefused for a token that can't be trusted."""
        try:
            viewer = await self.people.viewer(authorization, from_memory=not to_stay)
        except BadToken as error:
            raise RequestRefused([request_error("UNAUTHENTICATED", str(error))]) from error
        return Caller(Context(self.services, viewer, address), self.rights)

    async def read(self, document: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The data of a query of the server's own pages, as a reader without a token sees it. Raises NoAnswer."""
        prepared = self.engine.prepare(Operation(document, variables), is_ours=True)
        answer = orjson.loads(await self.engine.execute(prepared, Context(self.services, Viewer(), "")))
        if "errors" in answer:
            raise web.routes.NoAnswer(answer["errors"][0]["message"])
        found: dict[str, Any] = answer["data"]
        return found

    async def ready(self, _request: Request) -> Response:
        """Whether requests should come here: the database answers. A bus that is away only makes events late."""
        if self.draining.begun:
            return JSONResponse({"ready": False, "draining": True}, status_code=503)
        try:
            await asyncio.wait_for(self.database.ping(), timeout=3)
        except Exception as error:  # noqa: BLE001 - whatever it is, the database does not answer.
            log.warning("not ready", error=repr(error))
            return JSONResponse({"ready": False, "database": False, "bus": self.bus.connected}, status_code=503)
        return JSONResponse({"ready": True, "database": True, "bus": self.bus.connected})

    async def metrics(self, _request: Request) -> Response:
        """The figures of this process in Prometheus' text format."""
        registry = CollectorRegistry()
        for name, text, value in (
            ("parley_bus_connected", "Whether the bus is heard.", float(self.bus.connected)),
            ("parley_followers", "How many streams are followed here.", float(self.engine.followers)),
            ("parley_feed_followers", "How many read the feed here, alone or for many.", float(self.feed.followers)),
            ("parley_followed_discussions", "How many discussions are followed here.", float(self.hub.followed)),
            ("parley_presences", "How many readers are known to be somewhere.", float(self.services.presence.known)),
            ("parley_sockets", "How many websockets are open here.", float(len(self.sockets))),
            ("parley_tasks", "How many asyncio tasks there are.", float(len(asyncio.all_tasks()))),
            ("parley_statements", "How many reads were sent to the database.", float(self.database.statement_count)),
        ):
            Gauge(name, text, registry=registry).set(value)
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def public_url(chosen: Settings) -> str:
    """Where people reach this Parley, without a slash at the end."""
    return (chosen.public_url or f"http://{chosen.host}:{chosen.port}").rstrip("/")


async def open_tokens(database: Database, chosen: Settings) -> Tokens:
    """Reads and writes tokens by the secret of the settings, or by the one the database keeps."""
    secret = chosen.jwt_secret.encode() if chosen.jwt_secret else await database.secret("token")
    return Tokens(secret, jwks_url=chosen.jwks_url, issuer=chosen.jwt_issuer, audience=chosen.jwt_audience)


async def alive(_request: Request) -> Response:
    return PlainTextResponse("alive\n")


async def contract_text(_request: Request) -> Response:
    return PlainTextResponse(sdl(), media_type="application/graphql; charset=utf-8")


def create_app() -> Starlette:
    """The ASGI application, by the settings of the environment; uvicorn calls it in every worker."""
    set_up_logging()
    process = Process(settings())
    chosen = process.settings
    return Starlette(
        routes=[
            *transports.routes.routes(
                process.engine,
                process.open_context,
                allowed_origins=chosen.allowed_origins,
                trusted_proxies=chosen.trusted_proxies,
                max_body_bytes=MAX_BODY_BYTES,
                sockets=process.sockets,
                streams=process.streams,
                is_alone=chosen.workers == 1 and chosen.bus_url.startswith("memory:"),
            ),
            *web.routes.routes(process.read, public_url=public_url(chosen), site_name=chosen.site_name),
            Route("/healthz", alive),
            Route("/readyz", process.ready),
            Route("/metrics", process.metrics),
            Route("/schema.graphql", contract_text),
        ],
        lifespan=process.lifespan,
    )


def set_up_logging() -> None:
    """One line an event on standard error, and the traceback where there is one."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # Plain, because a traceback that shows the values of variables shows what people wrote.
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s [%(levelname)s] %(name)s: %(message)s")


commands = typer.Typer(
    no_args_is_help=False, add_completion=False, help=__doc__, rich_markup_mode=None, pretty_exceptions_enable=False
)


def run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Runs a command's work; what is expected to go wrong ends it with one line."""
    try:
        asyncio.run(work())
    except (OSError, LookupError, ValueError, DatabaseUnusable, ning.ArchiveNotFoundError) as error:
        fail(str(error))
    except DRIVER_ERRORS as error:
        fail(f"The database refused: {error}")
    except DBAPIError as error:
        fail(f"The database refused: {error.orig}")


@commands.callback(invoke_without_command=True)
def default(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        serve()


@commands.command()
def serve(
    demo_data: Annotated[
        bool, typer.Option("--demo", help="Put a lively discussion into an empty embedded database first.")
    ] = False,
) -> None:
    """Migrate and serve (the default)."""
    chosen = settings()
    # Also where workers will do so, since those that fail are only started anew.
    open_engine(chosen)

    async def prepare() -> None:
        await migrate_database(chosen.database_url)
        if demo_data and chosen.database_url.startswith("sqlite:"):
            async with Database(chosen.database_url) as database:
                await demo.fill(database)

    run(prepare)
    config = uvicorn.Config(
        "server:create_app",
        factory=True,
        workers=chosen.workers,
        log_level="warning",
        access_log=False,
        server_header=False,
        # The transports read X-Forwarded-For themselves, from trusted proxies only.
        proxy_headers=False,
        http=HttpProtocol,
        ws=WebSocketProtocol,
        ws_max_size=MAX_FRAME_BYTES,
        ws_per_message_deflate=False,
        # The transports ping, and know who does not answer.
        ws_ping_interval=None,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    sockets = [listening_socket(chosen.host, chosen.port)]
    if chosen.workers > 1:
        Multiprocess(config, sockets=sockets).run()
    else:
        uvicorn.Server(config).run(sockets=sockets)


def listening_socket(host: str, port: int) -> socket.socket:
    """A socket of our own, because asyncio turns Nagle's delay off only where the protocol is named.

    Ends with one line.
    """
    try:
        family, kind, proto, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP, flags=socket.AI_PASSIVE
        )[0]
        opened = socket.socket(family, kind, proto)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if sys.platform == "linux":
            # Connections inherit it; without, a client that vanished pins its socket for a quarter of an hour.
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SILENT_SECONDS * 1000)
        opened.bind(address)
    except OSError as error:
        fail(f"PARLEY_HOST and PARLEY_PORT: {host}:{port} can't be listened on: {error.strerror}")
    opened.set_inheritable(True)
    return opened


@commands.command()
def migrate() -> None:
    """Bring the database to the present tables."""
    run(lambda: migrate_database(settings().database_url))


@commands.command()
def token(
    handle: Annotated[str, typer.Option(help="Whose token; a person who is not there yet is made.")],
    moderator: Annotated[bool, typer.Option("--moderator", help="Lift the person to a moderator.")] = False,
    hours: Annotated[float, typer.Option(min=0.001, help="How long the token holds.")] = 24.0,
) -> None:
    """Print a bearer token for scripts."""
    chosen = settings()

    async def write() -> None:
        await migrate_database(chosen.database_url)
        async with Database(chosen.database_url) as database:
            wished = db.users.handle_of(handle)
            if not wished:
                raise ValueError(f"«{handle}» is no handle: it needs a letter or a digit.")
            person = await database.row(db.users.by_handle, handle=wished)
            made = db.users.Person(handle=wished, name=handle)
            user_id = person.id if person else await database.write(lambda tx: db.users.add_user(tx, made))
            tokens = await open_tokens(database, chosen)
            typer.echo(tokens.write(user_id, timedelta(hours=hours), moderator=moderator))

    run(write)


@commands.command()
def suspend(handle: Annotated[str, typer.Option(help="Whom to suspend.")]) -> None:
    """Suspend a person: their tokens are refused, and what they follow ends."""
    set_suspended(handle, suspended=True)


@commands.command()
def unsuspend(handle: Annotated[str, typer.Option(help="Who may come back.")]) -> None:
    """Let a suspended person come back."""
    set_suspended(handle, suspended=False)


async def person_of(database: Database, handle: str) -> UserRow:
    """The person of a handle. Raises LookupError."""
    person = await database.row(db.users.by_handle, handle=handle.removeprefix("@").casefold())
    if person is None:
        raise LookupError(f"Nobody here has the handle «{handle}».")
    return person


async def tell_of(chosen: Settings, user_id: int) -> bool:
    """Tells the running servers that the rights of a person have changed; False where the bus is away."""
    bus = Bus(chosen.bus_url)
    await bus.start()
    told = await bus.tell(NOTICE, user_id)
    await bus.stop()
    return told


def set_suspended(handle: str, *, suspended: bool) -> None:
    """Suspends a person or lets them come back, and tells the running servers."""
    set_up_logging()
    chosen = settings()

    async def write() -> None:
        await migrate_database(chosen.database_url)
        async with Database(chosen.database_url) as database:
            person = await person_of(database, handle)
            change = db.users.suspend_user if suspended else db.users.unsuspend_user
            await database.write(lambda tx: change(tx, person.id))
        late = "" if await tell_of(chosen, person.id) else "; the bus is away, so servers find out within 5 seconds"
        typer.echo(f"@{person.handle} is {'suspended' if suspended else 'not suspended'}{late}.")

    run(write)


@commands.command()
def erase(
    handle: Annotated[str, typer.Option(help="Whom to erase.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase a person for good: what they wrote, what others quote of it, and who they were."""
    set_up_logging()
    chosen = settings()

    async def write() -> None:
        await migrate_database(chosen.database_url)
        async with Database(chosen.database_url) as database:
            person = await person_of(database, handle)
            if not yes and not sys.stdin.isatty():
                raise ValueError(f"@{person.handle} is erased for good: say so with --yes.")
            if not yes and not typer.confirm(f"Erase @{person.handle} ({person.name}) for good?"):
                raise ValueError("Nothing was erased.")
            await database.write(lambda tx: db.users.suspend_user(tx, person.id))
            told = await tell_of(chosen, person.id)
            # A server that is not told asks; until then it would let them write.
            await asyncio.sleep((UNTOLD_POLL_SECONDS if told else POLL_SECONDS)[1] + 0.5)
            erasure = await db.erase.erase_user(database, person, lambda step: typer.echo(f"{step} …", err=True))
        is_clean = await db.erase.clean(chosen.database_url)
        typer.echo(
            f"@{person.handle} is erased: {erasure.posts} posts, and what was theirs in {erasure.others} posts and"
            " versions of others. Backups and exports of before still have it."
        )
        if not is_clean:
            fail("SQLite's files still hold what was erased, because somebody reads: run erase again, or restart.")

    run(write)


@commands.command("import-ning")
def import_ning(
    path: Annotated[
        Path, typer.Argument(help="The folder of a Ning archive, or of saved pages, or a page.", metavar="PATH")
    ],
) -> None:
    """Move a Ning community in; run again, it changes nothing."""
    chosen = settings()

    async def move() -> None:
        archives = ning_pages.read_archives(path)
        await migrate_database(chosen.database_url)
        async with Database(chosen.database_url) as database:
            for archive in archives:
                await ning_import.run(database, archive)

    run(move)


@commands.command("export")
def export_forum(
    file: Annotated[Path, typer.Argument(help="Where to write it; - is standard output.", metavar="FILE")],
) -> None:
    """Write the whole forum, as it is at this moment, as lines of JSON (docs/export.md)."""
    chosen = settings()
    console = Console(stderr=True)

    async def write() -> None:
        await migrate_database(chosen.database_url)
        with nullcontext(sys.stdout.buffer) if str(file) == "-" else export.WholeFile(file) as opened:
            count = await export.export(chosen.database_url, opened.write, console)
        console.print(f"Exported {count:,} records.", highlight=False)

    run(write)


@commands.command("import")
def import_forum(
    file: Annotated[Path, typer.Argument(help="What export wrote; - is standard input.", metavar="FILE")],
) -> None:
    """Fill an empty database from an export, whole or not at all."""
    chosen = settings()
    console = Console(stderr=True)

    async def read() -> None:
        with nullcontext(sys.stdin.buffer) if str(file) == "-" else file.open("rb") as opened:
            size_bytes = None if str(file) == "-" else file.stat().st_size
            await migrate_database(chosen.database_url)
            count = await restore.restore(chosen.database_url, str(file), opened, size_bytes, console)
        console.print(f"Imported {count:,} records.", highlight=False)

    run(read)


@commands.command()
def schema() -> None:
    """Print the schema in GraphQL's own language."""
    typer.echo(sdl(), nl=False)


if __name__ == "__main__":
    commands()
