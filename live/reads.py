"""Reads that belong to the process: their caller may leave, and the database may be away."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping, Sequence
from typing import Any, TypeVar

import structlog

from db.database import Database
from db.events import LogHead, LogStatements
from db.rows import EventRow

RETRY_SECONDS = 1.0

T = TypeVar("T")
log = structlog.get_logger(__name__)


class DetachedReads:
    """Runs reads to their end if their caller is cancelled: a cancelled read would cost a database connection."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    async def run(self, read: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Returns what the read returns, repeated until the database answers."""

        async def detached() -> T:
            task = asyncio.create_task(read())
            self._running.add(task)
            task.add_done_callback(self._done)
            return await asyncio.shield(task)

        return await retry_until_success(detached)

    async def end(self) -> None:
        """Waits for the reads that still run."""
        if self._running:
            await asyncio.wait(self._running)

    def _done(self, read: asyncio.Task[Any]) -> None:
        self._running.discard(read)
        # Retrieved here, since nobody else does if the caller has left: asyncio would log an error.
        if not read.cancelled():
            read.exception()


class StatementReader:
    """Reads logs of one kind from the database, by the statements of that kind: see `live.follower.LogReader`."""

    def __init__(self, database: Database, statements: LogStatements) -> None:
        self._database = database
        self._statements = statements
        self._reads = DetachedReads()

    async def heads(self, log_ids: Collection[int]) -> Mapping[int, LogHead]:
        """Returns the heads of these logs by log id, without those that do not exist."""
        ids = list(log_ids)
        rows = await self._reads.run(lambda: self._database.rows(self._statements.heads, log_ids=ids))
        return {row.log_id: row for row in rows}

    async def events(self, log_id: int, number: int, limit: int) -> Sequence[EventRow]:
        """Returns the events of a log from `number` on, the event of that number included."""
        return await self._reads.run(
            lambda: self._database.rows(self._statements.events, log_id=log_id, number=number, limit=limit)
        )

    async def diverged(self, fingerprints: Collection[str]) -> Collection[int]:
        """Returns the ids of the logs whose heads differ from these fingerprints."""
        if not fingerprints:
            return []
        known = list(fingerprints)
        rows = await self._reads.run(lambda: self._database.rows(self._statements.diverged, fingerprints=known))
        return [row.id for row in rows]

    async def end(self) -> None:
        """Waits for the reads that still run."""
        await self._reads.end()


async def retry_until_success(read: Callable[[], Awaitable[T]]) -> T:
    """Returns what the read returns, repeated until it raises nothing. Logs its first failure alone."""
    failures = 0
    while True:
        try:
            return await read()
        except Exception:
            failures += 1
            if failures == 1:
                log.exception("reading a log failed, retrying")
            await asyncio.sleep(RETRY_SECONDS)
