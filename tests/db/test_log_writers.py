"""Transactions of one log that wait for each other on PostgreSQL are committed together, and each fails alone."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from sqlalchemy import bindparam, insert, select

from db import drivers, group_commits, migrate
from db.database import Database, Transaction
from db.rows import Row
from db.statements import Statement, WriteStatement
from db.tables import secrets
from tests.support.servers import PostgreSQL

pytestmark = pytest.mark.anyio

WRITERS = 20
LOG = 7
_ADD = WriteStatement(insert(secrets).values(name=bindparam("name"), value=b""))


class NameRow(Row):
    """A row that was written."""

    __slots__ = ()

    name: str


_NAMES = Statement(select(secrets.c.name).where(secrets.c.name.like("w%")), NameRow)


class Commits:
    """Counts the commits of PostgreSQL, and makes them fail."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self.error: Exception | None = None
        run_now = drivers._PostgreSQLConnection.run_now

        async def run(connection: drivers._PostgreSQLConnection, text: str, *before: str) -> bytes:
            if text == "COMMIT":
                self.count += 1
                if self.error is not None:
                    raise self.error
            return await run_now(connection, text, *before)

        monkeypatch.setattr(drivers._PostgreSQLConnection, "run_now", run)


@pytest.fixture
def commits(monkeypatch: pytest.MonkeyPatch) -> Commits:
    # However slow the machine is, no group ends by its time.
    monkeypatch.setattr(group_commits, "GROUP_SECONDS", 600.0)
    return Commits(monkeypatch)


@pytest.fixture
async def written(postgresql: PostgreSQL, commits: Commits) -> AsyncIterator[Database]:
    url = postgresql.new_database()
    await migrate.migrate(url)
    async with Database(url) as database:
        commits.count = 0
        yield database
        usage = database.driver.usage()
        assert (usage.in_use, usage.waiting) == (0, 0)


async def write(database: Database, number: int, *failing: int, name: str | None = None, **given: Any) -> None:
    async with database.transaction(log_id=LOG, **given) as tx:
        await names(tx)
        await tx.run(_ADD, name=f"w{number}")
        # The one before is seen, committed or not.
        assert f"w{number}" in await names(tx)
        if number in failing:
            raise ZeroDivisionError
        if name is not None:
            await tx.run(_ADD, name=name)


async def names(tx: Transaction | Database) -> set[str]:
    return {row.name for row in await tx.rows(_NAMES)}


async def together(*writers: Any) -> list[BaseException | None]:
    return list(await asyncio.gather(*map(asyncio.create_task, writers), return_exceptions=True))


async def test_those_that_wait_are_committed_together_and_return_in_turn(written: Database, commits: Commits) -> None:
    returned: list[int] = []

    async def noted(number: int) -> None:
        await write(written, number)
        assert commits.count == 1
        returned.append(number)

    assert await together(*(noted(number) for number in range(WRITERS))) == [None] * WRITERS
    assert returned == list(range(WRITERS))
    assert await names(written) == {f"w{number}" for number in range(WRITERS)}
    for number in range(WRITERS, WRITERS + 3):
        await write(written, number)
    assert commits.count == 4


async def test_those_of_other_logs_do_not_wait(written: Database, commits: Commits) -> None:
    async with written.transaction(log_id=LOG + 1):
        await write(written, 0)
    assert await names(written) == {"w0"}


@pytest.mark.parametrize("failing", [{0}, {7, 8}, {WRITERS - 1}, set(range(WRITERS))])
async def test_who_fails_rolls_back_alone(written: Database, commits: Commits, failing: set[int]) -> None:
    found = await together(*(write(written, number, *failing) for number in range(WRITERS)))
    assert {at for at, error in enumerate(found) if isinstance(error, ZeroDivisionError)} == failing
    assert found.count(None) == WRITERS - len(failing)
    assert await names(written) == {f"w{number}" for number in range(WRITERS) if number not in failing}


@pytest.mark.parametrize("failing", [0, 4, WRITERS - 1])
async def test_a_command_that_fails_at_the_end_fails_alone(written: Database, commits: Commits, failing: int) -> None:
    # A name that is there is found out with the last commands, which nobody has waited for before.
    taken = {failing: f"w{failing}"}
    found = await together(*(write(written, number, name=taken.get(number)) for number in range(WRITERS)))
    assert isinstance(found.pop(failing), asyncpg.UniqueViolationError)
    assert found == [None] * (WRITERS - 1)
    assert await names(written) == {f"w{number}" for number in range(WRITERS) if number != failing}


async def test_all_fail_if_their_commit_fails(written: Database, commits: Commits) -> None:
    commits.error = asyncpg.InterfaceError("The connection was lost.")
    assert await together(*(write(written, number, 5) for number in range(WRITERS))) == [commits.error] * WRITERS
    commits.error = None
    await write(written, 1)
    assert await names(written) == {"w1"}


async def test_all_fail_if_their_connection_is_lost(written: Database, commits: Commits) -> None:
    async def lost() -> None:
        async with written.transaction(log_id=LOG) as tx:
            await names(tx)
            tx._connection._writer.connection._connection.terminate()  # type: ignore[attr-defined]
            await names(tx)

    found = await together(*(write(written, number) for number in range(3)), lost())
    assert all(isinstance(error, drivers.DRIVER_ERRORS) for error in found)
    await write(written, 1)
    assert await names(written) == {"w1"}


async def test_one_that_has_locked_something_else_joins_nobody(written: Database, commits: Commits) -> None:
    joining = [number not in (3, 4) for number in range(WRITERS)]
    found = await together(*(write(written, number, may_join=may_join) for number, may_join in enumerate(joining)))
    assert found == [None] * WRITERS
    assert commits.count == 3


async def test_a_commit_left_to_one_that_is_cancelled_is_made(
    written: Database, commits: Commits, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = [asyncio.create_task(write(written, number)) for number in range(2)]
    run_now = drivers._PostgreSQLConnection.run_now

    async def run(connection: drivers._PostgreSQLConnection, text: str, *before: str) -> bytes:
        if text.startswith("SAVEPOINT"):
            # It waits for its turn, so the first one has left the commit to it.
            second.cancel()
        return await run_now(connection, text, *before)

    monkeypatch.setattr(drivers._PostgreSQLConnection, "run_now", run)
    await asyncio.wait([first, second])
    assert (first.exception(), second.cancelled()) == (None, True)
    assert await names(written) == {"w0"}
