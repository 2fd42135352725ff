"""Imports of earlier formats: a file that the first exporting version wrote can be imported by every later one.

export-format-1.jsonl was written before exports named their revision, export-format-0009.jsonl before the log was
complete. They are never written again: a later version that can't import one breaks the promise of docs/export.md.
"""

import asyncio
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest
from rich.console import Console
from sqlalchemy import Connection, inspect, select, text

import db.events
from archive import export, records, restore
from db import migrate, tables
from db.database import Database
from db.events import LogHead
from db.logs import FEED, is_discussion
from db.rows import EventRow
from live.bus import Bus
from live.cursors import Cursor, Resync, events_after, validate_position
from live.feed import Feed
from live.reads import StatementReader
from live.tail import end_of
from tests.support.backends import Backend
from tests.support.servers import run

pytestmark = pytest.mark.anyio

FIRST = Path(__file__).parent / "export-format-1.jsonl"
BEFORE_THE_COMPLETE_LOG = Path(__file__).parent / "export-format-0009.jsonl"
"""Of the last version whose feed had replies alone."""
RENAMED = {"untold_sources": "pending_quote_notifications"}
"""What the tables of the first format are called now."""
COUNTED_ELSE = {"unfed", "feed", "feed_head", "discussion_heads"}
"""Tables of the first format that are others now."""
DELETED_THEN = "DiscussionDeleted"
"""The kind of event that a deletion of a discussion was."""
QUIET = Console(quiet=True)

Line = dict[str, Any]


async def imported(url: str, file: BinaryIO) -> int:
    return await restore.restore(url, "an export", file, QUIET)


async def exported(url: str) -> bytes:
    lines: list[bytes] = []
    await export.export(url, lines.append, QUIET)
    return b"".join(lines)


def parsed(content: bytes) -> list[Line]:
    return [json.loads(line) for line in content.splitlines()]


def of(lines: list[Line], table: str) -> list[Line]:
    return [line for line in lines if line["record"] == table]


async def test_first_format_is_imported_by_this_version(backend: Backend) -> None:
    url, again = backend.new_database(), backend.new_database()
    with FIRST.open("rb") as file:
        assert await imported(url, file) == 438
    content = await exported(url)
    before, after = parsed(FIRST.read_bytes()), parsed(content)
    assert after[0]["format"] == migrate.revisions()[-1]
    counts = {
        RENAMED.get(table, table): count for table, count in before[0]["counts"].items() if table not in COUNTED_ELSE
    }
    assert counts.items() <= after[0]["counts"].items()
    # Those of the feed, of the site and of moderation are new.
    assert after[0]["counts"]["log_heads"] == before[0]["counts"]["discussion_heads"] + 3
    # What this version has not changed is there as it was.
    for table in ("users", "posts", "mentions", "revisions"):
        for old, new in zip(of(before, table), of(after, table), strict=True):
            assert old.items() <= new.items()
    for old, new in zip(of(before, "events"), of(after, "events"), strict=True):
        kind = "DiscussionUpdated" if old["kind"] == DELETED_THEN else old["kind"]
        assert (old["tag"], kind, old["at"]) == (new["epoch"], new["kind"], new["at"])
    for old, new in zip(of(before, "quotes"), of(after, "quotes"), strict=True):
        assert old["told_version"] == new["notified_version"]
    # A repeat of a reply is answered from what is kept, which now holds the epoch of its event.
    (key,) = of(after, "idempotency_keys")
    outcome = json.loads(key["outcome"])
    (event,) = (
        line
        for line in of(after, "events")
        if (line["log_id"], line["number"]) == (outcome["discussion"], outcome["event"])
    )
    assert outcome["epoch"] == event["epoch"]
    await imported(again, io.BytesIO(content))
    assert await exported(again) == content


async def test_first_format_is_the_same_on_both_databases(backend: Backend, tmp_path: Path) -> None:
    other = f"sqlite:///{tmp_path / 'other.db'}"
    contents = []
    for url in (backend.new_database(), other):
        with FIRST.open("rb") as file:
            await imported(url, file)
        contents.append(parsed(await exported(url)))
        for line in contents[-1]:
            # The migrations draw the epochs of the logs that they add, and of the feed.
            if line["record"] == "feed" or (line["record"] == "log_heads" and not is_discussion(line["log_id"])):
                line |= {"epoch": "", "last_epoch": ""}
    assert contents[0] == contents[1]


def _resume(cursor: Cursor, head: LogHead, read: Sequence[EventRow]) -> Sequence[EventRow]:
    validate_position(cursor, log_floor=head.log_floor, beginning=head.epoch)
    return events_after(cursor, read)


async def test_upgrade_keeps_every_cursor_of_a_discussion_and_rejects_those_of_the_feed(backend: Backend) -> None:
    url = backend.new_database()
    before = parsed(BEFORE_THE_COMPLETE_LOG.read_bytes())
    with BEFORE_THE_COMPLETE_LOG.open("rb") as file:
        await imported(url, file)
    (feed_before,) = of(before, "feed_head")
    async with Database(url) as database:
        reader = StatementReader(database, db.events.STATEMENTS)
        for discussion in of(before, "discussions"):
            log = discussion["id"]
            head = (await reader.heads([log]))[log]
            given = [Cursor(log, 0, bytes.fromhex(discussion["epoch"]))]
            given += [
                Cursor(log, event["number"], bytes.fromhex(event["epoch"]))
                for event in of(before, "events")
                if event["discussion_id"] == log
            ]
            assert end_of(head) == given[-1]
            for cursor in given:
                following = _resume(cursor, head, await reader.events(log, cursor.number, 100))
                assert [event.event_number for event in following] == list(range(cursor.number + 1, len(given)))
        feed = Feed(database, Bus("memory://"))
        head = await feed.head()
        given = [Cursor(FEED, 0, bytes.fromhex(feed_before["epoch"]))]
        given += [Cursor(FEED, item["position"], bytes.fromhex(item["epoch"])) for item in of(before, "feed")]
        for cursor in given:
            read = await feed.read(cursor.number, 100)
            with pytest.raises(Resync):
                _resume(cursor, head, read)
        now = await feed.latest()
        assert now.number >= len(given) - 1
        assert list(events_after(now, await feed.read(now.number, 100))) == []


async def test_format_0007_is_imported_with_skeletons(backend: Backend) -> None:
    content = parsed(BEFORE_THE_COMPLETE_LOG.read_bytes())
    people = of(content, "users")
    # Two people whose handles look alike, as earlier versions let them be.
    people[1]["handle"] = people[0]["handle"].replace("a", "\u0430")
    assert people[1]["handle"] != people[0]["handle"]
    before = [dict(person) for person in people]
    before[1]["handle_skeleton"] = None
    for person in people:
        del person["handle_skeleton"], person["name_skeleton"]
    content[0]["format"] = "0007"
    url = backend.new_database()
    older = io.BytesIO(b"".join(json.dumps(line).encode() + b"\n" for line in content))
    console = Console(file=io.StringIO(), width=200)
    await restore.restore(url, "an export", older, console)
    for old, new in zip(before, of(parsed(await exported(url)), "users"), strict=True):
        assert old.items() <= new.items()
    assert f"Handles that look like earlier ones, kept as they are: @{people[1]['handle']}\n" in console.file.getvalue()  # type: ignore[attr-defined]


async def test_people_without_a_letter_to_search_for_are_imported(backend: Backend) -> None:
    url, again = backend.new_database(), backend.new_database()
    with FIRST.open("rb") as file:
        await imported(url, file)
    content = parsed(await exported(url))
    first, *others = of(content, "users")
    first |= dict.fromkeys(("handle", "name", "name_key", "handle_skeleton", "name_skeleton"), "\u0640")
    for person in others:
        person["suspended_at"] = person["created_at"]
    content = [first if line.items() >= {"record": "users", "id": first["id"]}.items() else line for line in content]
    await imported(again, io.BytesIO(b"".join(json.dumps(line).encode() + b"\n" for line in content)))
    assert of(parsed(await exported(again)), "users")[0]["handle"] == "\u0640"


async def test_posts_of_an_earlier_format_are_found(backend: Backend) -> None:
    url = backend.new_database()
    with FIRST.open("rb") as file:
        await imported(url, file)

    def indexed(connection: Connection) -> tuple[int, int]:
        living = connection.execute(select(tables.posts.c.id).where(tables.posts.c.deleted_at.is_(None))).all()
        return len(living), connection.scalar(text("SELECT count(*) FROM post_search")) or 0

    living, found = await migrate.transact(url, indexed)
    assert living == found > 0


class Ends(io.RawIOBase):
    """A file that ends by an error after some lines."""

    def __init__(self, lines: list[bytes], error: BaseException) -> None:
        self._left = iter(lines)
        self._error = error

    def readline(self, size: int | None = -1, /) -> bytes:
        line = next(self._left, None)
        if line is None:
            raise self._error
        return line


@pytest.mark.parametrize(
    ("line_count", "is_migrated"), [(1, False), (2, True), (30, False), (300, True), (439, False), (439, True)]
)
async def test_early_end_leaves_the_database_as_it_was(backend: Backend, line_count: int, *, is_migrated: bool) -> None:
    url = backend.migrated_database() if is_migrated else backend.new_database()
    before = await migrate.transact(url, _everything)
    lines = FIRST.read_bytes().splitlines(keepends=True)[:line_count]
    with pytest.raises(restore.ImportRefused, match="cut off"):
        await imported(url, io.BytesIO(b"".join(lines)))
    assert await migrate.transact(url, _everything) == before
    with pytest.raises(restore.ImportRefused, match="can't be read"):
        await imported(url, cast("BinaryIO", Ends(lines, OSError("The disk is gone."))))
    with pytest.raises(asyncio.CancelledError):
        await imported(url, cast("BinaryIO", Ends(lines, asyncio.CancelledError())))
    assert await migrate.transact(url, _everything) == before


@pytest.mark.parametrize("version", ["first", "this"])
async def test_tables_of_other_programs_are_left_alone(backend: Backend, version: str) -> None:
    source, url = backend.new_database(), backend.migrated_database()
    content = FIRST.read_bytes()
    if version == "this":
        await imported(source, io.BytesIO(content))
        content = await exported(source)

    def other_program(connection: Connection) -> None:
        connection.execute(text("CREATE TABLE other_program (id INTEGER PRIMARY KEY)"))
        connection.execute(text("INSERT INTO other_program VALUES (7)"))

    def rows(connection: Connection) -> list[Any]:
        return list(connection.execute(text("SELECT id FROM other_program")).scalars())

    await migrate.transact(url, other_program)
    header, rest = content.split(b"\n", 1)
    line = json.loads(header)
    line["counts"]["other_program"] = 0
    with pytest.raises(restore.ImportRefused, match="other_program"):
        await imported(url, io.BytesIO(json.dumps(line).encode() + b"\n" + rest))
    assert await migrate.transact(url, rows) == [7]
    await imported(url, io.BytesIO(content))
    assert await migrate.transact(url, rows) == [7]


async def test_inconsistent_file_of_an_earlier_format_is_refused(backend: Backend) -> None:
    url = backend.new_database()
    lines = parsed(FIRST.read_bytes())
    of(lines, "discussion_heads")[0]["last_event"] += 1
    with pytest.raises(restore.ImportRefused, match="Log 1 is not 1 to its last event"):
        await imported(url, io.BytesIO(b"".join(json.dumps(line).encode() + b"\n" for line in lines)))
    assert await migrate.transact(url, _everything) == {}


async def test_import_of_an_earlier_format_keeps_the_secrets(backend: Backend) -> None:
    url = backend.migrated_database()

    def secrets(connection: Connection) -> list[Any]:
        return list(connection.execute(select(tables.secrets)).all())

    before = await migrate.transact(url, secrets)
    with FIRST.open("rb") as file:
        await imported(url, file)
    assert await migrate.transact(url, secrets) == before
    assert len(before) == len(migrate.SECRETS)


async def test_ids_go_on_after_an_import_of_an_earlier_format(backend: Backend) -> None:
    url = backend.new_database()
    with FIRST.open("rb") as file:
        await imported(url, file)

    def next_id(connection: Connection) -> int:
        at = connection.scalar(select(tables.users.c.created_at).limit(1))
        added = tables.users.insert().values(handle="new", name="New", name_key="new", created_at=at)
        return int(connection.execute(added.returning(tables.users.c.id)).scalar_one())

    assert await migrate.transact(url, next_id) == 11


def test_newer_format_is_refused_with_one_line(backend: Backend, tmp_path: Path) -> None:
    file, newest = tmp_path / "newer.jsonl", migrate.revisions()[-1]
    file.write_bytes(records.header({}).replace(newest.encode(), b"9999") + records.end())
    ended = run("import", str(file), database_url=backend.new_database())
    assert ended.returncode == 2
    assert ended.stderr.splitlines()[-1] == (
        f"parley: {file}, line 1: It is of format '9999' of a newer Parley; this one reads up to format '{newest}'. "
        "Upgrade first. Nothing was imported."
    )


def _everything(connection: Connection) -> dict[str, list[str]]:
    """Every row of every table, as text."""
    names = inspect(connection).get_table_names()
    return {
        name: sorted(str(tuple(row)) for row in connection.execute(text(f'SELECT * FROM "{name}"'))) for name in names
    }
