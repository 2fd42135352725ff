"""How long each operation takes in forums of different sizes, each served by one process to one client."""

import asyncio
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import inf
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import orjson

import db.events
import db.feed
from bench import page
from bench.growth import operations
from bench.growth.forum import CHAIN, LONG, QUOTED_SEQUENCE, Size
from bench.growth.operations import OPERATIONS
from bench.load import BadAnswer, Connection, without_collector
from bench.processes import on_core
from bench.stacks import GENEROUS
from db.database import Database
from db.logs import FEED
from live.cursors import Cursors
from tests.support.processes import HOST
from tests.support.servers import Parley

_WARM = 3
"""How often each is asked for before it counts."""


@dataclass(frozen=True, slots=True)
class Row:
    """What an operation takes in a forum."""

    database: str
    operation: str
    replies: int
    """Of the forum."""
    p50_ms: float
    """Infinite where the server refuses the operation, since it takes too long."""
    bytes: int
    """Of the answer; 0 where it is refused."""


class Served:
    """A forum that a server process serves, and one client's connection to it."""

    def __init__(self, size: Size, connection: Connection, requests: Mapping[str, bytes]) -> None:
        self.size = size
        self._connection = connection
        self._requests = requests

    def answer(self, name: str) -> bytes:
        """The answer to an operation or a page. Raises BadAnswer."""
        answer = self._connection.ask(self._requests[name])
        if name in OPERATIONS:
            _data(answer)
        return answer

    def length(self, name: str) -> int:
        """How many bytes the answer has; 0 if the operation is refused."""
        try:
            return len(self.answer(name))
        except BadAnswer:
            return 0

    def milliseconds(self, name: str) -> float:
        """How long an answer takes. Raises BadAnswer."""
        begin = time.perf_counter()
        self._connection.ask(self._requests[name])
        return 1e3 * (time.perf_counter() - begin)


@contextmanager
def serving(url: str, size: Size, *, core: int | None) -> Iterator[Served]:
    """A server of a forum on a core, without its page cache. Raises BadAnswer, ServerFailed."""
    with on_core(core):
        server = Parley.start(
            database_url=url, page_cache_mb=0, cost_per_minute=GENEROUS, cost_per_minute_of_address=GENEROUS
        )
    try:
        with Connection(HOST, server.port) as connection:
            sought = page.request(HOST, server.port, orjson.dumps({"query": _sought(size)}))
            found = _found(_data(connection.ask(sought))) | asyncio.run(_beginnings(url))
            # Behind a redirect to the address with the title.
            with urlopen(f"{server.url}/d/{LONG}") as answer:  # noqa: S310 - a server of our own.
                found["page"] = urlsplit(answer.url).path
            yield Served(size, connection, operations.requests(HOST, server.port, found))
    finally:
        server.stop()


def measure(database: str, forums: Sequence[Served], name: str, *, requests: int) -> list[Row]:
    """What an operation takes in each forum: so many requests to each, in turn. Raises BadAnswer."""
    lengths = [forum.length(name) for forum in forums]
    taken: list[list[float]] = [[] for _ in forums]
    with without_collector():
        for number in range(_WARM + requests):
            for at, forum in enumerate(forums):
                milliseconds = forum.milliseconds(name) if lengths[at] else inf
                if number >= _WARM:
                    taken[at].append(milliseconds)
    found = zip(forums, map(statistics.median, taken), lengths, strict=True)
    return [Row(database, name, forum.size.replies, median, length) for forum, median, length in found]


def _data(answer: bytes) -> Any:
    """Raises BadAnswer for an answer with errors."""
    decoded = orjson.loads(answer)
    if "errors" in decoded:
        raise BadAnswer(decoded["errors"][0]["message"])
    return decoded["data"]


async def _beginnings(url: str) -> dict[str, Any]:
    """Cursors at the beginnings of two logs, as clients have them that began to follow then."""
    async with Database(url) as database:
        cursors = Cursors(await database.secret("cursor"))
        (head,) = await database.rows(db.events.heads, log_ids=[LONG])
        (feed,) = await database.rows(db.feed.feed.head)
    return {"logStart": cursors.write(LONG, 0, head.epoch), "feedStart": cursors.write(FEED, 0, feed.epoch)}


def _sought(size: Size) -> str:
    """A query for what the operations need to know."""
    wanted = {"quoted": QUOTED_SEQUENCE, "root": CHAIN[0], "deep": CHAIN[-1], "middle": size.longest // 2}
    replies = " ".join(f"{name}: reply(sequence: {sequence}) {{ id }}" for name, sequence in wanted.items())
    return f"{{ discussion(number: {LONG}) {{ {replies} replies(first: 100) {{ nodes {{ id }} }} }} }}"


def _found(data: Any) -> dict[str, Any]:
    """The ids that the operations need."""
    discussion = data["discussion"]
    replies = [each["id"] for each in discussion.pop("replies")["nodes"]]
    return {"replies": replies, **{name: reply["id"] for name, reply in discussion.items()}}
