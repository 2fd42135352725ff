"""Requests with half an emoji, or too long ones, at every door: an error of that request alone, with a stable code."""

import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, suppress
from typing import Any
from urllib.parse import quote, urlencode

import anyio
import httpx2
import pytest
from websockets.exceptions import ConnectionClosed

from tests.support.waiting import eventually
from tests.transports.client import Client, acknowledged
from tests.transports.service import Service, code_of
from tests.transports.test_request_limits import UPGRADE, connection
from transports.held import Held
from transports.negotiation import EVENT_STREAM, MULTIPART
from transports.parameters import MAX_REQUEST_BYTES, MAX_SEARCHED, InvalidText, MalformedRequest, decoded
from transports.protocol import FRAGMENT_BYTES, MAX_FRAME_BYTES, MAX_URL_BYTES

pytestmark = pytest.mark.anyio

HELLO = "query ($name: String) { hello(name: $name) }"
HALF = "cut \ud83d"
OTHER_HALF = "\ude00 cut"

CUT: list[tuple[dict[str, Any], list[str]]] = [
    ({"query": HELLO, "variables": {"name": HALF}}, ["variables", "name"]),
    ({"query": HELLO, "variables": {"name": OTHER_HALF + HALF}}, ["variables", "name"]),
    ({"query": HELLO, "variables": {"name": "Ada", "more": [1, {"text": HALF}]}}, ["variables", "more", "1", "text"]),
    ({"query": HELLO, "variables": {HALF: "Ada"}}, ["variables"]),
    ({"query": f'{{ hello(name: "{HALF}") }}'}, ["query"]),
    ({"query": HELLO, "operationName": HALF}, ["operationName"]),
    (
        {"query": HELLO, "extensions": {"persistedQuery": {"sha256Hash": HALF}}},
        ["extensions", "persistedQuery", "sha256Hash"],
    ),
    ({"documentId": HALF}, ["documentId"]),
]
"""Requests, and the path to their cut text."""
STREAM = "subscription { numbers(pause: 0.01) }"

Door = Callable[[Service, str], Awaitable[Any]]
"""Sends a request, as the JSON of a body, and returns its response, or the payload of the message about it."""


async def posted(service: Service, body: str, accept: str = "application/json") -> Any:
    headers = {"Content-Type": "application/json", "Accept": accept}
    async with httpx2.AsyncClient() as http:
        response = await http.post(service.url, content=body.encode(errors="surrogatepass"), headers=headers)
    assert response.status_code in (400, 413)
    return response.json()


async def posted_for_events(service: Service, body: str) -> Any:
    return await posted(service, body, EVENT_STREAM)


async def posted_for_parts(service: Service, body: str) -> Any:
    return await posted(service, body, f"{MULTIPART};subscriptionSpec=1.0, application/json")


async def got(service: Service, body: str, accept: str = "application/json") -> Any:
    asked = {name: value if isinstance(value, str) else json.dumps(value) for name, value in json.loads(body).items()}
    query = urlencode(asked, errors="surrogatepass")
    async with httpx2.AsyncClient() as http:
        response = await http.get(f"{service.url}?{query}", headers={"Accept": accept})
    assert response.status_code in (400, 414)
    return response.json()


async def got_for_events(service: Service, body: str) -> Any:
    return await got(service, body, EVENT_STREAM)


async def sent(service: Service, body: str) -> Any:
    """Over a websocket on which a stream is open, which goes on."""
    async with acknowledged(service) as opened:
        await opened.subscribe(STREAM, "stream")
        await opened.socket.send(f'{{"type":"subscribe","id":"cut","payload":{body}}}')
        last = 0
        while (message := await opened.receive())["id"] == "stream":
            last = message["payload"]["data"]["numbers"]
        assert message["id"] == "cut"
        assert message["type"] == "error"
        assert await next_number(opened) > last
        return {"errors": message["payload"]}


async def next_number(opened: Client) -> int:
    message = await opened.receive()
    assert message["id"] == "stream"
    number: int = message["payload"]["data"]["numbers"]
    return number


DOORS: list[Door] = [posted, posted_for_events, posted_for_parts, got, got_for_events, sent]


@pytest.mark.parametrize("door", DOORS)
async def test_half_an_emoji_is_invalid_text_at_every_door(service: Service, door: Door) -> None:
    for asked, path in CUT:
        response = await door(service, json.dumps(asked))
        assert code_of(response) == "INVALID_TEXT", asked
        assert response["errors"][0]["extensions"]["path"] == path
        assert ".".join(path) in response["errors"][0]["message"]
    whole = {"query": HELLO, "variables": {"name": "\U0001f600"}}
    response = httpx2.post(service.url, content=json.dumps(whole), headers={"Content-Type": "application/json"})
    assert response.json() == {"data": {"hello": "Hello \U0001f600"}}
    assert service.tracebacks() == []


async def test_half_an_emoji_as_bytes_is_invalid_text(service: Service) -> None:
    # As encodings other than UTF-8 (CESU-8, WTF-8) write it. A frame of a websocket must be UTF-8: test_fuzz.
    response = await posted(service, json.dumps({"query": HELLO, "variables": {"name": HALF}}, ensure_ascii=False))
    assert code_of(response) == "INVALID_TEXT"
    response = httpx2.get(f"{service.url}?query={quote('{hello}')}&operationName=%ED%A0%BD").json()
    assert response["errors"][0]["extensions"] == {"code": "INVALID_TEXT", "path": ["operationName"]}
    assert code_of(httpx2.get(f"{service.url}?query=%FF").json()) == "BAD_ARGUMENT"


@pytest.mark.parametrize(
    "body", ['{"query":"\\ud83d"', '{"query":"\\ud83d\\ude00","a":NaN}', "[" * 5_000 + '"\\ud83d"']
)
async def test_what_is_not_json_is_not_searched_for_half_an_emoji(service: Service, body: str) -> None:
    assert code_of(await posted(service, body)) == "BAD_ARGUMENT"


async def test_a_websocket_lives_through_half_an_emoji_in_any_message(service: Service) -> None:
    async with acknowledged(service) as opened:
        await opened.subscribe(STREAM, "stream")
        await next_number(opened)
        await opened.send(type="subscribe", id=HALF, payload={"query": "{ hello }"})
        while (message := await opened.receive())["id"] == "stream":
            pass
        assert (message["id"], message["type"]) == (HALF, "error")
        assert message["payload"][0]["extensions"] == {"code": "INVALID_TEXT", "path": ["id"]}
        await opened.send(type="complete", id=HALF)
        await opened.send(type="pong", payload={"text": HALF})
        await opened.send(type="complete", id="stream")
        await opened.send(type="ping", payload={"text": HALF})
        while (message := await opened.receive())["type"] == "next":
            pass
        assert message == {"type": "pong", "payload": {"text": HALF}}
    assert service.tracebacks() == []


# What is too long

LIMITS: dict[Door, int] = {sent: MAX_REQUEST_BYTES, got: MAX_URL_BYTES, got_for_events: MAX_URL_BYTES}


@pytest.mark.parametrize("door", DOORS)
async def test_a_request_that_is_too_long_is_refused_with_its_limit(service: Service, door: Door) -> None:
    limit = LIMITS.get(door, service.max_body_bytes)
    response = await door(service, json.dumps({"query": HELLO, "variables": {"name": "x" * limit}}))
    assert code_of(response) == "REQUEST_TOO_LARGE"
    assert str(limit) in response["errors"][0]["message"]
    if door not in (got, got_for_events):
        assert response["errors"][0]["extensions"]["limit"] == limit
    assert service.tracebacks() == []


@pytest.mark.parametrize("letter", ["x", "\u8a9e", "\U0001f600"])
async def test_a_websocket_takes_what_a_body_may_hold(service: Service, letter: str) -> None:
    name = letter * (800_000 // len(json.dumps(letter)))
    async with acknowledged(service) as opened:
        await opened.subscribe("{ hello }", variables={"name": name})
        assert (await opened.receive())["type"] == "next"


def test_half_an_emoji_among_thousands_of_values_is_invalid_text() -> None:
    with pytest.raises(InvalidText) as raised:
        decoded(json.dumps({"name": HALF, "more": [[]] * MAX_SEARCHED}), where="The body")
    assert raised.value.path == []
    with pytest.raises(MalformedRequest, match="not valid JSON"):
        decoded('{"name": "\\ud83d\\ude00", "more": [%s NaN]}' % ("[]," * MAX_SEARCHED), where="The body")


async def test_a_message_of_absurd_size_closes_its_websocket_alone_with_1009(service: Service) -> None:
    async with acknowledged(service) as large, acknowledged(service) as other:
        with anyio.move_on_after(5):
            await large.subscribe("{ hello }" + " " * MAX_FRAME_BYTES)
        assert (await large.closed())[0] == 1009
        await other.subscribe("{ hello }")
        assert (await other.receive())["type"] == "next"
    assert service.tracebacks() == []


async def test_a_message_of_countless_fragments_closes_its_websocket(service: Service) -> None:
    async def fragments() -> Any:
        for _ in range(MAX_FRAME_BYTES // FRAGMENT_BYTES + 1):
            yield " "

    async with acknowledged(service) as opened:
        # What is still sent resets the connection, so the close frame with 1009 may be lost.
        with anyio.fail_after(5), suppress(ConnectionClosed):
            await opened.socket.send(fragments())
        with pytest.raises(ConnectionClosed):
            await opened.receive()
    assert service.tracebacks() == []


@pytest.fixture
def small() -> Iterator[Service]:
    """A service that holds two large messages of one address."""
    with Service(held=Held(of_network=2_000_000), trusted_proxies=["127.0.0.1"]).running() as running:
        yield running
    assert running.held.total == 0


def test_messages_that_have_not_arrived_whole_are_bounded(small: Service) -> None:
    frame = b"\x81\xff" + (900_000).to_bytes(8, "big") + bytes(4) + b" " * 800_000
    with ExitStack() as stack:
        opened = [stack.enter_context(connection(small)) for _ in range(3)]
        for each in opened:
            each.sendall(UPGRADE + b"X-Forwarded-For: 10.0.0.1\r\n\r\n")
            assert each.recv(4_096).startswith(b"HTTP/1.1 101")
        for each in opened[:2]:
            each.sendall(frame)
        eventually(lambda: small.held.total == 1_600_000, "the messages")
        opened[2].sendall(frame[:600_000])
        # A close frame with 1013.
        assert opened[2].recv(4_096)[2:4] == (1013).to_bytes(2, "big")
        assert 0 < small.held.total <= 2_000_000
