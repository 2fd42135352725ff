"""The pings of all connections, from one timer: an idle connection costs no task and no timer of its own."""

import asyncio
import math
import random
from typing import Protocol

TICK_SECONDS = 0.2


class Pinged(Protocol):
    def ping(self) -> None:
        """Pings the peer. Must not fail or wait."""


class PingScheduler:
    """Pings each connection once per round: a wheel of slots, of which the timer takes the next at every tick."""

    def __init__(self, round_seconds: float) -> None:
        slots = max(1, math.ceil(round_seconds / TICK_SECONDS))
        self._tick_seconds = round_seconds / slots
        self._slots: list[set[Pinged]] = [set() for _ in range(slots)]
        self._now = 0
        self._count = 0
        self._timer: asyncio.TimerHandle | None = None

    def add(self, pinged: Pinged) -> int:
        """Pings it from now on, for the first time after half a round or more; gives its slot, for `remove`.

        The slot is drawn, so that connections made together are not pinged together.
        """
        length = len(self._slots)
        slot = (self._now + random.randint((length + 1) // 2, length)) % length
        self._slots[slot].add(pinged)
        self._count += 1
        if self._timer is None:
            self._wait()
        return slot

    def remove(self, pinged: Pinged, slot: int) -> None:
        self._slots[slot].remove(pinged)
        self._count -= 1
        if self._count == 0 and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wait(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._tick_seconds, self._tick)

    def _tick(self) -> None:
        self._now = (self._now + 1) % len(self._slots)
        self._wait()
        for pinged in list(self._slots[self._now]):
            pinged.ping()
