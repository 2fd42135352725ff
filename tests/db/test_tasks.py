"""Tasks end, and so does what stops them, even if a cancellation is lost or a connection is still in use."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from access.budgets import CostBudgets
from access.limits import RateLimits
from access.rights import RightsMonitor
from db import drivers, tasks
from forum.jobs import BackgroundJobs
from live.bus import Bus
from live.follower import LogFollower
from live.presence import PresenceTracker
from tests.support.servers import PostgreSQL

pytestmark = pytest.mark.anyio


async def loses_a_cancellation(started: asyncio.Event) -> None:
    with suppress(asyncio.CancelledError):
        started.set()
        await asyncio.Event().wait()
    await asyncio.Event().wait()


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "CANCEL_AGAIN_SECONDS", 0.01)


async def losing() -> asyncio.Task[None]:
    started = asyncio.Event()
    task = asyncio.create_task(loses_a_cancellation(started))
    await started.wait()
    return task


async def test_tasks_that_lose_a_cancellation_end() -> None:
    lost = [await losing() for _ in range(3)]
    async with asyncio.timeout(5):
        await tasks.end(None, *lost)
    assert all(task.cancelled() for task in lost)


async def test_every_part_of_a_process_stops_though_its_tasks_lose_a_cancellation() -> None:
    database: Any = None
    hub: Any = None

    class Reader:
        async def end(self) -> None:
            pass

    reader: Any = Reader()
    budgets = CostBudgets(None, RateLimits())
    suspensions, follower = RightsMonitor(database), LogFollower(reader)
    presence = PresenceTracker(database, hub, Bus("memory://"), key=b"key")
    jobs = BackgroundJobs(database, b"key")
    lost = [await losing() for _ in range(5)]
    budgets._sharing, suspensions._checking, follower._poller, presence._upkeep, *jobs._tasks = lost
    try:
        async with asyncio.timeout(5):
            for part in (budgets, suspensions, follower, presence, jobs):
                await part.stop()
    finally:
        await tasks.end(*lost)


async def test_a_database_closes_though_a_connection_is_in_use(
    postgresql: PostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drivers, "CLOSE_SECONDS", 0.05)
    driver = drivers.driver(postgresql.new_database())
    await driver.open()
    async with asyncio.timeout(5):
        with suppress(Exception):
            async with driver.reader() as connection:
                await connection.ping()
                await driver.close()
