"""The seam to asyncpg and aiosqlite: connections that run compiled statements, read or write.

Commands that give no rows wait for the next read or the commit, and travel with it. SQLite: one writer connection whose
transactions begin IMMEDIATE (a deferred one that upgrades gets BUSY whatever the timeout) and several readers, in WAL
mode. PostgreSQL: one pool, READ COMMITTED. No engine of SQLAlchemy's runs here.
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any, ClassVar, NamedTuple, Protocol, TypeVar
from weakref import WeakValueDictionary

import aiosqlite
import asyncpg
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from db.log_writers import LogWriter
from db.pipelines import Queued, send_ahead
from db.rows import Row
from db.sqlite_writer import SQLiteWriter
from db.statements import Statement, WriteStatement, for_sqlite

R = TypeVar("R", bound=Row)

DRIVER_ERRORS = (sqlite3.Error, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
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
BEGIN_SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
END_SNAPSHOT = "COMMIT"
MOST_AHEAD = 100
"""A command that is run more often than this at once is not queued: asyncpg sends it in parts of its own."""
_BEGIN = Queued("BEGIN")
_COMMIT = "COMMIT"
SNAPSHOT_SECONDS = 0.05
"""How long PostgreSQL's snapshot may stay open after its last read, since the next one usually ends it."""


SERVER_SETTINGS = {"application_name": "parley", "timezone": "UTC"}
SERVER = "concat_ws(' ', pg_postmaster_start_time(), inet_server_addr(), inet_server_port())"
"""SQL for which server of PostgreSQL answers, and since when it runs."""


class TimedOut(Exception):
    """A read took too long and was ended, or waited too long for its turn."""

    extensions: ClassVar[Mapping[str, str]] = {"code": "TIMED_OUT"}
    """What clients are given with the message, as graphql-core reads it from any exception."""


class Usage(NamedTuple):
    """The connections that read, and on PostgreSQL those that write, too."""

    in_use: int
    idle: int
    waiting: int
    """Who waits for one."""


class DriverConnection(Protocol):
    """One connection of either driver, held by one user at a time."""

    async def rows(self, statement: Statement[R], parameters: dict[str, Any]) -> list[R]: ...

    async def run(self, command: WriteStatement, parameters: Sequence[dict[str, Any]]) -> None:
        """Runs a command once for each set of parameters, but not yet: it goes with the next rows or the commit.

        These raise its error.
        """

    async def begin(self) -> None: ...

    async def commit(self) -> None: ...

    async def rollback(self) -> None: ...


class Driver(Protocol):
    """What a database is reached through."""

    on_waited: Callable[[float], None]
    """Called with the seconds that somebody waited for a connection, if none was free."""

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def ping(self) -> None: ...

    def usage(self) -> Usage: ...

    def reader(self, *, is_search: bool = False) -> Any: ...

    async def begin_snapshot(self, *, is_search: bool = False) -> Any:
        """A connection that reads what was there at one moment, that of its first statement: a DriverConnection."""

    def end_snapshot(self, connection: Any, error: BaseException | None, *, is_search: bool = False) -> None:
        """Gives it back without waiting, also after a statement that failed or whose caller was cancelled: `error`."""

    def writer(self, log_id: int | None = None, *, may_join: bool = True) -> Any:
        """A DriverConnection for one transaction, to enter.

        `log_id`: of the log that it locks, if that is known: those of one log may be committed together. `may_join`:
        whether it locks nothing before that.
        """


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
        return PostgreSQL(url, read_seconds)
    if parsed.drivername == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise ValueError("A SQLite database needs a file: sqlite:///parley.db")
        return SQLite(Path(parsed.database), read_seconds)
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
    def __init__(self, connection: Any, read_seconds: float | None = None, *ahead: str) -> None:
        """`ahead`: commands to run before the first statement."""
        self._connection = connection
        self._read_seconds = read_seconds
        self.ahead = [Queued(text) for text in ahead]
        """What travels with the next statement that is waited for."""

    async def rows(self, statement: Statement[R], parameters: dict[str, Any]) -> list[R]:
        compiled, seconds = statement.compiled("postgresql"), self._read_seconds
        arguments, record = compiled.arguments(parameters), statement.row.postgresql
        try:
            if self.ahead:
                await self._send_ahead(None if statement.is_planned_anew else compiled.text, record, seconds)
            if statement.is_planned_anew:
                # asyncpg keeps what it prepares itself, and PostgreSQL settles on one plan for that at the sixth use.
                prepared = await self._connection.prepare(compiled.text, record_class=record, timeout=seconds)
                return await prepared.fetch(*arguments, timeout=seconds)  # type: ignore[no-any-return]
            return await _fetch(self._connection, compiled.text, arguments, record, seconds)
        except TimeoutError:
            if seconds is None:
                raise
            raise _timed_out(seconds) from None

    async def _send_ahead(self, text: str | None = None, record: Any = None, seconds: float | None = None) -> None:
        """Sends what is queued: with the statement `text`, which must be next, where it can, else now and by itself."""
        ahead, self.ahead = self.ahead, []
        if text is not None and send_ahead(self._connection, ahead, text, record):
            return
        if not any(queued.values for queued in ahead):
            await self._connection.execute("; ".join(queued.text for queued in ahead), timeout=seconds)
            return
        for queued in ahead:
            # asyncpg keeps it prepared, for the next time.
            await self._connection.execute(queued.text, *queued.values, timeout=seconds)

    async def run(self, command: WriteStatement, parameters: Sequence[dict[str, Any]]) -> None:
        compiled = command.compiled("postgresql")
        if len(parameters) <= MOST_AHEAD:
            self.ahead += [Queued(compiled.text, compiled.arguments(each)) for each in parameters]
            return
        if self.ahead:
            await self._send_ahead()
        await self._connection.executemany(compiled.text, [compiled.arguments(each) for each in parameters])

    async def ping(self) -> None:
        # A prepared statement, which fails behind a pooler that gives each transaction another connection.
        await self._connection.fetchval("SELECT 1")

    async def begin(self) -> None:
        self.ahead.append(_BEGIN)

    @property
    def is_unused(self) -> bool:
        """Whether its transaction has run nothing."""
        return self.ahead[-1:] == [_BEGIN]

    async def commit(self) -> None:
        if self.is_unused:
            self.ahead.pop()
            return
        # PostgreSQL answers the COMMIT of a failed transaction with a ROLLBACK, and no error.
        if await self.run_now(_COMMIT) != b"COMMIT":
            raise asyncpg.InterfaceError("The transaction was rolled back instead of committed.")

    async def run_now(self, text: str, *before: str) -> bytes:
        """Runs what is queued, the commands `before` and then `text`, all without parameters. Returns its status."""
        self.ahead += map(Queued, before)
        if self.ahead:
            await self._send_ahead(text)
        opened = self._connection._con
        if opened is None:
            raise asyncpg.InterfaceError("The connection was lost before the commit.")
        # What `execute` of asyncpg is for a statement with parameters: only that way ends what was sent ahead.
        _, status, _ = await opened._execute(text, (), 0, None, return_status=True)
        return status  # type: ignore[no-any-return]

    async def roll_back_to(self, text: str) -> None:
        """Runs a rollback to a savepoint in place of what is queued."""
        self.ahead.clear()
        await self._connection.execute(text)

    async def end(self) -> None:
        """Rolls back what may be open, after an error, and loses the connection if that fails."""
        try:
            await self.rollback()
        except Exception:  # noqa: BLE001 - there is an error already, which its users raise.
            self._connection.terminate()

    async def rollback(self) -> None:
        if _BEGIN in self.ahead:
            del self.ahead[self.ahead.index(_BEGIN) :]
            return
        self.ahead.clear()
        if not _is_closed(self._connection):
            await self._connection.execute("ROLLBACK")


async def _fetch(connection: Any, text: str, arguments: list[Any], record: Any, seconds: float | None) -> list[Any]:
    """Runs a statement. One that is prepared is bound as asyncpg does it, without the five calls on the way there."""
    opened = connection._con
    state = None if opened is None else opened._stmt_cache.get((text, record, False))
    if state is None:
        return await connection.fetch(text, *arguments, record_class=record, timeout=seconds)  # type: ignore[no-any-return]
    timeout = COMMAND_SECONDS if seconds is None else seconds
    try:
        return await opened._protocol.bind_execute(state, arguments, "", 0, False, timeout)  # type: ignore[no-any-return]
    except asyncpg.InvalidCachedStatementError:
        # A migration has changed a column's type. As asyncpg does: in a transaction nothing can be read any more.
        opened._drop_global_statement_cache()
        if opened.is_in_transaction():
            raise
        return await connection.fetch(text, *arguments, record_class=record, timeout=seconds)  # type: ignore[no-any-return]
    except asyncpg.OutdatedSchemaCacheError:
        await opened.reload_schema_state()
        raise


async def bound(connection: Any, prepared: Any, arguments: Sequence[Any], seconds: float) -> list[Any]:
    """The rows of a prepared statement, bound on its open connection as `_fetch` does it."""
    return await connection._protocol.bind_execute(prepared._state, arguments, "", 0, False, seconds)  # type: ignore[no-any-return]


class _Lease:
    """One use of a pooled connection, which stays with us afterwards.

    The pool's own way out and in again, a task each time, costs a third of a small read.
    """

    __slots__ = ("_driver", "_leased", "_seconds")

    def __init__(self, driver: "PostgreSQL", seconds: float | None) -> None:
        self._driver = driver
        self._seconds = seconds
        self._leased: _PostgreSQLConnection

    async def __aenter__(self) -> _PostgreSQLConnection:
        connection, is_in_snapshot = await self._driver.take(self._driver.idle, self._driver.in_snapshot)
        ahead = (END_SNAPSHOT,) if is_in_snapshot else ()
        self._leased = _PostgreSQLConnection(connection, self._seconds, *ahead)
        return self._leased

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        # After an error, and a cancellation is one, the pool looks whether the connection is still good for anything.
        driver, connection = self._driver, self._leased._connection
        if self._leased.ahead:
            driver.leave_snapshot_soon(connection)
        elif kind is None and not driver.closing:
            driver.give_back(connection)
        else:
            await driver.release(connection)


class PostgreSQL:
    def __init__(self, url: str, read_seconds: float | None) -> None:
        self._url = url
        self._read_seconds = read_seconds
        self._searches = asyncio.Semaphore(SEARCHES)
        self.pool: Any = None
        self.idle: list[Any] = []
        """Connections taken from the pool and not in use."""
        self.in_snapshot: list[Any] = []
        """Such ones whose last snapshot is still open: to end it with the beginning of the next saves a round trip."""
        self._sweep: asyncio.TimerHandle | None = None
        self._ending: set[asyncio.Task[None]] = set()
        self._log_writers: WeakValueDictionary[int, LogWriter] = WeakValueDictionary()
        """Of the logs that are written to at present."""
        self._taken = 0
        """How many connections were taken from the pool, those that are being opened included."""
        self._waiting: deque[asyncio.Future[Any]] = deque()
        """Who waits for a connection, which is given them, or for room in the pool: then they are given None."""
        self.closing = False
        self.on_waited: Callable[[float], None] = lambda _seconds: None
        self.on_server: Callable[[str], None] | None = None
        """Called with the server that each new connection is to, if it is set before `open`."""

    async def open(self) -> None:
        self.closing = False
        self._taken = 0
        self.pool = await asyncpg.create_pool(
            self._url,
            min_size=1,
            max_size=POOL_SIZE,
            statement_cache_size=STATEMENTS_CACHED,
            # A server that is cut off without a word must not hold a request for ever.
            command_timeout=COMMAND_SECONDS,
            timeout=CONNECT_SECONDS,
            reset=_end_implicit_transaction,
            init=self._tell_server,
            server_settings=SERVER_SETTINGS,
        )

    async def connect_apart(self) -> Any:
        """A connection beside the pool, which the caller closes."""
        return await asyncpg.connect(
            self._url, command_timeout=COMMAND_SECONDS, timeout=CONNECT_SECONDS, server_settings=SERVER_SETTINGS
        )

    async def _tell_server(self, connection: Any) -> None:
        if self.on_server is not None:
            self.on_server(await connection.fetchval(f"SELECT {SERVER}"))

    async def close(self) -> None:
        self.closing = True
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                self._end_open_snapshots()
                for writer in list(self._log_writers.values()):
                    await writer.close()
                if self._ending:
                    await asyncio.wait(self._ending)
                while self.idle:
                    await self.release(self.idle.pop())
                await self.pool.close()
        except TimeoutError:
            self.pool.terminate()

    async def ping(self) -> None:
        async with self.reader() as connection:
            await connection.ping()

    def usage(self) -> Usage:
        held = len(self.idle) + len(self.in_snapshot)
        return Usage(self._taken - held, self.pool.get_idle_size() + held, len(self._waiting))

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

    def writer(self, log_id: int | None = None, *, may_join: bool = True) -> Any:
        if log_id is None:
            return _Lease(self, None)
        writer = self._log_writers.get(log_id)
        if writer is None:
            writer = self._log_writers[log_id] = LogWriter(partial(_Lease, self, None))
        return writer.turn(may_join=may_join)

    async def take(self, *preferred: list[Any]) -> tuple[Any, bool]:
        """An open connection, one of `preferred` if there is any, and whether it was in a snapshot."""
        while True:
            for connections in preferred:
                while connections:
                    connection = connections.pop()
                    if not _is_closed(connection):
                        return connection, connections is self.in_snapshot
                    await self.release(connection)
            if self._taken < POOL_SIZE:
                break
            connection = await self._wait()
            if connection is not None:
                if not _is_closed(connection):
                    return connection, False
                await self.release(connection)
        self._taken += 1
        try:
            return await self.pool.acquire(), False
        except BaseException:
            self._taken -= 1
            self._wake(None)
            raise

    async def _wait(self) -> Any:
        """Returns an open connection, or None once there is room for one, in the order in which callers wait."""
        started = perf_counter()
        given = asyncio.get_running_loop().create_future()
        self._waiting.append(given)
        try:
            return await given
        except asyncio.CancelledError:
            if given.cancelled():
                with suppress(ValueError):
                    self._waiting.remove(given)
            elif given.result() is None:
                self._wake(None)
            else:
                await self.release(given.result())
            raise
        finally:
            self.on_waited(perf_counter() - started)

    def _wake(self, connection: Any) -> bool:
        """Gives a connection, or with None the room for one, to who has waited longest. Returns False if nobody has."""
        while self._waiting:
            given = self._waiting.popleft()
            if not given.done():
                given.set_result(connection)
                return True
        return False

    def give_back(self, connection: Any) -> None:
        """Passes on a connection that is good for another use."""
        if not self._wake(connection):
            self.idle.append(connection)

    async def release(self, connection: Any) -> None:
        """Gives a connection back to the pool, which looks whether it is still good for anything."""
        try:
            await self.pool.release(connection)
        finally:
            self._taken -= 1
            self._wake(None)

    async def begin_snapshot(self, *, is_search: bool = False) -> _PostgreSQLConnection:
        if is_search:
            async with _turn(self._read_seconds):
                await self._searches.acquire()
        try:
            connection, is_in_snapshot = await self.take(self.in_snapshot, self.idle)
        except BaseException:
            if is_search:
                self._searches.release()
            raise
        ahead = (END_SNAPSHOT, BEGIN_SNAPSHOT) if is_in_snapshot else (BEGIN_SNAPSHOT,)
        return _PostgreSQLConnection(connection, self._read_seconds, *ahead)

    def end_snapshot(
        self, connection: _PostgreSQLConnection, error: BaseException | None, *, is_search: bool = False
    ) -> None:
        if is_search:
            self._searches.release()
        if error is None and not self._waiting and not self.closing:
            self.in_snapshot.append(connection._connection)
            if self._sweep is None:
                self._sweep = asyncio.get_running_loop().call_later(SNAPSHOT_SECONDS, self._end_open_snapshots)
        else:
            self.leave_snapshot_soon(connection._connection)

    def _end_open_snapshots(self) -> None:
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None
        while self.in_snapshot:
            self.leave_snapshot_soon(self.in_snapshot.pop())

    def leave_snapshot_soon(self, connection: Any) -> None:
        task = asyncio.create_task(self._leave_snapshot(connection))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _leave_snapshot(self, connection: Any) -> None:
        """Ends a connection's transaction and gives the connection back."""
        try:
            await connection.execute(END_SNAPSHOT)
        except BaseException as error:
            # Nobody may read on in this transaction.
            if not _is_closed(connection):
                connection.terminate()
            if not isinstance(error, (OSError, TimeoutError, *DRIVER_ERRORS)):
                raise
        finally:
            if self.closing or _is_closed(connection):
                await self.release(connection)
            else:
                self.give_back(connection)


def _is_closed(connection: Any) -> bool:
    try:
        return bool(connection.is_closed())
    except asyncpg.InterfaceError:
        # The pool has taken back what the server had closed.
        return True


async def _end_implicit_transaction(connection: Any) -> None:
    """Ends what a statement has begun that was prepared and not run, since its values were wrong or its caller left.

    asyncpg ends it with the statement's run alone, and does not know of it.
    """
    await connection.execute("SELECT")


class _SQLiteConnection:
    def __init__(self, connection: aiosqlite.Connection, read_seconds: float | None = None) -> None:
        self._connection = connection
        self._read_seconds = read_seconds
        self._begins = False
        """Whether the next read begins a transaction."""
        self.is_reading = False
        """Whether a read has begun, which goes on in the connection's thread even if its caller is cancelled."""

    async def rows(self, statement: Statement[R], parameters: dict[str, Any]) -> list[R]:
        compiled, seconds = statement.compiled("sqlite"), self._read_seconds
        values = for_sqlite(compiled.arguments(parameters))
        self._connection.row_factory = statement.row.sqlite
        deadline = None if seconds is None else asyncio.get_running_loop().call_later(seconds, self._interrupt)
        self.is_reading = True
        try:
            rows: list[R] = await self._connection._execute(self._fetch, compiled.text, values)  # type: ignore[no-untyped-call]
        except Exception as error:
            self.is_reading = False
            if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT:
                raise _timed_out(seconds) from None
            raise
        finally:
            if deadline is not None:
                deadline.cancel()
        self.is_reading = False
        return rows

    def _fetch(self, text: str, values: list[Any]) -> list[Any]:
        """In the connection's thread: a trip there for BEGIN alone would cost as much as a small read."""
        connection = self._connection._conn
        if self._begins:
            connection.execute("BEGIN")
            self._begins = False
        return connection.execute(text, values).fetchall()

    def begin_snapshot(self) -> None:
        self._begins = True

    def end_snapshot(self) -> None:
        self._begins = False
        if not self.is_reading:
            # Nobody waits for it: what the connection's thread is given next comes after it.
            self._connection._tx.put_nowait((None, self._connection._conn.commit))

    async def end_cancelled(self) -> None:
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

    async def _plain(self, text: str) -> None:
        await self._connection.execute_fetchall(text)


class SQLite:
    def __init__(self, path: Path, read_seconds: float | None) -> None:
        self.path = path
        self._read_seconds = read_seconds
        self._idle: asyncio.Queue[_SQLiteConnection] = asyncio.Queue()
        self._searchers: asyncio.Queue[_SQLiteConnection] = asyncio.Queue()
        self._ending: set[asyncio.Task[None]] = set()
        self._writer: SQLiteWriter | None = None
        self.on_waited: Callable[[float], None] = lambda _seconds: None
        self._connections: list[aiosqlite.Connection] = []

    async def open(self) -> None:
        try:
            self._writer = SQLiteWriter(await self._connect())
            for idle in [self._idle] * READERS + [self._searchers]:
                idle.put_nowait(_SQLiteConnection(await self._connect(), self._read_seconds))
        except BaseException:
            # A connection is a thread that would keep the program from ending.
            await self.close()
            raise

    async def _connect(self) -> aiosqlite.Connection:
        connection = await aiosqlite.connect(self.path, isolation_level=None, timeout=BUSY_SECONDS)
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
        if self._writer is not None:
            await self._writer.close()
        for connection in self._connections:
            await connection.close()
        self._connections.clear()

    async def ping(self) -> None:
        async with self.reader() as connection:
            await connection._plain("SELECT 1")

    def usage(self) -> Usage:
        idle = self._idle.qsize() + self._searchers.qsize()
        waiting = len(self._idle._getters) + len(self._searchers._getters)  # type: ignore[attr-defined]
        return Usage(READERS + 1 - idle, idle, waiting)

    async def _take(self, idle: "asyncio.Queue[_SQLiteConnection]", seconds: float | None) -> _SQLiteConnection:
        """Returns a connection once one is idle. Raises TimedOut after `seconds`."""
        if not idle.empty():
            return idle.get_nowait()
        started = perf_counter()
        try:
            async with _turn(seconds):
                return await idle.get()
        finally:
            self.on_waited(perf_counter() - started)

    @asynccontextmanager
    async def reader(self, *, is_search: bool = False) -> AsyncGenerator[_SQLiteConnection, None]:
        idle = self._searchers if is_search else self._idle
        connection = await self._take(idle, self._read_seconds if is_search else None)
        try:
            yield connection
        finally:
            self._give_back(connection, idle)

    async def begin_snapshot(self, *, is_search: bool = False) -> _SQLiteConnection:
        idle = self._searchers if is_search else self._idle
        connection = await self._take(idle, self._read_seconds if is_search else None)
        connection.begin_snapshot()
        return connection

    def end_snapshot(
        self, connection: _SQLiteConnection, _error: BaseException | None, *, is_search: bool = False
    ) -> None:
        connection.end_snapshot()
        self._give_back(connection, self._searchers if is_search else self._idle)

    def _give_back(self, connection: _SQLiteConnection, idle: "asyncio.Queue[_SQLiteConnection]") -> None:
        if connection.is_reading:
            task = asyncio.create_task(self._end_cancelled(connection, idle))
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)
        else:
            idle.put_nowait(connection)

    async def _end_cancelled(self, connection: _SQLiteConnection, idle: "asyncio.Queue[_SQLiteConnection]") -> None:
        await connection.end_cancelled()
        idle.put_nowait(connection)

    def writer(self, log_id: int | None = None, *, may_join: bool = True) -> Any:
        assert self._writer is not None
        return self._writer.turn()
