"""A tail reads a discussion's log once for all its followers, and knows when the log is another one."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs

import live.tail
from db.events import LogHead
from db.rows import EventRow
from live.cursors import Cursor, Resync
from live.tail import Tail
from tests.live.brokers import until
from tests.live.rows import DISCUSSION, epoch, event, standing

pytestmark = pytest.mark.anyio

RING = 6
PAGE = 4


class Log:
    """A log that is a list, and how often it was read."""

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
    monkeypatch.setattr(live.tail, "RING", RING)
    monkeypatch.setattr(live.tail, "PAGE", PAGE)


@asynccontextmanager
async def tail_of(log: Log) -> AsyncIterator[Tail]:
    """A running tail that begins at the log's present end."""
    tail = Tail(standing(len(log.events)), log.read)
    task = asyncio.create_task(tail.run())
    try:
        yield tail
    finally:
        task.cancel()
        await asyncio.wait([task])


def position(number: int, tagged: bytes | None = None) -> Cursor:
    return Cursor(DISCUSSION, number, tagged or (epoch(number) if number else standing(0).epoch))


def numbers(fresh: Sequence[EventRow] | None) -> list[int] | None:
    return None if fresh is None else [row.event_number for row in fresh]


async def test_a_tail_that_is_woken_reads_to_the_end_page_by_page() -> None:
    log = Log(3)
    async with tail_of(log) as tail:
        log.append(9)
        tail.wake()
        await until(lambda: tail.last == position(12))
        # Each page of four begins with the event that is known, so three bring nine, and one more finds the end.
        assert log.reads == 4
        assert not tail.ended


async def test_the_ring_gives_a_page_at_most_and_nothing_it_does_not_hold() -> None:
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
        # Six are held, 7 to 12, and the tag of the one before them is known.
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
async def test_the_ring_gives_nothing_after_a_position_of_another_history(events: int) -> None:
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


async def test_what_is_appended_while_it_reads_is_read_too() -> None:
    log = Log(0)
    async with tail_of(log) as tail:

        def append_and_ring() -> None:
            if len(log.events) < 20:
                log.append()
                tail.wake()

        log.while_read = append_and_ring
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
async def test_a_log_that_is_another_one_ends_the_tail_and_wakes_who_waits(rewritten: list[int]) -> None:
    log = Log(3)
    async with tail_of(log) as tail:
        waiting = asyncio.create_task(tail.changed(3))
        await asyncio.sleep(0)
        log.events = [event(number) for number in rewritten]
        with capture_logs() as told:
            tail.wake()
            await asyncio.wait_for(waiting, 5)
        assert tail.ended and tail.last == position(3)
        assert [entry["log_level"] for entry in told] == ["warning"]


async def test_another_event_of_the_same_number_ends_the_tail() -> None:
    log = Log(3)
    async with tail_of(log) as tail:
        log.events = [event(1), event(2), event(3, tagged=b"another."), event(4)]
        tail.wake()
        await tail.changed(3)
        assert tail.ended and tail.last == position(3)


@pytest.mark.parametrize(
    ("heads", "last_before", "outcome"),
    [
        (standing(3), 3, "stays"),
        (standing(4), 3, "reads"),
        # It read on while the heads were asked: they are older than what it knows.
        (standing(2), 2, "stays"),
        (standing(2), 3, "ends"),
        (standing(3, tagged=b"another."), 3, "ends"),
        (standing(3, beginning=b"begunnew"), 3, "ends"),
        (standing(4, beginning=b"begunnew"), 3, "ends"),
        (None, 3, "ends"),
    ],
)
async def test_heads_that_are_ahead_make_it_read_and_those_of_another_history_end_it(
    heads: LogHead | None, last_before: int, outcome: str
) -> None:
    log = Log(3)
    async with tail_of(log) as tail:
        log.append()
        tail.compare(heads, last_before=last_before)
        for _ in range(5):
            await asyncio.sleep(0)
        assert tail.ended == (outcome == "ends")
        assert tail.last.number == (4 if outcome == "reads" else 3)


async def test_a_tail_that_fails_lets_nobody_wait_for_ever() -> None:
    log = Log(3)
    async with tail_of(log) as tail:

        def fail() -> None:
            raise LookupError("A bug of ours.")

        log.while_read = fail
        with capture_logs() as told:
            tail.wake()
            await asyncio.wait_for(tail.changed(3), 5)
        assert tail.ended
        assert [entry["log_level"] for entry in told] == ["error", "warning"]


async def test_who_stops_waiting_takes_nobody_along() -> None:
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


async def test_the_deletion_of_the_discussion_is_noted() -> None:
    log = Log(2)
    async with tail_of(log) as tail:
        log.append()
        log.events.append(event(4, kind="DiscussionDeleted"))
        assert not tail.deleted
        tail.wake()
        await tail.changed(3)
        assert tail.deleted and not tail.ended
