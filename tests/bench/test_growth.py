"""The forums of the bench of growth are what Parley's own writes would leave, and every operation finds something."""

import json
import math
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import pytest
from sqlalchemy import make_url

from bench.data import Rows
from bench.growth import report, storing
from bench.growth.databases import DATABASES, databases
from bench.growth.forum import CHAIN, CLOSED, EARLY, LONG, PROLIFIC, QUOTED_SEQUENCE, Size, batches
from bench.growth.measure import Row, measure, serving
from bench.growth.operations import OPERATIONS, PAGES
from db import users
from db.database import Database
from db.migrate import migrate
from tests.bench import replay
from tests.support.servers import PostgreSQL

SIZE = Size(replies=420, discussions=12, longest=330, people=15, prolific=21, quotes=12)
DRAWN = ("epoch", "last_epoch", "quotes.id", "deleted_posts.quotes", "log_heads.revision", "secrets.value")
"""Columns that differ from one write to the next, or from one run of a reader to the next."""
FINDING_NOTHING = {"discussions that are locked: none", "discussions that are pinned: none", "search: a single letter"}
MEASURED = (*list(OPERATIONS)[:3], *PAGES)
TOO_RARE = {
    "discussions by one author, long ago, by activity",
    "categories, 3 newest of each",
    "categories, totalCount of each",
    "search: a rare word",
}
"""What the smallest forum lacks some of."""


def rows_of(size: Size) -> Rows:
    found: Rows = defaultdict(list)
    for batch in batches(size):
        for table, rows in batch.items():
            found[table] += rows
    return found


@pytest.fixture(params=DATABASES)
def urls(request: pytest.FixtureRequest, postgresql: PostgreSQL, tmp_path: Path) -> list[str]:
    """Two empty databases of a kind."""
    if request.param == "PostgreSQL":
        return [postgresql.new_database(), postgresql.new_database()]
    return [f"sqlite:///{tmp_path}/{name}.db" for name in ("filled", "written")]


def test_every_number_of_a_forum_follows_from_its_replies() -> None:
    size = Size.of(3_000)
    rows = rows_of(size)
    assert len(rows["posts"]) == size.replies + size.discussions == 3_060
    assert len(rows["discussions"]) == len(rows["discussion_counts"]) == size.discussions
    assert len(rows["users"]) == size.people
    in_longest = [row for row in rows["posts"] if row["discussion_id"] == LONG]
    assert len(in_longest) == size.longest + 1
    assert max(row["depth"] for row in in_longest) == len(CHAIN) - 1
    (most_quoted,) = [row["id"] for row in in_longest if row["sequence"] == QUOTED_SEQUENCE]
    # Some also quote it as they quote others.
    ((source, count),) = Counter(row["source_id"] for row in rows["quotes"]).most_common(1)
    assert (source, count // size.quotes) == (most_quoted, 1)
    # Some of theirs are deleted.
    posts = Counter(row["author_id"] for row in rows["events"] if row["kind"] in ("DiscussionStarted", "ReplyAdded"))
    assert posts[PROLIFIC] == size.prolific
    assert posts[EARLY] > size.replies / 200
    closed = [row["id"] for row in rows["discussions"] if row["category_id"] == CLOSED]
    assert closed
    assert max(closed) < size.discussions / 5


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


@pytest.mark.parametrize("database", DATABASES)
def test_every_operation_finds_something_in_every_forum(database: str, postgresql: PostgreSQL, tmp_path: Path) -> None:
    size = Size.of(3_000)
    with databases(tmp_path, postgresql.new_database(), lambda _line: None) as places:
        url = places.url(database, size)
        assert places.url(database, size) == url
        with serving(url, size, core=None) as served:
            found = {name: lists_and_counts(orjson.loads(served.answer(name))["data"]) for name in OPERATIONS}
            assert {name for name, counts in found.items() if not all(counts)} == FINDING_NOTHING | TOO_RARE
            rows = [row for name in MEASURED for row in measure(database, [served], name, requests=1)]
    assert len(rows) == len(MEASURED)
    assert all(row.p50_ms > 0 and row.bytes > 0 and row.replies == size.replies for row in rows)


def lists_and_counts(value: Any) -> Iterator[int]:
    """How long the connections in an answer are, and what they count; 0 for an object that is not there."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in ("nodes", "edges", "ancestors", "people"):
                yield len(inner)
            elif name == "totalCount":
                yield inner
            yield from lists_and_counts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from lists_and_counts(inner)


TIMES = {"flat": (5.0, 14.9), "growing": (1.0, 3.1), "slow": (150.0, 150.0), "refused": (5.0, math.inf)}
ROWS = [
    Row("SQLite", operation, replies, milliseconds, 1_000)
    for operation, times in TIMES.items()
    for replies, milliseconds in zip((10_000, 1_000_000), times, strict=True)
]


def test_the_report_says_what_grows_and_what_is_slow() -> None:
    sentences = list(report.comparisons(ROWS))
    assert sentences[0].startswith("SQLite: 1 of 4 operations take at most 3 times as long with 1,000,000 replies")
    assert sentences[1:] == [
        "SQLite, growing: 3.1 times as long; 3.1 ms at most.",
        "SQLite, slow: 1.0 times as long; 150.0 ms at most.",
        "SQLite, refused: refused.",
    ]
    lines = report.table(ROWS).splitlines()
    assert [line.split("|")[-2].strip() for line in lines[2:]] == ["3.0", "**3.1**", "**1.0**", "**inf**"]


def test_json_has_the_rows_and_how_each_operation_grows() -> None:
    found = json.loads(report.as_json(ROWS))
    assert found["rows"][:-1] == [asdict(row) for row in ROWS[:-1]]
    assert found["rows"][-1]["p50_ms"] is None
    assert [(each["operation"], each["ratio"], each["is_flat"]) for each in found["growth"]] == [
        ("flat", 2.98, True),
        ("growing", 3.1, False),
        ("slow", 1.0, False),
        ("refused", None, False),
    ]
