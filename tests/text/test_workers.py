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


@pytest.mark.parametrize(
    ("text", "is_light"),
    [
        ("", True),
        ("Quite so, and it's *well-known*: see `this`.\n\n> And [that](/there).", True),
        ("Quite so, and it's well-known, no?", True),
        ("Ünd 我们 今天!", True),
        ("x" * 800, True),
        ("x" * 801, False),
        ("a.b " * 16, True),
        ("a.b " * 17, False),
        *[(f"so {sign} it is" * 17, False) for sign in "*_[]<>`@|~&#\\\t\n/"],
    ],
)
def test_only_short_texts_with_few_signs_are_worked_on_at_once(text: str, is_light: bool) -> None:
    thread = asyncio.run(workers.run_on(text, lambda: threading.current_thread().name))
    assert thread.startswith("text") != is_light


def test_the_exception_of_the_work_reaches_the_caller() -> None:
    with pytest.raises(ZeroDivisionError):
        asyncio.run(workers.run(divmod, 1, 0))


def test_the_work_of_one_client_runs_one_after_the_other_and_holds_up_nobody_else() -> None:
    free = threading.Event()
    running: list[str] = []

    def work(name: str) -> str:
        running.append(name)
        if name.startswith("long"):
            free.wait(30)
        return name

    async def on_behalf_of(client: str, name: str) -> str:
        workers.client.set(client)
        return await workers.run(work, name)

    async def main() -> None:
        long = [asyncio.create_task(on_behalf_of("one", f"long {number}")) for number in range(6)]
        for number in range(20):
            assert await on_behalf_of(f"other {number % 3}", "short") == "short"
        assert [name for name in running if name != "short"] == ["long 0"]
        # Neither does a caller who leaves give the turn to the next while the work goes on.
        long[0].cancel()
        long[1].cancel()
        assert await on_behalf_of("other", "short") == "short"
        assert "long 2" not in running
        free.set()
        done = await asyncio.gather(*long, return_exceptions=True)
        assert done[2:] == [f"long {number}" for number in range(2, 6)]
        assert "long 1" not in running

    try:
        asyncio.run(asyncio.wait_for(main(), 30))
    finally:
        free.set()


def test_work_uses_at_most_the_threads_of_the_pool() -> None:
    async def names() -> set[str]:
        def work() -> str:
            time.sleep(0.01)
            return threading.current_thread().name

        return set(await asyncio.gather(*(workers.run(work) for _ in range(10))))

    assert len(asyncio.run(names())) <= workers.MAX_THREADS
