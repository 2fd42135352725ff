"""Key sets on real sockets: whatever the endpoint does, nobody waits long, and good keys stay good."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from access import key_sets
from access.key_sets import KeySet, UnknownKey
from access.tokens import BadToken, Tokens

pytestmark = pytest.mark.anyio

KEY = ec.generate_private_key(ec.SECP256R1())
Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


def jwk(kid: str, **more: str) -> dict[str, Any]:
    public: dict[str, Any] = json.loads(ECAlgorithm.to_jwk(KEY.public_key()))
    return public | {"kid": kid} | more


def sends(body: bytes, status: str = "200 OK", headers: str = "") -> Answer:
    async def answer(writer: asyncio.StreamWriter) -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
        writer.write(head.encode() + body)
        await writer.drain()

    return answer


def key_set(*kids: str) -> Answer:
    return sends(json.dumps({"keys": [jwk(kid, use="sig") for kid in kids]}).encode())


async def says_nothing(_writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def trickles_headers(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    await _trickle(writer)


async def trickles_its_body(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
    await _trickle(writer)


async def _trickle(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.01)


async def sends_without_end(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"10000\r\n" + b" " * 65_536 + b"\r\n")
        await writer.drain()


async def hangs_up(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{")


BAD: dict[str, Answer] = {
    "says nothing": says_nothing,
    "trickles headers": trickles_headers,
    "trickles its body": trickles_its_body,
    "sends without end": sends_without_end,
    "hangs up": hangs_up,
    "fails": sends(b"No.", "500 Internal Server Error"),
    "redirects": sends(b"", "302 Found", "Location: http://127.0.0.1:9/keys\r\n"),
    "garbage": sends(b"\xff\xfe{"),
    "a list": sends(b"[]"),
    "no keys": sends(b'{"keys": 7}'),
    "odd keys": sends(b'{"keys": [7, null, {"kty": "EC"}, {"kty": "RSA", "n": "x"}]}'),
    "too many bytes": sends(json.dumps({"keys": [jwk("known")]}).encode() + b" " * 200_000),
    "compressed": sends(b"\x1f\x8b\x08", headers="Content-Encoding: gzip\r\n"),
}


HANGS = {"says nothing", "trickles headers", "trickles its body"}
"""Those that only the time limit ends; the others have time, however busy the machine is."""


class Endpoint:
    """A server of a key set, which answers as the test says and counts what it was asked."""

    def __init__(self) -> None:
        self.answer: Answer = key_set("known")
        self.requests = 0
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            self.requests += 1
            await self.answer(writer)
        except ConnectionError:
            pass
        finally:
            writer.close()


@asynccontextmanager
async def served() -> AsyncIterator[Endpoint]:
    endpoint, tasks = Endpoint(), set[asyncio.Task[None]]()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.create_task(endpoint.serve(reader, writer)))

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    endpoint.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/keys"
    try:
        yield endpoint
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    async with served() as found:
        yield found


class Clock:
    """Seconds that a test sets."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def keys(endpoint: Endpoint, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[KeySet]:
    """The key set of the endpoint; tests of bad ones give it less time."""
    monkeypatch.setattr(key_sets, "FETCH_SECONDS", 20.0)
    monkeypatch.setattr(key_sets, "WAIT_SECONDS", 20.0)
    opened = KeySet(endpoint.url, clock=clock)
    yield opened
    await opened.close()


async def fetched(keys: KeySet) -> None:
    """Waits for the end of the fetch that is under way."""
    if keys._fetch is not None:
        await asyncio.wait([keys._fetch])


async def test_one_fetch_serves_all_who_wait_and_known_keys_need_none(keys: KeySet, endpoint: Endpoint) -> None:
    found = await asyncio.gather(*[keys.key("known") for _ in range(20)])
    assert {key.key_id for key in found} == {"known"}
    assert (await keys.key("known")).key_id == "known"
    assert endpoint.requests == 1


@pytest.mark.parametrize("kind", BAD)
async def test_an_endpoint_that_fails_is_left_alone_for_a_while(
    kind: str, keys: KeySet, endpoint: Endpoint, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint.answer = BAD[kind]
    if kind in HANGS:
        monkeypatch.setattr(key_sets, "FETCH_SECONDS", 1.0)
    refused = await asyncio.gather(*[keys.key("known") for _ in range(20)], return_exceptions=True)
    assert {type(error) for error in refused} == {UnknownKey}
    await fetched(keys)
    assert endpoint.requests == 1
    endpoint.answer = key_set("known")
    monkeypatch.setattr(key_sets, "FETCH_SECONDS", 20.0)
    clock.now += key_sets.COOLDOWN_SECONDS - 1
    with pytest.raises(UnknownKey):
        await keys.key("known")
    assert keys._fetch is None and endpoint.requests == 1
    clock.now += 1
    assert (await keys.key("known")).key_id == "known"
    assert endpoint.requests == 2


@pytest.mark.parametrize("kind", BAD)
async def test_good_keys_stay_for_a_day_while_the_endpoint_fails(
    kind: str, keys: KeySet, endpoint: Endpoint, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await keys.key("known")
    endpoint.answer = BAD[kind]
    monkeypatch.setattr(key_sets, "FETCH_SECONDS", 0.3)
    for hours in (1, 12, 23.9):
        clock.now = 1_000 + hours * 3600
        assert (await keys.key("known")).key_id == "known"
        await fetched(keys)
    assert endpoint.requests == 4
    clock.now = 1_000 + 24.1 * 3600
    with pytest.raises(UnknownKey):
        await keys.key("known")


async def test_nobody_waits_for_a_fetch_to_its_end(
    keys: KeySet, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint.answer = says_nothing
    monkeypatch.setattr(key_sets, "WAIT_SECONDS", 0.05)
    refused = await asyncio.gather(*[keys.key("known") for _ in range(20)], return_exceptions=True)
    assert {type(error) for error in refused} == {UnknownKey}
    assert keys._fetch is not None


async def test_a_new_key_is_fetched_once_in_a_cooldown_and_a_removed_one_is_gone(
    keys: KeySet, endpoint: Endpoint, clock: Clock
) -> None:
    await keys.key("known")
    endpoint.answer = key_set("new")
    with pytest.raises(UnknownKey):
        await keys.key("new")
    assert endpoint.requests == 1
    clock.now += key_sets.COOLDOWN_SECONDS
    assert (await keys.key("new")).key_id == "new"
    with pytest.raises(UnknownKey):
        await keys.key("known")
    for number in range(50):
        with pytest.raises(UnknownKey):
            await keys.key(f"made up {number}")
    assert endpoint.requests == 2


async def test_keys_are_fetched_again_when_they_are_old(keys: KeySet, endpoint: Endpoint, clock: Clock) -> None:
    await keys.key("known")
    endpoint.answer = key_set("new")
    clock.now += key_sets.FRESH_SECONDS + 1
    with pytest.raises(UnknownKey):
        await keys.key("known")
    assert endpoint.requests == 2


@pytest.mark.parametrize("key_id", [None, 7, [], {}])
async def test_a_token_that_names_no_key_fetches_none(key_id: object, keys: KeySet, endpoint: Endpoint) -> None:
    with pytest.raises(UnknownKey):
        await keys.key(key_id)
    assert endpoint.requests == 0


async def test_keys_for_encryption_are_not_used(keys: KeySet, endpoint: Endpoint) -> None:
    endpoint.answer = sends(json.dumps({"keys": [jwk("enc", use="enc"), jwk("plain")]}).encode())
    assert (await keys.key("plain")).key_id == "plain"
    with pytest.raises(UnknownKey):
        await keys.key("enc")


def issued(kid: str = "known", **said: Any) -> str:
    claims = {"sub": "ada", "iss": "https://issuer.example", "exp": datetime.now(UTC) + timedelta(hours=1)} | said
    return f"Bearer {jwt.encode(claims, KEY, algorithm='ES256', headers={'kid': kid})}"


async def test_our_own_tokens_wait_for_no_key_set(endpoint: Endpoint) -> None:
    endpoint.answer = says_nothing
    tokens = Tokens(secrets.token_bytes(32), jwks_url=endpoint.url)
    waiting = [asyncio.create_task(tokens.read(issued(f"kid {number}"))) for number in range(40)]
    await asyncio.sleep(0)
    for _ in range(20):
        assert (await tokens.read(f"Bearer {tokens.write(7, timedelta(hours=1))}")).user_id == 7
        assert await asyncio.to_thread(lambda: "rendered") == "rendered"
    assert {type(error) for error in await asyncio.gather(*waiting, return_exceptions=True)} == {BadToken}
    await tokens.close()
