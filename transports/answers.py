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
    # An answer by a channel has a status that says it, as no JSON of old has.
    media_type = negotiation.GRAPHQL_RESPONSE if TOKEN_HEADER in request.headers else wanted.json
    if status is None:
        if any(error["extensions"]["code"] == "UNAUTHENTICATED" for error in errors):
            status, headers = 401, {"WWW-Authenticate": "Bearer"}
        elif wanted.answer == negotiation.EVENT_STREAM:
            # A status of failure ends an EventSource for good, and tells its page nothing.
            framing = sse.EventStream(tells_retry=request.method == "GET")
            return answer(refusal(framing, errors, retry_seconds), 200, negotiation.EVENT_STREAM, HEADERS)
        elif all(error["extensions"]["code"] == "BAD_ARGUMENT" and "locations" not in error for error in errors):
            # Not about a place in the document but about the parameters, as an operationName that picks no operation.
            status = 400
        elif retry_seconds is not None:
            status, headers = _status(media_type, 429), {"Retry-After": str(retry_seconds)}
        else:
            status = _status(media_type, 400)
    return answer(orjson.dumps({"errors": errors}), status, media_type, headers)


def _status(media_type: str, status: int) -> int:
    """The status of a well-formed request that was not executed, as one whose document is not valid.

    Section 6.4.1 «application/json» keeps 200 for the clients of old; 6.4.2 has `status`.
    """
    return status if media_type == negotiation.GRAPHQL_RESPONSE else 200


def answer(body: bytes, status: int, media_type: str, headers: Mapping[str, str] | None = None) -> Response:
    """An answer in UTF-8 that caches keep apart by Accept; the CORS layer around the route adds Origin to Vary."""
    return Response(body, status, {"Vary": "Accept", **(headers or {})}, media_type=f"{media_type}; charset=utf-8")
