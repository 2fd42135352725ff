"""Reads that belong to the process: whoever asked may leave, and the database may be away."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

import structlog

RETRY_SECONDS = 1.0

T = TypeVar("T")
log = structlog.get_logger(__name__)


class DetachedReads:
    """Runs reads to their end when whoever asked for them is cancelled: that would cost a connection."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    async def run(self, read: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """What the read gives, tried until the database answers."""

        async def kept() -> T:
            task = asyncio.create_task(read())
            self._running.add(task)
            task.add_done_callback(self._done)
            return await asyncio.shield(task)

        return await retry_until_success(kept)

    async def end(self) -> None:
        """Waits for those that still run."""
        if self._running:
            await asyncio.wait(self._running)

    def _done(self, read: asyncio.Task[Any]) -> None:
        self._running.discard(read)
        # Asked for here, because nobody else asks where the follower has left: asyncio would complain.
        if not read.cancelled():
            read.exception()


async def retry_until_success(read: Callable[[], Awaitable[T]]) -> T:
    """What a read gives, tried until the database answers."""
    failures = 0
    while True:
        try:
            return await read()
        except Exception:
            failures += 1
            if failures == 1:
                log.exception("the log can't be read, and is tried again")
            await asyncio.sleep(RETRY_SECONDS)
