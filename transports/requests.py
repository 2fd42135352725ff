"""Requests over HTTP: the operation in a body or in the parameters of an address, read strictly.

Source: the GraphQL over HTTP specification, section 5 "Request".
"""

import asyncio
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import QueryParams
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope

from execution.error_codes import RequestErrorCode
from execution.operation import Operation
from transports import negotiation, parameters
from transports.protocol import WRITER, HttpProtocol
from transports.responses import HttpError

BODY_SECONDS = 15
TOKEN_HEADER = "x-graphql-event-stream-token"  # noqa: S105 - it is the name of a header
SINGLE_CONNECTION = (
    "The server does not support graphql-sse's single connection mode: open an event stream for each operation "
    "(singleConnection: false)."
)


class Sent:
    """A request: what every request is asked for is read off it once."""

    __slots__ = ("_has_arrived", "_receive", "headers", "method", "scope")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.scope = scope
        self.method: str = scope["method"]
        # The first of equal names counts.
        self.headers: Mapping[str, str] = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(scope["headers"])
        }
        """The headers by their names in lower case."""
        self._receive = receive
        arriving = scope.get("extensions", {}).get(WRITER, {}).get("request")
        self._has_arrived = arriving is not None and not arriving.more_body

    @property
    def writer(self) -> HttpProtocol | None:
        """The connection it came over; None on another server than ours."""
        writer: HttpProtocol | None = self.scope.get("extensions", {}).get(WRITER, {}).get("writer")
        return writer

    async def read(self, *, max_body_bytes: int) -> bytes:
        """Returns the bytes that say which operation it asks for. Raises HttpError and ClientDisconnect."""
        if self.method != "POST":
            query_string: bytes = self.scope["query_string"]
            return query_string
        _check_content(self.headers.get("content-type", ""), self.headers.get("content-encoding", "identity"))
        announced = self.headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > max_body_bytes:
            raise _too_large(max_body_bytes)
        if self._has_arrived:
            # Then nothing is waited for.
            return await self._read_body(max_body_bytes)
        try:
            async with asyncio.timeout(BODY_SECONDS):
                return await self._read_body(max_body_bytes)
        except TimeoutError:
            raise HttpError(408, f"The body did not arrive within {BODY_SECONDS} seconds.") from None

    async def _read_body(self, limit: int) -> bytes:
        """Returns the body, counted while it arrives, whatever Content-Length says."""
        chunks: list[bytes] = []
        size, more = 0, True
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            chunk = message.get("body", b"")
            size += len(chunk)
            if size > limit:
                raise _too_large(limit)
            chunks.append(chunk)
            more = message.get("more_body", False)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)


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


def check_method(request: Sent) -> None:
    """Raises HttpError with 405 unless the method is GET, HEAD or POST."""
    if request.method not in ("GET", "HEAD", "POST"):
        raise HttpError(405, f"Use POST, or GET for queries, not {request.method}.", {"Allow": "GET, HEAD, POST"})


def refuse_single_connection(request: Sent) -> None:
    """Raises HttpError with 501 for a request of graphql-sse's single connection mode.

    Source: PROTOCOL.md of graphql-sse, "Single connection mode".
    """
    is_part = request.method in ("PUT", "DELETE") or TOKEN_HEADER in request.headers
    if not is_part and request.method == "GET" and b"query=" not in request.scope["query_string"]:
        # EventSource can't send headers, so its token is a parameter.
        is_part = "token" in QueryParams(request.scope["query_string"])
    if is_part:
        raise HttpError(501, SINGLE_CONNECTION, code=RequestErrorCode.SINGLE_CONNECTION_UNAVAILABLE)


def _too_large(limit: int) -> HttpError:
    message = f"The body is larger than {limit} bytes."
    return HttpError(413, message, code=RequestErrorCode.REQUEST_TOO_LARGE, limit=limit)


@lru_cache(maxsize=256)
def _check_content(content_type: str, coding: str) -> None:
    """Refuses what a web page may send across origins without a preflight (forms, plain text), and other codings."""
    media_type, options = negotiation.essence(content_type)
    if media_type != negotiation.JSON:
        raise HttpError(415, f"Send the request as {negotiation.JSON}, not {media_type or 'without a Content-Type'}.")
    if (charset := options.get("charset", "utf-8").lower()) not in ("utf-8", "utf8"):
        raise HttpError(415, f"Send the body in UTF-8, not {charset}.")
    if (coding := coding.lower()) != "identity":
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
