"""Tokens: a key set that does not answer holds up only those who need it."""

import asyncio
import json
import secrets
import threading
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from access.tokens import BadToken, Tokens

pytestmark = pytest.mark.anyio

KEY = ec.generate_private_key(ec.SECP256R1())
KEY_SET = {"keys": [json.loads(ECAlgorithm.to_jwk(KEY.public_key())) | {"kid": "known", "use": "sig"}]}


def issued(kid: str | None = "known") -> str:
    claims = {"sub": "ada", "iss": "https://issuer.example", "exp": datetime.now(UTC) + timedelta(hours=1)}
    return f"Bearer {jwt.encode(claims, KEY, algorithm='ES256', headers={'kid': kid} if kid else None)}"


class Endpoint:
    """The fetches of a key set, each of which waits while the endpoint is `hung`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.threads: list[str] = []
        self.answers = threading.Event()
        self.answers.set()
        endpoint = self

        def fetch(client: jwt.PyJWKClient) -> dict[str, object]:
            endpoint.threads.append(threading.current_thread().name)
            endpoint.answers.wait()
            assert client.jwk_set_cache is not None
            client.jwk_set_cache.put(dict(KEY_SET))
            return dict(KEY_SET)

        monkeypatch.setattr(jwt.PyJWKClient, "fetch_data", fetch)


async def test_a_hung_key_set_blocks_no_other_threads_and_no_cached_key(monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint = Endpoint(monkeypatch)
    tokens = Tokens(secrets.token_bytes(32), jwks_url="https://issuer.example/keys")
    assert (await tokens.read(issued())).subject == "ada"
    endpoint.answers.clear()
    waiting = [asyncio.create_task(tokens.read(issued(f"unknown {number}"))) for number in range(40)]
    try:
        # Neither the pool that renders posts, nor who signs with a known key or ours, waits for it.
        assert await asyncio.to_thread(lambda: "rendered") == "rendered"
        assert (await tokens.read(issued())).subject == "ada"
        assert (await tokens.read(f"Bearer {tokens.write(7, timedelta(hours=1))}")).user_id == 7
    finally:
        endpoint.answers.set()
    for refused in await asyncio.gather(*waiting, return_exceptions=True):
        assert isinstance(refused, BadToken)
    assert {name.partition("_")[0] for name in endpoint.threads} == {"key-set"}
    tokens.close()


async def test_a_cached_key_needs_no_thread_and_a_token_needs_its_key_id(monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint = Endpoint(monkeypatch)
    tokens = Tokens(secrets.token_bytes(32), jwks_url="https://issuer.example/keys")
    for _ in range(3):
        await tokens.read(issued())
    assert len(endpoint.threads) == 1
    with pytest.raises(BadToken):
        await tokens.read(issued(None))
    tokens.close()
