"""How much a search reads: no more of a forum of many posts than of one that has as many as a search looks at."""

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection

from db import search_hits, search_scopes
from db.database import Database
from db.migrate import transact
from db.search_scopes import Lead
from db.statements import Compiled, Dialect, Statement, for_sqlite
from tests.db.searching import found
from tests.support.backends import Backend

pytestmark = pytest.mark.anyio

POSTS = 20_000
MOST_READ = 4_000
"""Of how many posts one statement reads the row, in PostgreSQL."""
SEARCHES: tuple[tuple[str, dict[str, int]], ...] = (
    ('"everywhere"', {}),
    ('"often"', {}),
    ('"seldom"', {}),
    ('"everywhere" "often"', {}),
    ('"everywhere often"', {}),
    ("ever", {}),
    ("sel", {}),
    ("everywhere oft", {}),
    ('"everywhere"', {"author_id": 2}),
    ('"everywhere"', {"discussion_id": 2}),
    ('"everywhere"', {"category_id": 2}),
)
_NUMBERS = {
    "sqlite": f"WITH RECURSIVE made(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM made WHERE n < {POSTS})",
    "postgresql": f"WITH made(n) AS (SELECT generate_series(1, {POSTS}))",
}
_AT = {"sqlite": "'2026-01-01T00:00:00.000000+00:00'", "postgresql": "CAST('2026-01-01T00:00:00Z' AS timestamptz)"}
_BYTES = {"sqlite": "CAST(n AS BLOB)", "postgresql": "CAST(CAST(n AS text) AS bytea)"}
_INDEXED = {
    "sqlite": "post_search (rowid, title, body) {made} SELECT n, '', {said} FROM made",
    "postgresql": "post_search (post_id, words) {made} SELECT n, to_tsvector('simple', {said}) FROM made",
}
_FILLING = " ".join(f"filling{number}" for number in range(40))
_SAID = (
    f"'{_FILLING} everywhere' || CASE WHEN n % 20 = 0 THEN ' often' ELSE '' END"
    " || CASE WHEN n % 400 = 0 THEN ' seldom' ELSE '' END"
)
"""What post n says."""


def fill(connection: Connection) -> None:
    """Posts of one of 2 people, in discussions of 50, one in 20 of them in the category 2, which has one in 400."""
    dialect: Dialect = "sqlite" if connection.dialect.name == "sqlite" else "postgresql"
    made, at, path = _NUMBERS[dialect], _AT[dialect], _BYTES[dialect]
    columns = "id, discussion_id, sequence, path, newest_path, depth, author_id, body, body_html, body_text, renderer"
    for into in (
        f"users (id, handle, name, name_key, created_at) {made} SELECT n, n, 'U', 'u', {at} FROM made WHERE n < 3",
        f"categories (id, slug, name) {made} SELECT n, 'c' || n, 'C' FROM made WHERE n < 3",
        f"discussions (id, title, category_id, created_at) {made}"
        f" SELECT n, '', CASE WHEN n = 2 THEN 2 ELSE 1 END, {at} FROM made WHERE n <= {POSTS // 50}",
        f"posts ({columns}, created_at) {made} SELECT n, 1 + n % {POSTS // 50}, n, {path}, {path}, 1,"
        f" CASE WHEN n % 2 = 0 THEN 1 ELSE 2 END, '', '', '', 1, {at} FROM made",
        _INDEXED[dialect].format(made=made, said=_SAID),
    ):
        connection.exec_driver_sql(f"INSERT INTO {into}")
    connection.exec_driver_sql("ANALYZE")


def rows_read(plan: dict[str, Any], kind: str = "Relation Name") -> Iterator[int]:
    """How many rows of tables each step of PostgreSQL's plan read; how many of indexes, if `kind` is "Index Name"."""
    if kind in plan:
        removed = plan.get("Rows Removed by Filter", 0) + plan.get("Rows Removed by Index Recheck", 0)
        yield (plan["Actual Rows"] + removed) * plan["Actual Loops"]
    for below in plan.get("Plans", ()):
        yield from rows_read(below, kind)


def explained(connection: Connection, run: Sequence[tuple[Compiled, dict[str, Any]]]) -> list[list[Any]]:
    """The plans of some statements, with what each step read in PostgreSQL."""
    is_sqlite = connection.dialect.name == "sqlite"
    prefix = "EXPLAIN QUERY PLAN" if is_sqlite else "EXPLAIN (ANALYZE, FORMAT JSON)"
    plans = []
    for compiled, given in run:
        values = compiled.arguments(given)
        values = for_sqlite(values) if is_sqlite else values
        plans.append([row[-1] for row in connection.exec_driver_sql(f"{prefix} {compiled.text}", tuple(values))])
    return plans


async def test_a_search_reads_a_bounded_number_of_posts(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    dialect: Dialect = "sqlite" if backend.name == "sqlite" else "postgresql"
    for name, size in {"MAX_SEARCHED": 100, "MAX_READ": 400, "_WINDOW": 1_000}.items():
        monkeypatch.setattr(search_scopes, name, size)
    run: list[tuple[Compiled, dict[str, Any]]] = []

    url = backend.migrated_database()
    await transact(url, fill)
    async with Database(url) as database:
        rows = database.rows

        async def noted(statement: Statement[Any], **parameters: Any) -> Any:
            run.append((statement.compiled(dialect), parameters))
            return await rows(statement, **parameters)

        monkeypatch.setattr(database, "rows", noted)
        for query, filters in SEARCHES:
            run.clear()
            assert await found(database, query, filters)
            plans = await transact(url, partial(explained, run=run))
            if dialect == "postgresql" and query != "ever":
                # What it looks at is known by then: with a filter, each is looked up in some indexes.
                most = search_scopes.MAX_SEARCHED * (5 if filters else 1)
                assert sum(rows_read(plans[-1][0][0]["Plan"], "Index Name")) <= most, plans[-1]
            for plan in plans:
                if dialect == "sqlite":
                    # Posts by an index, and what the index of words has by a word, or from an id on.
                    assert not re.search(r"SCAN (posts|discussions)\b", " ".join(plan)), plan
                    assert "VIRTUAL TABLE INDEX 0:'" not in str([step for step in plan if "post_search" in step]), plan
                else:
                    assert sum(rows_read(plan[0][0]["Plan"])) <= MOST_READ, (query, filters, plan)


def test_what_a_list_is_of_is_not_looked_up_for_each_of_its_posts() -> None:
    """PostgreSQL did so by reading all posts of the author."""
    statement = search_hits.hits(Lead.AUTHOR, is_compared=True, filters=frozenset({"author_id", "created_after"}))
    assert "JOIN posts" not in statement.compiled("postgresql").text
