"""Clients that ask for much and take nothing, or send bodies that do not end: what is held for them is bounded."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from http import HTTPStatus

import httpx2
import pytest

from tests.support.waiting import eventually
from tests.transports.service import Service, code_of
from tests.transports.test_request_limits import UPGRADE, answer, connection, slow_connection
from transports.held import Held

MEGABYTE = 1_000_000
ANSWER = 6 * MEGABYTE
OF_NETWORK = 14 * MEGABYTE
OF_ALL = 26 * MEGABYTE
QUERY = f"{{long(characters:{ANSWER})}}"
LARGE = b"GET /graphql?query=%b HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: %b\r\n\r\n"


@pytest.fixture
def service() -> Iterator[Service]:
    held = Held(of_network=OF_NETWORK, of_all=OF_ALL)
    with Service(held=held, trusted_proxies=["127.0.0.1"], max_body_bytes=16 * MEGABYTE).running() as running:
        yield running
    assert held.total == 0


def ask(service: Service, address: str, query: str = QUERY) -> httpx2.Response:
    return httpx2.get(service.url, params={"query": query}, headers={"X-Forwarded-For": address}, timeout=20)


def is_refused(found: httpx2.Response) -> bool:
    refused = found.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert not refused or (code_of(found.json()) == "RATE_LIMITED" and found.headers["retry-after"] == "10")
    return refused


def fill(service: Service, stack: ExitStack, address: str) -> None:
    """Asks for large answers that nobody takes, until one is refused. The kernel holds some of each."""
    for _ in range(20):
        stack.enter_context(slow_connection(service)).sendall(LARGE % (QUERY.encode(), address.encode()))
        if is_refused(ask(service, address)):
            return
    pytest.fail("It holds whatever is asked for.")


def test_answers_that_are_not_taken_are_bounded_for_an_address(service: Service) -> None:
    with ExitStack() as stack:
        fill(service, stack, "10.0.0.1")
        assert OF_NETWORK - ANSWER < service.held.total <= OF_NETWORK
        assert ask(service, "10.0.0.1", "{hello}").json() == {"data": {"hello": "Hello world"}}
        assert not is_refused(ask(service, "10.0.0.2"))
    eventually(lambda: service.held.total == 0, "the end of the connections")
    assert not is_refused(ask(service, "10.0.0.1"))


def test_answers_that_are_not_taken_are_bounded_for_all(service: Service) -> None:
    with ExitStack() as stack:
        for address in ("10.0.0.1", "10.0.0.2", "10.0.0.3"):
            fill(service, stack, address)
        assert OF_ALL - ANSWER < service.held.total <= OF_ALL
        assert is_refused(ask(service, "10.0.0.4"))
        assert not is_refused(ask(service, "10.0.0.4", "{hello}"))


def test_a_client_that_takes_its_answer_is_counted_no_longer(service: Service) -> None:
    with ExitStack() as stack:
        opened = stack.enter_context(slow_connection(service))
        opened.sendall(LARGE % (QUERY.encode(), b"10.0.0.1"))
        eventually(lambda: service.held.total > 0, "the answer")
        received = 0
        while received < ANSWER:
            received += len(opened.recv(65_536))
        eventually(lambda: service.held.total == 0, "the end of the answer")


def test_requests_that_follow_on_one_connection_wait_for_the_answers_before(service: Service) -> None:
    with ExitStack() as stack:
        opened = stack.enter_context(slow_connection(service))
        opened.sendall(LARGE % (QUERY.encode(), b"10.0.0.1") * 8)
        eventually(lambda: service.held.total > 0, "the first answer")
        ask(service, "10.0.0.1", "{hello}")
        assert service.asked == 1


def test_bodies_that_have_not_arrived_whole_are_bounded(service: Service) -> None:
    head = (
        b"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nX-Forwarded-For: 10.0.0.1\r\n"
    )
    body = json.dumps({"query": "{hello}"}).encode().ljust(10 * MEGABYTE)
    with ExitStack() as stack:
        first, second = (stack.enter_context(connection(service)) for _ in range(2))
        first.sendall(head + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body[:-1])
        eventually(lambda: service.held.total > len(body) - 100_000, "the body")
        second.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body[: 5 * MEGABYTE])
        refused = second.recv(4_096)
        while b"RATE_LIMITED" not in refused:
            refused += second.recv(4_096) or pytest.fail("It says nothing.")
        assert refused.startswith(b"HTTP/1.1 429 ")
        first.sendall(body[-1:])
        assert answer(first)[0] == 200
        eventually(lambda: service.held.total == 0, "the end of the bodies")


def test_a_websocket_that_reads_nothing_is_bounded(service: Service) -> None:
    def frame(**message: object) -> bytes:
        text = json.dumps(message).encode()
        # The mask changes nothing.
        return b"\x81\xfe" + len(text).to_bytes(2, "big") + bytes(4) + text

    with ExitStack() as stack:
        opened = stack.enter_context(slow_connection(service))
        opened.sendall(UPGRADE + b"X-Forwarded-For: 10.0.0.1\r\n\r\n")
        opened.recv(4_096)
        opened.sendall(frame(type="connection_init", pad="x" * 200))
        opened.recv(4_096)
        most = 0
        for at in range(20):
            opened.sendall(frame(type="subscribe", id=str(at), payload={"query": QUERY}, pad="x" * 200))
        for _ in range(20):
            ask(service, "10.0.0.9", "{hello}")
            most = max(most, service.held.total)
        assert 0 < most <= OF_NETWORK
        assert is_refused(ask(service, "10.0.0.1"))
