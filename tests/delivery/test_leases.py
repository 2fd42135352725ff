"""Deliveries to a real receiver: nothing is lost, the order is kept, and only a range that was retried comes again."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from functools import partial

import pytest
from sqlalchemy import update

import db.feed
import delivery.leases
from db.database import Database
from db.log_readers import open_reader, place
from db.rows import FeedRow
from db.statements import WriteStatement
from db.tables import log_readers
from delivery.leases import Delivery, deliver
from tests.db import feeds
from tests.delivery.receivers import Answer, Receiver, assert_nothing_lost, post
from tests.live.brokers import until
from tests.support import killing
from tests.support.backends import Backend

pytestmark = pytest.mark.anyio

NAME = "tests"
_tried_often = WriteStatement(update(log_readers).where(log_readers.c.name == NAME).values(attempts=5_000))
_due_now = WriteStatement(update(log_readers).values(next_attempt_at=None))


@pytest.fixture
async def url(backend: Backend) -> str:
    url = backend.migrated_database()
    async with Database(url) as database:
        await database.write(lambda tx: open_reader(tx, NAME))
    return url


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    async with Database(url) as opened:
        yield opened


async def write_replies(database: Database, count: int) -> None:
    (discussion,) = await feeds.discussions(database, 1)
    author = await feeds.person(database)
    for _ in range(count):
        await feeds.reply(database, discussion, author)


async def deliver_up_to(last: int, database: Database, receiver: Receiver) -> None:
    """Delivers until all has arrived and is settled, as a process does that is woken again and again."""
    sent = Delivery(NAME, partial(post, receiver.port), db.feed.feed)
    while not receiver.ranges or receiver.ranges[-1][-1] < last or await deliver(database, sent):
        await deliver(database, sent)
        await asyncio.sleep(0.005)


async def test_two_processes_deliver_all_to_a_receiver_that_often_fails(
    url: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery.leases, "REQUEST_SECONDS", 0.1)
    monkeypatch.setattr(delivery.leases, "MAX_PAUSE_SECONDS", 0.02)
    monkeypatch.setattr(delivery.leases, "MAX_ITEMS", 3)
    chance = random.Random(6)
    answers: list[Answer] = ["200", "200", "500", "never", "cut"]
    async with Receiver(lambda: chance.choice(answers)).open() as receiver, Database(url) as other:
        async with asyncio.timeout(60):
            await asyncio.gather(
                write_replies(database, 30),
                deliver_up_to(30, database, receiver),
                deliver_up_to(30, other, receiver),
            )
    assert_nothing_lost(receiver.ranges, 30)
    assert len(receiver.ranges) > 10
    assert receiver.most_at_once == 1


async def _deliver_in_child(url: str, port: int, last: int) -> None:
    """Delivers up to a position: what a child does, until it is killed."""
    # The process before has died with its lease.
    delivery.leases.LEASE_SECONDS = 0.3
    async with Database(url) as database:
        while (there := await database.row(place, name=NAME)) is not None and there.position < last:
            await deliver(database, Delivery(NAME, partial(post, port), db.feed.feed))
            await asyncio.sleep(0.01)


async def test_processes_killed_between_any_two_steps_lose_nothing(url: str, database: Database) -> None:
    step, was_killed, last = 0, True, 0
    async with Receiver(lambda: "200").open() as receiver:
        while was_killed:
            step, last = step + 1, last + 2
            await write_replies(database, 2)
            was_killed = await killing.run(_deliver_in_child, url, receiver.port, last, kill_before=step)
    assert step > 20
    assert_nothing_lost(receiver.ranges, last)
    # Some died after all had arrived.
    assert len(receiver.ranges) > len({tuple(each) for each in receiver.ranges})


async def test_failed_range_is_retried_as_it_was_and_not_at_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[Answer] = ["500", "200", "200"]
    async with Receiver(lambda: answers.pop(0)).open() as receiver:
        sent = Delivery(NAME, partial(post, receiver.port), db.feed.feed)
        await write_replies(database, 2)
        monkeypatch.setattr(delivery.leases, "FIRST_PAUSE_SECONDS", 3_600.0)
        assert not await deliver(database, sent)
        await write_replies(database, 2)
        assert not await deliver(database, sent)
        assert receiver.ranges == [[1, 2]]
        await database.write(lambda tx: tx.run(_due_now))
        assert await deliver(database, sent)
        assert await deliver(database, sent)
        assert not await deliver(database, sent)
        assert receiver.ranges == [[1, 2], [1, 2], [3, 4]]


async def test_range_that_failed_thousands_of_times_is_still_retried_after_a_pause(database: Database) -> None:
    answers: list[Answer] = ["500", "200"]
    async with Receiver(lambda: answers.pop(0)).open() as receiver:
        sent = Delivery(NAME, partial(post, receiver.port), db.feed.feed)
        await write_replies(database, 1)
        await database.write(lambda tx: tx.run(_tried_often))
        assert not await deliver(database, sent)
        # Not before the pause has passed.
        assert not await deliver(database, sent)
        assert receiver.ranges == [[1]]
        await database.write(lambda tx: tx.run(_due_now))
        assert await deliver(database, sent)


async def test_process_that_lost_its_lease_settles_nothing(
    url: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await write_replies(database, 2)
    begun, go_on = asyncio.Event(), asyncio.Event()
    received: list[list[int]] = []

    async def halt(_items: Sequence[FeedRow]) -> None:
        begun.set()
        await go_on.wait()

    async def receive(items: Sequence[FeedRow]) -> None:
        received.append([item.event_number for item in items])

    monkeypatch.setattr(delivery.leases, "LEASE_SECONDS", 0.05)
    halted = asyncio.create_task(deliver(database, Delivery(NAME, halt, db.feed.feed)))
    await begun.wait()
    async with Database(url) as other:
        monkeypatch.setattr(delivery.leases, "LEASE_SECONDS", 60.0)
        async with asyncio.timeout(20):
            while not await deliver(other, Delivery(NAME, receive, db.feed.feed)):
                await asyncio.sleep(0.01)
        await write_replies(other, 1)
        go_on.set()
        assert not await halted
        assert await deliver(other, Delivery(NAME, receive, db.feed.feed))
    assert received == [[1, 2], [3]]


async def test_process_that_ends_gives_its_lease_back(database: Database) -> None:
    await write_replies(database, 1)
    received: list[FeedRow] = []
    begun = asyncio.Event()

    async def wait(_items: Sequence[FeedRow]) -> None:
        begun.set()
        await asyncio.Event().wait()

    async def receive(items: Sequence[FeedRow]) -> None:
        received.extend(items)

    ending = asyncio.create_task(deliver(database, Delivery(NAME, wait, db.feed.feed)))
    await begun.wait()
    # Nobody else begins meanwhile.
    assert not await deliver(database, Delivery(NAME, receive, db.feed.feed))
    ending.cancel()
    await until(ending.done)
    assert ending.cancelled()
    assert await deliver(database, Delivery(NAME, receive, db.feed.feed))
    assert [item.event_number for item in received] == [1]


async def test_delivery_without_a_reader_is_refused(database: Database) -> None:
    with pytest.raises(LookupError, match="unknown"):
        await deliver(database, Delivery("unknown", lambda _items: asyncio.sleep(0), db.feed.feed))
