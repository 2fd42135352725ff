"""Requests that are refused before they are routed: their answers."""

from http import HTTPStatus

import orjson

from execution.error_codes import RequestErrorCode
from execution.operation import request_error


class Refused(Exception):
    """The request is refused before it is routed. The message says why, and what is allowed."""

    def __init__(
        self, status: HTTPStatus, message: str, *, code: RequestErrorCode = RequestErrorCode.BAD_ARGUMENT
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code

    @property
    def body(self) -> bytes:
        """The error as a GraphQL response."""
        return orjson.dumps({"errors": [request_error(self.code, str(self))]})

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """The headers of the answer, as ASGI has them."""
        return [
            (b"content-type", b"application/json; charset=utf-8"),
            (b"content-length", str(len(self.body)).encode()),
            (b"cache-control", b"no-store"),
            (b"connection", b"close"),
        ]
