"""Writes that are under way in this process: the same request twice at the same time runs once."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")


class SingleFlight:
    """Runs by what they do. A duplicate costs no preparation, and does not count towards the write limits."""

    def __init__(self) -> None:
        self._tasks: dict[Hashable, asyncio.Task[Any]] = {}

    async def share(self, key: Hashable, work: Callable[[], Awaitable[T]]) -> T:
        """What `work` gives, or the run of the same key under way. Whoever awaits may be cancelled; the run is not."""
        task = self._tasks.get(key)
        if task is None:
            task = self._tasks[key] = asyncio.ensure_future(work())
            task.add_done_callback(lambda _: self._tasks.pop(key))
        result: T = await asyncio.shield(task)
        return result
