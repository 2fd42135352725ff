"""Reads end at their deadline or with their caller, and searches take no reader from anything else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import asyncpg
import pytest
from sqlalchemy import BigInteger, ClauseElement, column, text

from db import drivers
from db.database import Database
from db.drivers import TimedOut
from db.rows import CountRow
from db.statements import Dialect, Statement
from execution.errors import formatted
from resolvers.errors import FieldErrorCode
from tests.support.backends import Backend

pytestmark = pytest.mark.anyio

ENDLESS = {
    "sqlite": "WITH RECURSIVE every(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM every)"
    " SELECT 0 AS parent, count(*) AS total FROM every",
    "postgresql": "SELECT 0 AS parent, count(pg_sleep(600)) AS total",
}
FOR_A_WHILE = {
    "sqlite": f"{ENDLESS['sqlite'].replace('FROM every)', 'FROM every LIMIT 500000)')}",
    "postgresql": "SELECT 0 AS parent, count(pg_sleep(0.1)) AS total",
}


def counting(sql: str) -> ClauseElement:
    return text(sql).columns(column("parent", BigInteger), column("total", BigInteger))


def endless(dialect: Dialect) -> ClauseElement:
    return counting(ENDLESS[dialect])


SLOW = Statement(endless, CountRow)
SLOW_SEARCH = Statement(endless, CountRow, is_search=True)
SLOW_ANEW = Statement(endless, CountRow, is_planned_anew=True)
LASTING = Statement(lambda dialect: counting(FOR_A_WHILE[dialect]), CountRow)
QUICK = Statement(lambda _: counting("SELECT 0 AS parent, 7 AS total"), CountRow)
QUICK_SEARCH = Statement(lambda _: counting("SELECT 0 AS parent, 7 AS total"), CountRow, is_search=True)


@pytest.fixture
async def hasty(backend: Backend) -> AsyncIterator[Database]:
    """A database whose reads take a fifth of a second at most."""
    async with Database(backend.migrated_database(), read_seconds=0.2) as opened:
        yield opened


@pytest.fixture
async def patient(backend: Backend) -> AsyncIterator[Database]:
    """A database whose reads may take a minute."""
    async with Database(backend.migrated_database(), read_seconds=60) as opened:
        yield opened


@pytest.mark.parametrize("statement", [SLOW, SLOW_SEARCH, SLOW_ANEW])
async def test_a_read_ends_at_its_deadline_and_its_connection_reads_on(
    hasty: Database, statement: Statement[CountRow]
) -> None:
    for _ in range(2):
        with pytest.raises(TimedOut, match=r"longer than 0.2 s"):
            await hasty.rows(statement)
    for _ in range(2 * drivers.READERS):
        assert [row.total for row in await hasty.rows(QUICK)] == [7]
        assert [row.total for row in await hasty.rows(QUICK_SEARCH)] == [7]


async def test_a_transaction_has_no_deadline(backend: Backend) -> None:
    async with Database(backend.migrated_database(), read_seconds=0.01) as database:
        with pytest.raises(TimedOut):
            await database.rows(LASTING)
        async with database.transaction() as tx:
            assert len(await tx.rows(LASTING)) == 1


async def test_a_cancelled_read_ends_and_its_connection_reads_on(patient: Database) -> None:
    # All connections are open, so that a slow machine cancels a read and not the opening of its connection.
    await asyncio.gather(*(patient.rows(each) for each in [QUICK] * drivers.READERS + [QUICK_SEARCH]))
    for _ in range(3):
        reads = [asyncio.create_task(patient.rows(SLOW)) for _ in range(drivers.READERS)]
        reads.append(asyncio.create_task(patient.rows(SLOW_SEARCH)))
        await asyncio.sleep(0.05)
        for read in reads:
            read.cancel()
        await asyncio.gather(*reads, return_exceptions=True)
        async with asyncio.timeout(30):
            assert [row.total for row in await patient.rows(QUICK)] == [7]
            assert [row.total for row in await patient.rows(QUICK_SEARCH)] == [7]


async def test_a_database_closes_though_a_read_was_cancelled_a_moment_ago(backend: Backend) -> None:
    async with asyncio.timeout(30):
        async with Database(backend.migrated_database(), read_seconds=60) as database:
            read = asyncio.create_task(database.rows(SLOW))
            await asyncio.sleep(0)
            read.cancel()
            with suppress(asyncio.CancelledError):
                await read


async def test_searches_without_end_leave_other_reads_their_connections(hasty: Database) -> None:
    searches = [asyncio.create_task(hasty.rows(SLOW_SEARCH)) for _ in range(3 * drivers.READERS + drivers.SEARCHES)]
    await asyncio.sleep(0)
    for _ in range(20):
        assert [row.total for row in await hasty.rows(QUICK)] == [7]
    assert not all(search.done() for search in searches)
    ended = await asyncio.gather(*searches, return_exceptions=True)
    assert {type(error) for error in ended} == {TimedOut}
    # Those that waited for their turn did not wait for ever.
    assert any("Too many searches" in str(error) for error in ended)
    assert [row.total for row in await hasty.rows(QUICK_SEARCH)] == [7]


def test_clients_are_told_what_timed_out() -> None:
    from graphql import GraphQLError

    error = GraphQLError("It took too long.", original_error=TimedOut("It took too long."))
    assert formatted(error) == {"message": "It took too long.", "extensions": {"code": FieldErrorCode.TIMED_OUT}}


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
async def test_reads_go_on_after_a_migration_of_what_they_read(backend: Backend) -> None:
    url = backend.migrated_database()
    counted = Statement(lambda _: counting("SELECT 0 AS parent, total FROM changing"), CountRow)
    migration = await asyncpg.connect(url)
    try:
        await migration.execute("CREATE TABLE changing AS SELECT 7::bigint AS total")
        async with Database(url) as database:
            for kind in ("int", "numeric"):
                assert [row.total for row in await database.rows(counted)] == [7]
                await migration.execute(f"ALTER TABLE changing ALTER total TYPE {kind}")
            assert [row.total for row in await database.rows(counted)] == [7]
            await migration.execute("ALTER TABLE changing ALTER total TYPE bigint")
            snapshot = database.snapshot()
            # The snapshot's transaction has failed: it is the next one that reads.
            with pytest.raises(asyncpg.InvalidCachedStatementError):
                await snapshot.rows(counted)
            assert [row.total for row in await snapshot.rows(counted)] == [7]
            snapshot.close()
    finally:
        await migration.close()
