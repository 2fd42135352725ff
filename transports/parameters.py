"""The parameters of a GraphQL request, read strictly.

Source: GraphQL over HTTP, section 5.1 "Request Parameters" and appendix A "Persisted Documents". `subscribe` of
graphql-transport-ws has the same.
"""

from collections.abc import Mapping
from typing import Any

import orjson

from execution.operation import Operation


class MalformedRequest(Exception):
    """The request is no well-formed GraphQL request. The message names the part and the fault."""


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


def decoded(text: str | bytes, *, where: str) -> Any:
    """Returns the value of a JSON text. Raises MalformedRequest, also for lone surrogates and for what is not UTF-8."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise MalformedRequest(f"{where} is not valid JSON: {error}.") from error


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
