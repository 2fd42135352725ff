"""The messages of graphql-transport-ws: read strictly, and written.

Source: PROTOCOL.md of graphql-ws, "Message types".
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from execution.error_codes import RequestErrorCode
from execution.operation import Operation, RequestRefused, request_error
from transports import parameters
from transports.parameters import MAX_REQUEST_BYTES

MAX_ID_CHARACTERS = 128
MAX_BYTES = 65_536
"""Of a message other than `subscribe`."""
ACKNOWLEDGED = '{"type":"connection_ack"}'
PING = '{"type":"ping"}'


class BadFrame(Exception):
    """A frame that is not of the protocol. The message is short enough for the reason of a close."""


@dataclass(frozen=True, slots=True)
class Init:
    """`connection_init`: the first message, with the client's connection parameters."""

    payload: dict[str, Any] | None

    @property
    def authorization(self) -> str | None:
        """The payload's `authorization`, whichever way its name is capitalised. Raises BadFrame if it is no string."""
        for name, value in (self.payload or {}).items():
            if name.lower() == "authorization" and value is not None:
                if not isinstance(value, str):
                    raise BadFrame("`authorization` must be a string")
                if parameters.SURROGATE.search(value):
                    raise BadFrame("INVALID_TEXT: `authorization` has half of a surrogate pair")
                return value or None
        return None


@dataclass(frozen=True, slots=True)
class Ping:
    payload: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Pong:
    """The answer to a ping of the server, or an unsolicited pong."""


@dataclass(frozen=True, slots=True)
class Subscribe:
    id: str
    operation: Operation | RequestRefused
    """The exception if the operation can't be read: an error of this operation, while all others run on."""


@dataclass(frozen=True, slots=True)
class Complete:
    id: str


Message = Init | Ping | Pong | Subscribe | Complete


def read(text: str) -> Message:
    """Returns the message of a text frame. Raises BadFrame."""
    invalid: parameters.InvalidText | None = None
    try:
        frame = parameters.decoded(text, where="Frame")
    except parameters.InvalidText as error:
        invalid, frame = error, error.value
    except parameters.MalformedRequest:
        raise BadFrame("Frame is not valid JSON") from None
    if not isinstance(frame, dict):
        raise BadFrame("Frame is not a JSON object")
    size = len(text) if text.isascii() else len(text.encode(errors="surrogatepass"))
    if frame.get("type") == "subscribe":
        return Subscribe(_id(frame), _refusal(size, invalid) or _operation(frame))
    if size > MAX_BYTES:
        raise BadFrame(f"Only `subscribe` may be longer than {MAX_BYTES} bytes")
    match frame.get("type"):
        case "connection_init":
            return Init(_payload(frame))
        case "ping":
            return Ping(_payload(frame))
        case "pong":
            _payload(frame)
            return Pong()
        case "complete":
            return Complete(_id(frame))
        case str():
            raise BadFrame("Unknown message `type`")
        case _:
            raise BadFrame("`type` must be a string")


def pong(payload: dict[str, Any] | None) -> str:
    """Returns the answer to a ping, with its payload."""
    return '{"type":"pong"}' if payload is None else _encoded({"type": "pong", "payload": payload}).decode()


@lru_cache(256)
def head(operation_id: str) -> bytes:
    """Returns a `next` message up to its result, after which a brace closes it. Equal ids share an object."""
    return b'{"id":' + _encoded(operation_id) + b',"type":"next","payload":'


def errors(operation_id: str, problems: Sequence[dict[str, Any]]) -> str:
    """Returns the end of an operation that failed: before its execution, or after some items of a stream."""
    return _encoded({"id": operation_id, "type": "error", "payload": problems}).decode()


def complete(operation_id: str) -> str:
    """Returns the end of an operation that completed."""
    return _encoded({"id": operation_id, "type": "complete"}).decode()


def _encoded(value: object) -> bytes:
    """Returns a value as JSON. A surrogate of the client's own comes back escaped, as it was sent."""
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()


def _refusal(size: int, invalid: parameters.InvalidText | None) -> RequestRefused | None:
    """Returns why the operation of a `subscribe` is not read, if it is not."""
    if size > MAX_REQUEST_BYTES:
        message = f"The message has {size} bytes; {MAX_REQUEST_BYTES} are allowed."
        error = request_error(RequestErrorCode.REQUEST_TOO_LARGE, message, limit=MAX_REQUEST_BYTES)
        return RequestRefused([error])
    if invalid is None:
        return None
    # The path begins in the payload, as that of a body does.
    path = invalid.path[1:] if invalid.path[:1] == ["payload"] else invalid.path
    return RequestRefused([parameters.InvalidText(None, path).error])


def _payload(frame: dict[str, Any]) -> dict[str, Any] | None:
    payload = frame.get("payload")
    if payload is None or isinstance(payload, dict):
        return payload
    raise BadFrame("`payload` must be an object")


def _id(frame: dict[str, Any]) -> str:
    operation_id = frame.get("id")
    if not isinstance(operation_id, str) or not operation_id:
        raise BadFrame("`id` must be a string that is not empty")
    if len(operation_id) > MAX_ID_CHARACTERS:
        raise BadFrame(f"`id` is longer than {MAX_ID_CHARACTERS} characters")
    return operation_id


def _operation(frame: dict[str, Any]) -> Operation:
    payload = frame.get("payload")
    if not isinstance(payload, dict):
        raise BadFrame("`payload` must be an object")
    try:
        return parameters.operation(payload)
    except parameters.MalformedRequest as malformed:
        raise BadFrame(str(malformed)) from malformed
