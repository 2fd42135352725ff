"""A server that is asked to end: clients are sent elsewhere over some seconds, and what has begun is finished."""

import asyncio
import os
import signal
import time
from contextlib import AsyncExitStack

import httpx2
import pytest

from tests.support.backends import Backend
from tests.support.http import people_of
from tests.support.servers import JWT_SECRET, Parley
from tests.support.waiting import eventually_async
from tests.support.websocket import EVENTS, following

pytestmark = pytest.mark.anyio

FOLLOWERS = 30


async def test_a_server_drains_before_it_ends(backend: Backend, tmp_path_factory: pytest.TempPathFactory) -> None:
    url = await asyncio.to_thread(backend.migrated_database)
    server = Parley.start(
        database_url=url, bus_url=backend.bus_url, folder=tmp_path_factory.mktemp("leaving"), jwt_secret=JWT_SECRET
    )
    try:
        with people_of(server) as people:
            ada = people()
            discussion = ada.start()
            async with AsyncExitStack() as stack:
                followers = [
                    await stack.enter_async_context(following(server, EVENTS, discussion)) for _ in range(FOLLOWERS)
                ]
                for follower in followers:
                    await follower.replayed()

                async def closed_after(at: int) -> tuple[int, float]:
                    return await followers[at].closed(), time.monotonic()

                os.kill(server.process_id, signal.SIGTERM)
                closing = [asyncio.create_task(closed_after(at)) for at in range(FOLLOWERS)]
                answer = await asyncio.to_thread(httpx2.get, f"{server.url}/readyz")
                assert (answer.status_code, answer.json()) == (503, {"ready": False, "draining": True})
                # Requests are answered to the end.
                await asyncio.to_thread(ada.reply, discussion)
                ends = await asyncio.gather(*closing)
            assert {code for code, _ in ends} == {1012}
            moments = sorted(at for _, at in ends)
            # Drawn over three seconds: thirty of them within one would be a wonder.
            assert moments[-1] - moments[0] > 1
        await eventually_async(lambda: server.has_ended, "its end")
        assert "Traceback" not in server.log()
    finally:
        server.stop()
