"""A server process hands the bus's notifications on to what they are for."""

import asyncio

import pytest
from starlette.applications import Starlette

import db.feed
import db.users
from access.rights import TOPIC, RightsMonitor
from app.process import Process
from app.settings import Settings
from forum.discussions import LockDiscussion, lock_discussion
from forum.use_cases import Actor, Forum
from tests.db import feeds, logs
from tests.live.services import OFTEN
from tests.support.backends import Backend
from tests.support.waiting import eventually_async

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_a_notified_suspension_ends_a_session_without_a_poll(backend: Backend) -> None:
    process = Process(Settings(database_url=backend.migrated_database()))
    # Its clock stands still, so that no poll but the first comes.
    process.rights = RightsMonitor(process.database, clock=lambda: 0.0)
    ended: list[str] = []
    async with process.lifespan(Starlette()):
        user = await process.database.write(lambda tx: db.users.add_user(tx, db.users.Person("ada", "Ada")))
        process.rights.watch(user, "member", lambda: ended.append("Changed"))
        await process.database.write(lambda tx: db.users.suspend_user(tx, user))
        await process.bus.publish(TOPIC, user)
        await eventually_async(lambda: bool(ended), "the end of the session")
    # The watch itself looks once, too.
    assert set(ended) == {"Changed"}


async def test_acts_of_moderators_do_not_stay_in_the_outbox(backend: Backend) -> None:
    process = Process(Settings(database_url=backend.migrated_database()))
    process.moderation._poll_seconds = OFTEN
    async with process.lifespan(Starlette()):
        discussion = await logs.discussion(process.database)
        moderator = Actor(await feeds.person(process.database), is_moderator=True)
        await lock_discussion(Forum(process.database), moderator, LockDiscussion(discussion_id=discussion))

        async def is_sequenced() -> bool:
            (head,) = await process.database.rows(db.feed.moderation.head)
            return (head.last_event, head.pending) == (1, False)

        async with asyncio.timeout(20):
            while not await is_sequenced():
                await asyncio.sleep(0.01)
