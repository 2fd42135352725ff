"""A page of a thread costs what it shows, wherever it is in a large discussion: the database's own plans say so."""

import random
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import product
from typing import Any

import asyncpg
import orjson
import pytest
from sqlalchemy import BigInteger, Table, bindparam, insert, select

import db.threads
import db.users
from db import paths
from db.database import MAX_EVENTS, Database, Transaction
from db.migrate import migrate
from db.rows import AuthoredReplyRow, ReplyRow
from db.statements import Statement, WriteStatement, for_sqlite
from db.tables import posts, reply_counts
from tests.db import writing
from tests.support.backends import Backend
from tests.support.servers import PostgreSQL

pytestmark = pytest.mark.anyio

REPLIES = 1_000
DISCUSSIONS = 30
"""So many that PostgreSQL, which weighs the size of a table, no longer finds it cheapest to read all of it."""
LIMIT = 50

_NAMES = [column.name for column in posts.c if column.name not in ("id", "discussion_id", "reply_to_id")]
_TARGET = bindparam("target", type_=BigInteger)


def _copies(table: Table, names: Sequence[str]) -> WriteStatement:
    """Copies the rows that one discussion has in a table for its replies to another."""
    chosen = select(_TARGET, *[table.c[name] for name in names])
    chosen = chosen.where(table.c.discussion_id == bindparam("source"), table.c.sequence > 0)
    return WriteStatement(insert(table).from_select(["discussion_id", *names], chosen))


_COPIES = (_copies(posts, _NAMES), _copies(reply_counts, ["sequence", "reply_count", "descendant_count"]))


async def fill(database: Database) -> tuple[int, list[bytes]]:
    """Writes a large discussion; returns its id and the paths of its replies."""
    draft = writing.draft("Many words." * 20)
    author = await database.write(lambda tx: db.users.add_user(tx, db.users.Person("many", "Many")))
    discussion = await database.write(lambda tx: writing.start_discussion(tx, author, "Large", post=draft))
    chance = random.Random(1)
    placed: list[tuple[int, bytes]] = []

    async def add(tx: Transaction) -> None:
        for sequence in range(len(placed) + 1, len(placed) + MAX_EVENTS + 1):
            parent_id, above = chance.choice(placed[-40:]) if placed and chance.random() < 0.8 else (None, b"")
            if paths.depth(above) > 20:
                parent_id, above = None, b""
            made, _ = await writing.add_reply(tx, discussion, author, parent_id, post=draft)
            placed.append((made, paths.child(above, sequence)))

    while len(placed) < REPLIES:
        await database.write(add)
    return discussion, [path for _, path in placed]


async def copy(tx: Transaction, source: int) -> None:
    """Copies the replies of a discussion to a new one; nobody can answer them, but they can be read."""
    author = await db.users.add_user(tx, db.users.Person("many", "Many"))
    target = await writing.start_discussion(tx, author, "Large, too", post=writing.draft(""))
    for command in _COPIES:
        await tx.run(command, source=source, target=target)


def pages(discussion: int, placed: Sequence[bytes]) -> Iterator[tuple[str, Statement[Any], dict[str, Any]]]:
    """The statements of thread pages at the start, in the middle and near the end, with their parameters."""
    _, top = paths.below(b"")
    for order, at, descending, deepest in product(
        ("path", "newest_path"), (0.0, 0.5, 0.97), (False, True), (None, 0, 3)
    ):
        path = sorted(placed)[int(at * len(placed))]
        key = paths.newest(path) if order == "newest_path" else path
        low, high = (b"", key) if descending else (key, top)
        depths = {} if deepest is None else {"depths": list(range(deepest + 1))}
        statement = db.threads.page(order, descending=descending, by_depth=deepest is not None)
        name = f"{order} from {at} descending={descending} deepest={deepest}"
        yield name, statement, {"parents": [discussion], "low": low, "high": high, "limit": LIMIT} | depths
    # As a page of one discussion is read from its start on, or from its end.
    for order, descending, row_class in product(("path", "newest_path"), (False, True), (ReplyRow, AuthoredReplyRow)):
        statement = db.threads.page(
            order, descending=descending, by_depth=False, low=False, high=False, one=True, row_class=row_class
        )
        yield (
            f"{order} whole descending={descending} {row_class.__name__}",
            statement,
            {"parent": discussion, "limit": LIMIT},
        )


async def test_a_page_of_a_thread_is_read_by_its_index_and_no_further(backend: Backend) -> None:
    url = backend.migrated_database()
    async with Database(url) as opened:
        large, placed = await fill(opened)
        for _ in range(DISCUSSIONS - 1):
            await opened.write(lambda tx: copy(tx, large))
    if backend.name == "sqlite":
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file:
            for name, statement, parameters in pages(large, placed):
                _check_sqlite(file, name, statement, parameters)
        return
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("ANALYZE")
        for name, statement, parameters in pages(large, placed):
            await _check_postgresql(connection, name, statement, parameters)
    finally:
        await connection.close()


def _check_sqlite(
    connection: sqlite3.Connection, name: str, statement: Statement[Any], parameters: dict[str, Any]
) -> None:
    compiled = statement.compiled("sqlite")
    bound = for_sqlite(compiled.arguments(parameters))
    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {compiled.text}", bound)]
    scanned = [line for line in plan if line.startswith("SCAN ") and "json_each" not in line.replace("VIRTUAL", "")]
    assert [line for line in scanned if not re.search(r"anon|VIRTUAL TABLE", line)] == [], (name, plan)
    by_depth = "depths" in parameters
    column = "newest_path" if "newest" in name else "path"
    index = f"ix_posts_discussion_id_{'depth_' if by_depth else ''}{column}_listed"
    if "parent" in parameters:
        assert any(f"posts USING INDEX {index} (discussion_id=? AND {column}>?)" in line for line in plan), (name, plan)
        assert not any("TEMP B-TREE" in line for line in plan), (name, plan)
        return
    inner = [line for line in plan if "inner" in line]
    covering = f"USING COVERING INDEX {index} ("
    assert any(covering in line and f"{column}>? AND {column}<?" in line for line in inner), (name, plan)
    if not by_depth:
        # The range is limited in the order of the index: nothing is sorted before the limit.
        assert sum("TEMP B-TREE" in line for line in plan) <= 1, (name, plan)


async def _check_postgresql(connection: Any, name: str, statement: Statement[Any], parameters: dict[str, Any]) -> None:
    compiled = statement.compiled("postgresql")
    explained = await connection.fetchval(
        f"EXPLAIN (ANALYZE, FORMAT JSON) {compiled.text}", *compiled.arguments(parameters)
    )
    nodes = list(_nodes(orjson.loads(explained)[0]["Plan"]))
    assert [node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"] == [], name
    per_depth = len(parameters.get("depths", [0]))
    for node in nodes:
        read = node["Actual Rows"] * node["Actual Loops"] + node.get("Rows Removed by Filter", 0)
        # Each depth gives a limited range; these are merged, and cut to the limit again.
        assert read <= LIMIT * per_depth + per_depth, (name, node["Node Type"], read)


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)


async def test_a_plan_made_for_any_depth_reads_no_further_either(postgresql: PostgreSQL) -> None:
    # PostgreSQL alone makes such plans: SQLite plans each statement for its text.
    url = postgresql.new_database()
    await migrate(url)
    async with Database(url) as opened:
        large, _ = await fill(opened)
        for _ in range(DISCUSSIONS - 1):
            await opened.write(lambda tx: copy(tx, large))
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("ANALYZE")
        await connection.execute("SET plan_cache_mode = force_generic_plan")
        for order in ("path", "newest_path"):
            statement = db.threads.page(order, descending=False, by_depth=True, low=False, high=False)
            parameters = {"parents": [large], "limit": LIMIT, "depths": [0, 1, 2]}
            await _check_postgresql(connection, order, statement, parameters)
    finally:
        await connection.close()
