"""The rights monitor: what it finds at once, at the poll of an injected clock, and after a failed check."""

from collections.abc import Awaitable, Callable
from functools import partial

import pytest
from structlog.testing import capture_logs

import db.erasure
import db.users
from access.rights import RETRY_SECONDS, RightsMonitor
from access.viewer import Role
from db.database import Database, Transaction
from db.kinds import AuthorRole
from db.rows import Row
from tests.support.waiting import eventually_async

pytestmark = pytest.mark.anyio

POLL_SECONDS = 60.0
CHANGED = "Changed"
Change = Callable[..., Awaitable[None]]


class Clock:
    """Seconds that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def monitor_of(database: Database) -> tuple[RightsMonitor, Clock]:
    """A monitor whose task is not started: the test runs each check, and sets the clock. Its first poll is over."""
    clock = Clock()
    monitor = RightsMonitor(database, poll_seconds=(POLL_SECONDS, POLL_SECONDS), clock=clock)
    await monitor.check_due()
    return monitor, clock


async def add_user(
    database: Database, *, is_suspended: bool = False, is_guest: bool = False, role: AuthorRole = AuthorRole.MEMBER
) -> int:
    user = db.users.Person("ada", "Ada", is_suspended=is_suspended, is_guest=is_guest, role=role)
    return await database.write(lambda tx: db.users.add_user(tx, user))


async def suspend(database: Database, user_id: int) -> None:
    await database.write(lambda tx: db.users.suspend_user(tx, user_id))


async def erase(tx: Transaction, user_id: int) -> None:
    await tx.run(db.erasure.blank_user, user=user_id, handle="erased-1", at=tx.at)


async def give(tx: Transaction, user_id: int, role: AuthorRole) -> None:
    await db.users.give_role(tx, user_id, role)


CHANGES: list[tuple[Role, AuthorRole, bool, Change, bool]] = [
    ("member", AuthorRole.MEMBER, False, db.users.suspend_user, True),
    ("guest", AuthorRole.MEMBER, False, db.users.suspend_user, True),
    ("moderator", AuthorRole.MODERATOR, False, db.users.suspend_user, True),
    ("suspended", AuthorRole.MEMBER, True, db.users.unsuspend_user, True),
    ("suspended", AuthorRole.MODERATOR, True, db.users.unsuspend_user, True),
    ("suspended", AuthorRole.MEMBER, True, erase, True),
    ("member", AuthorRole.MEMBER, False, partial(give, role=AuthorRole.MODERATOR), True),
    ("moderator", AuthorRole.MODERATOR, False, partial(give, role=AuthorRole.MEMBER), True),
    ("moderator", AuthorRole.MODERATOR, False, partial(give, role=AuthorRole.APPLICATION), True),
    # An application has the rights of a member, and who is suspended has those of no role.
    ("member", AuthorRole.MEMBER, False, partial(give, role=AuthorRole.APPLICATION), False),
    ("suspended", AuthorRole.MEMBER, True, partial(give, role=AuthorRole.MODERATOR), False),
    ("suspended", AuthorRole.MEMBER, True, db.users.suspend_user, False),
]


@pytest.mark.parametrize(("role", "of_row", "is_suspended", "change", "is_found"), CHANGES)
async def test_other_rights_end_a_watch_and_no_others(
    database: Database, role: Role, of_row: AuthorRole, change: Change, *, is_suspended: bool, is_found: bool
) -> None:
    user = await add_user(database, is_suspended=is_suspended, is_guest=role == "guest", role=of_row)
    other = await add_user(database)
    monitor, _ = await monitor_of(database)
    ended: list[str] = []
    monitor.watch(user, role, lambda: ended.append(CHANGED))
    monitor.watch(other, "member", lambda: ended.append("never"))
    await monitor.check_due()
    assert ended == []
    await database.write(partial(change, user_id=user))
    monitor.check_all_soon()
    await monitor.check_due()
    assert ended == [CHANGED] * is_found


async def test_a_user_suspended_before_the_watch_began_is_found(database: Database) -> None:
    user, other = await add_user(database, is_suspended=True), await add_user(database)
    monitor, _ = await monitor_of(database)
    ended: list[str] = []
    releases = [monitor.watch(user, "member", lambda: ended.append(CHANGED))]
    await monitor.check_due()
    assert ended == [CHANGED]
    releases.append(monitor.watch(user, "member", lambda: ended.append(CHANGED)))
    releases[0]()
    monitor.watch(other, "member", lambda: ended.append("never"))
    await monitor.check_due()
    assert ended == [CHANGED] * 2
    for release in [*releases, *releases]:
        release()
    assert monitor.watched == {other}


async def test_a_notified_suspension_is_found_without_a_poll(database: Database) -> None:
    user = await add_user(database)
    monitor, _ = await monitor_of(database)
    ended: list[str] = []
    monitor.watch(user, "member", lambda: ended.append(CHANGED))
    await monitor.check_due()
    await suspend(database, user)
    await monitor.check_due()
    assert ended == []
    monitor.check_soon(user)
    await monitor.check_due()
    assert ended == [CHANGED]


async def test_a_suspension_without_a_notification_is_found_by_the_poll(database: Database) -> None:
    user = await add_user(database)
    monitor, clock = await monitor_of(database)
    ended: list[str] = []
    monitor.watch(user, "member", lambda: ended.append(CHANGED))
    await monitor.check_due()
    await suspend(database, user)
    clock.now = POLL_SECONDS - 1
    await monitor.check_due()
    assert ended == []
    clock.now = POLL_SECONDS
    await monitor.check_due()
    assert ended == [CHANGED]


async def test_a_check_of_all_that_is_wanted_during_one_is_not_lost(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = await add_user(database)
    monitor, _ = await monitor_of(database)
    ended: list[str] = []
    monitor.watch(user, "member", lambda: ended.append(CHANGED))
    read = database.rows

    async def changed_meanwhile(*asked: object, **more: object) -> list[Row]:
        found: list[Row] = await read(*asked, **more)  # type: ignore[arg-type]
        await suspend(database, user)
        monitor.check_all_soon()
        return found

    monitor.check_all_soon()
    with monkeypatch.context() as patched:
        patched.setattr(database, "rows", changed_meanwhile)
        await monitor.check_due()
    assert ended == []
    await monitor.check_due()
    assert ended == [CHANGED]


async def test_a_watch_that_is_released_during_a_check_is_not_called(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = await add_user(database, is_suspended=True)
    monitor, _ = await monitor_of(database)
    ended: list[str] = []
    release = monitor.watch(user, "member", lambda: ended.append(CHANGED))
    monitor.watch(user, "suspended", lambda: ended.append("never"))
    read = database.rows

    async def released_meanwhile(*asked: object, **more: object) -> list[Row]:
        release()
        return await read(*asked, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(database, "rows", released_meanwhile)
    await monitor.check_due()
    assert ended == []


async def test_a_failed_check_is_logged_once_and_retried(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    user = await add_user(database)
    monitor, clock = await monitor_of(database)
    ended: list[str] = []
    monitor.watch(user, "member", lambda: ended.append(CHANGED))
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
    assert ended == [CHANGED]
    assert [entry["log_level"] for entry in logs] == ["warning"]


async def test_a_failing_callback_does_not_keep_the_others_from_ending(database: Database) -> None:
    user = await add_user(database, is_suspended=True)
    monitor, _ = await monitor_of(database)
    ended: list[str] = []

    def fail() -> None:
        raise LookupError("A bug of ours.")

    monitor.watch(user, "member", fail)
    monitor.watch(user, "member", lambda: ended.append(CHANGED))
    with capture_logs() as logs:
        await monitor.check_due()
    assert ended == [CHANGED]
    assert [entry["log_level"] for entry in logs] == ["error"]


async def test_the_running_task_checks_by_itself(database: Database) -> None:
    user = await add_user(database, is_suspended=True)
    monitor = RightsMonitor(database)
    found: list[str] = []
    await monitor.start()
    try:
        monitor.watch(user, "member", lambda: found.append(CHANGED))
        await eventually_async(lambda: bool(found), "the suspension to be found")
    finally:
        await monitor.stop()
