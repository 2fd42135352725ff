"""What limits count as one client address."""

import ipaddress
from functools import lru_cache


@lru_cache(maxsize=4096)
def network_of(address: str) -> str:
    """Returns the network that counts as one client: the address itself, or of IPv6 its /64.

    Whoever has one address of a /64 has them all. What is not an IP address counts as it is.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return address if parsed.version == 4 else str(ipaddress.IPv6Network(f"{address}/64", strict=False))
