"""The lines of an export: which tables it holds, and how a row becomes a line and a line a row.

docs/export.md describes the format for programs that read or write such files. An export of the same forum is the same
on SQLite and PostgreSQL, to the byte.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Boolean, Column, ColumnElement, Connection, LargeBinary, MetaData, Table, Text

from db.migrate import revisions
from db.statements import moment_text
from db.tables import metadata
from text import safety

LEFT_OUT = {
    "secrets": "The keys of cursors and tokens belong to one database.",
    "recent_views": "They are deleted after half an hour, and hashed with a key that belongs to one database.",
    "user_networks": "They are deleted after 90 days, and hashed with a key that belongs to one database.",
    "alembic_version": "The header's format says it.",
    "post_search": "The import indexes the posts.",
    "user_search_keys": "The import indexes the people.",
}
"""The tables that an export does not hold, and why. It holds all others, those of later migrations too."""

EARLIEST_REVISION = "0004"
"""The revision of the first exports, whose header has the number 1 for a format instead."""

HEADER, END = "parley", "end"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00")
_BIGGEST = 2**63


class MalformedRecord(Exception):
    """A line of an export is not what it should be. The message says why."""


def is_exported(table: str) -> bool:
    """Whether an export holds a table of this name. SQLite keeps its index for searches in several tables."""
    return table not in LEFT_OUT and not table.startswith("post_search_")


def tables() -> list[Table]:
    """Returns the tables of an export in its order: each after those it refers to."""
    return [table for table in metadata.sorted_tables if is_exported(table.name)]


def tables_in(connection: Connection, *, without: Collection[str]) -> dict[str, Table]:
    """Returns the tables of an export as they are in a database now, by name, each after those it refers to.

    `without` names the tables of other programs.
    """
    found = MetaData()
    found.reflect(connection, only=lambda name, _: is_exported(name) and name not in without, resolve_fks=False)
    return {table.name: table for table in found.sorted_tables}


def order(table: Table, dialect: str) -> list[ColumnElement[Any]]:
    """Returns what a table's records are ordered by: its primary key, texts by code points as SQLite compares them."""
    return [
        column.collate("C") if isinstance(column.type, Text) and dialect == "postgresql" else column
        for column in table.primary_key.columns
    ]


def header(counts: Mapping[str, int]) -> bytes:
    """Returns the first line: the format, and the number of records of each table."""
    return _line({"record": HEADER, "format": revisions()[-1], "counts": counts})


def end() -> bytes:
    """Returns the last line. A file without it is cut off."""
    return _line({"record": END})


def lines(table: Table, rows: Iterator[Sequence[Any]]) -> Iterator[bytes]:
    """Returns the lines of a table's rows."""
    # As str, since orjson does not write SQLAlchemy's subclass of it.
    record, names = str(table.name), [str(column.name) for column in table.columns]
    for row in rows:
        yield _line({"record": record, **dict(zip(names, map(_json_value, row), strict=True))})


def _line(record: dict[str, Any]) -> bytes:
    return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)


def _json_value(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return value.hex()
    return moment_text(value) if isinstance(value, datetime) else value


def record(line: bytes) -> dict[str, Any]:
    """Parses a line. Raises MalformedRecord if it holds no JSON object with a `record`."""
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise MalformedRecord(f"This is no JSON: {error}.") from error
    if not isinstance(found, dict) or not isinstance(found.get("record"), str):
        raise MalformedRecord("This is no object with a `record`.")
    return found


def read_header(found: dict[str, Any]) -> tuple[str, dict[str, int]]:
    """Returns the revision of an export's tables, and the number of records of each table.

    Raises MalformedRecord, also for an export of a revision that this code does not know.
    """
    if found["record"] != HEADER:
        raise MalformedRecord("An export of Parley begins with its header, and this is none.")
    revision = _revision(found.get("format"))
    counts = found.get("counts")
    if not isinstance(counts, dict) or not all(type(count) is int and count >= 0 for count in counts.values()):
        raise MalformedRecord("`counts` is no object of numbers.")
    return revision, counts


def _revision(format_: Any) -> str:
    if type(format_) is int and format_ == 1:
        return EARLIEST_REVISION
    known = revisions()[revisions().index(EARLIEST_REVISION) :]
    if format_ in known:
        return str(format_)
    if isinstance(format_, str) and re.fullmatch(r"\d{4}", format_) and format_ > known[-1]:
        raise MalformedRecord(
            f"It is of format {format_!r} of a newer Parley; this one reads up to format {known[-1]!r}. Upgrade first."
        )
    raise MalformedRecord(f"It is of format {format_!r}, which no Parley has written.")


def require_tables(counts: Mapping[str, int], expected: Mapping[str, Table]) -> None:
    """Raises MalformedRecord unless a header counts the records of these tables and of no others."""
    if unlike := set(counts) ^ set(expected):
        raise MalformedRecord(f"`counts` must name all tables and no others; not so: {', '.join(sorted(unlike))}.")


class RecordReader:
    """Reads the records of one table as rows for its database.

    `table` is one of `tables_in`: the columns are those of the database, at whichever revision it is.
    """

    def __init__(self, table: Table, dialect: str) -> None:
        self.table = table
        self._fields = [(column.name, _parser(column, dialect), bool(column.nullable)) for column in table.columns]
        self._names = {"record", *(name for name, _, _ in self._fields)}

    def row(self, found: dict[str, Any]) -> dict[str, Any]:
        """Returns the row of a record. Raises MalformedRecord."""
        if unlike := found.keys() ^ self._names:
            raise MalformedRecord(f"The fields of {self.table.name} are others; not so: {', '.join(sorted(unlike))}.")
        row = {}
        for name, parse, nullable in self._fields:
            value = found[name]
            if value is None:
                if not nullable:
                    raise MalformedRecord(f"`{name}` must not be null.")
            else:
                try:
                    value = parse(value)
                except ValueError as error:
                    raise MalformedRecord(f"`{name}` {error}.") from error
            row[name] = value
        return row


def is_moment(column: str) -> bool:
    """Whether a column of this name holds moments. SQLite keeps them as text, so that its schema does not tell."""
    return column == "at" or column.endswith("_at")


def is_html(column: str) -> bool:
    """Whether a column of this name holds HTML, which must be what the sanitizer would have left."""
    return column == "html" or column.endswith("_html")


def _parser(column: Column[Any], dialect: str) -> Callable[[Any], Any]:
    """Returns what parses a column's values. It raises ValueError with what they must be."""
    if isinstance(column.type, LargeBinary):
        return _bytes
    if isinstance(column.type, Boolean):
        return _boolean
    if is_moment(column.name):
        return _moment if dialect == "postgresql" else _moment_text
    if is_html(column.name):
        return _html
    return _text if isinstance(column.type, Text) else _integer


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
