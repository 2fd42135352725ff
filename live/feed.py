"""Follows the feed and the log of moderation, and sequences the events that wait to enter them.

Any wake-up notification may announce an event, so each one has the heads checked: pending events are sequenced, by
this process or another one, before the tail reads on.
"""

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import db.feed
from db.database import Database
from db.events import LogHead
from db.feed import FeedHead, SequencedLog
from db.kinds import DiscussionChange, EventKind
from db.rows import EventRow, FeedRow
from live.bus import Bus
from live.cursors import Cursor
from live.follower import POLL_SECONDS, Batch, LogFollower
from live.reads import DetachedReads
from live.tail import end_of

SEQUENCE_SECONDS = 0.02
"""The time between two runs of the sequencer, however many notifications arrive."""
ANY_CATEGORY = -1
"""The category of a filter that accepts events of every category."""
_FOR_ALL = frozenset({EventKind.USER_ERASED, EventKind.CATEGORY_CHANGED})


@dataclass(frozen=True, slots=True)
class Filter:
    """The events that a follower wants: those that match all given conditions, by what was so when they happened.

    That a person was erased or a category changed is for everybody, since all who keep copies must obey it. A change
    of a person's name or picture has no place: it matches whatever categories and discussions are wanted.
    """

    kinds: frozenset[EventKind] | None = None
    """None for all."""
    category: int | None = ANY_CATEGORY
    """None for discussions without a category."""
    author: int | None = None
    """Who wrote the post, or whom it is about; None for anybody."""
    discussions: frozenset[int] | None = None
    """None for any discussion."""
    to: int | None = None
    """The user whom the post answers, quotes or mentions; None for anybody."""

    def accepts(self, event: FeedRow) -> bool:
        """Returns whether the event matches."""
        kind = EventKind(event.kind)
        if kind in _FOR_ALL:
            return True
        if self.kinds is not None and kind not in self.kinds:
            return False
        if kind is EventKind.USER_CHANGED:
            return self.author in (None, event.user_id) and self.to in (None, event.user_id)
        return (
            (self.category == ANY_CATEGORY or self._is_in_category(event, kind))
            and (self.author is None or self.author == event.author_id)
            and (self.discussions is None or event.log_id in self.discussions)
            and (self.to is None or event.is_to(self.to))
        )

    def _is_in_category(self, event: FeedRow, kind: EventKind) -> bool:
        if self.category == event.category_id:
            return True
        # Out of the category, or, with none as the former one, into the first one.
        was_moved = kind is EventKind.DISCUSSION_UPDATED and DiscussionChange.CATEGORY in event.changes
        return was_moved and self.category == event.former_category_id


EVERYTHING = Filter()


class SequencedReader:
    """Reads a sequenced log, after pending events have entered it: see `live.follower.LogReader`."""

    def __init__(self, database: Database, log: SequencedLog[Any]) -> None:
        self._database = database
        self._log = log
        self._reads = DetachedReads()

    async def head(self) -> FeedHead:
        """Returns the head of the log after every event committed before the call has entered it."""
        return await self._reads.run(lambda: db.feed.sequence_pending(self._database, self._log))

    async def heads(self, _log_ids: Collection[int]) -> Mapping[int, LogHead]:
        """Returns the head of the log."""
        return {self._log.log_id: await self.head()}

    async def events(self, _log_id: int, number: int, limit: int) -> Sequence[EventRow]:
        """Returns the items of the log from a position on."""
        positions = db.feed.positions(number, limit)
        return await self._reads.run(lambda: self._database.rows(self._log.items_at, positions=positions))

    async def diverged(self, _fingerprints: Collection[str]) -> Collection[int]:
        """Returns the log: its head is always read, also without followers, so that few events stay pending."""
        return [self._log.log_id]

    async def end(self) -> None:
        """Waits for the reads that still run."""
        await self._reads.end()


class Feed(LogFollower):
    """Follows the feed, or another sequenced log."""

    def __init__(
        self,
        database: Database,
        bus: Bus,
        *,
        log: SequencedLog[Any] = db.feed.feed,
        poll_seconds: tuple[float, float] = POLL_SECONDS,
    ) -> None:
        self._log_id = log.log_id
        self._feed = SequencedReader(database, log)
        super().__init__(self._feed, poll_seconds=poll_seconds, pause_seconds=SEQUENCE_SECONDS)
        bus.on_notification(self.wake, self.check_soon)

    def wake(self, _log_id: int, _number: int) -> None:
        """Has pending events sequenced, whichever log was notified; without followers, the poll is enough."""
        if self._tails:
            self.check_soon()

    async def head(self) -> LogHead:
        """Returns the head: what was committed before the call has entered the log."""
        return await self._feed.head()

    async def latest(self) -> Cursor:
        """Returns the end of the log: what was committed before the call is before it, and the rest after it."""
        return end_of(await self._feed.head())

    async def read(self, number: int, limit: int) -> Sequence[FeedRow]:
        """Returns items from a position on, that one included."""
        return await self._feed.events(self._log_id, number, limit)  # type: ignore[return-value]

    def events(self, chosen: Filter = EVERYTHING, after: Cursor | None = None) -> AsyncGenerator[Batch, None]:
        """Yields the events after a cursor, or from now on, that the filter accepts: see `follow`."""
        return self.follow(self._log_id, after, accepts=None if chosen == EVERYTHING else chosen.accepts)
