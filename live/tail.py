"""The end of one discussion's log, read once for all who follow it in this process."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from itertools import islice

import structlog

from db.events import LogHead, mark
from db.rows import EventRow
from live.cursors import Cursor, Resync, events_after

RING = 1_000
"""How many recent events are kept for followers that are a little behind."""
PAGE = 100
"""How many events are read, or handed on, at once: between two pages it is the turn of others."""

ReadLog = Callable[[int, int, int], Awaitable[Sequence[EventRow]]]
"""`read(discussion, number, limit)`: the log from that number on, the event of that number included."""

log = structlog.get_logger(__name__)


class Tail:
    """Reads the log after its last event when it is woken, checks that nothing is missing, and wakes its followers.

    It belongs to the hub, which runs it as a task of its own: a follower that leaves cancels no read.
    """

    def __init__(self, standing: LogHead, read: ReadLog) -> None:
        self.discussion_id = standing.discussion_id
        self.last = now(standing)
        self.deleted = standing.deleted
        self.followers = 0
        self.ended = False
        """Set once what was read is no longer part of the log: who followed has to begin anew, on another tail."""
        self._beginning = standing.epoch
        self._mark: str | None = None
        self._read = read
        self._ring: deque[EventRow] = deque()
        self._tag_before_ring = self.last.epoch
        self._dirty = asyncio.Event()
        self._changed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def mark(self) -> str:
        """Where it stands, for `db.events.strayed`."""
        if self._mark is None:
            self._mark = mark(self.discussion_id, self._beginning, self.last.number, self.last.epoch)
        return self._mark

    async def run(self) -> None:
        """Reads until the history changes, or the hub cancels it."""
        try:
            while not self.ended:
                await self._dirty.wait()
                self._dirty.clear()
                await self._catch_up()
        except Resync:
            self._end()
        except Exception:
            # Followers of a tail that reads no more would wait for ever.
            log.exception("a tail failed", discussion=self.discussion_id)
            self._end()

    def wake(self) -> None:
        """Something may have been appended: look."""
        self._dirty.set()

    def compare(self, standing: LogHead | None, *, last_before: int) -> None:
        """With what the heads say: to be behind is a reason to read, another history one to end.

        `last_before` is the tail's last number when the heads were asked, since it may have read on meanwhile.
        """
        if standing is None or standing.epoch != self._beginning or standing.last_event < last_before:
            self._end()
        elif standing.last_event > self.last.number:
            self.wake()
        elif standing.last_event == self.last.number and now(standing) != self.last:
            self._end()

    def after(self, position: Cursor) -> Sequence[EventRow] | None:
        """The events after a position, a page at most; None where the ring does not reach so far, back or forward.

        Raises Resync where the position is one of another history.
        """
        first = len(self._ring) - (self.last.number - position.number)
        if not 0 <= first <= len(self._ring):
            return None
        if position.epoch != (self._ring[first - 1].epoch if first else self._tag_before_ring):
            raise Resync("HISTORY_CHANGED", position)
        return list(islice(self._ring, first, first + PAGE))

    async def changed(self, number: int) -> None:
        """Waits until there is something after `number`, or the tail has ended."""
        while self.last.number <= number and not self.ended:
            # Shielded, because the future is everybody's.
            await asyncio.shield(self._changed)

    async def _catch_up(self) -> None:
        """Reads the log page by page to its end. Raises Resync."""
        full = True
        while full:
            # The last event known is read again, so that a history that was rewritten is noticed.
            page = await self._read(self.discussion_id, self.last.number, PAGE)
            full = len(page) == PAGE
            fresh = events_after(self.last, page)
            for event in fresh:
                self._append(event)
            if fresh:
                self._notify()

    def _append(self, event: EventRow) -> None:
        if len(self._ring) == RING:
            self._tag_before_ring = self._ring.popleft().epoch
        self._ring.append(event)
        self.last = Cursor(self.discussion_id, event.event_number, event.epoch)
        self._mark = None
        self.deleted = self.deleted or event.kind == "DiscussionDeleted"

    def _notify(self) -> None:
        changed, self._changed = self._changed, asyncio.get_running_loop().create_future()
        changed.set_result(None)

    def _end(self) -> None:
        if not self.ended:
            log.warning("the history of a discussion changed", discussion=self.discussion_id, last=self.last.number)
            self.ended = True
            self._notify()


def now(standing: LogHead) -> Cursor:
    """The end of a log that stands so."""
    return Cursor(standing.discussion_id, standing.last_event, standing.last_epoch or standing.epoch)
