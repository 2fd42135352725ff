"""What PostgreSQL plans once, and what it plans for the values of each time."""

from typing import Any

import pytest
from sqlalchemy import BigInteger, Connection, column, text

from db import user_search
from db.database import Database
from db.migrate import transact
from db.rows import CountRow
from db.statements import Dialect, Statement
from tests.db.searching import found
from tests.support.backends import Backend

pytestmark = pytest.mark.anyio

_KEPT = Statement(
    text(
        "SELECT 0 AS parent, coalesce(sum(generic_plans), 0) AS total FROM pg_prepared_statements"
        " WHERE statement LIKE '%words @@%' AND statement NOT LIKE '%pg_prepared%'"
    ).columns(column("parent", BigInteger), column("total", BigInteger)),
    CountRow,
)


async def test_a_search_is_planned_for_its_words_each_time(backend: Backend, database: Database) -> None:
    if backend.name == "sqlite":
        # It plans when it prepares, and knows no values.
        return
    for _ in range(8):
        await found(database, "rare")
    (kept,) = await database.rows(_KEPT)
    assert kept.total == 0


_NUMBERS = {
    "sqlite": "WITH RECURSIVE made(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM made WHERE n < 20000)",
    "postgresql": "WITH made(n) AS (SELECT generate_series(1, 20000))",
}


async def test_people_are_looked_up_in_indexes_however_many_they_are(backend: Backend) -> None:
    dialect: Dialect = "sqlite" if backend.name == "sqlite" else "postgresql"
    url = backend.migrated_database()

    def fill(connection: Connection) -> None:
        at = "'2026-01-01T00:00:00.000000+00:00'"
        columns = "id, handle, name, name_key, created_at"
        for into, chosen in (
            (f"users ({columns})", f"n, 'ada-' || n, 'Ada', 'ada', {at}"),
            ("user_search_keys (user_id, key)", "n, 'ada ' || n"),
        ):
            made = _NUMBERS[dialect]
            insert = f"INSERT INTO {into} {made} SELECT {chosen} FROM made"
            connection.exec_driver_sql(
                insert.replace(at, f"CAST({at} AS timestamptz)") if dialect == "postgresql" else insert
            )
        connection.exec_driver_sql("ANALYZE")

    def plans(connection: Connection) -> list[str]:
        wanted: dict[str, Any] = {"begin": "a", "end": "b", "keys": 320, "limit": 20, "discussion": 1}
        found = []
        for statement in (user_search._of_all, user_search._of_discussion):
            compiled = statement.compiled(dialect)
            explain = "EXPLAIN QUERY PLAN" if dialect == "sqlite" else "EXPLAIN"
            rows = connection.exec_driver_sql(f"{explain} {compiled.text}", tuple(compiled.arguments(wanted)))
            found.append("\n".join(str(row[-1]) for row in rows))
        return found

    await transact(url, fill)
    of_all, of_discussion = await transact(url, plans)
    assert "ix_user_search_keys_key_user_id" in of_all
    for plan in (of_all, of_discussion):
        # Neither the people nor their keys are read whole.
        assert "Seq Scan on user" not in plan and "SCAN user" not in plan, plan
