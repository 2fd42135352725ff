"""Projections: each item of a log is projected once and in order, whatever crashes, and by one process at a time."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from typing import Any

import asyncpg
import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, Table, bindparam, insert, text

import db.feed
import db.log_readers
from db import migrate
from db.database import Database, Transaction
from db.log_readers import LogIncomplete
from db.rows import FeedRow
from db.statements import Statement, WriteStatement
from forum.projections import Projection, catch_up
from tests.db import feeds
from tests.live.brokers import until
from tests.support.backends import Backend

pytestmark = pytest.mark.anyio

WRITERS = 4
WRITES = 15

_metadata = MetaData()
_projected = Table("projected", _metadata, Column("id", Integer, primary_key=True), Column("position", Integer))
_insert = WriteStatement(insert(_projected).values(position=bindparam("position")))


async def _write(tx: Transaction, items: Sequence[FeedRow]) -> None:
    await tx.run_many(_insert, [{"position": item.event_number} for item in items])


PROJECTION = Projection("tests", _write, db.feed.feed)


@pytest.fixture
async def url(backend: Backend) -> str:
    url = backend.migrated_database()
    await migrate.transact(url, _metadata.create_all)
    return url


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    async with Database(url) as opened:
        await opened.write(lambda tx: db.log_readers.open_reader(tx, PROJECTION.name))
        yield opened


async def projected(url: str) -> list[int]:
    """The positions that were projected, in the order of the writes."""

    def positions(connection: Connection) -> list[int]:
        return list(connection.scalars(text("SELECT position FROM projected ORDER BY id")))

    return await migrate.transact(url, positions)


async def write_replies(database: Database, count: int) -> None:
    (discussion,) = await feeds.discussions(database, 1)
    author = await feeds.person(database)
    for _ in range(count):
        await feeds.reply(database, discussion, author)


async def change(url: str, *statements: str) -> None:
    def run(connection: Connection) -> None:
        for statement in statements:
            connection.execute(text(statement))

    await migrate.transact(url, run)


async def test_two_processes_that_crash_project_each_item_once(
    url: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db.log_readers, "MAX_ITEMS", 3)
    chance = random.Random(3)
    crashes = 0

    async def crash_sometimes(tx: Transaction, items: Sequence[FeedRow]) -> None:
        nonlocal crashes
        await _write(tx, items)
        await asyncio.sleep(0)
        if chance.random() < 0.3:
            crashes += 1
            raise ConnectionError("In the middle.")

    async def process(here: Database) -> None:
        over = False
        while not over:
            over = writing.done()
            try:
                await catch_up(here, Projection(PROJECTION.name, crash_sometimes, db.feed.feed))
            except ConnectionError:
                over = False

    async with Database(url) as other:
        writing = asyncio.gather(*(write_replies(database, WRITES) for _ in range(WRITERS)))
        await asyncio.gather(writing, process(database), process(other))
    assert crashes
    assert await projected(url) == list(range(1, WRITERS * WRITES + 1))


async def test_what_was_committed_before_the_call_is_projected_after_it(url: str, database: Database) -> None:
    for last in (1, 2, 250):
        await write_replies(database, last - len(await projected(url)))
        await catch_up(database, PROJECTION)
        assert await projected(url) == list(range(1, last + 1))


async def test_new_reader_begins_at_the_end_and_rewound_at_the_floor(url: str, database: Database) -> None:
    await write_replies(database, 3)
    await db.feed.sequence_pending(database)
    late = Projection("late", _write, db.feed.feed)
    await database.write(lambda tx: db.log_readers.open_reader(tx, "late"))
    # There is one of this name.
    await database.write(lambda tx: db.log_readers.open_reader(tx, "late"))
    await write_replies(database, 1)
    await catch_up(database, late)
    assert await projected(url) == [4]
    await database.write(lambda tx: db.log_readers.rewind(tx, "late"))
    await change(url, "UPDATE log_heads SET log_floor = 2 WHERE log_id = 0", "DELETE FROM feed WHERE position < 2")
    await catch_up(database, late)
    assert await projected(url) == [4, 3, 4]


async def test_position_of_another_history_begins_at_the_floor(url: str, database: Database) -> None:
    await write_replies(database, 3)
    await catch_up(database, PROJECTION)
    await change(url, "UPDATE feed SET epoch = '12345678' WHERE position = 3")
    await write_replies(database, 1)
    await catch_up(database, PROJECTION)
    assert await projected(url) == [1, 2, 3, 1, 2, 3, 4]


async def test_missing_item_is_not_passed_over(url: str, database: Database) -> None:
    await write_replies(database, 3)
    await db.feed.sequence_pending(database)
    await change(url, "DELETE FROM feed WHERE position = 2")
    with pytest.raises(LogIncomplete, match="lacks items from 1 to 3"):
        await catch_up(database, PROJECTION)
    assert await projected(url) == []


async def test_projection_without_a_reader_is_refused(database: Database) -> None:
    with pytest.raises(LookupError, match="unknown"):
        await catch_up(database, Projection("unknown", _write, db.feed.feed))


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
async def test_process_waits_for_one_that_projects(
    url: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await write_replies(database, 2)
    holder = await asyncpg.connect(url)
    transaction = holder.transaction()
    await transaction.start()
    await holder.execute("SELECT 1 FROM log_readers WHERE name = 'tests' FOR UPDATE")
    claims = 0
    row = Transaction.row

    async def count_claims(tx: Transaction, statement: Statement[Any], **parameters: object) -> object:
        nonlocal claims
        claims += statement is db.log_readers._claim
        return await row(tx, statement, **parameters)

    monkeypatch.setattr(Transaction, "row", count_claims)
    waiting = asyncio.create_task(catch_up(database, PROJECTION))
    await until(lambda: claims > 2)
    assert not waiting.done()
    # Discussions are not locked meanwhile.
    await write_replies(database, 1)
    await transaction.rollback()
    await holder.close()
    await waiting
    assert (await projected(url))[:2] == [1, 2]


async def test_lag_is_what_a_reader_has_not_read(database: Database) -> None:
    async def lag() -> dict[str, int]:
        return {row.name: row.lag for row in await database.rows(db.log_readers.lags)}

    await write_replies(database, 5)
    await db.feed.sequence_pending(database)
    assert await lag() == {"decision-notices": 0, "quote-notices": 5, "tests": 5}
    await catch_up(database, PROJECTION)
    assert await lag() == {"decision-notices": 0, "quote-notices": 5, "tests": 0}
