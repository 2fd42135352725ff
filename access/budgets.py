"""Cost budgets: how much the operations of one user, and those of all users of one address, may cost in a minute.

Each process counts by itself, so that a request waits for nothing. With a shared storage (Redis), it adds its counts
there every second, and learns what other processes counted.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from time import time
from typing import NamedTuple

import structlog
from limits.aio.storage import Storage

from access.addresses import network_of
from access.limits import RateLimits
from db import tasks

MINUTE_SECONDS = 60
SHARE_SECONDS = 1.0

log = structlog.get_logger(__name__)


class BudgetRow(NamedTuple):
    """What one operation costs, and the state of the budget after it."""

    cost: int
    limit: int
    remaining: int
    reset_at: datetime


class BudgetExceeded(Exception):
    """The operation costs more than what remains of the budget."""

    def __init__(self, budget: BudgetRow) -> None:
        super().__init__(
            f"This costs {budget.cost}, and {budget.remaining} of {budget.limit} are left until the reset."
        )
        self.budget = budget


@dataclass(slots=True)
class _Account:
    spent: int = 0
    unshared: int = 0


class CostBudgets:
    """The budgets of the current minute of the clock.

    `storage` is what all processes share; with None, each process counts alone. `clock` gives the Unix time in seconds.
    """

    def __init__(
        self,
        storage: Storage | None,
        limits: RateLimits,
        *,
        clock: Callable[[], float] = time,
    ) -> None:
        self._limits = limits
        self._storage = storage
        self._clock = clock
        self._minute = 0
        self._reset_at = datetime.fromtimestamp(0, UTC)
        self._accounts: dict[str, _Account] = {}
        self._failing = False
        self._sharing: asyncio.Task[None] | None = None

    def charge(self, user_id: int | None, address: str, cost: int, *, is_guest: bool = False) -> BudgetRow:
        """Charges the cost of one operation to its address and to its user. Returns the budget with less left.

        Raises BudgetExceeded if it exceeds either, and then charges nothing.
        """
        self._begin_minute()
        limits = self._limits
        account, limit = self._account(f"address/{network_of(address)}"), limits.cost_per_minute_of_address
        charged = [account]
        if user_id is not None:
            own = self._account(f"person/{user_id}")
            own_limit = limits.cost_per_minute_of_guest if is_guest else limits.cost_per_minute
            charged.append(own)
            if own_limit - own.spent <= limit - account.spent:
                account, limit = own, own_limit
        remaining = max(0, limit - account.spent)
        if cost > remaining:
            raise BudgetExceeded(BudgetRow(cost, limit, remaining, self._reset_at))
        for each in charged:
            each.spent += cost
            each.unshared += cost
        return BudgetRow(cost, limit, remaining - cost, self._reset_at)

    def _account(self, key: str) -> _Account:
        account = self._accounts.get(key)
        if account is None:
            account = self._accounts[key] = _Account()
        return account

    async def start(self) -> None:
        """Starts the task that shares counts, if there is a shared storage."""
        if self._storage is not None:
            self._sharing = asyncio.create_task(self._keep_sharing(), name="budgets")

    async def stop(self) -> None:
        """Ends the task that shares counts."""
        await tasks.end(self._sharing)

    async def share(self) -> None:
        """Adds this process's new counts to the shared storage, and takes over the totals. Logs failures once."""
        if self._storage is None:
            return
        try:
            reached = await self._add_to(self._storage)
        except Exception as error:  # noqa: BLE001 - whatever the storage raises, each process goes on counting.
            if not self._failing:
                log.warning("budgets are not shared: the store can't be reached", error=str(error))
            self._failing = True
        else:
            if reached and self._failing:
                self._failing = False
                log.info("budgets are shared again")

    def _begin_minute(self) -> None:
        minute = int(self._clock()) // MINUTE_SECONDS
        if minute != self._minute:
            self._minute = minute
            self._reset_at = datetime.fromtimestamp((minute + 1) * MINUTE_SECONDS, UTC)
            self._accounts = {}

    async def _keep_sharing(self) -> None:
        while True:
            await asyncio.sleep(SHARE_SECONDS)
            await self.share()

    async def _add_to(self, storage: Storage) -> bool:
        """Returns whether there was something to add."""
        self._begin_minute()
        reached = False
        minute = self._minute
        for key, account in list(self._accounts.items()):
            added = account.unshared
            if added:
                total = await storage.incr(f"cost/{minute}/{key}", 2 * MINUTE_SECONDS, added)
                account.unshared -= added
                account.spent = total + account.unshared
                reached = True
        return reached
