"""The one connection that writes to SQLite: transactions take turns on it, see db.group_commits.

The commands of a transaction go to the connection's thread with its next read or its end: a trip there costs more than
a small statement.
"""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

import aiosqlite

from db.group_commits import GroupCommits
from db.rows import Row
from db.statements import Statement, WriteStatement, for_sqlite

R = TypeVar("R", bound=Row)
T = TypeVar("T")


class _Queued(NamedTuple):
    """A command, and the values of its parameters for each time that it runs."""

    text: str
    values: Sequence[Sequence[Any]]


class SQLiteWriter(GroupCommits["SQLiteTransaction"]):
    """Gives turns on the connection that writes."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        super().__init__()
        self._connection = connection

    def _transaction(self, *, may_join: bool) -> "SQLiteTransaction":
        # There is one lock, which is held from the beginning.
        return SQLiteTransaction(self)

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

    async def abandon(self) -> None:
        if self.is_begun:
            try:
                await self._writer.call(_roll_back)
            finally:
                self._writer.end_group(sqlite3.OperationalError("A transaction could not be rolled back."))

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
