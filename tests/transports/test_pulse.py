"""Pings: each connection once per round, at moments of its own, from a timer that stops with the last of them."""

import asyncio
from collections import Counter

import pytest

from transports.pulse import PingScheduler

pytestmark = pytest.mark.anyio

ROUND_SECONDS = 1.0


class Pinged:
    """Notes when it is pinged."""

    def __init__(self) -> None:
        self.at: list[float] = []

    def ping(self) -> None:
        self.at.append(asyncio.get_running_loop().time())


async def test_those_made_together_are_pinged_apart_each_once_per_round() -> None:
    pulse, together = PingScheduler(ROUND_SECONDS), [Pinged() for _ in range(200)]
    made = asyncio.get_running_loop().time()
    slots = [pulse.add(pinged) for pinged in together]
    await asyncio.sleep(2.5 * ROUND_SECONDS)
    for pinged, slot in zip(together, slots, strict=True):
        pulse.remove(pinged, slot)
        assert len(pinged.at) in (1, 2)
        assert pinged.at[0] - made > 0.4 * ROUND_SECONDS
        assert all(
            later - sooner > 0.9 * ROUND_SECONDS for sooner, later in zip(pinged.at, pinged.at[1:], strict=False)
        )
    assert len(Counter(slots)) >= 3
    assert max(Counter(slots).values()) < 150


async def test_who_is_removed_is_pinged_no_more_and_the_last_one_takes_the_timer_along() -> None:
    pulse, first, second = PingScheduler(0.05), Pinged(), Pinged()
    slot = pulse.add(first)
    other = pulse.add(second)
    pulse.remove(first, slot)
    await asyncio.sleep(0.2)
    assert not first.at
    assert len(second.at) >= 2
    pulse.remove(second, other)
    assert pulse._timer is None


async def test_one_that_leaves_while_it_is_pinged_disturbs_no_other() -> None:
    pulse, stays = PingScheduler(0.05), Pinged()

    class Leaves(Pinged):
        def ping(self) -> None:
            super().ping()
            pulse.remove(self, slot)

    leaves = Leaves()
    slot, other = pulse.add(leaves), pulse.add(stays)
    await asyncio.sleep(0.2)
    assert len(leaves.at) == 1
    assert len(stays.at) >= 2
    pulse.remove(stays, other)
