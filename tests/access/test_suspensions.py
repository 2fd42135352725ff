"""The suspension monitor: what it finds at once, at the poll of an injected clock, and after a failed check."""

from typing import Any

import pytest
from structlog.testing import capture_logs

import db.users
from access.suspensions import RETRY_SECONDS, SuspensionMonitor
from db.database import Database
from db.rows import Row
from tests.support.waiting import eventually_async

pytestmark = pytest.mark.anyio

POLL_SECONDS = 60.0


class Clock:
    """Seconds that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def monitor_of(database: Database) -> tuple[SuspensionMonitor, Clock]:
    """A monitor whose task is not started: the test runs each check, and sets the clock. Its first poll is over."""
    clock = Clock()
    monitor = SuspensionMonitor(database, poll_seconds=(POLL_SECONDS, POLL_SECONDS), clock=clock)
    await monitor.check_due()
    return monitor, clock


async def add_user(database: Database, *, is_suspended: bool = False) -> int:
    user = db.users.Person("ada", "Ada", is_suspended=is_suspended)
    return await database.write(lambda tx: db.users.add_user(tx, user))


async def suspend(database: Database, user_id: int) -> None:
    await database.write(lambda tx: db.users.suspend_user(tx, user_id))


async def test_a_user_suspended_before_the_watch_began_is_found(database: Database) -> None:
    user, other = await add_user(database, is_suspended=True), await add_user(database)
    monitor, _ = await monitor_of(database)
    ended: list[str] = []
    releases = [monitor.watch(user, ended.append)]
    await monitor.check_due()
    assert ended == ["Suspended"]
    releases.append(monitor.watch(user, ended.append))
    releases[0]()
    monitor.watch(other, lambda _: ended.append("never"))
    await monitor.check_due()
    assert ended == ["Suspended"] * 2
    for release in [*releases, *releases]:
        release()
    assert monitor.watched == {other}


async def test_a_notified_suspension_is_found_without_a_poll(database: Database) -> None:
    user = await add_user(database)
    monitor, _ = await monitor_of(database)
    ended: list[str] = []
    monitor.watch(user, ended.append)
    await monitor.check_due()
    await suspend(database, user)
    await monitor.check_due()
    assert ended == []
    monitor.check_soon(user)
    await monitor.check_due()
    assert ended == ["Suspended"]


async def test_a_suspension_without_a_notification_is_found_by_the_poll(database: Database) -> None:
    user = await add_user(database)
    monitor, clock = await monitor_of(database)
    ended: list[str] = []
    monitor.watch(user, ended.append)
    await monitor.check_due()
    await suspend(database, user)
    clock.now = POLL_SECONDS - 1
    await monitor.check_due()
    assert ended == []
    clock.now = POLL_SECONDS
    await monitor.check_due()
    assert ended == ["Suspended"]


async def test_all_users_are_checked_after_notifications_were_lost(database: Database) -> None:
    user = await add_user(database)
    monitor, _ = await monitor_of(database)
    ended: list[str] = []
    monitor.watch(user, ended.append)
    await monitor.check_due()
    await suspend(database, user)
    monitor.check_all_soon()
    await monitor.check_due()
    assert ended == ["Suspended"]


async def test_a_failed_check_is_logged_once_and_retried(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    user = await add_user(database)
    monitor, clock = await monitor_of(database)
    ended: list[str] = []
    monitor.watch(user, ended.append)
    await suspend(database, user)

    async def fail(*_: object, **__: object) -> list[Row]:
        raise OSError("The database is away.")

    with capture_logs() as logs:
        with monkeypatch.context() as patched:
            patched.setattr(database, "rows", fail)
            for _ in range(3):
                await monitor.check_due()
                clock.now += RETRY_SECONDS
        await monitor.check_due()
    assert ended == ["Suspended"]
    assert [entry["log_level"] for entry in logs] == ["warning"]


async def test_a_failing_callback_does_not_keep_the_others_from_ending(database: Database) -> None:
    user = await add_user(database, is_suspended=True)
    monitor, _ = await monitor_of(database)
    ended: list[str] = []

    def fail(_: str) -> None:
        raise LookupError("A bug of ours.")

    monitor.watch(user, fail)
    monitor.watch(user, ended.append)
    with capture_logs() as logs:
        await monitor.check_due()
    assert ended == ["Suspended"]
    assert [entry["log_level"] for entry in logs] == ["error"]


async def test_the_running_task_checks_by_itself(database: Database) -> None:
    user = await add_user(database, is_suspended=True)
    monitor = SuspensionMonitor(database)
    found: list[Any] = []
    await monitor.start()
    try:
        monitor.watch(user, found.append)
        await eventually_async(lambda: bool(found), "the suspension to be found")
    finally:
        await monitor.stop()
