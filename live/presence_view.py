"""Snapshots of who is in one discussion: made once for all who watch it, and not too often."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Hashable, Mapping, Sequence
from contextlib import aclosing
from typing import NamedTuple

import structlog

import db.users
from db.database import Database
from db.rows import UserRow
from live.cursors import Resync
from live.follower import LogNotFound
from live.hub import Hub

MAX_LISTED = 50
"""How many users a snapshot lists at most."""

ReaderId = int | str
"""The id of a user, or the generated name of a reader who has not signed in."""
Readers = Mapping[ReaderId, Mapping[Hashable, bool]]
"""Who is in a discussion, and for each of their places whether they are typing."""

log = structlog.get_logger(__name__)


class PresenceSnapshot(NamedTuple):
    """Who is in a discussion at one moment."""

    reader_count: int
    readers: Sequence[UserRow]
    typing: Sequence[UserRow]


class PresenceItem(NamedTuple):
    """An item of a stream that can't be resumed."""

    value: PresenceSnapshot
    cursor: None = None
    position: None = None
    live: bool = False


class PresenceView:
    """The snapshots of one discussion, while somebody watches. The tracker runs it as a task of its own."""

    def __init__(self, discussion_id: int, readers: Readers, *, seconds: float) -> None:
        """`readers` changes, and `touch` is called then. Two snapshots are at least `seconds` apart."""
        self.discussion_id = discussion_id
        self.watchers = 0
        self._readers = readers
        self._seconds = seconds
        self._items: Sequence[PresenceItem] | None = None
        self._missing = False
        loop = asyncio.get_running_loop()
        self._renewed: asyncio.Future[None] = loop.create_future()
        self._touched: asyncio.Future[None] = loop.create_future()
        self._over: asyncio.Future[None] = loop.create_future()

    def touch(self) -> None:
        """Has a new snapshot made: somebody came, left, began or ceased to type."""
        _set(self._touched)

    def end(self) -> None:
        """Ends the task, and the streams of all who watch."""
        _set(self._over)

    async def watch(self) -> AsyncGenerator[Sequence[PresenceItem], None]:
        """Yields the latest snapshot, and then each new one. Raises LogNotFound."""
        seen: Sequence[PresenceItem] | None = None
        while not self._over.done():
            if self._items is None or self._items is seen:
                await _first(self._over, self._renewed)
                continue
            seen = self._items
            yield seen
            await _first(self._over, seconds=self._seconds)
        if self._missing:
            raise LogNotFound(f"There is no discussion {self.discussion_id}.")

    async def run(self, database: Database, hub: Hub, ended: Callable[["PresenceView"], None]) -> None:
        """Makes snapshots until nobody watches or the discussion is deleted; then calls `ended`."""
        guard = asyncio.create_task(self._guard(hub))
        try:
            await self._make_snapshots(database)
        except Exception:
            log.exception("presence snapshots failed", discussion=self.discussion_id)
        finally:
            self.end()
            ended(self)
            guard.cancel()
            await asyncio.wait([guard])

    async def _guard(self, hub: Hub) -> None:
        """Has the snapshots begin once the discussion is known to exist, and ends them with it."""
        try:
            following = True
            while following:
                try:
                    async with aclosing(hub.follow(self.discussion_id)) as batches:
                        async for batch in batches:
                            if batch.caught_up:
                                self.touch()
                    following = False
                except Resync:
                    # Another history of the same discussion: it is followed from its present end.
                    continue
        except LogNotFound:
            self._missing = True
        except Exception:
            log.exception("following a watched discussion failed", discussion=self.discussion_id)
        finally:
            self.end()

    async def _make_snapshots(self, database: Database) -> None:
        while True:
            await _first(self._over, self._touched)
            if self._over.done():
                return
            self._touched = asyncio.get_running_loop().create_future()
            try:
                snapshot = await self._snapshot(database)
            except Exception as error:  # noqa: BLE001 - the database may fail in any way, and is read again.
                log.warning("reading presence failed", discussion=self.discussion_id, error=repr(error))
                self.touch()
            else:
                if self._items is None or self._items[0].value != snapshot:
                    self._items = [PresenceItem(snapshot)]
                    renewed, self._renewed = self._renewed, asyncio.get_running_loop().create_future()
                    renewed.set_result(None)
            await _first(self._over, seconds=self._seconds)

    async def _snapshot(self, database: Database) -> PresenceSnapshot:
        users = [reader for reader in self._readers if isinstance(reader, int)]
        typing = [user for user in users if any(self._readers[user].values())][:MAX_LISTED]
        count, listed = len(self._readers), users[:MAX_LISTED]
        wanted = {*listed, *typing}
        rows = await database.rows(db.users.by_ids, ids=list(wanted)) if wanted else []
        named = {row.id: row for row in rows}
        return PresenceSnapshot(
            count, *([named[user] for user in chosen if user in named] for chosen in (listed, typing))
        )


def _set(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


async def _first(*futures: asyncio.Future[None], seconds: float | None = None) -> None:
    """Returns once one of these is done, or after so many seconds. It cancels none: others wait for them, too."""
    await asyncio.wait(futures, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
