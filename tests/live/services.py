"""A hub over a real database, with a bus whose notifications can be suppressed."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass

from db import events
from db.database import Database
from forum.deletions import DeleteDiscussion, delete_discussion
from forum.use_cases import Actor, Forum
from live.bus import Bus
from live.cursors import Cursor
from live.hub import Hub
from tests.db import logs
from tests.live.brokers import until
from tests.support.backends import Backend

NEVER = (3600.0, 3600.0)
OFTEN = (0.02, 0.04)
PATIENCE_SECONDS = 20


@dataclass
class LiveService:
    """A database, a bus and a hub, with a discussion to follow."""

    database: Database
    bus: Bus
    hub: Hub
    discussion: int
    notifies: bool = True
    """Whether a commit is followed by a notification."""

    async def append(self, count: int = 1) -> int:
        return await logs.append_events(self.database, self.discussion, count)

    async def delete(self) -> None:
        moderator = Actor(1, is_moderator=True)
        await delete_discussion(Forum(self.database), moderator, DeleteDiscussion(discussion_id=self.discussion))

    async def cursor(self, number: int) -> Cursor:
        """The cursor right after an event of the discussion."""
        if number == 0:
            (head,) = await self.database.rows(events.heads, log_ids=[self.discussion])
            return Cursor(self.discussion, 0, head.epoch)
        event, *_ = await self.database.rows(events.events_from, log_id=self.discussion, number=number, limit=1)
        return Cursor(self.discussion, number, event.epoch)

    async def receive(self, last: int, after: Cursor | None = None, *, pause: float = 0.0) -> list[int]:
        """The numbers that a follower receives up to the event `last`, pausing between batches."""
        received: list[int] = []
        async with asyncio.timeout(PATIENCE_SECONDS), aclosing(self.hub.follow(self.discussion, after)) as batches:
            async for batch in batches:
                received += [event.event_number for event in batch.events]
                assert not received or batch.cursor.number == received[-1]
                if received and received[-1] >= last:
                    break
                await asyncio.sleep(random.uniform(0, pause))
        return received


@asynccontextmanager
async def live_service(
    backend: Backend, *, poll: tuple[float, float] = NEVER, bus_url: str = "memory://"
) -> AsyncIterator[LiveService]:
    """A service without any follower or task left when it closes."""
    before = asyncio.all_tasks()
    bus = Bus(bus_url)

    def notify(log_id: int, number: int) -> None:
        if built.notifies:
            bus.notify(log_id, number)

    async with Database(backend.migrated_database(), notify=notify) as database:
        built = LiveService(database, bus, Hub(database, bus, poll_seconds=poll), 0)
        built.discussion = await logs.discussion(database)
        await bus.start()
        await built.hub.start()
        try:
            yield built
            assert (built.hub.followers, built.hub.followed) == (0, 0)
            await until(lambda: not [task for task in asyncio.all_tasks() if task.get_name().startswith("tail-")])
        finally:
            await built.hub.stop()
            await bus.stop()
    await until(lambda: asyncio.all_tasks() == before)
