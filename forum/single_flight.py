"""Writes under way in this process: the same request twice at the same time runs once."""

import asyncio
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")


class SingleFlight:
    """Running tasks by key. A duplicate joins the running task, so it costs nothing and no write limit counts it."""

    def __init__(self) -> None:
        self._running: dict[Hashable, asyncio.Task[Any]] = {}

    def do(self, key: Hashable, start: Callable[[], asyncio.Task[T]]) -> asyncio.Task[T]:
        """Returns the running task of this key, or starts one."""
        task = self._running.get(key)
        if task is None:
            task = self._running[key] = start()
            task.add_done_callback(lambda _: self._running.pop(key))
        return task

    def is_running(self, key: Hashable) -> bool:
        """Whether `do` would join a running task."""
        return key in self._running
