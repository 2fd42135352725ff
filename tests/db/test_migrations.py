"""The migrations make the tables that the code knows, from each earlier revision on."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Column, Connection, DateTime, LargeBinary, MetaData, insert, inspect, text

import db.search
from db import migrate
from db.database import Database
from db.tables import metadata
from forum.rerendering import rerender_stale_posts
from tests.support.backends import Backend
from text.search import terms

pytestmark = pytest.mark.anyio

FIRST_EXPORT = Path(__file__).parents[1] / "archive" / "export-format-1.jsonl"
"""Rows of revision 0004, which has the columns of 0003."""


def differences(connection: Connection) -> list[object]:
    """What a database's tables have other than the code's."""
    # The index for searches is another one on each database, and db.search has its statements by hand.
    options = {"include_name": lambda name, _kind, _parents: "post_search" not in (name or "")}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


async def test_migrations_make_the_tables_of_the_code(backend: Backend) -> None:
    url = backend.new_database()
    await migrate.migrate(url)
    assert await migrate.transact(url, differences) == []


async def test_migrating_again_keeps_the_secrets(backend: Backend) -> None:
    url = backend.new_database()
    await migrate.migrate(url)
    async with Database(url) as database:
        before = [await database.secret(name) for name in migrate.SECRETS]
    await migrate.migrate(url)
    async with Database(url) as database:
        assert [await database.secret(name) for name in migrate.SECRETS] == before
    assert all(len(secret) == migrate.SECRET_BYTES for secret in before)
    assert before[0] != before[1]


def test_revisions_are_dense_numbers_of_four_digits() -> None:
    found = migrate.revisions()
    assert found == [f"{number:04}" for number in range(1, len(found) + 1)]


async def test_migrating_to_each_revision_in_turn_makes_the_tables(backend: Backend) -> None:
    url = backend.new_database()

    def at(connection: Connection) -> object:
        return connection.scalar(text("SELECT version_num FROM alembic_version"))

    for revision in migrate.revisions():
        await migrate.migrate(url, revision)
        assert await migrate.transact(url, at) == revision
    assert await migrate.transact(url, differences) == []


async def test_recreate_goes_back_to_an_earlier_revision(backend: Backend) -> None:
    url = backend.migrated_database()

    def columns(connection: Connection) -> set[str]:
        migrate.recreate(connection, "0003")
        assert "post_search" not in inspect(connection).get_table_names()
        return {column["name"] for column in inspect(connection).get_columns("events")}

    assert "tag" in await migrate.transact(url, columns)
    await migrate.migrate(url)
    assert await migrate.transact(url, differences) == []


async def test_unknown_revision_of_a_database_is_refused(backend: Backend) -> None:
    url = backend.migrated_database()

    def newer(connection: Connection) -> None:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    await migrate.transact(url, newer)
    with pytest.raises(migrate.DatabaseUnusable, match=r"PARLEY_DATABASE_URL: .*9999"):
        await migrate.migrate(url)


def _fill(connection: Connection) -> None:
    """Fills a database of revision 0004 with the rows of an export of that revision."""
    found = MetaData()
    found.reflect(connection, only=lambda name, _: not name.startswith("post_search"))
    connection.execute(text("DELETE FROM feed_head"))
    for line in FIRST_EXPORT.read_bytes().splitlines()[1:-1]:
        row = json.loads(line)
        table = found.tables[row.pop("record")]
        connection.execute(insert(table), {name: _value(table.columns[name], row[name]) for name in row})


def _value(column: Column[Any], value: Any) -> Any:
    if value is not None and isinstance(column.type, LargeBinary):
        return bytes.fromhex(value)
    return datetime.fromisoformat(value) if value is not None and isinstance(column.type, DateTime) else value


async def test_0005_adds_the_epoch_to_kept_outcomes_of_add_reply(backend: Backend) -> None:
    url = backend.new_database()
    await migrate.migrate(url, "0004")

    def add_keys(connection: Connection) -> dict[str, str]:
        """Makes outcomes beside the one there is, and returns all: of nothing, of an unknown event, of another kind."""
        _fill(connection)
        (at,) = connection.scalars(text("SELECT created_at FROM idempotency_keys"))
        kept = text(
            "INSERT INTO idempotency_keys (user_id, mutation, key, fingerprint, outcome, created_at)"
            " VALUES (2, :mutation, :key, :fingerprint, :outcome, :at)"
        )
        for mutation, key, outcome in (
            ("addReply", "unsettled", None),
            ("addReply", "unknown", '{"post":1,"discussion":1,"event":999}'),
            ("startDiscussion", "key-1", '{"post":1,"discussion":1,"event":1}'),
            ("addReply", "key-1", '{"post":3,"discussion":1,"event":2}'),
        ):
            values = {"mutation": mutation, "key": key, "fingerprint": b"0", "outcome": outcome, "at": at}
            connection.execute(kept, values)
        return _outcomes(connection)

    before = await migrate.transact(url, add_keys)
    await migrate.migrate(url, "0005")
    after = await migrate.transact(url, _outcomes)
    epochs = await migrate.transact(url, _epochs)
    assert before.keys() == after.keys() and len(after) == 5
    for name in ("2 addReply unsettled", "2 addReply unknown", "2 startDiscussion key-1"):
        assert after[name] == before[name]
    for name in ("1 addReply key-1", "2 addReply key-1"):
        was, outcome = json.loads(before[name]), json.loads(after[name])
        assert outcome == was | {"epoch": epochs[was["discussion"], was["event"]].hex()}


def _outcomes(connection: Connection) -> dict[str, str]:
    rows = connection.execute(text("SELECT user_id, mutation, key, outcome FROM idempotency_keys"))
    return {f"{user_id} {mutation} {key}": outcome for user_id, mutation, key, outcome in rows}


def _epochs(connection: Connection) -> dict[tuple[int, int], bytes]:
    rows = connection.execute(text("SELECT discussion_id, number, epoch FROM events"))
    return {(discussion_id, number): bytes(epoch) for discussion_id, number, epoch in rows}


async def test_posts_of_before_the_index_are_found_after_rerendering(backend: Backend) -> None:
    url = backend.new_database()
    await migrate.migrate(url, "0003")
    await migrate.transact(url, _fill)
    await migrate.migrate(url)
    async with Database(url) as database:
        parameters = db.search.search_parameters(terms("cider"))
        assert await database.rows(db.search.best, **parameters, most=100, limit=100) == []
        await rerender_stale_posts(database)
        found = await database.rows(db.search.best, **parameters, most=100, limit=100)

    def holding(connection: Connection) -> list[int]:
        return sorted(
            connection.scalars(
                text(
                    "SELECT posts.id FROM posts JOIN discussions ON discussions.id = discussion_id WHERE"
                    " posts.deleted_at IS NULL AND (lower(body_text) LIKE '%cider%'"
                    " OR sequence = 0 AND lower(title) LIKE '%cider%')"
                )
            )
        )

    assert sorted(hit.post_id for hit in found) == await migrate.transact(url, holding) != []
