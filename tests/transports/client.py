"""A graphql-transport-ws client for tests: frames out, frames in, and nothing done for you."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import anyio
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.support.waiting import eventually as wait_until
from tests.transports.service import Service
from transports.websocket import PROTOCOL

ANSWER_SECONDS = 5


class Client:
    """One socket, and the frames that go over it."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def send(self, **frame: Any) -> None:
        await self.socket.send(json.dumps(frame))

    async def init(self, authorization: str | None = None) -> None:
        await self.send(type="connection_init", payload={"Authorization": authorization})
        assert await self.receive() == {"type": "connection_ack"}

    async def subscribe(self, query: str, operation_id: str = "1", **payload: Any) -> None:
        await self.send(type="subscribe", id=operation_id, payload={"query": query, **payload})

    async def receive(self) -> Any:
        with anyio.fail_after(ANSWER_SECONDS):
            frame = await self.socket.recv()
        assert isinstance(frame, str), "Frames are text, never binary."
        return json.loads(frame)

    async def closed(self) -> tuple[int, str]:
        """The code and reason of the server's close; frames before it are passed over."""
        with anyio.fail_after(ANSWER_SECONDS):
            with pytest.raises(ConnectionClosed) as closed:
                await self._drain()
        assert closed.value.rcvd is not None
        return closed.value.rcvd.code, closed.value.rcvd.reason

    async def _drain(self) -> None:
        while True:
            await self.socket.recv()


@asynccontextmanager
async def client(service: Service, **options: Any) -> AsyncIterator[Client]:
    """A socket on which nothing was said yet."""
    options = {"subprotocols": [Subprotocol(PROTOCOL)], "ping_interval": None} | options
    async with connect(service.ws_url, **options) as socket:
        yield Client(socket)


@asynccontextmanager
async def acknowledged(service: Service, authorization: str | None = None, **options: Any) -> AsyncIterator[Client]:
    """A socket whose init was acknowledged."""
    async with client(service, **options) as opened:
        await opened.init(authorization)
        yield opened


async def until(holds: Callable[[], bool], what: str) -> None:
    """Returns as soon as `holds()` is true."""
    await anyio.to_thread.run_sync(partial(wait_until, holds, seconds=ANSWER_SECONDS, what=what))
