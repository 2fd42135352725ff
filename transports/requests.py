"""Requests over HTTP: the operation in a body or in the parameters of an address, read strictly.

Source: the GraphQL over HTTP specification, section 5 "Request".
"""

import asyncio
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request

from execution.error_codes import RequestErrorCode
from execution.operation import Operation
from transports import negotiation, parameters
from transports.responses import HttpError

BODY_SECONDS = 15
TOKEN_HEADER = "x-graphql-event-stream-token"  # noqa: S105 - it is the name of a header
SINGLE_CONNECTION = (
    "The server does not support graphql-sse's single connection mode: open an event stream for each operation "
    "(singleConnection: false)."
)


async def read(request: Request, *, max_body_bytes: int) -> bytes:
    """Returns the bytes of a GET or POST that say which operation it asks for. Raises HttpError."""
    if request.method != "POST":
        query_string: bytes = request.scope["query_string"]
        return query_string
    _check_content(request)
    return await _read_body(request, max_body_bytes)


def operation_of(method: str, sent: bytes) -> Operation:
    """Returns the operation that these bytes ask for. Raises HttpError."""
    try:
        if method != "POST":
            return parameters.operation(_query_parameters(sent))
        return parameters.operation(parameters.decoded(sent, where="The body"))
    except parameters.InvalidText as invalid:
        raise HttpError(400, str(invalid), code=RequestErrorCode.INVALID_TEXT, path=invalid.path) from invalid
    except parameters.MalformedRequest as malformed:
        raise HttpError(400, str(malformed)) from malformed


def check_method(request: Request) -> None:
    """Raises HttpError with 405 unless the method is GET, HEAD or POST."""
    if request.method not in ("GET", "HEAD", "POST"):
        raise HttpError(405, f"Use POST, or GET for queries, not {request.method}.", {"Allow": "GET, HEAD, POST"})


def refuse_single_connection(request: Request) -> None:
    """Raises HttpError with 501 for a request of graphql-sse's single connection mode.

    Source: PROTOCOL.md of graphql-sse, "Single connection mode".
    """
    is_part = request.method in ("PUT", "DELETE") or TOKEN_HEADER in request.headers
    if not is_part and request.method == "GET" and b"query=" not in request.scope["query_string"]:
        # EventSource can't send headers, so its token is a parameter.
        is_part = "token" in request.query_params
    if is_part:
        raise HttpError(501, SINGLE_CONNECTION, code=RequestErrorCode.SINGLE_CONNECTION_UNAVAILABLE)


async def _read_body(request: Request, limit: int) -> bytes:
    """Returns the body, counted while it arrives, whatever Content-Length says."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise _too_large(limit)
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > limit:
                    raise _too_large(limit)
    except TimeoutError:
        raise HttpError(408, f"The body did not arrive within {BODY_SECONDS} seconds.") from None
    return bytes(body)


def _too_large(limit: int) -> HttpError:
    message = f"The body is larger than {limit} bytes."
    return HttpError(413, message, code=RequestErrorCode.REQUEST_TOO_LARGE, limit=limit)


def _check_content(request: Request) -> None:
    """Refuses what a web page may send across origins without a preflight (forms, plain text), and other codings."""
    media_type, options = negotiation.essence(request.headers.get("content-type", ""))
    if media_type != negotiation.JSON:
        raise HttpError(415, f"Send the request as {negotiation.JSON}, not {media_type or 'without a Content-Type'}.")
    if (charset := options.get("charset", "utf-8").lower()) not in ("utf-8", "utf8"):
        raise HttpError(415, f"Send the body in UTF-8, not {charset}.")
    if (coding := request.headers.get("content-encoding", "identity").lower()) != "identity":
        raise HttpError(415, f"Send the body as it is, not in the coding {coding}.", {"Accept-Encoding": "identity"})


def _query_parameters(query_string: bytes) -> dict[str, Any]:
    """Returns the parameters of a GET, its JSON ones decoded; an empty one counts as absent. Section 5.4 "GET"."""
    try:
        pairs = parse_qsl(query_string.decode("ascii"), errors="surrogatepass", max_num_fields=100)
    except ValueError as error:
        message = "The address's parameters are not percent-encoded UTF-8, or too many."
        raise parameters.MalformedRequest(message) from error
    decoded: dict[str, Any] = {}
    for name, value in pairs:
        if name in decoded:
            raise parameters.MalformedRequest(f"`{name}` appears twice.")
        if name in ("variables", "extensions"):
            decoded[name] = parameters.decoded(value, where=f"`{name}`", path=[name])
        else:
            parameters.check_text({name: value})
            decoded[name] = value
    return decoded
