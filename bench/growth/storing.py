"""Puts a forum into an empty database, in bulk: its indexes are made when all rows are there."""

import io
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from itertools import product
from operator import itemgetter
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import make_url

from bench.data import Rows
from bench.growth.forum import Size, batches
from db.logs import FEED, SITE
from db.migrate import migrate
from db.statements import moment_text

REVISION = "0014"
"""The tables that the rows are made for. Later migrations bring them up to date, as in a forum that is in use."""
_COUNTED_IDS = ("users", "categories", "discussions", "posts")
"""Tables whose next id comes from a sequence."""
# ruff: noqa: S608
# All statements are put together of names and numbers of our own.
_DROP_HEADS = f"DELETE FROM log_heads WHERE log_id IN ({FEED}, {SITE})"
"""The migrations have made the heads of the feed and the site as they are before the first write."""
_MOVE_READERS = (
    "UPDATE log_readers SET position = (SELECT max(position) FROM feed),"
    " epoch = (SELECT epoch FROM feed ORDER BY position DESC LIMIT 1)"
    f" WHERE log_id = {FEED}"
)
"""Readers of the feed have read all of it."""

Log = Callable[[str], None]
"""Takes a line of progress."""


async def fill(url: str, size: Size, log: Log) -> None:
    """Migrates an empty database and puts a forum of this size into it."""
    await migrate(url, REVISION)
    if url.startswith("postgresql:"):
        await _fill_postgresql(url, size, log)
    else:
        _fill_sqlite(Path(str(make_url(url).database)), size, log)
    log("migrating")
    await migrate(url)
    if url.startswith("postgresql:"):
        connection = await asyncpg.connect(url)
        try:
            # What autovacuum does a minute later.
            await connection.execute("VACUUM (ANALYZE)")
        finally:
            await connection.close()


def _logged(made: Iterable[Rows], size: Size, log: Log) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The rows of each table of each batch."""
    posts = 0
    for number, rows in enumerate(made):
        yield from rows.items()
        posts += len(rows["posts"])
        if number % 20 == 0:
            log(f"{posts:,} of {size.replies + size.discussions:,} posts")


async def _fill_postgresql(url: str, size: Size, log: Log) -> None:
    connection = await asyncpg.connect(url)
    try:
        # Keys are not checked row by row.
        await connection.execute("SET session_replication_role = replica")
        await connection.execute("SET maintenance_work_mem = '512MB'")
        indexes = await connection.fetch(
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()"
            " AND indexname NOT IN (SELECT conname FROM pg_constraint)"
        )
        async with connection.transaction():
            await connection.execute(_DROP_HEADS)
            for index in indexes:
                await connection.execute(f'DROP INDEX "{index["indexname"]}"')
            for table, rows in _logged(batches(size), size, log):
                if table == "post_search":
                    # The driver has no binary form of a tsvector. Its words hold no sign that COPY would read.
                    lines = "".join(f"{row['post_id']}\t{row['vector']}\n" for row in rows)
                    columns = ["post_id", "words"]
                    await connection.copy_to_table(table, source=io.BytesIO(lines.encode()), columns=columns)
                else:
                    columns = list(rows[0])
                    await connection.copy_records_to_table(
                        table, records=map(itemgetter(*columns), rows), columns=columns
                    )
            log("making indexes")
            for index in indexes:
                await connection.execute(index["indexdef"])
            await connection.execute(_MOVE_READERS)
            for table in _COUNTED_IDS:
                await connection.execute(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
                )
        # Migrations read what is to be counted again.
        await connection.execute("ANALYZE")
    finally:
        await connection.close()


def _is_moment(column: str) -> bool:
    return column == "at" or column.endswith("_at")


def _fill_sqlite(path: Path, size: Size, log: Log) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        # Nobody else is there, and a file that is left half made is thrown away.
        for setting in ("journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE", "cache_size = -200000"):
            connection.execute(f"PRAGMA {setting}").fetchall()
        indexes = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        ).fetchall()
        connection.execute("BEGIN")
        connection.execute(_DROP_HEADS)
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}")
        for table, rows in _logged(batches(size), size, log):
            columns = list(rows[0])
            if table == "post_search":
                columns = ["post_id", "title", "body"]
            names = ", ".join(columns).replace("post_id", "rowid" if table == "post_search" else "post_id")
            marks = ", ".join("?" * len(columns))
            for row, moment in product(rows, filter(_is_moment, columns)):
                row[moment] = row[moment] and moment_text(row[moment])
            connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", map(itemgetter(*columns), rows))
        log("making indexes")
        for _, sql in indexes:
            connection.execute(sql)
        connection.execute(_MOVE_READERS)
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = WAL").fetchall()
