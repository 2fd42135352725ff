"""CPU work on texts runs here: rendering, comparing quotes, and making search entries leave the event loop.

The threads are this module's own, so that no outside request (a key set, a webhook) can occupy them.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

MAX_THREADS = 2

_pool = ThreadPoolExecutor(MAX_THREADS, thread_name_prefix="text")


async def run(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Calls a function in one of the threads. Returns what it returns, and raises what it raises."""
    return await asyncio.get_running_loop().run_in_executor(_pool, partial(function, *args, **kwargs))
