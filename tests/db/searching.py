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
    statement = search_hits.hits(scope.lead, order=order, is_compared=bool(scope.compared), filters=frozenset(chosen))
    rows = await database.rows(statement, limit=10_000, **search_hits.parameters(scope, wanted, chosen))
    assert {row.total for row in rows} == ({len(rows)} if rows else set())
    return [row.post_id for row in rows]
