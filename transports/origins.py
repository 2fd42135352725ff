"""Which web pages may use the GraphQL endpoint, by the Origin that their browsers send."""

from collections.abc import Sequence

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from strawberry.http.websocket_origin import is_same_origin, normalize_allowed_origins, normalize_origin

from transports.notices import Notices
from transports.requests import TOKEN_HEADER

PREFLIGHT_SECONDS = 7200
"""How long browsers may cache a preflight: the most that Chromium honours."""
MAX_LOGGED_CHARACTERS = 255

log = structlog.get_logger(__name__)


class Origins:
    """The origins of pages that may send requests."""

    def __init__(self, allowed: Sequence[str]) -> None:
        """`allowed`: the origins of other sites' pages, or `*`. Raises ValueError for a malformed one."""
        self.allowed = normalize_allowed_origins(allowed)
        self._notices = Notices()

    def allows(self, headers: Headers) -> bool:
        """Returns whether a request comes from a page of an allowed origin, of our own, or from no page at all.

        Logs each origin that is refused, since its page can't tell its developer why.
        """
        origin = headers.get("origin")
        if origin is None or "*" in self.allowed:
            return True
        if is_same_origin(origin, headers.get("host")) or normalize_origin(origin) in self.allowed:
            return True
        shown = origin[:MAX_LOGGED_CHARACTERS]
        if self._notices.is_new(shown):
            log.warning("a page of another origin was refused: PARLEY_ALLOWED_ORIGINS names origins", origin=shown)
        return False


class Cors(CORSMiddleware):
    """The CORS middleware of the endpoint, whose responses all vary by Origin already."""

    def __init__(self, app: ASGIApp, *, origins: Origins) -> None:
        super().__init__(
            app,
            allow_origins=list(origins.allowed),
            # PUT, DELETE and the token header are allowed so that a page of another origin can read why they are
            # refused.
            allow_methods=("GET", "POST", "PUT", "DELETE"),
            allow_headers=("Authorization", "Content-Type", "Last-Event-ID", TOKEN_HEADER),
            expose_headers=("Retry-After", "X-Request-Id"),
            max_age=PREFLIGHT_SECONDS,
        )
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if b"origin" not in dict(scope["headers"]):
            # No page of another origin: there is nothing to allow.
            await self.app(scope, receive, send)
            return
        # What is refused, the browser refuses by the headers that are missing. This logs it.
        self._origins.allows(Headers(scope=scope))
        await super().__call__(scope, receive, send)

    async def send(self, message: Message, send: Send, request_headers: Headers) -> None:
        """As Starlette's, which would name Origin a second time."""
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if vary := headers.get("vary"):
                headers["vary"] = vary.removesuffix(", Origin")
        await super().send(message, send, request_headers)
