"""Rows as a driver gives them, without a database that holds them."""

import sqlite3
from contextlib import closing
from typing import Any, TypeVar

from db.events import StandingRow
from db.rows import EventRow, Row

R = TypeVar("R", bound=Row)

DISCUSSION = 7
BEGINNING = b"beginnin"


def tag(number: int) -> bytes:
    return f"tag of {number}".encode()


def event(number: int, *, kind: str = "ReplyAdded", tagged: bytes | None = None) -> EventRow:
    """An event of the discussion."""
    values = {"discussion_id": DISCUSSION, "event_number": number, "kind": kind, "tag": tagged or tag(number)}
    return _row(EventRow, values)


def standing(last: int, *, tagged: bytes | None = None, beginning: bytes = BEGINNING) -> StandingRow:
    """Where the discussion's log stands with so many events."""
    last_tag = (tagged or tag(last)) if last else None
    values = {"discussion_id": DISCUSSION, "tag": beginning, "log_floor": 0, "last_event": last, "last_tag": last_tag}
    return _row(StandingRow, values | {"deleted": False})


def _row(kind: type[R], values: dict[str, Any]) -> R:
    with closing(sqlite3.connect(":memory:")) as database:
        database.row_factory = kind.sqlite
        columns = ", ".join(f"? AS {column}" for column in kind.columns)
        row: R = database.execute(f"SELECT {columns}", [values.get(column) for column in kind.columns]).fetchone()
        return row
