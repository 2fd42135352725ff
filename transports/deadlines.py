"""Deadlines of many connections, checked by one timer: a connection needs no timer of its own."""

import asyncio
from typing import Protocol
from weakref import WeakKeyDictionary

SWEEP_SECONDS = 1.0


class Expiring(Protocol):
    """A connection whose client is waited for."""

    def expire(self) -> None:
        """Ends the connection, whose deadline has passed. Must not raise or wait."""


class Deadlines:
    """The deadlines of one event loop. They are kept to within SWEEP_SECONDS."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._at: dict[Expiring, float] = {}
        self._timer: asyncio.TimerHandle | None = None

    def set(self, connection: Expiring, seconds: float) -> None:
        """Has the connection expire after some seconds, unless `clear` is called; an earlier deadline is dropped."""
        self._at[connection] = self._loop.time() + seconds
        if self._timer is None:
            self._timer = self._loop.call_later(SWEEP_SECONDS, self._sweep)

    def clear(self, connection: Expiring) -> None:
        """Drops the deadline of a connection, if it has one."""
        self._at.pop(connection, None)

    def _sweep(self) -> None:
        now = self._loop.time()
        self._timer = None
        for connection in [connection for connection, at in self._at.items() if at <= now]:
            del self._at[connection]
            connection.expire()
        if self._at and self._timer is None:
            self._timer = self._loop.call_later(SWEEP_SECONDS, self._sweep)


_of_loop: "WeakKeyDictionary[asyncio.AbstractEventLoop, Deadlines]" = WeakKeyDictionary()


def deadlines_of(loop: asyncio.AbstractEventLoop) -> Deadlines:
    """Returns the deadlines of an event loop, the same for all its connections."""
    deadlines = _of_loop.get(loop)
    if deadlines is None:
        deadlines = _of_loop[loop] = Deadlines(loop)
    return deadlines
