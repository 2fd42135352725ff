"""Bulk work in steps: how large each is."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

TARGET_SECONDS = 0.1
"""How long a step should hold its lock. It may not take over 250 ms, and a machine is not equally fast all the time."""


class StepSize:
    """How many rows the next step takes, by how long those before it took."""

    def __init__(self, first: int, *, most: int, least: int = 1) -> None:
        self.rows = first
        self.seconds = 0.0
        """How long the last step took."""
        self._begun = 0.0
        self._least = least
        self._most = most

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Measures one step of `rows` rows, to the end of its commit: what it writes may wait until then."""
        self._begun = perf_counter()
        yield
        self.seconds = perf_counter() - self._begun
        # At most twice as many: the step was timed while others computed, or found the pages in memory.
        fitting = int(self.rows * min(2.0, TARGET_SECONDS / max(self.seconds, 1e-6)))
        self.rows = max(self._least, min(self._most, fitting))

    def locked(self) -> None:
        """Called in a step when it has its lock, for which it may have waited long."""
        self._begun = perf_counter()
