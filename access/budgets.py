"""How much one person, or one address where nobody is signed in, may ask for in a minute.

Each process counts by itself, so that a request waits for nothing. Where the bus is Redis, its count goes there every
second, and what was spent at other processes comes back.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from time import time

import structlog
from limits.aio.storage import Storage

from access.addresses import network_of
from access.rate_limits import shared_storage

MINUTE_SECONDS = 60
SHARE_SECONDS = 1.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """What one operation takes from the budget of who asks."""

    cost: int
    limit: int
    remaining: int
    reset_at: datetime


class OverBudget(Exception):
    """So much is not left."""

    def __init__(self, rate: BudgetRow) -> None:
        super().__init__(f"This costs {rate.cost}, and {rate.remaining} of {rate.limit} are left until the reset.")
        self.rate = rate


@dataclass(slots=True)
class _Account:
    spent: int = 0
    unshared: int = 0


class CostBudgets:
    """What is spent in this minute of the clock."""

    def __init__(self, bus_url: str, *, cost_per_minute: int, cost_per_minute_of_address: int) -> None:
        self._of_person = cost_per_minute
        self._of_address = cost_per_minute_of_address
        self._storage = shared_storage(bus_url)
        self._minute = 0
        self._reset_at = datetime.now(UTC)
        self._accounts: dict[str, _Account] = {}
        self._away = False
        self._sharing: asyncio.Task[None] | None = None

    def spend(self, user_id: int | None, address: str, cost: int) -> BudgetRow:
        """Takes the cost of one operation. Raises OverBudget, and takes nothing."""
        self._turn()
        key, limit = f"address/{network_of(address)}", self._of_address
        if user_id is not None:
            key, limit = f"person/{user_id}", self._of_person
        account = self._accounts.get(key)
        if account is None:
            account = self._accounts[key] = _Account()
        remaining = max(0, limit - account.spent)
        if cost > remaining:
            raise OverBudget(BudgetRow(cost, limit, remaining, self._reset_at))
        account.spent += cost
        account.unshared += cost
        return BudgetRow(cost, limit, remaining - cost, self._reset_at)

    def _turn(self) -> None:
        minute = int(time()) // MINUTE_SECONDS
        if minute != self._minute:
            self._minute = minute
            self._reset_at = datetime.fromtimestamp((minute + 1) * MINUTE_SECONDS, UTC)
            self._accounts = {}

    async def start(self) -> None:
        if self._storage is not None:
            self._sharing = asyncio.create_task(self._keep_sharing(self._storage))

    async def stop(self) -> None:
        if self._sharing is not None:
            self._sharing.cancel()
            await asyncio.wait([self._sharing])

    async def _keep_sharing(self, storage: Storage) -> None:
        while True:
            await asyncio.sleep(SHARE_SECONDS)
            try:
                reached = await self._share(storage)
            except Exception as error:  # noqa: BLE001 - whatever the store throws, each process counts on by itself.
                if not self._away:
                    log.warning("budgets are not shared: the store can't be reached", error=str(error))
                self._away = True
            else:
                if reached and self._away:
                    self._away = False
                    log.info("budgets are shared again")

    async def _share(self, storage: Storage) -> bool:
        """Whether there was something to share."""
        self._turn()
        reached = False
        minute = self._minute
        for key, account in list(self._accounts.items()):
            told = account.unshared
            if told:
                total = await storage.incr(f"cost/{minute}/{key}", 2 * MINUTE_SECONDS, told)
                account.unshared -= told
                account.spent = total + account.unshared
                reached = True
        return reached
