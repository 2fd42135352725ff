"""Write limits: an IPv6 network counts as one address, and writes go on while the shared storage is away."""

from datetime import UTC, datetime
from typing import Any

import pytest
from limits.aio.storage import MemoryStorage
from structlog.testing import capture_logs

from access.addresses import network_of
from access.rate_limits import WriteRateLimiter

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
    limiter = WriteRateLimiter(None, writes_per_minute=1, writes_per_minute_of_address=3)
    assert await limiter.write(1, "192.0.2.1") is None
    for _ in range(3):
        reset_at = await limiter.write(1, "192.0.2.1")
        assert reset_at is not None and reset_at > datetime.now(UTC)
    assert await limiter.write(2, "192.0.2.1") is None
    assert await limiter.write(3, "192.0.2.1") is None
    assert await limiter.write(4, "192.0.2.1") is not None


async def test_writes_are_limited_locally_while_the_storage_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    storage = MemoryStorage()

    async def fail(*_: Any, **__: Any) -> bool:
        raise OSError("connection refused")

    limiter = WriteRateLimiter(storage, writes_per_minute=2, writes_per_minute_of_address=100)
    monkeypatch.setattr(storage, "acquire_entry", fail)
    with capture_logs() as logs:
        found = [await limiter.write(1, "192.0.2.1") for _ in range(3)]
    assert [reset_at is None for reset_at in found] == [True, True, False]
    assert [entry["event"] for entry in logs] == ["the shared write limits can't be reached"]
