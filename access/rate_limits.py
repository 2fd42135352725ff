"""Write limits: how often one user and one address may write.

Counted in the bus's Redis if there is one, else in this process.
"""

from datetime import UTC, datetime

import structlog
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage, Storage
from limits.aio.strategies import FixedWindowRateLimiter, MovingWindowRateLimiter, RateLimiter

from access.addresses import network_of

STORAGE_TIMEOUT_SECONDS = 1.0
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


class WriteRateLimiter:
    """Limits writes per minute: of each user and, more generously, of each address, which many users may share.

    `storage` is what all processes share; with None, each process counts alone.
    """

    def __init__(self, storage: Storage | None, *, writes_per_minute: int, writes_per_minute_of_address: int) -> None:
        self._shared = MovingWindowRateLimiter(storage or MemoryStorage())
        # Counts while the shared storage is unreachable: a limit per process is better than none, and than no writes.
        self._local = MovingWindowRateLimiter(MemoryStorage())
        # Presence is sent often and costs little, so each process counts it by itself, and apart from writes.
        self._presences = FixedWindowRateLimiter(MemoryStorage())
        self._failing = False
        self._of_user = RateLimitItemPerMinute(writes_per_minute)
        self._of_address = RateLimitItemPerMinute(writes_per_minute_of_address)

    async def write(self, user_id: int | None, address: str) -> datetime | None:
        """Counts one write. Returns None if it is allowed, else the time from which the next one is."""
        for item, *key in _items(self._of_user, self._of_address, user_id, address):
            try:
                limiter: RateLimiter = self._shared
                allowed = await limiter.hit(item, *key)
                self._failing = False
            except Exception as error:  # noqa: BLE001 - whatever the storage raises, writes go on.
                if not self._failing:
                    log.warning("the shared write limits can't be reached", error=str(error))
                self._failing = True
                limiter = self._local
                allowed = await limiter.hit(item, *key)
            if not allowed:
                return await _reset_at(limiter, item, key)
        return None

    async def presence(self, user_id: int | None, address: str) -> datetime | None:
        """Counts one presence. Returns None if it is allowed, else the time from which the next one is."""
        for item, *key in _items(PRESENCES_PER_MINUTE, PRESENCES_PER_MINUTE_OF_ADDRESS, user_id, address):
            if not await self._presences.hit(item, *key):
                return await _reset_at(self._presences, item, key)
        return None


def _items(
    of_user: RateLimitItemPerMinute, of_address: RateLimitItemPerMinute, user_id: int | None, address: str
) -> list[tuple[RateLimitItemPerMinute, str, str]]:
    """The limits that a request counts against, each with its key."""
    # The user first: what one user is refused does not count against others at the same address.
    counted = [(of_user, "person", str(user_id))] if user_id is not None else []
    return [*counted, (of_address, "address", network_of(address))]


async def _reset_at(limiter: RateLimiter, item: RateLimitItemPerMinute, key: list[str]) -> datetime:
    stats = await limiter.get_window_stats(item, *key)
    return datetime.fromtimestamp(stats.reset_time, UTC)
