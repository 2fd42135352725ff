"""How a process manages memory: garbage is looked for rarely, and what was freed goes back to the system."""

import ctypes
import gc

GARBAGE_AT = 20_000
"""Allocations that start a garbage collection: the response of a large page alone allocates thousands of objects."""
ARENAS = 2
"""How many heaps the C library keeps: eight for each core by default, though threads take turns in Python anyway."""
LARGE_BYTES = 1_048_576
"""So much free memory goes back to the system: at the end of a heap, or that of one object of this size."""
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8


def bound_heaps() -> None:
    """Keeps what costly requests took from staying with the process, as fragments of a heap for each thread.

    Source: mallopt(3) of the GNU C library; elsewhere this does nothing. Call it before threads are started.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, ARENAS)
        mallopt(_M_TRIM_THRESHOLD, LARGE_BYTES)
        mallopt(_M_MMAP_THRESHOLD, LARGE_BYTES)


def freeze() -> None:
    """Excludes what exists from garbage collections: it stays for the whole life of the process."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_AT, 10, 10)
