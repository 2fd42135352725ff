"""Tokens: which moments in them are judged, and how strictly."""

import secrets
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from access import tokens as access_tokens
from access.tokens import BadToken, Tokens

pytestmark = pytest.mark.anyio

SECRET = secrets.token_bytes(32)


def issued(**said: Any) -> str:
    claims = {"sub": "ada", "iss": "https://issuer.example", "exp": _in(3600)} | said
    return f"Bearer {jwt.encode(claims, SECRET, algorithm='HS256')}"


def _in(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("leeway", "said", "valid"),
    [
        (60, {"exp": -50}, True),
        (60, {"exp": -70}, False),
        (60, {"nbf": 50}, True),
        (60, {"nbf": 700}, False),
        (0, {"exp": -5}, False),
        (0, {"nbf": 600}, False),
        (600, {"exp": -500}, True),
        # When it was issued is not judged at all.
        (0, {"iat": 6}, True),
        (0, {"iat": 86_400}, True),
        (0, {"iat": -86_400}, True),
    ],
)
async def test_exp_and_nbf_are_judged_with_leeway_and_iat_is_not(
    leeway: float, said: dict[str, float], valid: bool
) -> None:
    tokens = Tokens(SECRET, leeway_seconds=leeway)
    token = issued(**{name: _in(seconds) for name, seconds in said.items()})
    if valid:
        assert (await tokens.read(token)).subject == "ada"
    else:
        with pytest.raises(BadToken):
            await tokens.read(token)


async def test_token_that_was_read_before_is_refused_once_it_has_expired(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens, token = Tokens(SECRET, leeway_seconds=0), issued(exp=_in(1))
    monkeypatch.setattr(access_tokens, "time", lambda: 0.0)
    assert await tokens.read(token) is await tokens.read(token)
    monkeypatch.setattr(access_tokens, "time", lambda: time.time() + 10)
    monkeypatch.setattr(tokens, "_decode", _expired)
    with pytest.raises(BadToken, match="expired"):
        await tokens.read(token)


def _expired(*_: object) -> dict[str, Any]:
    raise jwt.ExpiredSignatureError


async def test_tokens_that_were_read_are_kept_up_to_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_tokens, "MAX_KEPT", 2)
    tokens, first, *others = Tokens(SECRET), *(issued(sub=name) for name in ("ada", "bob", "cy"))
    before = await tokens.read(first)
    for other in others:
        await tokens.read(other)
    again = await tokens.read(first)
    assert again == before and again is not before
