"""The one connection that writes to SQLite: transactions take turns, and those that wait are committed together.

A commit waits for the disk, and nobody writes meanwhile. So a transaction that ends while others wait for their turn
leaves the commit to them: each of them is a savepoint in one transaction of SQLite's, which the last one commits. Who
fails rolls back to the savepoint alone. All return after the commit, and all fail if it fails.

The commands of a transaction go to the connection's thread with its next read or its end: a trip there costs more than
a small statement.
"""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple, TypeVar

import aiosqlite

from db.rows import Row
from db.statements import Statement, WriteStatement, for_sqlite

R = TypeVar("R", bound=Row)
T = TypeVar("T")

GROUP_SECONDS = 0.02
"""For so long transactions leave the commit to the next one: none waits much longer than for a commit of its own."""


class _Queued(NamedTuple):
    """A command, and the values of its parameters for each time that it runs."""

    text: str
    values: Sequence[Sequence[Any]]


class _Group:
    """Transactions that are committed together."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.ends_at = loop.time() + GROUP_SECONDS
        self.committed: asyncio.Future[Exception | None] = loop.create_future()
        """Done after the commit, with its error if it failed."""


class SQLiteWriter:
    """Gives turns on the connection that writes."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection
        self._turns = asyncio.Lock()
        self._waiting = 0
        self._ending: set[asyncio.Task[None]] = set()
        self.group: _Group | None = None
        """Those that have had their turns and are not committed yet."""

    async def close(self) -> None:
        """Waits for commits that nobody else waits for."""
        if self._ending:
            await asyncio.wait(self._ending)

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator["SQLiteTransaction", None]:
        """A transaction, which `commit` or `rollback` ends once it was begun."""
        self._waiting += 1
        try:
            await self._turns.acquire()
        finally:
            self._waiting -= 1
            # Who is cancelled may be the one that a commit was left to.
            self._commit_unless_awaited()
        transaction = SQLiteTransaction(self)
        try:
            yield transaction
        finally:
            if transaction.has_turn:
                try:
                    if transaction.is_begun:
                        # The next one begins after it, also if it is cancelled here.
                        await self.call(_roll_back)
                finally:
                    if transaction.is_begun:
                        self.end_group(sqlite3.OperationalError("A transaction could not be rolled back."))
                    self._turns.release()
                    self._commit_unless_awaited()

    @property
    def is_last(self) -> bool:
        """Whether the transaction whose turn it is has to commit, for itself and for those before it."""
        return not self._waiting or (self.group is not None and self.group.ends_at < asyncio.get_running_loop().time())

    async def leave(self, *, is_committed: bool, error: Exception | None) -> None:
        """Gives the turn on, and returns once all is committed. Raises the error of that."""
        is_end = is_committed or error is not None
        if self.group is None and not is_end:
            self.group = _Group()
        # Shielded, because all of the group share the future, and in the order of their turns: so they return.
        ended = asyncio.shield(self.group.committed) if self.group is not None else None
        if is_end:
            self.end_group(error)
        self._turns.release()
        self._commit_unless_awaited()
        if ended is not None:
            error = await ended
        if error is not None:
            raise error

    def end_group(self, error: Exception | None) -> None:
        """Lets the transactions return that are committed now, or fail with an error."""
        group, self.group = self.group, None
        if group is not None:
            group.committed.set_result(error)

    def _commit_unless_awaited(self) -> None:
        if self.group is not None and not self._waiting and not self._turns.locked():
            task = asyncio.create_task(self._commit())
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)

    async def _commit(self) -> None:
        async with self.turn() as transaction:
            await transaction.begin()
            await transaction.commit()

    async def call(self, function: Callable[..., T], *arguments: Any) -> T:
        """Returns what a function of sqlite3's connection returns, called in the connection's thread."""
        result: T = await self._connection._execute(self._called, function, *arguments)  # type: ignore[no-untyped-call]
        return result

    def _called(self, function: Callable[..., T], *arguments: Any) -> T:
        return function(self._connection._conn, *arguments)


class SQLiteTransaction:
    """A turn on the connection that writes: see `db.drivers.DriverConnection`."""

    def __init__(self, writer: SQLiteWriter) -> None:
        self.has_turn = True
        self.is_begun = False
        """Whether SQLite knows of it."""
        self._writer = writer
        self._is_savepoint = False
        self._queued: list[_Queued] = []

    async def rows(self, statement: Statement[R], parameters: dict[str, Any]) -> list[R]:
        compiled = statement.compiled("sqlite")
        values = for_sqlite(compiled.arguments(parameters))
        return await self._writer.call(_read, self._taken(), compiled.text, values, statement.row.sqlite)

    async def run(self, command: WriteStatement, parameters: Sequence[dict[str, Any]]) -> None:
        compiled = command.compiled("sqlite")
        self._queued.append(_Queued(compiled.text, [for_sqlite(compiled.arguments(each)) for each in parameters]))

    async def begin(self) -> None:
        self._is_savepoint = self._writer.group is not None

    async def commit(self) -> None:
        """Raises the error of a command that was queued, after which `rollback` is due, or of the commit itself."""
        writer, commits = self._writer, self._writer.is_last
        queued = self._taken() if self._queued else []
        if self.is_begun:
            error = await writer.call(_end, queued, self._is_savepoint, commits)
        elif self._is_savepoint and commits:
            error = await writer.call(_commit)
        else:
            # It has neither read nor written.
            commits, error = not self._is_savepoint, None
        self.has_turn = False
        await writer.leave(is_committed=commits, error=error)

    async def rollback(self) -> None:
        """Returns after the commit of those before it, which it may have read. Raises the error of that."""
        if not self.has_turn:
            return
        self._queued.clear()
        if not self.is_begun:
            await self.commit()
            return
        writer, commits = self._writer, self._writer.is_last
        if self._is_savepoint:
            error = await writer.call(_roll_back_to_savepoint, commits)
        else:
            commits, error = True, await writer.call(_roll_back)
        self.has_turn = False
        await writer.leave(is_committed=commits, error=error)

    def _taken(self) -> list[_Queued]:
        """What is due before the next statement."""
        queued, self._queued = self._queued, []
        if not self.is_begun:
            self.is_begun = True
            queued.insert(0, _SAVEPOINT if self._is_savepoint else _BEGIN)
        return queued


_BEGIN = _Queued("BEGIN IMMEDIATE", [()])
_SAVEPOINT = _Queued("SAVEPOINT turn", [()])


# In the connection's thread


def _run(connection: sqlite3.Connection, queued: Sequence[_Queued]) -> None:
    for command in queued:
        if len(command.values) == 1:
            connection.execute(command.text, command.values[0])
        else:
            connection.executemany(command.text, command.values)


def _read(
    connection: sqlite3.Connection, queued: Sequence[_Queued], text: str, values: Sequence[Any], row: Any
) -> list[Any]:
    _run(connection, queued)
    connection.row_factory = row
    return connection.execute(text, values).fetchall()


def _end(
    connection: sqlite3.Connection, queued: Sequence[_Queued], is_savepoint: bool, commits: bool
) -> Exception | None:
    """Ends a turn. Raises the error of a command; returns that of the commit."""
    _run(connection, queued)
    if is_savepoint:
        connection.execute("RELEASE turn")
    return _commit(connection) if commits else None


def _commit(connection: sqlite3.Connection) -> Exception | None:
    try:
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        _roll_back(connection)
        return error
    return None


def _roll_back(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def _roll_back_to_savepoint(connection: sqlite3.Connection, commits: bool) -> Exception | None:
    """Ends a turn that failed. Returns an error if those before it are lost, too."""
    try:
        # After some errors, such as a full disk, SQLite has rolled everything back by itself.
        connection.execute("ROLLBACK TO turn")
        connection.execute("RELEASE turn")
    except sqlite3.Error as error:
        _roll_back(connection)
        return error
    return _commit(connection) if commits else None
