"""Cost budgets: how much the operations of one user, or of one address without a user, may cost in a minute.

Each process counts by itself, so that a request waits for nothing. With a shared storage (Redis), it adds its counts
there every second, and learns what other processes counted.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from time import time

import structlog
from limits.aio.storage import Storage

from access.addresses import network_of
from db import tasks

MINUTE_SECONDS = 60
SHARE_SECONDS = 1.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class BudgetRow:
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
        *,
        cost_per_minute: int,
        cost_per_minute_of_address: int,
        clock: Callable[[], float] = time,
    ) -> None:
        self._of_user = cost_per_minute
        self._of_address = cost_per_minute_of_address
        self._storage = storage
        self._clock = clock
        self._minute = 0
        self._reset_at = datetime.fromtimestamp(0, UTC)
        self._accounts: dict[str, _Account] = {}
        self._failing = False
        self._sharing: asyncio.Task[None] | None = None

    def charge(self, user_id: int | None, address: str, cost: int) -> BudgetRow:
        """Charges the cost of one operation. Raises BudgetExceeded, and then charges nothing."""
        self._begin_minute()
        key, limit = f"address/{network_of(address)}", self._of_address
        if user_id is not None:
            key, limit = f"person/{user_id}", self._of_user
        account = self._accounts.get(key)
        if account is None:
            account = self._accounts[key] = _Account()
        remaining = max(0, limit - account.spent)
        if cost > remaining:
            raise BudgetExceeded(BudgetRow(cost, limit, remaining, self._reset_at))
        account.spent += cost
        account.unshared += cost
        return BudgetRow(cost, limit, remaining - cost, self._reset_at)

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
