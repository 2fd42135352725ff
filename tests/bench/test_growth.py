"""The forums of the bench of growth are what Parley's own writes would leave, on both databases."""

import re
import sqlite3
from collections import defaultdict
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import make_url

from bench.data import Rows
from bench.growth import storing
from bench.growth.forum import Size, batches
from db import users
from db.database import Database
from db.migrate import migrate
from tests.bench import replay
from tests.support.servers import PostgreSQL

SIZE = Size(replies=420, discussions=12, longest=330, people=15, prolific=21, quotes=12)
DRAWN = ("epoch", "last_epoch", "quotes.id", "deleted_posts.quotes", "log_heads.revision", "secrets.value")
"""Columns that differ from one write to the next, or from one run of a reader to the next."""


def rows_of(size: Size) -> Rows:
    found: Rows = defaultdict(list)
    for batch in batches(size):
        for table, rows in batch.items():
            found[table] += rows
    return found


@pytest.fixture(params=["PostgreSQL", "SQLite"])
def urls(request: pytest.FixtureRequest, postgresql: PostgreSQL, tmp_path: Path) -> list[str]:
    """Two empty databases of a kind."""
    if request.param == "PostgreSQL":
        return [postgresql.new_database(), postgresql.new_database()]
    return [f"sqlite:///{tmp_path}/{name}.db" for name in ("filled", "written")]


@pytest.mark.anyio
async def test_a_forum_is_what_parley_itself_would_have_written(urls: list[str]) -> None:
    rows = rows_of(SIZE)
    filled, written = urls
    await storing.fill(filled, SIZE, lambda _line: None)
    await migrate(written)
    async with Database(written) as database:
        for row in rows["users"]:
            person = users.Person(row["handle"], row["name"], created_at=row["created_at"])
            assert await database.write(partial(users.add_user, person=person, exactly=True)) == row["id"]
        await replay.replay(database, rows)
    found, wanted = [await everything(url) for url in urls]
    assert set(found) == set(wanted)
    for table in wanted:
        assert found[table] == wanted[table], table


async def everything(url: str) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables as text, in order, without what is drawn."""
    found = await _of_postgresql(url) if url.startswith("postgresql:") else _of_sqlite(url)
    return {
        table: sorted(
            (
                {name: _plain(value) for name, value in row.items() if not {name, f"{table}.{name}"} & set(DRAWN)}
                for row in rows
            ),
            key=str,
        )
        for table, rows in found.items()
    }


async def _of_postgresql(url: str) -> dict[str, list[dict[str, Any]]]:
    connection = await asyncpg.connect(url)
    try:
        names = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        return {table: [dict(row) for row in await connection.fetch(f'SELECT * FROM "{table}"')] for (table,) in names}
    finally:
        await connection.close()


def _of_sqlite(url: str) -> dict[str, list[dict[str, Any]]]:
    with closing(sqlite3.connect(str(make_url(url).database))) as connection:
        connection.row_factory = sqlite3.Row
        # The index's own tables are not read: they depend on how many posts entered it at a time.
        names = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'post_search_%'"
        ).fetchall()
        found = {table: [dict(row) for row in connection.execute(f'SELECT * FROM "{table}"')] for (table,) in names}
        ids = connection.execute("SELECT rowid FROM post_search").fetchall()
        found["post_search"] = [row | {"id": id_} for row, (id_,) in zip(found["post_search"], ids, strict=True)]
        return found


def _plain(value: object) -> str:
    return re.sub('"Q_[0-9]+"', '"Q_…"', str(value))
