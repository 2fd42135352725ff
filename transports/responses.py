"""Responses over HTTP: their statuses and media types, and those to requests that are not executed.

Source: GraphQL over HTTP, section 6.4 "Response".
"""

from collections.abc import Mapping
from typing import Any, Protocol

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from execution.error_codes import RequestErrorCode
from execution.operation import request_error
from transports import negotiation, request_ids, sse
from transports.protocol import WRITER
from transports.streams import COMMON, HEADERS, refusal


class HttpError(Exception):
    """A request that is answered with an error status under every media type, since it is not well-formed."""

    def __init__(
        self,
        status: int,
        message: str,
        headers: Mapping[str, str] | None = None,
        *,
        code: RequestErrorCode = RequestErrorCode.BAD_ARGUMENT,
        **extensions: Any,
    ) -> None:
        """`extensions`: further values of the error's `extensions`."""
        super().__init__(message)
        self.status = status
        self.errors = [request_error(code, message, **extensions)]
        self.headers = headers


class WholeResponse(Response):
    """A response that may be sent many times. It is written past the ASGI messages where the server offers a way to.

    The middlewares then add nothing to it. For a page of another origin they do, so that takes the messages.
    """

    _head: bytes | None = None
    _unchanged: "WholeResponse | None" = None

    def unchanged(self) -> "WholeResponse":
        """The response to a client that has this one already: the same headers with 304, and no body."""
        if self._unchanged is None:
            headers = {name: value for name, value in self.headers.items() if not name.startswith("content-")}
            self._unchanged = WholeResponse(status_code=304, headers=headers)
        return self._unchanged

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        offered = scope.get("extensions", {}).get(WRITER)
        if offered is not None and scope["method"] != "HEAD" and b"origin" not in dict(scope["headers"]):
            if self._head is None:
                self._head = STATUS_LINE[self.status_code] + b"".join(map(_line, self.raw_headers))
            request_id = request_ids.current.get()
            head = self._head if request_id is None else self._head + _line((request_ids.HEADER, request_id.encode()))
            if offered["writer"].write_response(offered["request"], head, self.body):
                return
        await super().__call__(scope, receive, send)


def _line(header: tuple[bytes, bytes]) -> bytes:
    return b"%b: %b\r\n" % header


class Asked(Protocol):
    """The request that an error answers."""

    method: str
    headers: Mapping[str, str]


def error_response(
    request: Asked,
    errors: list[dict[str, Any]],
    *,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
    retry_seconds: int | None = None,
) -> Response:
    """Returns the response to a request that was not executed.

    If `status` is omitted, it follows from the errors and from the media type that the request accepts.
    """
    wanted = negotiation.wanted(request.headers.get("accept"))
    if status is None:
        codes = {error["extensions"]["code"] for error in errors}
        if RequestErrorCode.UNAUTHENTICATED in codes:
            status, headers = 401, {"WWW-Authenticate": "Bearer"}
        elif wanted.answer == negotiation.EVENT_STREAM and (retry_seconds is None or request.method == "GET"):
            # An error status ends an EventSource for good, without a reason for its page. graphql-sse, which uses POST,
            # retries after an error status only.
            framing = sse.EventStream(is_event_source=request.method == "GET")
            return response(refusal(framing, errors, retry_seconds), 200, negotiation.EVENT_STREAM, HEADERS)
        elif all(_is_of_a_parameter(error) for error in errors):
            status = 400
        else:
            status = 400
            if retry_seconds is not None:
                status, headers = 429, {"Retry-After": str(retry_seconds)}
            # Section 6.4.1 "application/json" keeps 200 for older clients.
            if wanted.answer == negotiation.JSON:
                status = 200
    return response(orjson.dumps({"errors": errors}), status, wanted.json, headers)


def _is_of_a_parameter(error: Mapping[str, Any]) -> bool:
    """Whether the error is about a parameter of the request, such as `operationName`, and not about the document."""
    return error["extensions"]["code"] == RequestErrorCode.BAD_ARGUMENT and "locations" not in error


def response(body: bytes, status: int, media_type: str, headers: Mapping[str, str] | None = None) -> Response:
    """Returns a response in UTF-8 that no cache may keep, unless `headers` say otherwise."""
    return Response(body, status, {**COMMON, **(headers or {})}, media_type=f"{media_type}; charset=utf-8")
