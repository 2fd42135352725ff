"""Whatever a client sends, the server answers the next one and its log holds no traceback."""

import json
import random
import string
from contextlib import suppress
from typing import Any

import pytest
from structlog.testing import capture_logs
from websockets.exceptions import ConnectionClosed

from tests.transports.client import acknowledged, client
from tests.transports.service import Service

pytestmark = pytest.mark.anyio

SEED = 4711
FRAMES = 500

VALID = [
    {"type": "connection_init"},
    {"type": "connection_init", "payload": {"authorization": "Bearer ada"}},
    {"type": "ping", "payload": {"a": 1}},
    {"type": "pong"},
    {"type": "subscribe", "id": "1", "payload": {"query": "{ hello }"}},
    {"type": "subscribe", "id": "2", "payload": {"query": "subscription { fromHere }", "variables": {}}},
    {
        "type": "subscribe",
        "id": "3",
        "payload": {"query": "query A($n: String!) { hello(name: $n) }", "operationName": "A"},
    },
    {"type": "complete", "id": "1"},
]
VALUES: list[Any] = [None, True, 0, -1, 1e300, "", "1", "\0", "\u2028🏃", [], {}, [[]], {"a": {"b": []}}, "x" * 300]


def frame(chance: random.Random) -> str | bytes:
    """A frame that is nearly right, or not at all."""
    message = json.loads(json.dumps(chance.choice(VALID)))
    match chance.randrange(7):
        case 0:
            message[chance.choice(["type", "id", "payload"])] = chance.choice(VALUES)
        case 1:
            message.pop(chance.choice(list(message)))
        case 2 if isinstance(message.get("payload"), dict) and message["payload"]:
            message["payload"][chance.choice(list(message["payload"]))] = chance.choice(VALUES)
        case 3:
            text = json.dumps(message)
            return text[: chance.randrange(len(text))]
        case 4:
            characters = list(json.dumps(message))
            for _ in range(chance.randint(1, 5)):
                characters[chance.randrange(len(characters))] = chance.choice(string.printable)
            return "".join(characters)
        case 5:
            return chance.randbytes(chance.randrange(200))
        case 6:
            return "".join(chr(chance.choice([chance.randrange(128), chance.randrange(0xD800)])) for _ in range(50))
    return json.dumps(message)


@pytest.mark.parametrize("initialised", [False, True], ids=["before the init", "after the init"])
async def test_frames_at_random_leave_no_traceback(service: Service, initialised: bool) -> None:
    chance = random.Random(SEED + initialised)
    sent = 0
    with capture_logs() as logs:
        while sent < FRAMES:
            async with acknowledged(service) if initialised else client(service) as opened:
                # A frame sent after the server has closed is lost, which is fine.
                with suppress(ConnectionClosed):
                    for _ in range(chance.randint(1, 5)):
                        sent += 1
                        await opened.socket.send(frame(chance), text=chance.random() < 0.99 or None)
    assert service.tracebacks() == []
    assert logs == []
    async with acknowledged(service) as opened:
        await opened.subscribe("{ hello }")
        assert (await opened.receive())["payload"] == {"data": {"hello": "Hello world"}}


@pytest.mark.parametrize("frame", [b"\xff", b'{"type":"ping"}\xed\xa0\x80', b"\xc3"])
async def test_a_text_frame_that_is_not_utf8_is_closed_with_1007(service: Service, frame: bytes) -> None:
    async with acknowledged(service) as opened:
        await opened.socket.send(frame, text=True)
        assert await opened.closed() == (1007, "Text frames must be UTF-8")
    assert service.tracebacks() == []
