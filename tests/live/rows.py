"""Rows as a driver gives them, without a database that holds them."""

import sqlite3
from contextlib import closing
from typing import Any, TypeVar

from db.events import LogHead
from db.kinds import EventKind
from db.rows import EventRow, Row

R = TypeVar("R", bound=Row)

DISCUSSION = 7
BEGINNING = b"beginnin"


def epoch(number: int) -> bytes:
    return f"epoch {number}.".encode()


def event(number: int, *, kind: EventKind = EventKind.REPLY_ADDED, own_epoch: bytes | None = None) -> EventRow:
    """An event of the discussion."""
    values = {"log_id": DISCUSSION, "event_number": number, "kind": kind, "epoch": own_epoch or epoch(number)}
    return row(EventRow, values)


def head(last: int, *, own_epoch: bytes | None = None, beginning: bytes = BEGINNING) -> LogHead:
    """The head of the discussion's log with so many events."""
    last_epoch = (own_epoch or epoch(last)) if last else beginning
    values = {
        "log_id": DISCUSSION,
        "epoch": beginning,
        "log_floor": 0,
        "last_event": last,
        "last_epoch": last_epoch,
    }
    return row(LogHead, values | {"closed": False})


def row(kind: type[R], values: dict[str, Any]) -> R:
    with closing(sqlite3.connect(":memory:")) as database:
        database.row_factory = kind.sqlite
        columns = ", ".join(f"? AS {column}" for column in kind.columns)
        row: R = database.execute(f"SELECT {columns}", [values.get(column) for column in kind.columns]).fetchone()
        return row
