"""The log of a discussion numbers events 1, 2, 3 … in commit order, whatever happens to its writers."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass

import asyncpg
import pytest
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from db import events
from db.database import Database, Event, Transaction
from db.kinds import EventKind
from db.rows import EventRow
from forum.errors import DiscussionLocked, DiscussionNotFound
from forum.rules import lock_discussion
from tests.db import logs
from tests.support.backends import Backend

pytestmark = pytest.mark.anyio

WRITERS = 8
WRITES = 40
KILLS = 4
PAGE = 30


@dataclass
class Log:
    """A discussion's log, its database, and the notifications of it."""

    url: str
    database: Database
    discussion: int
    notified: list[tuple[int, int]]

    async def events_from(self, number: int = 1, limit: int = 10_000) -> list[EventRow]:
        return await self.database.rows(events.events_from, log_id=self.discussion, number=number, limit=limit)

    async def numbers(self) -> list[int]:
        return [event.event_number for event in await self.events_from()]


@pytest.fixture
async def log(backend: Backend) -> AsyncIterator[Log]:
    url = backend.migrated_database()
    notified: list[tuple[int, int]] = []
    async with Database(url, notify=lambda discussion, number: notified.append((discussion, number))) as opened:
        yield Log(url, opened, await logs.discussion(opened), notified)


async def write(log: Log, key: str, count: int = 1, *, fails: bool = False) -> int:
    """Appends `count` events under a key of their own, pausing before the commit; returns the last number."""

    async def work(tx: Transaction) -> int:
        number = await logs.lock_and_append(tx, log.discussion, count, key=key)
        await asyncio.sleep(random.uniform(0, 0.002))
        if fails:
            raise DiscussionLocked("No.")
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
            except DiscussionLocked:
                refused += 1

    async def reader() -> list[EventRow]:
        received: list[EventRow] = []
        while True:
            over = writing.done()
            page = await log.events_from(received[-1].event_number + 1 if received else 1, PAGE)
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
    # One notification for each commit, and none for a write that rolled back.
    assert sorted(log.notified) == sorted((log.discussion, last) for last, _ in acknowledged.values())


async def test_rollback_returns_its_numbers_and_notifies_nobody(log: Log) -> None:
    assert await write(log, "first") == 1
    for _ in range(3):
        with pytest.raises(DiscussionLocked):
            await write(log, "refused", 2, fails=True)
    assert await write(log, "second") == 2
    assert await log.numbers() == [1, 2]
    assert log.notified == [(log.discussion, 1), (log.discussion, 2)]


async def test_write_with_unequal_reserved_and_appended_events_rolls_back(log: Log) -> None:
    async def too_few(tx: Transaction) -> None:
        await tx.lock_log(log.discussion, events=2)
        tx.append(Event(EventKind.DISCUSSION_UPDATED, None, 1, None))

    async def too_many(tx: Transaction) -> None:
        await tx.lock_log(log.discussion, events=0)
        tx.append(Event(EventKind.DISCUSSION_UPDATED, None, 1, None))

    for work in (too_few, too_many):
        with pytest.raises(RuntimeError, match="event numbers were reserved and"):
            await log.database.write(work)
    assert await write(log, "after") == 1
    assert log.notified == [(log.discussion, 1)]


async def test_transaction_locks_one_existing_discussion_only(log: Log) -> None:
    async def two(tx: Transaction) -> None:
        await tx.lock_log(log.discussion, events=0)
        await tx.lock_log(log.discussion + 1, events=0)

    async def missing(tx: Transaction) -> None:
        assert await tx.lock_log(log.discussion + 1, events=1) is None
        await lock_discussion(tx, log.discussion + 1)

    with pytest.raises(RuntimeError, match="is locked"):
        await log.database.write(two)
    with pytest.raises(DiscussionNotFound):
        await log.database.write(missing)


async def test_write_of_a_cancelled_caller_is_committed_and_notified(log: Log) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def work(tx: Transaction) -> None:
        begun.set()
        await go_on.wait()
        await logs.lock_and_append(tx, log.discussion)

    caller = asyncio.create_task(log.database.write(work))
    await begun.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert log.notified == []
    go_on.set()
    assert await write(log, "after") in (1, 2)
    async with asyncio.timeout(10):
        while len(log.notified) < 2:
            await asyncio.sleep(0.001)
    assert await log.numbers() == [1, 2]


@pytest.mark.parametrize("error", [LookupError("A bug of ours."), OperationalError("COMMIT", {}, OSError("Gone."))])
async def test_write_that_fails_after_its_caller_left_is_logged(log: Log, error: Exception) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def work(_tx: Transaction) -> None:
        begun.set()
        await go_on.wait()
        raise error

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


async def test_writer_works_after_a_failed_commit(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    async with log.database.driver.writer() as connection:
        kind = type(connection)
    commit = kind.commit

    async def fail(self: object) -> None:
        monkeypatch.setattr(kind, "commit", commit)
        raise OSError("The disk is full.")

    monkeypatch.setattr(kind, "commit", fail)
    with pytest.raises(OSError, match="full"):
        await write(log, "lost")
    # The commit may have taken effect, so it is notified.
    assert log.notified == [(log.discussion, 1)]
    assert await write(log, "kept") == 1
    assert [event.client_mutation_id for event in await log.events_from()] == ["kept"]


async def kill_connections(url: str) -> None:
    """Has PostgreSQL end all connections of Parley to this database; returns once they are closed."""
    connection = await asyncpg.connect(url)
    await connection.execute(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
        " WHERE application_name = 'parley' AND datname = current_database()"
    )
    await connection.close()


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
async def test_connections_killed_in_mid_transaction_lose_no_acknowledged_write(log: Log, backend: Backend) -> None:
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
    received = await log.events_from()
    assert [event.event_number for event in received] == list(range(1, len(received) + 1))
    kept = {event.client_mutation_id: event.event_number for event in received}
    assert acknowledged.items() <= kept.items()
    # A failed write may be committed all the same, if only the database's answer was lost; then it is notified.
    assert kept.keys() - acknowledged.keys() <= set(failed)
    assert {(log.discussion, number) for number in kept.values()} <= set(log.notified)


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
async def test_idle_connections_that_were_killed_fail_no_later_call(log: Log, backend: Backend) -> None:
    await asyncio.gather(*[log.events_from() for _ in range(12)])
    await kill_connections(log.url)
    assert await asyncio.gather(*[log.events_from() for _ in range(20)]) == [[]] * 20
    assert await write(log, "after") == 1


async def test_only_logs_that_differ_from_what_was_known_have_diverged(log: Log) -> None:
    empty = await logs.discussion(log.database)
    await write(log, "first", 3)
    (here, there) = await log.database.rows(events.heads, log_ids=[log.discussion, empty])
    assert (here.log_id, there.last_epoch) == (log.discussion, there.epoch)
    last = here.last_epoch

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
