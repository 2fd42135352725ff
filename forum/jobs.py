"""Jobs beside the requests: view counts, notifications, the end of suspensions, rendering, indexing, cleaning up."""

import asyncio
import random
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import blake2b

import structlog

import db.idempotency
import db.networks
import db.viewer_events
import db.views
from db import tasks
from db.database import Database
from forum.decisions import DECISION_NOTICES
from forum.deletion_jobs import finish_jobs
from forum.deletions import purge_deleted_posts
from forum.projections import catch_up
from forum.quotes import notify_of_changed_sources
from forum.removals import finish_removals
from forum.rerendering import rerender_stale_posts
from forum.sanctions import lift_suspensions
from forum.use_cases import Forum
from forum.users import index_users

FLUSH_SECONDS = 2.0
NOTIFY_SECONDS = 5.0
FLUSH_BATCH = 100
FIRST_CLEANUP_SECONDS, CLEANUP_SECONDS = 60.0, 3600.0
DELETED_DAYS = 30
LIFT_SECONDS = 2.0
MAX_NOTED_NETWORKS = 10_000
"""More networks of suspended people than this are not noted in an hour."""
MAX_PENDING_VIEWS = 10_000
"""More views than this before a flush are not counted."""

log = structlog.get_logger(__name__)


class BackgroundJobs:
    """The jobs of one process. Each may run in several processes at once and be stopped anywhere without harm."""

    def __init__(
        self, database: Database, key: bytes, *, host: str | None = None, deleted_days: int = DELETED_DAYS
    ) -> None:
        """`host` is this server's, for links to its posts. Words of deleted posts are purged after `deleted_days`."""
        self._database = database
        self._host = host
        self._key = key
        self._deleted_days = deleted_days
        self._views: set[tuple[int, bytes]] = set()
        self._networks: set[tuple[int, bytes]] = set()
        """Users and hashes of their networks that are not written yet."""
        self._noted_networks: set[tuple[int, bytes]] = set()
        """Those that need not be written again in this hour."""
        self._due = asyncio.Event()
        self._unfinished = asyncio.Event()
        self._to_remove = asyncio.Event()
        self._acted = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        self._tasks = [
            asyncio.create_task(self._flush_views(), name="flush-views"),
            asyncio.create_task(self._notify_quotes(), name="notify-quotes"),
            asyncio.create_task(self._finish_deletions(), name="finish-deletions"),
            asyncio.create_task(self._notify_of_decisions(), name="notify-of-decisions"),
            asyncio.create_task(self._lift_suspensions(), name="lift-suspensions"),
            asyncio.create_task(self._finish_removals(), name="finish-removals"),
            asyncio.create_task(self._clean_up(), name="clean-up"),
            asyncio.create_task(self._rerender(), name="rerender"),
            asyncio.create_task(self._index_users(), name="index-users"),
        ]

    async def stop(self) -> None:
        await tasks.end(*self._tasks)
        await self.flush()

    def record_view(self, discussion_id: int, viewer: str) -> None:
        """Counts a view soon. `viewer` is a user or an address, of which only a keyed hash is kept."""
        if len(self._views) < MAX_PENDING_VIEWS:
            self._views.add((discussion_id, blake2b(viewer.encode(), key=self._key, digest_size=16).digest()))

    def record_network(self, user_id: int, network: str) -> None:
        """Notes soon that a suspended person came from a network, of which only a keyed hash is kept."""
        noted = user_id, db.networks.digest(network, key=self._key)
        if noted not in self._noted_networks and len(self._noted_networks) < MAX_NOTED_NETWORKS:
            self._noted_networks.add(noted)
            self._networks.add(noted)

    def source_changed(self) -> None:
        """Notifies the posts that quote an edited or deleted post soon, and goes on with a large discussion."""
        self._due.set()
        self._unfinished.set()
        self._to_remove.set()

    def moderators_acted(self) -> None:
        """Has those whom a decision concerns notified at once."""
        self._acted.set()

    async def flush(self) -> None:
        """Writes the networks and counts the views gathered so far. A crash loses two seconds of them at most."""
        networks, self._networks = self._networks, set()
        if networks:
            try:
                await self._database.write(partial(db.networks.see, seen=sorted(networks)))
            except Exception:
                self._networks.update(networks)
                raise
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

    async def _notify_of_decisions(self) -> None:
        while True:
            self._acted.clear()
            try:
                await catch_up(self._database, DECISION_NOTICES)
            except Exception:
                log.exception("notifying people of decisions failed")
            with suppress(TimeoutError):
                async with asyncio.timeout(random.uniform(NOTIFY_SECONDS, 2 * NOTIFY_SECONDS)):
                    await self._acted.wait()

    async def _finish_deletions(self) -> None:
        """Goes on with the large discussions that are deleted or restored, also those of a process that has ended."""
        forum = Forum(self._database, host=self._host)
        while True:
            try:
                finished = await finish_jobs(forum)
            except Exception:
                log.exception("deleting or restoring a large discussion failed")
            else:
                # Whoever quotes its posts is notified of what the steps have changed.
                if finished:
                    self._due.set()
            with suppress(TimeoutError):
                async with asyncio.timeout(random.uniform(NOTIFY_SECONDS, 2 * NOTIFY_SECONDS)):
                    await self._unfinished.wait()
            self._unfinished.clear()

    async def _lift_suspensions(self) -> None:
        while True:
            try:
                if lifted := await lift_suspensions(self._database):
                    log.info("suspensions are over", users=[f"U_{user_id}" for user_id in lifted])
            except Exception:
                log.exception("ending the suspensions whose time is over failed")
            await asyncio.sleep(random.uniform(LIFT_SECONDS, 2 * LIFT_SECONDS))

    async def _finish_removals(self) -> None:
        """Goes on with what people wrote that is removed or brought back, also by a process that has ended."""
        forum = Forum(self._database, host=self._host)
        while True:
            try:
                finished = await finish_removals(forum)
            except Exception:
                log.exception("removing posts or bringing them back failed")
            else:
                if finished:
                    self._due.set()
            with suppress(TimeoutError):
                async with asyncio.timeout(random.uniform(NOTIFY_SECONDS, 2 * NOTIFY_SECONDS)):
                    await self._to_remove.wait()
            self._to_remove.clear()

    async def _rerender(self) -> None:
        """Once, after the start: posts that an earlier version rendered get the HTML of this one."""
        try:
            await rerender_stale_posts(self._database, host=self._host)
        except Exception:
            log.exception("rendering posts of an older renderer failed")

    async def _index_users(self) -> None:
        """Once, after the start: people whom a version without the index has made can be found by name."""
        try:
            await index_users(self._database)
        except Exception:
            log.exception("indexing people failed")

    async def _clean_up(self) -> None:
        # Soon after the start, since a server may be restarted more often than this comes round.
        pause = FIRST_CLEANUP_SECONDS
        while True:
            await asyncio.sleep(random.uniform(pause, 2 * pause))
            try:
                await self.clean_up()
            except Exception:
                log.exception("deleting what has expired failed")
            pause = CLEANUP_SECONDS

    async def clean_up(self) -> None:
        """Deletes views, networks, idempotency keys and events of persons that have expired, purges deleted posts."""
        await self._database.write(db.views.forget)
        await self._database.write(db.networks.forget)
        self._noted_networks.clear()
        await self._database.write(db.idempotency.forget)
        while await self._database.write(db.viewer_events.trim):
            pass
        before = datetime.now(UTC) - timedelta(days=self._deleted_days)
        if purged := await purge_deleted_posts(self._database, before=before):
            log.info("purged the words of deleted posts", posts=purged)
