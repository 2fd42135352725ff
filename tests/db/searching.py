"""What a search finds, as the resolvers ask for it."""

from collections.abc import Mapping
from typing import Any

from db import search_hits, search_scopes
from db.database import Database
from db.kinds import SearchOrder
from text.search import terms


async def found(
    database: Database,
    query: str,
    filters: Mapping[str, Any] | None = None,
    *,
    top: int | None = None,
    order: SearchOrder = SearchOrder.NEWEST,
) -> list[int]:
    """The ids of all posts that a search finds, in its order. Asserts that they are as many as it counts."""
    wanted, chosen = terms(query), dict(filters or {})
    scope = await search_scopes.scope(database, wanted, chosen, top)
    kind: dict[str, Any] = {"is_compared": bool(scope.compared), "filters": frozenset(chosen)}
    parameters = search_hits.parameters(scope, wanted, chosen)
    rows = await database.rows(search_hits.hits(scope.lead, order=order, **kind), limit=10_000, **parameters)
    (counted,) = await database.rows(search_hits.counted(scope.lead, **kind), **parameters)
    assert len(rows) == min(counted.total, search_scopes.MAX_SEARCHED)
    return [row.post_id for row in rows]
