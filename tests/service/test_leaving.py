"""A server that is asked to end: clients are sent elsewhere over some seconds, and what has begun is finished."""

import asyncio
import os
import signal
import time
from contextlib import AsyncExitStack

import httpx2
import pytest

from tests.conftest import JWT_SECRET, Backend
from tests.servers import Parley
from tests.service.asking import people_of
from tests.service.following import EVENTS, following, until

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
                begun = time.monotonic()
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
        await until(lambda: server.has_ended, "its end", seconds=15 - (time.monotonic() - begun))
        assert "Traceback" not in server.log()
    finally:
        server.stop()
