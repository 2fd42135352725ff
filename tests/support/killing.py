"""Runs work in a child process that kills itself, as by `kill -9`, before one of its steps.

The steps are the statements that it sends to its database, and those that it names itself by `step()`.
"""

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

from db import drivers
from db.sqlite_writer import SQLiteTransaction

_context = multiprocessing.get_context("forkserver")
_left = 0
"""How many steps the child takes yet; 0 for all there are."""


async def run(work: Callable[..., Coroutine[Any, Any, None]], *arguments: object, kill_before: int = 0) -> bool:
    """Runs `work`, a function of a module, in a child. Returns True if it was killed before that step, counted from 1.

    Raises RuntimeError if it failed by itself.
    """
    process = _context.Process(target=_run, args=(work, arguments, kill_before))
    process.start()
    await asyncio.to_thread(process.join)
    if process.exitcode not in (0, -signal.SIGKILL):
        raise RuntimeError(f"The child ended with {process.exitcode}.")
    return process.exitcode != 0


def step() -> None:
    """Counts a step; the child dies here if it is the one."""
    global _left  # noqa: PLW0603 - one count for the whole child.
    _left -= 1
    if _left == 0:
        os.kill(os.getpid(), signal.SIGKILL)


def _run(work: Callable[..., Coroutine[Any, Any, None]], arguments: tuple[object, ...], kill_before: int) -> None:
    global _left  # noqa: PLW0603 - see above.
    _left = kill_before
    for kind in (drivers._SQLiteConnection, SQLiteTransaction, drivers._PostgreSQLConnection):
        for name in ("rows", "run", "commit"):
            if hasattr(kind, name):
                setattr(kind, name, _counted(getattr(kind, name)))
    asyncio.run(work(*arguments))


def _counted(method: Callable[..., Coroutine[Any, Any, Any]]) -> Callable[..., Coroutine[Any, Any, Any]]:
    @wraps(method)
    async def counted(*arguments: Any, **parameters: Any) -> Any:
        step()
        return await method(*arguments, **parameters)

    return counted
