"""Counts of limits that one process keeps for itself."""

import time
from itertools import islice

from limits.aio.storage import MemoryStorage
from limits.aio.storage.memory import Entry

_LOOKED_AT = 2
"""How many keys each count looks at, the longest ago first, to forget those that have expired."""


class ProcessCounts(MemoryStorage):
    """As the storage of `limits`, but a count costs the same however many keys there are.

    That one goes through all keys after every count, with a trip to a thread for each of them.
    """

    async def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """As `add`."""
        return self.add(key, expiry, amount)

    async def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """As `enter`."""
        return self.enter(key, limit, expiry, amount)

    def add(self, key: str, expiry: float, amount: int) -> int:
        """Adds to the count of a key, which begins at 0 and is forgotten `expiry` seconds later. Returns the count."""
        now = time.time()
        for old in list(islice(self.expirations, _LOOKED_AT)):
            ends_at = self.expirations.pop(old)
            if ends_at > now:
                self.expirations[old] = ends_at
            else:
                del self.storage[old]
        if self.expirations.get(key, 0.0) <= now:
            self.storage[key], self.expirations[key] = 0, now + expiry
        self.storage[key] += amount
        return self.storage[key]

    def added(self, key: str) -> int:
        """Returns the count of a key."""
        return self.storage[key] if self.expirations.get(key, 0.0) > time.time() else 0

    def enter(self, key: str, limit: int, expiry: int, amount: int) -> bool:
        """Counts `amount` entries now, unless there were more than `limit` within `expiry` seconds then."""
        now = time.time()
        for old in list(islice(self.events, _LOOKED_AT)):
            kept = self.events.pop(old)
            if kept and kept[0].expiry > now:
                self.events[old] = kept
        if amount > limit:
            return False
        # The newest come first. What is older than so many others decides nothing.
        entries = self.events.setdefault(key, [])
        del entries[limit:]
        if len(entries) > limit - amount and entries[limit - amount].atime >= now - expiry:
            return False
        entries[:0] = [Entry(expiry)] * amount
        return True
