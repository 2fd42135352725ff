"""Migrates a database to the tables of a revision, and makes its secrets once."""

import asyncio
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, NullPool, create_engine, event, insert, make_url, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from db.drivers import driver
from db.files import make_private
from db.poolers import TransactionPooler, refuse_transaction_pooler
from db.tables import metadata
from db.tables import secrets as secrets_table

SECRET_BYTES = 32
SECRETS = ("cursor", "token")
MIGRATIONS = Path(__file__).parent / "migrations"
HEAD = "head"
"""The newest revision, as Alembic calls it."""
_ADVISORY_LOCK = 0x7061726C6579

T = TypeVar("T")


class DatabaseUnusable(Exception):
    """The database can't be reached, or is not one to keep a Parley in. The message says why."""


async def migrate(url: str, revision: str = HEAD) -> None:
    """Runs the migrations up to a revision that the database lacks, one process at a time.

    Raises ValueError for a URL that names no database, and DatabaseUnusable for one that can't be used.
    """

    def work(connection: Connection) -> None:
        upgrade(connection, revision)
        add_secrets(connection)

    with database_errors(url):
        await transact(url, work)
        if url.startswith("postgresql:"):
            await refuse_transaction_pooler(url)


def revisions() -> list[str]:
    """Returns the revisions of the tables that this code knows, oldest first."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    scripts = ScriptDirectory.from_config(config).walk_revisions()
    return [script.revision for script in scripts][::-1]


def upgrade(connection: Connection, revision: str = HEAD) -> None:
    """Runs the migrations up to a revision in the connection's transaction, while no other process migrates."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ADVISORY_LOCK})
    command.upgrade(alembic_config(connection), revision)


def recreate(connection: Connection, revision: str) -> None:
    """Drops all of Parley's tables of a database at the newest revision, and creates them as they were at another.

    The secrets are kept, since a running server may have read them.
    """
    kept = connection.execute(select(secrets_table)).mappings().all()
    # It refers to the posts and is no table of the metadata: each database has its own kind of index.
    connection.execute(text("DROP TABLE post_search"))
    metadata.drop_all(connection)
    connection.execute(text("DROP TABLE alembic_version"))
    upgrade(connection, revision)
    if kept:
        connection.execute(insert(secrets_table), [dict(row) for row in kept])


def add_secrets(connection: Connection) -> None:
    """Makes the secrets that the database lacks."""
    have = set(connection.scalars(select(secrets_table.c.name)))
    for name in SECRETS:
        if name not in have:
            connection.execute(insert(secrets_table).values(name=name, value=secrets.token_bytes(SECRET_BYTES)))


def alembic_config(connection: Connection) -> Config:
    """Returns the settings of Alembic, which needs no ini file."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


@contextmanager
def database_errors(url: str) -> Iterator[None]:
    """Turns what a database raises within into DatabaseUnusable. Raises ValueError if the URL names no database."""
    driver(url)
    try:
        yield
    except (
        DBAPIError,
        asyncpg.PostgresError,
        asyncpg.InterfaceError,
        OSError,
        CommandError,
        TransactionPooler,
    ) as error:
        why = getattr(error, "orig", None) or error
        shown = make_url(url).render_as_string(hide_password=True)
        raise DatabaseUnusable(f"PARLEY_DATABASE_URL: {shown} can't be used: {' '.join(str(why).split())}") from error


async def transact(url: str, work: Callable[[Connection], T], *, reads: bool = False) -> T:
    """Runs `work` in one transaction and returns its result. On SQLite nobody else writes at the same time.

    With `reads` the transaction only reads, blocks nobody, and sees the database as it was at its first statement.
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
    make_private(Path(str(make_url(url).database)))
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
