"""Brings events to followers: one tail per followed discussion, followers that are cursors, one poll of all heads.

The order of work that makes it safe: register, then read after the cursor, then wait. The log is the truth and the
bus only a doorbell, so whatever happens to a bell, nothing is missed; the poll bounds how late it can be.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog

from db import events
from db.database import Database
from db.rows import EventRow
from live.bus import Bus
from live.cursors import BadCursor, Cursor
from live.tail import PAGE, Tail

POLL_SECONDS = (3.0, 5.0)

T = TypeVar("T")
log = structlog.get_logger(__name__)


class NoDiscussion(Exception):
    """There is no discussion of this id to follow."""


class Resync(Exception):
    """The cursor can't be honoured: what the follower knows has to be fetched anew. `reason` is a ResyncReason."""

    def __init__(self, reason: str, cursor: Cursor) -> None:
        super().__init__(reason)
        self.reason = reason
        self.cursor = cursor


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """The replay is over: what comes now is new."""

    cursor: str


@dataclass(frozen=True, slots=True)
class ResyncRequired:
    """The last item of a stream that can't go on."""

    cursor: str
    reason: str


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
        self._tails: dict[int, asyncio.Future[Tail]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._poller: asyncio.Task[None] | None = None
        self._poll_now = asyncio.Event()
        bus.listen(self._heard, self._missed)

    async def start(self) -> None:
        self._poller = asyncio.create_task(self._poll(), name="poll")

    async def stop(self) -> None:
        if self._poller is not None:
            self._poller.cancel()
            await asyncio.wait([self._poller])
        if self._tasks:
            await asyncio.wait(self._tasks)
        for tail in self._living():
            await tail.close()
        self._tails.clear()

    @property
    def followed(self) -> int:
        """How many discussions are followed here."""
        return len(self._tails)

    @property
    def followers(self) -> int:
        """How many followers there are here."""
        return sum(tail.followers for tail in self._living())

    async def follow(self, discussion_id: int, after: Cursor | None = None) -> AsyncGenerator[Batch, None]:
        """The log of a discussion after a cursor, or from now: first what is there, then what comes.

        Ends after the discussion was deleted. Raises NoDiscussion, BadCursor for the cursor of another discussion,
        and Resync where the cursor can't be honoured, now or later.
        """
        if after is not None and after.discussion_id != discussion_id:
            raise BadCursor(f"The cursor is of another discussion than {discussion_id}.")
        tail = await self._join(discussion_id)
        try:
            if after is not None:
                await self.check(after)
            position = after or _now(tail)
            caught_up_at = tail.last
            caught_up = False
            while True:
                if tail.history_changed:
                    raise Resync("HISTORY_CHANGED", position)
                fresh = tail.after(position.number)
                if fresh is None:
                    fresh = await self._page(position)
                if fresh:
                    position = Cursor(discussion_id, fresh[-1].event_number, fresh[-1].tag)
                news = not caught_up and position.number >= caught_up_at
                caught_up = caught_up or news
                if fresh or news:
                    yield Batch(fresh, position, news)
                if caught_up and tail.deleted and position.number >= tail.last:
                    return
                await tail.changed(position.number)
        finally:
            self._leave(tail)

    async def check(self, cursor: Cursor) -> None:
        """Raises NoDiscussion, and Resync where the log is no longer the one that the cursor is of."""
        standing = await self._kept(self._database.row(events.heads, ids=[cursor.discussion_id]))
        if standing is None:
            raise NoDiscussion(f"There is no discussion {cursor.discussion_id}.")
        if cursor.number < standing.log_floor:
            raise Resync("LOG_TRIMMED", cursor)
        if cursor.number == 0:
            tag: bytes | None = standing.tag
        elif cursor.number == standing.last_event:
            tag = standing.last_tag
        else:
            event = await self._kept(
                self._database.row(events.since, discussion=cursor.discussion_id, number=cursor.number, limit=1)
            )
            tag = event.tag if event is not None and event.event_number == cursor.number else None
        if tag != cursor.tag:
            raise Resync("HISTORY_CHANGED", cursor)

    async def _join(self, discussion_id: int) -> Tail:
        future = self._tails.get(discussion_id)
        if future is None:
            future = self._tails[discussion_id] = asyncio.ensure_future(self._open(discussion_id))
        try:
            tail = await asyncio.shield(future)
        except BaseException:
            if future.done() and self._tails.get(discussion_id) is future and not _opened(future):
                del self._tails[discussion_id]
            elif not future.done():
                future.add_done_callback(lambda _: self._forget_unfollowed(discussion_id))
            raise
        tail.followers += 1
        return tail

    async def _open(self, discussion_id: int) -> Tail:
        standing = await self._database.row(events.heads, ids=[discussion_id])
        if standing is None:
            raise NoDiscussion(f"There is no discussion {discussion_id}.")
        tail = Tail(standing, self._read)
        # A bell that rang while the head was read found no tail to wake.
        tail.wake()
        return tail

    def _leave(self, tail: Tail) -> None:
        tail.followers -= 1
        self._forget_unfollowed(tail.discussion_id)

    def _forget_unfollowed(self, discussion_id: int) -> None:
        future = self._tails.get(discussion_id)
        if future is None or not future.done():
            return
        if not _opened(future):
            del self._tails[discussion_id]
        elif future.result().followers == 0:
            del self._tails[discussion_id]
            self._keep(future.result().close())

    async def _read(self, discussion_id: int, number: int, limit: int) -> list[EventRow]:
        return await self._database.rows(events.since, discussion=discussion_id, number=number, limit=limit)

    async def _page(self, position: Cursor) -> list[EventRow]:
        """The next page for a follower that is behind the ring. Raises Resync where the log is another one."""
        page = await self._kept(self._read(position.discussion_id, position.number, PAGE))
        if position.number == 0:
            return page
        if not page or page[0].event_number != position.number or page[0].tag != position.tag:
            raise Resync("HISTORY_CHANGED", position)
        return page[1:]

    async def _kept(self, work: Coroutine[Any, Any, T]) -> T:
        """Awaits a read that goes on when the follower that asked for it is cancelled."""
        return await asyncio.shield(self._keep(work))

    def _keep(self, work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _living(self) -> list[Tail]:
        return [future.result() for future in self._tails.values() if future.done() and _opened(future)]

    def _heard(self, discussion_id: int, _number: int) -> None:
        future = self._tails.get(discussion_id)
        if future is not None and future.done() and _opened(future):
            future.result().wake()

    def _missed(self) -> None:
        self._poll_now.set()

    async def _poll(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._poll_now.wait(), random.uniform(*self._poll_seconds))
            self._poll_now.clear()
            asked = {tail: tail.last for tail in self._living()}
            if not asked:
                continue
            try:
                heads = await self._database.rows(events.heads, ids=[tail.discussion_id for tail in asked])
            except Exception:
                log.exception("the heads can't be polled")
                continue
            standing = {row.discussion_id: row for row in heads}
            for tail, last in asked.items():
                tail.stand(standing.get(tail.discussion_id), last_before=last)


def _opened(future: "asyncio.Future[Tail]") -> bool:
    return not future.cancelled() and future.exception() is None


def _now(tail: Tail) -> Cursor:
    return Cursor(tail.discussion_id, tail.last, tail.last_tag or tail.discussion_tag)
