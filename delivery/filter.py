"""The outside filter: a service of the operator's that says whether a post is published at once.

It is asked before a post is written, beside every lock, and has two seconds. A post of which it says nothing is held,
and a delivery asks again, in the order in which they were held, until it answers. Requests are signed as Standard
Webhooks says (https://www.standardwebhooks.com); redirects are not followed.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

import httpx2
import orjson
import structlog

import db.feed
from db import tasks
from db.database import Database
from db.kinds import FilterAnswer, ModerationKind
from db.log_readers import open_reader
from db.logs import MODERATION
from db.rows import ModerationRow
from delivery.leases import Delivery, deliver

ANSWER_SECONDS = 2.0
"""How long it may take to answer."""
MAX_BYTES = 65_536
READER = "filter"
POLL_SECONDS = 2.0
MAX_PAUSE_SECONDS = 60.0
"""How long it is left alone at most while it does not answer."""
_PREFIX = "whsec_"
_KEY_BYTES = range(24, 65)

log = structlog.get_logger(__name__)


def signing_key(secret: str) -> bytes:
    """Returns the key of a secret. Raises ValueError for one that is no secret of Standard Webhooks."""
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not secret.startswith(_PREFIX) or len(key) not in _KEY_BYTES:
        raise ValueError(f"It must be {_PREFIX} and {_KEY_BYTES.start} to {_KEY_BYTES.stop - 1} random bytes in base64")
    return key


def signature(key: bytes, request_id: str, timestamp: int, body: bytes) -> str:
    """Returns the header `webhook-signature` of a request."""
    digest = hmac.new(key, f"{request_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


class OutsideFilter:
    """The filter at a URL. Close it at the end."""

    def __init__(self, url: str, secret: str) -> None:
        """Raises ValueError for a secret that is none."""
        self._url = url
        self._key = signing_key(secret)
        self._is_away = False
        # Made here, since the trusted certificates take the loop's thread for some time.
        self._http = httpx2.AsyncClient(timeout=ANSWER_SECONDS)

    async def ask(self, request_id: str, document: dict[str, Any]) -> FilterAnswer | None:
        """Asks about a post. Returns None if there is no answer in time, or none that says what to do."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                answer = _answer(await self._send(request_id, orjson.dumps(document)))
        except Exception as error:  # noqa: BLE001 - whatever it sends, the post is held.
            if not self._is_away:
                log.warning("the outside filter does not answer", error=repr(error))
            self._is_away = True
            return None
        if self._is_away:
            log.info("the outside filter answers again")
        self._is_away = False
        return answer

    async def close(self) -> None:
        await self._http.aclose()

    async def _send(self, request_id: str, body: bytes) -> bytes:
        """Returns the body of the answer. Raises ValueError if its status or its length is not that of an answer."""
        now = int(time.time())
        headers = {
            "Content-Type": "application/json",
            "Accept-Encoding": "identity",
            "webhook-id": request_id,
            "webhook-timestamp": str(now),
            "webhook-signature": signature(self._key, request_id, now, body),
        }
        async with self._http.stream("POST", self._url, content=body, headers=headers) as response:
            if response.status_code != 200:
                raise ValueError(f"It answered {response.status_code}. Redirects are not followed.")
            answer = bytearray()
            async for chunk in response.aiter_raw():
                answer += chunk
                if len(answer) > MAX_BYTES:
                    raise ValueError(f"It sent more than {MAX_BYTES} bytes.")
            return bytes(answer)


def _answer(body: bytes) -> FilterAnswer:
    """Raises ValueError for what is no answer."""
    said = orjson.loads(body)
    if not isinstance(said, dict):
        raise ValueError('It sent no object with an "action".')
    answer = FilterAnswer(str(said.get("action")))
    if answer is FilterAnswer.HOLD and said.get("reason"):
        log.info("the outside filter holds a post", reason=str(said["reason"])[:200])
    return answer


class FilterRetries:
    """Asks the filter again about the posts of which it has said nothing, in one process at a time."""

    def __init__(self, database: Database, ask_again: Callable[[list[int]], Awaitable[None]]) -> None:
        """`ask_again` takes the ids of review items, and raises if there is one without an answer."""
        self._database = database
        self._ask_again = ask_again
        self._delivery = Delivery(READER, self._send, db.feed.moderation, max_pause_seconds=MAX_PAUSE_SECONDS)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self._database.write(partial(open_reader, name=READER, log_id=MODERATION))
        self._task = asyncio.create_task(self._run(), name="filter-retries")

    async def stop(self) -> None:
        await tasks.end(self._task)

    async def _run(self) -> None:
        while True:
            try:
                while await deliver(self._database, self._delivery):
                    pass
            except Exception:
                log.exception("asking the outside filter again failed")
            await asyncio.sleep(random.uniform(POLL_SECONDS, 2 * POLL_SECONDS))

    async def _send(self, items: Sequence[ModerationRow]) -> None:
        opened = [item.subject_id for item in items if item.kind == ModerationKind.REVIEW_ITEM_OPENED]
        if opened:
            await self._ask_again(opened)
