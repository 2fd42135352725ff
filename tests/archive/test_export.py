"""Exports: what they hold, that they are of one snapshot, and that an import of one changes nothing."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, DateTime, Text, select

from archive import records
from db import migrate
from db.tables import metadata
from tests.support.backends import Backend
from tests.support.http import People, people_of, quotes_of
from tests.support.servers import JWT_SECRET, ROOT, Parley, told

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
def eventful(people: People) -> tuple[str, str, str]:
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
    """What an export of this database writes."""
    told("export", str(file), database_url=url)
    return file.read_bytes()


def test_export_of_an_import_is_byte_identical(
    backend: Backend, parley: Parley, people: People, eventful: tuple[str, str, str], tmp_path: Path, request: Any
) -> None:
    discussion, cursor, word = eventful
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
    moved = Parley.start(database_url=elsewhere, folder=tmp_path, jwt_secret=JWT_SECRET, public_url=parley.url)
    try:
        with people_of(moved) as theirs:
            there = theirs.reader
            for query, variables in ((READ, {"id": discussion}), (SEARCH, {"q": word})):
                assert there.ask(query, **variables) == people.reader.ask(query, **variables)
            assert there.ask(SEARCH, q=word)["search"]["nodes"]
            # The key that cursors are made with was not exported, so a client that holds one fetches again.
            assert there.codes(EVENTS, id=discussion, after=cursor) == ["BAD_CURSOR"]
            # What is written now comes after all that was there, a removed reply included.
            ada = theirs("Ada")
            known = people.reader.ask(READ, id=discussion)["discussion"]["replies"]["nodes"]
            quote = {"sourceId": known[0]["id"], "text": "I saw two."}
            reply = ada.reply(discussion, "> I saw two.\n\nIndeed.", to=known[0]["id"], quotes=[quote])
            assert ada.node(reply, "... on Reply { sequence }")["sequence"] == len(known) + 2
            assert [quote["status"] for quote in quotes_of(ada, reply)] == ["VERBATIM"]
            assert ada.start() not in (discussion, None)
    finally:
        moved.stop()


def test_export_is_one_snapshot_while_replies_are_added(backend: Backend, people: People, tmp_path: Path) -> None:
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


def test_export_leaves_secrets_and_recent_views_out(
    backend: Backend, eventful: tuple[str, str, str], tmp_path: Path
) -> None:
    content = exported(backend.database_url, tmp_path / "export.jsonl")

    def kept(connection: Connection) -> list[bytes]:
        return list(connection.scalars(select(metadata.tables["secrets"].c.value)))

    secrets = asyncio.run(migrate.transact(backend.database_url, kept))
    assert len(secrets) == len(migrate.SECRETS)
    assert not any(secret.hex().encode() in content for secret in secrets)
    assert b'"record":"secrets"' not in content
    assert b'"record":"recent_views"' not in content


def test_export_holds_every_table_but_those_left_out() -> None:
    assert {table.name for table in records.tables()} == set(metadata.tables) - set(records.LEFT_OUT)
    assert all(reason.endswith(".") for reason in records.LEFT_OUT.values())


def test_export_lists_tables_after_those_they_refer_to() -> None:
    listed = [table.name for table in records.tables()]
    for table in records.tables():
        referred = {key.column.table.name for key in table.foreign_keys} - {table.name}
        assert referred <= set(listed[: listed.index(table.name)])


def test_export_header_names_the_newest_revision() -> None:
    assert json.loads(records.header({}))["format"] == migrate.revisions()[-1]


def test_column_names_tell_moments_and_html_from_text() -> None:
    for table in metadata.tables.values():
        for column in table.columns:
            assert records.is_moment(column.name) == isinstance(column.type, DateTime), column
            if records.is_html(column.name):
                assert isinstance(column.type, Text), column


def test_documentation_names_every_exported_table_and_field() -> None:
    documented: dict[str, list[str]] = {}
    lines: Iterator[str] = iter((ROOT / "docs" / "export.md").read_text().splitlines())
    for line in lines:
        if line.startswith("### `"):
            fields = next(line for line in lines if line)
            documented[line.strip("# `")] = [name.strip("` .") for name in fields.split(",")]
    assert list(documented.items()) == [
        (table.name, [column.name for column in table.columns]) for table in records.tables()
    ]
