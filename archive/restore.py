"""Fills an empty database from an export, whole or not at all.

Every line is checked before it counts, and all of them stand in one transaction: whatever ends an import early leaves
the database as it was.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, NoReturn

from rich.console import Console
from sqlalchemy import Connection, Table, delete, func, insert, select, text
from sqlalchemy.exc import DBAPIError

from archive import records
from archive.progress import progress_bar
from archive.records import Malformed, Reader
from db import tables
from db.migrate import transact
from db.search import PUT, entry

_AT_ONCE = 1_000
"""How many rows are inserted at a time."""
_SEQUENCES = ("users", "categories", "discussions", "posts")
"""The tables whose ids PostgreSQL gives."""

_WHOLE = {
    "Discussion {0}: its log is not 1 to its last event.": """
        SELECT discussions.id FROM discussions
        LEFT JOIN discussion_heads ON discussion_heads.discussion_id = discussions.id
        LEFT JOIN (SELECT discussion_id, count(*) AS events, min(number) AS first, max(number) AS last
                   FROM events GROUP BY discussion_id) AS logs ON logs.discussion_id = discussions.id
        WHERE discussion_heads.last_event IS NULL OR coalesce(logs.last, discussions.log_floor) <> last_event
        OR logs.events <> logs.last - logs.first + 1 OR logs.first > discussions.log_floor + 1 LIMIT 1""",
    "Discussion {0}: its replies are not 1 to its last reply.": """
        SELECT discussions.id FROM discussions
        LEFT JOIN discussion_heads ON discussion_heads.discussion_id = discussions.id
        LEFT JOIN (SELECT discussion_id, count(*) AS posts, min(sequence) AS first, max(sequence) AS last
                   FROM posts GROUP BY discussion_id) AS written ON written.discussion_id = discussions.id
        WHERE written.first IS NULL OR written.first <> 0 OR written.last <> last_reply
        OR written.posts <> last_reply + 1 LIMIT 1""",
    "Discussion {0} has no record in discussion_counts.": """
        SELECT id FROM discussions
        WHERE id NOT IN (SELECT discussion_id FROM discussion_counts) LIMIT 1""",
    "Post {0} has no record in reply_counts.": """
        SELECT posts.id FROM posts
        LEFT JOIN reply_counts
        ON reply_counts.discussion_id = posts.discussion_id AND reply_counts.sequence = posts.sequence
        WHERE posts.sequence > 0 AND reply_counts.sequence IS NULL LIMIT 1""",
    "Post {0} answers a post that is not where its path says.": """
        SELECT posts.id FROM posts JOIN posts AS answered ON answered.id = posts.reply_to_id
        WHERE answered.discussion_id <> posts.discussion_id OR answered.depth <> posts.depth - 1
        OR substr(posts.path, 1, length(answered.path)) <> answered.path LIMIT 1""",
    "The feed is not 1 to its last position, {0}.": """
        SELECT last_position FROM feed_head
        WHERE last_position <> (SELECT count(*) FROM feed)
        OR last_position <> (SELECT coalesce(max(position), 0) FROM feed)""",
    "The feed names event {1} of discussion {0}, which is not in the log.": """
        SELECT named.discussion_id, named.number FROM
        (SELECT discussion_id, number FROM feed UNION ALL SELECT discussion_id, number FROM feed_outbox) AS named
        LEFT JOIN events ON events.discussion_id = named.discussion_id AND events.number = named.number
        LEFT JOIN discussions ON discussions.id = named.discussion_id
        WHERE events.number IS NULL AND (discussions.id IS NULL OR named.number > discussions.log_floor) LIMIT 1""",
    "Quote {0} stands in a quote that is not there.": """
        SELECT quotes.id FROM quotes LEFT JOIN quotes AS outside ON outside.id = quotes.parent_id
        WHERE quotes.parent_id IS NOT NULL AND outside.id IS NULL LIMIT 1""",
}
"""What must find nothing in a forum that is whole, by what it says of what it finds."""


class ImportRefused(ValueError):
    """The database is not empty, or the file is not an export. The message says where, and what is wrong."""


async def restore(url: str, name: str, file: BinaryIO, size_bytes: int | None, console: Console) -> int:
    """Imports an export into a migrated, empty database, with a progress bar, and gives how many records it held.

    `name` is the file's, for messages. Raises ImportRefused, and has changed nothing then.
    """

    def work(connection: Connection) -> int:
        _require_empty(connection)
        with progress_bar(console) as progress:
            task = progress.add_task("Importing", total=size_bytes)

            def tell(read_bytes: int) -> None:
                progress.update(task, completed=read_bytes)

            restoring = _Restoring(connection, name, file, tell)
            total = restoring.run()
            indexing = progress.add_task("Indexing", total=total)
            for done in _index(connection):
                progress.update(indexing, completed=done, total=max(total, done))
            progress.update(indexing, completed=total)
        for sentence, query in _WHOLE.items():
            if (found := connection.execute(text(query)).first()) is not None:
                raise ImportRefused(f"{name}: {sentence.format(*found)}")
        return total

    return await transact(url, work)


def _require_empty(connection: Connection) -> None:
    for table in records.TABLES:
        # The feed's head is made by the migrations.
        if table is not tables.feed_head and connection.scalar(select(func.count()).select_from(table)):
            raise ImportRefused(
                f"PARLEY_DATABASE_URL: the database is not empty: it holds {table.name}. Import into a new one."
            )
    connection.execute(delete(tables.feed_head))


class _Restoring:
    """One import: where in the file it stands, and which rows others may refer to."""

    def __init__(self, connection: Connection, name: str, file: BinaryIO, tell: Any) -> None:
        self._connection = connection
        self._name = name
        self._lines = iter(file)
        self._tell = tell
        self._number = 0
        self._read_bytes = 0
        self._ids: dict[str, array[int]] = {}

    def run(self) -> int:
        """Raises ImportRefused."""
        try:
            counts = records.read_header(self._next())
            for table in records.TABLES:
                self._table(table, counts[table.name])
            if (found := self._next())["record"] != records.END:
                raise Malformed(f"More {found['record']} than the header counts.")
        except Malformed as malformed:
            self._refuse(self._number, str(malformed))
        if next(self._lines, None) is not None:
            self._refuse(self._number + 1, "There is more after the end.")
        return sum(counts.values())

    def _next(self) -> dict[str, Any]:
        line = next(self._lines, None)
        if line is None:
            where = f"after line {self._number}" if self._number else "before its first line"
            raise ImportRefused(f"{self._name} is cut off {where}. Nothing was imported.")
        self._number += 1
        self._read_bytes += len(line)
        if not line.endswith(b"\n"):
            self._refuse(self._number, "The file is cut off in this line.")
        return records.record(line)

    def _table(self, table: Table, count: int) -> None:
        reader = Reader(table, self._connection.dialect.name)
        keys = [column.name for column in table.primary_key.columns]
        references = [(column.name, key.column.table.name) for column in table.columns for key in column.foreign_keys]
        ids = self._ids.setdefault(table.name, array("q"))
        last: tuple[Any, ...] = ()
        batch: list[dict[str, Any]] = []
        for _ in range(count):
            found = self._next()
            if found["record"] != table.name:
                raise Malformed(f"The header counts more {table.name} than there are; this is of {found['record']}.")
            row = reader.row(found)
            key = tuple(row[name] for name in keys)
            if last and key <= last:
                raise Malformed(f"Records stand in the order of {', '.join(keys)}, each once; this one does not.")
            last = key
            for name, named in references:
                if row[name] is not None and not self._has(named, row[name]):
                    raise Malformed(f"`{name}` names {row[name]} of {named}, which is not above.")
            if keys == ["id"]:
                ids.append(row["id"])
            batch.append(row)
            if len(batch) == _AT_ONCE:
                self._insert(table, batch)
                batch = []
        self._insert(table, batch)
        if table.name in _SEQUENCES and ids and self._connection.dialect.name == "postgresql":
            self._connection.execute(
                text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)"), {"name": table.name, "last": ids[-1]}
            )

    def _has(self, table: str, wanted: int) -> bool:
        ids = self._ids[table] if table != "discussion_heads" else self._ids["discussions"]
        at = bisect_left(ids, wanted)
        return at < len(ids) and ids[at] == wanted

    def _insert(self, table: Table, batch: Sequence[dict[str, Any]]) -> None:
        """Inserts rows that stood in the last lines; where the database refuses, finds out which of them."""
        if not batch:
            return
        try:
            with self._connection.begin_nested():
                self._connection.execute(insert(table), batch)
        except DBAPIError:
            first = self._number - len(batch) + 1
            for number, row in enumerate(batch, first):
                try:
                    self._connection.execute(insert(table), row)
                except DBAPIError as error:
                    self._refuse(number, f"The database refused this: {' '.join(str(error.orig).split())}.")
            raise
        self._tell(self._read_bytes)

    def _refuse(self, number: int, sentence: str) -> NoReturn:
        raise ImportRefused(f"{self._name}, line {number}: {sentence} Nothing was imported.")


def _index(connection: Connection) -> Iterator[int]:
    """Lets the living posts be found, a batch at a time; gives how many have been so far."""
    put = text(PUT[connection.dialect.name])
    chosen = (
        select(tables.posts.c.id, tables.posts.c.sequence, tables.posts.c.body_text, tables.discussions.c.title)
        .join(tables.discussions, tables.discussions.c.id == tables.posts.c.discussion_id)
        .where(tables.posts.c.deleted_at.is_(None), tables.posts.c.id > text(":last"))
        .order_by(tables.posts.c.id)
        .limit(_AT_ONCE)
    )
    last = done = 0
    while rows := connection.execute(chosen, {"last": last}).all():
        connection.execute(
            put, [{"post": row.id, **entry("" if row.sequence else row.title, row.body_text)} for row in rows]
        )
        last = rows[-1].id
        done += len(rows)
        yield done
