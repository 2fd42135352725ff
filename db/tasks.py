"""Ends tasks."""

import asyncio
from typing import Any

CANCEL_AGAIN_SECONDS = 1.0


async def end(*tasks: asyncio.Task[Any] | None) -> None:
    """Cancels tasks and returns once all have ended; None is skipped. Failures of the tasks are left to their owner.

    A task is cancelled again while it goes on: until Python 3.12, a cancellation is lost if what `asyncio.wait_for`
    waits for ends in the same turn of the loop, and redis sends every command in one.
    """
    running = {task for task in tasks if task is not None and not task.done()}
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=CANCEL_AGAIN_SECONDS)
