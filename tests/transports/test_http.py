"""GraphQL over HTTP: what requests may be, by the sections of the specification.

The audits of graphql-http itself run in test_node_clients.
"""

import json
from collections.abc import Iterator

import httpx2
import pytest

from tests.transports.asking import DOCUMENT, media_type, post
from tests.transports.service import Service, code_of
from transports import negotiation
from transports.negotiation import EVENT_STREAM, JSON, MULTIPART
from transports.negotiation import GRAPHQL_RESPONSE as GRAPHQL

APOLLO = f"{MULTIPART};boundary=graphql;subscriptionSpec=1.0"

# 6.1 Accept


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        (GRAPHQL, GRAPHQL),
        (f"{GRAPHQL}, {JSON}", GRAPHQL),
        (f"{JSON}, {GRAPHQL}", GRAPHQL),
        (f"{GRAPHQL};q=0.5, {JSON}", JSON),
        (f"{JSON};q=0.9, {GRAPHQL};q=0.91", GRAPHQL),
        (f"{GRAPHQL},{JSON};q=0.9", GRAPHQL),
        (f"{JSON}, text/plain, */*", JSON),
        (f"{GRAPHQL};q=0.1, */*", JSON),
        (f"{JSON};q=0, */*", GRAPHQL),
        (f"{JSON}; charset=utf-8", JSON),
        ("Application/GraphQL-Response+JSON", GRAPHQL),
        (f"{GRAPHQL}, application/graphql+json, {JSON}, text/event-stream, multipart/mixed", GRAPHQL),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", JSON),
        (f"{GRAPHQL};q=many, {JSON};q=0.1", JSON),
        ("text/html", None),
        (f"{JSON};q=0", None),
        (";,;q=,/", None),
        # Streams: what is one result comes as JSON unless the stream is ranked above it.
        (EVENT_STREAM, EVENT_STREAM),
        (f"{EVENT_STREAM}, {MULTIPART}", EVENT_STREAM),
        (f"{JSON}, {EVENT_STREAM}", JSON),
        (f"{EVENT_STREAM}, {GRAPHQL}", GRAPHQL),
        (f"{EVENT_STREAM}, {JSON};q=0.9", EVENT_STREAM),
        (f"{EVENT_STREAM}, */*", EVENT_STREAM),
        (f"{EVENT_STREAM};q=0.1, */*", JSON),
        (f"{EVENT_STREAM};q=0", None),
        ("text/*", None),
        (APOLLO, None),
        (f"{APOLLO},{JSON}", JSON),
    ],
)
def test_the_answer_comes_in_the_media_type_ranked_highest(accept: str | None, answered: str | None) -> None:
    assert negotiation.wanted(accept).answer == answered


@pytest.mark.parametrize(
    ("accept", "streamed"),
    [
        (None, None),
        ("*/*", None),
        ("text/*", None),
        (JSON, None),
        (EVENT_STREAM, EVENT_STREAM),
        (f"{EVENT_STREAM};q=0", None),
        (f"{JSON}, {EVENT_STREAM};q=0.1", EVENT_STREAM),
        (MULTIPART, None),
        (f"{MULTIPART};deferSpec=20220824, {JSON}", None),
        (f"{MULTIPART};subscriptionSpec=2.0", None),
        (f"{APOLLO},{JSON}", MULTIPART),
        (f'{MULTIPART}; SubscriptionSpec="1.0", {JSON}', MULTIPART),
        (f"{APOLLO}, {EVENT_STREAM}", EVENT_STREAM),
        (f"{APOLLO}, {EVENT_STREAM};q=0.9", MULTIPART),
        (f"{GRAPHQL}, application/graphql+json, {JSON}, {EVENT_STREAM}, {MULTIPART}", EVENT_STREAM),
    ],
)
def test_a_subscription_comes_in_the_stream_ranked_highest_of_those_named(
    accept: str | None, streamed: str | None
) -> None:
    assert negotiation.wanted(accept).stream == streamed


@pytest.mark.parametrize("accept", [GRAPHQL, JSON])
def test_response_names_media_type_charset_and_vary(client: httpx2.Client, accept: str) -> None:
    response = post(client, DOCUMENT, accept)
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{accept}; charset=utf-8"
    assert response.headers["vary"] == "Accept, Authorization, Origin"
    assert response.content == b'{"data":{"__typename":"Query"}}'


def test_a_client_that_takes_neither_media_type_gets_406(client: httpx2.Client) -> None:
    for accept in ("text/html", APOLLO):
        response = post(client, DOCUMENT, accept)
        assert response.status_code == 406
        assert code_of(response.json()) == "BAD_ARGUMENT"


# 5.1 Request parameters


@pytest.mark.parametrize("accept", [GRAPHQL, JSON])
@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        *[("query", wrong) for wrong in ({"obj": "ect"}, 0, False, ["array"])],
        *[("operationName", wrong) for wrong in ({"obj": "ect"}, 0, False, ["array"])],
        *[("variables", wrong) for wrong in ("string", 0, False, ["array"])],
        *[("extensions", wrong) for wrong in ("string", 0, False, ["array"])],
    ],
)
def test_a_parameter_of_the_wrong_type_is_refused_by_name(
    client: httpx2.Client, accept: str, name: str, wrong: object
) -> None:
    response = post(client, DOCUMENT | {name: wrong}, accept)
    assert response.status_code == 400
    answer = response.json()
    assert "data" not in answer
    assert f"`{name}`" in answer["errors"][0]["message"]
    assert code_of(answer) == "BAD_ARGUMENT"


@pytest.mark.parametrize("accept", [GRAPHQL, JSON])
@pytest.mark.parametrize("name", ["variables", "operationName", "extensions"])
def test_a_parameter_may_be_null(client: httpx2.Client, accept: str, name: str) -> None:
    response = post(client, DOCUMENT | {name: None}, accept)
    assert response.status_code == 200
    assert "errors" not in response.json()


def test_parameters_nobody_defined_are_left_alone(client: httpx2.Client) -> None:
    assert post(client, DOCUMENT | {"later": 1}).status_code == 200


@pytest.mark.parametrize("body", [{}, {"qeury": "{ __typename }"}, {"query": None}])
@pytest.mark.parametrize("accept", [GRAPHQL, JSON])
def test_a_request_without_a_query_is_refused(client: httpx2.Client, accept: str, body: object) -> None:
    response = post(client, body, accept)
    assert response.status_code == 400
    assert "`query`" in response.json()["errors"][0]["message"]


# 5.3 POST


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b'{ "not a JSON',
        b"1",
        b"null",
        b'"{ __typename }"',
        b"[]",
        b'[{"query":"{ __typename }"}]',
        b'{"query":"\xff"}',
        b'{"query":"{ __typename }","variables":{"a":NaN}}',
        b"[" * 5000,
        '{"query":"{ __typename }"}'.encode("utf-16"),
    ],
)
@pytest.mark.parametrize("accept", [GRAPHQL, JSON])
def test_a_body_that_is_no_json_object_is_refused(client: httpx2.Client, accept: str, body: bytes) -> None:
    response = client.post("/graphql", content=body, headers={"Content-Type": JSON, "Accept": accept})
    assert response.status_code == 400
    assert media_type(response) == accept
    assert code_of(response.json()) == "BAD_ARGUMENT"


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        "application/graphql",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain; application/json",
        "application/jsonp",
        "application/json; charset=utf-16",
        ";",
    ],
)
def test_a_body_not_called_json_is_refused(client: httpx2.Client, content_type: str | None) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}
    response = client.post("/graphql", content=json.dumps(DOCUMENT).encode(), headers=headers)
    assert response.status_code == 415
    assert code_of(response.json()) == "BAD_ARGUMENT"


@pytest.mark.parametrize("content_type", ["application/json;charset=UTF-8", 'Application/JSON; charset="utf-8"'])
def test_json_is_told_by_its_media_type_alone(client: httpx2.Client, content_type: str) -> None:
    response = client.post("/graphql", content=json.dumps(DOCUMENT).encode(), headers={"Content-Type": content_type})
    assert response.status_code == 200


def test_a_packed_body_is_refused(client: httpx2.Client) -> None:
    assert post(client, DOCUMENT, **{"Content-Encoding": "gzip"}).status_code == 415


def test_a_request_may_be_written_in_any_script(client: httpx2.Client) -> None:
    response = post(client, {"query": '{ hello(name: "Run🏃Swim🏊") }'})
    assert response.json() == {"data": {"hello": "Hello Run🏃Swim🏊"}}


def test_a_body_over_the_limit_is_refused(client: httpx2.Client, service: Service) -> None:
    document = {"query": "{ __typename }", "extensions": {"padding": "x" * service.max_body_bytes}}
    response = post(client, document)
    assert response.status_code == 413
    assert str(service.max_body_bytes) in response.json()["errors"][0]["message"]


def test_a_body_is_counted_as_it_arrives_where_its_length_was_not_told(client: httpx2.Client) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(100):
            yield b" " * 1000

    response = client.post("/graphql", content=chunks(), headers={"Content-Type": JSON})
    assert response.request.headers["transfer-encoding"] == "chunked"
    assert response.status_code == 413


def test_a_body_as_long_as_the_limit_is_read(client: httpx2.Client, service: Service) -> None:
    body = json.dumps(DOCUMENT).encode().ljust(service.max_body_bytes)
    assert client.post("/graphql", content=body, headers={"Content-Type": JSON}).status_code == 200


# 5.4 GET


def test_a_get_takes_its_parameters_from_the_address(client: httpx2.Client) -> None:
    parameters = {
        "query": "query A($name: String!) { hello(name: $name) } query B { __typename }",
        "operationName": "A",
        "variables": '{"name": "Ada"}',
        "extensions": "",
    }
    response = client.get("/graphql", params=parameters, headers={"Accept": GRAPHQL})
    assert response.json() == {"data": {"hello": "Hello Ada"}}


@pytest.mark.parametrize(
    ("address", "named"),
    [
        ("", "`query`"),
        ("?query=", "`query`"),
        ("?query={__typename}&variables={", "`variables`"),
        ("?query={__typename}&variables=[]", "`variables`"),
        ("?query={__typename}&extensions=1", "`extensions`"),
        ("?query={__typename}&query={__typename}", "`query`"),
        ("?query=%FF", "UTF-8"),
        ("?" + "a=1&" * 200, "too many"),
    ],
)
def test_a_get_whose_parameters_are_wrong_is_refused(service: Service, address: str, named: str) -> None:
    response = httpx2.get(service.url + address)
    assert response.status_code == 400
    assert named in response.json()["errors"][0]["message"]


def test_a_get_never_writes(client: httpx2.Client, service: Service) -> None:
    begun = service.begun
    response = client.get("/graphql", params={"query": "mutation { write }"}, headers={"Accept": JSON})
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"
    assert service.begun == begun


@pytest.mark.parametrize("method", ["PATCH", "OPTIONS"])
def test_other_methods_are_refused(client: httpx2.Client, method: str) -> None:
    response = client.request(method, "/graphql")
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD, POST"
    assert code_of(response.json()) == "BAD_ARGUMENT"
