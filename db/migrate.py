"""Brings a database to the present tables, and makes its secrets once."""

import asyncio
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, NullPool, create_engine, event, insert, make_url, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from db.drivers import driver
from db.tables import secrets as secrets_table

SECRET_BYTES = 32
SECRETS = ("cursor", "token")
_ADVISORY_LOCK = 0x7061726C6579

T = TypeVar("T")


def alembic_config(connection: Connection) -> Config:
    """Alembic's settings: all there are, so no ini file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


class DatabaseUnusable(Exception):
    """The database can't be reached, or is not one to keep a Parley in. The message says why."""


async def migrate(url: str) -> None:
    """Runs what migrations are due, one process at a time.

    Raises ValueError for a URL that names no database, and DatabaseUnusable for one that can't be used.
    """
    driver(url)
    try:
        await transact(url, _upgrade)
    except (DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, CommandError) as error:
        why = getattr(error, "orig", None) or error
        shown = make_url(url).render_as_string(hide_password=True)
        raise DatabaseUnusable(f"PARLEY_DATABASE_URL: {shown} can't be used: {' '.join(str(why).split())}") from error


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ADVISORY_LOCK})
    command.upgrade(alembic_config(connection), "head")
    have = set(connection.scalars(select(secrets_table.c.name)))
    for name in SECRETS:
        if name not in have:
            connection.execute(insert(secrets_table).values(name=name, value=secrets.token_bytes(SECRET_BYTES)))


async def transact(url: str, work: Callable[[Connection], T], *, reads: bool = False) -> T:
    """What `work` returns, of one transaction. On SQLite no other writes beside it.

    `reads`: it only reads, hinders nobody, and sees all as it was at its first statement.
    """
    if url.startswith("postgresql:"):
        # The driver reads the URL itself, so that it means the same here as in the running server.
        engine = create_async_engine(
            "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(url), poolclass=NullPool
        )
        if reads:
            engine = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    # The plain driver: a connection of aiosqlite that fails to open leaves a thread that may outlive the event loop.
    return await asyncio.to_thread(_transact_sqlite, url, work, reads=reads)


def _transact_sqlite(url: str, work: Callable[[Connection], T], *, reads: bool) -> T:
    engine = create_engine(url, poolclass=NullPool)

    @event.listens_for(engine, "connect")
    def wait_for_others(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA busy_timeout=15000")
        # Kept by the file, so the server's connections find it so.
        connection.execute("PRAGMA journal_mode=WAL")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    with engine.begin() as connection:
        return work(connection)
