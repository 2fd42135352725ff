"""Watches the event loop of a server: a test fails if one callback kept all others waiting for too long.

Measured is the processor time that the loop's thread used while a callback of the watchdog was ready to run, so what
other processes of a busy machine take does not count.
"""

import asyncio
import os
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn

MAX_BLOCKED_SECONDS = 0.15
"""How long the loop may compute before it turns to the next callback, in seconds of processor time: half as much again
as the 100 ms that nothing may take, since a shared processor takes longer for the same work."""
PAUSE_SECONDS = 0.02
"""Between two looks."""


def watch_servers(folder: Path) -> None:
    """From now on each server of this process notes in `folder` what blocked its event loop, while it serves."""
    serve = uvicorn.Server.main_loop

    async def main_loop(self: uvicorn.Server) -> None:
        with watched(asyncio.get_running_loop(), folder):
            await serve(self)

    uvicorn.Server.main_loop = main_loop  # type: ignore[method-assign]


def blocked(folder: Path) -> list[str]:
    """What was noted since the last call: how long, and where the loop was."""
    found = []
    for path in sorted(folder.glob("*.txt")):
        found.append(path.read_text())
        path.unlink()
    return found


@contextmanager
def watched(loop: asyncio.AbstractEventLoop, folder: Path) -> Iterator[None]:
    """Watches the running loop of this thread until the block ends."""
    ended = threading.Event()
    watching = threading.Thread(target=_watch, args=(loop, threading.get_ident(), folder, ended), daemon=True)
    watching.start()
    try:
        yield
    finally:
        ended.set()


def _watch(loop: asyncio.AbstractEventLoop, thread: int, folder: Path, ended: threading.Event) -> None:
    clock = time.pthread_getcpuclockid(thread)
    noted = 0
    while not ended.wait(PAUSE_SECONDS):
        answered = threading.Event()
        answers: list[float] = []

        def answer(answers: list[float] = answers, answered: threading.Event = answered) -> None:
            answers.append(time.clock_gettime(clock))
            answered.set()

        begun = time.clock_gettime(clock)
        try:
            loop.call_soon_threadsafe(answer)
        except RuntimeError:
            return  # The loop is closed.
        stack = ""
        while not answered.wait(PAUSE_SECONDS):
            if ended.is_set():
                return
            if not stack and time.clock_gettime(clock) - begun > MAX_BLOCKED_SECONDS / 2:
                stack = _stack(sys._current_frames().get(thread))
        seconds = answers[0] - begun
        if seconds > MAX_BLOCKED_SECONDS:
            noted += 1
            written = folder / f"{os.getpid()}-{noted}.part"
            written.write_text(f"The event loop was blocked for {1000 * seconds:.0f} ms of processor time.\n{stack}")
            written.rename(written.with_suffix(".txt"))


def _stack(frame: Any) -> str:
    return "".join(traceback.format_stack(frame)[-14:]) if frame is not None else ""
