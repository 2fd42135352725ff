"""CPU work on text runs in threads of its own."""

import asyncio
import threading
import time

import pytest

from text import workers


def test_work_runs_in_a_text_thread_and_returns_its_result() -> None:
    def work(name: str) -> tuple[str, str]:
        return name, threading.current_thread().name

    name, thread = asyncio.run(workers.run(work, "rendered"))
    assert name == "rendered"
    assert thread.startswith("text")


def test_the_exception_of_the_work_reaches_the_caller() -> None:
    with pytest.raises(ZeroDivisionError):
        asyncio.run(workers.run(divmod, 1, 0))


def test_work_uses_at_most_the_threads_of_the_pool() -> None:
    async def names() -> set[str]:
        def work() -> str:
            time.sleep(0.01)
            return threading.current_thread().name

        return set(await asyncio.gather(*(workers.run(work) for _ in range(10))))

    assert len(asyncio.run(names())) <= workers.MAX_THREADS
