"""Statements that travel to PostgreSQL together with the one after them, so that they cost no round trip.

asyncpg has no call for that, but skips what PostgreSQL answers to them while it waits for the rows of the last one. If
one of them fails, PostgreSQL skips those behind it, and asyncpg raises the error for the last one.
Source: PostgreSQL's documentation, "Pipelining" in "Extended Query", and "Message Formats".
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from struct import Struct
from typing import Any, NamedTuple


class Queued(NamedTuple):
    """A statement that gives no rows, and the values of its parameters."""

    text: str
    values: Sequence[Any] = ()


def send_ahead(connection: Any, queued: Sequence[Queued], text: str, record: Any = None) -> bool:
    """Sends statements without waiting for their results; the statement `text`, which gives `record`, must be next.

    Returns False, and sends nothing, unless all that have parameters are prepared on this connection, and the next one.
    """
    opened = connection._con
    if opened is None:
        # The server has ended it, which asyncpg reports at the next use.
        return False
    prepared = opened._stmt_cache
    default = opened._protocol.get_record_class()
    if not prepared.has((text, record or default, False)):
        return False
    messages = bytearray()
    for each in queued:
        if each.values:
            statement = prepared.get((each.text, default, False))
            if statement is None:
                return False
            _bind(messages, statement.name.encode(), each.values)
        else:
            messages += _parsed(each.text)
        messages += _EXECUTE
    opened._transport.write(messages)
    return True


_length = Struct(">i").pack


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + _length(4 + len(body)) + body


_EXECUTE = _message(b"E", bytes(5))
_NULL = _length(-1)


@cache
def _parsed(text: str) -> bytes:
    """Parse and Bind of a statement without parameters."""
    return _message(b"P", b"\0" + text.encode() + bytes(3)) + _message(b"B", bytes(8))


def _bind(messages: bytearray, name: bytes, values: Sequence[Any]) -> None:
    """Appends the Bind of a prepared statement, with values in the format of text."""
    parts = [b"\0", name, b"\0\0\0", len(values).to_bytes(2, "big")]
    for value in values:
        if value is None:
            parts.append(_NULL)
        else:
            encoded = _text(value)
            parts += (_length(len(encoded)), encoded)
    parts.append(b"\0\0")
    messages += _message(b"B", b"".join(parts))


def _text(value: Any) -> bytes:
    """A value in PostgreSQL's format of text."""
    encode = _ENCODERS.get(type(value)) or next((of for kind, of in _ENCODERS.items() if isinstance(value, kind)), None)
    if encode is None:
        raise TypeError(f"A value of the type {type(value).__name__} cannot be sent ahead.")
    return encode(value)


def _quoted(item: Any) -> bytes:
    """An item of an array."""
    return b'"' + _text(item).replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


_ENCODERS: dict[type, Callable[[Any], bytes]] = {
    str: str.encode,
    bool: lambda value: b"t" if value else b"f",
    int: lambda value: b"%d" % value,
    float: lambda value: repr(value).encode(),
    bytes: lambda value: b"\\x" + value.hex().encode(),
    datetime: lambda value: value.isoformat().encode(),
    list: lambda value: b"{" + b",".join(map(_quoted, value)) + b"}",
}
