"""Imports an export into an empty database, whole or not at all.

The tables are created as they were at the export's revision, its rows are loaded, and the later migrations run on them:
so the exports of every earlier version can be read. Every line is checked before it counts. All of it is one
transaction: whatever ends an import early leaves the database as it was.
"""

import re
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from typing import Any, BinaryIO, NoReturn

from rich.console import Console
from sqlalchemy import Connection, Table, delete, exists, func, insert, inspect, select, text
from sqlalchemy.exc import DBAPIError

from archive import records
from archive.progress import WorkProgress, work_progress
from archive.records import MalformedRecord, RecordReader
from db import tables
from db.logs import AUDIT, FEED, MODERATION, REVIEW, SITE
from db.migrate import add_secrets, database_errors, recreate, revisions, transact, upgrade
from db.search import PUT, entry
from text.erasing import ERASED
from text.search import name_keys

_BATCH_SIZE = 1_000
"""How many rows are inserted at a time."""
MAX_LINE_BYTES = 32 * 1_048_576
"""How long a line may be. A server accepts bodies of one mebibyte; a record also holds their HTML and plain text."""
FILLED_BY_MIGRATIONS = {"log_heads", "log_readers"}
"""The tables that hold rows in a database that was migrated and never used."""

_CONSISTENCY_CHECKS = {
    "Log {0} is not 1 to its last event.": """
        SELECT log_heads.log_id FROM log_heads
        LEFT JOIN (SELECT log_id, count(*) AS events, min(number) AS first, max(number) AS last
                   FROM events GROUP BY log_id) AS logs ON logs.log_id = log_heads.log_id
        LEFT JOIN events AS ending ON ending.log_id = log_heads.log_id AND ending.number = log_heads.last_event
        WHERE log_heads.log_id BETWEEN 1 AND {site}
        AND (coalesce(logs.last, log_floor) <> last_event OR logs.events <> logs.last - logs.first + 1
             OR logs.first > log_floor + 1 OR coalesce(ending.epoch, last_epoch) <> last_epoch) LIMIT 1""",
    "Discussion {0} has no record in log_heads.": """
        SELECT id FROM discussions WHERE id NOT IN (SELECT log_id FROM log_heads) LIMIT 1""",
    "Log {0} is there, and its discussion is not.": """
        SELECT log_id FROM log_heads
        WHERE log_id BETWEEN 1 AND {site} - 1 AND log_id NOT IN (SELECT id FROM discussions) LIMIT 1""",
    "Event {1} of log {0} is there, and its log is not.": """
        SELECT events.log_id, events.number FROM events
        WHERE events.log_id NOT IN (SELECT log_id FROM log_heads) LIMIT 1""",
    "Discussion {0}: its replies are not 1 to its last reply.": """
        SELECT discussions.id FROM discussions
        LEFT JOIN log_heads ON log_heads.log_id = discussions.id
        LEFT JOIN (SELECT discussion_id, count(*) AS posts, min(sequence) AS first, max(sequence) AS last
                   FROM posts GROUP BY discussion_id) AS written ON written.discussion_id = discussions.id
        WHERE written.first IS NULL OR written.first <> 0 OR written.last <> last_reply
        OR written.posts <> last_reply + 1 LIMIT 1""",
    "Discussion {0} has no record in discussion_counts.": """
        SELECT id FROM discussions
        WHERE id NOT IN (SELECT discussion_id FROM discussion_counts) LIMIT 1""",
    "Discussion {0} has another author than its opening post.": """
        SELECT discussions.id FROM discussions
        JOIN posts ON posts.discussion_id = discussions.id AND posts.sequence = 0
        WHERE coalesce(discussions.author_id, 0) <> coalesce(posts.author_id, 0) LIMIT 1""",
    "Discussion {0} is listed otherwise in discussion_counts than it is.": """
        SELECT discussions.id FROM discussions
        JOIN discussion_counts AS here ON here.discussion_id = discussions.id
        WHERE here.listed <> (discussions.deleted_at IS NULL) OR here.locked <> discussions.locked
        OR coalesce(here.category_id, 0) <> coalesce(discussions.category_id, 0)
        OR coalesce(here.author_id, 0) <> coalesce(discussions.author_id, 0) LIMIT 1""",
    "Post {0} has no record in reply_counts.": """
        SELECT posts.id FROM posts
        LEFT JOIN reply_counts
        ON reply_counts.discussion_id = posts.discussion_id AND reply_counts.sequence = posts.sequence
        WHERE reply_counts.sequence IS NULL LIMIT 1""",
    "Post {0} is deleted and not in deleted_posts, or the other way round.": """
        SELECT posts.id FROM posts LEFT JOIN deleted_posts ON deleted_posts.post_id = posts.id
        WHERE (posts.deleted_at IS NULL) <> (deleted_posts.post_id IS NULL) LIMIT 1""",
    "Post {0} replies to a post that is not where its path says.": """
        SELECT posts.id FROM posts JOIN posts AS answered ON answered.id = posts.reply_to_id
        WHERE answered.discussion_id <> posts.discussion_id OR answered.depth <> posts.depth - 1
        OR substr(posts.path, 1, length(answered.path)) <> answered.path LIMIT 1""",
    "The feed does not go on to its last position, {0}.": """
        SELECT last_event FROM log_heads
        LEFT JOIN (SELECT count(*) AS items, min(position) AS first, max(position) AS last FROM feed) AS fed ON TRUE
        WHERE log_id = {feed} AND (coalesce(fed.last, log_floor) <> last_event
        OR fed.items <> fed.last - fed.first + 1 OR fed.first > log_floor + 1) LIMIT 1""",
    "The log of moderation does not go on to its last position, {0}.": """
        SELECT last_event FROM log_heads
        LEFT JOIN (SELECT count(*) AS items, max(position) AS last FROM moderation_events) AS fed ON TRUE
        WHERE log_id = {moderation} AND (coalesce(fed.last, 0) <> last_event OR fed.items <> last_event) LIMIT 1""",
    "Log {0} must have a record in log_heads.": """
        SELECT wanted.id FROM (SELECT {feed} AS id UNION SELECT {site} UNION SELECT {moderation}) AS wanted
        WHERE wanted.id NOT IN (SELECT log_id FROM log_heads) LIMIT 1""",
    "A log in one order names event {1} of log {0}, which is not there.": """
        SELECT named.log_id, named.number FROM
        (SELECT log_id, number FROM feed
         UNION ALL SELECT source_log_id, source_number FROM outbox WHERE log_id = {feed}) AS named
        LEFT JOIN events ON events.log_id = named.log_id AND events.number = named.number
        LEFT JOIN log_heads ON log_heads.log_id = named.log_id
        WHERE events.number IS NULL AND (log_heads.log_id IS NULL OR named.number > log_heads.log_floor) LIMIT 1""",
    "The log of moderation names entry {1} of log {0}, which is not there.": """
        SELECT named.log_id, named.number FROM
        (SELECT log_id, number FROM moderation_events
         UNION ALL SELECT source_log_id, source_number FROM outbox WHERE log_id = {moderation}) AS named
        LEFT JOIN audit_entries ON named.log_id = {audit} AND audit_entries.id = named.number
        LEFT JOIN review_changes ON named.log_id = {review} AND review_changes.id = named.number
        WHERE audit_entries.id IS NULL AND review_changes.id IS NULL LIMIT 1""",
    "Reader {0} is not within its log.": """
        SELECT name FROM log_readers LEFT JOIN log_heads ON log_heads.log_id = log_readers.log_id
        WHERE last_event IS NULL OR position > last_event OR position < 0 OR range_end > last_event LIMIT 1""",
    "Reader {0} must have a record in log_readers.": """
        SELECT wanted.name FROM (SELECT 'quote-notices' AS name UNION ALL SELECT 'decision-notices') AS wanted
        WHERE wanted.name NOT IN (SELECT name FROM log_readers) LIMIT 1""",
    "Quote {0} stands in a quote that is not there.": """
        SELECT quotes.id FROM quotes LEFT JOIN quotes AS outside ON outside.id = quotes.parent_id
        WHERE quotes.parent_id IS NOT NULL AND outside.id IS NULL LIMIT 1""",
}
"""Queries that find nothing in a consistent forum, by the message about what they find; logs in them are by name."""
_LOGS = {"feed": FEED, "site": SITE, "moderation": MODERATION, "audit": AUDIT, "review": REVIEW}
_LOG_NAME = re.compile(r"\{(\w+)\}")


def _log_id(name: re.Match[str]) -> str:
    return str(_LOGS[name[1]])


_LIKE_EARLIER_HANDLES = (
    select(tables.users.c.handle)
    .where(tables.users.c.handle_skeleton.is_(None), tables.users.c.name != ERASED)
    .order_by(tables.users.c.id)
)


class ImportRefused(ValueError):
    """The database is not empty, or the file is not an export. The message says where, and what is wrong."""


async def restore(url: str, name: str, file: BinaryIO, console: Console) -> int:
    """Imports an export into a new or empty database, with its progress, and returns how many records it held.

    `name` is the file's, for messages. Raises ImportRefused, ValueError for a URL that names no database, and
    DatabaseUnusable; the database is as it was then.
    """

    def work(connection: Connection) -> int:
        upgrade(connection)
        _require_empty(connection)
        with work_progress(console) as progress:
            total = _Import(connection, name, file, progress).run()
            upgrade(connection)
            add_secrets(connection)
            _index_people(connection)
            _index_posts(connection, progress)
        for sentence, query in _CONSISTENCY_CHECKS.items():
            if (found := connection.execute(text(_LOG_NAME.sub(_log_id, query))).first()) is not None:
                raise ImportRefused(f"{name}: {sentence.format(*found)} Nothing was imported.")
        if alike := [f"@{handle}" for handle in connection.scalars(_LIKE_EARLIER_HANDLES)]:
            console.print(f"Handles that look like earlier ones, kept as they are: {', '.join(alike)}", markup=False)
        return total

    with database_errors(url):
        return await transact(url, work)


def _require_empty(connection: Connection) -> None:
    """Raises ImportRefused if a database at the newest revision holds anything of a forum."""
    for table in records.tables():
        if table.name not in FILLED_BY_MIGRATIONS and connection.scalar(select(exists(select(table)))):
            raise ImportRefused(
                f"PARLEY_DATABASE_URL: the database is not empty: it holds {table.name}. Import into a new one."
            )


def _create_tables(connection: Connection, revision: str) -> dict[str, Table]:
    """Gives an empty database at the newest revision the tables of this one, and returns them.

    Tables of other programs in the same database are left alone.
    """
    foreign = set(inspect(connection).get_table_names()) - set(tables.metadata.tables)
    if revision != revisions()[-1]:
        recreate(connection, revision)
    return records.tables_in(connection, without=foreign)


class _Import:
    """One import: the line it is at, and the ids that later records may refer to."""

    def __init__(self, connection: Connection, name: str, file: BinaryIO, progress: WorkProgress) -> None:
        self._connection = connection
        self._name = name
        self._file = file
        self._progress = progress
        self._number = 0
        self._ids: dict[str, array[int]] = {}

    def run(self) -> int:
        """Creates the tables of the export's revision, loads its records and returns their number."""
        try:
            revision, counts = records.read_header(self._next())
            created = _create_tables(self._connection, revision)
            records.require_tables(counts, created)
            self._progress.begin("Importing records", sum(counts.values()))
            for table in reversed(created.values()):
                # Migrations fill some.
                self._connection.execute(delete(table))
            missing = {kind: count for kind, count in counts.items() if count}
            found = self._next()
            while found["record"] in missing:
                kind = found["record"]
                found = self._load(created[kind], missing.pop(kind), found)
            if found["record"] != records.END:
                raise MalformedRecord(f"The header counts no more records of {found['record']}.")
            if missing:
                raise MalformedRecord(f"The header counts more records of {', '.join(missing)} than there are.")
        except MalformedRecord as malformed:
            self._refuse(self._number, str(malformed))
        if self._line():
            self._refuse(self._number + 1, "There is more after the end.")
        return sum(counts.values())

    def _line(self) -> bytes:
        """Returns the next line, empty at the end of the file. Raises ImportRefused for one that is too long."""
        try:
            line = self._file.readline(MAX_LINE_BYTES + 1)
        except OSError as error:
            raise ImportRefused(f"{self._name} can't be read: {error}. Nothing was imported.") from error
        if len(line) > MAX_LINE_BYTES:
            self._refuse(self._number + 1, f"The line has over {MAX_LINE_BYTES:,} bytes, the most a record may have.")
        return line

    def _next(self) -> dict[str, Any]:
        line = self._line()
        if not line:
            where = f"after line {self._number}" if self._number else "before its first line"
            raise ImportRefused(f"{self._name} is cut off {where}. Nothing was imported.")
        self._number += 1
        if not line.endswith(b"\n"):
            self._refuse(self._number, "The file is cut off in this line.")
        return records.record(line)

    def _load(self, table: Table, count: int, found: dict[str, Any]) -> dict[str, Any]:
        """Loads a table's records, of which `found` is the first, and returns the record after them."""
        reader = RecordReader(table, self._connection.dialect.name)
        keys = [column.name for column in table.primary_key.columns]
        ids = self._ids.setdefault(table.name, array("q"))
        references = [
            (column.name, key.column.table.name, self._ids.get(key.column.table.name, ()))
            for column in table.columns
            for key in column.foreign_keys
        ]
        previous: tuple[Any, ...] = ()
        batch: list[dict[str, Any]] = []
        for _ in range(count):
            if found["record"] != table.name:
                raise MalformedRecord(
                    f"The header counts more records of {table.name} than there are; this is of {found['record']}."
                )
            row = reader.row(found)
            key = tuple(row[name] for name in keys)
            if previous and key <= previous:
                raise MalformedRecord(f"Records stand in the order of {', '.join(keys)}, each once; this one does not.")
            previous = key
            _require_references(row, references)
            if keys == ["id"]:
                ids.append(row["id"])
            batch.append(row)
            if len(batch) == _BATCH_SIZE:
                self._insert(table, batch, last=self._number)
                batch = []
            found = self._next()
        # The line that was read last is the one after these rows.
        self._insert(table, batch, last=self._number - 1)
        if ids and self._connection.dialect.name == "postgresql":
            # Without effect where the table has no sequence.
            self._connection.execute(
                text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)"), {"name": table.name, "last": ids[-1]}
            )
        return found

    def _insert(self, table: Table, batch: Sequence[dict[str, Any]], *, last: int) -> None:
        """Inserts rows whose last one is in line `last`; if the database refuses, finds out which of them."""
        if not batch:
            return
        try:
            with self._connection.begin_nested():
                self._connection.execute(insert(table), batch)
        except DBAPIError:
            for number, row in enumerate(batch, last - len(batch) + 1):
                try:
                    self._connection.execute(insert(table), row)
                except DBAPIError as error:
                    self._refuse(number, f"The database refused this: {' '.join(str(error.orig).split())}.")
            raise
        # Without the header.
        self._progress.update(last - 1)

    def _refuse(self, number: int, sentence: str) -> NoReturn:
        raise ImportRefused(f"{self._name}, line {number}: {sentence} Nothing was imported.")


def _require_references(row: dict[str, Any], references: Sequence[tuple[str, str, Sequence[int]]]) -> None:
    """Raises MalformedRecord if a row refers to one that did not come before it."""
    for name, table, ids in references:
        wanted = row[name]
        if wanted is None:
            continue
        at = bisect_left(ids, wanted)
        if at == len(ids) or ids[at] != wanted:
            raise MalformedRecord(f"`{name}` names {wanted} of {table}, which is not above.")


def _index_people(connection: Connection) -> None:
    """Indexes the people who are not suspended, in batches."""
    chosen = (
        select(tables.users.c.id, tables.users.c.handle, tables.users.c.name)
        .where(tables.users.c.suspended_at.is_(None), tables.users.c.id > text(":last"))
        .order_by(tables.users.c.id)
        .limit(_BATCH_SIZE)
    )
    last = 0
    while rows := connection.execute(chosen, {"last": last}).all():
        keys = [{"user_id": row.id, "key": key} for row in rows for key in name_keys(row.handle, row.name)]
        if keys:
            connection.execute(insert(tables.user_search_keys), keys)
        last = rows[-1].id


def _index_posts(connection: Connection, progress: WorkProgress) -> None:
    """Indexes the posts that are not deleted for search, in batches."""
    there = select(func.count()).select_from(tables.posts).where(tables.posts.c.deleted_at.is_(None))
    progress.begin("Indexing posts", connection.scalar(there) or 0)
    put = text(PUT[connection.dialect.name])
    chosen = (
        select(tables.posts.c.id, tables.posts.c.sequence, tables.posts.c.body_text, tables.discussions.c.title)
        .join(tables.discussions, tables.discussions.c.id == tables.posts.c.discussion_id)
        .where(tables.posts.c.deleted_at.is_(None), tables.posts.c.id > text(":last"))
        .order_by(tables.posts.c.id)
        .limit(_BATCH_SIZE)
    )
    last = done = 0
    while rows := connection.execute(chosen, {"last": last}).all():
        connection.execute(
            put, [{"post": row.id, **entry("" if row.sequence else row.title, row.body_text)} for row in rows]
        )
        last = rows[-1].id
        done += len(rows)
        progress.update(done)
