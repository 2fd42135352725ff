"""Cost budgets: counted by the minute of an injected clock, shared through a storage, alone while that is away."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from structlog.testing import capture_logs

from access.budgets import BudgetExceeded, BudgetRow, CostBudgets
from access.limits import RateLimits

pytestmark = pytest.mark.anyio

ADDRESS = "192.0.2.1"


class FakeStorage:
    """A shared storage that can be made to fail, and in which other processes have counted 1000 already."""

    def __init__(self, *, failing: bool = False) -> None:
        self.failing = failing
        self.calls: list[tuple[str, int]] = []
        self.total = 1000

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        if self.failing:
            raise OSError("connection refused")
        self.calls.append((key, amount))
        self.total += amount
        return self.total


class Clock:
    """Unix time that a test sets."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def budgets(
    storage: FakeStorage | None = None, *, limit: int = 2000, address: int = 2000, now: float = 90.0
) -> tuple[CostBudgets, Clock]:
    clock = Clock(now)
    shared: Any = storage
    limits = RateLimits(cost_per_minute=limit, cost_per_minute_of_guest=limit // 2, cost_per_minute_of_address=address)
    return CostBudgets(shared, limits, clock=clock), clock


@pytest.fixture
def logs() -> Iterator[list[Any]]:
    """What is logged during the test."""
    with capture_logs() as entries:
        yield entries


def test_each_minute_of_the_clock_has_its_own_budget() -> None:
    counted, clock = budgets(address=10, now=119.0)
    assert counted.charge(None, ADDRESS, 10) == BudgetRow(10, 10, 0, datetime.fromtimestamp(120, UTC))
    with pytest.raises(BudgetExceeded):
        counted.charge(None, ADDRESS, 1)
    clock.now = 120.0
    assert counted.charge(None, ADDRESS, 4) == BudgetRow(4, 10, 6, datetime.fromtimestamp(180, UTC))


def test_a_refused_charge_takes_nothing_and_says_what_remains() -> None:
    counted, _ = budgets(limit=10)
    counted.charge(1, ADDRESS, 7)
    with pytest.raises(BudgetExceeded, match="costs 4, and 3 of 10 are left") as refused:
        counted.charge(1, ADDRESS, 4)
    assert (refused.value.budget.cost, refused.value.budget.remaining) == (4, 3)
    assert counted.charge(1, ADDRESS, 3).remaining == 0


def test_a_charge_counts_for_the_user_and_for_the_address() -> None:
    counted, _ = budgets(limit=10, address=25)
    # The budget with less left is reported.
    assert counted.charge(1, ADDRESS, 9).remaining == 1
    assert counted.charge(2, ADDRESS, 9).remaining == 1
    assert counted.charge(3, ADDRESS, 3).remaining == 4
    assert counted.charge(None, ADDRESS, 3) == BudgetRow(3, 25, 1, datetime.fromtimestamp(120, UTC))
    for user_id in (3, 4, None):
        with pytest.raises(BudgetExceeded, match="1 of 25 are left"):
            counted.charge(user_id, ADDRESS, 2)
    # What the address refused was not taken from the user.
    assert counted.charge(3, "192.0.2.2", 7).remaining == 0
    with pytest.raises(BudgetExceeded, match="1 of 10 are left"):
        counted.charge(1, "192.0.2.3", 2)
    assert counted.charge(None, "192.0.2.3", 25).remaining == 0


def test_guests_have_less_and_a_network_of_ipv6_is_one_address() -> None:
    counted, _ = budgets(limit=10, address=12)
    assert counted.charge(1, ADDRESS, 5, is_guest=True) == BudgetRow(5, 5, 0, datetime.fromtimestamp(120, UTC))
    with pytest.raises(BudgetExceeded, match="0 of 5 are left"):
        counted.charge(1, "192.0.2.2", 1, is_guest=True)
    assert counted.charge(None, "2001:db8::1", 9).remaining == 3
    assert counted.charge(None, "2001:db8::2", 1).remaining == 2


def test_many_guests_of_an_address_share_its_budget() -> None:
    counted, _ = budgets(limit=2000, address=5000)
    charged = 0
    for user_id in range(1_200):
        try:
            counted.charge(user_id, f"2001:db8::{user_id:x}", 1_000, is_guest=True)
            charged += 1_000
        except BudgetExceeded:
            pass
    assert charged == 5_000


async def test_counts_are_shared_once_and_totals_come_back() -> None:
    storage = FakeStorage()
    counted, _ = budgets(storage)
    counted.charge(1, ADDRESS, 100)
    await counted.share()
    await counted.share()
    assert storage.calls == [("cost/1/address/192.0.2.1", 100), ("cost/1/person/1", 100)]
    assert counted.charge(1, ADDRESS, 0).remaining == 800


async def test_counts_of_an_ended_minute_are_not_shared() -> None:
    storage = FakeStorage()
    counted, clock = budgets(storage)
    counted.charge(1, ADDRESS, 100)
    clock.now += 60
    await counted.share()
    assert storage.calls == []


async def test_without_its_storage_a_process_counts_alone_and_logs_it_once(logs: list[Any]) -> None:
    storage = FakeStorage(failing=True)
    counted, _ = budgets(storage)
    assert counted.charge(1, ADDRESS, 100).remaining == 1900
    for _ in range(3):
        await counted.share()
    assert counted.charge(1, ADDRESS, 100).remaining == 1800
    assert [entry["event"] for entry in logs] == ["budgets are not shared: the store can't be reached"]
    storage.failing = False
    await counted.share()
    assert [entry["event"] for entry in logs[1:]] == ["budgets are shared again"]
    assert storage.calls == [("cost/1/address/192.0.2.1", 200), ("cost/1/person/1", 200)]
    assert counted.charge(1, ADDRESS, 0).remaining == 600


async def test_without_a_storage_nothing_is_shared() -> None:
    counted, _ = budgets()
    await counted.start()
    await counted.share()
    await counted.stop()
    assert counted.charge(1, ADDRESS, 1).remaining == 1999
