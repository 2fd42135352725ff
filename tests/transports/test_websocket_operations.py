"""graphql-transport-ws: queries, mutations and subscriptions over one connection, by the chapters of the PROTOCOL."""

import anyio
import pytest

from tests.transports.client import acknowledged, client, until
from tests.transports.service import Service
from transports.connection import ConnectionLimits, FrameRate

pytestmark = pytest.mark.anyio


# Subscribe


async def test_subscribe_before_the_ack_is_closed_with_4401(service: Service) -> None:
    async with client(service) as opened:
        await opened.subscribe("{ hello }")
        assert await opened.closed() == (4401, "Unauthorized")


async def test_an_id_in_use_is_closed_with_4409(service: Service) -> None:
    long_id = "ä" * 128
    async with acknowledged(service) as opened:
        await opened.subscribe("subscription { silence }", long_id)
        await opened.subscribe("{ hello }", long_id)
        code, reason = await opened.closed()
    assert code == 4409
    assert reason.startswith("Subscriber for ä")


async def test_an_id_is_free_again_after_complete_and_after_error(service: Service) -> None:
    async with acknowledged(service) as opened:
        for _ in range(3):
            await opened.subscribe("{ hello }")
            assert (await opened.receive())["type"] == "next"
            assert await opened.receive() == {"id": "1", "type": "complete"}
            await opened.subscribe("{ nothing }")
            assert (await opened.receive())["type"] == "error"


async def test_reading_a_document_is_charged_even_if_it_is_refused(service: Service) -> None:
    async with acknowledged(service, "Bearer poor") as opened:
        for text in ("{ nothingAtAll }", "{ unreadable"):
            await opened.subscribe(text)
            (error,) = (await opened.receive())["payload"]
            assert error["extensions"]["code"] == "RATE_LIMITED"


async def test_queries_mutations_and_subscriptions_take_all_their_parameters(service: Service) -> None:
    async with acknowledged(service) as opened:
        document = (
            "query A($name: String!) { hello(name: $name) } mutation B { __typename } subscription C { count(to: 2) }"
        )
        variables = {"name": "Ada"}
        await opened.subscribe(document, "a", operationName="A", variables=variables, extensions={"trace": 1})
        assert await opened.receive() == {"id": "a", "type": "next", "payload": {"data": {"hello": "Hello Ada"}}}
        assert await opened.receive() == {"id": "a", "type": "complete"}
        await opened.subscribe(document, "b", operationName="B", variables=None, extensions=None)
        assert await opened.receive() == {"id": "b", "type": "next", "payload": {"data": {"__typename": "Mutation"}}}
        assert await opened.receive() == {"id": "b", "type": "complete"}
        await opened.subscribe(document, "c", operationName="C")
        for number in ("1", "2"):
            assert await opened.receive() == {"id": "c", "type": "next", "payload": {"data": {"count": number}}}
        assert await opened.receive() == {"id": "c", "type": "complete"}


@pytest.mark.parametrize("operation_id", ['"},"x":"', "\\", "\n\0", "🏃", "é" * 128, "\u2028"])
async def test_an_id_is_the_clients_text_and_comes_back_as_it_was(service: Service, operation_id: str) -> None:
    async with acknowledged(service) as opened:
        await opened.subscribe("{ hello }", operation_id)
        assert await opened.receive() == {
            "id": operation_id,
            "type": "next",
            "payload": {"data": {"hello": "Hello world"}},
        }
        assert await opened.receive() == {"id": operation_id, "type": "complete"}


async def test_operations_run_side_by_side(service: Service) -> None:
    async with acknowledged(service) as opened:
        await opened.subscribe("{ slow(seconds: 0.3) }", "slow")
        await opened.subscribe("{ hello }", "quick")
        order = [(await opened.receive())["id"] for _ in range(4)]
    assert order == ["quick", "quick", "slow", "slow"]


async def test_more_operations_than_a_connection_may_have_are_refused_one_by_one() -> None:
    with Service(limits=ConnectionLimits(operations=3)).running() as service:
        async with acknowledged(service) as opened:
            for number in range(3):
                await opened.subscribe("subscription { silence }", str(number))
            await opened.subscribe("{ hello }", "too many")
            refused = await opened.receive()
            assert (refused["id"], refused["type"]) == ("too many", "error")
            assert refused["payload"][0]["extensions"]["code"] == "RATE_LIMITED"
            await opened.send(type="complete", id="0")
            await until(lambda: service.streams == 2, "the completed stream to be closed")
            await opened.subscribe("{ hello }", "room again")
            assert (await opened.receive())["type"] == "next"


async def test_frames_over_the_limit_are_read_later_and_none_is_lost() -> None:
    with Service(limits=ConnectionLimits(frames_per_second=20)).running() as service:
        async with acknowledged(service) as opened:
            for number in range(60):
                await opened.send(type="ping", payload={"number": number})
            heard = [(await opened.receive())["payload"]["number"] for _ in range(60)]
            assert heard == list(range(60))


def test_frame_rate_delays_frames_over_the_limit_to_the_next_second() -> None:
    now = 100.0
    rate = FrameRate(2, lambda: now)
    assert [rate.delay(), rate.delay()] == [0, 0]
    now = 100.25
    assert rate.delay() == 0.75
    now = 101.0
    assert [rate.delay(), rate.delay(), rate.delay()] == [0, 0, 1]


async def test_each_operation_spends_what_it_costs(service: Service) -> None:
    async with acknowledged(service) as opened:
        for document, spent in (("{ spent }", 1), ("{ hello spent }", 2)):
            await opened.subscribe(document)
            assert (await opened.receive())["payload"]["data"]["spent"] == spent
            assert (await opened.receive())["type"] == "complete"


async def test_operation_over_budget_is_refused_and_the_socket_stays_open(service: Service) -> None:
    begun, streams = service.begun, service.opened
    async with acknowledged(service, "Bearer poor") as opened:
        for document in ("mutation { write }", "subscription { silence }", "{ hello }"):
            await opened.subscribe(document)
            answer = await opened.receive()
            assert (answer["id"], answer["type"]) == ("1", "error")
            assert answer["payload"][0]["extensions"]["code"] == "RATE_LIMITED"
    assert (service.begun, service.opened) == (begun, streams)


# Next, Error and Complete


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("query A { hello } query B { hello }", None),
        ("query ($name: String!) { hello(name: $name) }", None),
        ("subscription ($to: Int!) { count(to: $to) }", None),
    ],
)
async def test_errors_before_execution_are_an_error_message_and_the_socket_lives(
    service: Service, document: str, code: str | None
) -> None:
    async with acknowledged(service) as opened:
        await opened.subscribe(document)
        answer = await opened.receive()
        assert (answer["id"], answer["type"]) == ("1", "error")
        assert answer["payload"][0]["message"]
        assert code is None or answer["payload"][0]["extensions"]["code"] == code
        await opened.subscribe("{ hello }")
        assert (await opened.receive())["type"] == "next"


async def test_errors_of_resolvers_are_part_of_the_result(service: Service) -> None:
    async with acknowledged(service) as opened:
        await opened.subscribe("{ hello broken }")
        answer = await opened.receive()
        assert answer["type"] == "next"
        assert answer["payload"]["errors"]
        assert (await opened.receive())["type"] == "complete"


async def test_a_stream_that_breaks_ends_with_an_error_after_its_items(service: Service) -> None:
    async with acknowledged(service) as opened:
        await opened.subscribe("subscription { breaks }")
        assert (await opened.receive())["payload"] == {"data": {"breaks": "1"}}
        answer = await opened.receive()
        assert (answer["id"], answer["type"]) == ("1", "error")
        assert isinstance(answer["payload"], list)
        await opened.subscribe("{ hello }")
        assert (await opened.receive())["type"] == "next"
    await until(lambda: service.streams == 0, "the stream to be closed")


async def test_a_client_that_completes_closes_the_stream_and_hears_no_more_of_it(service: Service) -> None:
    async with acknowledged(service) as opened:
        await until(lambda: len(service.sockets) == 1, "earlier tests' sockets to be gone")
        await opened.send(type="ping")
        await opened.receive()
        tasks = service.tasks()
        for _ in range(3):
            await opened.subscribe("subscription { fromHere }")
            assert (await opened.receive())["type"] == "next"
            await opened.send(type="complete", id="1")
            await opened.send(type="ping")
            while (answer := await opened.receive()) != {"type": "pong"}:
                assert answer["type"] == "next"
            await until(lambda: service.streams == 0, "the stream to be closed")
            await until(lambda: service.tasks() <= tasks, "its task to end")
        with anyio.move_on_after(0.1):
            pytest.fail(f"Heard {await opened.socket.recv()!r} after complete.")


async def test_completed_in_the_same_breath_an_operation_never_begins(service: Service) -> None:
    async with acknowledged(service) as opened:
        opened_before = service.opened
        for _ in range(50):
            await opened.subscribe("subscription { silence }")
            await opened.send(type="complete", id="1")
        await opened.send(type="ping")
        assert await opened.receive() == {"type": "pong"}
        await until(lambda: service.streams == 0, "the streams to be closed")
    assert service.opened - opened_before <= 50
    assert service.tracebacks() == []


async def test_completing_what_is_unknown_or_over_is_no_error(service: Service) -> None:
    async with acknowledged(service) as opened:
        await opened.send(type="complete", id="never seen")
        await opened.send(type="ping")
        assert await opened.receive() == {"type": "pong"}


async def test_completed_query_is_cancelled(service: Service) -> None:
    finished = service.finished
    async with acknowledged(service) as opened:
        tasks = service.tasks()
        await opened.subscribe("{ slow(seconds: 3600) }", "slow")
        await until(lambda: service.tasks() > tasks, "the query")
        await opened.send(type="complete", id="slow")
        await opened.subscribe("{ hello }", "after")
        assert (await opened.receive())["id"] == "after"
        await until(lambda: service.tasks() <= tasks, "the end of the query")
    assert service.finished == finished


async def test_completed_mutation_still_runs_and_its_result_is_dropped(service: Service) -> None:
    async with acknowledged(service) as opened:
        written = service.written
        await opened.subscribe("mutation { a: write(seconds: 0.1) b: write(seconds: 0.1) }")
        await opened.send(type="complete", id="1")
        await opened.subscribe("{ slow(seconds: 0.3) }")
        assert (await opened.receive())["payload"] == {"data": {"slow": True}}
        assert service.written == written + 2


async def test_disconnected_client_leaves_no_task_and_its_mutation_finishes(service: Service) -> None:
    await until(lambda: len(service.sockets) == 0, "earlier tests' sockets to be gone")
    tasks, written = service.tasks(), service.written
    async with acknowledged(service) as opened:
        await opened.subscribe("subscription { silence }", "1")
        await opened.subscribe("subscription { fromHere }", "2")
        await opened.subscribe("mutation { write(seconds: 0.2) }", "3")
        await until(lambda: service.streams == 2, "the streams")
        opened.socket.transport.abort()
    await until(lambda: service.streams == 0 and service.written == written + 1, "the streams to be closed")
    await until(lambda: service.tasks() <= tasks and len(service.sockets) == 0, "the tasks to end")
    assert service.tracebacks() == []
