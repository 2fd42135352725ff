"""A server process hands the bus's notifications on to what they are for."""

import pytest
from starlette.applications import Starlette

import db.users
from access.suspensions import TOPIC, SuspensionMonitor
from app.process import Process
from app.settings import Settings
from tests.support.backends import Backend
from tests.support.waiting import eventually_async

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_a_notified_suspension_ends_a_session_without_a_poll(backend: Backend) -> None:
    process = Process(Settings(database_url=backend.migrated_database()))
    # Its clock stands still, so that no poll but the first comes.
    process.suspensions = SuspensionMonitor(process.database, clock=lambda: 0.0)
    ended: list[str] = []
    async with process.lifespan(Starlette()):
        user = await process.database.write(lambda tx: db.users.add_user(tx, db.users.Person("ada", "Ada")))
        process.suspensions.watch(user, ended.append)
        await process.database.write(lambda tx: db.users.suspend_user(tx, user))
        await process.bus.publish(TOPIC, user)
        await eventually_async(lambda: bool(ended), "the end of the session")
    assert ended[0] == "Suspended"
