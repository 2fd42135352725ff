"""The seam to asyncpg and aiosqlite: connections that run compiled statements, read or write.

SQLite: one writer connection whose transactions begin IMMEDIATE (a deferred one that upgrades gets BUSY whatever the
timeout) and several readers, in WAL mode. PostgreSQL: one pool, READ COMMITTED. No engine of SQLAlchemy's runs here.
"""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

import aiosqlite
import asyncpg
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from db.rows import Row
from db.statements import Statement, WriteStatement, for_sqlite

R = TypeVar("R", bound=Row)

DRIVER_ERRORS = (sqlite3.Error, asyncpg.PostgresError, asyncpg.InterfaceError)
"""What the drivers raise, for those who report it."""
READERS = 4
POOL_SIZE = 16
BUSY_SECONDS = 15.0
COMMAND_SECONDS = 30.0
CONNECT_SECONDS = 10.0
CLOSE_SECONDS = 5.0
"""How long the end of a process waits for PostgreSQL's goodbye."""
STATEMENTS_CACHED = 500


class DriverConnection(Protocol):
    """One connection of either driver, held by one user at a time."""

    async def rows(self, statement: Statement[R], parameters: dict[str, Any]) -> list[R]: ...

    async def run(self, command: WriteStatement, parameters: dict[str, Any]) -> None: ...

    async def run_many(self, command: WriteStatement, parameters: list[dict[str, Any]]) -> None: ...

    async def begin(self) -> None: ...

    async def commit(self) -> None: ...

    async def rollback(self) -> None: ...


class Driver(Protocol):
    """What a database is reached through."""

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def ping(self) -> None: ...

    def reader(self) -> Any: ...

    def writer(self) -> Any: ...


def driver(url: str) -> Driver:
    """The driver for a URL. Raises ValueError for one that names no database Parley knows."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ValueError(f'"{url}" is not a database URL such as sqlite:///parley.db or postgresql://…') from error
    if parsed.drivername == "postgresql":
        return _PostgreSQL(url)
    if parsed.drivername == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise ValueError("A SQLite database needs a file: sqlite:///parley.db")
        return _SQLite(Path(parsed.database))
    raise ValueError(f'"{parsed.drivername}" is not a database that Parley knows: use sqlite:///… or postgresql://…')


class _PostgreSQLConnection:
    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def rows(self, statement: Statement[R], parameters: dict[str, Any]) -> list[R]:
        compiled = statement.compiled("postgresql")
        arguments, record = compiled.arguments(parameters), statement.row.postgresql
        if statement.is_planned_anew:
            # asyncpg keeps what it prepares itself, and PostgreSQL settles on one plan for that from the sixth time on.
            prepared = await self._connection.prepare(compiled.text, record_class=record)
            return await prepared.fetch(*arguments)  # type: ignore[no-any-return]
        return await self._connection.fetch(  # type: ignore[no-any-return]
            compiled.text, *arguments, record_class=record
        )

    async def run(self, command: WriteStatement, parameters: dict[str, Any]) -> None:
        compiled = command.compiled("postgresql")
        await self._connection.execute(compiled.text, *compiled.arguments(parameters))

    async def run_many(self, command: WriteStatement, parameters: list[dict[str, Any]]) -> None:
        compiled = command.compiled("postgresql")
        if len(parameters) == 1:
            await self._connection.execute(compiled.text, *compiled.arguments(parameters[0]))
        else:
            await self._connection.executemany(compiled.text, [compiled.arguments(each) for each in parameters])

    async def ping(self) -> None:
        await self._connection.execute("SELECT 1")

    async def begin(self) -> None:
        await self._connection.execute("BEGIN")

    async def commit(self) -> None:
        # PostgreSQL answers the COMMIT of a failed transaction with a ROLLBACK, and no error.
        if await self._connection.execute("COMMIT") != "COMMIT":
            raise asyncpg.InterfaceError("The transaction was rolled back instead of committed.")

    async def rollback(self) -> None:
        if not _is_closed(self._connection):
            await self._connection.execute("ROLLBACK")


class _Lease:
    """One use of a pooled connection, which stays with us afterwards unless somebody waits for one.

    The pool's own way out and in again, a task each time, costs a third of a small read.
    """

    __slots__ = ("_connection", "_driver")

    def __init__(self, driver: "_PostgreSQL") -> None:
        self._driver = driver
        self._connection: Any = None

    async def __aenter__(self) -> _PostgreSQLConnection:
        driver = self._driver
        while driver.idle:
            self._connection = driver.idle.pop()
            if not _is_closed(self._connection):
                return _PostgreSQLConnection(self._connection)
            await driver.pool.release(self._connection)
        driver.waiting += 1
        try:
            self._connection = await driver.pool.acquire()
        finally:
            driver.waiting -= 1
        return _PostgreSQLConnection(self._connection)

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        # After an error, and a cancellation is one, the pool looks whether the connection is still good for anything.
        if kind is None and not self._driver.waiting and not self._driver.closing:
            self._driver.idle.append(self._connection)
        else:
            await self._driver.pool.release(self._connection)


class _PostgreSQL:
    def __init__(self, url: str) -> None:
        self._url = url
        self.pool: Any = None
        self.idle: list[Any] = []
        """Connections taken from the pool and not in use."""
        self.waiting = 0
        self.closing = False

    async def open(self) -> None:
        self.closing = False
        self.pool = await asyncpg.create_pool(
            self._url,
            min_size=1,
            max_size=POOL_SIZE,
            statement_cache_size=STATEMENTS_CACHED,
            # A server that is cut off without a word must not hold a request for ever.
            command_timeout=COMMAND_SECONDS,
            timeout=CONNECT_SECONDS,
            # A statement sent again on a connection that was reset is all the state there is: nothing to clean up.
            reset=_nothing_to_reset,
            server_settings={"application_name": "parley", "timezone": "UTC"},
        )

    async def close(self) -> None:
        self.closing = True
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                while self.idle:
                    await self.pool.release(self.idle.pop())
                await self.pool.close()
        except TimeoutError:
            self.pool.terminate()

    async def ping(self) -> None:
        async with self.reader() as connection:
            await connection.ping()

    def reader(self) -> _Lease:
        return _Lease(self)

    writer = reader


def _is_closed(connection: Any) -> bool:
    try:
        return bool(connection.is_closed())
    except asyncpg.InterfaceError:
        # The pool has taken back what the server had closed.
        return True


async def _nothing_to_reset(_connection: Any) -> None:
    return None


class _SQLiteConnection:
    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    async def rows(self, statement: Statement[R], parameters: dict[str, Any]) -> list[R]:
        compiled = statement.compiled("sqlite")
        self._connection.row_factory = statement.row.sqlite
        return await self._connection.execute_fetchall(  # type: ignore[return-value]
            compiled.text, for_sqlite(compiled.arguments(parameters))
        )

    async def run(self, command: WriteStatement, parameters: dict[str, Any]) -> None:
        compiled = command.compiled("sqlite")
        await self._connection.execute_fetchall(compiled.text, for_sqlite(compiled.arguments(parameters)))

    async def run_many(self, command: WriteStatement, parameters: list[dict[str, Any]]) -> None:
        compiled = command.compiled("sqlite")
        cursor = await self._connection.executemany(
            compiled.text, [for_sqlite(compiled.arguments(each)) for each in parameters]
        )
        await cursor.close()

    async def begin(self) -> None:
        await self._plain("BEGIN IMMEDIATE")

    async def commit(self) -> None:
        await self._plain("COMMIT")

    async def rollback(self) -> None:
        if self._connection.in_transaction:
            await self._plain("ROLLBACK")

    async def _plain(self, text: str) -> None:
        await self._connection.execute_fetchall(text)


class _SQLite:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._idle: asyncio.Queue[_SQLiteConnection] = asyncio.Queue()
        self._writer: _SQLiteConnection | None = None
        self._writing = asyncio.Lock()
        self._connections: list[aiosqlite.Connection] = []

    async def open(self) -> None:
        try:
            self._writer = await self._connect()
            for _ in range(READERS):
                self._idle.put_nowait(await self._connect())
        except BaseException:
            # A connection is a thread that would keep the program from ending.
            await self.close()
            raise

    async def _connect(self) -> _SQLiteConnection:
        connection = await aiosqlite.connect(self._path, isolation_level=None, timeout=BUSY_SECONDS)
        self._connections.append(connection)
        # FULL, because an acknowledged write must outlive a power cut.
        for pragma in (
            "synchronous=FULL",
            "foreign_keys=ON",
            "cache_size=-16000",
        ):
            await connection.execute_fetchall(f"PRAGMA {pragma}")
        return _SQLiteConnection(connection)

    async def close(self) -> None:
        for connection in self._connections:
            await connection.close()
        self._connections.clear()

    async def ping(self) -> None:
        async with self.reader() as connection:
            await connection._plain("SELECT 1")

    @asynccontextmanager
    async def reader(self) -> AsyncGenerator[_SQLiteConnection, None]:
        connection = await self._idle.get()
        try:
            yield connection
        finally:
            self._idle.put_nowait(connection)

    @asynccontextmanager
    async def writer(self) -> AsyncGenerator[_SQLiteConnection, None]:
        assert self._writer is not None
        async with self._writing:
            yield self._writer
