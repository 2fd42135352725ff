"""The lines of an export: which tables it holds, and how a row becomes a line and a line a row.

docs/export.md describes the format for those who read or write such files themselves. What an export holds, and in what
order, is the same on both databases, to the byte.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Boolean, Column, ColumnElement, DateTime, LargeBinary, Table, Text

from db import tables
from db.statements import moment_text
from text import safety

FORMAT = 1
"""Goes up whenever an export holds other records or fields than those of before."""

TABLES = (
    tables.users,
    tables.categories,
    tables.discussions,
    tables.discussion_heads,
    tables.discussion_counts,
    tables.discussion_views,
    tables.participants,
    tables.posts,
    tables.reply_counts,
    tables.revisions,
    tables.quotes,
    tables.mentions,
    tables.events,
    tables.feed_outbox,
    tables.feed,
    tables.feed_head,
    tables.pending_quote_notifications,
    tables.idempotency_keys,
)
"""The tables an export holds, in its order: a row refers to rows before it alone."""

LEFT_OUT = {
    "secrets": "The keys of cursors and tokens are each database's own.",
    "recent_views": "They are forgotten after half an hour, and made under such a key.",
}
"""The tables it leaves out, and why."""

HEADER, END = "parley", "end"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00")
_HTML = {("posts", "body_html"), ("quotes", "body_html")}
_BIGGEST = 2**63


class Malformed(Exception):
    """A line is not what it should be. The message says what it is."""


def header(counts: dict[str, int]) -> bytes:
    """The first line: the format, and how many records of each kind follow."""
    return _line({"record": HEADER, "format": FORMAT, "counts": counts})


def end() -> bytes:
    """The last line, without which a file is cut off."""
    return _line({"record": END})


def lines(table: Table, rows: Iterator[Sequence[Any]]) -> Iterator[bytes]:
    """The lines of a table's rows."""
    # Plain text: SQLAlchemy's names are a kind of it that can't be written.
    record, names = str(table.name), [str(column.name) for column in table.columns]
    for row in rows:
        yield _line({"record": record, **dict(zip(names, map(_plain, row), strict=True))})


def _line(record: dict[str, Any]) -> bytes:
    return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return value.hex()
    return moment_text(value) if isinstance(value, datetime) else value


def record(line: bytes) -> dict[str, Any]:
    """A line as the object it holds. Raises Malformed."""
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise Malformed(f"This is no JSON: {error}.") from error
    if not isinstance(found, dict) or not isinstance(found.get("record"), str):
        raise Malformed("This is no object with a `record`.")
    return found


def read_header(found: dict[str, Any]) -> dict[str, int]:
    """How many records follow. Raises Malformed."""
    if found["record"] != HEADER:
        raise Malformed("An export of Parley begins with its header, and this is none.")
    if found.get("format") != FORMAT:
        raise Malformed(f"It is of format {found.get('format')!r}, and this Parley reads format {FORMAT}.")
    counts = found.get("counts")
    if not isinstance(counts, dict) or not all(type(count) is int and count >= 0 for count in counts.values()):
        raise Malformed("`counts` is no object of numbers.")
    if unlike := set(counts) ^ {table.name for table in TABLES}:
        raise Malformed(f"`counts` must name all kinds of records and no others; not so: {', '.join(sorted(unlike))}.")
    return counts


class Reader:
    """Reads the records of one table as rows for a database of this dialect."""

    def __init__(self, table: Table, dialect: str) -> None:
        self.table = table
        self._fields = [(column.name, _reader(column, dialect), bool(column.nullable)) for column in table.columns]
        self._names = {"record", *(name for name, _, _ in self._fields)}

    def row(self, found: dict[str, Any]) -> dict[str, Any]:
        """Raises Malformed."""
        if unlike := found.keys() ^ self._names:
            raise Malformed(f"The fields of {self.table.name} are others; not so: {', '.join(sorted(unlike))}.")
        row = {}
        for name, read, nullable in self._fields:
            value = found[name]
            if value is None:
                if not nullable:
                    raise Malformed(f"`{name}` must not be null.")
            else:
                try:
                    value = read(value)
                except ValueError as error:
                    raise Malformed(f"`{name}` {error}.") from error
            row[name] = value
        return row


def _reader(column: Column[Any], dialect: str) -> Callable[[Any], Any]:
    """What reads a column's values, and raises ValueError with what they have to be."""
    kind = column.type
    if isinstance(kind, LargeBinary):
        return _bytes
    if isinstance(kind, Boolean):
        return _boolean
    if isinstance(kind, DateTime):
        return _moment if dialect == "postgresql" else _moment_text
    if (column.table.name, column.name) in _HTML:
        return _html
    return _text if isinstance(kind, Text) else _integer


def _integer(value: Any) -> int:
    if type(value) is not int or not -_BIGGEST <= value < _BIGGEST:
        raise ValueError("must be a whole number of 64 bits")
    return value


def _boolean(value: Any) -> bool:
    if type(value) is not bool:
        raise ValueError("must be true or false")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ValueError("must be a text without U+0000")
    return value


def _html(value: Any) -> str:
    if safety.sanitised(_text(value)) != value:
        raise ValueError("holds HTML that Parley would not have written")
    return str(value)


def _bytes(value: Any) -> bytes:
    try:
        found = bytes.fromhex(value)
    except (TypeError, ValueError):
        found = None
    if found is None or found.hex() != value:
        raise ValueError("must be bytes in lower-case hexadecimal digits")
    return found


def _moment(value: Any) -> datetime:
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            pass
    raise ValueError("must be a moment such as 2026-01-31T12:00:00.000000+00:00")


def _moment_text(value: Any) -> str:
    return moment_text(_moment(value))


def key(table: Table, dialect: str) -> list[ColumnElement[Any]]:
    """What a table's records are ordered by: its key, texts by their code points as SQLite compares them anyway."""
    return [
        column.collate("C") if isinstance(column.type, Text) and dialect == "postgresql" else column
        for column in table.primary_key.columns
    ]
