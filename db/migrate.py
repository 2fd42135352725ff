"""Migrates a database to the tables of a revision, and makes its secrets once."""

import asyncio
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import structlog
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, NullPool, create_engine, event, insert, make_url, select, text
from sqlalchemy.exc import DBAPIError, PendingRollbackError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util import await_only

from db.drivers import driver
from db.files import make_private
from db.online import BY_ITSELF
from db.poolers import TransactionPooler, refuse_transaction_pooler
from db.tables import metadata
from db.tables import secrets as secrets_table

SECRET_BYTES = 32
SECRETS = ("cursor", "token")
MIGRATIONS = Path(__file__).parent / "migrations"
HEAD = "head"
"""The newest revision, as Alembic calls it."""
_ADVISORY_LOCK = 0x7061726C6579
_POLL_SECONDS = 0.1
_LOCK_SECONDS = 0.25, 1.5
"""How long a migration waits for the lock of a table, while all others wait behind it: at first, and at most. An
autovacuum that is in the way is ended by PostgreSQL after one second."""
_PAUSES = 4
"""For how many times as long those others have their turn then: an export may hold the lock for an hour."""
_HELD_BY_OTHERS = "55P03", "40P01"
"""PostgreSQL's codes for a lock that could not be had in time, and for a deadlock."""

log = structlog.get_logger(__name__)

T = TypeVar("T")


class DatabaseUnusable(Exception):
    """The database can't be reached, or is not one to keep a Parley in. The message says why."""


async def migrate(url: str, revision: str = HEAD) -> None:
    """Runs the migrations up to a revision that the database lacks, one process at a time.

    SQLite and a new database: in one transaction. PostgreSQL: each migration by itself, beside servers that write
    (db.online); one that is killed is taken up by the next process. Raises ValueError for a URL that names no database,
    and DatabaseUnusable for one that can't be used.
    """

    def work(connection: Connection) -> None:
        upgrade(connection, revision)
        add_secrets(connection)

    with database_errors(url):
        if url.startswith("postgresql:"):
            # Its lock would stay behind there.
            await refuse_transaction_pooler(url)
            async with _postgresql(url).connect() as connection:
                await connection.run_sync(_migrate_in_turn, revision, work)
        else:
            await transact(url, work)


def _migrate_in_turn(connection: Connection, revision: str, work: Callable[[Connection], None]) -> None:
    """Migrates a database of PostgreSQL, of which the connection holds a lock from then on."""
    # Asked for again and again, since an index that is built waits for every transaction that waits.
    connection.execute(text("SET statement_timeout = 0"))
    while not connection.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": _ADVISORY_LOCK}):
        connection.commit()
        await_only(asyncio.sleep(_POLL_SECONDS))
    before = MigrationContext.configure(connection).get_current_revision()
    connection.commit()
    if before is None:
        with connection.begin():
            work(connection)
        return
    lock_seconds = _LOCK_SECONDS[0]
    while True:
        try:
            connection.execute(text(f"SET lock_timeout = {round(1000 * lock_seconds)}"))
            connection.commit()
            command.upgrade(alembic_config(connection, commits_by_itself=True), revision)
            break
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in _HELD_BY_OTHERS:
                raise
            connection.rollback()
            log.info("a migration waits for a lock that others hold", tried_seconds=lock_seconds)
            await_only(asyncio.sleep(_PAUSES * lock_seconds))
            lock_seconds = min(2 * lock_seconds, _LOCK_SECONDS[1])
        except PendingRollbackError as error:
            # What Alembic raises as it leaves a block without a transaction, in the place of the error in there.
            raise ConnectionError("the connection was lost during a migration, which the next run takes up") from error
    after = MigrationContext.configure(connection).get_current_revision()
    add_secrets(connection)
    connection.commit()
    if after != before:
        log.info("the database is migrated", before=before, now=after)


def revisions() -> list[str]:
    """Returns the revisions of the tables that this code knows, oldest first."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    scripts = ScriptDirectory.from_config(config).walk_revisions()
    return [script.revision for script in scripts][::-1]


def upgrade(connection: Connection, revision: str = HEAD) -> None:
    """Runs the migrations up to a revision in the connection's transaction, while no other process migrates."""
    if connection.dialect.name == "postgresql":
        while not connection.scalar(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": _ADVISORY_LOCK}):
            await_only(asyncio.sleep(_POLL_SECONDS))
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


def alembic_config(connection: Connection, *, commits_by_itself: bool = False) -> Config:
    """Returns the settings of Alembic, which needs no ini file.

    If it `commits_by_itself`, the connection is in no transaction, and each migration has its own or several.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    config.attributes[BY_ITSELF] = commits_by_itself
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
        engine = _postgresql(url)
        if reads:
            engine = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    # The plain driver: a connection of aiosqlite that fails to open leaves a thread that may outlive the event loop.
    return await asyncio.to_thread(_transact_sqlite, url, work, reads=reads)


def _postgresql(url: str) -> AsyncEngine:
    # The driver reads the URL itself, so that it means the same here as in the running server.
    return create_async_engine("postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(url), poolclass=NullPool)


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
