"""The one waiter: for a condition, never for a duration."""

import time
from collections.abc import Callable
from functools import partial

import anyio

from tests.support.timeouts import SOON_SECONDS


def eventually(holds: Callable[[], bool], what: str, *, seconds: float = SOON_SECONDS) -> None:
    """Returns as soon as `holds()` is true. Raises TimeoutError, which names `what`, after `seconds`."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"Waited {seconds:g} s in vain for {what}.")
        time.sleep(0.01)


async def eventually_async(holds: Callable[[], bool], what: str, *, seconds: float = SOON_SECONDS) -> None:
    """Like `eventually`, in a thread, so that the event loop goes on meanwhile."""
    await anyio.to_thread.run_sync(partial(eventually, holds, what, seconds=seconds))
