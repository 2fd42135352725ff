"""GraphQL over server-sent events, by the chapters of graphql-sse's PROTOCOL and what HTML says of event streams."""

import asyncio
import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx2
import pytest
from structlog.testing import capture_logs

from tests.transports.asking import DOCUMENT
from tests.transports.client import until
from tests.transports.events import COMPLETE, EVENT_STREAM, Answer, Event, got, posted
from tests.transports.service import ALLOWED_ORIGIN, Service, code_of
from transports.negotiation import GRAPHQL_RESPONSE, JSON, MULTIPART
from transports.streams import StreamLimits

pytestmark = pytest.mark.anyio

NUMBERS = "subscription ($after: String, $to: Int! = 1000000) { numbers(after: $after, to: $to) }"

Asking = Callable[..., AbstractAsyncContextManager[Answer]]
both_ways = pytest.mark.parametrize("asking", [posted, got])


async def codes(answer: Answer) -> list[str]:
    """The codes of the one event before `complete`, which has no data."""
    told, end = await answer.rest()
    assert end == COMPLETE
    assert told.event == "next"
    assert "data" not in told.json()
    return [error["extensions"]["code"] for error in told.json()["errors"]]


# Distinct connections mode: the answer


@both_ways
async def test_a_stream_is_named_kept_by_nobody_and_told_apart_by_accept(service: Service, asking: Asking) -> None:
    async with asking(service, "subscription { silence }") as answer:
        assert answer.status == 200
        assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert answer.headers["cache-control"] == "private, no-store"
        assert answer.headers["x-accel-buffering"] == "no"
        assert answer.headers["vary"] == "Accept, Authorization, Origin"


async def test_lines_end_with_lf_and_each_result_is_one_event(service: Service) -> None:
    async with posted(service, "subscription { count(to: 2) }") as answer:
        assert await answer.body() == (
            b":\n"
            b'event: next\ndata: {"data":{"count":"1"}}\n\n'
            b'event: next\ndata: {"data":{"count":"2"}}\n\n'
            b"event: complete\ndata:\n\n"
        )


async def test_a_result_may_hold_any_text(service: Service) -> None:
    name = "\n\r\r\n\u2028event: complete\n\n🏃"
    async with posted(service, "query ($name: String!) { hello(name: $name) }", {"name": name}) as answer:
        assert await answer.results(1) == [{"hello": f"Hello {name}"}]


@both_ways
async def test_queries_are_one_result_and_the_end(service: Service, asking: Asking) -> None:
    async with asking(service, "query ($name: String!) { hello(name: $name) broken }", {"name": "Ada"}) as answer:
        assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
        told, end = await answer.rest()
    assert told.json()["data"] is None
    assert code_of(told.json()) == "INTERNAL"
    assert end == COMPLETE


async def test_mutations_are_sent_by_post(service: Service) -> None:
    written = service.written
    async with posted(service, "mutation { write }") as answer:
        assert await answer.rest() == [Event("next", f'{{"data":{{"write":{written + 1}}}}}'), COMPLETE]


async def test_a_mutation_by_get_is_refused(service: Service) -> None:
    begun = service.begun
    async with got(service, "mutation { write }") as answer:
        assert answer.status == 405
        assert answer.headers["allow"] == "POST"
    assert service.begun == begun


async def test_a_mutation_runs_to_its_end_when_the_client_hangs_up(service: Service) -> None:
    begun, written = service.begun, service.written
    body = {"query": "mutation { write(seconds: 0.5) }"}
    with pytest.raises(httpx2.ReadTimeout):
        httpx2.post(service.url, json=body, headers={"Accept": EVENT_STREAM}, timeout=0.3)
    assert service.begun == begun + 1
    await until(lambda: service.written == written + 1, "the mutation to end")


@pytest.mark.parametrize(
    "accept",
    [
        f"{GRAPHQL_RESPONSE}, application/graphql+json, {JSON}, text/event-stream, multipart/mixed",
        f"text/event-stream, {JSON}",
    ],
)
async def test_client_that_accepts_both_gets_json_and_streams_subscriptions(service: Service, accept: str) -> None:
    async with posted(service, "{ hello }", accept=accept) as answer:
        assert answer.headers["content-type"] in (f"{GRAPHQL_RESPONSE}; charset=utf-8", f"{JSON}; charset=utf-8")
        assert await answer.body() == b'{"data":{"hello":"Hello world"}}'
    async with posted(service, "subscription { count(to: 1) }", accept=accept) as answer:
        assert await answer.rest() == [Event("next", '{"data":{"count":"1"}}'), COMPLETE]


# Distinct connections mode: what is not executed


@both_ways
@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("query ($name: String!) { hello(name: $name) }", "BAD_ARGUMENT"),
        ("query A { hello } query B { hello }", "BAD_ARGUMENT"),
    ],
)
async def test_errors_before_execution_come_in_the_stream(
    service: Service, asking: Asking, document: str, code: str
) -> None:
    async with asking(service, document) as answer:
        assert answer.status == 200
        assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert await codes(answer) == [code]


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [(b"{", JSON, 400), (b"[]", JSON, 400), (b"{}", JSON, 400), (b"{}", "text/plain", 415), (b" " * 10_001, JSON, 413)],
)
async def test_a_malformed_request_is_refused_before_any_stream(
    service: Service, body: bytes, content_type: str, status: int
) -> None:
    headers = {"Accept": EVENT_STREAM, "Content-Type": content_type}
    response = httpx2.post(service.url, content=body, headers=headers)
    assert response.status_code == status
    assert code_of(response.json()) == ("REQUEST_TOO_LARGE" if status == 413 else "BAD_ARGUMENT")


@both_ways
async def test_a_bad_token_is_refused_before_any_stream(service: Service, asking: Asking) -> None:
    async with asking(service, NUMBERS, headers={"Authorization": "Bearer bad"}) as answer:
        assert answer.status == 401
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_who_has_nothing_left_to_spend_may_come_back_and_is_told_when(service: Service) -> None:
    opened = service.opened
    poor = {"Authorization": "Bearer poor"}
    for query in (NUMBERS, "{ hello }"):
        async with got(service, query, headers=poor) as answer:
            (told,) = await answer.rest()
            assert code_of(told.json()) == "RATE_LIMITED"
            assert answer.retry == 7_000
        # graphql-sse comes back from a status of failure, and from an end that it was not told of it does not.
        async with posted(service, query, headers=poor) as answer:
            assert answer.status == 429
            assert answer.headers["retry-after"] == "7"
            assert b"RATE_LIMITED" in await answer.body()
    assert service.opened == opened


async def test_a_subscription_that_fails_later_tells_it_and_ends(service: Service) -> None:
    with capture_logs() as logs:
        async with posted(service, "subscription { breaks }") as answer:
            assert await answer.results(1) == [{"breaks": "1"}]
            assert await codes(answer) == ["INTERNAL"]
    assert [entry["log_level"] for entry in logs] == ["error"]


# Streaming operations are completed by closing the connection


@both_ways
async def test_a_client_that_hangs_up_ends_its_stream_at_once(service: Service, asking: Asking) -> None:
    await until(lambda: service.streams == 0, "the streams of other tests to end")
    tasks = service.tasks()
    for _ in range(20):
        async with asking(service, "subscription { silence }") as answer:
            await answer.chunk()
            await until(lambda: service.streams == 1, "the stream to open")
        await until(lambda: service.streams == 0, "the stream to end")
    await until(lambda: service.tasks() <= tasks, "the tasks to end")
    assert len(service.open_streams) == 0
    assert service.tracebacks() == []


async def test_a_connection_serves_again_after_its_stream_has_completed(service: Service) -> None:
    with httpx2.Client() as client:
        for _ in range(3):
            body = {"query": "subscription { count(to: 1) }"}
            with client.stream("POST", service.url, json=body, headers={"Accept": EVENT_STREAM}) as response:
                connection = response.extensions["network_stream"].get_extra_info("client_addr")
                assert response.read().endswith(b"event: complete\ndata:\n\n")
            response = client.post(service.url, json=DOCUMENT)
            assert response.status_code == 200
            assert response.extensions["network_stream"].get_extra_info("client_addr") == connection


# Event streams: ids, and coming back


async def test_each_result_is_named_by_its_cursor_where_one_can_come_back(service: Service) -> None:
    async with got(service, NUMBERS, {"to": 2}) as answer:
        body = await answer.body()
    assert re.fullmatch(
        rb"retry: \d+\n"
        rb'id: n1\nevent: next\ndata: {"data":{"numbers":1}}\n\n'
        rb'id: n2\nevent: next\ndata: {"data":{"numbers":2}}\n\n'
        rb"event: complete\ndata:\n\n",
        body,
    )


POSITIONS = [
    (got, EVENT_STREAM, rb"id: n1\nevent: position\ndata:\n\nid: n4\nevent: next\n"),
    (posted, EVENT_STREAM, rb":\nid: n1\nid: n4\nevent: next\n"),
    (posted, f"{MULTIPART};subscriptionSpec=1.0", rb'--graphql\r\nContent-Type: application/json\r\n\r\n{"payload"'),
]


@pytest.mark.parametrize(("asking", "accept", "opening"), POSITIONS)
async def test_a_stream_says_its_position_once_before_its_first_item(
    service: Service, asking: Asking, accept: str, opening: bytes
) -> None:
    async with asking(service, "subscription { numbers(to: 5, quiet: 3) }", accept=accept) as answer:
        assert re.search(opening, await answer.body())


@both_ways
async def test_a_stream_that_is_cut_before_its_first_item_resumes_there(service: Service, asking: Asking) -> None:
    query = "subscription { numbers(to: 3, quiet: 1) }"
    async with asking(service, query) as answer:
        opening = b""
        while b"id: n1\n" not in opening:
            opening += await answer.chunk()
        assert b"event: next" not in opening
    async with asking(service, query, headers={"Last-Event-ID": "n1"}) as answer:
        assert await answer.results(2) == [{"numbers": 2}, {"numbers": 3}]


@both_ways
async def test_subscription_resumes_after_last_event_id(service: Service, asking: Asking) -> None:
    for sent, after, expected in (
        ({"Last-Event-ID": "n5"}, None, 6),
        # An EventSource opens the same address again, however far it has come since.
        ({"Last-Event-ID": "n5"}, "n2", 6),
        ({"Last-Event-ID": ""}, "n2", 3),
        ({}, "n2", 3),
    ):
        async with asking(service, NUMBERS, {"after": after, "to": 8}, headers=sent) as answer:
            heard = [event.json()["data"]["numbers"] for event in (await answer.rest())[:-1]]
        assert heard == list(range(expected, 9))


async def test_last_event_id_applies_to_a_field_without_after_argument(service: Service) -> None:
    async with got(service, "subscription { numbers(to: 7) }", headers={"Last-Event-ID": "n5"}) as answer:
        assert await answer.results(2) == [{"numbers": 6}, {"numbers": 7}]


async def test_a_last_event_id_that_is_no_cursor_ends_the_stream_with_its_error(service: Service) -> None:
    async with got(service, NUMBERS, headers={"Last-Event-ID": "\xff; drop"}) as answer:
        assert await codes(answer) == ["BAD_CURSOR"]


async def test_an_event_source_is_told_when_to_come_back_each_at_another_time(service: Service) -> None:
    retries = set()
    for _ in range(10):
        async with got(service, "subscription { count(to: 1) }") as answer:
            await answer.rest()
            assert answer.retry is not None
            assert 1_000 <= answer.retry <= 5_000
            retries.add(answer.retry)
    assert len(retries) > 5


async def test_many_results_at_once_come_in_order_and_whole(service: Service) -> None:
    document = "subscription { numbers(to: 12000, atOnce: 6000) }"
    async with posted(service, document) as answer:
        heard = [result["numbers"] for result in await answer.results(12_000)]
    assert heard == list(range(1, 12_001))


# The connection


async def test_a_silent_stream_shows_that_it_lives() -> None:
    with Service(stream_limits=StreamLimits(heartbeat_seconds=0.02)).running() as service:
        async with posted(service, "subscription { silence }") as answer:
            assert [await answer.chunk() for _ in range(4)] == [b":\n"] * 4


@pytest.mark.parametrize(
    ("query", "position"),
    [
        ("subscription { numbers(pause: 60) }", b"id: n1\n"),
        ("subscription { numbers(pause: 60, atOnce: 3) }", b"id: n3\n"),
        ("subscription { numbers(pause: 60, quiet: 1) }", b"id: n1\n"),
        ("subscription { silence }", b""),
    ],
)
async def test_heartbeats_by_get_are_events_with_the_position_of_the_stream(query: str, position: bytes) -> None:
    heartbeat = position + b"event: heartbeat\ndata:\n\n"
    with Service(stream_limits=StreamLimits(heartbeat_seconds=0.02)).running() as service:
        async with got(service, query) as answer:
            # The retry, and the item or the opening position.
            before = [await answer.chunk() for _ in range(2 if position else 1)]
            assert [await answer.chunk() for _ in range(3)] == [heartbeat] * 3
    assert not any(b"heartbeat" in chunk for chunk in before)


async def test_no_heartbeat_names_another_position_than_the_event_before_it() -> None:
    with Service(stream_limits=StreamLimits(heartbeat_seconds=0.002)).running() as service:
        async with got(service, "subscription { numbers(to: 300, pause: 0.002) }") as answer:
            ids = re.findall(rb"id: n(\d+)\nevent: (\w+)", await answer.body())
    numbers = [int(number) for number, _ in ids]
    assert [int(number) for number, event in ids if event == b"next"] == list(range(1, 301))
    assert numbers == sorted(numbers)
    assert any(event == b"heartbeat" for _, event in ids)


@both_ways
async def test_expired_token_cuts_the_stream_so_that_the_client_reconnects(service: Service, asking: Asking) -> None:
    headers = {"Authorization": "Bearer lasting 0.3"}
    async with asking(service, "subscription { silence }", headers=headers) as answer:
        (told,) = await answer.until_cut()
    assert code_of(told.json()) == "UNAUTHENTICATED"
    await until(lambda: service.streams == 0, "the stream to end")


async def test_a_client_that_stops_reading_is_cut_off_and_nothing_piles_up() -> None:
    characters = 10_000
    with Service(stream_limits=StreamLimits(send_seconds=0.3)).running() as service:
        document = "subscription ($n: Int!) { count(to: 1000000, characters: $n) }"
        async with posted(service, document, {"n": characters}) as answer:
            await until(lambda: service.streams == 1, "the stream to open")
            await until(lambda: service.streams == 0, "the stream to be ended")
            # What the kernel holds on both sides, and some results in the server.
            assert service.told * characters < 20_000_000
            with pytest.raises(EOFError):
                await answer.body()
        assert len(service.open_streams) == 0
        assert service.tracebacks() == []


async def test_a_shutdown_cuts_streams(service: Service) -> None:
    async with (
        posted(service, "subscription { silence }") as one,
        got(service, NUMBERS) as other,
        posted(service, "subscription { silence }", accept="multipart/mixed;subscriptionSpec=1.0") as third,
    ):
        await until(lambda: len(service.open_streams) == 3, "the streams to open")
        service.close_streams()
        assert service.streams == 0
        assert await one.until_cut() == []
        assert COMPLETE not in await other.until_cut()
        with pytest.raises(EOFError):
            await third.body()


async def test_an_address_has_so_many_streams_and_no_more() -> None:
    with Service(stream_limits=StreamLimits(per_network=2)).running() as service:
        async with posted(service, "subscription { silence }") as first, got(service, "subscription { silence }"):
            await first.chunk()
            await until(lambda: len(service.open_streams) == 2, "the streams to open")
            async with posted(service, "subscription { silence }") as refused:
                assert refused.status == 429
            async with got(service, "subscription { silence }") as refused:
                (told,) = await refused.rest()
                assert code_of(told.json()) == "RATE_LIMITED"
        await until(lambda: len(service.open_streams) == 0, "the streams to end")
        async with posted(service, "subscription { count(to: 1) }") as again:
            assert await again.results(1) == [{"count": "1"}]


async def test_an_allowed_page_may_send_a_last_event_id(service: Service) -> None:
    asked = {
        "Origin": ALLOWED_ORIGIN,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "last-event-id",
    }
    response = httpx2.options(service.url, headers=asked)
    assert response.status_code == 200
    assert "Last-Event-ID" in response.headers["access-control-allow-headers"]
    async with got(service, "subscription { silence }", headers={"Origin": ALLOWED_ORIGIN}) as answer:
        assert answer.headers["access-control-allow-origin"] == ALLOWED_ORIGIN


# Single connection mode


@pytest.mark.parametrize(("method", "address"), [("PUT", ""), ("DELETE", "?operationId=1"), ("GET", "?token=1")])
async def test_single_connection_mode_is_refused_with_501(service: Service, method: str, address: str) -> None:
    response = httpx2.request(method, service.url + address, headers={"X-GraphQL-Event-Stream-Token": "1"})
    assert response.status_code == 501
    assert code_of(response.json()) == "SINGLE_CONNECTION_UNAVAILABLE"


# Plain ASGI


class Plain:
    """A server that knows no more than ASGI."""

    def __init__(self, service: Service, takes: int) -> None:
        self.service = service
        self.takes = takes
        self.requests = [{"type": "http.request", "body": b'{"query":"subscription { numbers }"}'}]
        self.bodies: list[bytes] = []
        self.is_over = False

    async def serve(self) -> None:
        headers = [(b"content-type", b"application/json"), (b"accept", EVENT_STREAM.encode())]
        scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "headers": headers}
        await self.service.application()(scope, self._receive, self._send)

    async def _receive(self) -> Any:
        return self.requests.pop() if self.requests else await asyncio.Event().wait()

    async def _send(self, message: Any) -> None:
        if len(self.bodies) == self.takes:
            raise OSError("The client has gone.")
        if message["type"] == "http.response.body":
            self.bodies.append(message["body"])
            self.is_over = not message.get("more_body")


async def test_a_server_that_tells_of_a_lost_client_by_an_error_is_understood() -> None:
    service = Service()
    plain = Plain(service, takes=3)
    await plain.serve()
    assert plain.bodies == [
        b":\n",
        b'id: n1\nevent: next\ndata: {"data":{"numbers":1}}\n\n',
        b'id: n2\nevent: next\ndata: {"data":{"numbers":2}}\n\n',
    ]
    assert service.streams == 0


async def test_a_server_that_cuts_no_connection_ends_the_answer() -> None:
    service = Service()
    plain = Plain(service, takes=1_000_000)
    serving = asyncio.create_task(plain.serve())
    while len(plain.bodies) < 3:
        await asyncio.sleep(0)
    await service.open_streams.close_all()
    await serving
    assert plain.is_over
    assert service.streams == 0
