"""How requests are answered: the statuses, the media types, and what is said of a request that is not executed.

Source: GraphQL over HTTP, section 6.4 «Response».
"""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from execution.operation import request_error
from transports import negotiation, sse
from transports.channels import TOKEN_HEADER
from transports.streams import HEADERS, refusal


class Refused(Exception):
    """A request that is answered with an error status under every media type, since it is not well-formed."""

    def __init__(
        self, status: int, message: str, headers: Mapping[str, str] | None = None, *, code: str = "BAD_ARGUMENT"
    ) -> None:
        super().__init__(message)
        self.status = status
        self.errors = [request_error(code, message)]
        self.headers = headers


def refused(
    request: Request,
    errors: list[dict[str, Any]],
    *,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
    retry_seconds: int | None = None,
) -> Response:
    wanted = negotiation.wanted(request.headers.get("accept"))
    if status is None:
        if any(error["extensions"]["code"] == "UNAUTHENTICATED" for error in errors):
            status, headers = 401, {"WWW-Authenticate": "Bearer"}
        elif wanted.answer == negotiation.EVENT_STREAM and (retry_seconds is None or request.method == "GET"):
            # A status of failure ends an EventSource for good, and tells its page nothing. graphql-sse, which POSTs,
            # does not come back but from one.
            framing = sse.EventStream(tells_retry=request.method == "GET")
            return answer(refusal(framing, errors, retry_seconds), 200, negotiation.EVENT_STREAM, HEADERS)
        elif all(error["extensions"]["code"] == "BAD_ARGUMENT" and "locations" not in error for error in errors):
            # Not about a place in the document but about the parameters, as an operationName that picks no operation.
            status = 400
        else:
            status = 400
            if retry_seconds is not None:
                status, headers = 429, {"Retry-After": str(retry_seconds)}
            # Section 6.4.1 «application/json» keeps 200 for the clients of old. What a channel will not bring has none.
            if wanted.answer == negotiation.JSON and TOKEN_HEADER not in request.headers:
                status = 200
    return answer(orjson.dumps({"errors": errors}), status, wanted.json, headers)


def answer(body: bytes, status: int, media_type: str, headers: Mapping[str, str] | None = None) -> Response:
    """An answer in UTF-8 that caches keep apart by Accept; the CORS layer around the route adds Origin to Vary."""
    return Response(body, status, {"Vary": "Accept", **(headers or {})}, media_type=f"{media_type}; charset=utf-8")
