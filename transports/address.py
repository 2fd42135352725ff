"""Whose request it is, as far as the network tells."""

import ipaddress
from collections.abc import Sequence
from functools import lru_cache

from starlette.datastructures import Headers
from starlette.types import Scope

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

UNKNOWN = "unknown"
"""The address of a peer that has none, as on a Unix socket."""


class Addresses:
    """Reads the client's address of a connection, looking behind the proxies that are trusted to tell it."""

    def __init__(self, trusted_proxies: Sequence[str]) -> None:
        """`trusted_proxies`: addresses and networks (CIDR). Raises ValueError for one that is neither."""
        self._trusted: list[Network] = [ipaddress.ip_network(proxy.strip(), strict=False) for proxy in trusted_proxies]

    def of(self, scope: Scope) -> str:
        """The peer's address, or the right-most untrusted one of X-Forwarded-For where the peer is a trusted proxy."""
        client = scope.get("client")
        nearest = _parse(client[0]) if client else None
        if nearest is None:
            return client[0] if client else UNKNOWN
        if self._trusts(nearest):
            forwarded = ",".join(Headers(scope=scope).getlist("x-forwarded-for"))
            for hop in reversed(forwarded.split(",")):
                address = _parse(hop)
                # What stands left of a hop that can't be read was not written by a proxy we know.
                if address is None:
                    break
                nearest = address
                if not self._trusts(nearest):
                    break
        return str(nearest)

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self._trusted)


def network(address: str) -> str:
    """What counts as one address: of IPv6 the /64, for whoever has one address of it has them all."""
    parsed = _parse(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((parsed, 64), strict=False))
    return address


@lru_cache(maxsize=1024)
def _parse(text: str) -> Address | None:
    """An address as proxies write it: with or without a port, IPv6 with or without brackets, IPv4 perhaps mapped."""
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
