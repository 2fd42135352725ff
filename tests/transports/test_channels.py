"""graphql-sse's single connection mode, by the chapters of its PROTOCOL."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from tests.transports.client import until
from tests.transports.events import EVENT_STREAM, Answer, Event, request
from tests.transports.service import Service, code_of

pytestmark = pytest.mark.anyio

TOKEN = "X-GraphQL-Event-Stream-Token"
SILENCE = "subscription { silence }"


@dataclass(frozen=True, slots=True)
class Alone:
    """A service of one process, and a client of it."""

    service: Service
    http: httpx2.Client


@pytest.fixture(scope="module")
def alone() -> Iterator[Alone]:
    with Service(is_alone=True).running() as running, httpx2.Client(base_url=running.url[: -len("/graphql")]) as http:
        yield Alone(running, http)


@asynccontextmanager
async def opened(alone: Alone) -> AsyncIterator[tuple[str, Answer]]:
    """A reserved and opened stream, and its token."""
    token = alone.http.put("/graphql").text
    async with request(alone.service, "GET /graphql", b"", EVENT_STREAM, {TOKEN: token}) as answer:
        assert answer.status == 200
        assert await answer.chunk() == b":\n"
        yield token, answer


def ask(alone: Alone, token: str, query: str, operation_id: Any = "1", **headers: str) -> httpx2.Response:
    body = {"query": query, "extensions": {"operationId": operation_id}}
    return alone.http.post("/graphql", json=body, headers={TOKEN: token, **headers})


def complete(alone: Alone, token: str, operation_id: str) -> httpx2.Response:
    return alone.http.delete("/graphql", params={"operationId": operation_id}, headers={TOKEN: token})


def following(operation_id: str, payload: Any) -> tuple[str, Any]:
    return "next", {"id": operation_id, "payload": payload}


async def told(answer: Answer, count: int = 1) -> list[tuple[str, Any]]:
    """The next events."""
    events = [await answer.event() for _ in range(count)]
    return [(event.event, event.json()) for event in events if isinstance(event, Event)]


# Making reservations


async def test_a_reservation_is_a_token(alone: Alone) -> None:
    responses = [alone.http.put("/graphql") for _ in range(2)]
    assert [response.status_code for response in responses] == [201, 201]
    assert responses[0].headers["content-type"].startswith("text/plain")
    assert len({response.text for response in responses}) == 2


async def test_a_reservation_needs_a_good_token_of_its_person(alone: Alone) -> None:
    assert alone.http.put("/graphql", headers={"Authorization": "Bearer bad"}).status_code == 401


@pytest.mark.parametrize("token", ["", "nonsense", "a.b", "ä.ö"])
async def test_nobody_opens_what_was_not_reserved(alone: Alone, token: str) -> None:
    headers = {TOKEN: token.encode().decode("latin-1")}
    async with request(alone.service, "GET /graphql", b"", EVENT_STREAM, headers) as answer:
        assert answer.status == 404


async def test_an_event_source_names_its_token_in_the_address(alone: Alone) -> None:
    token = alone.http.put("/graphql").text
    async with request(alone.service, f"GET /graphql?token={token}", b"", EVENT_STREAM, {}) as answer:
        assert answer.status == 200
        ask(alone, token, "{ hello }")
        assert await told(answer) == [following("1", {"data": {"hello": "Hello world"}})]


async def test_one_stream_at_a_time_stands_behind_a_reservation(alone: Alone) -> None:
    async with (
        opened(alone) as (token, _),
        request(alone.service, "GET /graphql", b"", EVENT_STREAM, {TOKEN: token}) as second,
    ):
        assert second.status == 409


# Executing operations


async def test_results_of_all_operations_come_over_the_one_stream(alone: Alone) -> None:
    async with opened(alone) as (token, answer):
        response = ask(alone, token, "query { hello }", 'a\n"')
        assert (response.status_code, response.content) == (202, b"")
        assert await told(answer, 2) == [
            following('a\n"', {"data": {"hello": "Hello world"}}),
            ("complete", {"id": 'a\n"'}),
        ]
        ask(alone, token, "mutation { __typename }", "b")
        assert await told(answer, 2) == [
            following("b", {"data": {"__typename": "Mutation"}}),
            ("complete", {"id": "b"}),
        ]
        ask(alone, token, "subscription { count(to: 2) }", "c")
        assert await told(answer, 3) == [
            following("c", {"data": {"count": "1"}}),
            following("c", {"data": {"count": "2"}}),
            ("complete", {"id": "c"}),
        ]


async def test_each_request_is_of_whom_it_says(alone: Alone) -> None:
    async with opened(alone) as (token, answer):
        ask(alone, token, "{ authorization }", Authorization="Bearer ada")
        assert await told(answer) == [following("1", {"data": {"authorization": "Bearer ada"}})]
        response = ask(alone, token, "{ authorization }", "2", Authorization="Bearer bad")
        assert response.status_code == 401


async def test_what_is_not_executed_is_answered_to_the_request(alone: Alone) -> None:
    async with opened(alone) as (token, answer):
        for query, status, code in (
            ("{", 400, "GRAPHQL_PARSE_FAILED"),
            ("{ nothing }", 400, "GRAPHQL_VALIDATION_FAILED"),
            ("query ($n: String!) { hello(name: $n) }", 400, "BAD_ARGUMENT"),
        ):
            response = ask(alone, token, query)
            assert (response.status_code, code_of(response.json())) == (status, code)
        response = ask(alone, token, "{ hello }", Authorization="Bearer poor")
        assert (response.status_code, response.headers["retry-after"]) == (429, "7")
        for wrong in (None, "", 1, "x" * 129):
            assert ask(alone, token, "{ hello }", wrong).status_code == 400
        ask(alone, token, SILENCE)
        assert ask(alone, token, "{ hello }").status_code == 409
        ask(alone, token, "{ hello }", "2")
        assert (await told(answer))[0][1]["id"] == "2"


async def test_an_operation_needs_an_open_stream(alone: Alone) -> None:
    token = alone.http.put("/graphql").text
    assert ask(alone, token, "{ hello }").status_code == 404
    async with opened(alone) as (token, _):
        pass
    await until(lambda: ask(alone, token, "{ hello }").status_code == 404, "the stream to end")


async def test_a_subscription_that_fails_tells_it_and_ends(alone: Alone) -> None:
    async with opened(alone) as (token, answer):
        ask(alone, token, 'subscription { numbers(after: "nonsense") }')
        (kind, payload), end = await told(answer, 2)
    assert kind == "next"
    assert code_of(payload["payload"]) == "BAD_CURSOR"
    assert end == ("complete", {"id": "1"})


async def test_a_token_that_expires_ends_what_was_asked_with_it(alone: Alone) -> None:
    async with opened(alone) as (token, answer):
        ask(alone, token, SILENCE, Authorization="Bearer lasting 0.3")
        (_, payload), end = await told(answer, 2)
        assert code_of(payload["payload"]) == "UNAUTHENTICATED"
        assert end == ("complete", {"id": "1"})
        ask(alone, token, "{ hello }")
        assert await told(answer) == [following("1", {"data": {"hello": "Hello world"}})]


async def test_more_operations_than_a_stream_may_have_are_refused_one_by_one(alone: Alone) -> None:
    async with opened(alone) as (token, _):
        for number in range(100):
            assert ask(alone, token, SILENCE, str(number)).status_code == 202
        response = ask(alone, token, "{ hello }", "too many")
        assert (response.status_code, code_of(response.json())) == (429, "RATE_LIMITED")


# Stopping streaming operations


async def test_a_subscription_is_ended_by_delete_and_its_id_is_free(alone: Alone) -> None:
    await until(lambda: alone.service.streams == 0, "the streams of other tests to end")
    async with opened(alone) as (token, answer):
        for _ in range(3):
            ask(alone, token, SILENCE)
            await until(lambda: alone.service.streams == 1, "the subscription to start")
            assert complete(alone, token, "1").status_code == 200
            await until(lambda: alone.service.streams == 0, "the subscription to end")
        assert complete(alone, token, "unknown").status_code == 200
        ask(alone, token, "{ hello }")
        assert await told(answer) == [following("1", {"data": {"hello": "Hello world"}})]


async def test_a_mutation_that_is_ended_by_delete_runs_on_and_is_not_answered(alone: Alone) -> None:
    begun, written = alone.service.begun, alone.service.written
    async with opened(alone) as (token, answer):
        ask(alone, token, "mutation { write(seconds: 0.8) }")
        await until(lambda: alone.service.begun == begun + 1, "the mutation to begin")
        complete(alone, token, "1")
        await until(lambda: alone.service.written == written + 1, "the mutation to end")
        ask(alone, token, "{ hello }", "2")
        assert (await told(answer))[0][1]["id"] == "2"


async def test_a_client_that_hangs_up_ends_all_its_subscriptions_at_once(alone: Alone) -> None:
    await until(lambda: alone.service.streams == 0, "the streams of other tests to end")
    tasks = alone.service.tasks()
    for _ in range(5):
        async with opened(alone) as (token, _):
            for number in range(3):
                ask(alone, token, SILENCE, str(number))
            await until(lambda: alone.service.streams == 3, "the subscriptions to start")
        await until(lambda: alone.service.streams == 0, "the subscriptions to end")
    await until(lambda: alone.service.tasks() <= tasks, "the tasks to end")
    assert alone.service.tracebacks() == []


async def test_a_shutdown_cuts_the_stream(alone: Alone) -> None:
    async with opened(alone) as (token, answer):
        ask(alone, token, SILENCE)
        await until(lambda: alone.service.streams == 1, "the subscription to start")
        alone.service.close_streams()
        assert await answer.until_cut() == []
    assert alone.service.streams == 0


async def test_a_page_of_elsewhere_is_asked_about_before_it_reserves(alone: Alone) -> None:
    asked = {"Origin": "https://reader.example", "Access-Control-Request-Method": "PUT"}
    response = alone.http.options("/graphql", headers=asked | {"Access-Control-Request-Headers": TOKEN})
    assert response.status_code == 200
    asked["Origin"] = "https://stranger.example"
    assert alone.http.options("/graphql", headers=asked).status_code == 400


def test_bodies_name_what_is_wrong(alone: Alone) -> None:
    response = alone.http.post("/graphql", json={"query": "{ hello }"}, headers={TOKEN: "nonsense"})
    assert json.loads(response.content)["errors"][0]["message"]
