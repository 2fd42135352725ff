"""Graceful shutdown: a first signal makes clients reconnect elsewhere over some seconds, then stops the server."""

import asyncio
import signal
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from types import FrameType
from typing import Any

SPREAD_SECONDS = 3.0
"""Over how long streams are ended, so that their clients do not all reconnect at once."""
PATIENCE_SECONDS = 4.0
"""How long running operations are then waited for, before the server stops."""
SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Draining:
    """Handles the signals that end a server before the server's own handlers do."""

    def __init__(self, leave: Callable[[float], Awaitable[None]]) -> None:
        """`leave(seconds)` ends all streams over that time, and waits for running operations."""
        self.begun = False
        """Whether a shutdown has begun, so that new clients should go elsewhere."""
        self._leave = leave
        self._handlers: dict[int, Any] = {}
        self._task: asyncio.Task[None] | None = None

    def install_signal_handlers(self) -> None:
        """Replaces the handlers of the server that runs on this event loop, if it has any."""
        if threading.current_thread() is not threading.main_thread():
            return
        loop = asyncio.get_running_loop()

        def handle(number: int, frame: FrameType | None) -> None:
            # Python calls this between any two instructions, so it only schedules. A second signal stops at once.
            if self.begun:
                self._handlers[number](number, frame)
            else:
                self.begun = True
                loop.call_soon_threadsafe(self._begin, number)

        for number in SIGNALS:
            handler = signal.getsignal(number)
            if callable(handler):
                self._handlers[number] = handler
                signal.signal(number, handle)

    def restore_signal_handlers(self) -> None:
        """Restores the server's handlers."""
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def _begin(self, number: int) -> None:
        self._task = asyncio.create_task(self._drain(number), name="draining")

    async def _drain(self, number: int) -> None:
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(SPREAD_SECONDS + PATIENCE_SECONDS):
                    await self._leave(SPREAD_SECONDS)
        finally:
            self._handlers[number](number, None)
