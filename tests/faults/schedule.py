"""Which faults come when: drawn from a seed, so that a run can be repeated, and done to a cluster."""

import asyncio
import random
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import time
from typing import Any

from tests.faults.cluster import Cluster, Node, send, started
from tests.faults.history import Window
from tests.faults.people import Follower
from tests.support.processes import Server, ServerFailed

CALM_SECONDS = 12.0
"""At the beginning of a round, for figures of a time when nothing is wrong."""
ALONE_SECONDS = 6.5
"""How long the broker alone is away: longer than any poll."""
BROKEN_SECONDS = 42.0
"""How long the rest of a round's faults take."""
RECOVERY_SECONDS = 12.0
"""From the last of them to the end of a round."""
EXIT_SECONDS = 15.0
"""How long a server may take to end when it is told to."""
ROUND_SECONDS = CALM_SECONDS + ALONE_SECONDS + BROKEN_SECONDS + RECOVERY_SECONDS

LANES = {
    "servers": ("server killed", "server stopped", "server replaced"),
    "stores": (
        "database connections ended",
        "database crashed",
        "broker killed",
        "broker restarted",
        "broker stalled",
    ),
    "network": (
        "connections delayed",
        "connections stalled",
        "connections reset",
        "connections half-closed",
        "reconnect storm",
    ),
}
"""Faults of one lane follow each other; the three lanes meet as chance has it."""
SHARES = {"servers": 7, "stores": 10, "network": 12}
"""How many of each lane are in a round, after the first one."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that will go wrong."""

    kind: str
    at: float
    """Seconds from the beginning of the run, or later where its lane is late."""
    seconds: float
    node: int
    """Whom it meets, where it meets one server only."""
    lot: float
    """Between 0 and 1: what else is left to chance."""


def draw(chance: random.Random, *, rounds: int) -> dict[str, list[Fault]]:
    """The faults of each lane, in order."""
    lanes: dict[str, list[Fault]] = {lane: [] for lane in LANES}
    for each in range(rounds):
        begin = each * ROUND_SECONDS + CALM_SECONDS
        lanes["stores"].append(Fault("broker killed", begin, ALONE_SECONDS, 0, 0.0))
        begin += ALONE_SECONDS + 0.5
        for lane, kinds in LANES.items():
            # Every kind comes before one comes again.
            order = [kind for _ in range(SHARES[lane]) for kind in chance.sample(kinds, len(kinds))][: SHARES[lane]]
            moments = sorted(chance.uniform(0, BROKEN_SECONDS - 4) for _ in order)
            lanes[lane] += [
                Fault(kind, begin + at, chance.uniform(0.3, 3.0), chance.randrange(3), chance.random())
                for kind, at in zip(order, moments, strict=True)
            ]
    return lanes


@dataclass(slots=True)
class Breaker:
    """Does faults to a cluster and to those who follow it, and notes when each began and was healed."""

    cluster: Cluster
    followers: Sequence[Follower[Any]]
    tell: Callable[[str], None]
    windows: list[Window] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    async def run(self, lanes: Mapping[str, Sequence[Fault]]) -> None:
        """All of them; returns when the last one is healed."""
        begin = time()
        async with asyncio.TaskGroup() as group:
            for faults in lanes.values():
                group.create_task(self._lane(begin, faults))

    async def _lane(self, begin: float, faults: Sequence[Fault]) -> None:
        for fault in faults:
            await asyncio.sleep(max(0.0, begin + fault.at - time()))
            await self.do(fault)

    async def do(self, fault: Fault) -> None:
        """One of them, to its heal."""
        node = self.cluster.nodes[fault.node % len(self.cluster.nodes)]
        begin = time()
        target = await self._do(fault, node)
        self.windows.append(Window(fault.kind, target, begin, time()))
        self.tell(f"{fault.kind}: {target}, {time() - begin:.1f} s")

    async def _do(self, fault: Fault, node: Node) -> str:
        cluster = self.cluster
        match fault.kind:
            case "server killed":
                await asyncio.to_thread(node.parley.kill)
                await asyncio.sleep(fault.seconds / 3)
                await started(node.parley.restart)
            case "server stopped":
                await _stop_for(node.parley, fault.seconds)
            case "server replaced":
                # As a deploy does: it is told to end, and another takes its place.
                begin = time()
                try:
                    await asyncio.to_thread(node.parley.leave)
                except ServerFailed as failed:
                    self.complaints.append(f"{node.name}: {failed}")
                if time() - begin > EXIT_SECONDS:
                    self.complaints.append(f"{node.name} took {time() - begin:.1f} s to end after SIGTERM.")
                await started(node.parley.restart)
            case "database connections ended":
                every = 1 + int(3 * fault.lot)
                return f"{await cluster.terminate('parley', every=every)} of the database"
            case "database crashed":
                await asyncio.to_thread(cluster.postgresql.kill)
                await asyncio.sleep(fault.seconds / 3)
                await started(cluster.postgresql.restart)
                return "the database"
            case "broker killed":
                await asyncio.to_thread(cluster.valkey.kill)
                await asyncio.sleep(fault.seconds)
                await started(cluster.valkey.restart)
                return "the broker"
            case "broker restarted":
                await started(cluster.valkey.restart)
                return "the broker"
            case "broker stalled":
                await _stop_for(cluster.valkey, fault.seconds)
                return "the broker"
            case "reconnect storm":
                part = 0.5 + fault.lot / 2
                chosen = random.Random(fault.lot).sample(self.followers, int(part * len(self.followers)))
                for follower in chosen:
                    follower.cut()
                return f"{len(chosen)} followers"
            case _:
                return await self._network(fault, node)
        return node.name

    async def _network(self, fault: Fault, node: Node) -> str:
        proxies = {"clients": node.front, "the database": node.database, "the broker": node.broker}
        # Half of them between people and servers, where most connections are.
        other = ["clients", "clients", "the database", "the broker"][int(4 * fault.lot)]
        proxy = proxies[other]
        match fault.kind:
            case "connections delayed":
                proxy.delay_seconds = 0.02 + 0.2 * fault.lot
                await asyncio.sleep(fault.seconds)
                proxy.delay_seconds = 0.0
            case "connections stalled":
                proxy.stall()
                await asyncio.sleep(fault.seconds)
                proxy.go_on()
            case "connections reset":
                proxy.reset()
            case "connections half-closed":
                proxy.half_close(far=fault.seconds > 1.5)
            case _:
                raise ValueError(f'There is no fault "{fault.kind}".')
        return f"between {node.name} and {other}"


async def _stop_for(server: Server, seconds: float) -> None:
    """The process is halted and all its connections stay open."""
    send(server, signal.SIGSTOP)
    try:
        await asyncio.sleep(seconds)
    finally:
        send(server, signal.SIGCONT)
