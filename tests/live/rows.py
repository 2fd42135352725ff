"""Rows as a driver gives them, without a database that holds them."""

import sqlite3
from contextlib import closing
from typing import Any, TypeVar

from db.events import LogHead
from db.rows import EventRow, Row

R = TypeVar("R", bound=Row)

DISCUSSION = 7
BEGINNING = b"beginnin"


def epoch(number: int) -> bytes:
    return f"tag of {number}".encode()


def event(number: int, *, kind: str = "ReplyAdded", tagged: bytes | None = None) -> EventRow:
    """An event of the discussion."""
    values = {"discussion_id": DISCUSSION, "event_number": number, "kind": kind, "epoch": tagged or epoch(number)}
    return _row(EventRow, values)


def standing(last: int, *, tagged: bytes | None = None, beginning: bytes = BEGINNING) -> LogHead:
    """Where the discussion's log stands with so many events."""
    last_epoch = (tagged or epoch(last)) if last else None
    values = {
        "discussion_id": DISCUSSION,
        "epoch": beginning,
        "log_floor": 0,
        "last_event": last,
        "last_epoch": last_epoch,
    }
    return _row(LogHead, values | {"deleted": False})


def _row(kind: type[R], values: dict[str, Any]) -> R:
    with closing(sqlite3.connect(":memory:")) as database:
        database.row_factory = kind.sqlite
        columns = ", ".join(f"? AS {column}" for column in kind.columns)
        row: R = database.execute(f"SELECT {columns}", [values.get(column) for column in kind.columns]).fetchone()
        return row
