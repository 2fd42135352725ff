"""What PostgreSQL plans once, what it plans for the values of each time, and what both look up in an index."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, get_args

import pytest
from sqlalchemy import BigInteger, Connection, column, text

from db import page_versions, posts, quotes, replies, user_search
from db.database import Database
from db.migrate import migrate, transact
from db.page_versions import Part
from db.rows import CountRow
from db.statements import Dialect, Statement, for_sqlite
from tests.db.searching import found
from tests.support.backends import Backend

_KEPT = Statement(
    text(
        "SELECT 0 AS parent, coalesce(sum(generic_plans), 0) AS total FROM pg_prepared_statements"
        " WHERE statement LIKE '%words @@%' AND statement NOT LIKE '%pg_prepared%'"
    ).columns(column("parent", BigInteger), column("total", BigInteger)),
    CountRow,
)


@pytest.mark.anyio
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


@pytest.mark.anyio
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


def plan_of_sqlite(statement: Statement[Any], folder: Path, **parameters: object) -> list[str]:
    """SQLite plans without looking at rows, so an empty database does. PostgreSQL knows how long a discussion is."""
    path = folder / "parley.db"
    asyncio.run(migrate(f"sqlite:///{path}"))
    compiled = statement.compiled("sqlite")
    with closing(sqlite3.connect(path)) as connection:
        bound = for_sqlite(compiled.arguments(parameters))
        return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {compiled.text}", bound)]


@pytest.mark.parametrize("part", get_args(Part))
def test_the_version_of_a_page_sorts_no_discussion(part: Part, tmp_path: Path) -> None:
    at = {} if part in ("beginning", "newest") else {"at": 1}
    plan = plan_of_sqlite(page_versions.of_discussion(part, 50), tmp_path, id=1, **at)
    assert not any("TEMP B-TREE" in line for line in plan), plan


@pytest.mark.parametrize("statement", [replies.by_sequences, posts.places_by_sequence], ids=["replies", "places"])
def test_replies_by_their_sequences_are_looked_up_one_by_one(statement: Statement[Any], tmp_path: Path) -> None:
    plan = plan_of_sqlite(statement, tmp_path, discussions=[1], sequences=[7, 8])
    assert any("SEARCH posts" in line and "(discussion_id=? AND sequence=?)" in line for line in plan), plan


def test_the_quotes_of_a_post_are_read_in_their_order(tmp_path: Path) -> None:
    plan = plan_of_sqlite(quotes.of_sources(), tmp_path, parents=[1], limit=21, post=0, ordinal=-1)
    assert any("quotes_source_id_post_id_ordinal (source_id=? AND (post_id,ordinal)>(?,?))" in line for line in plan), (
        plan
    )
    # Those that were chosen are sorted, and no others.
    assert sum("TEMP B-TREE" in line for line in plan) == 1, plan
