"""Counts of a process say what those of `limits` say, and forget what has expired, at the same cost for any count."""

import asyncio
import time
from random import Random
from typing import Any

import pytest
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter, MovingWindowRateLimiter

from access.counts import ProcessCounts

pytestmark = pytest.mark.anyio

KINDS = [MovingWindowRateLimiter, FixedWindowRateLimiter]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1_800_000_000.0]
    monkeypatch.setattr(time, "time", lambda: now[0])
    return now


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(5))
async def test_it_counts_as_the_storage_of_limits(kind: Any, seed: int, clock: list[float]) -> None:
    drawn = Random(seed)
    ours, theirs = kind(ProcessCounts()), kind(MemoryStorage())
    items = [RateLimitItemPerMinute(amount) for amount in (1, 3, 20)]
    allowed = 0
    for _ in range(400):
        clock[0] += drawn.choice([0, 0, 0.5, 3, 40])
        item, key, cost = drawn.choice(items), drawn.choice("abcdef"), drawn.choice([1, 1, 2, 25])
        found = [await limiter.hit(item, key, cost=cost) for limiter in (ours, theirs)]
        # That one forgets in a task.
        await asyncio.sleep(0)
        allowed += found[0]
        assert found[0] == found[1]
        assert await ours.test(item, key, cost=cost) == await theirs.test(item, key, cost=cost)
    assert 20 < allowed < 380


@pytest.mark.parametrize("kind", KINDS)
async def test_it_forgets_what_has_expired(kind: Any, clock: list[float]) -> None:
    storage = ProcessCounts()
    limiter = kind(storage)
    for number in range(1_000):
        assert await limiter.hit(RateLimitItemPerMinute(5), str(number))
    clock[0] += 61
    for _ in range(1_000):
        await limiter.hit(RateLimitItemPerMinute(5), "still here")
    assert len(storage.events) + len(storage.storage) + len(storage.expirations) <= 2


async def test_counting_starts_no_task_and_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("A count takes nothing but its turn.")

    for name in ("create_task", "to_thread"):
        monkeypatch.setattr(asyncio, name, refuse)
    for kind in KINDS:
        assert await kind(ProcessCounts()).hit(RateLimitItemPerMinute(5), "key")
