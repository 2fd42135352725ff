"""The end of one discussion's log, read once for all who follow it in this process."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

import structlog

from db.events import StandingRow
from db.rows import EventRow

RING = 1_000
"""How many recent events are kept for followers that are a little behind."""
PAGE = 200
RETRY_SECONDS = 1.0

ReadLog = Callable[[int, int, int], Awaitable[list[EventRow]]]
"""`read(discussion, number, limit)`: the log from that number on, the event of that number included."""

log = structlog.get_logger(__name__)


class HistoryChanged(Exception):
    """What was read before is no longer part of the log."""


class Tail:
    """Reads the log after its last number when it is woken, checks that nothing is missing, and wakes its followers.

    It belongs to the hub, not to a follower: one that leaves cancels no read.
    """

    def __init__(self, standing: StandingRow, read: ReadLog) -> None:
        self.discussion_id = standing.discussion_id
        self.discussion_tag = standing.tag
        self.last = standing.last_event
        self.last_tag = standing.last_tag
        self.deleted = standing.deleted
        self.followers = 0
        self.history_changed = False
        self._closing = False
        self._read = read
        self._ring: deque[EventRow] = deque(maxlen=RING)
        self._dirty = asyncio.Event()
        self._changed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._run(), name=f"tail-{self.discussion_id}")

    def wake(self) -> None:
        """Something may have been appended: look."""
        self._dirty.set()

    def stand(self, standing: StandingRow | None, *, last_before: int) -> None:
        """Compares with what the heads say: behind is a reason to read, another history to stop.

        `last_before` is the tail's last number when the heads were asked, since it may have read on meanwhile.
        """
        if standing is None or standing.last_event < last_before:
            self._end_history()
        elif standing.last_event > self.last:
            self.wake()
        elif standing.last_event == self.last and standing.last_tag != self.last_tag:
            self._end_history()

    def after(self, number: int) -> Sequence[EventRow] | None:
        """The events after `number` that the ring holds; None where it does not reach back so far."""
        behind = self.last - number
        if behind > len(self._ring):
            return None
        return [self._ring[at] for at in range(len(self._ring) - behind, len(self._ring))]

    async def changed(self, number: int) -> None:
        """Waits until there is something after `number`, or the history changed."""
        while self.last <= number and not self.history_changed:
            # Shielded, because the future is everybody's.
            await asyncio.shield(self._changed)

    async def close(self) -> None:
        """Ends the reading task, after the read it may be in."""
        self._closing = True
        self._dirty.set()
        await asyncio.wait([self._task])

    def _notify(self) -> None:
        changed, self._changed = self._changed, asyncio.get_running_loop().create_future()
        changed.set_result(None)

    def _end_history(self) -> None:
        log.warning("the history of a discussion changed", discussion=self.discussion_id, last=self.last)
        self.history_changed = True
        self._notify()

    async def _run(self) -> None:
        while not self.history_changed:
            await self._dirty.wait()
            self._dirty.clear()
            if self._closing:
                return
            try:
                await self._catch_up()
            except HistoryChanged:
                self._end_history()
            except Exception:
                # The database may be away: followers wait, and the poll or the next bell would wake us anyway.
                log.exception("a tail can't read its log", discussion=self.discussion_id)
                await asyncio.sleep(RETRY_SECONDS)
                self._dirty.set()

    async def _catch_up(self) -> None:
        while True:
            page = await self._read(self.discussion_id, self.last, PAGE)
            # The last event known is read again, so that a history that was rewritten is noticed.
            if self.last:
                if not page or page[0].event_number != self.last or page[0].tag != self.last_tag:
                    raise HistoryChanged
                news = page[1:]
            else:
                news = page
            for event in news:
                if event.event_number != self.last + 1:
                    raise HistoryChanged
                self._ring.append(event)
                self.last, self.last_tag = event.event_number, event.tag
                self.deleted = self.deleted or event.kind == "DiscussionDeleted"
            if news:
                self._notify()
            if len(page) < PAGE:
                return
