"""The log of a discussion numbers events 1, 2, 3 … in commit order, whatever happens to its writers."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass

import asyncpg
import pytest
from structlog.testing import capture_logs

from db import events
from db.database import Database, Event, Transaction
from db.failures import DiscussionLocked, DiscussionNotFound, Refused
from db.kinds import EventKind
from db.rows import EventRow
from tests.conftest import Backend
from tests.db import logs

pytestmark = pytest.mark.anyio

WRITERS = 8
WRITES = 40
KILLS = 4
PAGE = 30


@dataclass
class Log:
    """A discussion's log, its database, and what was announced of it."""

    url: str
    database: Database
    discussion: int
    announced: list[tuple[int, int]]

    async def since(self, number: int = 1, limit: int = 10_000) -> list[EventRow]:
        return await self.database.rows(events.events_from, log_id=self.discussion, number=number, limit=limit)

    async def numbers(self) -> list[int]:
        return [event.event_number for event in await self.since()]


@pytest.fixture
async def log(backend: Backend) -> AsyncIterator[Log]:
    url = backend.migrated_database()
    announced: list[tuple[int, int]] = []
    async with Database(url, announce=lambda discussion, number: announced.append((discussion, number))) as opened:
        yield Log(url, opened, await logs.discussion(opened), announced)


async def write(log: Log, key: str, count: int = 1, *, fails: bool = False) -> int:
    """Tells the log of `count` events under a key of their own, with pauses in between; gives the last number."""

    async def work(tx: Transaction) -> int:
        number = await logs.take_and_append(tx, log.discussion, count, key=key)
        await asyncio.sleep(random.uniform(0, 0.002))
        if fails:
            raise Refused(DiscussionLocked("No."))
        return number

    return await log.database.write(work)


async def test_reader_after_its_cursor_misses_no_event_of_eight_writers(log: Log) -> None:
    chance = random.Random(8)
    acknowledged: dict[str, tuple[int, int]] = {}
    refused = 0

    async def writer(name: int) -> None:
        nonlocal refused
        for turn in range(WRITES):
            key, count, fails = f"{name}.{turn}", chance.choice([1, 1, 1, 3]), chance.random() < 0.2
            try:
                acknowledged[key] = await write(log, key, count, fails=fails), count
            except Refused:
                refused += 1

    async def reader() -> list[EventRow]:
        received: list[EventRow] = []
        while True:
            over = writing.done()
            page = await log.since(received[-1].event_number + 1 if received else 1, PAGE)
            received += page
            if over and not page:
                return received
            await asyncio.sleep(0)

    writing = asyncio.gather(*(writer(name) for name in range(WRITERS)))
    received, again, _ = await asyncio.gather(reader(), reader(), writing)
    assert refused > WRITERS
    assert [event.event_number for event in received] == list(range(1, len(received) + 1))
    assert [event.epoch for event in received] == [event.epoch for event in again]
    assert len({event.epoch for event in received}) == len(received)
    assert len(received) == sum(count for _, count in acknowledged.values())
    for key, (last, count) in acknowledged.items():
        # The events of a write stand together, and end with the number it was given.
        assert {event.client_mutation_id for event in received[last - count : last]} == {key}
    # They were announced in the order of the commits, none twice, and of the refused ones nothing.
    assert sorted(log.announced) == sorted((log.discussion, last) for last, _ in acknowledged.values())


async def test_rollback_returns_its_numbers_and_announces_nothing(log: Log) -> None:
    assert await write(log, "first") == 1
    for _ in range(3):
        with pytest.raises(Refused):
            await write(log, "refused", 2, fails=True)
    assert await write(log, "second") == 2
    assert await log.numbers() == [1, 2]
    assert log.announced == [(log.discussion, 1), (log.discussion, 2)]


async def test_write_with_more_or_fewer_events_than_numbers_is_rolled_back(log: Log) -> None:
    async def too_few(tx: Transaction) -> None:
        await tx.take(log.discussion, events=2)
        tx.tell(Event(EventKind.DISCUSSION_UPDATED, None, 1, None))

    async def too_many(tx: Transaction) -> None:
        await tx.take(log.discussion, events=0)
        tx.tell(Event(EventKind.DISCUSSION_UPDATED, None, 1, None))

    for work in (too_few, too_many):
        with pytest.raises(RuntimeError, match="event numbers were taken"):
            await log.database.write(work)
    assert await write(log, "after") == 1
    assert log.announced == [(log.discussion, 1)]


async def test_write_locks_one_discussion_and_no_other(log: Log) -> None:
    async def two(tx: Transaction) -> None:
        await tx.take(log.discussion, events=0)
        await tx.take(log.discussion + 1, events=0)

    async def none(tx: Transaction) -> None:
        await tx.take(log.discussion + 1, events=0)

    with pytest.raises(RuntimeError, match="is locked"):
        await log.database.write(two)
    with pytest.raises(Refused) as refused:
        await log.database.write(none)
    assert isinstance(refused.value.failures[0], DiscussionNotFound)


async def test_write_of_a_cancelled_caller_is_committed_and_announced(log: Log) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def work(tx: Transaction) -> None:
        begun.set()
        await go_on.wait()
        await logs.take_and_append(tx, log.discussion)

    caller = asyncio.create_task(log.database.write(work))
    await begun.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert log.announced == []
    go_on.set()
    assert await write(log, "after") in (1, 2)
    async with asyncio.timeout(10):
        while len(log.announced) < 2:
            await asyncio.sleep(0.001)
    assert await log.numbers() == [1, 2]


async def test_write_that_fails_after_its_caller_has_left_is_logged(log: Log) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def work(_tx: Transaction) -> None:
        begun.set()
        await go_on.wait()
        raise LookupError("A bug of ours.")

    caller = asyncio.create_task(log.database.write(work))
    await begun.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    with capture_logs() as written:
        go_on.set()
        async with asyncio.timeout(10):
            while not written:
                await asyncio.sleep(0.001)
    assert [entry["log_level"] for entry in written] == ["error"]


async def test_writer_continues_after_a_failed_commit(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    async with log.database._driver.writer() as connection:
        kind = type(connection)
    commit = kind.commit

    async def fail(self: object) -> None:
        monkeypatch.setattr(kind, "commit", commit)
        raise OSError("The disk is full.")

    monkeypatch.setattr(kind, "commit", fail)
    with pytest.raises(OSError, match="full"):
        await write(log, "lost")
    # It might have taken effect, so it was announced.
    assert log.announced == [(log.discussion, 1)]
    assert await write(log, "kept") == 1
    assert [event.client_mutation_id for event in await log.since()] == ["kept"]


async def kill_connections(url: str) -> None:
    """Has PostgreSQL end all connections of Parley to this database; returns once they are closed."""
    connection = await asyncpg.connect(url)
    await connection.execute(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
        " WHERE application_name = 'parley' AND datname = current_database()"
    )
    await connection.close()


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
async def test_killed_connections_lose_no_acknowledged_write(log: Log, backend: Backend) -> None:
    acknowledged: dict[str, int] = {}
    failed: list[str] = []

    async def writer(name: int) -> None:
        for turn in range(WRITES // 2):
            key = f"{name}.{turn}"
            try:
                acknowledged[key] = await write(log, key)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError):
                failed.append(key)

    async def killer() -> None:
        for kill in range(1, KILLS + 1):
            while len(acknowledged) < kill * WRITES // 2:
                await asyncio.sleep(0)
            await kill_connections(log.url)

    await asyncio.gather(killer(), *(writer(name) for name in range(WRITERS)))
    assert failed
    received = await log.since()
    assert [event.event_number for event in received] == list(range(1, len(received) + 1))
    kept = {event.client_mutation_id: event.event_number for event in received}
    assert acknowledged.items() <= kept.items()
    # What failed may be there all the same, where only the answer was lost; then it was announced.
    assert kept.keys() - acknowledged.keys() <= set(failed)
    assert {(log.discussion, number) for number in kept.values()} <= set(log.announced)


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
async def test_idle_connections_that_were_killed_fail_no_read(log: Log, backend: Backend) -> None:
    await asyncio.gather(*[log.since() for _ in range(12)])
    await kill_connections(log.url)
    assert await asyncio.gather(*[log.since() for _ in range(20)]) == [[]] * 20
    assert await write(log, "after") == 1


async def test_diverged_logs_are_those_that_differ_from_their_fingerprints(log: Log) -> None:
    empty = await logs.discussion(log.database)
    await write(log, "first", 3)
    (here, there) = await log.database.rows(events.heads, log_ids=[log.discussion, empty])
    assert (here.log_id, there.last_epoch) == (log.discussion, None)
    last = here.last_epoch
    assert last is not None

    async def diverged_logs(*fingerprints: str) -> list[int]:
        return sorted(row.id for row in await log.database.rows(events.diverged_logs, fingerprints=list(fingerprints)))

    known = events.log_fingerprint(log.discussion, here.epoch, 3, last)
    at_rest = events.log_fingerprint(empty, there.epoch, 0, there.epoch)
    assert await diverged_logs(known, at_rest) == []
    for other in (
        events.log_fingerprint(log.discussion, here.epoch, 2, last),
        events.log_fingerprint(log.discussion, here.epoch, 4, last),
        events.log_fingerprint(log.discussion, here.epoch, 3, bytes(8)),
        events.log_fingerprint(log.discussion, bytes(8), 3, last),
    ):
        assert await diverged_logs(other, at_rest) == [log.discussion]
    gone = events.log_fingerprint(999_999, here.epoch, 3, last)
    assert await diverged_logs(known, gone) == [999_999]
    await write(log, "second")
    assert await diverged_logs(known, at_rest) == [log.discussion]
