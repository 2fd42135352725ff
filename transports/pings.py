"""Pings to all connections from one timer: an idle connection needs no task and no timer of its own."""

import asyncio
import math
import random
from collections.abc import Callable
from typing import Protocol

TICK_SECONDS = 0.2


class Pingable(Protocol):
    """A connection that is pinged."""

    def ping(self) -> None:
        """Pings the peer. Must not raise or wait."""


class Timer(Protocol):
    """A scheduled call."""

    def cancel(self) -> None: ...


CallLater = Callable[[float, Callable[[], None]], Timer]
"""Schedules a call after some seconds."""


def _call_later(seconds: float, callback: Callable[[], None]) -> Timer:
    return asyncio.get_running_loop().call_later(seconds, callback)


class PingScheduler:
    """A timer wheel that pings each connection once per round. The timer takes one slot at every tick."""

    def __init__(self, round_seconds: float, *, call_later: CallLater = _call_later) -> None:
        slots = max(1, math.ceil(round_seconds / TICK_SECONDS))
        self.tick_seconds = round_seconds / slots
        self._call_later = call_later
        self._slots: list[set[Pingable]] = [set() for _ in range(slots)]
        self._now = 0
        self._count = 0
        self._timer: Timer | None = None

    def add(self, connection: Pingable) -> int:
        """Pings a connection from now on, first after half a round to one round. Returns its slot, for `remove`.

        The slot is random, so that connections opened together are not pinged together.
        """
        length = len(self._slots)
        slot = (self._now + random.randint((length + 1) // 2, length)) % length
        self._slots[slot].add(connection)
        self._count += 1
        if self._timer is None:
            self._schedule()
        return slot

    def remove(self, connection: Pingable, slot: int) -> None:
        """Stops pinging a connection. The timer stops with the last one."""
        self._slots[slot].remove(connection)
        self._count -= 1
        if self._count == 0 and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _schedule(self) -> None:
        self._timer = self._call_later(self.tick_seconds, self._tick)

    def _tick(self) -> None:
        self._now = (self._now + 1) % len(self._slots)
        self._schedule()
        for connection in list(self._slots[self._now]):
            connection.ping()
