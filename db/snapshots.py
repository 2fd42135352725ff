"""Snapshots: all statements of one query read what was there at one moment.

A page and its cursor are of the same moment then, and so are a list and its count. PostgreSQL reads in a transaction
that is REPEATABLE READ, SQLite in one on a reader. The moment is that of the first statement.
"""

from collections.abc import Callable, Mapping, Sequence
from time import perf_counter
from typing import Any, Protocol, TypeVar

from db.drivers import Driver, DriverConnection
from db.rows import Row
from db.statements import Statement

R = TypeVar("R", bound=Row)


ObserveRead = Callable[[Statement[Any], float], None]
"""Takes a statement that was read, and the seconds that it took with the wait for a connection."""


class Reader(Protocol):
    """What statements are read through: a database, each at its own moment, or a snapshot."""

    async def rows(self, statement: Statement[R], **parameters: Any) -> list[R]: ...

    async def row(self, statement: Statement[R], **parameters: Any) -> R | None: ...


class Notes(Protocol):
    """Takes what a snapshot reads."""

    def begin(self) -> None:
        """Called right before the first statement of a moment."""

    def note(self, statement: Statement[Any], parameters: Mapping[str, Any], rows: Sequence[Any]) -> None:
        """Called with what each statement gave."""


class Snapshot:
    """The reads of one query, one after the other. It holds a connection from its first statement on: `close` it.

    Meanwhile its user must not ask for another connection: all could be held by those who wait for one more. A search
    that comes first takes its turn for the whole snapshot. After a statement that failed, the next ones are of a later
    moment: PostgreSQL reads no more in that transaction.
    """

    __slots__ = ("_connection", "_driver", "_is_search", "_notes", "_observe")

    def __init__(self, driver: Driver, observe: ObserveRead, notes: Notes | None = None) -> None:
        """`observe` is called after each statement. `notes` takes what is read."""
        self._driver = driver
        self._notes = notes
        self._observe = observe
        self._connection: DriverConnection | None = None
        self._is_search = False

    async def rows(self, statement: Statement[R], **parameters: Any) -> list[R]:
        started = perf_counter()
        if statement.is_search and not self._is_search:
            self.close()
        if self._connection is None:
            self._connection = await self._driver.begin_snapshot(is_search=statement.is_search)
            self._is_search = statement.is_search
            if self._notes is not None:
                self._notes.begin()
        try:
            rows: list[R] = await self._connection.rows(statement, parameters)
        except BaseException as error:
            self.close(error)
            raise
        finally:
            self._observe(statement, perf_counter() - started)
        if self._notes is not None:
            self._notes.note(statement, parameters, rows)
        return rows

    async def row(self, statement: Statement[R], **parameters: Any) -> R | None:
        rows = await self.rows(statement, **parameters)
        return rows[0] if rows else None

    def close(self, error: BaseException | None = None) -> None:
        """Gives the connection back if it has one. Waits for nothing. `error` is what a statement ended with."""
        connection, is_search = self._connection, self._is_search
        self._connection, self._is_search = None, False
        if connection is not None:
            self._driver.end_snapshot(connection, error, is_search=is_search)
