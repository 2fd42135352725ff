"""The parameters of a GraphQL request, read strictly.

Source: GraphQL over HTTP, section 5.1 "Request Parameters" and appendix A "Persisted Documents". `subscribe` of
graphql-transport-ws has the same.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from execution.error_codes import RequestErrorCode
from execution.operation import Operation, request_error

SURROGATE = re.compile("[\ud800-\udfff]")
_PERHAPS_SURROGATE = re.compile(r"\\u[dD][89A-Fa-f]|[\ud800-\udfff]")
MAX_REQUEST_BYTES = 1_048_576
"""Of a body over HTTP, and of a `subscribe` message."""
MAX_SEARCHED = 10_000
"""How many values are searched for the place of a surrogate."""


class MalformedRequest(Exception):
    """The request is no well-formed GraphQL request. The message names the part and the fault."""


class InvalidText(MalformedRequest):
    """A text of the request has half of a surrogate pair, which is no character: JavaScript cuts an emoji into two."""

    def __init__(self, value: Any, path: Sequence[str]) -> None:
        """`value`: the request as it was read, surrogates included. `path` leads to the text; empty if not known."""
        self.value = value
        self.path = list(path)
        where = f"`{'.'.join(path)}`" if path else "A text of the request"
        super().__init__(
            f"{where} has half of a surrogate pair. A text was cut inside an emoji: cut between characters."
        )

    @property
    def error(self) -> dict[str, Any]:
        """The error as clients receive it."""
        return request_error(RequestErrorCode.INVALID_TEXT, str(self), path=self.path)


def operation(parameters: object) -> Operation:
    """Returns the operation of a decoded JSON body. Raises MalformedRequest; unknown parameters are ignored."""
    if not isinstance(parameters, dict):
        if isinstance(parameters, list):
            raise MalformedRequest("The body is a JSON array; send one operation per request, as an object.")
        raise MalformedRequest("The body must be a JSON object with a `query`.")
    query = _text(parameters, "query")
    extensions = _object(parameters, "extensions")
    document_id = _text(parameters, "documentId")
    if query is None and not extensions and document_id is None:
        raise MalformedRequest("`query` is missing: send the GraphQL document as a string.")
    return Operation(
        query=query,
        variables=_object(parameters, "variables"),
        name=_text(parameters, "operationName"),
        extensions=extensions,
        document_id=document_id,
    )


def decoded(text: str | bytes, *, where: str, path: Sequence[str] = ()) -> Any:
    """Returns the value of a JSON text.

    Raises InvalidText for half of a surrogate pair, as itself or escaped, and MalformedRequest for what is not JSON or
    not UTF-8. `path` leads to the value.
    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        # orjson gives no value with a surrogate, but a client must learn which of its texts has one.
        value = _decoded_with_surrogates(text)
        check_text(value, path=path)
        raise MalformedRequest(f"{where} is not valid JSON: {error}.") from error


def check_text(value: Any, *, path: Sequence[str] = ()) -> None:
    """Raises InvalidText if a text in the value of a JSON text has half of a surrogate pair."""
    searched = 0
    waiting: list[tuple[Sequence[str], Any]] = [(path, value)]
    while waiting:
        place, each = waiting.pop()
        if isinstance(each, str):
            if SURROGATE.search(each):
                raise InvalidText(value, place)
            continue
        below: Iterable[tuple[str, Any]] = ()
        if isinstance(each, dict):
            if any(map(SURROGATE.search, each)):
                raise InvalidText(value, place)
            below = each.items()
        elif isinstance(each, list):
            below = ((str(at), item) for at, item in enumerate(each))
        for name, item in below:
            searched += 1
            if searched > MAX_SEARCHED:
                if SURROGATE.search(json.dumps(value, ensure_ascii=False)):
                    raise InvalidText(value, path)
                return
            if isinstance(item, str | dict | list):
                waiting.append(((*place, name), item))


def _decoded_with_surrogates(text: str | bytes) -> Any:
    """Returns the value of a JSON text that has surrogates; None if it is not JSON, or has none."""
    try:
        text = text if isinstance(text, str) else text.decode(errors="surrogatepass")
        return json.loads(text) if _PERHAPS_SURROGATE.search(text) else None
    except (ValueError, RecursionError):
        return None


def _text(parameters: Mapping[str, Any], name: str) -> str | None:
    value = parameters.get(name)
    if value is None or isinstance(value, str):
        return value
    raise MalformedRequest(f"`{name}` must be a string or null, not {_kind(value)}.")


def _object(parameters: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    value = parameters.get(name)
    if value is None or isinstance(value, dict):
        return value
    raise MalformedRequest(f"`{name}` must be an object or null, not {_kind(value)}.")


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "a string"
    return "an array" if isinstance(value, list) else "an object"
