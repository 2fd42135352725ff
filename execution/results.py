"""Results as clients receive them, and the bursts in which a stream delivers them."""

from collections.abc import Callable, Hashable, Sequence
from typing import Any, NamedTuple

import orjson

from execution.operation import count_errors

Result = tuple[dict[str, Any] | None, Sequence[dict[str, Any]]]
"""The data of a response, and its errors."""


def encode_result(result: Result) -> bytes:
    """Returns a result as JSON: `{"data": …, "errors": …}`, without `errors` if there are none."""
    data, errors = result
    response: dict[str, Any] = {"data": data}
    if errors:
        response["errors"] = errors
        count_errors(errors)
    return orjson.dumps(response, option=orjson.OPT_UTC_Z)


def has_errors(body: bytes) -> bool:
    """Returns whether a result as `encode_result` writes it has errors: its data is an object, or null beside them."""
    return body.endswith(b"]}")


class Item(NamedTuple):
    """One result of a subscription."""

    body: bytes
    """The result as JSON, see `encode_result`."""
    cursor: str | None
    """The stream's position after this item; None in a stream that can't be resumed."""


class Burst:
    """Items that are delivered together, and the bytes that transports have made of them.

    All followers of an audience get the same burst, so each encoding is made once, by the first that needs it.
    """

    __slots__ = ("_tails", "encodings", "items")

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = items
        self.encodings: dict[Hashable, bytes] = {}
        """What `encoded` has returned, by its keys."""
        self._tails: dict[int, Burst] = {}

    def encoded(self, key: Hashable, encode: Callable[[Sequence[Item]], bytes]) -> bytes:
        """Returns `encode(items)`, or what an earlier call with an equal `key` returned."""
        encoding = self.encodings.get(key)
        if encoding is None:
            encoding = self.encodings[key] = encode(self.items)
        return encoding

    def tail(self, count: int) -> "Burst":
        """Returns the burst of the last `count` items; the same object for the same count."""
        if count == len(self.items):
            return self
        tail = self._tails.get(count)
        if tail is None:
            tail = self._tails[count] = Burst(self.items[len(self.items) - count :])
        return tail
