"""Imports: malformed, inconsistent and cut-off files are refused with their line, and nothing is imported."""

import asyncio
import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from sqlalchemy import Connection, func, select, text

from archive import records, restore
from db import migrate
from tests.archive.test_export import exported
from tests.support.backends import Backend
from tests.support.http import people_of
from tests.support.servers import JWT_SECRET, Parley, run, told

Line = dict[str, Any]


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> list[Line]:
    """The records of a small, consistent forum."""
    folder = tmp_path_factory.mktemp("good")
    parley = Parley.start(database_url=f"sqlite:///{folder / 'good.db'}", folder=folder, jwt_secret=JWT_SECRET)
    try:
        with people_of(parley) as people:
            ada = people("Ada")
            discussion = ada.start("The <b>first</b>.")
            ada.reply(discussion, "A reply.", to=ada.reply(discussion, "Another."))
    finally:
        parley.stop()
    content = exported(f"sqlite:///{folder / 'good.db'}", folder / "good.jsonl")
    return [json.loads(line) for line in content.splitlines()]


def at(lines: list[Line], kind: str, nth: int = 0) -> int:
    """The index of the nth record of a table."""
    return [number for number, line in enumerate(lines) if line["record"] == kind][nth]


def changed(kind: str, nth: int = 0, **fields: Any) -> Callable[[list[Line]], int]:
    """Returns what changes fields of a record, and returns the number of its line."""

    def change(lines: list[Line]) -> int:
        place = at(lines, kind, nth)
        lines[place] |= fields
        return place + 1

    return change


def without(kind: str, nth: int = 0) -> Callable[[list[Line]], int]:
    """Returns what removes a record and counts it no more; the line after it is the first that is wrong."""

    def change(lines: list[Line]) -> int:
        place = at(lines, kind, nth)
        del lines[place]
        lines[0]["counts"][kind] -= 1
        return place + 1

    return change


def headless(lines: list[Line]) -> int:
    del lines[0]
    return 1


def trailing(lines: list[Line]) -> int:
    lines.append({"record": "end"})
    return len(lines)


def twice(lines: list[Line]) -> int:
    place = at(lines, "users")
    lines.insert(place, lines[place])
    lines[0]["counts"]["users"] += 1
    return place + 2


def renamed(lines: list[Line]) -> int:
    place = at(lines, "posts")
    lines[place]["words"] = lines[place].pop("body")
    return place + 1


def disordered(lines: list[Line]) -> int:
    """Puts the replies' counts before the discussions they refer to."""
    place = at(lines, "reply_counts")
    lines.insert(at(lines, "users"), lines.pop(place))
    lines[0]["counts"]["reply_counts"] = 1
    return at(lines, "reply_counts") + 1


def split(lines: list[Line]) -> int:
    """Puts the last user behind the discussions."""
    place = at(lines, "users")
    lines[0]["counts"]["users"] = 2
    lines.insert(at(lines, "discussions") + 1, lines[place] | {"id": 9, "handle": "nine"})
    return place + 2


MALFORMED: dict[str, tuple[Callable[[list[Line]], int], str]] = {
    "a newer format": (
        changed("parley", format="0999"),
        "of format '0999' of a newer Parley; this one reads up to format",
    ),
    "a number for a format": (changed("parley", format=2), "of format 2, which no Parley has written"),
    "a format of before the first": (changed("parley", format="0003"), "of format '0003', which no Parley has written"),
    "true for a format": (changed("parley", format=True), "of format True, which no Parley has written"),
    "another format's tables": (
        changed("parley", format=1),
        "`counts` must name all tables and no others; not so: ",
    ),
    "an order against references": (disordered, "`discussion_id` names 1 of discussions, which is not above"),
    "a table in two parts": (split, "The header counts more records of users than there are; this is of"),
    "no header": (headless, "begins with its header"),
    "a kind nobody knows": (changed("users", record="martians"), "of martians"),
    "another field": (renamed, "not so: body, words"),
    "a text for a number": (changed("posts", sequence="0"), "`sequence` must be a whole number"),
    "a number beyond 64 bits": (changed("posts", version=2**63), "`version` must be a whole number"),
    "a truth for a number": (changed("posts", version=True), "`version` must be a whole number"),
    "a number for a truth": (changed("discussions", locked=0), "`locked` must be true or false"),
    "U+0000": (changed("posts", body="a\0b"), "`body` must be a text without U+0000"),
    "a moment of no zone": (changed("users", created_at="2026-01-01T00:00:00"), "`created_at` must be a moment"),
    "a day that is none": (changed("users", created_at="2026-02-30T00:00:00.000000+00:00"), "must be a moment"),
    "bytes of other digits": (changed("log_heads", epoch="xyz"), "`epoch` must be bytes"),
    "null for what must be": (changed("posts", body=None), "`body` must not be null"),
    "a script": (changed("posts", body_html="<script>alert(1)</script>"), "`body_html` holds HTML"),
    "an author who is not there": (changed("posts", author_id=77), "`author_id` names 77 of users"),
    "an answer to nothing": (changed("posts", 1, reply_to_id=3), "`reply_to_id` names 3 of posts"),
    "the same twice": (twice, "in the order of id"),
    "a user fewer": (without("users"), "names 1 of users"),
    "more after the end": (trailing, "more after the end"),
}
INCONSISTENT: dict[str, tuple[Callable[[list[Line]], int], str]] = {
    "an event fewer": (without("events", 1), "Log 1 is not 1 to its last event."),
    "a last event more": (changed("log_heads", 1, last_event=9), "Log 1 is not 1 to its last event"),
    "a last reply more": (changed("log_heads", 1, last_reply=9), "its replies are not 1 to its last reply"),
    "a count fewer": (without("reply_counts", 1), "has no record in reply_counts"),
    "a wrong path": (changed("posts", 2, path="0000000900000001"), "not where its path says"),
    "a feed that goes on": (changed("log_heads", 0, last_event=5), "The feed does not go on to its last position"),
    "a reader past its log": (changed("log_readers", position=9_999), "is not within its log"),
    "a reader fewer": (without("log_readers"), "must have a record in log_readers"),
}


@pytest.fixture(scope="module")
def empty(backend: Backend) -> str:
    return backend.migrated_database()


def refusal(url: str, content: bytes, file: Path) -> str:
    """The message with which an import of this is refused."""
    file.write_bytes(content)
    with file.open("rb") as opened, pytest.raises(restore.ImportRefused) as refused:
        asyncio.run(restore.restore(url, str(file), opened, Console(quiet=True)))
    return str(refused.value)


def is_untouched(url: str) -> bool:
    """Whether a database is migrated and holds nothing of a forum."""

    def work(connection: Connection) -> bool:
        counts = {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0 for table in records.tables()
        }
        (revision,) = connection.scalars(text("SELECT version_num FROM alembic_version"))
        filled = {name for name, count in counts.items() if count}
        return filled == restore.FILLED_BY_MIGRATIONS and revision == migrate.revisions()[-1]

    return asyncio.run(migrate.transact(url, work))


def written(lines: list[Line]) -> bytes:
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


# Which database it is does not matter to what is refused before it gets there.
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_file_is_refused_with_its_line(name: str, good: list[Line], empty: str, tmp_path: Path) -> None:
    file = tmp_path / "bad.jsonl"
    number, complaint = refused(MALFORMED[name], good, empty, file)
    assert f"{file}, line {number}: " in complaint or name == "a user fewer"


@pytest.mark.parametrize("name", INCONSISTENT)
def test_inconsistent_file_is_refused(name: str, good: list[Line], empty: str, tmp_path: Path) -> None:
    file = tmp_path / "bad.jsonl"
    assert f"{file}: " in refused(INCONSISTENT[name], good, empty, file)[1]


def test_what_the_database_refuses_is_told_with_its_line(good: list[Line], empty: str, tmp_path: Path) -> None:
    file = tmp_path / "bad.jsonl"
    number, complaint = refused((changed("posts", 1, sequence=0), "The database refused this"), good, empty, file)
    assert f"{file}, line {number}: " in complaint


def refused(
    malformed: tuple[Callable[[list[Line]], int], str], good: list[Line], empty: str, file: Path
) -> tuple[int, str]:
    """The line that is wrong, and the message with which the file is refused."""
    change, sentence = malformed
    lines: list[Line] = json.loads(json.dumps(good))
    number = change(lines)
    complaint = refusal(empty, written(lines), file)
    assert sentence in complaint
    assert complaint.endswith("Nothing was imported.")
    assert is_untouched(empty)
    return number, complaint


def test_cut_off_file_is_refused(good: list[Line], empty: str, tmp_path: Path) -> None:
    whole = written(good)
    for length, told_where in (
        (0, "cut off before its first line"),
        (len(written(good[:7])), "cut off after line 7"),
        (len(written(good[:7])) + 20, "line 8: The file is cut off in this line"),
        (len(written(good[:-1])), f"cut off after line {len(good) - 1}"),
        (len(whole) - 1, f"line {len(good)}: The file is cut off in this line"),
    ):
        assert told_where in refusal(empty, whole[:length], tmp_path / "cut.jsonl")
    for garbage in (gzip.compress(whole), b"\xff\xfe\n", b"{}\n", b"[1]\n"):
        assert "line 1: " in refusal(empty, garbage, tmp_path / "garbage.jsonl")
    assert is_untouched(empty)


class Endless(io.RawIOBase):
    """A file whose first line never ends. It counts how many bytes were read of it."""

    read_bytes = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.read_bytes += len(buffer)
        buffer[:] = b" " * len(buffer)
        return len(buffer)


def test_a_line_that_is_too_long_is_refused_before_it_is_read(good: list[Line], empty: str, tmp_path: Path) -> None:
    endless = Endless()
    with pytest.raises(restore.ImportRefused, match=r"endless, line 1: The line has over 33,554,432 bytes"):
        asyncio.run(restore.restore(empty, "endless", io.BufferedReader(endless), Console(quiet=True)))
    assert endless.read_bytes <= restore.MAX_LINE_BYTES + 1_048_576
    long = [*good[:3], good[3] | {"name": "a" * restore.MAX_LINE_BYTES}]
    assert "line 4: The line has over" in refusal(empty, written(long), tmp_path / "long.jsonl")
    assert is_untouched(empty)


def test_import_into_a_database_in_use_is_refused(backend: Backend, good: list[Line], tmp_path: Path) -> None:
    file, url = tmp_path / "good.jsonl", backend.new_database()
    file.write_bytes(written(good))
    told("import", str(file), database_url=url)
    ended = run("import", str(file), database_url=url)
    assert ended.returncode == 2
    assert ended.stderr.splitlines()[-1].startswith("parley: PARLEY_DATABASE_URL: the database is not empty: it holds ")
