"""Jobs beside the requests: view counts, notifications of quoting posts, rendering again, and cleaning up."""

import asyncio
import random
from contextlib import suppress
from functools import partial
from hashlib import blake2b

import structlog

import db.idempotency
import db.views
from db import tasks
from db.database import Database
from forum.quotes import notify_of_changed_sources
from forum.rerendering import rerender_stale_posts

FLUSH_SECONDS = 2.0
NOTIFY_SECONDS = 5.0
FLUSH_BATCH = 100
CLEANUP_SECONDS = 3600.0
MAX_PENDING_VIEWS = 10_000
"""More views than this before a flush are not counted."""

log = structlog.get_logger(__name__)


class BackgroundJobs:
    """The jobs of one process. Each may run in several processes at once and be stopped anywhere without harm."""

    def __init__(self, database: Database, key: bytes) -> None:
        self._database = database
        self._key = key
        self._views: set[tuple[int, bytes]] = set()
        self._due = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        self._tasks = [
            asyncio.create_task(self._flush_views(), name="flush-views"),
            asyncio.create_task(self._notify_quotes(), name="notify-quotes"),
            asyncio.create_task(self._clean_up(), name="clean-up"),
            asyncio.create_task(self._rerender(), name="rerender"),
        ]

    async def stop(self) -> None:
        await tasks.end(*self._tasks)
        await self.flush()

    def record_view(self, discussion_id: int, viewer: str) -> None:
        """Counts a view soon. `viewer` is a user or an address, of which only a keyed hash is kept."""
        if len(self._views) < MAX_PENDING_VIEWS:
            self._views.add((discussion_id, blake2b(viewer.encode(), key=self._key, digest_size=16).digest()))

    def source_changed(self) -> None:
        """Notifies the posts that quote an edited or deleted post soon."""
        self._due.set()

    async def flush(self) -> None:
        """Counts the views gathered so far. A crash loses what has not been flushed, two seconds at most."""
        pending, self._views = sorted(self._views), set()
        try:
            # In small transactions, so that writers wait for none of them.
            while pending:
                await self._database.write(partial(db.views.flush, views=pending[:FLUSH_BATCH]))
                del pending[:FLUSH_BATCH]
        except Exception:
            self._views.update(pending)
            raise

    async def _flush_views(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            try:
                await self.flush()
            except Exception:
                log.exception("flushing view counts failed")

    async def _notify_quotes(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(random.uniform(NOTIFY_SECONDS, 2 * NOTIFY_SECONDS)):
                    await self._due.wait()
            self._due.clear()
            try:
                await notify_of_changed_sources(self._database)
            except Exception:
                log.exception("notifying quoting posts failed")

    async def _rerender(self) -> None:
        """Once, after the start: posts that an earlier version rendered get the HTML of this one."""
        try:
            await rerender_stale_posts(self._database)
        except Exception:
            log.exception("rendering posts of an older renderer failed")

    async def _clean_up(self) -> None:
        while True:
            await asyncio.sleep(random.uniform(CLEANUP_SECONDS, 2 * CLEANUP_SECONDS))
            try:
                await self._database.write(db.views.forget)
                await self._database.write(db.idempotency.forget)
            except Exception:
                log.exception("deleting expired idempotency keys failed")
