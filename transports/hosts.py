"""The hosts that a request may name.

A page whose own name leads to this server's address (DNS rebinding) is of one origin with it to the browser, and reads
what only its visitor can reach. Such a page has a host name: one that is opened by an IP address can't be rebound.
"""

import ipaddress
from collections.abc import Collection
from functools import lru_cache
from http import HTTPStatus

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from transports.notices import Notices
from transports.refusals import Refused, refuse_handshake

LOCAL = "localhost"
MAX_HOST_CHARACTERS = 255

log = structlog.get_logger(__name__)


class AllowedHosts:
    """An ASGI middleware that refuses requests whose Host header names another server."""

    def __init__(self, app: ASGIApp, *, hosts: Collection[str], paths_of_any_host: Collection[str] = ()) -> None:
        """`hosts`: names without ports, or `*`; IP addresses and `localhost` always count.

        `paths_of_any_host`: paths of operators, whose probes and scrapers use whatever name they know.
        """
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)
        self._paths_of_any_host = frozenset(paths_of_any_host)
        self._notices = Notices()
        self._allows = lru_cache(maxsize=1024)(self._look_up)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan" and scope["path"] not in self._paths_of_any_host:
            named = [value for name, value in scope["headers"] if name == b"host"]
            refused = self._refusal(named, scope["http_version"])
            if refused is not None:
                await _refuse(scope, send, refused)
                return
        await self._app(scope, receive, send)

    def _refusal(self, named: list[bytes], http_version: str) -> Refused | None:
        if len(named) == 1:
            if self._allows(named[0]):
                return None
            host = named[0].decode("latin-1")[:MAX_HOST_CHARACTERS]
            if self._notices.is_new(host):
                log.warning("a request to an unknown host was refused: PARLEY_ALLOWED_HOSTS names hosts", host=host)
            message = f'There is no "{host}" here. If it is a name of this server, add it to PARLEY_ALLOWED_HOSTS.'
            return Refused(HTTPStatus.MISDIRECTED_REQUEST, message)
        # RFC 9112, section 3.2. HTTP/1.0 has no such header.
        if not named and http_version == "1.0":
            return None
        return Refused(HTTPStatus.BAD_REQUEST, f"The request has {len(named)} Host headers instead of one.")

    def _look_up(self, named: bytes) -> bool:
        host = host_of(named.decode("latin-1"))
        return "*" in self._hosts or host in self._hosts or _is_local(host)


def host_of(named: str) -> str:
    """Returns the host of a Host header, in lower case, without a port, brackets, or a dot at the end."""
    if named.startswith("["):
        host, bracket, rest = named[1:].partition("]")
        return host.lower() if bracket and (not rest or rest.startswith(":")) else ""
    return named.partition(":")[0].lower().removesuffix(".")


def _is_local(host: str) -> bool:
    """Whether the host is an IP address or a name of this machine, which no page can have."""
    if host == LOCAL or host.endswith(f".{LOCAL}"):
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


async def _refuse(scope: Scope, send: Send, refused: Refused) -> None:
    if scope["type"] == "websocket":
        await refuse_handshake(send, refused)
        return
    await send({"type": "http.response.start", "status": refused.status.value, "headers": refused.headers})
    await send({"type": "http.response.body", "body": refused.body})
