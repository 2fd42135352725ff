"""A TCP proxy that delays, stalls, resets and half-closes the connections that pass through it."""

import asyncio
import os
import socket
import struct
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import cast

from tests.support.processes import HOST

AT_ONCE = struct.pack("ii", 1, 0)
"""SO_LINGER that makes a close a reset."""


class Proxy:
    """Forwards connections to a port of this machine, with faults on demand."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = 0
        """Where it listens, once it is open."""
        self.delay_seconds = 0.0
        """How long each piece waits, either way."""
        self.passes = asyncio.Event()
        self.passes.set()
        self.ends: set[End] = set()
        """Both ends of every connection."""
        self.opening: set[asyncio.Task[None]] = set()
        self.bytes_passed = 0
        """How many bytes have come in, in both directions."""

    @property
    def url(self) -> str:
        """The HTTP endpoint of the Parley server behind it."""
        return f"http://{HOST}:{self.port}/graphql"

    @property
    def ws_url(self) -> str:
        """The graphql-transport-ws endpoint of the Parley server behind it."""
        return f"ws://{HOST}:{self.port}/graphql"

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Listens while the context is open."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: End(self), HOST, 0, backlog=1024)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield
        finally:
            server.close()
            for task in self.opening:
                task.cancel()
            self.reset()

    def stall(self) -> None:
        """Keeps accepting connections and keeps them open, but forwards nothing until `go_on`."""
        self.passes.clear()
        for end in self.ends:
            end.wait()

    def go_on(self) -> None:
        """Ends a stall, and forwards what has waited."""
        self.passes.set()
        for end in self.ends:
            end.read_on()

    def reset(self) -> int:
        """Ends every connection at both ends with a TCP reset, and returns how many there were."""
        count = sum(not end.is_far for end in self.ends)
        for end in list(self.ends):
            opened = end.transport.get_extra_info("socket")
            # On a duplicate of its descriptor, because uvloop's sockets take no options.
            with suppress(OSError), socket.socket(fileno=os.dup(opened.fileno())) as same:
                same.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
            end.transport.abort()
        return count

    def half_close(self, *, far: bool) -> None:
        """Ends one direction of every connection: that to the far end, or that to the near one."""
        for end in list(self.ends):
            if end.is_far is far:
                end.send(None)


class End(asyncio.Protocol):
    """One end of a connection: what it receives, the other end sends."""

    def __init__(self, proxy: Proxy, near: "End | None" = None) -> None:
        self.transport: asyncio.Transport
        self.is_far = near is not None
        self._proxy = proxy
        self._other = near
        self._waiting: deque[bytes | None] = deque()
        """What is delayed on its way out of this end; None is the end of it all."""
        self._early: list[bytes | None] = []
        """What came before there was another end."""
        self._ended = False
        self._full = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self._proxy.ends.add(self)
        if self._other is None:
            task = asyncio.create_task(self._open())
            self._proxy.opening.add(task)
            task.add_done_callback(self._proxy.opening.discard)
        else:
            self._other._other = self
            for data in self._other._early:
                self._other._pass(data)

    def data_received(self, data: bytes) -> None:
        self._proxy.bytes_passed += len(data)
        self._pass(data)

    def eof_received(self) -> bool:
        self._pass(None)
        # The other direction stays open.
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self._proxy.ends.discard(self)
        if self._other is not None:
            self._other.transport.abort()

    def pause_writing(self) -> None:
        self._full = True
        if self._other is not None:
            self._other.wait()

    def resume_writing(self) -> None:
        self._full = False
        if self._other is not None:
            self._other.read_on()

    def wait(self) -> None:
        """Reads nothing until reading is resumed."""
        if not self.transport.is_closing():
            self.transport.pause_reading()

    def read_on(self) -> None:
        """Reads, unless there is a stall or the other end can't take more."""
        other = self._other
        if other is not None and not other._full and self._proxy.passes.is_set() and not self.transport.is_closing():
            self.transport.resume_reading()

    def send(self, data: bytes | None) -> None:
        """Writes; None ends this direction, and what comes for it later goes nowhere."""
        if self._ended or self.transport.is_closing():
            return
        if data is not None:
            self.transport.write(data)
            return
        self._ended = True
        with suppress(OSError):
            self.transport.write_eof()
        if self._other is not None and self._other._ended:
            self.transport.close()

    def _pass(self, data: bytes | None) -> None:
        other = self._other
        if other is None:
            self._early.append(data)
        elif self._proxy.delay_seconds or other._waiting:
            # One timer lets one piece go, whichever is first, so that no change of the delay puts them out of order.
            other._waiting.append(data)
            asyncio.get_running_loop().call_later(self._proxy.delay_seconds, other._let_go)
        else:
            other.send(data)

    def _let_go(self) -> None:
        self.send(self._waiting.popleft())

    async def _open(self) -> None:
        await self._proxy.passes.wait()
        loop = asyncio.get_running_loop()
        try:
            await loop.create_connection(lambda: End(self._proxy, self), HOST, self._proxy.target)
        except OSError:
            self.transport.abort()
