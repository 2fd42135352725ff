"""The threads for CPU work on text: rendering, comparing quotes, splitting a body into words for search.

Such work can take longer than a millisecond, which would delay everything else on the event loop. It has threads of
its own, so that it waits for no request to another server, such as the fetch of a key set in the loop's default pool.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

MAX_THREADS = 2
"""Python runs one thread's code at a time; the second lets short work pass while a long body is rendered."""

Result = TypeVar("Result")

_EXECUTOR = ThreadPoolExecutor(MAX_THREADS, thread_name_prefix="text")


async def run(function: Callable[..., Result], *args: object) -> Result:
    """Returns `function(*args)`, computed in a thread named "text". Raises what the function raises.

    If the caller is cancelled, work that has begun goes on to its end and its result is dropped.
    """
    return await asyncio.get_running_loop().run_in_executor(_EXECUTOR, function, *args)
