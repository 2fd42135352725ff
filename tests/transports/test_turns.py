"""The frames of one websocket leave turns to others, and are read at a rate of CPU time."""

import asyncio
from itertools import pairwise

import anyio
import httpx2
import pytest
import strawberry
from starlette.types import Message

from execution.engine import Engine
from tests.transports.client import acknowledged
from tests.transports.service import Query, Service
from transports.connection import ConnectionLimits, FrameRate, GraphQLConnection
from transports.pings import PingScheduler

pytestmark = pytest.mark.anyio

INIT = '{"type":"connection_init"}'
INVALID = '{"type":"subscribe","id":"1","payload":{"query":"{ nothing }"}}'
PING = '{"type":"ping"}'
PONG = '{"type":"pong"}'


async def test_frame_rate_delays_frames_whose_reading_took_long_to_the_next_second() -> None:
    now = cpu = 100.0
    rate = FrameRate(100, lambda: now, work_per_second=0.1, cpu_clock=lambda: cpu)

    def delay(work: float) -> float:
        nonlocal cpu
        with rate.working():
            cpu += work
        return rate.delay()

    assert [delay(0.03) for _ in range(4)] == [0, 0, 0, 1]
    now = 101.0
    # One frame may take longer, and the next waits.
    assert delay(0.5) == 0
    assert delay(0) == 0
    now = 101.5
    assert delay(0.5) == 0.5
    now = 102.0
    assert delay(0) == 0


@pytest.mark.parametrize("frame", [INVALID, PING, PONG], ids=["a refused document", "a ping", "a pong"])
async def test_frames_that_have_arrived_give_others_a_turn_after_each(frame: str) -> None:
    turns, seen = 0, list[int]()
    frames = [*([INIT] if frame == INVALID else []), *[frame] * 50]

    async def receive() -> Message:
        seen.append(turns)
        if len(seen) > len(frames):
            return {"type": "websocket.disconnect"}
        return {"type": "websocket.receive", "text": frames[len(seen) - 1]}

    async def send(_message: Message) -> None:
        """Waits for nothing, as a socket that takes what is written."""

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    service = Service()
    connection = GraphQLConnection(
        Engine(strawberry.Schema(Query)),
        lambda authorization: service.identify(authorization, "192.0.2.1"),
        receive,
        send,
        limits=ConnectionLimits(work_per_second=1_000.0),
        pings=PingScheduler(25),
    )
    service.loop = asyncio.get_running_loop()
    other = asyncio.create_task(others())
    await connection.serve()
    other.cancel()
    assert len(seen) == len(frames) + 1
    assert all(after > before for before, after in pairwise(seen))


async def test_others_are_answered_while_one_socket_sends_documents_that_are_refused(service: Service) -> None:
    refused = " ".join(f"f{number}" for number in range(1_500))
    async with acknowledged(service) as opened, httpx2.AsyncClient() as others:
        answered = 0
        answered_before: list[int] = []

        async def receive() -> None:
            for _ in range(10):
                assert (await opened.receive())["type"] == "error"
                answered_before.append(answered)

        async with anyio.create_task_group() as tasks:
            for number in range(10):
                await opened.subscribe(f"{{ {refused} }}", str(number))
            tasks.start_soon(receive)
            while len(answered_before) < 10:
                answer = await others.get(service.url, params={"query": "{ __typename }"})
                assert answer.status_code == 200
                answered += 1
        # Handled in one go, all frames would be answered before the second request.
        assert answered_before[-1] - answered_before[0] >= 3
