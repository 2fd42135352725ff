"""Apollo's multipart subscriptions: what is on the wire. Apollo Client itself runs in test_stream_clients."""

import json
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.transports.client import until
from tests.transports.events import Answer, posted
from tests.transports.service import Service, code_of
from transports.negotiation import JSON
from transports.streams import StreamLimits

pytestmark = pytest.mark.anyio

ACCEPT = "multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json"
HEAD = b"\r\nContent-Type: application/json\r\n\r\n"


async def parts(answer: Answer) -> list[Any]:
    """What the parts say, to the end, which must be one."""
    first, *told, end = (await answer.body()).split(b"\r\n--graphql")
    assert (first, end) == (b"", b"--\r\n")
    assert all(part.startswith(HEAD) for part in told)
    return [json.loads(part.removeprefix(HEAD)) for part in told]


async def test_each_result_is_a_part_that_ends_with_its_delimiter(service: Service) -> None:
    async with posted(service, "subscription { count(to: 2) }", accept=ACCEPT) as answer:
        assert answer.headers["content-type"] == 'multipart/mixed; boundary="graphql"; subscriptionSpec="1.0"'
        assert await answer.chunk() == b"\r\n--graphql" + HEAD + b"{}\r\n--graphql"
        assert await answer.body() == (
            HEAD + b'{"payload":{"data":{"count":"1"}}}\r\n--graphql'
            b'\r\nContent-Type: application/json\r\n\r\n{"payload":{"data":{"count":"2"}}}\r\n--graphql'
            b"--\r\n"
        )


async def test_a_silent_stream_shows_that_it_lives() -> None:
    with Service(stream_limits=StreamLimits(heartbeat_seconds=0.02)).running() as service:
        async with posted(service, "subscription { silence }", accept=ACCEPT) as answer:
            await answer.chunk()
            assert [await answer.chunk() for _ in range(3)] == [HEAD + b"{}\r\n--graphql"] * 3


async def test_what_ends_a_stream_stands_beside_the_payload(service: Service) -> None:
    document = "subscription { breaks }"
    with capture_logs():
        async with posted(service, document, accept=ACCEPT) as answer:
            beat, told, end = await parts(answer)
    assert beat == {}
    assert told == {"payload": {"data": {"breaks": "1"}}}
    assert end["payload"] is None
    assert code_of(end) == "INTERNAL"


async def test_a_token_that_expires_ends_the_stream(service: Service) -> None:
    headers = {"Authorization": "Bearer lasting 0.2"}
    async with posted(service, "subscription { silence }", accept=ACCEPT, headers=headers) as answer:
        await answer.chunk()
        part = await answer.chunk()
        assert b'"payload":null' in part
        assert b"UNAUTHENTICATED" in part
        with pytest.raises(EOFError):
            await answer.chunk()
    await until(lambda: service.streams == 0, "the stream to end")


async def test_queries_and_what_is_not_executed_come_as_json(service: Service) -> None:
    for document in ("{ hello }", "subscription { nothing }"):
        async with posted(service, document, accept=ACCEPT) as answer:
            assert answer.headers["content-type"] == f"{JSON}; charset=utf-8"
            assert answer.status == 200
