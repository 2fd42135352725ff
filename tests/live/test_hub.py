"""The hub over a real log: every follower receives it once, in order and whole, whatever happens around it."""

import asyncio
import random
from contextlib import aclosing
from functools import partial
from typing import Any

import pytest
from structlog.testing import capture_logs

import live.follower
import live.reads
import live.tail
from db import events
from db.database import Transaction
from db.rows import EventRow
from live.cursors import BadCursor, Cursor, Resync
from live.follower import Batch, LogNotFound
from tests.db import feeds
from tests.live.brokers import until
from tests.live.services import OFTEN, PATIENCE_SECONDS, live_service
from tests.support.backends import Backend

pytestmark = pytest.mark.anyio


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A ring and pages that even short logs exceed."""
    monkeypatch.setattr(live.tail, "RING_SIZE", 7)
    monkeypatch.setattr(live.tail, "PAGE_SIZE", 3)
    monkeypatch.setattr(live.follower, "PAGE_SIZE", 3)


@pytest.mark.usefixtures("small")
async def test_followers_receive_all_after_their_cursors_while_the_ring_moves(
    backend: Backend,
) -> None:
    chance = random.Random(3)
    async with live_service(backend, poll=OFTEN) as here:
        await here.append(20)

        async def write() -> None:
            while await here.append(chance.choice([1, 1, 2, 9])) < 150:
                here.notifies = True
                if chance.random() < 0.3:
                    here.notifies = False

        async def follow(after: int) -> None:
            received = await here.receive(150, await here.cursor(after), pause=chance.choice([0, 0, 0.002, 0.02]))
            assert received == list(range(after + 1, received[-1] + 1))

        await asyncio.gather(*(write() for _ in range(2)), *(follow(chance.randrange(21)) for _ in range(30)))


async def test_joining_and_leaving_at_any_moment_affects_no_other_follower(backend: Backend) -> None:
    chance = random.Random(5)
    async with live_service(backend) as here:
        start = await here.cursor(0)

        async def come_and_go() -> None:
            for _ in range(12):
                follower = asyncio.create_task(here.receive(10_000, chance.choice([start, None])))
                for _ in range(chance.choice([0, 1, 2, 3, 5, 8, 13, 21, 34])):
                    await asyncio.sleep(0)
                if chance.random() < 0.3:
                    await asyncio.sleep(chance.random() * 0.01)
                follower.cancel()
                await asyncio.wait([follower])
                assert follower.cancelled()

        async def receive_new_events() -> None:
            # Each of these joins among those that come and go, and no poll helps it.
            for _ in range(12):
                async with aclosing(here.hub.follow(here.discussion)) as batches:
                    began = await anext(batches)
                    assert began.caught_up
                    await here.append()
                    async with asyncio.timeout(10):
                        assert (await anext(batches)).events[0].event_number == began.cursor.number + 1

        await asyncio.gather(*(come_and_go() for _ in range(12)), *(receive_new_events() for _ in range(4)))


async def test_poll_delivers_events_if_all_notifications_are_lost(backend: Backend) -> None:
    async with live_service(backend, poll=OFTEN) as here:
        here.notifies = False
        async with aclosing(here.hub.follow(here.discussion)) as batches:
            assert (await anext(batches)).caught_up
            for number in (1, 2, 3):
                await here.append()
                assert [event.event_number for event in (await anext(batches)).events] == [number]


async def test_gap_in_notifications_has_all_heads_checked_at_once(backend: Backend) -> None:
    async with live_service(backend) as here:
        here.notifies = False
        async with aclosing(here.hub.follow(here.discussion)) as batches:
            assert (await anext(batches)).caught_up
            await here.append()
            here.hub.check_soon()
            async with asyncio.timeout(10):
                assert len((await anext(batches)).events) == 1


async def test_notification_while_the_first_follower_joins_is_not_lost(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with live_service(backend) as here:
        read = here.database.rows

        async def slow(statement: Any, **parameters: Any) -> Any:
            rows = await read(statement, **parameters)
            if statement is events.heads:
                monkeypatch.undo()
                await here.append()
                await asyncio.sleep(0.02)
            return rows

        monkeypatch.setattr(here.database, "rows", slow)
        async with asyncio.timeout(10):
            assert await here.receive(1) == [1]


async def test_events_committed_before_the_call_are_replayed_before_caught_up(backend: Backend) -> None:
    async with live_service(backend) as here:
        start = await here.cursor(0)
        async with aclosing(here.hub.follow(here.discussion)) as before:
            assert (await anext(before)).caught_up
            # The tail of the first follower knows of nothing: no notification arrived.
            here.notifies = False
            await here.append(3)
            batches: list[Batch] = []
            async with aclosing(here.hub.follow(here.discussion, start)) as follower:
                async for batch in follower:
                    batches.append(batch)
                    if batch.caught_up:
                        break
            assert [event.event_number for batch in batches for event in batch.events] == [1, 2, 3]
            # And who begins now begins after them.
            async with aclosing(here.hub.follow(here.discussion)) as follower:
                now = await anext(follower)
                assert (now.events, now.cursor.number, now.caught_up) == ([], 3, True)


async def test_caught_up_is_reported_once(backend: Backend) -> None:
    async with live_service(backend) as here:
        await here.append(250)
        caught_up: list[bool] = []
        async with aclosing(here.hub.follow(here.discussion, await here.cursor(0))) as batches:
            async for batch in batches:
                caught_up.append(batch.caught_up)
                if batch.caught_up:
                    await here.append()
                if batch.cursor.number == 251:
                    break
        assert caught_up == [False, False, True, False]


async def test_long_replay_from_the_ring_lets_other_tasks_run(backend: Backend) -> None:
    async with live_service(backend) as here:
        start = await here.cursor(0)
        async with aclosing(here.hub.follow(here.discussion)) as keeps_the_ring:
            await anext(keeps_the_ring)
            await here.append(1_000)
            await until(lambda: here.hub._tails[here.discussion].last.number == 1_000)
            pages = turns = 0
            async with aclosing(here.hub.follow(here.discussion, start)) as batches:
                assert (await anext(batches)).cursor.number == live.tail.PAGE_SIZE

                async def other() -> None:
                    nonlocal turns
                    while True:
                        turns += 1
                        await asyncio.sleep(0)

                reads = here.database.statement_count
                task = asyncio.create_task(other())
                async for batch in batches:
                    pages += 1
                    if batch.caught_up:
                        break
                task.cancel()
            assert here.database.statement_count == reads
            assert turns >= pages >= 9


async def test_followers_wait_while_the_database_is_away(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live.reads, "RETRY_SECONDS", 0.02)
    async with live_service(backend, poll=OFTEN) as here:
        await here.append(3)
        start = await here.cursor(0)
        live_one = here.hub.follow(here.discussion)
        assert (await anext(live_one)).caught_up
        refused = 0

        async def away(*_: Any, **__: Any) -> Any:
            nonlocal refused
            refused += 1
            raise OSError("The database is away.")

        with capture_logs() as written, monkeypatch.context() as outage:
            outage.setattr(here.database, "rows", away)
            await here.append()
            comes = asyncio.create_task(here.receive(4, start))
            leaves = asyncio.create_task(here.receive(4, start))
            await until(lambda: refused > 20)
            leaves.cancel()
            await asyncio.wait([leaves])
        assert {entry["log_level"] for entry in written} == {"error"}
        # Each reader logs once, however often it tries: two new followers, the tail and the poll.
        assert len(written) <= 4
        assert await asyncio.wait_for(comes, 10) == [1, 2, 3, 4]
        assert [event.event_number for event in (await anext(live_one)).events] == [4]
        await live_one.aclose()


async def test_hub_stops_while_the_database_is_away(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    async with live_service(backend, poll=OFTEN) as here:
        follower = here.hub.follow(here.discussion)
        assert (await anext(follower)).caught_up

        async def away(*_: Any, **__: Any) -> Any:
            raise OSError("The database is away.")

        with capture_logs() as written, monkeypatch.context() as outage:
            outage.setattr(here.database, "rows", away)
            await here.append()
            await until(lambda: len(written) >= 2)
            await asyncio.wait_for(here.hub.stop(), PATIENCE_SECONDS)
        await follower.aclose()


async def test_deletion_of_the_discussion_ends_current_and_later_streams(backend: Backend) -> None:
    async with live_service(backend) as here:
        start = await here.cursor(0)
        waits = asyncio.create_task(here.receive(100))
        await until(lambda: here.hub.followers == 1)
        await here.append(2)
        await here.delete()
        assert await asyncio.wait_for(waits, 10) == [1, 2, 3]
        assert await here.receive(100, start) == [1, 2, 3]


async def test_new_follower_after_history_changed_joins_a_new_tail(backend: Backend) -> None:
    async with live_service(backend) as here, aclosing(here.hub.follow(here.discussion)) as slow:
        assert (await anext(slow)).caught_up
        here.hub._tails[here.discussion].compare(None, last_before=0)
        async with aclosing(here.hub.follow(here.discussion)) as fresh:
            assert (await anext(fresh)).caught_up
            assert (here.hub.followers, here.hub.followed) == (2, 1)
            with pytest.raises(Resync):
                await anext(slow)
            await here.append()
            async with asyncio.timeout(10):
                assert len((await anext(fresh)).events) == 1


@pytest.mark.parametrize(
    ("elsewhere", "number", "epoch", "refusal"),
    [(1, 1, None, BadCursor), (0, 1, b"another.", Resync), (0, 4, None, Resync), (0, 0, None, Resync)],
    ids=["another discussion", "another event", "beyond the end", "another beginning"],
)
async def test_rejected_cursor_leaves_no_follower_or_tail_behind(
    backend: Backend, elsewhere: int, number: int, epoch: bytes | None, refusal: type[Exception]
) -> None:
    async with live_service(backend) as here:
        await here.append(2)
        good = await here.cursor(1)
        with pytest.raises(refusal):
            await here.receive(3, Cursor(here.discussion + elsewhere, number, epoch or good.epoch))
        with pytest.raises(LogNotFound):
            await anext(here.hub.follow(here.discussion + 1))


async def test_follower_of_the_writing_process_is_not_late_without_broker(backend: Backend) -> None:
    # Nobody listens at this address, and the poll is an hour away: only the process itself can wake its follower.
    with capture_logs() as written:
        async with live_service(backend, bus_url="redis://127.0.0.1:1") as here:
            assert not here.bus.connected
            async with aclosing(here.hub.follow(here.discussion)) as batches:
                assert (await anext(batches)).caught_up
                for number in (1, 2, 3):
                    await here.append()
                    batch = await asyncio.wait_for(anext(batches), PATIENCE_SECONDS)
                    assert [event.event_number for event in batch.events] == [number]
    assert [entry["log_level"] for entry in written] == ["warning"]


async def test_follower_is_woken_before_the_write_returns(backend: Backend) -> None:
    async with live_service(backend) as here, aclosing(here.hub.follow(here.discussion)) as batches:
        assert (await anext(batches)).caught_up
        woken: list[int] = []
        here.bus.on_notification(lambda _log_id, number: woken.append(number), lambda: None)
        assert await here.append() == 1
        assert woken == [1]


async def trim(discussion: int, floor: int, tx: Transaction) -> None:
    await tx.run(events.set_floor, log=discussion, floor=floor)


@pytest.mark.usefixtures("small")
async def test_follower_resumes_at_every_cursor_and_rejects_every_false_one(backend: Backend) -> None:
    last = 16
    async with live_service(backend) as here, aclosing(here.hub.follow(here.discussion)) as keeps_the_ring:
        await anext(keeps_the_ring)
        await here.append(last)
        # Some of these cursors are before the ring, some in it, some at its end.
        await until(lambda: here.hub._tails[here.discussion].last.number == last)
        for number in range(last):
            good = await here.cursor(number)
            assert await here.receive(last, good) == list(range(number + 1, last + 1))
        for number in range(last + 2):
            with pytest.raises(Resync) as resync:
                await here.receive(last, Cursor(here.discussion, number, b"another."))
            assert (resync.value.reason, resync.value.cursor.number) == ("HISTORY_CHANGED", number)
        for floor in range(1, last + 1):
            below = await here.cursor(floor - 1)
            await here.database.write(partial(trim, here.discussion, floor))
            with pytest.raises(Resync) as resync:
                await here.receive(last, below)
            assert resync.value.reason == "LOG_TRIMMED"


async def test_what_this_process_appends_is_handed_to_followers_as_it_would_be_read(backend: Backend) -> None:
    async with live_service(backend) as here:
        author = await feeds.person(here.database)
        discussion = await feeds.discussion(here.database, author)
        async with aclosing(here.hub.follow(discussion)) as batches:
            assert (await anext(batches)).caught_up
            tail = here.hub._tails[discussion]
            # The first follower of a log has it read once.
            await until(lambda: not tail._dirty.is_set() and not tail._is_reading)
            tail._read = _never
            received: list[EventRow] = []
            for _ in range(3):
                await feeds.reply(here.database, discussion, author)
                received += (await asyncio.wait_for(anext(batches), PATIENCE_SECONDS)).events
        read = await here.database.rows(events.events_from, log_id=discussion, number=1, limit=9)
        assert [told(event) for event in received] == [told(event) for event in read]


async def _never(_log_id: int, _number: int, _limit: int) -> list[EventRow]:
    raise AssertionError("The log was read.")


def told(event: EventRow) -> list[object]:
    return [getattr(event, name) for name in (*EventRow.columns, "changes")]


async def test_a_reply_that_another_process_wrote_before_is_read(backend: Backend) -> None:
    async with live_service(backend) as here:
        author = await feeds.person(here.database)
        discussion = await feeds.discussion(here.database, author)
        async with aclosing(here.hub.follow(discussion)) as batches:
            assert (await anext(batches)).caught_up
            here.notifies = False
            take, here.database.on_appended = here.database.on_appended, lambda _appended: None
            await feeds.reply(here.database, discussion, author)
            here.notifies, here.database.on_appended = True, take
            await feeds.reply(here.database, discussion, author)
            received = (await asyncio.wait_for(anext(batches), PATIENCE_SECONDS)).events
        assert [event.event_number for event in received] == [1, 2]
