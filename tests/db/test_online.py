"""Migrations of a database that is in use: killed anywhere, by several processes at once, and beside writers."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest
from sqlalchemy import Connection, Engine, MetaData, event, insert, inspect, text
from sqlalchemy.util import await_only

from db import migrate, online
from db.statements import moment_text
from tests.db.test_migrations import differences
from tests.support import killing
from tests.support.backends import Backend
from tests.support.timeouts import SOON_SECONDS

pytestmark = pytest.mark.anyio

EARLIER = "0014"
DISCUSSIONS = 6
FIRST_KILL, KILLS_APART = 16, 9
"""Before which statement the first process is killed, and how many more the next one may run."""


def _fill(connection: Connection) -> None:
    """Fills a database of the earlier revision: discussions, every second locked, every third deleted."""
    found = MetaData()
    found.reflect(connection, only=["users", "categories", "discussions", "discussion_counts", "posts"])
    at: Any = datetime.now(UTC)
    at = at if connection.dialect.name == "postgresql" else moment_text(at)

    def add(table: str, *rows: dict[str, Any]) -> None:
        connection.execute(insert(found.tables[table]), list(rows))

    add("users", {"id": 1, "handle": "ada", "name": "Ada", "name_key": "ada", "created_at": at})
    add("categories", {"id": 1, "slug": "news", "name": "News", "position": 1})
    ids = range(1, DISCUSSIONS + 1)
    add(
        "discussions",
        *(
            {"id": id_, "title": "Hi", "category_id": 1 if id_ > 2 else None, "locked": id_ % 2 == 0, "created_at": at}
            | {"deleted_at": at if id_ % 3 == 0 else None}
            for id_ in ids
        ),
    )
    add("discussion_counts", *({"discussion_id": id_, "reply_count": 0, "last_activity_at": at} for id_ in ids))
    post = {"author_id": 1, "sequence": 0, "depth": 0, "path": b"", "newest_path": b"", "renderer": 1}
    words = dict.fromkeys(("body", "body_html", "body_text"), "Hi")
    add("posts", *({**post, **words, "id": id_, "discussion_id": id_, "created_at": at} for id_ in ids))


FILLED = [(id_, 1 if id_ > 2 else None, 1 if id_ % 3 else None, id_ % 2 == 0, id_ % 3 > 0) for id_ in range(1, 7)]


def _filled(connection: Connection) -> list[Any]:
    chosen = (
        "SELECT discussion_id, counts.category_id, counts.author_id, counts.locked, listed"
        " FROM discussion_counts AS counts JOIN discussions"
        " ON id = discussion_id AND coalesce(discussions.author_id, 0) = coalesce(counts.author_id, 0)"
        " ORDER BY discussion_id"
    )
    return [tuple(row) for row in connection.execute(text(chosen))]


def _invalid_indexes(connection: Connection) -> list[str]:
    if connection.dialect.name != "postgresql":
        return []
    chosen = "SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE NOT indisvalid"
    return list(connection.scalars(text(chosen)))


async def _is_migrated(url: str) -> None:
    for read, expected in ((differences, []), (_filled, FILLED), (_invalid_indexes, [])):
        assert await migrate.transact(url, read) == expected


async def _of_earlier(backend: Backend) -> str:
    url = backend.new_database()
    await migrate.migrate(url, EARLIER)
    await migrate.transact(url, _fill)
    return url


async def _migrate(url: str) -> None:
    """In a child process that counts its statements and commits."""
    online.FIRST_STEP = online.MOST_IN_STEP = 2
    for name in ("before_cursor_execute", "commit"):
        event.listen(Engine, name, lambda *_: killing.step())
    await migrate.migrate(url)


async def test_a_migration_that_is_killed_again_and_again_ends_right(backend: Backend) -> None:
    url = await _of_earlier(backend)
    kills = 0
    # On SQLite it begins again each time, and on PostgreSQL it goes on.
    while await killing.run(_migrate, url, kill_before=FIRST_KILL + KILLS_APART * kills):
        kills += 1
    assert kills > 2

    await _is_migrated(url)


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def _until(holds: Callable[[], Awaitable[Any]]) -> None:
    async with asyncio.timeout(SOON_SECONDS):
        while not await holds():
            await asyncio.sleep(0.01)


def test_migrations_make_no_index_in_their_own_transaction() -> None:
    later = [path for path in (migrate.MIGRATIONS / "versions").glob("*.py") if path.name[:4] > EARLIER]
    blocking = ("op.create_index(", "op.drop_index(")
    assert later and [path.name for path in later if any(call in path.read_text() for call in blocking)] == []


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
async def test_no_column_changes_its_type_with_an_index(backend: Backend) -> None:
    url, indexed = await _of_earlier(backend), []

    def look(connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        # PostgreSQL would build the index again, and keep all readers out of the table meanwhile.
        if changed := re.search(r"ALTER TABLE (\w+) ALTER COLUMN (\w+) TYPE", statement):
            columns = inspect(connection).get_indexes(changed[1])
            indexed.append([each["name"] for each in columns if changed[2] in each["column_names"]])

    event.listen(Engine, "before_cursor_execute", look)
    try:
        await migrate.migrate(url)
    finally:
        event.remove(Engine, "before_cursor_execute", look)
    assert indexed == [[]]


async def test_two_processes_migrate_at_once(backend: Backend) -> None:
    url = await _of_earlier(backend)
    await asyncio.gather(killing.run(_migrate, url), killing.run(_migrate, url))
    await _is_migrated(url)


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
async def test_indexes_are_built_beside_writers_and_again_if_one_is_left_unfinished(backend: Backend) -> None:
    url = await _of_earlier(backend)
    async with _connected(url) as reader, _connected(url) as writer:
        # A snapshot from before the index is valid holds up its end.
        await reader.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        await reader.fetch("SELECT id FROM posts")
        migrating = asyncio.create_task(migrate.migrate(url))

        async def building() -> Any:
            return await writer.fetchval("SELECT count(*) FROM pg_index WHERE NOT indisvalid")

        await _until(building)
        await writer.execute("UPDATE posts SET body = 'Ho'")
        await writer.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND query LIKE 'CREATE INDEX%'"
        )
        with pytest.raises(migrate.DatabaseUnusable):
            await migrating
        assert await migrate.transact(url, _invalid_indexes) == ["ix_posts_created_at_id"]
        await reader.execute("COMMIT")
    await migrate.migrate(url)
    await _is_migrated(url)


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
async def test_a_migration_lets_others_pass_while_it_cannot_have_a_lock(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "_LOCK_SECONDS", (0.01, 0.01))
    url = await _of_earlier(backend)
    await migrate.migrate(url, "0016")
    async with _connected(url) as writer, _connected(url) as other:
        await writer.execute("BEGIN; UPDATE discussion_counts SET reply_count = 1 WHERE discussion_id = 1")
        migrating = asyncio.create_task(migrate.migrate(url))

        async def waits() -> Any:
            return await other.fetchval(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'discussion_counts'::regclass"
            )

        async with asyncio.timeout(SOON_SECONDS):
            for _ in range(3):
                await _until(waits)
                await other.execute("UPDATE discussion_counts SET reply_count = 2 WHERE discussion_id = 2")
        assert not migrating.done()
        await writer.execute("COMMIT")
        await migrating
    await _is_migrated(url)


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
async def test_a_step_that_meets_a_locked_row_is_done_later(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrate, "_LOCK_SECONDS", (0.05, 0.05))
    monkeypatch.setattr(online, "MOST_IN_STEP", 2)
    monkeypatch.setattr(online, "FIRST_STEP", 2)
    url = await _of_earlier(backend)
    await migrate.migrate(url, "0016")
    looks = 0
    async with _connected(url) as writer:

        def look() -> float:
            nonlocal looks
            looks += 1
            if looks == 2:
                # Between the first step and the second.
                await_only(
                    writer.execute("BEGIN; UPDATE discussion_counts SET reply_count = 1 WHERE discussion_id = 5")
                )
            return 0.0

        monkeypatch.setattr(online, "monotonic", look)
        migrating = asyncio.create_task(migrate.migrate(url))

        async def begun_again() -> bool:
            return looks > 5

        await _until(begun_again)
        assert not migrating.done()
        await writer.execute("COMMIT")
        await migrating
    await _is_migrated(url)
