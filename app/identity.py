"""The identity of a request or connection: its viewer, its cost budget, and the end of its rights."""

import asyncio
import math
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from access.budgets import OverBudget
from access.suspensions import SuspensionMonitor
from execution.operation import RequestRefused, request_error
from live.presence import PresenceSession
from resolvers.context import Context
from schema.scalars import rfc3339


class RequestIdentity:
    """The viewer behind a request or connection, whose budget pays for each operation."""

    def __init__(self, context: Context, rights: SuspensionMonitor) -> None:
        self.context = context
        self.rights = rights

    @property
    def expires_at(self) -> datetime | None:
        return self.context.viewer.expires_at

    def hold(self, ended: Callable[[str], None]) -> Callable[[], None]:
        visit = PresenceSession()
        self.context = replace(self.context, visit=visit)
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
        let_go = self.rights.hold(viewer.user_id, end)
        return release

    def spend(self, cost: int) -> Context:
        context = self.context
        try:
            rate = context.services.rates.spend(context.viewer.user_id, context.address, cost)
        except OverBudget as over:
            rate = over.rate
            extensions = {"cost": cost, "limit": rate.limit, "remaining": rate.remaining}
            error = request_error("RATE_LIMITED", str(over), **extensions, resetAt=rfc3339(rate.reset_at))
            wait = math.ceil((rate.reset_at - datetime.now(UTC)).total_seconds())
            raise RequestRefused([error], retry_seconds=max(1, wait)) from over
        return Context(context.services, context.viewer, context.address, rate, context.visit)
