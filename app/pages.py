"""What the pages read: see web.source.Source."""

import asyncio
import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any, TypeVar

import orjson
import structlog
from starlette.types import Scope

import db.page_versions
from access.budgets import BudgetExceeded, CostBudgets
from access.viewer import SingleViewer
from app.kept_rows import KeptRows
from db.database import Database
from db.page_versions import DiscussionVersionRow, FeedPostRow
from db.rows import Row
from db.statements import Statement
from db.versions import Versions
from execution.engine import Engine
from execution.error_codes import RequestErrorCode
from execution.operation import Operation
from resolvers.context import Context, Services
from resolvers.errors import FieldErrorCode
from transports.addresses import Addresses
from web.source import (
    BadPlace,
    Data,
    DataTooLarge,
    DataUnavailable,
    FeedPost,
    FeedPosts,
    Listed,
    OverBudget,
    Part,
    Version,
)

MAX_KEY = 2**63 - 1
SETTLING_READS = 10
SETTLING_SECONDS = 0.1
"""How often, and after which pauses, it is asked whether a transaction may still add a post to an archive."""
BYTES_PER_VALUE = 100
"""How many bytes of a page count as one value."""

log = structlog.get_logger(__name__)

_of_discussion = cache(db.page_versions.of_discussion)
_of_latest = cache(db.page_versions.of_latest)
_of_feed = cache(db.page_versions.of_feed)
_NOT_SHOWN = ("newest",)
_FAILURES = {RequestErrorCode.TOO_COSTLY: DataTooLarge, FieldErrorCode.BAD_CURSOR: BadPlace}

R = TypeVar("R", bound=Row)


class PageSource:
    """Reads as an anonymous viewer, at the cost of the reader's address."""

    def __init__(
        self,
        engine: Engine,
        database: Database,
        budgets: CostBudgets,
        addresses: Addresses,
        services: Callable[[], Services],
        versions: Versions | None,
    ) -> None:
        """`services` returns what the process has once it is started. `versions`: see KeptRows."""
        self._engine = engine
        self._database = database
        self._kept = KeptRows(database, versions)
        self._budgets = budgets
        self._addresses = addresses
        self._services = services
        self._settled = 0
        """Up to this id of a post all are there: ids are given out before commits, which may come in another order."""

    async def read(self, scope: Scope, document: str, variables: Mapping[str, Any]) -> Data:
        """See web.source.Source."""
        prepared = self._engine.prepare(Operation(document, variables), is_ours=True)
        self._charge(scope, prepared.cost)
        context = Context(self._services(), SingleViewer(), "")
        answer = orjson.loads(await self._engine.execute(prepared, context, partial(self._charge, scope)))
        if "errors" in answer:
            error = answer["errors"][0]
            raise _FAILURES.get(error["extensions"]["code"], DataUnavailable)(error["message"])
        found: Data = answer["data"]
        return found

    async def version_of_discussion(self, scope: Scope, number: int, part: Part, replies: int) -> Version | None:
        """See web.source.Source."""
        kind: db.page_versions.Part = "around" if part.reply else "after" if part.after else "beginning"
        at = {} if kind == "beginning" else {"at": part.reply or part.after}
        rows = await self._rows(scope, replies, _of_discussion(kind, replies), may_be_kept=True, id=number, **at)
        return Version(_text(rows), rows[0].deleted, rows[0].is_there) if rows else None

    async def version_of_latest(self, scope: Scope, count: int, newest: int) -> Version:
        """See web.source.Source."""
        found = await self._rows(scope, count * (1 + newest), _of_latest(count, newest), may_be_kept=True)
        return Version(_text(found))

    async def feed_posts(self, scope: Scope, number: int | None, until: int | None, limit: int) -> FeedPosts:
        """See web.source.Source."""
        of_discussion = {} if number is None else {"id": number}
        statement = _of_feed(limit, of_discussion=number is not None)
        newest = MAX_KEY if until is None else until
        rows = await self._rows(scope, limit, statement, may_be_kept=True, until=newest, **of_discussion)
        if rows and number is None and until is not None:
            # A restored backup gives ids out again.
            self._settled = min(self._settled, rows[0].newest)
            if self._settled < until <= rows[0].newest:
                await self._settle(scope)
                rows = await self._rows(scope, limit, statement, may_be_kept=True, until=newest)
        if not rows:
            return FeedPosts([], 0)
        return FeedPosts(_feed_posts(rows, of_discussion=number is not None), rows[0].newest)

    async def _settle(self, scope: Scope) -> None:
        """Waits until no transaction can add a post up to the newest id. Raises DataUnavailable if that lasts."""
        (mark,) = await self._rows(scope, 0, db.page_versions.mark)
        running = set(mark.writers.split())
        for _ in range(SETTLING_READS):
            if not running:
                self._settled = max(self._settled, mark.newest or 0)
                return
            await asyncio.sleep(SETTLING_SECONDS)
            (now,) = await self._rows(scope, 0, db.page_versions.mark)
            running &= set(now.writers.split())
        raise DataUnavailable("A transaction may still add a post to this archive.")

    async def newest_number(self, scope: Scope) -> int:
        """See web.source.Source."""
        (row,) = await self._rows(scope, 0, db.page_versions.newest_number)
        return row.number or 0

    async def discussions_between(self, scope: Scope, first: int, last: int) -> list[Listed]:
        """See web.source.Source."""
        rows = await self._rows(scope, last - first, db.page_versions.in_range, low=first, high=last)
        return [Listed(row.id, row.title, row.last_activity_at) for row in rows]

    def charge(self, scope: Scope, size: int) -> None:
        """See web.source.Source."""
        self._charge(scope, 1 + size // BYTES_PER_VALUE)

    async def _rows(
        self, scope: Scope, posts: int, statement: Statement[R], *, may_be_kept: bool = False, **parameters: int
    ) -> list[R]:
        self._charge(scope, 1 + posts)
        read = self._kept.rows if may_be_kept else self._database.rows
        try:
            return await read(statement, **parameters)
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
    return repr([(row.id, row.last_event, row.last_epoch, row.deleted, row.shown, row.category_event) for row in rows])


def _feed_posts(rows: list[FeedPostRow], *, of_discussion: bool) -> list[FeedPost]:
    return [
        FeedPost(
            row.sequence if of_discussion else row.post_id,
            f"R_{row.post_id}" if row.sequence else f"D_{row.discussion_id}",
            row.size,
            row.deleted,
            row.discussion_deleted,
            repr([getattr(row, column) for column in row.columns if column not in _NOT_SHOWN]),
        )
        for row in rows
    ]
