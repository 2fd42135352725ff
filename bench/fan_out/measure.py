"""One stack after the other, round by round: what it costs each to deliver an event to many."""

import math
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

from bench.fan_out.control import Publisher
from bench.fan_out.dialects import Follow
from bench.fan_out.followers import Followers
from bench.fan_out.stacks import Backing, Served, serving
from bench.load import BadAnswer, without_collector
from bench.measure import WARM_UP, Log
from bench.processes import cpu_seconds, resident_mb
from bench.stacks import NotSetUp
from tests.support.processes import HOST
from tests.support.waiting import eventually as wait_until

BURSTS = (1, 10)
FEWEST, MOST = 3, 500
"""How often is published in a run, however long or short that takes."""
_REHEARSING = 10
_JOIN_SECONDS = 120.0
_SETTLE_SECONDS = 6.0
"""Longer than the poll of all followed discussions is put off."""


@dataclass(frozen=True, slots=True)
class Row:
    """What a stack costs with `n` followers of one discussion, which receive `burst` events at once."""

    stack: str
    n: int
    burst: int
    deliveries_s: float
    """While there was something to deliver: from the publishing to the last follower."""
    cpu_us: float
    """Of the server process alone, per delivery."""
    last_p50_ms: float
    """From the publishing until the last follower had received all of it."""
    last_p99_ms: float
    kb_per_connection: float
    """By which the server process grew for each follower, once all had received one event."""
    client_us: float
    """CPU of the load client, per delivery."""


@dataclass(frozen=True, slots=True)
class EndToEnd:
    """How long it took from the request of addReply until the last follower had received it."""

    stack: str
    n: int
    last_p50_ms: float
    last_p99_ms: float


@dataclass(frozen=True, slots=True)
class Idle:
    """What it costs Parley when nothing happens in many discussions, each with a follower."""

    n: int
    cpu_percent: float
    """Of a core."""
    kb_per_connection: float


@dataclass(frozen=True, slots=True)
class Timed:
    """How long each publishing took to reach the last follower, in ms, ascending."""

    milliseconds: list[float]

    @property
    def p50(self) -> float:
        return statistics.median(self.milliseconds)

    @property
    def p99(self) -> float:
        return self.milliseconds[math.ceil(len(self.milliseconds) * 0.99) - 1]


class Harness:
    """Starts servers on one core, and follows them from the other."""

    def __init__(self, backing: Backing, *, core: int | None, log: Log) -> None:
        self._backing = backing
        self._core = core
        self._log = log

    def try_out(self, stack: str) -> None:
        """Lets a few follow a stack. Raises NotSetUp if it can't be followed, BadAnswer if it delivers wrongly."""
        self._log(f"trying {stack}")
        with serving(stack, self._backing, core=self._core) as served:
            if stack == "parley-sse":
                self._require_event_streams(served)
            self._rehearse(served)

    def measure(self, stacks: Sequence[str], sizes: Sequence[int], *, rounds: int, seconds: float) -> list[Row]:
        """The medians over the rounds, each of which goes through all stacks."""
        found: dict[tuple[str, int, int], list[Row]] = {}
        for number in range(1, rounds + 1):
            for stack in stacks:
                for size in sizes:
                    for row in self._follow(stack, size, seconds):
                        found.setdefault((stack, size, row.burst), []).append(row)
                        figure = f"{stack}, N={size}, bursts of {row.burst}: {row.deliveries_s:,.0f} deliveries/s"
                        self._log(f"round {number} of {rounds}: {figure}")
        return [_medians(found[stack, size, burst]) for stack in stacks for size in sizes for burst in BURSTS]

    def _follow(self, stack: str, n: int, seconds: float) -> list[Row]:
        with serving(stack, self._backing, core=self._core) as served:
            self._rehearse(served)
            before = resident_mb(served.server.process_id)
            with self._joined(served, served.follows(n)) as followers:
                _publish(served.control, followers, 1)
                kb = 1000 * (resident_mb(served.server.process_id) - before) / n
                rows = [_row(served, followers, stack, burst, seconds, kb) for burst in BURSTS]
                # A second copy of an event would arrive now.
                followers.rest(0.2)
        return rows

    def end_to_end(self, stack: str, n: int, *, seconds: float) -> EndToEnd:
        """Measures Parley from the request that adds a reply to the last of `n` followers."""
        with serving(stack, self._backing, core=self._core) as served:
            self._rehearse(served)
            with self._joined(served, served.follows(n)) as followers, served.posting() as posting:
                _warm_up(posting, followers, 1, seconds)
                timed = _timed(posting, followers, 1, seconds)
        self._log(f"{stack}, N={n}, from addReply: {timed.p50:.1f} ms to the last follower")
        return EndToEnd(stack, n, timed.p50, timed.p99)

    def idle(self, n: int, *, seconds: float) -> Idle:
        """Measures Parley with a follower in each of `n` discussions, in which nothing happens."""
        with serving("parley", self._backing, core=self._core) as served:
            self._rehearse(served)
            before = resident_mb(served.server.process_id)
            follows = [Follow(HOST, served.server.port, discussion=f"D_{number}") for number in range(1, n + 1)]
            with self._joined(served, follows) as followers:
                followers.rest(_SETTLE_SECONDS)
                spent = cpu_seconds(served.server.process_id)
                began = time.monotonic()
                followers.rest(seconds)
                spent = cpu_seconds(served.server.process_id) - spent
                took = time.monotonic() - began
                grown = resident_mb(served.server.process_id) - before
        return Idle(n, 100 * spent / took, 1000 * grown / n)

    def _require_event_streams(self, served: Served) -> None:
        try:
            with Followers(served.dialect) as followers:
                followers.join(served.follows(1))
        except BadAnswer as error:
            status, *_ = str(error).splitlines()
            raise NotSetUp(f"Parley answers a follower that accepts text/event-stream with {status}") from error

    def _rehearse(self, served: Served) -> None:
        """Lets a server load and compile what it does late, so that it does not count as memory of its followers."""
        with self._joined(served, served.follows(_REHEARSING)) as followers:
            for burst in BURSTS * 2:
                _publish(served.control, followers, burst)
        self._await(served, 0)

    def _joined(self, served: Served, follows: Sequence[Follow]) -> Followers:
        """All of them, once the server counts them."""
        followers = Followers(served.dialect)
        try:
            followers.join(follows)
            self._await(served, len(follows))
        except BaseException:
            followers.close()
            raise
        return followers

    def _await(self, served: Served, count: int) -> None:
        wait_until(lambda: served.control.followers() == count, seconds=_JOIN_SECONDS, what=f"{count} followers")


def _row(served: Served, followers: Followers, stack: str, burst: int, seconds: float, kb: float) -> Row:
    _warm_up(served.control, followers, burst, seconds)
    server, client = cpu_seconds(served.server.process_id), followers.seconds
    timed = _timed(served.control, followers, burst, seconds)
    deliveries = len(timed.milliseconds) * burst * len(followers)
    return Row(
        stack=stack,
        n=len(followers),
        burst=burst,
        deliveries_s=1000 * deliveries / sum(timed.milliseconds),
        cpu_us=1e6 * (cpu_seconds(served.server.process_id) - server) / deliveries,
        last_p50_ms=timed.p50,
        last_p99_ms=timed.p99,
        kb_per_connection=kb,
        client_us=1e6 * (followers.seconds - client) / deliveries,
    )


def _warm_up(publisher: Publisher, followers: Followers, burst: int, seconds: float) -> None:
    deadline = time.monotonic() + seconds * WARM_UP
    _publish(publisher, followers, burst)
    while time.monotonic() < deadline:
        _publish(publisher, followers, burst)


def _timed(publisher: Publisher, followers: Followers, burst: int, seconds: float) -> Timed:
    """Publishes again and again, each time when the last follower has received all."""
    deadline = time.monotonic() + seconds
    took: list[float] = []
    with without_collector():
        while len(took) < FEWEST or (len(took) < MOST and time.monotonic() < deadline):
            took.append(_publish(publisher, followers, burst))
    return Timed(sorted(took))


def _publish(publisher: Publisher, followers: Followers, burst: int) -> float:
    """Publishes once; how many ms it took until the last follower had received all."""
    publisher.prepare(burst)
    publisher.publish()
    last = followers.receive(burst)
    return (last - publisher.published()) / 1e6


def _medians(rows: Sequence[Row]) -> Row:
    names = [field.name for field in fields(Row) if field.name not in ("stack", "n", "burst")]
    medians = {name: statistics.median(getattr(row, name) for row in rows) for name in names}
    return replace(rows[0], **medians)
