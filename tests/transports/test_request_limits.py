"""What a request may send before it is routed, and how long its client is waited for; over raw sockets."""

import gc
import json
import select
import socket
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from http import HTTPStatus
from typing import ClassVar

import httpx2
import pytest

from tests.support.waiting import eventually
from tests.transports.service import Service, code_of
from transports import deadlines
from transports.protocol import LINGER_BYTES, MAX_HEAD_BYTES, MAX_PIPELINED, MAX_URL_BYTES, HttpProtocol

PATIENCE_SECONDS = 20
MAX_SENT_BYTES = 16_777_216
"""The server refuses sooner, as soon as it runs; a busy machine lets its client send much until then."""
GET = b"GET /graphql?query={__typename} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
CHUNKED = (
    b"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
)
UPGRADE = (
    b"GET /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
    b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n"
)


def connection(service: Service) -> "closing[socket.socket]":
    return closing(socket.create_connection(("127.0.0.1", service.port), timeout=PATIENCE_SECONDS))


def answer(sent: socket.socket) -> tuple[int, bytes]:
    """The status and body of the answer after which the server ends the connection."""
    received = b""
    while part := sent.recv(65_536):
        received += part
    head, _, body = received.partition(b"\r\n\r\n")
    return int(head.split(b" ", 2)[1]) if head else 0, body


def send_until_refused(sent: socket.socket, endless: Iterator[bytes]) -> None:
    """Sends until the server answers or cuts. Fails if it does neither."""
    total = 0
    for part in endless:
        try:
            sent.sendall(part)
        except (BrokenPipeError, ConnectionResetError):
            return
        total += len(part)
        assert total < MAX_SENT_BYTES, "It takes whatever comes."
        if select.select([sent], [], [], 0)[0]:
            return


def repeated(part: bytes, *, first: bytes = b"") -> Iterator[bytes]:
    yield first
    while True:
        yield part


@pytest.mark.parametrize(
    ("endless", "status"),
    [
        (repeated(b"X-More: " + b"a" * 4_000 + b"\r\n", first=GET), 431),
        (repeated(b"a" * 4_096, first=GET + b"X-One: "), 431),
        (repeated(b"a" * 4_096, first=GET), 431),
        (repeated(b"a" * 60_000, first=b"GET /graphql?query="), 414),
        (repeated(b"a:\r\n" * 1_000, first=GET), 431),
        (repeated(b"\r\n" * 2_000), 431),
        (repeated(b"X-More: " + b"a" * 4_000 + b"\r\n", first=UPGRADE), 431),
        # One byte each of a body, with an extension that says nothing.
        (repeated(b"1;" + b"x" * 4_000 + b"\r\n \r\n", first=CHUNKED + b"\r\n"), 431),
        (repeated(b"X-More: " + b"a" * 4_000 + b"\r\n", first=CHUNKED + b"\r\n2\r\n{}\r\n0\r\n"), 431),
    ],
    ids=["headers", "one header", "a name", "address", "short headers", "line ends", "websocket", "chunks", "trailers"],
)
def test_a_request_without_end_is_refused_and_cut(service: Service, endless: Iterator[bytes], status: int) -> None:
    with connection(service) as sent:
        send_until_refused(sent, endless)
        refused, body = answer(sent)
    assert refused == status
    assert code_of(json.loads(body)) == "REQUEST_TOO_LARGE"
    assert any(str(limit) in json.loads(body)["errors"][0]["message"] for limit in (MAX_HEAD_BYTES, MAX_URL_BYTES))
    assert httpx2.get(service.url, params={"query": "{ __typename }"}).status_code == 200


def test_headers_up_to_the_limit_are_read(service: Service) -> None:
    request = GET + b"X-Long: " + b"a" * 60_000 + b"\r\nConnection: close\r\n\r\n"
    with connection(service) as sent:
        sent.sendall(request)
        assert answer(sent)[0] == 200
    with connection(service) as sent:
        sent.sendall(request.replace(b"a" * 60_000, b"a" * MAX_HEAD_BYTES))
        assert answer(sent)[0] == HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE


def test_a_body_may_be_longer_than_headers(service: Service) -> None:
    body = json.dumps({"query": "{ __typename }"}).encode().ljust(service.max_body_bytes)
    chunks = b"".join(
        b"%x\r\n%b\r\n" % (len(part), part) for part in (body[i : i + 500] for i in range(0, len(body), 500))
    )
    with connection(service) as sent:
        sent.sendall(CHUNKED + b"Connection: close\r\n\r\n" + chunks + b"0\r\n\r\n")
        assert answer(sent)[0] == 200


def test_requests_beyond_those_that_may_wait_are_cut(service: Service) -> None:
    with connection(service) as sent:
        sent.sendall((GET + b"\r\n") * (MAX_PIPELINED - 1) + GET + b"Connection: close\r\n\r\n")
        status, rest = answer(sent)
        assert status == 200
        assert rest.count(b"HTTP/1.1 200") == MAX_PIPELINED - 1
    with connection(service) as sent:
        sent.sendall((GET + b"\r\n") * 1_000)
        try:
            answered = answer(sent)[1].count(b"HTTP/1.1 200")
        except ConnectionResetError:
            answered = 0
        assert answered <= MAX_PIPELINED + 1


@pytest.mark.parametrize("head", [b"X" * 200, UPGRADE + b"a: b\r\n" * 200 + b"\r\n", b"CONNECT a:1 HTTP/1.1\r\n\r\n"])
def test_what_is_no_request_of_ours_is_refused(service: Service, head: bytes) -> None:
    logged = len(service.tracebacks())
    with connection(service) as sent:
        sent.sendall(head)
        status, body = answer(sent)
    assert status in (400, 431)
    assert code_of(json.loads(body)) == {400: "BAD_ARGUMENT", 431: "REQUEST_TOO_LARGE"}[status]
    assert service.tracebacks()[logged:] == []


class Impatient(HttpProtocol):
    head_seconds = 0.2
    idle_seconds = taking_seconds = 1.0
    lost: ClassVar[list[tuple[str, int] | None]] = []

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.lost.append(self.client)


@pytest.fixture(scope="module")
def impatient() -> Iterator[Service]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(deadlines, "SWEEP_SECONDS", 0.05)
        with Service(http=Impatient).running() as running:
            yield running


@pytest.mark.parametrize("begun", [b"G", GET, GET + b"X-One: a", GET + b"\r\n" + GET])
def test_a_request_whose_headers_do_not_end_is_answered_with_408(impatient: Service, begun: bytes) -> None:
    with connection(impatient) as sent:
        sent.sendall(begun)
        received = b""
        while part := sent.recv(65_536):
            received += part
    last = received[received.rindex(b"HTTP/1.1 ") :]
    assert last.startswith(b"HTTP/1.1 408 ")
    assert b"0.2 seconds" in last


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"\r\n",
        GET + b"\r\n",
        # The response does not wait for a body that nobody reads.
        GET + b"Content-Length: 1000000\r\n\r\nx",
    ],
    ids=["nothing", "a line end", "a request", "half a body"],
)
def test_a_connection_without_a_request_is_ended(impatient: Service, said: bytes) -> None:
    with connection(impatient) as sent:
        sent.sendall(said)
        status, _ = answer(sent)
    assert status == (200 if b"GET" in said else 0)


def test_a_byte_now_and_then_does_not_put_off_the_deadline(impatient: Service) -> None:
    with connection(impatient) as sent:
        sent.sendall(GET + b"X-Slow: ")
        sent.settimeout(0.05)

        def is_cut() -> bool:
            try:
                sent.send(b"a")
                return sent.recv(1) is not None
            except TimeoutError:
                return False
            except OSError:
                return True

        eventually(is_cut, seconds=PATIENCE_SECONDS, what="the cut")


def test_a_connection_that_ended_is_freed_with_its_headers_at_once(service: Service) -> None:
    def kept() -> int:
        return sum(isinstance(each, HttpProtocol) for each in gc.get_objects())

    gc.collect()
    gc.disable()
    try:
        before = kept()
        for endless in (repeated(b"X-More: " + b"a" * 4_000 + b"\r\n", first=GET), iter([b"?\r\n\r\n"])):
            for _ in range(5):
                with connection(service) as sent:
                    send_until_refused(sent, endless)
        eventually(lambda: kept() <= before, "the end of the connections")
    finally:
        gc.enable()


def test_what_a_refused_client_goes_on_to_send_is_not_read_for_long(service: Service) -> None:
    with connection(service) as sent:
        total = 0
        with suppress(BrokenPipeError, ConnectionResetError):
            while total < 100 * LINGER_BYTES:
                total += sent.send(b"X-More: " + b"a" * 60_000 + b"\r\n")
        # What the buffers of both sockets hold comes on top.
        assert total < 50 * LINGER_BYTES


LONG = b"GET /graphql?query={long(characters:7000000)} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def slow_connection(service: Service) -> "closing[socket.socket]":
    """A connection whose client has room for few bytes."""
    sent = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sent.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    sent.settimeout(PATIENCE_SECONDS)
    sent.connect(("127.0.0.1", service.port))
    return closing(sent)


def test_a_response_that_is_taken_slowly_arrives_whole(impatient: Service) -> None:
    with slow_connection(impatient) as sent:
        sent.sendall(LONG)
        received, sweeps = 0, 0
        while part := sent.recv(65_536):
            received += len(part)
            if received // 700_000 > sweeps:
                # Longer in all than the deadline of an idle connection.
                sweeps += 1
                time.sleep(0.2)
        assert received > 7_000_000


def test_a_client_that_takes_nothing_of_its_response_is_cut(impatient: Service) -> None:
    with slow_connection(impatient) as sent:
        sent.sendall(LONG)
        client = sent.getsockname()
        eventually(lambda: client in Impatient.lost, seconds=PATIENCE_SECONDS, what="the cut")
