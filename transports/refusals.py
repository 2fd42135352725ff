"""Requests that are refused before they are routed: their answers."""

from http import HTTPStatus

import orjson
from starlette.types import Send

from execution.error_codes import RequestErrorCode
from execution.operation import request_error


class Refused(Exception):
    """The request is refused before it is routed. The message says why, and what is allowed."""

    def __init__(
        self,
        status: HTTPStatus,
        message: str,
        *,
        code: RequestErrorCode = RequestErrorCode.BAD_ARGUMENT,
        retry_seconds: int | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self._code = code
        self._retry_seconds = retry_seconds

    @property
    def body(self) -> bytes:
        """The error as a GraphQL response."""
        return orjson.dumps({"errors": [request_error(self._code, str(self))]})

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """The headers of the answer, as ASGI has them."""
        retry = [] if self._retry_seconds is None else [(b"retry-after", str(self._retry_seconds).encode())]
        return [
            *retry,
            (b"content-type", b"application/json; charset=utf-8"),
            (b"content-length", str(len(self.body)).encode()),
            (b"cache-control", b"no-store"),
            (b"connection", b"close"),
        ]


async def refuse_handshake(send: Send, refused: Refused) -> None:
    """Answers the handshake of a websocket with an HTTP response."""
    await send({"type": "websocket.http.response.start", "status": refused.status.value, "headers": refused.headers})
    await send({"type": "websocket.http.response.body", "body": refused.body})
