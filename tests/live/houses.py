"""A hub over a real database and a bus whose bells can be silenced."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from db import events
from db.database import Database
from forum.discussions import DeleteDiscussion, delete_discussion
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
class House:
    """A database, a bus in memory and a hub, with a discussion to follow."""

    database: Database
    bus: Bus
    hub: Hub
    discussion: int
    _silence: list[int]

    def silence(self) -> None:
        """From now on no bell rings."""
        self._silence.append(1)

    def sound(self) -> None:
        """Bells ring again."""
        self._silence.clear()

    async def tell(self, count: int = 1) -> int:
        return await logs.append_events(self.database, self.discussion, count)

    async def delete(self) -> None:
        moderator = Actor(1, is_moderator=True)
        await delete_discussion(Forum(self.database), moderator, DeleteDiscussion(discussion_id=self.discussion))

    async def cursor(self, number: int) -> Cursor:
        """Right after an event of the discussion."""
        if number == 0:
            (standing,) = await self.database.rows(events.heads, ids=[self.discussion])
            return Cursor(self.discussion, 0, standing.epoch)
        event, *_ = await self.database.rows(events.since, discussion=self.discussion, number=number, limit=1)
        return Cursor(self.discussion, number, event.epoch)

    async def hear(self, last: int, after: Cursor | None = None, *, pause: float = 0.0) -> list[int]:
        """The numbers that a follower hears up to the one of the event `last`, taking its time."""
        heard: list[int] = []
        async with asyncio.timeout(PATIENCE_SECONDS), aclosing(self.hub.follow(self.discussion, after)) as batches:
            async for batch in batches:
                heard += [event.event_number for event in batch.events]
                assert not heard or batch.cursor.number == heard[-1]
                if heard and heard[-1] >= last:
                    break
                await asyncio.sleep(random.uniform(0, pause))
        return heard


@asynccontextmanager
async def house(backend: Backend, *, poll: tuple[float, float] = NEVER) -> AsyncIterator[House]:
    """A house in which nobody is left when it closes."""
    before = asyncio.all_tasks()
    bus = Bus("memory://")
    silence: list[int] = []
    notify = partial(_ring_unless, silence, bus)
    async with Database(backend.migrated_database(), notify=notify) as database:
        hub = Hub(database, bus, poll_seconds=poll)
        built = House(database, bus, hub, await logs.discussion(database), silence)
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


def _ring_unless(silence: list[int], bus: Bus, discussion: int, number: int) -> None:
    if not silence:
        bus.ring(discussion, number)
