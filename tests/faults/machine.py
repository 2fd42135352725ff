"""How fast the machine itself is meanwhile: where it is a guest among others, that changes by the half-minute."""

import asyncio
import os
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from statistics import median
from time import perf_counter, thread_time, time
from typing import NamedTuple

from tests.faults.history import Window

PROBE_SECONDS = 0.5
SLOW_PROCESSOR = 1.25
"""So many times what the same work takes in the fastest fifth of a run is slow, over some moments.

The run itself keeps two cores two thirds busy, so on processors that are slower by a quarter all begins to queue.
"""
_MOMENTS = 5
"""So many are looked at together: one by itself says little."""
SLOW_DISK_SECONDS = 0.05
"""A commit waits for the disk, and followers for the commit."""
RECOVERY_SECONDS = 2.0
"""How long what was held up by it may take to be worked off."""
_CONTENT = bytes(256 * 1024)
_WRITTEN = 8 * 1024


class Probe(NamedTuple):
    """What the same work took at one moment."""

    at: float
    processor_seconds: float
    """Of the thread's own computing: that others compute on this machine does not count, a slower processor does."""
    disk_seconds: float
    """Until a page was on the disk."""


async def probe(probes: list[Probe], folder: Path) -> None:
    """Takes one probe after the other, of the disk that this folder is on, until it is cancelled."""
    with (folder / "probe").open("wb", buffering=0) as file:

        def take() -> Probe:
            at, before = time(), thread_time()
            sha256(_CONTENT).digest()
            computed, begin = thread_time() - before, perf_counter()
            os.pwrite(file.fileno(), _CONTENT[:_WRITTEN], 0)
            os.fdatasync(file.fileno())
            return Probe(at, computed, perf_counter() - begin)

        while True:
            probes.append(await asyncio.to_thread(take))
            await asyncio.sleep(PROBE_SECONDS)


def slow_moments(probes: Sequence[Probe]) -> list[Window]:
    """When the machine was slower than it can be, with the time it takes to get over it."""
    if not probes:
        return []
    usual = sorted(one.processor_seconds for one in probes)[len(probes) // 5]
    around = [probes[max(0, at - _MOMENTS // 2) : at + _MOMENTS // 2 + 1] for at in range(len(probes))]
    return [
        Window("slow", "the machine", one.at - PROBE_SECONDS, one.at + one.disk_seconds + RECOVERY_SECONDS)
        for one, near in zip(probes, around, strict=True)
        if median(each.processor_seconds for each in near) > SLOW_PROCESSOR * usual
        or one.disk_seconds > SLOW_DISK_SECONDS
    ]


def said(probes: Sequence[Probe]) -> str:
    """How steady it was, in a sentence."""
    computed = sorted(one.processor_seconds for one in probes)
    synced = sorted(one.disk_seconds for one in probes)

    def part(ascending: Sequence[float], hundredths: int) -> float:
        return 1000 * ascending[min(len(ascending) - 1, len(ascending) * hundredths // 100)]

    return (
        f"The machine took {part(computed, 20):.2f} ms for the same work in its fastest fifth, {part(computed, 95):.2f}"
        f" in the slowest twentieth, {part(computed, 99):.2f} once in a hundred times; its disk took"
        f" {part(synced, 50):.1f}, {part(synced, 95):.1f} and {part(synced, 99):.1f} ms."
    )
