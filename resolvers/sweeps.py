"""Work that goes on beside the requests.

View counts flushed in batches, readers told of changed sources, old keys dropped.
"""

import asyncio
import random
from contextlib import suppress
from functools import partial
from hashlib import blake2b

import structlog

from db import idempotency, quotes, views
from db.database import Database
from db.rerender import rerender_stale_posts

FLUSH_SECONDS = 2.0
TELL_SECONDS = 5.0
FLUSHED_AT_ONCE = 100
FORGET_SECONDS = 3600.0
MAX_PENDING_VIEWS = 10_000
"""How many looks wait for a flush at most; what comes on top before the flush is not counted."""

log = structlog.get_logger(__name__)


class BackgroundJobs:
    """Runs in every process; all of it may be doubled or stopped anywhere without harm."""

    def __init__(self, database: Database, key: bytes) -> None:
        self._database = database
        self._key = key
        self._looks: set[tuple[int, bytes]] = set()
        self._due = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        self._tasks = [
            asyncio.create_task(self._flush_views(), name="flush-views"),
            asyncio.create_task(self._tell(), name="tell-of-sources"),
            asyncio.create_task(self._forget(), name="forget"),
            asyncio.create_task(self._rerender(), name="rerender"),
        ]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self.flush()

    def look(self, discussion_id: int, viewer: str) -> None:
        """Notes that somebody opened a discussion.

        `viewer` is a person or an address, of which only a keyed hash is kept.
        """
        if len(self._looks) < MAX_PENDING_VIEWS:
            self._looks.add((discussion_id, blake2b(viewer.encode(), key=self._key, digest_size=16).digest()))

    def source_changed(self) -> None:
        """A post was edited or deleted: tell the readers of its quotes soon."""
        self._due.set()

    async def flush(self) -> None:
        """Counts the looks gathered so far. A crash loses what has not been flushed, two seconds at most."""
        looks, self._looks = sorted(self._looks), set()
        try:
            # In small transactions, so that writers wait for none of them.
            while looks:
                await self._database.write(partial(views.flush, looks=looks[:FLUSHED_AT_ONCE]))
                del looks[:FLUSHED_AT_ONCE]
        except Exception:
            self._looks.update(looks)
            raise

    async def _flush_views(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            try:
                await self.flush()
            except Exception:
                log.exception("view counts can't be flushed")

    async def _tell(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._due.wait(), random.uniform(TELL_SECONDS, 2 * TELL_SECONDS))
            self._due.clear()
            try:
                await quotes.tell_of_changed_sources(self._database)
            except Exception:
                log.exception("readers of changed sources can't be told")

    async def _rerender(self) -> None:
        """Once, after the start: whatever a former version of Parley rendered gets the HTML of this one."""
        try:
            await rerender_stale_posts(self._database)
        except Exception:
            log.exception("posts of an older renderer can't be rendered anew")

    async def _forget(self) -> None:
        while True:
            await asyncio.sleep(random.uniform(FORGET_SECONDS, 2 * FORGET_SECONDS))
            try:
                await self._database.write(views.forget)
                await self._database.write(idempotency.forget)
            except Exception:
                log.exception("old keys can't be dropped")
