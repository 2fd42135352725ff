"""The logs of persons: entries in order and without gaps, followed and resumed like other logs, kept for a week."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, text

import db.users
import db.viewer_events
from db import migrate
from db.database import Database, Transaction
from db.kinds import ResyncReason
from db.logs import of_person
from db.rows import ViewerEventRow
from db.viewer_events import KEPT, MAX_PERSONS, Entry
from forum.erasure import erase_user
from forum.jobs import BackgroundJobs
from live.bus import Bus
from live.cursors import Cursor, Resync
from live.follower import LogFollower
from live.reads import StatementReader
from tests.db import feeds, logs
from tests.live.services import NEVER
from tests.support.backends import Backend

pytestmark = pytest.mark.anyio

WRITERS = 6
WRITES = 12


@pytest.fixture
def url(backend: Backend) -> str:
    return backend.migrated_database()


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    async with Database(url) as opened:
        yield opened


async def source(database: Database) -> tuple[int, int]:
    """A discussion with an event that entries may refer to."""
    discussion = await logs.discussion(database)
    return discussion, await logs.append_events(database, discussion)


async def append(
    database: Database, persons: Sequence[int], event: tuple[int, int], at: datetime | None = None
) -> None:
    async with database.transaction(at) as tx:
        await db.viewer_events.append(tx, [Entry(person, "TESTED", *event) for person in persons])


async def entries(database: Database, person: int) -> list[ViewerEventRow]:
    statement = db.viewer_events.STATEMENTS.events
    return await database.rows(statement, log_id=of_person(person), number=1, limit=1_000)


async def test_writers_to_the_same_logs_never_deadlock_and_leave_no_gap(database: Database) -> None:
    chance = random.Random(5)
    persons = [await feeds.person(database) for _ in range(8)]
    event = await source(database)
    appended: list[int] = []

    async def write() -> None:
        for _ in range(WRITES):
            # In any order, and some of them twice.
            wanted = chance.choices(persons, k=chance.randint(1, 10))
            await append(database, wanted, event)
            appended.extend(wanted)

    await asyncio.gather(*(write() for _ in range(WRITERS)))
    for person in persons:
        found = await entries(database, person)
        assert [entry.event_number for entry in found] == list(range(1, appended.count(person) + 1))
        (head,) = await database.rows(db.viewer_events.heads, log_ids=[of_person(person)])
        assert (head.last_event, head.last_epoch) == (len(found), found[-1].epoch)
        assert {(entry.source_log_id, entry.source_number, entry.kind) for entry in found} == {(*event, "TESTED")}


async def test_transaction_appends_to_a_bounded_number_of_persons_and_to_no_other_log(database: Database) -> None:
    person = await feeds.person(database)
    discussion, number = await source(database)
    entry = Entry(person, "TESTED", discussion, number)

    async def too_many(tx: Transaction) -> None:
        await db.viewer_events.append(tx, [entry._replace(user_id=each) for each in range(MAX_PERSONS + 1)])

    async def twice(tx: Transaction) -> None:
        await db.viewer_events.append(tx, [entry])
        await db.viewer_events.append(tx, [entry])

    async def beside_another(tx: Transaction) -> None:
        await tx.lock_log(discussion)
        await db.viewer_events.append(tx, [entry])

    for work in (too_many, twice, beside_another):
        with pytest.raises(RuntimeError, match="appends once"):
            await database.write(work)
    assert await entries(database, person) == []


@asynccontextmanager
async def followed(url: str) -> AsyncIterator[tuple[Database, LogFollower]]:
    """A database whose notifications reach a follower of the logs of persons, which does not poll."""
    bus = Bus("memory://")
    async with Database(url, notify=bus.notify) as database:
        follower = LogFollower(StatementReader(database, db.viewer_events.STATEMENTS), poll_seconds=NEVER)
        bus.on_notification(follower.wake, follower.check_soon)
        await bus.start()
        await follower.start()
        try:
            yield database, follower
        finally:
            await follower.stop()
            await bus.stop()


async def test_follower_resumes_and_is_woken_by_new_entries_of_that_person_alone(url: str) -> None:
    async with followed(url) as (database, follower):
        ada, bo = [await feeds.person(database) for _ in range(2)]
        event = await source(database)
        await append(database, [ada, ada, bo], event)
        first, second = await entries(database, ada)
        after = Cursor(of_person(ada), 1, first.epoch)
        async with asyncio.timeout(20), aclosing(follower.follow(of_person(ada), after)) as batches:
            batch = await anext(batches)
            assert ([entry.epoch for entry in batch.events], batch.caught_up) == ([second.epoch], True)
            await append(database, [bo], event)
            await append(database, [bo, ada], event)
            batch = await anext(batches)
            assert [entry.event_number for entry in batch.events] == [3]


async def test_log_can_be_followed_before_its_first_entry(url: str) -> None:
    async with followed(url) as (database, follower):
        ada = await feeds.person(database)
        event = await source(database)
        for _ in range(2):
            await database.write(lambda tx: db.viewer_events.open_log(tx, ada))
        async with asyncio.timeout(20), aclosing(follower.follow(of_person(ada))) as batches:
            assert (await anext(batches)).caught_up
            await append(database, [ada], event)
            assert [entry.event_number for entry in (await anext(batches)).events] == [1]


async def test_entries_older_than_a_week_are_trimmed_and_cursors_below_are_told(url: str) -> None:
    async with followed(url) as (database, follower):
        persons = [await feeds.person(database) for _ in range(3)]
        ada, _, new = persons
        event, old = await source(database), datetime.now(UTC) - KEPT - timedelta(hours=1)
        await append(database, [*persons[:2]] * 3, event, old)
        await append(database, persons, event)
        before = await entries(database, ada)
        cursors = [Cursor(of_person(ada), entry.event_number, entry.epoch) for entry in before]
        jobs = BackgroundJobs(database, b"key")
        await jobs.clean_up()
        await jobs.clean_up()
        # The last old one stays, by which a cursor at the floor is checked.
        assert [[entry.event_number for entry in await entries(database, each)] for each in persons] == [
            [3, 4],
            [3, 4],
            [1],
        ]
        for cursor, expected in ((cursors[2], [4]), (cursors[3], [])):
            async with asyncio.timeout(20), aclosing(follower.follow(of_person(ada), cursor)) as batches:
                assert [entry.event_number for entry in (await anext(batches)).events] == expected
        for cursor in cursors[:2]:
            with pytest.raises(Resync) as raised:
                await anext(follower.follow(of_person(ada), cursor))
            assert raised.value.reason is ResyncReason.LOG_TRIMMED
        await append(database, [ada, new], event)
        assert [entry.event_number for entry in await entries(database, ada)] == [3, 4, 5]


async def test_erasure_deletes_the_log_of_the_person_alone(url: str, database: Database) -> None:
    ada, bo = [await feeds.person(database) for _ in range(2)]
    event = await source(database)
    await append(database, [ada, bo], event)
    user = await database.row(db.users.by_ids, ids=[ada])
    assert user is not None
    await erase_user(database, user, lambda _step: None)
    assert await entries(database, ada) == []
    assert len(await entries(database, bo)) == 1

    def heads(connection: Connection) -> list[int]:
        ids = {"ids": of_person(0)}
        return list(connection.scalars(text("SELECT log_id FROM log_heads WHERE log_id > :ids"), ids))

    assert await migrate.transact(url, heads) == [of_person(bo)]
