"""The identity of a request or connection: its viewer, its cost budget, and the end of its rights."""

import asyncio
import math
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from access.addresses import network_of
from access.budgets import BudgetExceeded, CostBudgets
from access.rights import RightsMonitor
from execution.error_codes import RequestErrorCode
from execution.operation import RequestRefused, request_error
from live.presence import PresenceSession
from resolvers.context import Context
from schema.scalars import rfc3339
from transports.identity import Revocation


class RequestIdentity:
    """The viewer of a request or connection; see transports.identity.Identity."""

    def __init__(self, context: Context, rights: RightsMonitor, budgets: CostBudgets) -> None:
        self.context = context
        self.rights = rights
        self.budgets = budgets

    @property
    def expires_at(self) -> datetime | None:
        return self.context.viewer.expires_at

    @property
    def network(self) -> str:
        return network_of(self.context.address)

    def on_revoked(self, revoked: Callable[[Revocation], None]) -> Callable[[], None]:
        session = PresenceSession()
        self.context = replace(self.context, session=session)
        viewer, leave = self.context.viewer, partial(self.context.services.presence.leave, session)
        if viewer.user_id is None or viewer.expires_at is None:
            return leave

        def release() -> None:
            leave()
            timer.cancel()
            end_watch()

        def end(revocation: Revocation) -> None:
            release()
            revoked(revocation)

        remaining = (viewer.expires_at + self.context.services.tokens.leeway - datetime.now(UTC)).total_seconds()
        timer = asyncio.get_running_loop().call_later(max(0.0, remaining), end, Revocation.EXPIRED)
        end_watch = self.rights.watch(viewer.user_id, viewer.role, partial(end, Revocation.CHANGED))
        return release

    def charge(self, cost: int) -> Context:
        context = self.context
        try:
            budget = self.budgets.charge(
                context.viewer.user_id, context.address, cost, is_guest=context.viewer.role == "guest"
            )
        except BudgetExceeded as exceeded:
            budget = exceeded.budget
            extensions: dict[str, object] = {"cost": cost, "limit": budget.limit, "remaining": budget.remaining}
            extensions["resetAt"] = rfc3339(budget.reset_at)
            error = request_error(RequestErrorCode.RATE_LIMITED, str(exceeded), **extensions)
            wait = math.ceil((budget.reset_at - datetime.now(UTC)).total_seconds())
            raise RequestRefused([error], retry_seconds=max(1, wait)) from exceeded
        return Context(context.services, context.viewer, context.address, budget, context.session)
