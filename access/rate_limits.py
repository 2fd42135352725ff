"""Write limits: how often and how much one user and one address may write, and how many guests may be new.

Counted in the bus's Redis if there is one, else in this process.
"""

from collections.abc import Awaitable, Callable
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


_Check = Callable[[RateLimiter, _Count], Awaitable[bool]]


class _Counters:
    """Counts in a storage."""

    def __init__(self, storage: Storage) -> None:
        self._moving = MovingWindowRateLimiter(storage)
        # What is counted by thousands: a moving window keeps an entry for each one.
        self._fixed = FixedWindowRateLimiter(storage)

    def of(self, count: _Count) -> RateLimiter:
        return self._moving if isinstance(count.item, RateLimitItemPerMinute) else self._fixed


class WriteRateLimiter:
    """Limits what each user writes and, more generously, what comes from each address, which many users may share.

    `storage` is what all processes share; with None, each process counts alone.
    """

    def __init__(self, storage: Storage | None, limits: RateLimits) -> None:
        self._shared = _Counters(storage or ProcessCounts())
        # Counts while the shared storage is unreachable: a limit per process is better than none, and than no writes.
        self._local = _Counters(ProcessCounts())
        # Presence is sent often and costs little, so each process counts it by itself, and apart from writes.
        self._presences = FixedWindowRateLimiter(ProcessCounts())
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
            await self._first_reached(written, _has_room)
            or await self._first_reached(writes, _hit)
            or await self._first_reached(written, _hit)
        )

    async def new_guest(self, address: str) -> LimitReached | None:
        """Counts one new guest. Returns None if it is allowed."""
        key = ("new-guests", network_of(address))
        return await self._first_reached([_Count("new guests", self._guests_of_address, key)], _hit)

    async def presence(self, user_id: int | None, address: str) -> LimitReached | None:
        """Counts one presence. Returns None if it is allowed."""
        what = "signs of presence"
        counts = [_Count(what, PRESENCES_PER_MINUTE_OF_ADDRESS, ("address", network_of(address)))]
        if user_id is not None:
            counts.insert(0, _Count(what, PRESENCES_PER_MINUTE, ("person", str(user_id))))
        for count in counts:
            reached = await _reached(self._presences, count, _hit)
            if reached is not None:
                return reached
        return None

    async def _first_reached(self, counts: list[_Count], is_allowed: _Check) -> LimitReached | None:
        for count in counts:
            try:
                reached = await _reached(self._shared.of(count), count, is_allowed)
                self._failing = False
            except Exception as error:  # noqa: BLE001 - whatever the storage raises, writes go on.
                if not self._failing:
                    log.warning("the shared write limits can't be reached", error=str(error))
                self._failing = True
                reached = await _reached(self._local.of(count), count, is_allowed)
            if reached is not None:
                return reached
        return None


async def _hit(limiter: RateLimiter, count: _Count) -> bool:
    return await limiter.hit(count.item, *count.key, cost=count.cost)


async def _has_room(limiter: RateLimiter, count: _Count) -> bool:
    return await limiter.test(count.item, *count.key, cost=count.cost)


async def _reached(limiter: RateLimiter, count: _Count, is_allowed: _Check) -> LimitReached | None:
    if await is_allowed(limiter, count):
        return None
    stats = await limiter.get_window_stats(count.item, *count.key)
    return LimitReached(count.what, datetime.fromtimestamp(stats.reset_time, UTC))


def _units(size: int, item: RateLimitItem) -> int:
    """How many writes a text counts as; one that counts as more than the limit can still be written, alone."""
    return min(1 + size // BYTES_PER_WRITE, item.amount)
