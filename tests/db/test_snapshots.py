"""A snapshot reads what was there at one moment, and its connection is free afterwards, whatever happened."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing, suppress

import asyncpg
import pytest
from sqlalchemy import BigInteger, bindparam, column, text

import db.users
from db import drivers
from db.database import Database
from db.drivers import TimedOut
from db.rows import CountRow
from db.snapshots import Reader, Snapshot
from db.statements import Dialect, Statement
from tests.db.test_reads import QUICK, QUICK_SEARCH, SLOW, SLOW_ANEW, SLOW_SEARCH
from tests.support.backends import Backend
from tests.support.waiting import eventually_async

pytestmark = pytest.mark.anyio

CONNECTIONS = {"sqlite": drivers.READERS, "postgresql": drivers.POOL_SIZE}


def counting(sql: str, *, is_planned_anew: bool = False) -> Statement[CountRow]:
    made = text(sql).columns(column("parent", BigInteger), column("total", BigInteger))
    return Statement(lambda _: made, CountRow, is_planned_anew=is_planned_anew)


def broken(dialect: Dialect) -> object:
    # Each database finds out while it runs the statement.
    failing = "json('{')" if dialect == "sqlite" else "1 / (count(*) - count(*))"
    return text(f"SELECT 0 AS parent, {failing} AS total").columns(column("parent"), column("total"))


USERS = counting("SELECT 0 AS parent, count(*) AS total FROM users")
USERS_ANEW = counting("SELECT 1 AS parent, count(*) AS total FROM users", is_planned_anew=True)
BROKEN: Statement[CountRow] = Statement(broken, CountRow)  # type: ignore[arg-type]


async def users(reader: Reader, statement: Statement[CountRow] = USERS) -> int:
    (row,) = await reader.rows(statement)
    return row.total


async def add_user(database: Database, handle: str) -> None:
    await database.write(lambda tx: db.users.add_user(tx, db.users.Person(handle, handle)))


@pytest.fixture
async def hasty(backend: Backend) -> AsyncIterator[Database]:
    """A database whose reads take a fifth of a second at most."""
    async with Database(backend.migrated_database(), read_seconds=0.2) as opened:
        yield opened


@pytest.mark.parametrize("statement", [USERS, USERS_ANEW])
async def test_a_snapshot_reads_one_moment_and_the_next_one_a_later(
    database: Database, statement: Statement[CountRow]
) -> None:
    for number in range(5):
        snapshot, counts = database.snapshot(), []
        for which in ("a", "b"):
            counts.append(await users(snapshot, statement))
            await add_user(database, f"{which}{number}")
        counts.append(await users(snapshot))
        snapshot.close()
        assert counts == [2 * number] * 3


async def test_what_comes_after_a_snapshot_is_not_of_its_moment(database: Database) -> None:
    for number in range(5):
        snapshot = database.snapshot()
        assert await users(snapshot) == 2 * number
        snapshot.close()
        await add_user(database, f"a{number}")
        assert await users(database) == 2 * number + 1
        snapshot = database.snapshot()
        assert await users(snapshot) == 2 * number + 1
        snapshot.close()
        # The connection that was in the snapshot begins a transaction, which sees what it writes and commits it.
        async with database.transaction() as tx:
            await db.users.add_user(tx, db.users.Person(f"b{number}", "B"))
            (row,) = await tx.rows(USERS)
            assert row.total == 2 * number + 2
        assert await users(database, USERS_ANEW) == 2 * number + 2


async def test_after_a_failure_a_snapshot_reads_on_at_a_later_moment(database: Database) -> None:
    for number in range(3):
        snapshot = database.snapshot()
        assert await users(snapshot) == number
        await add_user(database, f"a{number}")
        with pytest.raises(drivers.DRIVER_ERRORS):
            await snapshot.rows(BROKEN)
        assert await users(snapshot) == number + 1
        snapshot.close()


@pytest.mark.parametrize("before", [0, 1])
@pytest.mark.parametrize("statement", [SLOW, SLOW_ANEW, SLOW_SEARCH, BROKEN])
async def test_failed_snapshots_give_their_connections_back(
    hasty: Database, backend: Backend, statement: Statement[CountRow], before: int
) -> None:
    async def fail() -> None:
        snapshot = hasty.snapshot()
        try:
            for _ in range(before):
                await snapshot.rows(QUICK)
            with pytest.raises((TimedOut, *drivers.DRIVER_ERRORS)):
                await snapshot.rows(statement)
        finally:
            snapshot.close()

    count = CONNECTIONS[backend.name]
    await asyncio.gather(*(fail() for _ in range(count)))
    await all_can_read(hasty, count)


@pytest.mark.parametrize("statement", [SLOW, SLOW_ANEW, SLOW_SEARCH])
async def test_cancelled_snapshots_give_their_connections_back(
    backend: Backend, statement: Statement[CountRow]
) -> None:
    count = CONNECTIONS[backend.name]
    async with Database(backend.migrated_database(), read_seconds=60) as patient:
        await all_can_read(patient, count)
        for turns in range(8):

            async def read() -> None:
                snapshot = patient.snapshot()
                try:
                    await snapshot.rows(QUICK)
                    await snapshot.rows(statement)
                finally:
                    snapshot.close()

            reads = [asyncio.create_task(read()) for _ in range(count)]
            # Cancelled at one place after the other: while they wait for a connection, begin, and read.
            for _ in range(3 * turns):
                await asyncio.sleep(0)
            for each in reads:
                each.cancel()
            await asyncio.gather(*reads, return_exceptions=True)
            await all_can_read(patient, count)


async def all_can_read(database: Database, count: int) -> None:
    """Opens as many snapshots as there are connections, all at once."""
    together = asyncio.Barrier(count)

    async def read() -> int:
        snapshot = database.snapshot()
        try:
            async with asyncio.timeout(60):
                await users(snapshot)
                await together.wait()
                return await users(snapshot)
        finally:
            snapshot.close()

    await asyncio.gather(*(read() for _ in range(count)))
    assert [row.total for row in await database.rows(QUICK_SEARCH)] == [7]


async def test_searches_without_end_leave_other_snapshots_their_connections(hasty: Database, backend: Backend) -> None:
    async def search() -> None:
        snapshot = hasty.snapshot()
        try:
            await snapshot.rows(SLOW_SEARCH)
        finally:
            snapshot.close()

    searches = [asyncio.create_task(search()) for _ in range(3 * CONNECTIONS[backend.name])]
    await asyncio.sleep(0)
    for _ in range(20):
        snapshot = hasty.snapshot()
        assert await users(snapshot) == 0
        snapshot.close()
    assert not all(each.done() for each in searches)
    assert {type(error) for error in await asyncio.gather(*searches, return_exceptions=True)} == {TimedOut}
    await all_can_read(hasty, CONNECTIONS[backend.name])


async def test_a_search_after_other_reads_holds_one_connection(hasty: Database, backend: Backend) -> None:
    async def read() -> None:
        snapshot = hasty.snapshot()
        try:
            await snapshot.rows(QUICK)
            with suppress(TimedOut):
                await snapshot.rows(QUICK_SEARCH)
        finally:
            snapshot.close()

    async with asyncio.timeout(60):
        await asyncio.gather(*(read() for _ in range(3 * CONNECTIONS[backend.name])))
    await all_can_read(hasty, CONNECTIONS[backend.name])


async def test_who_waits_for_a_connection_gets_one_in_turn(database: Database, backend: Backend) -> None:
    held = [database.driver.reader() for _ in range(CONNECTIONS[backend.name])]
    for lease in held:
        await lease.__aenter__()
    served: list[int] = []
    waited: list[float] = []
    database.driver.on_waited = waited.append

    async def read(number: int) -> None:
        async with database.driver.reader() as connection:
            served.append(number)
            await connection.rows(USERS, {})

    waiting = [asyncio.create_task(read(number)) for number in range(12)]
    await eventually_async(lambda: database.driver.usage().waiting == len(waiting), "all to wait")
    # One goes while it waits, one right after it was given a connection, and one leaves a connection that is broken.
    waiting[3].cancel()
    await held.pop().__aexit__(None, None, None)
    waiting[0].cancel()
    await held.pop().__aexit__(ValueError, ValueError(), None)
    for lease in held:
        await lease.__aexit__(None, None, None)
    await asyncio.wait(waiting)
    assert served == [number for number in range(12) if number not in (0, 3)]
    usage = database.driver.usage()
    assert (usage.in_use, usage.waiting) == (0, 0)
    assert len(waited) == len(waiting)
    await read(12)
    assert len(waited) == len(waiting)


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
async def test_a_statement_that_was_only_prepared_leaves_nothing_open(database: Database) -> None:
    made = text("SELECT 0 AS parent, count(*) AS total FROM users WHERE id > :id").bindparams(
        bindparam("id", type_=BigInteger)
    )
    given: Statement[CountRow] = Statement(lambda _: made.columns(column("parent"), column("total")), CountRow)
    with pytest.raises(asyncpg.DataError):
        await database.rows(given, id="seven")
    snapshot = database.snapshot()
    assert await users(snapshot) == 0
    snapshot.close()


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
async def test_a_connection_that_the_server_has_ended_is_not_in_use(database: Database) -> None:
    ending = counting(
        "SELECT 0 AS parent, count(pg_terminate_backend(pid)) AS total FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    held = [database.driver.reader() for _ in range(2)]
    first, _ = [await lease.__aenter__() for lease in held]
    await held.pop().__aexit__(None, None, None)
    await first.rows(ending, {})
    (idle,) = database.driver.idle  # type: ignore[attr-defined]
    await eventually_async(lambda: drivers._is_closed(idle), "the connection to end")
    assert database.driver.usage().in_use == 1
    await held.pop().__aexit__(None, None, None)
    assert database.driver.usage().in_use == 0


class Pool:
    """A pool of connections that are no connections. The next `acquire` finds that `given_back` was given back."""

    def __init__(self, driver: drivers.PostgreSQL) -> None:
        self._driver = driver
        self.given_back: Connection | None = None

    async def acquire(self) -> "Connection":
        if self.given_back is not None:
            self._driver.give_back(self.given_back)
        return Connection()

    async def release(self, connection: "Connection") -> None: ...


class Connection:
    def is_closed(self) -> bool:
        return False


async def test_who_was_late_for_the_room_in_the_pool_takes_what_is_there() -> None:
    driver = drivers.PostgreSQL("postgresql://", None)
    driver.pool = pool = Pool(driver)
    held = [(await driver.take(driver.idle))[0] for _ in range(drivers.POOL_SIZE)]
    waiting = asyncio.create_task(driver.take(driver.idle))
    await asyncio.sleep(0)
    pool.given_back = held.pop()
    await driver.release(held.pop())
    # Another one takes the room before the one who waits has run, and meanwhile a connection is given back.
    await driver.take(driver.idle)
    async with asyncio.timeout(5):
        assert (await waiting)[0] is pool.given_back


async def test_no_transaction_stays_open(backend: Backend) -> None:
    url = backend.migrated_database()
    async with Database(url) as database:
        # All but the one that writes.
        snapshots = [database.snapshot() for _ in range(CONNECTIONS[backend.name] - 1)]
        await asyncio.gather(*map(users, snapshots))
        await add_user(database, "a")
        for snapshot in snapshots:
            snapshot.close()
        if backend.name == "sqlite":
            await eventually_async(lambda: checkpoints(url.removeprefix("sqlite:///")), "a checkpoint of the whole log")
            return
        observer = await asyncpg.connect(url)
        try:
            open_ = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'"
            async with asyncio.timeout(60):
                while await observer.fetchval(open_):
                    await asyncio.sleep(0.01)
        finally:
            await observer.close()


def checkpoints(path: str) -> bool:
    """Whether all of the write-ahead log went into the database, which an open snapshot prevents."""
    with closing(sqlite3.connect(path, timeout=0)) as connection:
        blocked, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not blocked


async def test_a_database_closes_right_after_a_snapshot(backend: Backend) -> None:
    url = backend.migrated_database()
    for _ in range(3):
        async with asyncio.timeout(30), Database(url) as database:
            snapshot: Snapshot = database.snapshot()
            await users(snapshot)
            snapshot.close()


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
async def test_a_snapshot_takes_no_round_trip_of_its_own(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await users(database) == 0

    async def refuse(_connection: object, text: str, **_: object) -> None:
        raise AssertionError(f"A round trip for {text}")

    for _ in range(3):
        snapshot = database.snapshot()
        with monkeypatch.context() as patched:
            patched.setattr(asyncpg.Connection, "execute", refuse)
            assert await users(snapshot) == await users(snapshot) == 0
        snapshot.close()
