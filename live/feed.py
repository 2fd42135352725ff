"""Brings the feed to its followers: one tail per process, followers that are cursors, and the mover that fills it.

The order of work is the hub's: register, then read after the cursor, then wait. Any bell may tell of a reply, so any
bell makes the mover look: what waits is moved, by this process or another one, before the tail reads on.
"""

import asyncio
import random
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass
from typing import cast

import db.feed
from db.database import Database
from db.feed import FeedHead
from db.rows import EventRow, FeedRow
from live.bus import Bus
from live.cursors import FEED, BadCursor, Cursor, Resync, events_after, validate_position
from live.hub import POLL_SECONDS, Batch
from live.reads import DetachedReads
from live.tail import PAGE, Tail, now

MOVE_SECONDS = 0.02
"""Between two looks of the mover, however many bells ring."""
ANY = -1
"""What a filter says of the category where it does not matter."""
PASSED_OVER = 1_000
"""After how many replies that a filter passed over in a row its follower is told how far it has come."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which replies a follower is told of: those for which all that is given holds."""

    category: int | None = ANY
    """None for discussions that are in none."""
    author: int | None = None
    """None for whoever it is."""
    to: int | None = None
    """The person whom the replies answer, quote or mention; None for whoever it is."""

    def takes(self, reply: FeedRow) -> bool:
        return (
            (self.category == ANY or self.category == reply.category_id)
            and (self.author is None or self.author == reply.author_id)
            and (self.to is None or reply.is_to(self.to))
        )


EVERYTHING = Filter()


class Feed:
    """All the following of the feed that is done in this process. Start it before it is used, stop it at the end."""

    def __init__(self, database: Database, bus: Bus, *, poll_seconds: tuple[float, float] = POLL_SECONDS) -> None:
        self._database = database
        self._poll_seconds = poll_seconds
        self._reads = DetachedReads()
        self._tail: Tail | None = None
        self._readers: dict[Tail, asyncio.Task[None]] = {}
        self._look_now = asyncio.Event()
        self._mover: asyncio.Task[None] | None = None
        bus.listen(self._heard, self._look_now.set)

    async def start(self) -> None:
        self._mover = asyncio.create_task(self._move(), name="mover")

    async def stop(self) -> None:
        """Ends every task. Followers that are still there hear nothing more."""
        ending = [*self._readers.values(), *([self._mover] if self._mover else [])]
        for task in ending:
            task.cancel()
        self._tail = None
        if ending:
            await asyncio.wait(ending)
        await self._reads.end()

    @property
    def followers(self) -> int:
        """How many follow the feed here."""
        return sum(tail.followers for tail in self._readers)

    async def now(self) -> Cursor:
        """The end of the feed: what was committed before the call is before it, the rest after it."""
        return now(await self._all_moved())

    async def follow(self, chosen: Filter = EVERYTHING, after: Cursor | None = None) -> AsyncGenerator[Batch, None]:
        """The replies after a cursor that the filter takes, or those from now: first what is there, then what comes.

        What was committed before the call is there. Where a filter has passed over many replies since the replay, a
        batch without events tells of the position after them, as caught up once more: whoever comes back with that
        cursor need not begin far behind. Waits while the database is away. Raises BadCursor for the cursor of a
        discussion, and Resync where the cursor can't be honoured, now or later.
        """
        if after is not None and after.discussion_id != FEED:
            raise BadCursor("The cursor is of a discussion, and not of the feed.")
        standing = await self._all_moved()
        position = after or now(standing)
        validate_position(position, log_floor=standing.log_floor, beginning=standing.epoch)
        tail = self._join(standing)
        try:
            caught_up, passed_over = False, 0
            while True:
                if tail.ended:
                    raise Resync("HISTORY_CHANGED", position)
                # Whom a reply concerns is kept in the ring as it was read: those who come back are told as it is now.
                fresh = tail.after(position) if caught_up or chosen == EVERYTHING else None
                if fresh is None:
                    fresh = events_after(position, await self._read(FEED, position.number, PAGE))
                if fresh:
                    position = Cursor(FEED, fresh[-1].event_number, fresh[-1].epoch)
                taken = [event for event in fresh if chosen.takes(cast(FeedRow, event))]
                passed_over = 0 if taken else passed_over + len(fresh)
                told = position.number >= standing.last_event and (not caught_up or passed_over >= PASSED_OVER)
                if told:
                    caught_up, passed_over = True, 0
                if taken or told:
                    yield Batch(taken, position, told)
                # A ring is read without waiting for anything: a long one must not keep all others waiting.
                await asyncio.sleep(0)
                await tail.changed(position.number)
        finally:
            self._leave(tail)

    def _join(self, standing: FeedHead) -> Tail:
        """Counts a follower in. It may be cancelled from here on, so nothing is awaited here or in `_leave`."""
        tail = self._tail
        if tail is None or tail.ended:
            tail = self._tail = Tail(standing, self._read)
            self._readers[tail] = asyncio.create_task(tail.run(), name="tail-of-feed")
            # A bell that rang since the feed was asked found nobody to wake.
            self._look_now.set()
        tail.followers += 1
        return tail

    def _leave(self, tail: Tail) -> None:
        tail.followers -= 1
        if tail.followers == 0:
            self._readers.pop(tail).cancel()
            if self._tail is tail:
                self._tail = None

    def _heard(self, _discussion: int, _number: int) -> None:
        # Without followers there is no hurry: the poll keeps what waits from growing long.
        if self._tail is not None:
            self._look_now.set()

    async def _move(self) -> None:
        while True:
            with suppress(TimeoutError):
                # Not wait_for, which can lose a cancellation until Python 3.12.
                async with asyncio.timeout(random.uniform(*self._poll_seconds)):
                    await self._look_now.wait()
            self._look_now.clear()
            tail = self._tail
            last = tail.last.number if tail is not None else 0
            standing = await self._all_moved()
            if tail is not None:
                tail.compare(standing, last_before=last)
            await asyncio.sleep(MOVE_SECONDS)

    async def _all_moved(self) -> FeedHead:
        """Where the feed stands once all that was committed before the call is in it."""
        standing = await self._standing()
        moved: int | None = db.feed.MOVED_AT_ONCE
        while standing.waiting and (moved is None or moved == db.feed.MOVED_AT_ONCE):
            moved = await self._reads.run(lambda: self._database.write(db.feed.move))
            if moved is None:
                # Another one moves, maybe without what this call is about.
                await asyncio.sleep(MOVE_SECONDS)
            standing = await self._standing()
        return standing

    async def _standing(self) -> FeedHead:
        async def ask() -> FeedHead:
            (row,) = await self._database.rows(db.feed.standing)
            return row

        return await self._reads.run(ask)

    async def _read(self, _feed: int, number: int, limit: int) -> list[EventRow]:
        """The feed from a position on. While the database is away, followers and the tail wait for it."""
        positions = db.feed.page(number, limit)
        return [*await self._reads.run(lambda: self._database.rows(db.feed.at, positions=positions))]
