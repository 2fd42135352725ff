"""A subscription's answer over plain HTTP: its order, whichever way its results are written."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from execution.results import Burst, Item
from execution.streams import Sink
from tests.transports.client import until
from transports.protocol import WRITER
from transports.sse import EventStream
from transports.streams import StreamLimits, Streams
from transports.subscriptions import SubscriptionResponse

pytestmark = pytest.mark.anyio

A, B, C, D = (Burst([Item(b"%d" % number, f"n{number}")]) for number in range(4))


class Connection:
    """An ASGI server's side: what came, in order, and a client that can be made to take nothing."""

    def __init__(self) -> None:
        self.came: list[bytes] = []
        self.waiting = 0
        self.takes = True
        self.resumed = asyncio.Event()
        self.resumed.set()

    def stop(self) -> None:
        """The client takes nothing: what is sent waits within `send`."""
        self.takes = False
        self.resumed.clear()

    def write_chunk(self, chunk: bytes) -> bool:
        if self.takes:
            self.came.append(chunk)
        return self.takes

    def abort(self) -> None:
        raise AssertionError("Nobody is gone.")

    async def send(self, message: MutableMapping[str, Any]) -> None:
        self.waiting += 1
        await self.resumed.wait()
        self.waiting -= 1
        if body := message.get("body"):
            self.came.append(b"%x\r\n%b\r\n" % (len(body), body))

    def receive(self) -> Awaitable[MutableMapping[str, Any]]:
        return asyncio.get_running_loop().create_future()

    def numbers(self) -> list[bytes]:
        return [chunk.split(b"data: ")[1].split(b"\n")[0] for chunk in self.came if b"event: next" in chunk]

    def positions(self) -> list[str]:
        """The ids of all events, each once where it follows itself."""
        ids = re.findall(rb"id: (\S+)\n", b"".join(self.came))
        return [one.decode() for one, before in zip(ids, [None, *ids], strict=False) if one != before]


@asynccontextmanager
async def opened(connection: Connection, framing: EventStream, limits: StreamLimits) -> AsyncIterator[Sink]:
    """The sink of a subscription over a connection; it completes at the end of the block."""
    sinks: list[Sink] = []
    ended = asyncio.Event()

    async def deliver(sink: Sink) -> None:
        sinks.append(sink)
        await ended.wait()

    following = SubscriptionResponse(
        framing, deliver, Streams(limits), network="127.0.0.1", on_revoked=lambda _: lambda: None
    )
    scope = {"type": "http", "extensions": {WRITER: {"writer": connection}}}
    call = asyncio.create_task(following(scope, connection.receive, connection.send))
    await until(lambda: bool(sinks), "the stream to begin")
    yield sinks[0]
    ended.set()
    await call


async def test_direct_writes_never_overtake_what_waits_in_the_server() -> None:
    connection = Connection()
    async with opened(connection, EventStream(is_event_source=False), StreamLimits()) as sink:
        assert sink.write(A)
        assert connection.numbers() == [b"0"]
        connection.stop()
        assert sink.write(B)
        await until(lambda: connection.waiting == 1, "the pump to have taken it up")
        # It takes again, but `send` has not yet heard of it.
        connection.takes = True
        assert sink.write(C)
        assert connection.numbers() == [b"0"]
        connection.resumed.set()
        await sink.drained()
        assert sink.write(D)
        assert connection.numbers() == [b"0", b"1", b"2", b"3"]
        assert connection.came[-1] == b"1c\r\nid: n3\nevent: next\ndata: 3\n\n\r\n"
    assert connection.came[-1].endswith(b"event: complete\ndata:\n\n\r\n")


async def test_no_heartbeat_comes_after_an_item_that_is_newer_than_it() -> None:
    connection = Connection()
    async with opened(connection, EventStream(is_event_source=True), StreamLimits(heartbeat_seconds=0.001)) as sink:
        sink.begin("before")
        await until(lambda: b"id: before\nevent: heartbeat" in b"".join(connection.came), "a heartbeat")
        connection.stop()
        await until(lambda: connection.waiting > 0, "a heartbeat to wait within `send`")
        connection.takes = True
        assert sink.write(A)
        assert connection.positions() == ["before"]
        connection.resumed.set()
        await until(lambda: connection.came[-1].endswith(b"id: n0\nevent: heartbeat\ndata:\n\n\r\n"), "the next one")
    assert connection.positions() == ["before", "n0"]
