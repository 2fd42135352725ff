"""The ping scheduler, on a clock that the tests move."""

from collections import Counter
from collections.abc import Callable

from transports.pings import PingScheduler

ROUND_SECONDS = 10.0


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0
        self._scheduled: dict[ScheduledCall, None] = {}

    def call_later(self, seconds: float, callback: Callable[[], None]) -> "ScheduledCall":
        call = ScheduledCall(self._scheduled, self.now + seconds, callback)
        self._scheduled[call] = None
        return call

    def advance(self, seconds: float) -> None:
        """Makes the calls that are due within some seconds, each at its time."""
        end = self.now + seconds
        while due := [call for call in self._scheduled if call.at <= end]:
            call = min(due, key=lambda each: each.at)
            call.cancel()
            self.now = call.at
            call.callback()
        self.now = end

    @property
    def is_idle(self) -> bool:
        return not self._scheduled


class ScheduledCall:
    def __init__(self, scheduled: "dict[ScheduledCall, None]", at: float, callback: Callable[[], None]) -> None:
        self.at = at
        self.callback = callback
        self._scheduled = scheduled

    def cancel(self) -> None:
        self._scheduled.pop(self, None)


class Connection:
    """Notes when it is pinged."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.pinged_at: list[float] = []

    def ping(self) -> None:
        self.pinged_at.append(self.clock.now)


def scheduler(clock: Clock) -> PingScheduler:
    return PingScheduler(ROUND_SECONDS, call_later=clock.call_later)


def test_each_connection_is_pinged_once_per_round_at_its_own_time() -> None:
    clock = Clock()
    pings, connections = scheduler(clock), [Connection(clock) for _ in range(200)]
    slots = [pings.add(connection) for connection in connections]
    clock.advance(3 * ROUND_SECONDS + pings.tick_seconds / 2)
    for connection in connections:
        first, *later = connection.pinged_at
        assert first + pings.tick_seconds / 2 >= ROUND_SECONDS / 2
        assert first <= ROUND_SECONDS + pings.tick_seconds / 2
        assert len(later) == 2
        assert all(abs(at - first - (n + 1) * ROUND_SECONDS) < 0.001 for n, at in enumerate(later))
    # 200 random draws from 26 slots: a failure by chance is less likely than one in 10^40.
    assert max(Counter(slots).values()) < 100


def test_removed_connection_is_not_pinged_again() -> None:
    clock = Clock()
    pings, removed, stays = scheduler(clock), Connection(clock), Connection(clock)
    slot = pings.add(removed)
    pings.add(stays)
    pings.remove(removed, slot)
    # Its first ping is due after half a round at least: sums of ticks may fall just short of it.
    clock.advance(2.5 * ROUND_SECONDS - pings.tick_seconds / 2)
    assert removed.pinged_at == []
    assert len(stays.pinged_at) == 2


def test_timer_stops_with_the_last_connection_and_starts_again() -> None:
    clock = Clock()
    pings, connection = scheduler(clock), Connection(clock)
    pings.remove(connection, pings.add(connection))
    assert clock.is_idle
    pings.add(connection)
    clock.advance(1.5 * ROUND_SECONDS - pings.tick_seconds / 2)
    assert len(connection.pinged_at) == 1


def test_connection_that_leaves_during_its_ping_does_not_affect_others() -> None:
    clock = Clock()
    pings, stays = scheduler(clock), Connection(clock)

    class Leaving(Connection):
        def ping(self) -> None:
            super().ping()
            pings.remove(self, slot)

    leaving = Leaving(clock)
    slot = pings.add(leaving)
    pings.add(stays)
    clock.advance(3 * ROUND_SECONDS + pings.tick_seconds)
    assert len(leaving.pinged_at) == 1
    assert len(stays.pinged_at) >= 2
