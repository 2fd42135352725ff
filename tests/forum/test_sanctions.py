"""Suspensions that end by themselves, once however many processes look; and networks, which are forgotten."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

import db.networks
import db.suspensions
from db.database import Database, Transaction
from db.kinds import AuditAction
from db.rows import IdRow
from db.statements import Statement
from db.tables import audit_entries, user_networks
from forum import sanctions
from forum.jobs import BackgroundJobs
from forum.use_cases import OPERATOR
from tests.db import feeds
from tests.support.backends import Backend

pytestmark = pytest.mark.anyio

NOW = datetime.now(UTC)
KEY = b"a key"
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
ACTIONS = Statement(select(audit_entries.c.id).where(audit_entries.c.action == AuditAction.UNSUSPEND_USER.value), IdRow)
NETWORKS = Statement(select(user_networks.c.user_id.label("id")).order_by(user_networks.c.user_id), IdRow)


async def suspended(database: Database, *, until: datetime | None) -> int:
    """Somebody who was suspended a day ago, until then."""
    user = await feeds.person(database)
    async with database.transaction(NOW - DAY) as tx:
        await sanctions.suspend_in(tx, OPERATOR, user, until, "Why.")
    return user


async def are_suspended(database: Database, *users: int) -> list[bool]:
    found = {row.user_id for row in await database.rows(db.suspensions.of_users, ids=list(users))}
    return [user in found for user in users]


async def test_only_suspensions_whose_time_is_over_end(database: Database) -> None:
    ends = (NOW - SECOND, NOW + DAY, None, NOW - DAY / 2)
    users = [await suspended(database, until=until) for until in ends]
    assert await are_suspended(database, *users) == [True] * 4
    assert sorted(await sanctions.lift_suspensions(database)) == sorted([users[0], users[3]])
    assert await are_suspended(database, *users) == [False, True, True, False]
    assert await sanctions.lift_suspensions(database) == []


async def test_several_processes_end_a_suspension_once(backend: Backend) -> None:
    url = backend.migrated_database()
    async with Database(url) as one, Database(url) as other:
        users = [await suspended(one, until=NOW - SECOND) for _ in range(8)]
        lifted = await asyncio.gather(*(sanctions.lift_suspensions(each) for each in (one, other) * 3))
        assert sorted(user for each in lifted for user in each) == sorted(users)
        assert len(await one.rows(ACTIONS)) == len(users)


async def test_a_suspension_that_was_prolonged_meanwhile_does_not_end(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    users = [await suspended(database, until=NOW - SECOND) for _ in range(3)]
    read = database.rows

    async def changed_meanwhile(*asked: object, **more: object) -> list[IdRow]:
        found: list[IdRow] = await read(*asked, **more)  # type: ignore[arg-type]
        monkeypatch.undo()
        await database.write(lambda tx: sanctions.suspend_in(tx, OPERATOR, users[0], NOW + DAY, None))
        await database.write(lambda tx: sanctions.unsuspend_in(tx, OPERATOR, users[1], None))
        return found

    monkeypatch.setattr(database, "rows", changed_meanwhile)
    assert await sanctions.lift_suspensions(database) == [users[2]]
    assert await are_suspended(database, *users) == [True, False, False]


async def test_who_is_being_erased_stays_suspended(database: Database) -> None:
    user = await suspended(database, until=NOW - SECOND)
    await database.write(lambda tx: sanctions.block_in(tx, user))
    assert await sanctions.lift_suspensions(database) == []
    assert await are_suspended(database, user) == [True]


async def test_a_network_is_written_once_in_an_hour_and_forgotten_in_time(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    users = [await feeds.person(database) for _ in range(2)]
    jobs = BackgroundJobs(database, KEY)
    writes = 0
    see = db.networks.see

    async def counted(tx: Transaction, seen: list[tuple[int, bytes]]) -> None:
        nonlocal writes
        writes += len(seen)
        await see(tx, seen)

    monkeypatch.setattr(db.networks, "see", counted)
    for _ in range(3):
        for user in users:
            jobs.record_network(user, "198.51.100.7")
        await jobs.flush()
    assert writes == 2
    await jobs.clean_up()
    jobs.record_network(users[0], "198.51.100.7")
    await jobs.flush()
    assert writes == 3
    # The one was seen again, the other not for a long time.
    async with database.transaction(datetime.now(UTC) - timedelta(days=db.networks.KEPT_DAYS, seconds=1)) as tx:
        await see(tx, [(users[1], db.networks.digest("198.51.100.7", key=KEY))])
    await jobs.clean_up()
    assert [row.id for row in await database.rows(NETWORKS)] == [users[0]]
