"""Those who write to one log on PostgreSQL: transactions take turns on one connection, see db.group_commits.

Without turns they wait for the log's lock in PostgreSQL, each on a connection of its own: a discussion that many write
to at once would take all connections from those who read, and have each reply wait for the disk by itself.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import asyncpg

from db.group_commits import GroupCommits
from db.rows import Row
from db.statements import Statement, WriteStatement

R = TypeVar("R", bound=Row)

_SAVEPOINT = "SAVEPOINT turn"
_RELEASE = "RELEASE turn"
_ROLL_BACK_TO = "ROLLBACK TO turn"


class LogWriter(GroupCommits["LogTransaction"]):
    """Gives turns in one log."""

    def __init__(self, lease: Callable[[], Any]) -> None:
        """`lease` makes a use of a connection."""
        super().__init__()
        self.connection: Any = None
        """The connection of the group, or else of the transaction that has its turn."""
        self._lease = lease
        self._held: Any = None

    def _transaction(self, *, may_join: bool) -> "LogTransaction":
        return LogTransaction(self, may_join=may_join)

    async def take_connection(self) -> None:
        """Takes the connection of the next group."""
        held = self._lease()
        self.connection = await held.__aenter__()
        self._held = held

    async def give_connection_back(self, error: BaseException | None = None) -> None:
        """Gives the connection back, if there is one; after an error that has left a transaction open, without that."""
        held, connection = self._held, self.connection
        self._held = self.connection = None
        if held is None:
            return
        try:
            if error is not None:
                await connection.end()
        finally:
            await held.__aexit__(None if error is None else type(error), error, None)


class LogTransaction:
    """A turn in a log: see `db.drivers.DriverConnection`."""

    def __init__(self, writer: LogWriter, *, may_join: bool) -> None:
        """`may_join`: whether it takes no lock before the log's, so that it may begin with that held."""
        self.has_turn = True
        self._writer = writer
        self._may_join = may_join
        self._is_savepoint = False

    async def rows(self, statement: Statement[R], parameters: dict[str, Any]) -> list[R]:
        rows: list[R] = await self._writer.connection.rows(statement, parameters)
        return rows

    async def run(self, command: WriteStatement, parameters: Sequence[dict[str, Any]]) -> None:
        await self._writer.connection.run(command, parameters)

    async def begin(self) -> None:
        writer = self._writer
        if writer.group is not None and not self._may_join:
            await self._end_group()
        self._is_savepoint = writer.group is not None
        if not self._is_savepoint:
            await writer.take_connection()
            await writer.connection.begin()

    async def commit(self) -> None:
        """Raises the error of a command that was queued, after which `rollback` is due, or of the commit itself."""
        writer, connection = self._writer, self._writer.connection
        commits = writer.is_last or connection.is_unused
        if commits:
            await connection.commit()
        else:
            # The next one's savepoint. It waits for what was queued, whose errors are of this one alone.
            await connection.run_now(_SAVEPOINT, *([_RELEASE] if self._is_savepoint else []))
        await self._leave(is_committed=commits)

    async def rollback(self) -> None:
        """Returns after the commit of those before it, which it may have read. Raises the error of that."""
        if not self.has_turn:
            return
        writer, connection = self._writer, self._writer.connection
        if not self._is_savepoint:
            await connection.rollback()
            await self._leave(is_committed=True)
            return
        commits, error = writer.is_last, None
        try:
            await connection.roll_back_to(_ROLL_BACK_TO)
            if commits:
                await connection.commit()
        except Exception as lost:  # noqa: BLE001 - all of the group raise it.
            error = lost
        await self._leave(is_committed=commits, error=error)

    async def abandon(self) -> None:
        error = asyncpg.InterfaceError("A transaction could not be rolled back.")
        try:
            await self._writer.give_connection_back(error)
        finally:
            self._writer.end_group(error)

    async def _end_group(self) -> None:
        """Commits those before it."""
        error: Exception | None = None
        try:
            await self._writer.connection.commit()
        except Exception as lost:  # noqa: BLE001 - all of the group raise it.
            error = lost
        try:
            await self._writer.give_connection_back(error)
        finally:
            self._writer.end_group(error)

    async def _leave(self, *, is_committed: bool, error: Exception | None = None) -> None:
        if is_committed or error is not None:
            await self._writer.give_connection_back(error)
        self.has_turn = False
        await self._writer.leave(is_committed=is_committed, error=error)
