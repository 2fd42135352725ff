"""What those see who watch who is in one discussion: made once for all of them, and not too often."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Hashable, Mapping, Sequence
from contextlib import aclosing
from typing import NamedTuple

import structlog

import db.users
from db.database import Database
from db.rows import UserRow
from live.cursors import Resync
from live.hub import Hub, NoDiscussion

LISTED = 50
"""How many people are named at most."""

Who = int | str
"""A person, or the made-up name of a reader who has not signed in."""
There = Mapping[Who, Mapping[Hashable, bool]]
"""Who is in a discussion, and for each of their places whether they are typing."""

log = structlog.get_logger(__name__)


class Shown(NamedTuple):
    """What is told of who is there."""

    reader_count: int
    readers: Sequence[UserRow]
    typing: Sequence[UserRow]


class Entry(NamedTuple):
    """One item of a stream that nobody can resume."""

    value: Shown
    cursor: None = None
    position: None = None
    live: bool = False


class View:
    """What is shown of one discussion, while somebody watches. Presence runs it as a task of its own."""

    def __init__(self, discussion_id: int, there: There, *, seconds: float) -> None:
        """`there` goes on changing, and `touch` tells of it. What is shown stands for `seconds` at least."""
        self.discussion_id = discussion_id
        self.watchers = 0
        self._there = there
        self._seconds = seconds
        self._entries: Sequence[Entry] | None = None
        self._missing = False
        loop = asyncio.get_running_loop()
        self._renewed: asyncio.Future[None] = loop.create_future()
        self._touched: asyncio.Future[None] = loop.create_future()
        self._over: asyncio.Future[None] = loop.create_future()

    def touch(self) -> None:
        """Somebody came, left, began or ceased to type."""
        _set(self._touched)

    def end(self) -> None:
        """Ends the task, and the streams of those who watch."""
        _set(self._over)

    async def watch(self) -> AsyncGenerator[Sequence[Entry], None]:
        """What is shown, and then whenever that has changed. Raises NoDiscussion."""
        seen: Sequence[Entry] | None = None
        while not self._over.done():
            if self._entries is None or self._entries is seen:
                await _first(self._over, self._renewed)
                continue
            seen = self._entries
            yield seen
            await _first(self._over, seconds=self._seconds)
        if self._missing:
            raise NoDiscussion(f"There is no discussion {self.discussion_id}.")

    async def run(self, database: Database, hub: Hub, ended: Callable[["View"], None]) -> None:
        """Shows who is there until nobody watches, or the discussion is deleted; then `ended` is called."""
        guard = asyncio.create_task(self._guard(hub))
        try:
            await self._show(database)
        except Exception:
            log.exception("who is in a discussion can't be shown", discussion=self.discussion_id)
        finally:
            self.end()
            ended(self)
            guard.cancel()
            await asyncio.wait([guard])

    async def _guard(self, hub: Hub) -> None:
        """Lets the showing begin once the discussion is known to be there, and ends it with the discussion."""
        try:
            following = True
            while following:
                try:
                    async with aclosing(hub.follow(self.discussion_id)) as log_of_discussion:
                        async for batch in log_of_discussion:
                            if batch.caught_up:
                                self.touch()
                    following = False
                except Resync:
                    # Another history of the same discussion: it is followed from where it stands now.
                    continue
        except NoDiscussion:
            self._missing = True
        except Exception:
            log.exception("a discussion that is watched can't be followed", discussion=self.discussion_id)
        finally:
            self.end()

    async def _show(self, database: Database) -> None:
        while True:
            await _first(self._over, self._touched)
            if self._over.done():
                return
            self._touched = asyncio.get_running_loop().create_future()
            try:
                shown = await self._shown(database)
            except Exception as error:  # noqa: BLE001 - whatever the database throws, it is asked again.
                log.warning("who is in a discussion can't be read", discussion=self.discussion_id, error=repr(error))
                self.touch()
            else:
                if self._entries is None or self._entries[0].value != shown:
                    self._entries = [Entry(shown)]
                    renewed, self._renewed = self._renewed, asyncio.get_running_loop().create_future()
                    renewed.set_result(None)
            await _first(self._over, seconds=self._seconds)

    async def _shown(self, database: Database) -> Shown:
        people = [who for who in self._there if isinstance(who, int)]
        typing = [who for who in people if any(self._there[who].values())][:LISTED]
        count, listed = len(self._there), people[:LISTED]
        wanted = {*listed, *typing}
        rows = await database.rows(db.users.by_ids, ids=list(wanted)) if wanted else []
        named = {row.id: row for row in rows}
        return Shown(count, *([named[who] for who in chosen if who in named] for chosen in (listed, typing)))


def _set(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


async def _first(*futures: asyncio.Future[None], seconds: float | None = None) -> None:
    """Waits until one of these is done, or for so long. It cancels none of them: others wait for them, too."""
    await asyncio.wait(futures, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
