"""An HTTP server that receives deliveries, and answers as a test wants."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Literal

from db.rows import FeedRow
from tests.support.killing import step

Answer = Literal["200", "500", "never", "cut"]
"""`cut`: the range has arrived, and the connection is closed instead of answered."""


class Receiver:
    """What has arrived, as ranges of positions, in the order of arrival."""

    def __init__(self, answer: Callable[[], Answer]) -> None:
        self.ranges: list[list[int]] = []
        self.port = 0
        self.most_at_once = 0
        self._at_once = 0
        self._answer = answer

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Receiver"]:
        """Listens on a port of its own."""
        server = await asyncio.start_server(self._receive, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()

    async def _receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length:")[1].split()[0])
            self.ranges.append(json.loads(await reader.readexactly(length)))
            answer = self._answer()
            if answer == "never":
                # Until the sender leaves.
                await reader.read()
            elif answer != "cut":
                writer.write(f"HTTP/1.1 {answer} As wanted\r\nContent-Length: 0\r\n\r\n".encode())
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            # The sender died before all had arrived.
            pass
        finally:
            self._at_once -= 1
            writer.close()


async def post(port: int, items: Sequence[FeedRow]) -> None:
    """Sends the positions of items to a receiver. Raises ConnectionError unless it takes them."""
    step()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        body = json.dumps([item.event_number for item in items]).encode()
        writer.write(f"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: {len(body)}\r\n\r\n".encode())
        step()
        writer.write(body)
        await writer.drain()
        step()
        if not (await reader.readline()).startswith(b"HTTP/1.1 200"):
            raise ConnectionError("It was not taken.")
        step()
    finally:
        writer.close()


def assert_nothing_lost(ranges: Sequence[Sequence[int]], last: int) -> None:
    """All positions up to the last arrived in order; only a whole range arrived again, before any later one."""
    before: Sequence[int] = [0]
    for received in ranges:
        assert list(received) == list(range(received[0], received[-1] + 1))
        assert received == before or received[0] == before[-1] + 1, (before, received)
        before = received
    assert before[-1] == last
