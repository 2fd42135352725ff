"""What PostgreSQL plans once, and what it plans for the values of each time."""

import pytest
from sqlalchemy import BigInteger, column, text

from db import search
from db.database import Database
from db.rows import CountRow
from db.statements import Statement
from tests.support.backends import Backend
from text.search import terms

pytestmark = pytest.mark.anyio

_KEPT = Statement(
    text(
        "SELECT 0 AS parent, coalesce(sum(generic_plans), 0) AS total FROM pg_prepared_statements"
        " WHERE statement LIKE 'SELECT post_id, rank FROM%'"
    ).columns(column("parent", BigInteger), column("total", BigInteger)),
    CountRow,
)


async def test_a_search_is_planned_for_its_words_each_time(backend: Backend, database: Database) -> None:
    if backend.name == "sqlite":
        # It plans when it prepares, and knows no values.
        return
    for _ in range(8):
        await database.rows(search.best, **search.search_parameters(terms("rare")), most=search.MAX_RANKED, limit=20)
    (kept,) = await database.rows(_KEPT)
    assert kept.total == 0
