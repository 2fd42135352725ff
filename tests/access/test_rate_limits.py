"""Write limits: an IPv6 network counts as one address, and writes go on while the shared storage is away."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from limits.aio.storage import MemoryStorage
from structlog.testing import capture_logs

from access.addresses import network_of
from access.limits import RateLimits
from access.rate_limits import LimitReached, WriteRateLimiter

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("unknown", "unknown", True),
        ("unknown", "elsewhere", False),
    ],
)
def test_an_ipv6_address_counts_by_its_network(one: str, other: str, alike: bool) -> None:
    assert (network_of(one) == network_of(other)) == alike


async def test_a_refused_user_takes_nothing_from_their_address() -> None:
    limiter = WriteRateLimiter(None, RateLimits(writes_per_minute=1, writes_per_minute_of_address=3))
    assert await limiter.write(1, "192.0.2.1") is None
    for _ in range(3):
        reached = await limiter.write(1, "192.0.2.1")
        assert reached is not None and reached.reset_at > datetime.now(UTC)
    assert await limiter.write(2, "192.0.2.1") is None
    assert await limiter.write(3, "192.0.2.1") is None
    assert await limiter.write(4, "192.0.2.1") is not None


async def test_writes_are_limited_locally_while_the_storage_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    storage = MemoryStorage()

    async def fail(*_: Any, **__: Any) -> bool:
        raise OSError("connection refused")

    limiter = WriteRateLimiter(storage, RateLimits(writes_per_minute=2, writes_per_minute_of_address=100))
    monkeypatch.setattr(storage, "acquire_entry", fail)
    with capture_logs() as logs:
        found = [await limiter.write(1, "192.0.2.1") for _ in range(3)]
    assert [reached is None for reached in found] == [True, True, False]
    assert [entry["event"] for entry in logs] == ["the shared write limits can't be reached"]


async def allowed(limiter: WriteRateLimiter, user_id: int | None, address: str, **given: Any) -> int:
    """How many writes are allowed before one is refused."""
    for count in range(1_000):
        if await limiter.write(user_id, address, **given) is not None:
            return count
    return 1_000


@pytest.mark.parametrize(
    ("size", "writes"),
    [(0, 300), (4_999, 300), (5_000, 150), (9_999, 150), (40_000, 33), (100_000, 14), (10_000_000, 1)],
)
async def test_a_long_text_counts_as_several_writes(size: int, writes: int) -> None:
    for is_kept in (True, False):
        limiter = WriteRateLimiter(None, RateLimits(bytes_per_day=2**31, bytes_per_day_of_address=2**31))
        assert await allowed(limiter, 1, "192.0.2.1", size=size, is_kept=is_kept) == writes


async def test_a_text_beyond_a_whole_limit_can_still_be_written_alone() -> None:
    limiter = WriteRateLimiter(None, RateLimits(writes_per_minute=3, writes_per_minute_of_address=3))
    assert await allowed(limiter, 1, "192.0.2.1", size=100_000) == 1


@pytest.mark.parametrize(
    ("user_id", "is_guest", "bytes_allowed"), [(1, False, 500_000), (1, True, 200_000), (None, False, 900_000)]
)
async def test_the_bytes_of_a_day_are_limited(user_id: int | None, is_guest: bool, bytes_allowed: int) -> None:
    limits = RateLimits(
        bytes_per_day=500_000,
        bytes_per_day_of_guest=200_000,
        bytes_per_day_of_address=900_000,
        writes_per_minute=10**6,
        writes_per_minute_of_address=10**6,
    )
    limiter = WriteRateLimiter(None, limits)
    assert await allowed(limiter, user_id, "2001:db8::1", size=50_000, is_guest=is_guest) == bytes_allowed // 50_000
    reached = await limiter.write(user_id, "2001:db8::2", size=50_000, is_guest=is_guest)
    assert isinstance(reached, LimitReached)
    assert reached.what == "bytes of text for one day"
    assert timedelta(hours=23) < reached.reset_at - datetime.now(UTC) <= timedelta(hours=24, seconds=5)
    # What needs no storage goes on: previews, deletions, and others at other addresses.
    assert await limiter.write(user_id, "2001:db8::1", size=50_000, is_guest=is_guest, is_kept=False) is None
    assert await limiter.write(user_id, "2001:db8::1", is_guest=is_guest) is None
    assert await limiter.write(2, "192.0.2.1", size=50_000) is None


@pytest.mark.parametrize("of_address", [False, True])
async def test_a_text_that_the_minute_refuses_does_not_count_for_the_day(of_address: bool) -> None:
    storage = MemoryStorage()
    of_minute = {
        "writes_per_minute": 100 if of_address else 1,
        "writes_per_minute_of_address": 1 if of_address else 100,
    }
    limiter = WriteRateLimiter(storage, RateLimits(bytes_per_day=1_000, bytes_per_day_of_address=2_000, **of_minute))
    assert await limiter.write(1, "192.0.2.1", size=400) is None
    for _ in range(10):
        reached = await limiter.write(1, "192.0.2.1", size=400)
        assert reached is not None and reached.what == "writes"
    # Of the day exactly the rest is left, to a limiter with other minutes.
    day = WriteRateLimiter(storage, RateLimits(bytes_per_day=1_000, bytes_per_day_of_address=2_000))
    assert await day.write(1, "192.0.2.1", size=600) is None
    assert await day.write(1, "192.0.2.1", size=1) is not None
    assert await day.write(2, "192.0.2.1", size=1_000) is None
    assert await day.write(3, "192.0.2.1", size=1) is not None


@pytest.mark.parametrize("of_address", [False, True])
async def test_a_text_that_the_day_refuses_counts_for_nothing(of_address: bool) -> None:
    of_day = {"bytes_per_day": 1_000_000 if of_address else 1_000, "bytes_per_day_of_address": 1_000}
    limiter = WriteRateLimiter(None, RateLimits(writes_per_minute=2, **of_day))
    for _ in range(10):
        reached = await limiter.write(1, "192.0.2.1", size=1_001)
        assert reached is not None and reached.what == "bytes of text for one day"
    assert await limiter.write(1, "192.0.2.1", size=1_000) is None
    assert await limiter.write(1, "192.0.2.1") is None
    assert (await limiter.write(1, "192.0.2.1")) is not None


async def test_new_guests_of_an_address_are_limited_by_the_hour() -> None:
    limiter = WriteRateLimiter(None, RateLimits(guests_per_hour_of_address=3))
    for number in range(3):
        assert await limiter.new_guest(f"2001:db8::{number}") is None
    reached = await limiter.new_guest("2001:db8::ffff")
    assert reached is not None and reached.what == "new guests"
    assert timedelta(minutes=59) < reached.reset_at - datetime.now(UTC) <= timedelta(minutes=60, seconds=5)
    assert await limiter.new_guest("2001:db8:0:1::1") is None
