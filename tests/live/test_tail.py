"""A tail reads a log once for all its followers, and ends if its history changes."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs

import live.tail
from db.database import Position
from db.events import LogHead
from db.kinds import EventKind
from db.rows import EventRow
from live.cursors import Cursor, Resync
from live.tail import Tail
from tests.live.brokers import until
from tests.live.rows import DISCUSSION, epoch, event, head

pytestmark = pytest.mark.anyio

RING = 6
PAGE = 4


class Log:
    """A log kept in a list, and how often it was read."""

    def __init__(self, events: int) -> None:
        self.events = [event(number) for number in range(1, events + 1)]
        self.reads = 0
        self.while_read: Callable[[], None] = lambda: None

    async def read(self, discussion: int, number: int, limit: int) -> Sequence[EventRow]:
        assert discussion == DISCUSSION
        self.reads += 1
        found = [row for row in self.events if row.event_number >= number][:limit]
        await asyncio.sleep(0)
        self.while_read()
        return found

    def append(self, count: int = 1) -> None:
        self.events += [event(len(self.events) + 1 + at) for at in range(count)]


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live.tail, "RING_SIZE", RING)
    monkeypatch.setattr(live.tail, "PAGE_SIZE", PAGE)


@asynccontextmanager
async def tail_of(log: Log) -> AsyncIterator[Tail]:
    """A running tail that begins at the log's present end."""
    tail = Tail(head(len(log.events)), log.read, closes=lambda event: event.kind == EventKind.USER_ERASED or None)
    task = asyncio.create_task(tail.run())
    try:
        yield tail
    finally:
        task.cancel()
        await asyncio.wait([task])


def position(number: int, own_epoch: bytes | None = None) -> Cursor:
    return Cursor(DISCUSSION, number, own_epoch or (epoch(number) if number else head(0).epoch))


def numbers(fresh: Sequence[EventRow] | None) -> list[int] | None:
    return None if fresh is None else [row.event_number for row in fresh]


async def test_woken_tail_reads_to_the_end_page_by_page() -> None:
    log = Log(3)
    async with tail_of(log) as tail:
        log.append(9)
        tail.wake()
        await until(lambda: tail.last == position(12))
        # Each page of four begins with the event that is known, so three bring nine, and one more finds the end.
        assert log.reads == 4
        assert not tail.ended


def appended(log: Log, before: Cursor) -> Any:
    """The last event of the log, handed over as the one after a position."""
    return SimpleNamespace(before=Position(before.number, before.epoch), rows=lambda: log.events[-1:])


async def test_tail_takes_the_next_event_without_reading() -> None:
    log = Log(3)
    async with tail_of(log) as tail:
        log.append()
        tail.take(appended(log, position(3)))
        assert (tail.last, log.reads) == (position(4), 0)
        assert numbers(tail.after(position(3))) == [4]
        tail.take(appended(log, position(3)))
        assert numbers(tail.after(position(3))) == [4]


@pytest.mark.parametrize("before", [position(2), position(5), position(3, b"another."), position(4)])
async def test_tail_leaves_alone_what_does_not_follow_its_last_event(before: Cursor) -> None:
    log = Log(3)
    async with tail_of(log) as tail:
        log.append()
        tail.take(appended(log, before))
        assert (tail.last, tail.ended) == (position(3), False)


async def test_tail_takes_nothing_while_it_reads() -> None:
    log = Log(3)
    async with tail_of(log) as tail:
        log.append()

        def write() -> None:
            log.while_read = lambda: None
            log.append()
            tail.take(appended(log, position(4)))
            tail.take(appended(log, position(3)))
            assert tail.last == position(3)
            tail.wake()

        log.while_read = write
        tail.wake()
        await until(lambda: tail.last == position(5))
        assert not tail.ended


async def test_ring_returns_one_page_at_most_and_none_outside_its_range() -> None:
    log = Log(3)
    async with tail_of(log) as tail:
        assert numbers(tail.after(position(3))) == []
        assert tail.after(position(2)) is tail.after(position(4)) is None
        log.append(2)
        tail.wake()
        await tail.changed(4)
        assert numbers(tail.after(position(3))) == [4, 5]
        log.append(7)
        tail.wake()
        await tail.changed(11)
        # The ring holds six, 7 to 12, and the epoch of the one before them.
        held = [numbers(tail.after(position(number))) for number in range(4, 14)]
        assert held == [
            None,
            None,
            [7, 8, 9, 10],
            [8, 9, 10, 11],
            [9, 10, 11, 12],
            [10, 11, 12],
            [11, 12],
            [12],
            [],
            None,
        ]


@pytest.mark.parametrize("events", [0, 3])
async def test_ring_raises_resync_for_position_of_another_history(events: int) -> None:
    log = Log(events)
    async with tail_of(log) as tail:
        log.append(3)
        tail.wake()
        await tail.changed(events + 2)
        for number in range(events, events + 4):
            assert tail.after(position(number)) is not None
            with pytest.raises(Resync) as resync:
                tail.after(position(number, b"another."))
            assert resync.value.reason == "HISTORY_CHANGED"


async def test_events_appended_during_a_read_are_read_too() -> None:
    log = Log(0)
    async with tail_of(log) as tail:

        def append_and_wake() -> None:
            if len(log.events) < 20:
                log.append()
                tail.wake()

        log.while_read = append_and_wake
        tail.wake()
        await until(lambda: tail.last.number == 20)


@pytest.mark.parametrize(
    "rewritten",
    [
        pytest.param([1, 2], id="the last event is gone"),
        pytest.param([], id="all are gone"),
        pytest.param([1, 2, 3, 5], id="one is missing"),
        pytest.param([1, 2, 4, 5], id="its own is missing"),
    ],
)
async def test_rewritten_log_ends_the_tail_and_wakes_its_followers(rewritten: list[int]) -> None:
    log = Log(3)
    async with tail_of(log) as tail:
        waiting = asyncio.create_task(tail.changed(3))
        await asyncio.sleep(0)
        log.events = [event(number) for number in rewritten]
        with capture_logs() as written:
            tail.wake()
            await asyncio.wait_for(waiting, 5)
        assert tail.ended and tail.last == position(3)
        assert [entry["log_level"] for entry in written] == ["warning"]


async def test_different_event_with_the_same_number_ends_the_tail() -> None:
    log = Log(3)
    async with tail_of(log) as tail:
        log.events = [event(1), event(2), event(3, own_epoch=b"another."), event(4)]
        tail.wake()
        await tail.changed(3)
        assert tail.ended and tail.last == position(3)


@pytest.mark.parametrize(
    ("log_head", "last_before", "outcome"),
    [
        (head(3), 3, "stays"),
        (head(4), 3, "reads"),
        # It read on while the head was read: the head is older than what the tail knows.
        (head(2), 2, "stays"),
        (head(2), 3, "ends"),
        (head(3, own_epoch=b"another."), 3, "ends"),
        (head(3, beginning=b"begunnew"), 3, "ends"),
        (head(4, beginning=b"begunnew"), 3, "ends"),
        (None, 3, "ends"),
    ],
)
async def test_head_that_is_ahead_is_read_and_one_of_other_history_ends_tail(
    log_head: LogHead | None, last_before: int, outcome: str
) -> None:
    log = Log(3)
    async with tail_of(log) as tail:
        log.append()
        tail.compare(log_head, last_before=last_before)
        for _ in range(5):
            await asyncio.sleep(0)
        assert tail.ended == (outcome == "ends")
        assert tail.last.number == (4 if outcome == "reads" else 3)


async def test_failing_tail_ends_so_that_no_follower_waits_for_ever() -> None:
    log = Log(3)
    async with tail_of(log) as tail:

        def fail() -> None:
            raise LookupError("A bug of ours.")

        log.while_read = fail
        with capture_logs() as written:
            tail.wake()
            await asyncio.wait_for(tail.changed(3), 5)
        assert tail.ended
        assert [entry["log_level"] for entry in written] == ["error", "warning"]


async def test_cancelled_follower_cancels_no_other() -> None:
    log = Log(0)
    async with tail_of(log) as tail:
        waiting = [asyncio.create_task(tail.changed(0)) for _ in range(5)]
        await asyncio.sleep(0)
        waiting[1].cancel()
        waiting[3].cancel()
        log.append()
        tail.wake()
        await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 5)
        assert [task.cancelled() for task in waiting] == [False, True, False, True, False]


async def test_tail_knows_that_an_event_was_read_which_closes_the_log() -> None:
    log = Log(2)
    async with tail_of(log) as tail:
        log.append()
        log.events.append(event(4, kind=EventKind.USER_ERASED))
        assert not tail.closed
        tail.wake()
        await tail.changed(3)
        assert tail.closed and not tail.ended
