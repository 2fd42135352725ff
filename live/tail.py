"""The end of one log, read once for all its followers in this process."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from itertools import islice
from time import time

import structlog

from db.database import Appended
from db.events import LogHead, log_fingerprint
from db.kinds import ResyncReason
from db.rows import EventRow
from live.cursors import Cursor, Resync, events_after

RING_SIZE = 1_000
"""How many recent events are kept for followers that are a little behind."""
PAGE_SIZE = 100
"""How many events are read, or given to a follower, at once: between two pages other tasks run."""

ReadEvents = Callable[[int, int, int], Awaitable[Sequence[EventRow]]]
"""`read(log_id, number, limit)` returns the events from that number on, the event of that number included."""
Closes = Callable[[EventRow], bool | None]
"""Whether a log is closed after an event, so that its followers are done there; None if that is as it was."""

log = structlog.get_logger(__name__)


class Tail:
    """Reads a log after its last event when it is woken, checks that no event is missing, and wakes its followers.

    It belongs to a LogFollower, which runs it as a task of its own: a follower that leaves cancels no read.
    """

    def __init__(
        self,
        head: LogHead,
        read: ReadEvents,
        *,
        closes: Closes = lambda _event: None,
        observe_delay: Callable[[float], None] | None = None,
    ) -> None:
        """Begins at the end of the log. `observe_delay`: see LogFollower."""
        self.log_id = head.log_id
        self.last = end_of(head)
        self.closed = head.closed
        self.followers = 0
        self.ended = False
        """True once what was read is no longer part of the log: its followers have to begin again, on another tail."""
        self._beginning = head.epoch
        self._closes = closes
        self._fingerprint: str | None = None
        self._read = read
        self._observe_delay = observe_delay
        self._ring: deque[EventRow] = deque()
        self._epoch_before_ring = self.last.epoch
        self._is_reading = False
        self._dirty = asyncio.Event()
        self._changed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def fingerprint(self) -> str:
        """The state of its log as it knows it, to compare with the head's."""
        if self._fingerprint is None:
            self._fingerprint = log_fingerprint(self.log_id, self._beginning, self.last.number, self.last.epoch)
        return self._fingerprint

    async def run(self) -> None:
        """Reads until the history changes or the task is cancelled."""
        try:
            while not self.ended:
                await self._dirty.wait()
                self._dirty.clear()
                await self._catch_up()
        except Resync:
            self._end()
        except Exception:
            # Followers of a tail that reads no more would wait for ever.
            log.exception("a tail failed", log_id=self.log_id)
            self._end()

    def wake(self) -> None:
        """Has it read the log: events may have been appended."""
        self._dirty.set()

    def take(self, appended: Appended) -> None:
        """Takes events that this process has committed, if they are the next ones and no reading is under way."""
        number, epoch = appended.before
        if self._is_reading or self.ended or Cursor(self.log_id, number, epoch) != self.last:
            return
        rows = appended.rows()
        for event in rows:
            self._append(event)
        self._wake_followers(rows[0])

    def compare(self, head: LogHead | None, *, last_before: int) -> None:
        """Reads on if the log's head is ahead, and ends if it shows another history, or there is no head.

        `last_before` is the tail's last number when the head was read, since it may have read on meanwhile.
        """
        if head is None or head.epoch != self._beginning or head.last_event < last_before:
            self._end()
        elif head.last_event > self.last.number:
            self.wake()
        elif head.last_event == self.last.number and end_of(head) != self.last:
            self._end()

    def after(self, position: Cursor) -> Sequence[EventRow] | None:
        """Returns the events after a position, a page at most; None if the position is outside the ring.

        Raises Resync if the position belongs to another history.
        """
        first = len(self._ring) - (self.last.number - position.number)
        if not 0 <= first <= len(self._ring):
            return None
        if position.epoch != (self._ring[first - 1].epoch if first else self._epoch_before_ring):
            raise Resync(ResyncReason.HISTORY_CHANGED, position)
        return list(islice(self._ring, first, first + PAGE_SIZE))

    async def changed(self, number: int) -> None:
        """Returns once there is an event after `number`, or the tail has ended."""
        while self.last.number <= number and not self.ended:
            # Shielded, because all followers share the future.
            await asyncio.shield(self._changed)

    async def _catch_up(self) -> None:
        """Reads the log page by page to its end. Raises Resync."""
        full = True
        while full:
            # The last known event is read again, so that a rewritten history is noticed.
            self._is_reading = True
            page = await self._read(self.log_id, self.last.number, PAGE_SIZE)
            self._is_reading = False
            full = len(page) == PAGE_SIZE
            fresh = events_after(self.last, page)
            for event in fresh:
                self._append(event)
            if fresh:
                self._wake_followers(fresh[0])

    def _append(self, event: EventRow) -> None:
        if len(self._ring) == RING_SIZE:
            self._epoch_before_ring = self._ring.popleft().epoch
        self._ring.append(event)
        self.last = Cursor(self.log_id, event.event_number, event.epoch)
        self._fingerprint = None
        closes = self._closes(event)
        self.closed = self.closed if closes is None else closes

    def _wake_followers(self, first: EventRow) -> None:
        """Wakes the followers for events that arrived together, of which `first` has waited longest."""
        self._notify()
        if self._observe_delay is not None:
            self._observe_delay(time() - first.occurred_at.timestamp())

    def _notify(self) -> None:
        changed, self._changed = self._changed, asyncio.get_running_loop().create_future()
        changed.set_result(None)

    def _end(self) -> None:
        if not self.ended:
            log.warning("the history of a log changed", log_id=self.log_id, last=self.last.number)
            self.ended = True
            self._notify()


def end_of(head: LogHead) -> Cursor:
    """Returns the cursor right after a log's last event."""
    return Cursor(head.log_id, head.last_event, head.last_epoch)
