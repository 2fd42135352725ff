"""The public keys of a trusted issuer, fetched from its JWKS URL (RFC 7517, section 5).

Any request that brings a token can make the process fetch the keys, so a fetch is bounded in everything: one runs at a
time and takes three seconds and 128 KiB at most, and until 30 seconds after its end there is no other, whether it
failed or not. Nobody waits for longer than a second.
"""

import asyncio
from collections.abc import Callable, Mapping
from time import monotonic

import httpx2
import jwt
import orjson
import structlog

from db import tasks

FETCH_SECONDS = 3.0
MAX_BYTES = 131_072
MAX_KEYS = 100
WAIT_SECONDS = 1.0
"""How long a token waits for a fetch."""
COOLDOWN_SECONDS = 30.0
FRESH_SECONDS = 300.0
"""How old keys may be before they are fetched again."""
KEPT_SECONDS = 86_400.0
"""How long keys are used while they can't be fetched again."""

log = structlog.get_logger(__name__)


class UnknownKey(Exception):
    """The key set has no key of this id, or could not be fetched."""


class KeySet:
    """The keys at a JWKS URL. Close it at the end. `clock` gives seconds."""

    def __init__(self, url: str, *, clock: Callable[[], float] = monotonic) -> None:
        self._url = url
        self._clock = clock
        self._keys: Mapping[str, jwt.PyJWK] = {}
        self._fetched_at: float | None = None
        self._next_fetch_at = clock()
        self._failing = False
        self._fetch: asyncio.Task[None] | None = None
        # Made here, since the trusted certificates take the loop's thread for some time. No connection is kept.
        self._http = httpx2.AsyncClient(timeout=FETCH_SECONDS, limits=httpx2.Limits(max_keepalive_connections=0))

    async def key(self, key_id: object) -> jwt.PyJWK:
        """Returns the key of this id. Raises UnknownKey."""
        if not isinstance(key_id, str):
            raise UnknownKey("It names no key: its header has no `kid`.")
        known = self._known(key_id)
        if known is None or self._is_stale:
            self._start_fetch()
            # A key that is known is good enough where the last fetch failed.
            if self._fetch is not None and not (known is not None and self._failing):
                await asyncio.wait([self._fetch], timeout=WAIT_SECONDS)
                known = self._known(key_id)
        if known is None:
            raise UnknownKey(f'The key set has no key "{key_id[:60]}".')
        return known

    async def close(self) -> None:
        """Ends a fetch that is under way."""
        await tasks.end(self._fetch)
        await self._http.aclose()

    def _known(self, key_id: str) -> jwt.PyJWK | None:
        if self._fetched_at is not None and self._clock() - self._fetched_at > KEPT_SECONDS:
            self._keys = {}
        return self._keys.get(key_id)

    @property
    def _is_stale(self) -> bool:
        return self._fetched_at is None or self._clock() - self._fetched_at > FRESH_SECONDS

    def _start_fetch(self) -> None:
        if self._fetch is None and self._clock() >= self._next_fetch_at:
            self._fetch = asyncio.create_task(self._refresh(), name="key-set")

    async def _refresh(self) -> None:
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                self._keys = _keys(await self._read())
            self._fetched_at = self._clock()
            if self._failing:
                log.info("the key set can be fetched again")
            self._failing = False
        except Exception as error:  # noqa: BLE001 - whatever the endpoint sends, the keys so far stay.
            if not self._failing:
                log.warning("the key set can't be fetched", error=repr(error))
            self._failing = True
        finally:
            self._next_fetch_at = self._clock() + COOLDOWN_SECONDS
            self._fetch = None

    async def _read(self) -> bytes:
        """Returns what the endpoint answers. Raises ValueError if that is no key set, by its status or its length."""
        # Uncompressed, so that the bytes that arrive are all there are.
        async with self._http.stream("GET", self._url, headers={"Accept-Encoding": "identity"}) as response:
            if response.status_code != 200:
                raise ValueError(f"The endpoint answered {response.status_code}. Redirects are not followed.")
            body = bytearray()
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > MAX_BYTES:
                    raise ValueError(f"The endpoint sent more than {MAX_BYTES} bytes.")
            return bytes(body)


def _keys(body: bytes) -> dict[str, jwt.PyJWK]:
    """Returns the keys for signatures by their ids. Raises ValueError or PyJWTError if there are none."""
    found = orjson.loads(body)
    listed = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(listed, list):
        raise ValueError("The endpoint sent no key set.")
    keys = jwt.PyJWKSet.from_dict({"keys": [key for key in listed[:MAX_KEYS] if isinstance(key, dict)]}).keys
    return {key.key_id: key for key in keys if key.key_id and key.public_key_use in ("sig", None)}
