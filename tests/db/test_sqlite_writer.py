"""SQLite's transactions that wait for each other are committed together, and each fails alone."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import bindparam, insert, select

from db import group_commits, migrate, sqlite_writer
from db.database import Database, Transaction
from db.rows import Row
from db.sqlite_writer import SQLiteWriter
from db.statements import Statement, WriteStatement
from db.tables import secrets

pytestmark = pytest.mark.anyio

WRITERS = 20
_ADD = WriteStatement(insert(secrets).values(name=bindparam("name"), value=b""))


class NameRow(Row):
    """A row that was written."""

    __slots__ = ()

    name: str


_NAMES = Statement(select(secrets.c.name).where(secrets.c.name.like("w%")), NameRow)


class Commits:
    """Counts the commits of SQLite, and makes them fail."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self.returned: list[int] = []
        """How many writers had returned before each commit."""
        self.writers: list[asyncio.Task[Any]] = []
        self.error: Exception | None = None
        self._commit = sqlite_writer._commit
        monkeypatch.setattr(sqlite_writer, "_commit", self._committed)

    def _committed(self, connection: sqlite3.Connection) -> Exception | None:
        self.count += 1
        self.returned.append(sum(writer.done() for writer in self.writers))
        if self.error is not None:
            connection.execute("ROLLBACK")
            return self.error
        return self._commit(connection)


@pytest.fixture
def commits(monkeypatch: pytest.MonkeyPatch) -> Commits:
    # However slow the machine is, no group ends by its time.
    monkeypatch.setattr(group_commits, "GROUP_SECONDS", 600.0)
    return Commits(monkeypatch)


@pytest.fixture
async def written(tmp_path: Path, commits: Commits) -> AsyncIterator[Database]:
    url = f"sqlite:///{tmp_path / 'p.db'}"
    await migrate.migrate(url)
    async with Database(url) as database:
        yield database


async def write(database: Database, number: int, *failing: int) -> None:
    async with database.transaction() as tx:
        await names(tx)
        await tx.run(_ADD, name=f"w{number}")
        # The one before is seen, committed or not.
        assert f"w{number}" in await names(tx)
        if number in failing:
            raise ZeroDivisionError


async def names(tx: Transaction | Database) -> set[str]:
    return {row.name for row in await tx.rows(_NAMES)}


async def outcomes(commits: Commits, database: Database, *failing: int) -> list[BaseException | None]:
    commits.writers = [asyncio.create_task(write(database, number, *failing)) for number in range(WRITERS)]
    return list(await asyncio.gather(*commits.writers, return_exceptions=True))


async def test_those_that_wait_are_committed_together_and_return_then(written: Database, commits: Commits) -> None:
    assert await outcomes(commits, written) == [None] * WRITERS
    assert commits.count == 1
    assert commits.returned == [0]
    assert await names(written) == {f"w{number}" for number in range(WRITERS)}


async def test_one_commits_alone(written: Database, commits: Commits) -> None:
    for number in range(3):
        await write(written, number)
    assert commits.count == 3


@pytest.mark.parametrize("failing", [{0}, {7, 8}, {WRITERS - 1}, set(range(WRITERS))])
async def test_who_fails_rolls_back_alone(written: Database, commits: Commits, failing: set[int]) -> None:
    found = await outcomes(commits, written, *failing)
    assert {at for at, error in enumerate(found) if isinstance(error, ZeroDivisionError)} == failing
    assert found.count(None) == WRITERS - len(failing)
    assert await names(written) == {f"w{number}" for number in range(WRITERS) if number not in failing}
    # Nobody learns what he read of the others before it is kept.
    assert all(count <= 1 for count in commits.returned)


async def test_all_fail_if_their_commit_fails(written: Database, commits: Commits) -> None:
    commits.error = sqlite3.OperationalError("disk I/O error")
    assert await outcomes(commits, written, 5) == [commits.error] * WRITERS
    assert await names(written) == set()
    commits.error = None
    await write(written, 1)
    assert await names(written) == {"w1"}


async def test_a_transaction_that_sqlite_rolled_back_takes_those_before_it_along(
    written: Database, commits: Commits
) -> None:
    async def lost() -> None:
        async with written.transaction() as tx:
            await names(tx)
            # As SQLite does by itself when the disk is full.
            await tx._connection._writer.call(lambda connection: connection.execute("ROLLBACK"))  # type: ignore[attr-defined]
            raise ZeroDivisionError

    before = [asyncio.create_task(write(written, number)) for number in range(3)]
    await asyncio.sleep(0)
    found = await asyncio.gather(*before, asyncio.create_task(lost()), return_exceptions=True)
    assert [type(error) for error in found] == [sqlite3.OperationalError] * 4
    await write(written, 1)
    assert await names(written) == {"w1"}


@pytest.mark.parametrize("late", [False, True])
async def test_a_commit_left_to_one_that_is_cancelled_is_made(
    written: Database, commits: Commits, monkeypatch: pytest.MonkeyPatch, late: bool
) -> None:
    first, second = [asyncio.create_task(write(written, number)) for number in range(2)]
    original = SQLiteWriter.call

    async def call(self: SQLiteWriter, function: Any, *arguments: Any) -> Any:
        if function is sqlite_writer._end and not late:
            # It waits for its turn, so the first one has left the commit to it.
            second.cancel()
        result = await original(self, function, *arguments)
        if function is sqlite_writer._end and late:
            second.cancel()
        return result

    monkeypatch.setattr(SQLiteWriter, "call", call)
    await asyncio.wait([first, second])
    assert (first.exception(), second.cancelled()) == (None, True)
    assert await names(written) == {"w0"}
    assert commits.count == 1


async def test_those_of_a_group_return_in_the_order_of_their_turns(written: Database, commits: Commits) -> None:
    returned: list[int] = []

    async def noted(number: int) -> None:
        await write(written, number)
        returned.append(number)

    await asyncio.gather(*(noted(number) for number in range(WRITERS)))
    assert commits.count == 1
    assert returned == list(range(WRITERS))


@pytest.mark.parametrize("error", [sqlite3.OperationalError("disk I/O error"), asyncio.CancelledError()])
async def test_the_next_one_begins_after_a_rollback_that_failed(
    written: Database, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    original, errors = SQLiteWriter.call, [error]

    async def call(self: SQLiteWriter, function: Any, *arguments: Any) -> Any:
        if function is sqlite_writer._roll_back and errors:
            raise errors.pop()
        return await original(self, function, *arguments)

    monkeypatch.setattr(SQLiteWriter, "call", call)
    with pytest.raises(type(error)):
        await write(written, 0, 0)
    await write(written, 1)
    assert await names(written) == {"w1"}
