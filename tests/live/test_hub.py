"""The hub over a real log: every follower gets it once, in order and whole, whatever bells, readers and others do."""

import asyncio
import random
from contextlib import aclosing
from typing import Any

import pytest
from structlog.testing import capture_logs

import live.hub
import live.reads
import live.tail
from db import events
from live.cursors import BadCursor, Cursor, Resync
from live.hub import Batch, NoDiscussion
from tests.live.brokers import until
from tests.live.houses import OFTEN, house
from tests.support.backends import Backend

pytestmark = pytest.mark.anyio


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A ring and pages that even short logs exceed."""
    monkeypatch.setattr(live.tail, "RING", 7)
    monkeypatch.setattr(live.tail, "PAGE", 3)
    monkeypatch.setattr(live.hub, "PAGE", 3)


@pytest.mark.usefixtures("small")
async def test_every_follower_hears_all_after_its_cursor_while_others_write_and_the_ring_moves_on(
    backend: Backend,
) -> None:
    chance = random.Random(3)
    async with house(backend, poll=OFTEN) as here:
        await here.tell(20)

        async def write() -> None:
            while await here.tell(chance.choice([1, 1, 2, 9])) < 150:
                here.sound()
                if chance.random() < 0.3:
                    here.silence()

        async def follow(after: int) -> None:
            heard = await here.hear(150, await here.cursor(after), pause=chance.choice([0, 0, 0.002, 0.02]))
            assert heard == list(range(after + 1, heard[-1] + 1))

        await asyncio.gather(*(write() for _ in range(2)), *(follow(chance.randrange(21)) for _ in range(30)))


async def test_who_joins_and_leaves_at_any_moment_disturbs_nobody_and_leaves_nothing(backend: Backend) -> None:
    chance = random.Random(5)
    async with house(backend) as here:
        start = await here.cursor(0)

        async def come_and_go() -> None:
            for _ in range(12):
                follower = asyncio.create_task(here.hear(10_000, chance.choice([start, None])))
                for _ in range(chance.choice([0, 1, 2, 3, 5, 8, 13, 21, 34])):
                    await asyncio.sleep(0)
                if chance.random() < 0.3:
                    await asyncio.sleep(chance.random() * 0.01)
                follower.cancel()
                await asyncio.wait([follower])
                assert follower.cancelled()

        async def hear_what_comes() -> None:
            # Each of these joins among those that come and go, and no poll helps it.
            for _ in range(12):
                async with aclosing(here.hub.follow(here.discussion)) as batches:
                    began = await anext(batches)
                    assert began.caught_up
                    await here.tell()
                    async with asyncio.timeout(10):
                        assert (await anext(batches)).events[0].event_number == began.cursor.number + 1

        await asyncio.gather(*(come_and_go() for _ in range(12)), *(hear_what_comes() for _ in range(4)))


async def test_with_every_bell_lost_the_poll_brings_the_events(backend: Backend) -> None:
    async with house(backend, poll=OFTEN) as here:
        here.silence()
        async with aclosing(here.hub.follow(here.discussion)) as batches:
            assert (await anext(batches)).caught_up
            for number in (1, 2, 3):
                await here.tell()
                assert [event.event_number for event in (await anext(batches)).events] == [number]


async def test_bells_that_may_have_been_lost_make_it_look_at_once(backend: Backend) -> None:
    async with house(backend) as here:
        here.silence()
        async with aclosing(here.hub.follow(here.discussion)) as batches:
            assert (await anext(batches)).caught_up
            await here.tell()
            here.hub._missed()
            async with asyncio.timeout(10):
                assert len((await anext(batches)).events) == 1


async def test_a_bell_that_rings_while_the_first_follower_joins_is_not_lost(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house(backend) as here:
        read = here.database.rows

        async def slow(statement: Any, **parameters: Any) -> Any:
            rows = await read(statement, **parameters)
            if statement is events.heads:
                monkeypatch.undo()
                await here.tell()
                await asyncio.sleep(0.02)
            return rows

        monkeypatch.setattr(here.database, "rows", slow)
        async with asyncio.timeout(10):
            assert await here.hear(1) == [1]


async def test_what_was_committed_before_it_came_is_replayed_before_it_is_caught_up(backend: Backend) -> None:
    async with house(backend) as here:
        start = await here.cursor(0)
        async with aclosing(here.hub.follow(here.discussion)) as before:
            assert (await anext(before)).caught_up
            # The tail of the first follower knows of nothing: no bell rang.
            here.silence()
            await here.tell(3)
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


async def test_to_be_caught_up_comes_once(backend: Backend) -> None:
    async with house(backend) as here:
        await here.tell(250)
        caught_up: list[bool] = []
        async with aclosing(here.hub.follow(here.discussion, await here.cursor(0))) as batches:
            async for batch in batches:
                caught_up.append(batch.caught_up)
                if batch.caught_up:
                    await here.tell()
                if batch.cursor.number == 251:
                    break
        assert caught_up == [False, False, True, False]


async def test_a_long_replay_out_of_the_ring_lets_others_have_their_turn(backend: Backend) -> None:
    async with house(backend) as here:
        start = await here.cursor(0)
        async with aclosing(here.hub.follow(here.discussion)) as keeps_the_ring:
            await anext(keeps_the_ring)
            await here.tell(1_000)
            await until(lambda: here.hub._tails[here.discussion].last.number == 1_000)
            heard = turns = 0
            async with aclosing(here.hub.follow(here.discussion, start)) as batches:
                assert (await anext(batches)).cursor.number == live.tail.PAGE

                async def other() -> None:
                    nonlocal turns
                    while True:
                        turns += 1
                        await asyncio.sleep(0)

                reads = here.database.statement_count
                task = asyncio.create_task(other())
                async for batch in batches:
                    heard += 1
                    if batch.caught_up:
                        break
                task.cancel()
            assert here.database.statement_count == reads
            assert turns >= heard >= 9


async def test_while_the_database_is_away_followers_wait(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live.reads, "RETRY_SECONDS", 0.02)
    async with house(backend, poll=OFTEN) as here:
        await here.tell(3)
        start = await here.cursor(0)
        live_one = here.hub.follow(here.discussion)
        assert (await anext(live_one)).caught_up
        refused = 0

        async def away(*_: Any, **__: Any) -> Any:
            nonlocal refused
            refused += 1
            raise OSError("The database is away.")

        with capture_logs() as told, monkeypatch.context() as outage:
            outage.setattr(here.database, "rows", away)
            await here.tell()
            comes = asyncio.create_task(here.hear(4, start))
            leaves = asyncio.create_task(here.hear(4, start))
            await until(lambda: refused > 20)
            leaves.cancel()
            await asyncio.wait([leaves])
        assert {entry["log_level"] for entry in told} == {"error"}
        # Each that reads says so once, however often it tries: two that come, the tail and the poll.
        assert len(told) <= 4
        assert await asyncio.wait_for(comes, 10) == [1, 2, 3, 4]
        assert [event.event_number for event in (await anext(live_one)).events] == [4]
        await live_one.aclose()


async def test_it_stops_while_the_database_is_away(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    async with house(backend, poll=OFTEN) as here:
        follower = here.hub.follow(here.discussion)
        assert (await anext(follower)).caught_up

        async def away(*_: Any, **__: Any) -> Any:
            raise OSError("The database is away.")

        with capture_logs() as told, monkeypatch.context() as outage:
            outage.setattr(here.database, "rows", away)
            await here.tell()
            await until(lambda: len(told) >= 2)
            await asyncio.wait_for(here.hub.stop(), 0.5)
        await follower.aclose()


async def test_the_deletion_of_the_discussion_ends_the_stream_for_all_who_come(backend: Backend) -> None:
    async with house(backend) as here:
        start = await here.cursor(0)
        waits = asyncio.create_task(here.hear(100))
        await until(lambda: here.hub.followers == 1)
        await here.tell(2)
        await here.delete()
        assert await asyncio.wait_for(waits, 10) == [1, 2, 3]
        assert await here.hear(100, start) == [1, 2, 3]


async def test_after_another_history_who_comes_anew_does_not_meet_who_has_not_yet_noticed(backend: Backend) -> None:
    async with house(backend) as here, aclosing(here.hub.follow(here.discussion)) as slow:
        assert (await anext(slow)).caught_up
        here.hub._tails[here.discussion].compare(None, last_before=0)
        async with aclosing(here.hub.follow(here.discussion)) as fresh:
            assert (await anext(fresh)).caught_up
            assert (here.hub.followers, here.hub.followed) == (2, 1)
            with pytest.raises(Resync):
                await anext(slow)
            await here.tell()
            async with asyncio.timeout(10):
                assert len((await anext(fresh)).events) == 1


@pytest.mark.parametrize(
    ("elsewhere", "number", "epoch", "refusal"),
    [(1, 1, None, BadCursor), (0, 1, b"another.", Resync), (0, 4, None, Resync), (0, 0, None, Resync)],
    ids=["another discussion", "another event", "beyond the end", "another beginning"],
)
async def test_a_cursor_that_is_not_honoured_leaves_nothing_behind(
    backend: Backend, elsewhere: int, number: int, epoch: bytes | None, refusal: type[Exception]
) -> None:
    async with house(backend) as here:
        await here.tell(2)
        good = await here.cursor(1)
        with pytest.raises(refusal):
            await here.hear(3, Cursor(here.discussion + elsewhere, number, epoch or good.epoch))
        with pytest.raises(NoDiscussion):
            await anext(here.hub.follow(here.discussion + 1))
