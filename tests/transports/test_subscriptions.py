"""A subscription's answer over plain HTTP: its order, whichever way its results are written."""

import asyncio
from collections.abc import Awaitable, MutableMapping
from typing import Any

import pytest

from execution.results import Burst, Item
from execution.streams import Sink
from tests.transports.client import until
from transports.protocol import WRITER
from transports.sse import EventStream
from transports.streams import Streams
from transports.subscriptions import SubscriptionResponse

pytestmark = pytest.mark.anyio

A, B, C, D = (Burst([Item(b"%d" % number, None)]) for number in range(4))


class Connection:
    """An ASGI server's side: what came, in order, and a client that can be made to take nothing."""

    def __init__(self) -> None:
        self.came: list[bytes] = []
        self.takes = True
        self.resumed = asyncio.Event()
        self.resumed.set()

    def write_chunk(self, chunk: bytes) -> bool:
        if self.takes:
            self.came.append(chunk)
        return self.takes

    def abort(self) -> None:
        raise AssertionError("Nobody is gone.")

    async def send(self, message: MutableMapping[str, Any]) -> None:
        await self.resumed.wait()
        if body := message.get("body"):
            self.came.append(b"%x\r\n%b\r\n" % (len(body), body))

    def receive(self) -> Awaitable[MutableMapping[str, Any]]:
        return asyncio.get_running_loop().create_future()

    def numbers(self) -> list[bytes]:
        return [chunk.split(b"data: ")[1].split(b"\n")[0] for chunk in self.came if b"event: next" in chunk]


async def test_direct_writes_never_overtake_what_waits_in_the_server() -> None:
    connection, sinks, ended = Connection(), [], asyncio.Event()

    async def deliver(sink: Sink) -> None:
        sinks.append(sink)
        await ended.wait()

    following = SubscriptionResponse(
        EventStream(sends_retry=False), deliver, Streams(), network="127.0.0.1", on_revoked=lambda _: lambda: None
    )
    scope = {"type": "http", "extensions": {WRITER: {"writer": connection}}}
    call = asyncio.create_task(following(scope, connection.receive, connection.send))
    await until(lambda: bool(sinks), "the stream to begin")
    (sink,) = sinks
    assert sink.write(A)
    assert connection.numbers() == [b"0"]
    # The client takes nothing: what comes waits within `send`.
    connection.takes = False
    connection.resumed.clear()
    assert sink.write(B)
    await until(lambda: not following._unsent, "the pump to have taken it up")
    # It takes again, but `send` has not yet heard of it.
    connection.takes = True
    assert sink.write(C)
    assert connection.numbers() == [b"0"]
    connection.resumed.set()
    await sink.drained()
    assert sink.write(D)
    assert connection.numbers() == [b"0", b"1", b"2", b"3"]
    assert connection.came[-1] == b"15\r\nevent: next\ndata: 3\n\n\r\n"
    ended.set()
    await call
    assert connection.came[-1].endswith(b"event: complete\ndata:\n\n\r\n")
