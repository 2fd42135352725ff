"""The migrations make the tables that the code knows, from each earlier revision on."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Column, Connection, DateTime, LargeBinary, MetaData, insert, inspect, text

from db import migrate
from db.database import Database
from db.statements import moment_text
from db.tables import metadata
from forum.deletions import purge_deleted_posts
from forum.rerendering import rerender_stale_posts
from tests.db.searching import found
from tests.support.backends import Backend

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


async def test_0008_fills_skeletons_of_handles_and_names(backend: Backend) -> None:
    url = backend.new_database()
    await migrate.migrate(url, "0007")
    people = ("ada Ada", "\u0430d\u0430 \u0410d\u0430", "\u1d00da Ada", "bo \u0392o", "erased-7 [erased]")

    def add_people(connection: Connection) -> None:
        add = text(
            "INSERT INTO users (id, handle, name, name_key, created_at)"
            " VALUES (:id, :handle, :name, :name, CURRENT_TIMESTAMP)"
        )
        for number, person in enumerate(people, 1):
            handle, name = person.split()
            connection.execute(add, {"id": number, "handle": handle, "name": name})

    def skeletons(connection: Connection) -> list[tuple[str | None, str | None]]:
        rows = connection.execute(text("SELECT handle_skeleton, name_skeleton FROM users ORDER BY id"))
        return [(handle, name) for handle, name in rows]

    await migrate.transact(url, add_people)
    await migrate.migrate(url)
    # The first keeps the handle's, and nobody lost a handle.
    assert await migrate.transact(url, skeletons) == [
        ("ada", "ada"),
        (None, "ada"),
        (None, "ada"),
        ("bo", "bo"),
        (None, None),
    ]


async def test_0012_says_by_whom_posts_of_before_were_deleted(backend: Backend) -> None:
    url = backend.new_database()
    await migrate.migrate(url, "0011")
    at: Any = datetime(2026, 1, 31, tzinfo=UTC)

    def fill(connection: Connection) -> None:
        """Two discussions with replies of Ada: deleted by herself, by a moderator, by her erasure; and all at once."""
        moment = at if connection.dialect.name == "postgresql" else moment_text(at)
        found = MetaData()
        found.reflect(connection, only=["users", "discussions", "posts", "revisions", "events", "log_heads"])

        def add(table: str, **row: Any) -> None:
            connection.execute(insert(found.tables[table]), row)

        for id_, handle in ((1, "ada"), (2, "mo")):
            add("users", id=id_, handle=handle, name=handle, name_key=handle, created_at=moment)
        for discussion, posts in ((1, 4), (2, 2)):
            deleted_at = moment if discussion == 2 else None
            add("discussions", id=discussion, title="", created_at=moment, deleted_at=deleted_at)
            add("log_heads", log_id=discussion, epoch=b"12345678", last_epoch=b"12345678", last_event=3)
            for sequence in range(posts):
                place = {"path": bytes(sequence), "newest_path": bytes(sequence), "depth": 0, "renderer": 1}
                deleted_at = moment if sequence or discussion == 2 else None
                words = dict.fromkeys(("body", "body_html", "body_text"), "")
                id_ = 10 * discussion + sequence
                times = {"created_at": moment, "deleted_at": deleted_at}
                add("posts", id=id_, discussion_id=discussion, sequence=sequence, version=2, **place, **words, **times)
                if deleted_at is not None:
                    editor = None if id_ == 13 else 1
                    add("revisions", post_id=id_, version=1, editor_id=editor, body="Words.", created_at=moment)
        for log, number, kind, post, actor, changes in (
            (1, 1, "ReplyDeleted", 11, 1, None),
            (1, 2, "ReplyDeleted", 12, 2, None),
            (1, 3, "ReplyDeleted", 13, None, None),
            (2, 1, "ReplyDeleted", 21, 1, None),
            (2, 2, "DiscussionUpdated", 20, 2, "DELETED"),
        ):
            row = {"epoch": b"12345678", "version": 2, "at": moment, "changes": changes}
            add("events", log_id=log, number=number, kind=kind, post_id=post, actor_id=actor, **row)

    def rows(connection: Connection) -> list[Any]:
        chosen = 'SELECT post_id, act, "by", by_user_id, author_id, is_kept, reason FROM deleted_posts ORDER BY post_id'
        return [tuple(row) for row in connection.execute(text(chosen))]

    await migrate.transact(url, fill)
    await migrate.migrate(url)
    assert await migrate.transact(url, rows) == [
        (11, 1, "AUTHOR", 1, 1, False, None),
        (12, 2, "MODERATOR", 2, 1, False, None),
        (13, 3, "ERASURE", None, None, False, None),
        (20, 2, "MODERATOR", 2, 1, False, None),
        (21, 1, "AUTHOR", 1, 1, False, None),
    ]
    async with Database(url) as database:
        assert await purge_deleted_posts(database, before=at - timedelta(days=1)) == 0
        assert await purge_deleted_posts(database, before=at) == 5


async def test_posts_of_before_the_index_are_found_after_rerendering(backend: Backend) -> None:
    url = backend.new_database()
    await migrate.migrate(url, "0003")
    await migrate.transact(url, _fill)
    await migrate.migrate(url)
    async with Database(url) as database:
        assert await found(database, '"cider"') == []
        await rerender_stale_posts(database)
        ids = await found(database, '"cider"')

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

    assert sorted(ids) == await migrate.transact(url, holding) != []


LARGE = 600


def _begin_large_discussion(connection: Connection) -> None:
    """Fills a database of revision 0013 with one discussion of LARGE replies, the last one deleted."""
    found = MetaData()
    found.reflect(connection, only=["users", "discussions", "discussion_counts", "posts", "reply_counts"])
    now = datetime.now(UTC)
    at: Any = now if connection.dialect.name == "postgresql" else moment_text(now)
    post = {"discussion_id": 1, "author_id": 1, "body": "Hi", "body_html": "Hi", "body_text": "Hi", "renderer": 1}
    connection.execute(
        insert(found.tables["users"]),
        {"id": 1, "handle": "ada", "name": "Ada", "name_key": "ada", "handle_skeleton": "ada", "name_skeleton": "ada"}
        | {"created_at": at},
    )
    connection.execute(insert(found.tables["discussions"]), {"id": 1, "title": "Hi", "created_at": at})
    counts = {"discussion_id": 1, "reply_count": LARGE, "last_activity_at": at}
    connection.execute(insert(found.tables["discussion_counts"]), counts)
    paths = [b"", *(sequence.to_bytes(4, "big") for sequence in range(1, LARGE + 1))]
    connection.execute(
        insert(found.tables["posts"]),
        [
            {**post, "id": number + 1, "sequence": number, "path": path, "newest_path": path, "created_at": at}
            | {"depth": 1 if path else 0, "reply_to_id": 1 if path else None}
            | {"deleted_at": at if number == LARGE else None}
            for number, path in enumerate(paths)
        ],
    )
    connection.execute(
        insert(found.tables["reply_counts"]),
        [
            {"discussion_id": 1, "sequence": number, "reply_count": count, "descendant_count": count}
            for number, count in enumerate([LARGE] + [0] * LARGE)
        ],
    )


async def test_an_upgrade_counts_listed_posts_without_reading_a_discussion_for_each_of_its_posts(
    backend: Backend,
) -> None:
    url = backend.new_database()
    await migrate.migrate(url, "0013")
    await migrate.transact(url, _begin_large_discussion)
    await migrate.transact(url, lambda connection: connection.execute(text("ANALYZE")))

    def count(connection: Connection) -> tuple[list[Any], int]:
        migrate.upgrade(connection, "0014")
        read = "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'posts'"
        posts_read = connection.scalar(text(read)) if backend.name == "postgresql" else 0
        counted = "SELECT reply_count, descendant_count FROM reply_counts WHERE sequence = 0"
        return list(connection.execute(text(counted)).one()), posts_read or 0

    counted, posts_read = await migrate.transact(url, count)
    assert counted == [LARGE - 1, LARGE - 1]
    assert posts_read < 20 * LARGE
