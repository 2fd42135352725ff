"""The threads for CPU work on text: rendering, comparing quotes, splitting a body into words for search.

Such work can take longer than a millisecond, which would delay everything else on the event loop. It has threads of
its own, so that it waits for no request to another server, such as a look-up in the loop's default pool.
"""

import asyncio
import re
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from contextvars import ContextVar
from typing import TypeVar
from weakref import WeakValueDictionary

MAX_THREADS = 2
"""Python runs one thread's code at a time; the second lets short work pass while a long body is rendered."""

Result = TypeVar("Result")

client: ContextVar[str | None] = ContextVar("client", default=None)
"""For whom a task works. Of one client, one piece of work runs at a time, so that others are not delayed."""
_turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
_EXECUTOR = ThreadPoolExecutor(MAX_THREADS, thread_name_prefix="text")


LIGHT_CHARACTERS = 800
LIGHT_SIGNS = 16
_SIGN = re.compile(r"[^\w ,;!?'.-]|_|\.(?! |\n|$)")
"""What Markdown may be made of; a dot inside a word, because it may be that of an address."""


async def run_on(text: str, function: Callable[..., Result], *args: object) -> Result:
    """As `run`, but at once for a text that is light work: a thread would cost more."""
    return function(*args) if is_light(text) else await run(function, *args)


def is_light(text: str) -> bool:
    """Whether a text is surely read, rendered and indexed in about a millisecond: a short one with few signs.

    The worst of thousands of random texts like that took 1.7 ms, ordinary ones a quarter of it.
    """
    return len(text) <= LIGHT_CHARACTERS and len(_SIGN.findall(text)) <= LIGHT_SIGNS


async def run(function: Callable[..., Result], *args: object) -> Result:
    """Returns `function(*args)`, computed in a thread named "text". Raises what the function raises.

    If the caller is cancelled, work that has begun goes on to its end and its result is dropped.
    """
    of_client = client.get()
    if of_client is None:
        return await asyncio.wrap_future(_EXECUTOR.submit(function, *args))
    turn = _turns.setdefault(of_client, asyncio.Lock())
    await turn.acquire()
    try:
        job = _EXECUTOR.submit(function, *args)
    except BaseException:
        turn.release()
        raise
    loop = asyncio.get_running_loop()

    def pass_on(_job: Future[Result]) -> None:
        # A loop that is closed has nobody left who waits.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(turn.release)

    # After the work itself, not after its caller, who may be cancelled earlier.
    job.add_done_callback(pass_on)
    return await asyncio.wrap_future(job)
