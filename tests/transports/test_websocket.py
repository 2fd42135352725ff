"""graphql-transport-ws: how a connection begins, is kept and ends.

The chapters are those of the PROTOCOL; test_websocket_operations has the ones on operations, and test_node_clients runs
the npm client.
"""

import json
from typing import Any

import anyio
import httpx2
import pytest
from structlog.testing import capture_logs
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from tests.transports.client import acknowledged, client, until
from tests.transports.service import ALLOWED_ORIGIN, Service, code_of
from transports.connection import ConnectionLimits, FrameRate
from transports.identity import Revocation
from transports.protocol import WebSocketProtocol
from transports.streams import StreamLimits
from transports.websocket import PROTOCOL

pytestmark = pytest.mark.anyio


# Communication


async def test_the_server_speaks_the_protocol_it_was_asked_for(service: Service) -> None:
    async with client(service, subprotocols=[Subprotocol("graphql-ws"), Subprotocol(PROTOCOL)]) as opened:
        assert opened.socket.subprotocol == PROTOCOL


@pytest.mark.parametrize("subprotocols", [None, [Subprotocol("graphql-ws")]])
async def test_a_client_of_another_protocol_is_closed_with_4406(service: Service, subprotocols: Any) -> None:
    async with client(service, subprotocols=subprotocols) as opened:
        assert await opened.closed() == (4406, "Subprotocol not acceptable")


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", "http://127.0.0.1:1", "https://["])
async def test_a_page_of_another_origin_is_refused_in_the_handshake(service: Service, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with client(service, origin=Origin(origin)):
            pass
    assert refused.value.response.status_code == 403


async def test_pages_of_our_own_and_of_allowed_origins_are_welcome(service: Service) -> None:
    for origin in (ALLOWED_ORIGIN, f"http://127.0.0.1:{service.port}"):
        async with acknowledged(service, origin=Origin(origin)):
            pass


async def test_every_page_is_welcome_where_all_origins_are_allowed() -> None:
    with Service(allowed_origins=["*"]).running() as service:
        async with acknowledged(service, origin=Origin("https://elsewhere.example")):
            pass


async def test_websockets_and_event_streams_of_one_address_are_counted_together() -> None:
    with Service(stream_limits=StreamLimits(per_network=2), trusted_proxies=["127.0.0.1"]).running() as service:
        asked = {"query": "subscription { silence }"}
        stream_headers = {"Accept": "text/event-stream"}
        async with httpx2.AsyncClient(headers=stream_headers) as http, client(service) as first:
            async with http.stream("POST", service.url, json=asked) as stream:
                assert stream.headers["content-type"].startswith("text/event-stream")
                await until(lambda: len(service.open_streams) == 1, "the stream")
                with pytest.raises(InvalidStatus) as refused:
                    async with client(service):
                        pass
                response = refused.value.response
                assert (response.status_code, response.headers["Retry-After"]) == (429, "30")
                assert response.body is not None
                assert code_of(json.loads(response.body)) == "RATE_LIMITED"
                assert "At most 2 event streams and websockets" in response.body.decode()
                # Another address has a count of its own, and a socket that has not begun counts, too.
                async with acknowledged(service, additional_headers={"X-Forwarded-For": "192.0.2.7"}):
                    pass
            await until(lambda: len(service.open_streams) == 0, "the end of the stream")
            async with client(service):
                answer = await http.post(service.url, json=asked)
                assert answer.status_code == 429
            await first.init()


async def test_as_many_handshakes_as_come_at_once_stay_within_the_limit() -> None:
    with Service(stream_limits=StreamLimits(per_network=3)).running() as service:
        statuses = []

        async def open_one() -> None:
            try:
                async with client(service) as opened:
                    statuses.append(101)
                    await until(lambda: len(statuses) == 12, "the other handshakes")
                    await opened.init()
            except InvalidStatus as refused:
                statuses.append(refused.response.status_code)

        async with anyio.create_task_group() as tasks:
            for _ in range(12):
                tasks.start_soon(open_one)
        assert sorted(statuses) == [101] * 3 + [429] * 9


# ConnectionInit and ConnectionAck


@pytest.mark.parametrize("frame", [{}, {"payload": None}, {"payload": {}}, {"payload": {"anything": 1}}, {"id": 1}])
async def test_an_init_needs_no_payload(service: Service, frame: dict[str, Any]) -> None:
    async with client(service) as opened:
        await opened.send(type="connection_init", **frame)
        assert await opened.receive() == {"type": "connection_ack"}


async def test_a_client_that_says_nothing_is_closed_with_4408() -> None:
    with Service(limits=ConnectionLimits(init_seconds=0.1)).running() as service:
        async with client(service) as opened:
            await opened.send(type="ping")
            assert await opened.closed() == (4408, "Connection initialisation timeout")
        async with acknowledged(service) as opened:
            (connection,) = service.sockets
            assert connection.init_timer.cancelled()


async def test_a_second_init_is_closed_with_4429(service: Service) -> None:
    async with acknowledged(service) as opened:
        await opened.send(type="connection_init")
        assert await opened.closed() == (4429, "Too many initialisation requests")


@pytest.mark.parametrize("name", ["authorization", "Authorization", "AUTHORIZATION"])
async def test_the_token_comes_in_the_payload_whichever_way_its_name_is_written(service: Service, name: str) -> None:
    async with client(service) as opened:
        await opened.send(type="connection_init", payload={name: "Bearer ada"})
        await opened.receive()
        await opened.subscribe("{ authorization }")
        assert (await opened.receive())["payload"] == {"data": {"authorization": "Bearer ada"}}


async def test_the_token_of_the_handshake_counts_where_the_payload_has_none(service: Service) -> None:
    headers = {"Authorization": "Bearer hand"}
    for payload, seen in ((None, "Bearer hand"), ("", "Bearer hand"), ("Bearer pay", "Bearer pay")):
        async with acknowledged(service, payload, additional_headers=headers) as opened:
            await opened.subscribe("{ authorization }")
            assert (await opened.receive())["payload"] == {"data": {"authorization": seen}}


async def test_a_bad_token_is_closed_with_4403_before_the_ack(service: Service) -> None:
    async with client(service) as opened:
        await opened.send(type="connection_init", payload={"authorization": "Bearer bad"})
        with pytest.raises(ConnectionClosed) as closed:
            await opened.receive()
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4403, "Forbidden")


async def test_a_token_that_expires_while_connected_ends_the_socket_with_4403(service: Service) -> None:
    async with acknowledged(service, "Bearer lasting 0.4") as opened:
        await opened.subscribe("subscription { silence }")
        await until(lambda: service.streams == 1, "the stream")
        assert await opened.closed() == (4403, "Token expired")
    await until(lambda: service.streams == 0, "the stream to be closed")
    assert service.holds == []


async def test_rights_that_end_while_connected_end_the_socket_with_4403(service: Service) -> None:
    async with acknowledged(service, "Bearer ada") as one, acknowledged(service) as other:
        await one.subscribe("subscription { silence }")
        await until(lambda: service.streams == 1, "the stream")
        service.end_rights(Revocation.CHANGED)
        assert await one.closed() == await other.closed() == (1012, "Rights changed")
    await until(lambda: service.streams == 0 and service.holds == [], "the streams and holds to be gone")


async def test_a_connection_that_ends_lets_go_of_its_rights(service: Service) -> None:
    async with acknowledged(service), acknowledged(service, "Bearer lasting 3600"):
        await until(lambda: len(service.holds) == 2, "the holds")
    await until(lambda: service.holds == [], "the holds to be let go")


async def test_a_fault_of_ours_is_logged_and_the_client_may_come_back(service: Service) -> None:
    with capture_logs() as logs:
        async with client(service) as opened:
            await opened.send(type="connection_init", payload={"authorization": "Bearer crash"})
            assert (await opened.closed())[0] == 1013
    assert [entry["event"] for entry in logs] == ["a websocket failed"]


# Ping and Pong


@pytest.mark.parametrize("payload", [{}, {"payload": {"ä": ["ö"]}}])
async def test_a_ping_is_answered_with_its_payload_even_before_the_init(
    service: Service, payload: dict[str, Any]
) -> None:
    async with client(service) as opened:
        await opened.send(type="ping", **payload)
        assert await opened.receive() == {"type": "pong", **payload}


async def test_a_pong_nobody_asked_for_is_fine(service: Service) -> None:
    async with acknowledged(service) as opened:
        await opened.send(type="pong", payload={"a": 1})
        await opened.send(type="ping")
        assert await opened.receive() == {"type": "pong"}


@pytest.mark.parametrize("websocket", [WebSocketProtocol, "websockets-sansio"], ids=["ours", "any server's"])
@pytest.mark.parametrize("pong", ['{"type":"pong"}', '{"type": "pong", "payload": null}'])
async def test_the_server_pings_and_leaves_a_client_silent_through_two_of_them(pong: str, websocket: Any) -> None:
    with Service(limits=ConnectionLimits(ping_seconds=0.1), websocket=websocket).running() as service:
        async with acknowledged(service) as opened:
            for _ in range(5):
                assert await opened.receive() == {"type": "ping"}
                await opened.socket.send(pong)
            assert await opened.closed() == (4408, "No answer to pings")


PONG_FRAME = bytes.fromhex("818f01020304") + bytes(
    byte ^ mask for byte, mask in zip(b'{"type":"pong"}', b"\x01\x02\x03\x04" * 4, strict=False)
)


@pytest.mark.parametrize(
    "parts",
    [
        [PONG_FRAME],
        [PONG_FRAME[:1], PONG_FRAME[1:]],
        [PONG_FRAME[:2], PONG_FRAME[2:7], PONG_FRAME[7:]],
        [PONG_FRAME * 2],
        [PONG_FRAME + PONG_FRAME[:3], PONG_FRAME[3:]],
    ],
    ids=["whole", "torn in the header", "torn twice", "two at once", "one and a piece"],
)
async def test_a_pong_is_understood_however_the_network_tears_it(parts: list[bytes]) -> None:
    with Service(limits=ConnectionLimits(ping_seconds=0.2)).running() as service:
        async with acknowledged(service) as opened:
            transport = opened.socket.transport
            for _ in range(4):
                assert await opened.receive() == {"type": "ping"}
                for part in parts:
                    transport.write(part)
                    # So that the network does not join the parts again.
                    await anyio.sleep(0.01)
            await opened.subscribe("{ hello }")
            answers = [await opened.receive() for _ in range(2)]
            assert [answer["type"] for answer in answers if answer["type"] != "ping"] == ["next", "complete"]


async def test_unsolicited_pongs_count_as_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[FrameRate] = []

    def delay(rate: FrameRate) -> float:
        counted.append(rate)
        return 0.0

    monkeypatch.setattr(FrameRate, "delay", delay)
    with Service().running() as service:
        async with acknowledged(service) as opened:
            for _ in range(60):
                await opened.send(type="pong")
            await opened.send(type="ping")
            assert await opened.receive() == {"type": "pong"}
            # The init and the pongs; the ping is counted after it is answered.
            assert len(counted) >= 61


# Invalid messages

MALFORMED = [
    "",
    "{",
    "null",
    "1",
    "[]",
    '"ping"',
    "{}",
    '{"type":1}',
    '{"type":null}',
    '{"type":"start"}',
    '{"type":"connection_ack"}',
    '{"type":"next","id":"1","payload":{}}',
    '{"type":"ping","payload":1}',
    '{"type":"pong","payload":[]}',
    '{"type":"connection_init","payload":"token"}',
    '{"type":"connection_init","payload":{"authorization":1}}',
    '{"type":"complete"}',
    '{"type":"complete","id":1}',
    '{"type":"subscribe","payload":{"query":"{ hello }"}}',
    '{"type":"subscribe","id":"","payload":{"query":"{ hello }"}}',
    '{"type":"subscribe","id":1,"payload":{"query":"{ hello }"}}',
    '{"type":"subscribe","id":"%s","payload":{"query":"{ hello }"}}' % ("x" * 129),
    '{"type":"subscribe","id":"1"}',
    '{"type":"subscribe","id":"1","payload":[]}',
    '{"type":"subscribe","id":"1","payload":{}}',
    '{"type":"subscribe","id":"1","payload":{"query":1}}',
    '{"type":"subscribe","id":"1","payload":{"query":"{ hello }","variables":[]}}',
    '{"type":"subscribe","id":"1","payload":{"query":"{ hello }","operationName":1}}',
    '{"type":"subscribe","id":"1","payload":{"query":"{ hello }","extensions":1}}',
    '{"type":"ping","payload":{"a":"%s"}}' % ("x" * 65_536),
    '{"type":"connection_init","payload":{"authorization":"Bearer \\ud800"}}',
    '{"type":"subscribe","id":"\\ud800","payload":{"query":"{ hello }"},}',
    "[" * 5000,
    b'{"type":"ping"}',
]


@pytest.mark.parametrize("frame", MALFORMED)
async def test_a_malformed_frame_is_closed_with_4400_and_a_short_reason(service: Service, frame: str | bytes) -> None:
    # Before the init as well as after it.
    async with client(service) as opened:
        await opened.socket.send(frame)
        code, reason = await opened.closed()
        assert code == 4400
        assert 0 < len(reason.encode()) <= 123
    if "connection_init" not in str(frame):
        async with acknowledged(service) as opened:
            await opened.socket.send(frame)
            assert (await opened.closed())[0] == 4400
    assert service.tracebacks() == []


# The life of a connection


async def test_a_shutdown_sends_the_clients_elsewhere_with_1012() -> None:
    with Service().running() as service:
        async with acknowledged(service) as first, acknowledged(service) as second, client(service) as third:
            await first.subscribe("subscription { silence }")
            await second.subscribe("mutation { write(seconds: 0.2) }")
            await until(lambda: service.streams == 1 and service.begun == 1, "the operations")
            assert len(service.sockets) == 3
            await anyio.to_thread.run_sync(service.close_sockets)
            assert (service.streams, service.written, len(service.sockets)) == (0, 1, 0)
            for opened in (first, second, third):
                assert await opened.closed() == (1012, "Service restart")
        assert service.tracebacks() == []


async def test_client_that_reads_nothing_is_closed_and_others_are_served() -> None:
    with Service(limits=ConnectionLimits(send_seconds=0.3)).running() as service:
        # A small window, and a reader that stops: soon nothing more can be sent.
        async with acknowledged(service, max_queue=1) as stuck, acknowledged(service) as other:
            await stuck.subscribe("subscription { count(to: 1000, characters: 200000) }")
            await until(lambda: service.streams == 1, "the stream")
            await other.subscribe("{ hello }")
            assert (await other.receive())["type"] == "next"
            await until(lambda: service.streams == 0 and len(service.sockets) == 1, "the stuck client to be left")
            stuck.socket.transport.abort()
        assert service.tracebacks() == []
