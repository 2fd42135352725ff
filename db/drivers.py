"""The seam to asyncpg and aiosqlite: connections that run compiled statements, read or write.

SQLite: one writer connection whose transactions begin IMMEDIATE (a deferred one that upgrades gets BUSY whatever the
timeout) and several readers, in WAL mode. PostgreSQL: one pool, READ COMMITTED. No engine of SQLAlchemy's runs here.
"""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

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
SEARCHES = 3
"""How many searches PostgreSQL runs at once for this process. SQLite runs one, on a reader for searches only."""
INTERRUPT_AGAIN_SECONDS = 0.01
BUSY_SECONDS = 15.0
COMMAND_SECONDS = 30.0
CONNECT_SECONDS = 10.0
CLOSE_SECONDS = 5.0
"""How long the end of a process waits for PostgreSQL's goodbye."""
STATEMENTS_CACHED = 500


class TimedOut(Exception):
    """A read took too long and was ended, or waited too long for its turn."""

    extensions: ClassVar[Mapping[str, str]] = {"code": "TIMED_OUT"}
    """What clients are given with the message, as graphql-core reads it from any exception."""


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

    def reader(self, *, is_search: bool = False) -> Any: ...

    def writer(self) -> Any: ...


def driver(url: str, read_seconds: float | None = None) -> Driver:
    """The driver for a URL. Raises ValueError for one that names no database Parley knows.

    A read outside of any transaction may take `read_seconds`, and a search may wait as long for its turn; for ever if
    None. After that it raises TimedOut.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ValueError(f'"{url}" is not a database URL such as sqlite:///parley.db or postgresql://…') from error
    if parsed.drivername == "postgresql":
        return _PostgreSQL(url, read_seconds)
    if parsed.drivername == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise ValueError("A SQLite database needs a file: sqlite:///parley.db")
        return _SQLite(Path(parsed.database), read_seconds)
    raise ValueError(f'"{parsed.drivername}" is not a database that Parley knows: use sqlite:///… or postgresql://…')


@asynccontextmanager
async def _turn(seconds: float | None) -> AsyncGenerator[None, None]:
    """Bounds the wait for a turn to search. Raises TimedOut."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise TimedOut("Too many searches are waiting. Try again in a moment.") from None


def _timed_out(seconds: float | None) -> TimedOut:
    return TimedOut(
        f"The database took longer than {seconds:g} s, so this was ended. Ask for less, or try again later."
    )


class _PostgreSQLConnection:
    def __init__(self, connection: Any, read_seconds: float | None = None) -> None:
        self._connection = connection
        self._read_seconds = read_seconds

    async def rows(self, statement: Statement[R], parameters: dict[str, Any]) -> list[R]:
        compiled, seconds = statement.compiled("postgresql"), self._read_seconds
        arguments, record = compiled.arguments(parameters), statement.row.postgresql
        try:
            if statement.is_planned_anew:
                # asyncpg keeps what it prepares itself, and PostgreSQL settles on one plan for that at the sixth use.
                prepared = await self._connection.prepare(compiled.text, record_class=record, timeout=seconds)
                return await prepared.fetch(*arguments, timeout=seconds)  # type: ignore[no-any-return]
            return await self._connection.fetch(  # type: ignore[no-any-return]
                compiled.text, *arguments, record_class=record, timeout=seconds
            )
        except TimeoutError:
            if seconds is None:
                raise
            raise _timed_out(seconds) from None

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

    __slots__ = ("_connection", "_driver", "_seconds")

    def __init__(self, driver: "_PostgreSQL", seconds: float | None) -> None:
        self._driver = driver
        self._seconds = seconds
        self._connection: Any = None

    async def __aenter__(self) -> _PostgreSQLConnection:
        driver = self._driver
        while driver.idle:
            self._connection = driver.idle.pop()
            if not _is_closed(self._connection):
                return _PostgreSQLConnection(self._connection, self._seconds)
            await driver.pool.release(self._connection)
        driver.waiting += 1
        try:
            self._connection = await driver.pool.acquire()
        finally:
            driver.waiting -= 1
        return _PostgreSQLConnection(self._connection, self._seconds)

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        # After an error, and a cancellation is one, the pool looks whether the connection is still good for anything.
        if kind is None and not self._driver.waiting and not self._driver.closing:
            self._driver.idle.append(self._connection)
        else:
            await self._driver.pool.release(self._connection)


class _PostgreSQL:
    def __init__(self, url: str, read_seconds: float | None) -> None:
        self._url = url
        self._read_seconds = read_seconds
        self._searches = asyncio.Semaphore(SEARCHES)
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

    def reader(self, *, is_search: bool = False) -> Any:
        return self._searcher() if is_search else _Lease(self, self._read_seconds)

    @asynccontextmanager
    async def _searcher(self) -> AsyncGenerator[_PostgreSQLConnection, None]:
        async with _turn(self._read_seconds):
            await self._searches.acquire()
        try:
            async with _Lease(self, self._read_seconds) as connection:
                yield connection
        finally:
            self._searches.release()

    def writer(self) -> _Lease:
        return _Lease(self, None)


def _is_closed(connection: Any) -> bool:
    try:
        return bool(connection.is_closed())
    except asyncpg.InterfaceError:
        # The pool has taken back what the server had closed.
        return True


async def _nothing_to_reset(_connection: Any) -> None:
    return None


class _SQLiteConnection:
    def __init__(self, connection: aiosqlite.Connection, read_seconds: float | None = None) -> None:
        self._connection = connection
        self._read_seconds = read_seconds
        self.is_reading = False
        """Whether a read has begun, which goes on in the connection's thread even if its caller is cancelled."""

    async def rows(self, statement: Statement[R], parameters: dict[str, Any]) -> list[R]:
        compiled, seconds = statement.compiled("sqlite"), self._read_seconds
        values = for_sqlite(compiled.arguments(parameters))
        self._connection.row_factory = statement.row.sqlite
        deadline = None if seconds is None else asyncio.get_running_loop().call_later(seconds, self._interrupt)
        self.is_reading = True
        try:
            rows = await self._connection.execute_fetchall(compiled.text, values)
        except Exception as error:
            self.is_reading = False
            if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT:
                raise _timed_out(seconds) from None
            raise
        finally:
            if deadline is not None:
                deadline.cancel()
        self.is_reading = False
        return rows  # type: ignore[return-value]

    async def end_reading(self) -> None:
        """Interrupts the read of a caller who was cancelled, and returns once the connection is free."""
        # Does nothing outside a transaction, but takes its turn in the connection's thread.
        free = asyncio.ensure_future(self._connection.rollback())
        while not free.done():
            # Again and again: SQLite forgets an interrupt that comes before the statement begins.
            self._interrupt()
            await asyncio.wait([free], timeout=INTERRUPT_AGAIN_SECONDS)
        free.result()
        self.is_reading = False

    def _interrupt(self) -> None:
        # From the loop's thread, which SQLite allows; aiosqlite's own is a coroutine around this call.
        self._connection._conn.interrupt()

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
    def __init__(self, path: Path, read_seconds: float | None) -> None:
        self._path = path
        self._read_seconds = read_seconds
        self._idle: asyncio.Queue[_SQLiteConnection] = asyncio.Queue()
        self._searchers: asyncio.Queue[_SQLiteConnection] = asyncio.Queue()
        self._ending: set[asyncio.Task[None]] = set()
        self._writer: _SQLiteConnection | None = None
        self._writing = asyncio.Lock()
        self._connections: list[aiosqlite.Connection] = []

    async def open(self) -> None:
        try:
            self._writer = _SQLiteConnection(await self._connect())
            for idle in [self._idle] * READERS + [self._searchers]:
                idle.put_nowait(_SQLiteConnection(await self._connect(), self._read_seconds))
        except BaseException:
            # A connection is a thread that would keep the program from ending.
            await self.close()
            raise

    async def _connect(self) -> aiosqlite.Connection:
        connection = await aiosqlite.connect(self._path, isolation_level=None, timeout=BUSY_SECONDS)
        self._connections.append(connection)
        # FULL, because an acknowledged write must outlive a power cut.
        for pragma in (
            "synchronous=FULL",
            "foreign_keys=ON",
            "cache_size=-16000",
        ):
            await connection.execute_fetchall(f"PRAGMA {pragma}")
        return connection

    async def close(self) -> None:
        if self._ending:
            await asyncio.wait(self._ending)
        for connection in self._connections:
            await connection.close()
        self._connections.clear()

    async def ping(self) -> None:
        async with self.reader() as connection:
            await connection._plain("SELECT 1")

    @asynccontextmanager
    async def reader(self, *, is_search: bool = False) -> AsyncGenerator[_SQLiteConnection, None]:
        idle = self._searchers if is_search else self._idle
        async with _turn(self._read_seconds if is_search else None):
            connection = await idle.get()
        try:
            yield connection
        finally:
            if connection.is_reading:
                task = asyncio.create_task(self._end_reading(connection, idle))
                self._ending.add(task)
                task.add_done_callback(self._ending.discard)
            else:
                idle.put_nowait(connection)

    async def _end_reading(self, connection: _SQLiteConnection, idle: "asyncio.Queue[_SQLiteConnection]") -> None:
        await connection.end_reading()
        idle.put_nowait(connection)

    @asynccontextmanager
    async def writer(self) -> AsyncGenerator[_SQLiteConnection, None]:
        assert self._writer is not None
        async with self._writing:
            yield self._writer
