"""The open connections of a process, so that a shutdown can end them."""

import asyncio
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Generic, Protocol, TypeVar


class ClientDisconnected(Exception):
    """The client is gone, or the server has ended the connection."""


class Restartable(Protocol):
    """An open connection."""

    def restart(self) -> None:
        """Ends the connection in the way after which its client reconnects. Does not wait."""


Member = TypeVar("Member", bound=Restartable)


class Registry(Generic[Member]):
    """The open connections of one kind."""

    def __init__(self) -> None:
        self._open: set[Member] = set()
        self._closing: set[Member] = set()
        """Those that `close_all` waits for."""
        self._all_closed = asyncio.Event()
        self.closing = False
        """Whether new connections are ended at once."""

    def __len__(self) -> int:
        return len(self._open)

    def __iter__(self) -> Iterator[Member]:
        return iter(self._open)

    @contextmanager
    def holding(self, member: Member) -> Iterator[None]:
        """Registers a connection until the block ends."""
        self._open.add(member)
        if self.closing:
            member.restart()
        try:
            yield
        finally:
            self._open.remove(member)
            self._closing.discard(member)
            if not self._closing:
                self._all_closed.set()

    async def close_all(self, *, spread_seconds: float = 0.0) -> None:
        """Ends every connection at a random moment within `spread_seconds`, and waits until they have ended.

        Connections that open from now on are ended at once.
        """
        self.closing = True
        loop = asyncio.get_running_loop()
        self._closing |= self._open
        for member in self._open:
            loop.call_later(random.uniform(0, spread_seconds), member.restart)
        while self._closing:
            self._all_closed.clear()
            await self._all_closed.wait()
