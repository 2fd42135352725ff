"""Who sends a request, as the transports hold it: a viewer, a budget, and rights that can end."""

import asyncio
import math
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from access.budgets import CostBudgets, OverBudget
from access.suspensions import SuspensionMonitor
from execution.operation import RequestRefused, request_error
from live.presence import PresenceSession
from resolvers.context import Context
from schema.scalars import rfc3339


class RequestIdentity:
    """Who asks, as the transports hold them: what an operation costs is taken from their budget."""

    def __init__(self, context: Context, suspensions: SuspensionMonitor, budgets: CostBudgets) -> None:
        self.context = context
        self.suspensions = suspensions
        self.budgets = budgets

    @property
    def expires_at(self) -> datetime | None:
        return self.context.viewer.expires_at

    def hold(self, ended: Callable[[str], None]) -> Callable[[], None]:
        visit = PresenceSession()
        self.context = replace(self.context, session=visit)
        viewer, leave = self.context.viewer, partial(self.context.services.presence.leave, visit)
        if viewer.user_id is None or viewer.expires_at is None:
            return leave

        def release() -> None:
            leave()
            timer.cancel()
            let_go()

        def end(reason: str) -> None:
            release()
            ended(reason)

        remaining = (viewer.expires_at - datetime.now(UTC)).total_seconds()
        timer = asyncio.get_running_loop().call_later(max(0.0, remaining), end, "Token expired")
        let_go = self.suspensions.hold(viewer.user_id, end)
        return release

    def spend(self, cost: int) -> Context:
        context = self.context
        try:
            rate = self.budgets.spend(context.viewer.user_id, context.address, cost)
        except OverBudget as over:
            rate = over.rate
            extensions = {"cost": cost, "limit": rate.limit, "remaining": rate.remaining}
            error = request_error("RATE_LIMITED", str(over), **extensions, resetAt=rfc3339(rate.reset_at))
            wait = math.ceil((rate.reset_at - datetime.now(UTC)).total_seconds())
            raise RequestRefused([error], retry_seconds=max(1, wait)) from over
        return replace(context, budget=rate)
