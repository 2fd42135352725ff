"""Write limits: how often and how much one user and one address may write, and how many guests may be new.

Counted in the bus's Redis if there is one, else in this process.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.aio.storage import RedisStorage, Storage
from limits.aio.strategies import FixedWindowRateLimiter, MovingWindowRateLimiter, RateLimiter

from access.addresses import network_of
from access.counts import ProcessCounts
from access.limits import RateLimits

STORAGE_TIMEOUT_SECONDS = 1.0
BYTES_PER_WRITE = 5_000
"""So much text counts as one more write: rendering it is the work of one."""
PRESENCES_PER_MINUTE = RateLimitItemPerMinute(120)
PRESENCES_PER_MINUTE_OF_ADDRESS = RateLimitItemPerMinute(6_000)

log = structlog.get_logger(__name__)


def shared_storage(bus_url: str) -> RedisStorage | None:
    """The storage in which all processes count together; None if the bus is not Redis, and each counts by itself."""
    if not bus_url.startswith(("redis:", "rediss:")):
        return None
    return RedisStorage(
        f"async+{bus_url}",
        implementation="redispy",
        key_prefix="parley-limits",
        # A server that accepts connections and never answers must not hold up writes.
        socket_timeout=STORAGE_TIMEOUT_SECONDS,
        socket_connect_timeout=STORAGE_TIMEOUT_SECONDS,
    )


@dataclass(frozen=True, slots=True)
class LimitReached:
    """What there was too much of, and when there is room again."""

    what: str
    reset_at: datetime


@dataclass(frozen=True, slots=True)
class _Count:
    """One count of a limiter: `cost` more of an item under a key."""

    what: str
    item: RateLimitItem
    key: tuple[str, str]
    cost: int = 1


class _Counters:
    """Counts in a storage."""

    def __init__(self, storage: Storage, *, only_fixed: bool = False) -> None:
        """`only_fixed`: a moving window keeps an entry for each that is counted. Days and hours have none anyway."""
        self._only_fixed = only_fixed
        self._moving = MovingWindowRateLimiter(storage)
        self._fixed = FixedWindowRateLimiter(storage)

    def _is_fixed(self, count: _Count) -> bool:
        return self._only_fixed or not isinstance(count.item, RateLimitItemPerMinute)

    def _of(self, count: _Count) -> RateLimiter:
        return self._fixed if self._is_fixed(count) else self._moving

    async def hit(self, count: _Count) -> bool:
        """Counts it, unless it is one too many: then it returns False."""
        return await self._of(count).hit(count.item, *count.key, cost=count.cost)

    async def has_room(self, count: _Count) -> bool:
        """Returns whether it would not be one too many."""
        return await self._of(count).test(count.item, *count.key, cost=count.cost)

    async def reached(self, count: _Count) -> LimitReached:
        """Says that it is one too many."""
        stats = await self._of(count).get_window_stats(count.item, *count.key)
        return LimitReached(count.what, datetime.fromtimestamp(stats.reset_time, UTC))


class _ProcessCounters(_Counters):
    """Counts in this process, without the coroutines within coroutines that `limits` has for each count."""

    def __init__(self, *, only_fixed: bool = False) -> None:
        self._storage = ProcessCounts()
        super().__init__(self._storage, only_fixed=only_fixed)

    async def hit(self, count: _Count) -> bool:
        item = count.item
        key, expiry = item.key_for(*count.key), item.get_expiry()
        if self._is_fixed(count):
            return self._storage.add(key, expiry, count.cost) <= item.amount
        return self._storage.enter(key, item.amount, expiry, count.cost)

    async def has_room(self, count: _Count) -> bool:
        if not self._is_fixed(count):
            return await super().has_room(count)
        return self._storage.added(count.item.key_for(*count.key)) + count.cost <= count.item.amount


class WriteRateLimiter:
    """Limits what each user writes and, more generously, what comes from each address, which many users may share.

    `storage` is what all processes share; with None, each process counts alone.
    """

    def __init__(self, storage: Storage | None, limits: RateLimits) -> None:
        self._shared = _ProcessCounters() if storage is None else _Counters(storage)
        # Counts while the shared storage is unreachable: a limit per process is better than none, and than no writes.
        self._local = _ProcessCounters()
        # Presence is sent often and costs little, so each process counts it by itself, and apart from writes.
        self._presences = _ProcessCounters(only_fixed=True)
        self._failing = False
        self._writes = RateLimitItemPerMinute(limits.writes_per_minute)
        self._writes_of_address = RateLimitItemPerMinute(limits.writes_per_minute_of_address)
        self._bytes = RateLimitItemPerDay(limits.bytes_per_day)
        self._bytes_of_guest = RateLimitItemPerDay(limits.bytes_per_day_of_guest)
        self._bytes_of_address = RateLimitItemPerDay(limits.bytes_per_day_of_address)
        self._guests_of_address = RateLimitItemPerHour(limits.guests_per_hour_of_address)

    async def write(
        self, user_id: int | None, address: str, *, size: int = 0, is_guest: bool = False, is_kept: bool = True
    ) -> LimitReached | None:
        """Counts one write of `size` bytes of text. Returns None if it is allowed.

        `is_kept`: whether the text is stored, and not only rendered. The anonymous readers of one address, with
        `user_id` None, count together as one person: they leave the rest of their address to those who signed in.
        """
        network = ("address", network_of(address))
        user = ("anonymous", network_of(address)) if user_id is None else ("person", str(user_id))
        # The user first: what one user is refused does not count against others at the same address.
        writes = [_Count("writes", self._writes, user, _units(size, self._writes))]
        written = []
        if user_id is not None:
            of_user = self._bytes_of_guest if is_guest else self._bytes
            written.append(_Count("bytes of text for one day", of_user, user, size))
        writes.append(_Count("writes", self._writes_of_address, network, _units(size, self._writes_of_address)))
        written.append(_Count("bytes of text for one day", self._bytes_of_address, network, size))
        if not size or not is_kept:
            written = []
        # A text that is refused by the minute must not count for the day, so the day's counts are only looked at first.
        return (
            await self._first_reached(written, hits=False)
            or await self._first_reached(writes)
            or await self._first_reached(written)
        )

    async def new_guest(self, address: str) -> LimitReached | None:
        """Counts one new guest. Returns None if it is allowed."""
        key = ("new-guests", network_of(address))
        return await self._first_reached([_Count("new guests", self._guests_of_address, key)])

    async def presence(self, user_id: int | None, address: str) -> LimitReached | None:
        """Counts one presence. Returns None if it is allowed."""
        what = "signs of presence"
        counts = [_Count(what, PRESENCES_PER_MINUTE_OF_ADDRESS, ("address", network_of(address)))]
        if user_id is not None:
            counts.insert(0, _Count(what, PRESENCES_PER_MINUTE, ("person", str(user_id))))
        for count in counts:
            if not await self._presences.hit(count):
                return await self._presences.reached(count)
        return None

    async def _first_reached(self, counts: list[_Count], *, hits: bool = True) -> LimitReached | None:
        """What is reached first. `hits`: whether they are counted, and not only looked at."""
        for count in counts:
            try:
                reached = await _reached(self._shared, count, hits=hits)
                self._failing = False
            except Exception as error:  # noqa: BLE001 - whatever the storage raises, writes go on.
                if not self._failing:
                    log.warning("the shared write limits can't be reached", error=str(error))
                self._failing = True
                reached = await _reached(self._local, count, hits=hits)
            if reached is not None:
                return reached
        return None


async def _reached(counters: _Counters, count: _Count, *, hits: bool) -> LimitReached | None:
    is_allowed = await (counters.hit(count) if hits else counters.has_room(count))
    return None if is_allowed else await counters.reached(count)


def _units(size: int, item: RateLimitItem) -> int:
    """How many writes a text counts as; one that counts as more than the limit can still be written, alone."""
    return min(1 + size // BYTES_PER_WRITE, item.amount)
