"""What migrations of large tables are made of: on PostgreSQL beside servers that write, in steps that can be repeated.

A migration that is made of these may be killed at any moment and runs again from its beginning: a step that is done
finds nothing to do. On SQLite, in a new database and in an import, all of it is one transaction.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import monotonic

import sqlalchemy as sa
import structlog
from alembic import op

from db.steps import StepSize

PROGRESS_SECONDS = 5.0
FIRST_STEP, LEAST_IN_STEP, MOST_IN_STEP = 500, 10, 20_000
"""How many rows a step fills."""
BY_ITSELF = "by_itself"
"""The attribute of Alembic's settings that says that migrations commit by themselves."""

log = structlog.get_logger(__name__)
# ruff: noqa: S608
# All statements are put together of names of our own.


def _commits_by_itself() -> bool:
    config = op.get_context().config
    return config is not None and config.attributes.get(BY_ITSELF, False)


@contextmanager
def _without_transaction() -> Iterator[None]:
    """What is within commits each statement, which waits for others as long as they take: it holds up nobody."""
    with op.get_context().autocommit_block():
        seconds = op.get_bind().scalar(sa.text("SHOW lock_timeout"))
        op.execute("SET lock_timeout = 0")
        yield
        op.execute(f"SET lock_timeout = '{seconds}'")


def add_columns(table: str, *columns: sa.Column[object]) -> None:
    """Adds those columns that a table lacks. PostgreSQL locks the table for a moment, if they are null or constant."""
    there = {column["name"] for column in sa.inspect(op.get_bind()).get_columns(table)}
    for column in columns:
        if column.name not in there:
            op.add_column(table, column)


def create_index(name: str, table: str, columns: Sequence[str], *, where: tuple[str, str] | None = None) -> None:
    """Creates an index. `where` is the condition of its rows, on PostgreSQL and on SQLite.

    PostgreSQL builds it beside writers. It leaves an invalid index if it is ended early: that is built again.
    """
    on_postgresql, on_sqlite = map(sa.text, where) if where else (None, None)
    if not _commits_by_itself():
        op.create_index(name, table, columns, postgresql_where=on_postgresql, sqlite_where=on_sqlite)
        return
    valid = sa.text("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)")
    with _without_transaction():
        is_valid = op.get_bind().scalar(valid, {"name": name})
        if is_valid:
            return
        log.info("building an index", index=name)
        if is_valid is False:
            op.drop_index(name, table, postgresql_concurrently=True)
        op.create_index(name, table, columns, postgresql_where=on_postgresql, postgresql_concurrently=True)


def drop_index(name: str, table: str) -> None:
    """Drops an index, beside writers."""
    if not _commits_by_itself():
        op.drop_index(name, table)
        return
    with _without_transaction():
        op.drop_index(name, table, if_exists=True, postgresql_concurrently=True)


def fill(table: str, key: str, command: str) -> None:
    """Runs an UPDATE over all rows of a table, some hundred or thousand at a time.

    `command` takes a range of the table's `key`, a whole number, as `:after` and `:last`. It leaves rows alone that are
    as they should be, so that a run after a killed one writes only what is left.
    """
    if not _commits_by_itself():
        _fill(table, key, command)
        return
    with op.get_context().autocommit_block():
        _fill(table, key, command)


def _fill(table: str, key: str, command: str) -> None:
    connection = op.get_bind()
    total = connection.scalar(sa.text(f"SELECT count(*) FROM {table}")) or 0
    ending = sa.text(
        f"SELECT max({key}) AS last, count(*) AS found FROM"
        f" (SELECT {key} FROM {table} WHERE {key} > :after ORDER BY {key} LIMIT :limit) AS step"
    )
    size = StepSize(FIRST_STEP, most=MOST_IN_STEP, least=LEAST_IN_STEP)
    after, done, shown = -1, 0, monotonic()
    while True:
        last, found = connection.execute(ending, {"after": after, "limit": size.rows}).one()
        if not found:
            break
        with size.timed():
            connection.execute(sa.text(command), {"after": after, "last": last})
        after, done = last, done + found
        if monotonic() - shown > PROGRESS_SECONDS:
            shown = monotonic()
            log.info("filling a table", table=table, done=f"{done:,} of {total:,}")
