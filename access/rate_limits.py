"""How much one person and one address may write.

Counted in the bus's Redis where there is one, else in this process.
"""

from datetime import UTC, datetime

import structlog
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage, Storage
from limits.aio.strategies import FixedWindowRateLimiter, MovingWindowRateLimiter

from access.addresses import network_of

PATIENCE_SECONDS = 1.0
PRESENCES_PER_MINUTE = RateLimitItemPerMinute(120)
PRESENCES_PER_MINUTE_OF_ADDRESS = RateLimitItemPerMinute(6_000)

log = structlog.get_logger(__name__)


def shared_storage(bus_url: str) -> RedisStorage | None:
    """Where all processes count together; None where the bus is no Redis, and each counts by itself."""
    if not bus_url.startswith(("redis:", "rediss:")):
        return None
    return RedisStorage(
        f"async+{bus_url}",
        implementation="redispy",
        key_prefix="parley-limits",
        # A store that accepts and never answers must not hold up writes.
        socket_timeout=PATIENCE_SECONDS,
        socket_connect_timeout=PATIENCE_SECONDS,
    )


class WriteRateLimiter:
    """Writes per minute, of each person and, more generously, of each address that many may share."""

    def __init__(self, bus_url: str, *, writes_per_minute: int, writes_per_minute_of_address: int) -> None:
        storage: Storage = shared_storage(bus_url) or MemoryStorage()
        self._shared = MovingWindowRateLimiter(storage)
        # What counts while the shared store is away: a limit per process is better than none, and than no writing.
        self._own = MovingWindowRateLimiter(MemoryStorage())
        # Presence is said often and costs little, so each process counts it by itself, and apart from what is written.
        self._presences = FixedWindowRateLimiter(MemoryStorage())
        self._away = False
        self._person = RateLimitItemPerMinute(writes_per_minute)
        self._address = RateLimitItemPerMinute(writes_per_minute_of_address)

    async def write(self, user_id: int | None, address: str) -> datetime | None:
        """Counts one write; the moment at which there is room again where it is one too many."""
        # The person first: what one person is refused is not taken from those who share the address.
        counted = [(self._person, "person", str(user_id))] if user_id is not None else []
        for item, kind, who in [*counted, (self._address, "address", network_of(address))]:
            try:
                limiter = self._shared
                allowed = await limiter.hit(item, kind, who)
                self._away = False
            except Exception as error:  # noqa: BLE001 - whatever the store throws, writing goes on.
                if not self._away:
                    log.warning("the shared write limits can't be reached", error=str(error))
                self._away = True
                limiter = self._own
                allowed = await limiter.hit(item, kind, who)
            if not allowed:
                stats = await limiter.get_window_stats(item, kind, who)
                return datetime.fromtimestamp(stats.reset_time, UTC)
        return None

    async def presence(self, user_id: int | None, address: str) -> datetime | None:
        """Counts that somebody says they are there; the moment from which they may again where it is once too often."""
        whose = [(PRESENCES_PER_MINUTE, "person", str(user_id))] if user_id is not None else []
        for item, kind, who in [*whose, (PRESENCES_PER_MINUTE_OF_ADDRESS, "address", network_of(address))]:
            if not await self._presences.hit(item, kind, who):
                stats = await self._presences.get_window_stats(item, kind, who)
                return datetime.fromtimestamp(stats.reset_time, UTC)
        return None
