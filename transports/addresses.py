"""The client's address of a request, also behind proxies.

uvicorn's ProxyHeadersMiddleware does less; docs/decisions/0010-what-we-keep-of-our-own.md says what it lacks.
"""

import ipaddress
from collections.abc import Sequence
from functools import lru_cache

import structlog
from starlette.datastructures import Headers
from starlette.types import Scope

from transports.notices import Notices

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

UNKNOWN = "unknown"
"""The address of a peer that has none, as on a Unix socket."""

log = structlog.get_logger(__name__)


class Addresses:
    """Finds the client's address, by X-Forwarded-For if the peer is a trusted proxy."""

    def __init__(self, trusted_proxies: Sequence[str]) -> None:
        """`trusted_proxies`: addresses and networks (CIDR). Raises ValueError for one that is neither."""
        self._trusted: list[Network] = [ipaddress.ip_network(proxy.strip(), strict=False) for proxy in trusted_proxies]
        self._notices = Notices()
        self._peer = lru_cache(maxsize=1024)(self._look_up)

    def of(self, scope: Scope) -> str:
        """Returns the peer's address, or the right-most untrusted hop if the peer is a trusted proxy.

        Logs a peer that forwards addresses and is not trusted: it may be the proxy, and all its clients one to Parley.
        """
        client = scope.get("client")
        peer, nearest, is_trusted = self._peer(client[0] if client else UNKNOWN)
        if nearest is None or b"x-forwarded-for" not in dict(scope["headers"]):
            return peer
        if is_trusted:
            forwarded = ",".join(Headers(scope=scope).getlist("x-forwarded-for"))
            for hop in reversed(forwarded.split(",")):
                address = _parse(hop)
                # What is left of a malformed hop was not written by a trusted proxy.
                if address is None:
                    break
                nearest = address
                if not self._trusts(nearest):
                    break
        elif self._notices.is_new(peer):
            log.warning(
                "X-Forwarded-For of a peer that is not trusted was ignored: PARLEY_TRUSTED_PROXIES names proxies",
                peer=peer,
            )
        return _text(nearest)

    def _look_up(self, peer: str) -> tuple[str, Address | None, bool]:
        """The address of a peer as text and parsed, and whether it is a trusted proxy."""
        address = _parse(peer)
        return (peer, None, False) if address is None else (str(address), address, self._trusts(address))

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self._trusted)


@lru_cache(maxsize=1024)
def _text(address: Address) -> str:
    return str(address)


@lru_cache(maxsize=1024)
def _parse(text: str) -> Address | None:
    """Parses an address as proxies write it: perhaps with a port, IPv6 in brackets or not, IPv4 perhaps mapped."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address.scope_id is not None:
            return ipaddress.IPv6Address(int(address))
    return address
