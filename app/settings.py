"""Settings: what the environment says, each name with the prefix PARLEY_."""

from pathlib import Path
from typing import Annotated, NoReturn, Self
from urllib.parse import urlsplit

import typer
from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from strawberry.http.websocket_origin import normalize_allowed_origins

from db.drivers import driver
from execution.persisted import Mode
from forum.limits import Limits
from live.bus import Bus
from transports.address import Addresses

EMBEDDED = "sqlite:///parley.db"
MAX_INT = 2**31 - 1
"""The largest Int of GraphQL."""


class Settings(Limits, BaseSettings):
    """What the environment says, each name with the prefix PARLEY_."""

    model_config = SettingsConfigDict(env_prefix="PARLEY_", extra="ignore", frozen=False, use_attribute_docstrings=True)

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
    cost_per_minute: Annotated[int, Field(ge=1, le=MAX_INT)] = 20_000_000
    """What a person's operations may cost together."""
    cost_per_minute_of_address: Annotated[int, Field(ge=1, le=MAX_INT)] = 200_000_000
    """What the operations of an address may cost together where nobody is signed in."""
    streams_of_address: Annotated[int, Field(ge=1)] = 1_000
    """How many event streams of one address may be open in a process."""
    max_tokens: Annotated[int, Field(ge=100)] = 2_000
    """How many tokens a document may have, and how many selections once its fragments are spread."""
    max_depth: Annotated[int, Field(ge=1, le=100)] = 50
    """How many levels of fields a document may have."""
    max_cost: Annotated[int, Field(ge=1, le=MAX_INT)] = 250_000
    """What one operation may cost: the values that its answer may hold."""
    persisted_documents: Mode = "apq"
    """`off`; `apq`: what clients send with its hash is kept; `trusted`: only the manifest's documents run."""
    documents_manifest: Path | None = None
    """A JSON file of trusted documents, as Relay, graphql-codegen or Apollo write it."""

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
        """The limits of posts, which are settings, too."""
        return Limits(**{name: getattr(self, name) for name in Limits.model_fields})


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


def public_url(chosen: Settings) -> str:
    """Where people reach this Parley, without a slash at the end."""
    return (chosen.public_url or f"http://{chosen.host}:{chosen.port}").rstrip("/")
