"""What the pages read: see web.source.Source."""

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

import orjson
import structlog
from starlette.types import Scope

import db.page_versions
from access.budgets import BudgetExceeded, CostBudgets
from access.viewer import SingleViewer
from db.database import Database
from db.page_versions import DiscussionVersionRow
from execution.engine import Engine
from execution.error_codes import RequestErrorCode
from execution.operation import Operation
from resolvers.context import Context, Services
from transports.addresses import Addresses
from web.source import Data, DataTooLarge, DataUnavailable, OverBudget, Version

BYTES_PER_VALUE = 100
"""How many bytes of a page count as one value."""

log = structlog.get_logger(__name__)

_of_discussion = cache(db.page_versions.of_discussion)
_of_latest = cache(db.page_versions.of_latest)


class PageSource:
    """Reads as an anonymous viewer, at the cost of the reader's address."""

    def __init__(
        self,
        engine: Engine,
        database: Database,
        budgets: CostBudgets,
        addresses: Addresses,
        services: Callable[[], Services],
    ) -> None:
        """`services` returns what the process has once it is started."""
        self._engine = engine
        self._database = database
        self._budgets = budgets
        self._addresses = addresses
        self._services = services

    async def read(self, scope: Scope, document: str, variables: Mapping[str, Any]) -> Data:
        """See web.source.Source."""
        prepared = self._engine.prepare(Operation(document, variables), is_ours=True)
        self._charge(scope, prepared.cost)
        context = Context(self._services(), SingleViewer(), "")
        answer = orjson.loads(await self._engine.execute(prepared, context, partial(self._charge, scope)))
        if "errors" in answer:
            error = answer["errors"][0]
            is_large = error["extensions"]["code"] == RequestErrorCode.TOO_COSTLY
            raise (DataTooLarge if is_large else DataUnavailable)(error["message"])
        found: Data = answer["data"]
        return found

    async def version_of_discussion(
        self, scope: Scope, number: int, *, newest: int = 0, first: int = 0
    ) -> Version | None:
        """See web.source.Source."""
        statement = _of_discussion("thread" if first else "newest", first or newest)
        rows = await self._versions(scope, statement, first or newest, id=number)
        return Version(_text(rows), rows[0].deleted) if rows else None

    async def version_of_latest(self, scope: Scope, count: int, *, newest: int = 0) -> Version:
        """See web.source.Source."""
        return Version(_text(await self._versions(scope, _of_latest(count, newest), count * (1 + newest))))

    def charge(self, scope: Scope, size: int) -> None:
        """See web.source.Source."""
        self._charge(scope, 1 + size // BYTES_PER_VALUE)

    async def _versions(
        self, scope: Scope, statement: Any, posts: int, **parameters: int
    ) -> list[DiscussionVersionRow]:
        self._charge(scope, 1 + posts)
        try:
            return await self._database.rows(statement, **parameters)
        except Exception as error:
            log.warning("a page can't be read", error=repr(error))
            raise DataUnavailable from error

    def _charge(self, scope: Scope, cost: int) -> None:
        try:
            self._budgets.charge(None, self._addresses.of(scope), cost)
        except BudgetExceeded as exceeded:
            wait = math.ceil((exceeded.budget.reset_at - datetime.now(UTC)).total_seconds())
            raise OverBudget(str(exceeded), max(1, wait)) from exceeded


def _text(rows: list[DiscussionVersionRow]) -> str:
    return repr([(row.id, row.last_event, row.last_epoch, row.deleted, row.shown) for row in rows])
