"""Whose request it is, behind proxies and without."""

import pytest
from structlog.testing import capture_logs

from transports.addresses import UNKNOWN, Addresses

PROXIES = ("10.0.0.0/8", "2001:db8::/32", "127.0.0.1")


def scope(peer: str | None, *forwarded: str) -> dict[str, object]:
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    return {"type": "http", "client": (peer, 1234) if peer is not None else None, "headers": headers}


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.7", (), "203.0.113.7"),
        ("203.0.113.7", ("198.51.100.1",), "203.0.113.7"),
        ("10.0.0.1", (), "10.0.0.1"),
        ("10.0.0.1", ("203.0.113.7",), "203.0.113.7"),
        ("10.0.0.1", ("198.51.100.1, 203.0.113.7",), "203.0.113.7"),
        ("10.0.0.1", ("198.51.100.1, 203.0.113.7, 10.0.0.2",), "203.0.113.7"),
        ("10.0.0.1", ("198.51.100.1", "203.0.113.7 , 10.0.0.2"), "203.0.113.7"),
        ("10.0.0.1", ("10.0.0.3, 10.0.0.2",), "10.0.0.3"),
        ("10.0.0.1", ("203.0.113.7:4711",), "203.0.113.7"),
        ("10.0.0.1", ("[2001:DB9::7]:4711",), "2001:db9::7"),
        ("10.0.0.1", ("2001:db9::7",), "2001:db9::7"),
        ("2001:db8::1", ("203.0.113.7",), "203.0.113.7"),
        ("::ffff:10.0.0.1", ("::ffff:203.0.113.7",), "203.0.113.7"),
        ("10.0.0.1", ("garbage",), "10.0.0.1"),
        ("10.0.0.1", ("",), "10.0.0.1"),
        ("10.0.0.1", ("198.51.100.1, garbage, 10.0.0.2",), "10.0.0.2"),
        ("10.0.0.1", ("203.0.113.7, ",), "10.0.0.1"),
        ("10.0.0.1", ("999.1.1.1",), "10.0.0.1"),
        ("fe80::1%eth0", (), "fe80::1"),
        ("testclient", ("203.0.113.7",), "testclient"),
        (None, ("203.0.113.7",), UNKNOWN),
    ],
)
def test_the_address_is_the_nearest_one_nobody_vouches_for(
    peer: str | None, forwarded: tuple[str, ...], address: str
) -> None:
    assert Addresses(PROXIES).of(scope(peer, *forwarded)) == address


def test_a_proxy_that_is_no_address_is_refused_at_start() -> None:
    with pytest.raises(ValueError, match="proxy"):
        Addresses(["proxy.example"])


def test_a_peer_that_forwards_and_is_not_trusted_is_logged_once() -> None:
    addresses = Addresses(PROXIES)
    with capture_logs() as logs:
        for _ in range(3):
            for peer in ("203.0.113.7", "203.0.113.8", "10.0.0.1"):
                addresses.of(scope(peer, "198.51.100.1"))
                addresses.of(scope(peer))
    assert [entry["peer"] for entry in logs] == ["203.0.113.7", "203.0.113.8"]
    assert all("PARLEY_TRUSTED_PROXIES" in entry["event"] for entry in logs)
