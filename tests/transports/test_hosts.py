"""Which hosts a request may name, over HTTP and in the handshake of a websocket."""

import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.processes import HOST
from tests.support.servers import Parley
from tests.transports.test_request_limits import UPGRADE

PORT = "{port}"


@pytest.fixture(scope="module")
def parley(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parley]:
    folder: Path = tmp_path_factory.mktemp("hosts")
    server = Parley.start(
        database_url=f"sqlite:///{folder}/parley.db",
        folder=folder,
        public_url="https://talk.example",
        allowed_hosts="forum.lan, Other.example",
    )
    yield server
    server.stop()


def answer(parley: Parley, path: str, *lines: str, version: str = "1.1", upgrade: bool = False) -> tuple[int, str]:
    """The status and text of the answer to a request with these header lines."""
    head = f"GET {path} HTTP/{version}\r\n" + "".join(f"{line}\r\n" for line in lines)
    if upgrade:
        head += UPGRADE.decode().split("\r\n", 2)[2]
    else:
        head += "Connection: close\r\n"
    with closing(socket.create_connection((HOST, parley.port), timeout=20)) as sent:
        sent.sendall((head + "\r\n").encode("latin-1"))
        received = sent.makefile("rb")
        status = int(received.readline().split()[1])
        return status, "" if status == 101 else received.read().decode()


OURS = [
    *("talk.example", "TALK.example", "talk.example.", "talk.example:443", "forum.lan:8000", "other.example"),
    *("localhost", "localhost:1", "parley.localhost", "127.0.0.1", "127.0.0.1:8000", "[::1]", "[::1]:8000"),
    *("192.168.1.5:8000", "[fe80::1]"),
]
OTHERS = [
    *("evil.example", "evil.example:8000", "talk.example.evil.example", "127.0.0.1.evil.example", "localhost.evil"),
    *("xtalk.example", "evil.example:talk.example", "[::1", "[::1]evil.example", "", "*", "talk.example@evil.example"),
    *("evil\xff", "1.2.3", "0x7f000001.evil", "talk.example,evil.example", "a" * 5_000),
]


@pytest.mark.parametrize("path", ["/", "/graphql?query={__typename}", "/schema.graphql", "/feed.atom", "/nothing"])
def test_a_host_of_another_server_is_refused(parley: Parley, path: str) -> None:
    for host in OURS:
        assert answer(parley, path, f"Host: {host}")[0] in (200, 404), host
    for host in OTHERS:
        status, text = answer(parley, path, f"Host: {host}")
        assert status == 421, host
        assert "PARLEY_ALLOWED_HOSTS" in text
        assert '"code":"BAD_ARGUMENT"' in text
        assert len(text) < 1_000
    assert "PARLEY_ALLOWED_HOSTS" in parley.log()
    assert "Traceback" not in parley.log()


def test_a_websocket_to_a_host_of_another_server_is_refused(parley: Parley) -> None:
    for host in OURS:
        assert answer(parley, "/graphql", f"Host: {host}", upgrade=True)[0] == 101, host
        # A page of another name is of the same origin to a browser that it has led here.
    for host in ("evil.example", "talk.example.evil.example"):
        status, text = answer(parley, "/graphql", f"Host: {host}", f"Origin: http://{host}", upgrade=True)
        assert status == 421
        assert "PARLEY_ALLOWED_HOSTS" in text
    assert "Traceback" not in parley.log()


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_probes_may_name_any_host(parley: Parley, path: str) -> None:
    for lines in (["Host: parley-1:8000"], ["Host: 10.0.0.7"], []):
        assert answer(parley, path, *lines)[0] == 200


def test_a_request_names_one_host(parley: Parley) -> None:
    assert answer(parley, "/")[0] == 400
    assert answer(parley, "/", "Host: talk.example", "Host: evil.example")[0] == 400
    assert answer(parley, "/", "Host: talk.example", "Host: talk.example")[0] == 400
    # HTTP/1.0 has no such header.
    assert answer(parley, "/", version="1.0")[0] == 200


def test_any_host_is_allowed_by_a_star(tmp_path: Path) -> None:
    server = Parley.start(database_url=f"sqlite:///{tmp_path}/parley.db", folder=tmp_path, allowed_hosts="*")
    try:
        assert answer(server, "/", "Host: evil.example")[0] == 200
    finally:
        server.stop()
