"""Settings, read from environment variables with the prefix PARLEY_."""

import re
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, NoReturn, Self
from urllib.parse import urlsplit

import typer
from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from strawberry.http.websocket_origin import normalize_allowed_origins

from access.limits import MAX_INT, RateLimits
from access.tokens import LEEWAY_SECONDS
from app.logs import LogFormat
from db.drivers import driver
from delivery.filter import signing_key
from execution.persisted import Mode
from forum.limits import Limits
from forum.policy import Policy
from live.bus import Bus
from text import held_words
from text.held_words import HeldWords
from transports.addresses import Addresses

EMBEDDED = "sqlite:///parley.db"


class Settings(Limits, RateLimits, BaseSettings):
    """The settings of a process. Each is read from the environment variable PARLEY_ plus its name in capitals."""

    model_config = SettingsConfigDict(env_prefix="PARLEY_", extra="ignore", frozen=False, use_attribute_docstrings=True)

    database_url: str = EMBEDDED
    """Database URL: `sqlite:///FILE` or `postgresql://…`."""
    bus_url: str = "memory://"
    """Bus URL, for notifications between processes: `memory://`, `redis://…`, `rediss://…` or `postgresql://…`."""
    host: str = "127.0.0.1"
    """IP address or host name to listen on."""
    port: Annotated[int, Field(ge=1, le=65_535)] = 8000
    """TCP port to listen on."""
    workers: Annotated[int, Field(ge=1, le=64)] = 1
    """Number of server processes. More than one needs PostgreSQL and a shared bus."""
    jwt_secret: Annotated[str | None, Field(min_length=32)] = None
    """Secret that signs and verifies HS256 tokens. If unset, one is generated and kept in the database."""
    jwks_url: str | None = None
    """JWKS URL of an additional trusted issuer."""
    jwt_issuer: str | None = None
    """Required `iss` claim of tokens that Parley has not issued itself. If unset, any issuer is accepted."""
    jwt_audience: str | None = None
    """Required `aud` claim of tokens that Parley has not issued itself. If unset, `aud` is not checked."""
    jwt_leeway: Annotated[int, Field(ge=0, le=3600)] = LEEWAY_SECONDS
    """Seconds by which clocks of issuers may differ: a token is valid so long after its `exp` and before its `nbf`."""
    guests: bool | None = None
    """Whether visitors may sign in as guests. If unset, only with the default database, `sqlite:///parley.db`."""
    allowed_origins: Annotated[list[str], NoDecode] = []
    """CORS origins that may send requests besides Parley's own, separated by commas, or `*` for all."""
    trusted_proxies: Annotated[list[str], NoDecode] = []
    """IP addresses and networks of proxies whose `X-Forwarded-For` header is trusted, separated by commas."""
    public_url: str | None = None
    """Public base URL, used for links. If unset, it is built from host and port."""
    allowed_hosts: Annotated[list[str], NoDecode] = []
    """Host names of the server besides its public one, `localhost` and IP addresses, by commas, or `*` for all."""
    site_name: str = "Parley"
    """Name of the site."""
    deleted_days: Annotated[int, Field(ge=0, le=36_500)] = 30
    """Days after which the words of deleted posts are purged, and cannot be restored. With 0, within two hours."""
    hold_first_posts: Annotated[int | None, Field(ge=0, le=1_000)] = None
    """How many first posts of a person a moderator publishes. If unset, one of a guest on a public site, else none."""
    hold_links: Annotated[int, Field(ge=0, le=1_000)] = 0
    """How many published posts a person needs before what they write with links or images of elsewhere is not held."""
    held_words: Path | None = None
    """File of words and phrases, one on each line, that have a post held; lines that begin with `#` are comments."""
    filter_url: str | None = None
    """URL of an outside filter that is asked about each post before it is published."""
    filter_secret: str | None = None
    """Secret that signs the requests to the filter, `whsec_` and base64, as Standard Webhooks has it."""
    demo: bool = False
    """Whether the page has a panel that disconnects it and signs in further people. `serve --demo` sets it."""
    reserved_names: Annotated[list[str], NoDecode] = []
    """Names that only moderators may bear, besides the site's name and those of roles, separated by commas."""
    mixed_script_names: bool = False
    """Whether a word of a name may mix scripts, such as Latin and Cyrillic."""
    terms: str | None = None
    """Terms that people accept by writing, as Markdown or a URL."""
    streams_of_address: Annotated[int, Field(ge=1)] = 1_000
    """Maximum open event streams and websockets from one IP address (a /64 network of IPv6), per process."""
    max_tokens: Annotated[int, Field(ge=100)] = 2_000
    """Maximum tokens of a document, and maximum selections after its fragments are expanded."""
    max_depth: Annotated[int, Field(ge=1, le=100)] = 50
    """Maximum nesting depth of the fields of a document."""
    max_cost: Annotated[int, Field(ge=1, le=MAX_INT)] = 500_000
    """Maximum cost of one operation, counted as the values that its response may contain."""
    page_cache_mb: Annotated[int, Field(ge=0, le=65_536)] = 64
    """Megabytes of answers that a process keeps, to send again while the database proves them unchanged; 0 for none."""
    log_format: LogFormat = "text"
    """Form of the lines of the log: `text` or `json`."""
    persisted_documents: Mode = "apq"
    """`off`, `apq` (automatic persisted queries) or `trusted` (only documents of the manifest are executed)."""
    documents_manifest: Path | None = None
    """JSON file of trusted documents, as written by Relay, graphql-codegen or Apollo."""

    @field_validator("allowed_hosts", "allowed_origins", "reserved_names", "trusted_proxies", mode="before")
    @classmethod
    def split_at_commas(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("allowed_origins")
    @classmethod
    def check_origins(cls, value: list[str]) -> list[str]:
        return sorted(normalize_allowed_origins(value))

    @field_validator("allowed_hosts")
    @classmethod
    def check_hosts(cls, value: list[str]) -> list[str]:
        for host in value:
            if not re.fullmatch(r"\*|[\w.-]+", host):
                raise ValueError(f'"{host}" must be a host name alone, without scheme and port, or *')
        return [host.lower() for host in value]

    @field_validator("reserved_names")
    @classmethod
    def check_names(cls, value: list[str]) -> list[str]:
        for name in value:
            if not any(map(str.isalnum, name)):
                raise ValueError(f'"{name}" must have a letter or a digit')
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def check_networks(cls, value: list[str]) -> list[str]:
        Addresses(value)
        return value

    @field_validator("database_url")
    @classmethod
    def check_database_url(cls, value: str) -> str:
        driver(value)
        return value

    @field_validator("bus_url")
    @classmethod
    def check_bus_url(cls, value: str) -> str:
        Bus(value)
        return value

    @field_validator("held_words")
    @classmethod
    def check_held_words(cls, value: Path | None) -> Path | None:
        if value is not None:
            read_held_words(value)
        return value

    @field_validator("filter_secret")
    @classmethod
    def check_filter_secret(cls, value: str | None) -> str | None:
        if value is not None:
            signing_key(value)
        return value

    @field_validator("filter_url", "jwks_url", "public_url")
    @classmethod
    def check_url(cls, value: str | None) -> str | None:
        if value is not None and (urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).netloc):
            raise ValueError("It must be a URL that begins with http:// or https://")
        return value

    @model_validator(mode="after")
    def check_workers(self) -> Self:
        if self.workers > 1 and self.database_url.startswith("sqlite:"):
            raise ValueError(
                f"PARLEY_WORKERS is {self.workers}, but SQLite supports one process:"
                " set PARLEY_DATABASE_URL to postgresql://… or PARLEY_WORKERS to 1"
            )
        if self.workers > 1 and self.bus_url.startswith("memory:"):
            raise ValueError(
                f"PARLEY_WORKERS is {self.workers}, but a memory:// bus connects no processes:"
                " set PARLEY_BUS_URL to redis://… or postgresql://…, or PARLEY_WORKERS to 1"
            )
        return self

    @model_validator(mode="after")
    def check_manifest(self) -> Self:
        if self.persisted_documents == "trusted" and self.documents_manifest is None:
            raise ValueError(
                "PARLEY_PERSISTED_DOCUMENTS is trusted, but PARLEY_DOCUMENTS_MANIFEST is unset:"
                " set it to the file of trusted documents"
            )
        if self.documents_manifest is not None and self.persisted_documents != "trusted":
            raise ValueError(
                f"PARLEY_DOCUMENTS_MANIFEST is set, but PARLEY_PERSISTED_DOCUMENTS is {self.persisted_documents}:"
                " set it to trusted"
            )
        return self

    @model_validator(mode="after")
    def check_filter(self) -> Self:
        if self.filter_url is not None and self.filter_secret is None:
            raise ValueError(
                "PARLEY_FILTER_URL is set, but PARLEY_FILTER_SECRET is unset:"
                " set it to whsec_ and 32 random bytes in base64"
            )
        return self

    @property
    def policy(self) -> Policy:
        """What is held before others read it."""
        if self.hold_first_posts is None:
            first_posts, of_guests = 0, int(self.takes_guests and self._is_public)
        else:
            first_posts = of_guests = self.hold_first_posts
        return Policy(
            first_posts=first_posts,
            first_posts_of_guests=of_guests,
            posts_before_links=self.hold_links,
            words=HeldWords() if self.held_words is None else read_held_words(self.held_words),
        )

    @property
    def _is_public(self) -> bool:
        """Whether people of other machines are meant to come."""
        host = urlsplit(public_url(self)).hostname or ""
        try:
            return not ip_address(host).is_loopback
        except ValueError:
            return host != "localhost" and not host.endswith(".localhost")

    @property
    def takes_guests(self) -> bool:
        return self.database_url == EMBEDDED if self.guests is None else self.guests

    @property
    def limits(self) -> Limits:
        """The limits of posts, which are settings, too."""
        return Limits(**{name: getattr(self, name) for name in Limits.model_fields})


def settings() -> Settings:
    """Returns the settings. An invalid one ends the program with one line that names it and says why."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = f"PARLEY_{str(first['loc'][0]).upper()}: " if first["loc"] else ""
        # Secrets, and URLs that contain passwords, must not appear in a log.
        shown = first["loc"] and first["loc"][0] not in ("jwt_secret", "filter_secret", "database_url", "bus_url")
        given = f' (got "{first["input"]}")' if shown else ""
        fail(f"{name}{first['msg'].removeprefix('Value error, ')}{given}")


def fail(message: str) -> NoReturn:
    """Prints one line to standard error and exits with code 2."""
    typer.echo(f"parley: {message}", err=True)
    raise SystemExit(2)


def public_url(chosen: Settings) -> str:
    """Returns the public base URL, without a slash at the end."""
    return (chosen.public_url or f"http://{chosen.host}:{chosen.port}").rstrip("/")


def read_held_words(path: Path) -> HeldWords:
    """Returns the words of a file. Raises ValueError if it cannot be read, or has a line without a word."""
    try:
        return held_words.read(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"The file cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ValueError("The file is not in UTF-8") from error


def hosts(chosen: Settings) -> list[str]:
    """Returns the host names under which the server answers."""
    named = [*chosen.allowed_hosts, urlsplit(public_url(chosen)).hostname or "", chosen.host]
    return [*named, *(ascii_name for name in named if (ascii_name := _in_punycode(name)) is not None)]


def _in_punycode(host: str) -> str | None:
    """Returns a name with letters beyond ASCII as browsers send it; None for other names."""
    try:
        return None if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        return None
