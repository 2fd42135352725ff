"""The two kinds of databases, each with its bus, that tests of the service run on."""

import secrets
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.support.servers import PostgreSQL, Valkey, told


@dataclass(frozen=True, slots=True)
class Backend:
    """A kind of database, with the bus that goes with it."""

    name: Literal["sqlite", "postgresql"]
    database_url: str
    """A database for the whole session: the one `parley` serves."""
    bus_url: str
    new_database: Callable[[], str]
    """Gives the URL of one more database, empty."""
    migrated_database: Callable[[], str]
    """Gives the URL of one more database, migrated: a copy, so quicker than to migrate an empty one."""


def sqlite_backend(folder: Path) -> Backend:
    """Databases in files of this folder, and a bus within the process."""
    templates: list[Path] = []

    def path() -> Path:
        return folder / f"{secrets.token_hex(6)}.db"

    def migrated() -> str:
        if not templates:
            template = path()
            told("migrate", database_url=f"sqlite:///{template}")
            templates.append(template)
        copy = path()
        with closing(sqlite3.connect(templates[0])) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
        return f"sqlite:///{copy}"

    return Backend("sqlite", f"sqlite:///{path()}", "memory://", lambda: f"sqlite:///{path()}", migrated)


def postgresql_backend(server: PostgreSQL, valkey: Valkey) -> Backend:
    """Databases of a PostgreSQL server, and a bus on a Valkey server."""
    templates: list[str] = []

    def migrated() -> str:
        if not templates:
            template = server.new_database()
            told("migrate", database_url=template)
            templates.append(template)
        return server.new_database(template=templates[0])

    return Backend("postgresql", server.new_database(), valkey.url, server.new_database, migrated)
