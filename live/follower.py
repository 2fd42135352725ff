"""Follows the event logs of one kind: a tail for each followed log, followers that are cursors, one poll of the heads.

A follower registers with the tail, then reads after its cursor, then waits. The log is the truth, and a wake-up
notification only says when to read: whatever happens to a notification, no event is missed, and the poll bounds how
late one can be.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from contextvars import Context
from dataclasses import dataclass
from typing import Any, Protocol

from db import tasks
from db.events import LogHead
from db.kinds import ResyncReason
from db.rows import EventRow
from live.cursors import BadCursor, Cursor, Resync, events_after, validate_position
from live.tail import PAGE_SIZE, Closes, Tail, end_of

POLL_SECONDS = (3.0, 4.5)
"""The shortest and the longest time between two polls of the heads."""
MAX_FILTERED_EVENTS = 1_000
"""After so many events in a row that its filter left out, a follower is given its position."""


class LogNotFound(Exception):
    """There is no log of this id to follow."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Events of one log in order, without gaps but for those that a filter left out, and the cursor after them."""

    events: Sequence[EventRow]
    cursor: Cursor
    caught_up: bool = False
    """True at the end of the replay, and again for a position past many events that a filter left out."""


class LogReader(Protocol):
    """Reads the logs of one kind. A read waits while the database is away, and ends even if its caller has left."""

    async def heads(self, log_ids: Collection[int]) -> Mapping[int, LogHead]:
        """Returns the heads of these logs by log id, without those that do not exist."""

    async def events(self, log_id: int, number: int, limit: int) -> Sequence[EventRow]:
        """Returns the events of a log from `number` on, the event of that number included."""

    async def diverged(self, fingerprints: Collection[str]) -> Collection[int]:
        """Returns the ids of the logs whose heads may differ from these fingerprints."""

    async def end(self) -> None:
        """Waits for the reads that still run."""


class LogFollower:
    """Follows logs of one kind for all followers of this process. Start it before it is used, stop it at the end."""

    def __init__(
        self,
        reader: LogReader,
        *,
        closes: Closes = lambda _event: None,
        poll_seconds: tuple[float, float] = POLL_SECONDS,
        pause_seconds: float = 0.0,
    ) -> None:
        """A follower is done at the end of a closed log.

        Two checks of the heads are at least `pause_seconds` apart, however often `check_soon` is called.
        """
        self.observe_delay: Callable[[float], None] | None = None
        """Takes the seconds from an event until it was read here, once for events that are read together."""
        self._reader = reader
        self._closes = closes
        self._poll_seconds = poll_seconds
        self._pause_seconds = pause_seconds
        self._tails: dict[int, Tail] = {}
        self._tail_tasks: dict[Tail, asyncio.Task[None]] = {}
        self._check_now = asyncio.Event()
        self._poller: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begins to poll the heads."""
        self._poller = asyncio.create_task(self._poll(), name="poll")

    async def stop(self) -> None:
        """Ends every task. Followers that are still there receive nothing more."""
        self._tails.clear()
        await tasks.end(self._poller, *self._tail_tasks.values())
        await self._reader.end()

    @property
    def followed(self) -> int:
        """How many logs are followed in this process."""
        return len(self._tails)

    @property
    def followers(self) -> int:
        """How many followers this process has."""
        return sum(tail.followers for tail in self._tail_tasks)

    def wake(self, log_id: int, number: int) -> None:
        """Has the followers of a log read it up to a number, if there are any: the handler of wake-up notifications."""
        tail = self._tails.get(log_id)
        if tail is not None and tail.last.number < number:
            tail.wake()

    def check_soon(self) -> None:
        """Has all heads checked without waiting for the next poll: the handler of gaps between notifications."""
        self._check_now.set()

    async def follow(
        self, log_id: int, after: Cursor | None = None, *, accepts: Callable[[Any], bool] | None = None
    ) -> AsyncGenerator[Batch, None]:
        """Yields the events of a log after a cursor, or from now on: first the replay, then each new event.

        Every event that was committed before the call is in the replay. Events that `accepts` returns False for are
        left out; after many of those in a row, a batch without events gives the position, so that a follower who
        resumes there has little to read again. Ends at the end of a closed log. Waits while the database is
        away. Raises LogNotFound; BadCursor if the cursor belongs to another log; and Resync, at once or later, if
        the cursor is not part of the log's history.
        """
        if after is not None and after.log_id != log_id:
            raise BadCursor("The cursor belongs to another discussion or feed than the one that you follow.")
        head = (await self._read_heads([log_id])).get(log_id)
        if head is None:
            raise LogNotFound(f"There is no log {log_id}.")
        position = after or end_of(head)
        validate_position(position, log_floor=head.log_floor, beginning=head.epoch)
        tail = self._join(head)
        try:
            caught_up, left_out = False, 0
            while True:
                if tail.ended:
                    raise Resync(ResyncReason.HISTORY_CHANGED, position)
                # The ring holds what a filter looks at as it was once read; a replay reads it as it is now.
                found = tail.after(position) if caught_up or accepts is None else None
                if found is None:
                    read = await self._reader.events(log_id, position.number, PAGE_SIZE)
                    found = events_after(position, read)
                if found:
                    position = Cursor(log_id, found[-1].event_number, found[-1].epoch)
                accepted = found if accepts is None else [event for event in found if accepts(event)]
                left_out = 0 if accepted else left_out + len(found)
                reaches = position.number >= head.last_event and (not caught_up or left_out >= MAX_FILTERED_EVENTS)
                if reaches:
                    caught_up, left_out = True, 0
                if accepted or reaches:
                    yield Batch(accepted, position, reaches)
                if caught_up and tail.closed and position.number >= tail.last.number:
                    return
                # The ring is read without waiting for anything: a long replay must not keep other tasks waiting.
                await asyncio.sleep(0)
                await tail.changed(position.number)
        finally:
            self._leave(tail)

    def _join(self, head: LogHead) -> Tail:
        """Registers a follower. It may be cancelled from here on, so nothing is awaited here or in `_leave`."""
        tail = self._tails.get(head.log_id)
        if tail is None or tail.ended:
            tail = self._tails[head.log_id] = Tail(
                head, self._reader.events, closes=self._closes, observe_delay=self.observe_delay
            )
            # It serves all followers, so it has no part in the context of the first.
            task = asyncio.create_task(tail.run(), name=f"tail-{tail.log_id}", context=Context())
            self._tail_tasks[tail] = task
            # A notification since the head was read found no tail to wake.
            tail.wake()
        tail.followers += 1
        return tail

    def _leave(self, tail: Tail) -> None:
        tail.followers -= 1
        if tail.followers == 0:
            self._tail_tasks.pop(tail).cancel()
            if self._tails.get(tail.log_id) is tail:
                del self._tails[tail.log_id]

    async def _read_heads(self, log_ids: Collection[int]) -> Mapping[int, LogHead]:
        """Returns the heads of these logs, after their tails were compared with them."""
        last_numbers = {tail: tail.last.number for tail in map(self._tails.get, log_ids) if tail is not None}
        heads = await self._reader.heads(log_ids)
        for tail, last_number in last_numbers.items():
            tail.compare(heads.get(tail.log_id), last_before=last_number)
        return heads

    async def _poll(self) -> None:
        while True:
            with suppress(TimeoutError):
                # Not wait_for, which can lose a cancellation until Python 3.12.
                async with asyncio.timeout(random.uniform(*self._poll_seconds)):
                    await self._check_now.wait()
            self._check_now.clear()
            # Only heads that differ are read: ten thousand rows would take long.
            diverged = await self._reader.diverged([tail.fingerprint for tail in self._tails.values()])
            if diverged:
                await self._read_heads(diverged)
            await asyncio.sleep(self._pause_seconds)
