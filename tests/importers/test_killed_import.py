"""An import that is killed is taken up by the next one, which ends as if nothing had happened."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rich.console import Console
from sqlalchemy import Connection, text

from db import migrate
from db.database import Database
from importers.ning import importing
from importers.ning.archive import NingComment, NingDiscussion, NingMember
from tests.support import killing
from tests.support.backends import Backend

pytestmark = pytest.mark.anyio

AT = datetime(2010, 5, 1, tzinfo=UTC)
FIRST_KILL, KILLS_APART = 14, 17
"""Before which statement the first process is killed, and how many more the next one may run."""


@dataclass
class _Archive:
    """Two discussions, with a reply that was deleted and one that quotes."""

    size_bytes: int = 1
    read_bytes: int = 1

    def members(self, _report: Any) -> Iterator[NingMember]:
        yield NingMember("ida", "Ida", None, AT, "", "active", None, {})

    def discussions(self, _report: Any) -> Iterator[NingDiscussion]:
        for number in (2, 1):
            at = AT + timedelta(days=number)
            quote = "<cite>Ida said:</cite><blockquote><p>One.</p></blockquote><p>Two.</p>"
            comments = (
                NingComment(f"7:Comment:{number}1", "ida", "<p>One.</p>", at, ()),
                NingComment(f"7:Comment:{number}2", "uwe", quote, at, ()),
                NingComment(f"7:Comment:{number}3", "uwe", "<p>Three.</p>", at, (), is_deleted=True),
            )
            yield NingDiscussion(
                f"7:Topic:{number}", f"Bees {number}", "<p>Who?</p>", "ida", at, at, "Animals", None, (), comments
            )


async def _import(url: str) -> None:
    async with Database(url) as database:
        await importing.run(database, _Archive(), Console(quiet=True))  # type: ignore[arg-type]


def _rows(connection: Connection) -> list[list[Any]]:
    """What there is, by the ids of the archive: PostgreSQL gives the next id after one that was rolled back."""
    return [
        [tuple(row) for row in connection.execute(text(query))]
        for query in (
            "SELECT legacy_id, handle, name FROM users ORDER BY legacy_id",
            "SELECT posts.legacy_id, posts.sequence, posts.version, posts.body, handle, answered.legacy_id FROM posts"
            " LEFT JOIN users ON users.id = posts.author_id LEFT JOIN posts AS answered ON answered.id ="
            " posts.reply_to_id ORDER BY posts.legacy_id",
            "SELECT posts.legacy_id, sources.legacy_id FROM quotes JOIN posts ON posts.id = post_id"
            " JOIN posts AS sources ON sources.id = source_id ORDER BY posts.legacy_id",
            "SELECT legacy_id, number, kind FROM events JOIN posts ON discussion_id = log_id AND sequence = 0"
            " ORDER BY legacy_id, number",
            "SELECT title, reply_count, participant_count, slug FROM discussion_counts"
            " JOIN discussions ON discussions.id = discussion_counts.discussion_id"
            " JOIN categories ON categories.id = discussions.category_id ORDER BY title",
        )
    ]


async def test_an_import_that_is_killed_again_and_again_adds_each_post_once(backend: Backend) -> None:
    url, at_once = backend.migrated_database(), backend.migrated_database()
    kills = 0
    while await killing.run(_import, url, kill_before=FIRST_KILL + KILLS_APART * kills):
        kills += 1
    assert kills > 2
    await _import(at_once)
    expected = await migrate.transact(at_once, _rows)
    assert [len(rows) for rows in expected] == [2, 8, 2, 10, 2]
    assert await migrate.transact(url, _rows) == expected
