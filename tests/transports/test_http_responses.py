"""GraphQL over HTTP: how requests are answered, section 6.4 of the specification.

The audits of graphql-http itself run in test_node_clients.
"""

import re
import socket
import threading
from typing import Any

import httpx2
import pytest
from structlog.testing import capture_logs

from tests.support.waiting import eventually as wait_until
from tests.transports.asking import DOCUMENT, media_type, post
from tests.transports.service import Service, code_of
from transports.negotiation import GRAPHQL_RESPONSE as GRAPHQL
from transports.negotiation import JSON


@pytest.mark.parametrize(
    ("request_body", "code"),
    [
        ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ 8f31403dfe404bccbb0e835f2629c6a7 }"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query ($id: ID!) { __typename }", "variables": {"id": None}}, None),
        ({"query": "query ($name: String!) { hello(name: $name) }", "variables": {"name": 1}}, None),
    ],
)
def test_refused_document_is_400_or_200_for_application_json(
    client: httpx2.Client, request_body: object, code: str | None
) -> None:
    for accept, status in ((GRAPHQL, 400), (JSON, 200)):
        response = post(client, request_body, accept)
        assert response.status_code == status
        assert media_type(response) == accept
        answer = response.json()
        assert "data" not in answer
        assert answer["errors"][0]["message"]
        assert code is None or code_of(answer) == code


@pytest.mark.parametrize("accept", [GRAPHQL, JSON])
@pytest.mark.parametrize(
    "request_body",
    [
        {"query": "query A { __typename } query B { __typename }"},
        {"query": "{ __typename }", "operationName": "C"},
    ],
)
def test_an_operation_name_that_picks_no_operation_is_400(
    client: httpx2.Client, accept: str, request_body: object
) -> None:
    response = post(client, request_body, accept)
    assert response.status_code == 400
    assert "data" not in response.json()
    assert code_of(response.json()) == "BAD_ARGUMENT"


@pytest.mark.parametrize("accept", [GRAPHQL, JSON])
def test_what_was_executed_is_200_whatever_failed_in_it(client: httpx2.Client, accept: str) -> None:
    response = post(client, {"query": "{ hello broken }"}, accept)
    assert response.status_code == 200
    assert "data" in response.json()
    assert "errors" in response.json()


def test_a_subscription_is_sent_to_the_websocket(client: httpx2.Client) -> None:
    query = "subscription { silence }"
    for response in (post(client, {"query": query}), client.get("/graphql", params={"query": query})):
        assert response.status_code == 400
        assert "graphql-transport-ws" in response.json()["errors"][0]["message"]


@pytest.mark.parametrize("accept", [GRAPHQL, JSON, "*/*"])
def test_a_bad_token_is_401_and_told_how_to_sign_in(client: httpx2.Client, accept: str) -> None:
    response = post(client, DOCUMENT, accept, Authorization="Bearer bad")
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert code_of(response.json()) == "UNAUTHENTICATED"


def test_exhausted_budget_is_429_with_retry_after_and_runs_nothing(client: httpx2.Client, service: Service) -> None:
    begun = service.begun
    for accept, status in ((GRAPHQL, 429), (JSON, 200)):
        response = post(client, {"query": "mutation { write }"}, accept, Authorization="Bearer poor")
        assert response.status_code == status
        assert response.headers["retry-after"] == "7"
        assert code_of(response.json()) == "RATE_LIMITED"
        assert "data" not in response.json()
    assert service.begun == begun


def test_what_an_operation_costs_is_spent_once_it_is_known_to_run(client: httpx2.Client) -> None:
    assert post(client, {"query": "{ spent hello }"}).json() == {"data": {"spent": 2, "hello": "Hello world"}}
    # What would be refused anyhow costs what it takes to read it, unless the server has read it before.
    response = post(client, {"query": "{ nothing }"}, Authorization="Bearer poor")
    assert code_of(response.json()) == "RATE_LIMITED"


def test_the_token_reaches_the_resolvers(client: httpx2.Client) -> None:
    response = post(client, {"query": "{ authorization }"}, Authorization="Bearer ada")
    assert response.json() == {"data": {"authorization": "Bearer ada"}}


def test_a_fault_of_ours_is_masked_and_logged_under_the_id_the_client_gets(client: httpx2.Client) -> None:
    with capture_logs() as logs:
        response = post(client, DOCUMENT, Authorization="Bearer crash")
    assert response.status_code == 500
    assert code_of(response.json()) == "INTERNAL"
    assert "secret" not in response.text
    (entry,) = logs
    assert entry["error_id"] in response.text


def test_a_client_that_hangs_up_does_not_stop_what_it_asked_for(service: Service) -> None:
    begun, written = service.begun, service.written
    body = b'{"query":"mutation { write(seconds: 0.1) }"}'
    with socket.create_connection(("127.0.0.1", service.port)) as raw:
        raw.sendall(b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n")
        raw.sendall(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        wait_until(lambda: service.begun == begun + 1, seconds=5, what="the mutation to begin")
    wait_until(lambda: service.written == written + 1, seconds=5, what="the mutation to end")
    assert service.tracebacks() == []


def test_a_client_that_hangs_up_in_mid_body_leaves_no_trace(service: Service) -> None:
    head = b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n"
    for _ in range(5):
        with socket.create_connection(("127.0.0.1", service.port)) as raw:
            raw.sendall(head + b"{")
    assert httpx2.post(service.url, json=DOCUMENT).status_code == 200
    assert service.tracebacks() == []


def test_requests_are_answered_side_by_side(service: Service) -> None:
    answers: list[Any] = []

    def ask() -> None:
        answers.append(httpx2.post(service.url, json={"query": "{ slow(seconds: 0.3) }"}).json())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert answers == [{"data": {"slow": True}}] * 8


def test_a_query_whose_client_is_gone_is_cancelled(service: Service) -> None:
    tasks, finished, logged = service.tasks(), service.finished, len(service.records)
    with socket.create_connection(("127.0.0.1", service.port)) as sent:
        body = b'{"query":"{ slow(seconds: 3600) }"}'
        head = b"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        sent.sendall(head + b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        wait_until(lambda: service.tasks() > tasks, "the query")
    wait_until(lambda: service.tasks() <= tasks, "the end of the query")
    assert service.finished == finished
    assert service.records[logged:] == []


def test_a_connection_serves_on_after_a_query_that_was_not_cancelled(service: Service) -> None:
    with httpx2.Client() as one:
        for _ in range(3):
            asked = one.post(service.url, json={"query": "{ slow(seconds: 0.01) hello }"})
            assert asked.json()["data"] == {"slow": True, "hello": "Hello world"}


@pytest.mark.parametrize(
    ("asked", "headers", "kept"),
    [
        ({"query": "{ hello }"}, {}, "no-cache"),
        ({"query": "{ hello }"}, {"Authorization": "Bearer ada"}, "private, no-cache"),
        ({"query": "{ broken }"}, {}, "private, no-store"),
        ({"query": "{ broken }"}, {"Authorization": "Bearer ada"}, "private, no-store"),
        ({"query": "{ nothing }"}, {}, "private, no-store"),
        ({"query": "{"}, {}, "private, no-store"),
        ({"query": "{ hello }"}, {"Authorization": "Bearer bad"}, "private, no-store"),
        ({"query": "{ hello }"}, {"Authorization": "Bearer poor"}, "private, no-store"),
        ({"query": "{ hello }"}, {"Authorization": "Bearer crash"}, "private, no-store"),
        ({"extensions": '{"persistedQuery":{"version":1,"sha256Hash":"%s"}}' % ("0" * 64)}, {}, "private, no-store"),
        ({"query": "mutation { write }"}, {}, "private, no-store"),
        ({"query": "subscription { count(to: 1) }"}, {"Accept": "text/event-stream"}, "private, no-store"),
        ({"query": "{ hello }"}, {"Accept": "text/event-stream"}, "private, no-store"),
    ],
)
@pytest.mark.parametrize("accept", [GRAPHQL, JSON])
def test_shared_caches_keep_no_errors_and_nothing_a_viewer_reads(
    client: httpx2.Client, asked: dict[str, str], headers: dict[str, str], kept: str, accept: str
) -> None:
    response = client.get("/graphql", params=asked, headers={"Accept": accept} | headers)
    assert response.headers["Cache-Control"] == kept
    assert ("ETag" in response.headers) == ("no-store" not in kept)
    # By this nginx keeps what it else would not.
    assert ("X-Accel-Expires" in response.headers) == (kept == "no-cache")
    assert response.headers["Vary"] == "Accept, Authorization, Origin"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_responses_of_one_connection_have_the_same_headers_to_its_end(service: Service) -> None:
    # The last is written as the messages of ASGI, those before it past them.
    asked = b"GET /graphql?query={hello} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    with socket.create_connection(("127.0.0.1", service.port), timeout=20) as connection:
        connection.sendall((asked + b"\r\n") * 2 + asked + b"Connection: close\r\n\r\n")
        received = b"".join(iter(lambda: connection.recv(65_536), b""))
    lines = re.findall(rb"HTTP/1\.1 200 OK\r\n(.*?)\r\n\r\n", received, re.DOTALL)
    first, second, last = (
        sorted(b"date" if line.startswith(b"date: ") else line for line in head.split(b"\r\n")) for head in lines
    )
    assert b"date" in first
    assert first == second == [line for line in last if line != b"connection: close"]
