"""Follows the feed, and sequences the replies that wait to enter it.

Any wake-up notification may announce a reply, so each one has the heads checked: pending replies are sequenced, by
this process or another one, before the tail reads on.
"""

import asyncio
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from dataclasses import dataclass

import db.feed
from db.database import Database
from db.events import LogHead
from db.feed import FeedHead
from db.rows import EventRow, FeedRow
from live.bus import Bus
from live.cursors import FEED, Cursor
from live.follower import POLL_SECONDS, Batch, LogFollower
from live.reads import DetachedReads
from live.tail import end_of

SEQUENCE_SECONDS = 0.02
"""The time between two runs of the sequencer, however many notifications arrive."""
ANY_CATEGORY = -1
"""The category of a filter that accepts replies of every category."""


@dataclass(frozen=True, slots=True)
class Filter:
    """The replies that a follower wants: those that match all given conditions."""

    category: int | None = ANY_CATEGORY
    """None for discussions without a category."""
    author: int | None = None
    """None for any author."""
    to: int | None = None
    """The user whom the replies answer, quote or mention; None for any."""

    def accepts(self, reply: FeedRow) -> bool:
        """Returns whether the reply matches."""
        return (
            (self.category == ANY_CATEGORY or self.category == reply.category_id)
            and (self.author is None or self.author == reply.author_id)
            and (self.to is None or reply.is_to(self.to))
        )


EVERYTHING = Filter()


class FeedReader:
    """Reads the feed, after pending replies have been sequenced: see `live.follower.LogReader`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reads = DetachedReads()

    async def head(self) -> FeedHead:
        """Returns the head of the feed after every reply committed before the call has entered it."""
        head = await self._read_head()
        sequenced: int | None = db.feed.MAX_SEQUENCED_AT_ONCE
        while head.pending and (sequenced is None or sequenced == db.feed.MAX_SEQUENCED_AT_ONCE):
            sequenced = await self._reads.run(lambda: self._database.write(db.feed.sequence))
            if sequenced is None:
                # Another sequencer holds the lock, and may have begun before the replies of this call's time.
                await asyncio.sleep(SEQUENCE_SECONDS)
            head = await self._read_head()
        return head

    async def heads(self, _log_ids: Collection[int]) -> Mapping[int, LogHead]:
        """Returns the head of the feed."""
        return {FEED: await self.head()}

    async def events(self, _log_id: int, number: int, limit: int) -> Sequence[EventRow]:
        """Returns the items of the feed from a position on."""
        positions = db.feed.positions(number, limit)
        return await self._reads.run(lambda: self._database.rows(db.feed.items_at, positions=positions))

    async def diverged(self, _fingerprints: Collection[str]) -> Collection[int]:
        """Returns the feed: its head is always read, also without followers, so that few replies stay pending."""
        return [FEED]

    async def end(self) -> None:
        """Waits for the reads that still run."""
        await self._reads.end()

    async def _read_head(self) -> FeedHead:
        async def read() -> FeedHead:
            (row,) = await self._database.rows(db.feed.head)
            return row

        return await self._reads.run(read)


class Feed(LogFollower):
    """Follows the feed, which is one log."""

    def __init__(self, database: Database, bus: Bus, *, poll_seconds: tuple[float, float] = POLL_SECONDS) -> None:
        self._feed = FeedReader(database)
        super().__init__(self._feed, poll_seconds=poll_seconds, pause_seconds=SEQUENCE_SECONDS)
        bus.on_notification(self.wake, self.check_soon)

    def wake(self, _log_id: int, _number: int) -> None:
        """Has pending replies sequenced, whichever discussion was notified; without followers, the poll is enough."""
        if self._tails:
            self.check_soon()

    async def latest(self) -> Cursor:
        """Returns the end of the feed: what was committed before the call is before it, and the rest after it."""
        return end_of(await self._feed.head())

    def replies(self, chosen: Filter = EVERYTHING, after: Cursor | None = None) -> AsyncGenerator[Batch, None]:
        """Yields the replies after a cursor, or from now on, that the filter accepts: see `follow`."""
        return self.follow(FEED, after, accepts=None if chosen == EVERYTHING else chosen.accepts)
