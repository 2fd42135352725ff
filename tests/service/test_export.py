"""A forum moves from one database to another by a file, and nothing of it is another one there."""

import asyncio
import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from sqlalchemy import Connection, func, select

from archive import records, restore
from db import migrate
from db.tables import metadata
from tests.support.backends import Backend
from tests.support.http import People, people_of, quotes_of
from tests.support.servers import JWT_SECRET, ROOT, Parley, run, told

Data = dict[str, Any]
Line = dict[str, Any]

READ = """
query ($id: ID!) { discussion(id: $id) {
  id number title state version body bodyHtml locked replyCount participantCount createdAt lastActivityAt
  author { id handle name } revisions(first: 10) { nodes { version title body createdAt } }
  replies(first: 50) { nodes {
    id sequence path state version body bodyHtml createdAt lastEditedAt replyCount descendantCount author { id handle }
    mentions { attributedName start length user { id } } revisions(first: 10) { nodes { version body createdAt } }
    quotes(maxDepth: 3) { id depth status attributedName bodyHtml sourceVersion source { __typename } }
  } }
} }
"""
EVENTS = "query ($id: ID!, $after: String!) { discussion(id: $id) { events(after: $after) { nodes { __typename } } } }"
SEARCH = "query ($q: String!) { search(query: $q, first: 5) { nodes { id } } }"


@pytest.fixture(scope="module")
def lived(people: People) -> tuple[str, str, str]:
    """A discussion where all kinds of things have happened: its id, a cursor into it, and a word of it."""
    ada, grace = people.several("Ada", "Grace")
    word = f"albatross{ada.handle[-8:]}"
    discussion = ada.start(f"An {word} & <b>more</b>, \u05e9\u05dc\u05d5\u05dd \U0001f40b", title="Birds \u2028 & co")
    first = grace.reply(discussion, f"I saw one, @{ada.handle}.")
    cursor = ada.cursor(discussion)
    quote = {"sourceId": first, "text": f"I saw one, @{ada.handle}."}
    body = f"> I saw one, @{ada.handle}.\n\nWhere, @{grace.handle}?"
    answer = ada.reply(discussion, body, to=first, quotes=[quote], clientMutationId="one")
    grace.edit(first, "I saw two.")
    gone = grace.reply(discussion, "Never mind.", to=answer)
    grace.delete(gone)
    ada.write("editDiscussion", discussionId=discussion, title="Sea birds", body=f"An {word}.", expectedVersion=1)
    ada.write("recordView", discussionId=discussion)
    return discussion, cursor, word


def exported(url: str, file: Path) -> bytes:
    told("export", str(file), database_url=url)
    return file.read_bytes()


def test_a_forum_is_the_same_elsewhere_to_the_byte(
    backend: Backend, parley: Parley, people: People, lived: tuple[str, str, str], tmp_path: Path, request: Any
) -> None:
    discussion, cursor, word = lived
    first = exported(backend.database_url, tmp_path / "first.jsonl")
    assert not list(tmp_path.glob("*.part"))
    elsewhere = f"sqlite:///{tmp_path / 'elsewhere.db'}"
    told("import", str(tmp_path / "first.jsonl"), database_url=elsewhere)
    assert exported(elsewhere, tmp_path / "second.jsonl") == first
    if backend.name == "postgresql":
        # And back, into the kind of database it came from.
        elsewhere = backend.new_database()
        told("import", str(tmp_path / "second.jsonl"), database_url=elsewhere)
        assert exported(elsewhere, tmp_path / "third.jsonl") == first
    moved = Parley.start(database_url=elsewhere, folder=tmp_path, jwt_secret=JWT_SECRET)
    try:
        with people_of(moved) as theirs:
            there = theirs.reader
            for query, variables in ((READ, {"id": discussion}), (SEARCH, {"q": word})):
                assert there.ask(query, **variables) == people.reader.ask(query, **variables)
            assert there.ask(SEARCH, q=word)["search"]["nodes"]
            # The key that cursors are made with has not moved, so whoever holds one fetches anew.
            assert there.codes(EVENTS, id=discussion, after=cursor) == ["BAD_CURSOR"]
            # What is written now comes after all that was there.
            ada = theirs("Ada")
            known = people.reader.ask(READ, id=discussion)["discussion"]["replies"]["nodes"]
            quote = {"sourceId": known[0]["id"], "text": "I saw two."}
            reply = ada.reply(discussion, "> I saw two.\n\nIndeed.", to=known[0]["id"], quotes=[quote])
            assert ada.node(reply, "... on Reply { sequence }")["sequence"] == len(known) + 1
            assert [quote["status"] for quote in quotes_of(ada, reply)] == ["VERBATIM"]
            assert ada.start() not in (discussion, None)
    finally:
        moved.stop()


def test_an_export_is_of_one_moment_while_others_write(backend: Backend, people: People, tmp_path: Path) -> None:
    ada = people("Ada")
    discussion = ada.start()
    ended: list[bool] = []

    async def race() -> bytes:
        async def write() -> None:
            while not ended:
                await asyncio.to_thread(ada.reply, discussion)

        writing = asyncio.create_task(write())
        content = await asyncio.to_thread(exported, backend.database_url, tmp_path / "export.jsonl")
        ended.append(True)
        await writing
        return content

    content = asyncio.run(race())
    assert content.endswith(b'{"record":"end"}\n')
    # The import looks whether logs, counts and the feed are whole, which those of two moments are not.
    told("import", str(tmp_path / "export.jsonl"), database_url=f"sqlite:///{tmp_path / 'elsewhere.db'}")


def test_what_is_secret_stays_out(backend: Backend, lived: tuple[str, str, str], tmp_path: Path) -> None:
    content = exported(backend.database_url, tmp_path / "export.jsonl")

    def kept(connection: Connection) -> list[bytes]:
        return list(connection.scalars(select(metadata.tables["secrets"].c.value)))

    secrets = asyncio.run(migrate.transact(backend.database_url, kept))
    assert len(secrets) == len(migrate.SECRETS)
    assert not any(secret.hex().encode() in content for secret in secrets)
    assert b'"record":"secrets"' not in content
    assert b'"record":"recent_views"' not in content


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> list[Line]:
    """The records of a small forum that is whole."""
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
    return [number for number, line in enumerate(lines) if line["record"] == kind][nth]


def changed(kind: str, nth: int = 0, **fields: Any) -> Callable[[list[Line]], int]:
    """What changes fields of a record, and gives the number of its line."""

    def change(lines: list[Line]) -> int:
        place = at(lines, kind, nth)
        lines[place] |= fields
        return place + 1

    return change


def without(kind: str, nth: int = 0) -> Callable[[list[Line]], int]:
    """What takes a record out of the file and of the header's count; the line after it is the first that is wrong."""

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


BAD: dict[str, tuple[Callable[[list[Line]], int], str]] = {
    "a newer format": (changed("parley", format=2), "of format 2"),
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
    "bytes of other digits": (changed("discussions", tag="xyz"), "`tag` must be bytes"),
    "null for what must be": (changed("posts", body=None), "`body` must not be null"),
    "a script": (changed("posts", body_html="<script>alert(1)</script>"), "`body_html` holds HTML"),
    "an author who is not there": (changed("posts", author_id=77), "`author_id` names 77 of users"),
    "an answer to nothing": (changed("posts", 1, reply_to_id=3), "`reply_to_id` names 3 of posts"),
    "the same twice": (twice, "in the order of id"),
    "a handle twice": (changed("posts", 1, sequence=0), "The database refused this"),
    "a user fewer": (without("users"), "names 1 of users"),
    "more after the end": (trailing, "more after the end"),
}
NOT_WHOLE: dict[str, tuple[Callable[[list[Line]], int], str]] = {
    "an event fewer": (without("events", 0), "Discussion 1: its log is not 1 to its last event."),
    "a last event more": (changed("discussion_heads", last_event=9), "its log is not 1 to its last event"),
    "a last reply more": (changed("discussion_heads", last_reply=9), "its replies are not 1 to its last reply"),
    "a count fewer": (without("reply_counts", 1), "has no record in reply_counts"),
    "a wrong path": (changed("posts", 2, path="0000000900000001"), "not where its path says"),
    "a feed that goes on": (changed("feed_head", last_position=5), "The feed is not 1 to its last position"),
}


@pytest.fixture(scope="module")
def empty(backend: Backend) -> str:
    return backend.migrated_database()


def imported(url: str, content: bytes, file: Path) -> str:
    """How an import of it is refused."""
    file.write_bytes(content)
    with file.open("rb") as opened, pytest.raises(restore.ImportRefused) as refused:
        asyncio.run(restore.restore(url, str(file), opened, None, Console(quiet=True)))
    return str(refused.value)


def is_empty(url: str) -> bool:
    def held(connection: Connection) -> int:
        counts = [connection.scalar(select(func.count()).select_from(table)) or 0 for table in records.TABLES]
        return sum(counts)

    # The head of the feed stands in an empty database.
    return asyncio.run(migrate.transact(url, held)) == 1


def written(lines: list[Line]) -> bytes:
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


@pytest.mark.parametrize("name", [*BAD, *NOT_WHOLE])
def test_a_file_that_is_wrong_is_refused_with_its_line_and_nothing_is_imported(
    name: str, good: list[Line], empty: str, tmp_path: Path
) -> None:
    lines: list[Line] = json.loads(json.dumps(good))
    change, sentence = (BAD | NOT_WHOLE)[name]
    number = change(lines)
    file = tmp_path / "bad.jsonl"
    complaint = imported(empty, written(lines), file)
    assert sentence in complaint
    where = f"{file}, line {number}: " if name in BAD else f"{file}: "
    assert where in complaint or name == "a user fewer"
    assert is_empty(empty)


def test_a_file_that_is_cut_off_is_refused(good: list[Line], empty: str, tmp_path: Path) -> None:
    whole = written(good)
    for length, told_where in (
        (0, "cut off before its first line"),
        (len(written(good[:7])), "cut off after line 7"),
        (len(written(good[:7])) + 20, "line 8: The file is cut off in this line"),
        (len(written(good[:-1])), f"cut off after line {len(good) - 1}"),
        (len(whole) - 1, f"line {len(good)}: The file is cut off in this line"),
    ):
        assert told_where in imported(empty, whole[:length], tmp_path / "cut.jsonl")
    for garbage in (gzip.compress(whole), b"\xff\xfe\n", b"{}\n", b"[1]\n"):
        assert "line 1: " in imported(empty, garbage, tmp_path / "garbage.jsonl")
    assert is_empty(empty)


def test_a_forum_that_is_there_is_not_written_over(backend: Backend, good: list[Line], tmp_path: Path) -> None:
    file = tmp_path / "good.jsonl"
    file.write_bytes(written(good))
    ended = run("import", str(file), database_url=backend.database_url)
    assert ended.returncode == 2
    assert ended.stderr.splitlines()[-1] == (
        "parley: PARLEY_DATABASE_URL: the database is not empty: it holds users. Import into a new one."
    )


def test_the_document_names_every_record_and_field() -> None:
    assert {*records.LEFT_OUT, *(table.name for table in records.TABLES)} == set(metadata.tables)
    documented: dict[str, list[str]] = {}
    lines: Iterator[str] = iter((ROOT / "docs" / "export.md").read_text().splitlines())
    for line in lines:
        if line.startswith("### `"):
            fields = next(line for line in lines if line)
            documented[line.strip("# `")] = [name.strip("` .") for name in fields.split(",")]
    assert documented == {table.name: [column.name for column in table.columns] for table in records.TABLES}
