"""Which of the things that operators should know were logged already: whatever clients send, the log stays short."""

from collections.abc import Callable
from time import monotonic

MAX_VALUES = 100
FORGET_SECONDS = 3_600.0


class Notices:
    """Tells values that are new from those of the last hour. Of one hour, it takes the first hundred."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._since = clock()
        self._values: set[str] = set()

    def is_new(self, value: str) -> bool:
        """Returns whether the value should be logged now."""
        now = self._clock()
        if now - self._since >= FORGET_SECONDS:
            self._since = now
            self._values.clear()
        if value in self._values or len(self._values) >= MAX_VALUES:
            return False
        self._values.add(value)
        return True
