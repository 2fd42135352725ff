"""What a server process costs, and which core it runs on. Linux only: all of it is read from /proc."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def cpu_seconds(process: int) -> float:
    """How long a process and its threads have computed, in user mode and in the kernel."""
    _, _, fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")
    # proc(5): of what follows the name, the 12th and the 13th.
    user, system = fields.split()[11:13]
    return (int(user) + int(system)) / _TICKS


def resident_mb(process: int) -> float:
    """How much memory a process holds, in MB of a million bytes."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * _PAGE_BYTES / 1e6


def busy(seconds: float = 1.0) -> float:
    """Which part of this machine's cores is at work at present, from 0 to 1."""

    def idle() -> float:
        # proc(5): the 4th and 5th figure of the first line, idle and waiting for disks, over all cores.
        first, *_ = Path("/proc/stat").read_text().splitlines()
        return sum(map(int, first.split()[4:6])) / _TICKS

    before = idle()
    time.sleep(seconds)
    return max(0.0, 1.0 - (idle() - before) / (seconds * (os.cpu_count() or 1)))


def cores() -> tuple[int, int] | None:
    """The core for the server, and the one for all others; None where this process may use only one."""
    usable = sorted(os.sched_getaffinity(0))
    return (usable[0], usable[1]) if len(usable) > 1 else None


@contextmanager
def on_core(core: int | None) -> Iterator[None]:
    """Keeps this thread, and processes it starts meanwhile, on one core; None leaves all as it is."""
    before = os.sched_getaffinity(0)
    if core is not None:
        os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
