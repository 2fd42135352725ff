"""Brings events to followers: one tail per followed discussion, followers that are cursors, one poll of all heads.

The order of work that makes it safe: register, then read after the cursor, then wait. The log is the truth and the
bus only a doorbell, so whatever happens to a bell, nothing is missed; the poll bounds how late it can be.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

from db import events
from db.database import Database
from db.events import LogHead
from db.rows import EventRow
from live.bus import Bus
from live.cursors import BadCursor, Cursor, Resync, events_after, validate_position
from live.reads import DetachedReads
from live.tail import PAGE, Tail, now

POLL_SECONDS = (3.0, 4.5)


class NoDiscussion(Exception):
    """There is no discussion of this id to follow."""


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """The replay is over: what comes now is new."""

    cursor: str

    graphql_type = "CaughtUp"


@dataclass(frozen=True, slots=True)
class ResyncRequired:
    """The last item of a stream that can't go on."""

    cursor: str
    reason: str

    graphql_type = "ResyncRequired"


class Entry(NamedTuple):
    """One item of a stream, or where a stream stands that has nothing to show, and the cursor right after it."""

    value: object
    """A row, CaughtUp or ResyncRequired; None where there is nothing to show."""
    cursor: str
    position: int | None = None
    """The number of the last event before the cursor; None in a stream that is its follower's own."""
    live: bool = False
    """Whether the replay is over with it."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Events of one discussion in order, without gaps, and where the log stands after them."""

    events: Sequence[EventRow]
    cursor: Cursor
    caught_up: bool = False
    """Set on one batch: with it the replay is over."""


class Hub:
    """All the following that is done in this process. Start it before it is used, stop it at the end."""

    def __init__(self, database: Database, bus: Bus, *, poll_seconds: tuple[float, float] = POLL_SECONDS) -> None:
        self._database = database
        self._poll_seconds = poll_seconds
        self._tails: dict[int, Tail] = {}
        self._readers: dict[Tail, asyncio.Task[None]] = {}
        self._reads = DetachedReads()
        self._poller: asyncio.Task[None] | None = None
        self._poll_now = asyncio.Event()
        bus.listen(self._heard, self._missed)

    async def start(self) -> None:
        self._poller = asyncio.create_task(self._poll(), name="poll")

    async def stop(self) -> None:
        """Ends every task. Followers that are still there hear nothing more."""
        ending = [*self._readers.values(), *([self._poller] if self._poller else [])]
        for task in ending:
            task.cancel()
        self._tails.clear()
        if ending:
            await asyncio.wait(ending)
        await self._reads.end()

    @property
    def followed(self) -> int:
        """How many discussions are followed here."""
        return len(self._tails)

    @property
    def followers(self) -> int:
        """How many followers there are here."""
        return sum(tail.followers for tail in self._readers)

    async def follow(self, discussion_id: int, after: Cursor | None = None) -> AsyncGenerator[Batch, None]:
        """The log of a discussion after a cursor, or from now: first what is there, then what comes.

        What was committed before the call is there, and the rest comes. Ends after the discussion was deleted; waits
        while the database is away. Raises NoDiscussion, BadCursor for the cursor of another discussion, and Resync
        where the cursor can't be honoured, now or later.
        """
        if after is not None and after.discussion_id != discussion_id:
            raise BadCursor(f"The cursor is of another discussion than {discussion_id}.")
        standing = (await self._ask([discussion_id])).get(discussion_id)
        if standing is None:
            raise NoDiscussion(f"There is no discussion {discussion_id}.")
        position = after or now(standing)
        validate_position(position, log_floor=standing.log_floor, beginning=standing.epoch)
        tail = self._join(standing)
        try:
            caught_up = False
            while True:
                if tail.ended:
                    raise Resync("HISTORY_CHANGED", position)
                fresh = tail.after(position)
                if fresh is None:
                    fresh = events_after(position, await self._read(discussion_id, position.number, PAGE))
                if fresh:
                    position = Cursor(discussion_id, fresh[-1].event_number, fresh[-1].epoch)
                replayed = not caught_up and position.number >= standing.last_event
                caught_up = caught_up or replayed
                if fresh or replayed:
                    yield Batch(fresh, position, replayed)
                if caught_up and tail.deleted and position.number >= tail.last.number:
                    return
                # A ring is read without waiting for anything: a long one must not keep all others waiting.
                await asyncio.sleep(0)
                await tail.changed(position.number)
        finally:
            self._leave(tail)

    def _join(self, standing: LogHead) -> Tail:
        """Counts a follower in. It may be cancelled from here on, so nothing is awaited here or in `_leave`."""
        tail = self._tails.get(standing.discussion_id)
        if tail is None or tail.ended:
            tail = self._tails[standing.discussion_id] = Tail(standing, self._read)
            self._readers[tail] = asyncio.create_task(tail.run(), name=f"tail-{tail.discussion_id}")
            # A bell that rang since the head was read found no tail to wake.
            tail.wake()
        tail.followers += 1
        return tail

    def _leave(self, tail: Tail) -> None:
        tail.followers -= 1
        if tail.followers == 0:
            self._readers.pop(tail).cancel()
            if self._tails.get(tail.discussion_id) is tail:
                del self._tails[tail.discussion_id]

    async def _ask(self, discussion_ids: Iterable[int]) -> dict[int, LogHead]:
        """Where logs stand, of which their tails are told."""
        ids = list(discussion_ids)
        lasts = {tail: tail.last.number for tail in map(self._tails.get, ids) if tail is not None}
        rows = await self._reads.run(lambda: self._database.rows(events.heads, ids=ids))
        standing = {row.discussion_id: row for row in rows}
        for tail, last in lasts.items():
            tail.compare(standing.get(tail.discussion_id), last_before=last)
        return standing

    async def _ask_of_strayed(self) -> None:
        """Asks for those heads alone that are not what their tails know: ten thousand rows would take long to read."""
        marks = [tail.mark for tail in self._tails.values()]
        diverged_logs = await self._reads.run(lambda: self._database.rows(events.diverged_logs, marks=marks))
        if diverged_logs:
            await self._ask(row.id for row in diverged_logs)

    async def _read(self, discussion_id: int, number: int, limit: int) -> list[EventRow]:
        """The log from a number on. While the database is away, followers and tails wait for it."""
        return await self._reads.run(
            lambda: self._database.rows(events.since, discussion=discussion_id, number=number, limit=limit)
        )

    def _heard(self, discussion_id: int, _number: int) -> None:
        tail = self._tails.get(discussion_id)
        if tail is not None:
            tail.wake()

    def _missed(self) -> None:
        self._poll_now.set()

    async def _poll(self) -> None:
        while True:
            with suppress(TimeoutError):
                # Not wait_for, which can lose a cancellation until Python 3.12.
                async with asyncio.timeout(random.uniform(*self._poll_seconds)):
                    await self._poll_now.wait()
            self._poll_now.clear()
            if self._tails:
                await self._ask_of_strayed()
