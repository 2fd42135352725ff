"""Request ids: one for each request over HTTP and each websocket, in the log and in the response.

A client or proxy may send its own in `X-Request-Id`, so that its log and ours name a request alike.
"""

import re
import secrets
from collections.abc import Awaitable
from contextvars import ContextVar
from itertools import count

from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = b"x-request-id"
STARTS = {"http.response.start", "websocket.accept", "websocket.http.response.start"}
"""The messages that hold the headers of a response."""
current: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the request that this task serves; None in tasks that serve all."""
_SHORT_TOKEN = re.compile(rb"[\w.:+/=@-]{1,128}")


class RequestIds:
    """An ASGI middleware that gives each request an id: its own, if it sends a short token, else a new one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        # Unique among processes by the first part, and within this one by a number.
        self._process = secrets.token_hex(6)
        self._numbers = count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        request_id = _sent(scope["headers"]) or f"{self._process}-{next(self._numbers):x}"
        current.set(request_id)
        header = (HEADER, request_id.encode())

        def send_with_id(message: Message) -> Awaitable[None]:
            if message["type"] in STARTS:
                message["headers"] = [*message.get("headers", ()), header]
            return send(message)

        await self._app(scope, receive, send_with_id)


def _sent(headers: list[tuple[bytes, bytes]]) -> str | None:
    for name, value in headers:
        if name == HEADER:
            return value.decode() if _SHORT_TOKEN.fullmatch(value) else None
    return None
