"""Leaving in good order: a first signal sends clients elsewhere over some seconds, and only then stops the server."""

import asyncio
import signal
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from types import FrameType
from typing import Any

SPREAD_SECONDS = 3.0
"""Over how long streams are ended, so that those who come back do not all come at once."""
PATIENCE_SECONDS = 4.0
"""How long what has begun is then waited for, before the server is stopped with it."""
SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Draining:
    """Stands between the signals that end a server and the server's own handlers of them."""

    def __init__(self, leave: Callable[[float], Awaitable[None]]) -> None:
        """`leave(seconds)` ends all streams over that time, and waits for what has begun."""
        self.begun = False
        """Whether new clients had better go elsewhere."""
        self._leave = leave
        self._handlers: dict[int, Any] = {}
        self._task: asyncio.Task[None] | None = None

    def take_signals(self) -> None:
        """Takes the signals over from the server that runs on this event loop, where it handles any."""
        if threading.current_thread() is not threading.main_thread():
            return
        loop = asyncio.get_running_loop()

        def handle(number: int, frame: FrameType | None) -> None:
            # Python calls this between any two instructions, so the loop is only told; a second signal is no wish
            # for good order.
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

    def give_signals_back(self) -> None:
        """Undoes `take_signals`."""
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
