"""Execution alone: Parley's executor and graphql-core on the same schema and rows, without server and database."""

import inspect
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import strawberry
from graphql import GraphQLError, build_schema, execute, parse
from strawberry import UNSET
from strawberry.schema.config import StrawberryConfig

from bench import page
from execution.batch import batch
from execution.engine import Engine
from execution.operation import Operation
from schema.scalars import NATIVES, SCALARS

_PEOPLE = 200
_MOST = 500


@dataclass(frozen=True, slots=True)
class Execution:
    """What a page costs without server and database, in ms."""

    n: int
    parley_ms: float
    graphql_core_ms: float
    """graphql-core on the same schema and rows."""
    finished_ms: float
    """graphql-core on the finished answer: it resolves nothing, and only reads dicts."""
    failing_ms: float
    """Parley where every fifth author fails."""

    @property
    def over_graphql_core(self) -> float:
        return self.graphql_core_ms / self.parley_ms

    @property
    def failing(self) -> float:
        """How many times the page with failures costs what the one without does."""
        return self.failing_ms / self.parley_ms

    def figures(self) -> dict[str, float]:
        """All of it, rounded, for JSON."""
        ratios = {"over_graphql_core": self.over_graphql_core, "failing": self.failing}
        return {name: round(value, 4) for name, value in (asdict(self) | ratios).items()}


@dataclass(slots=True)
class UserRow:
    """A person."""

    id: str
    handle: str
    name: str
    avatar_url: str | None


@dataclass(slots=True)
class QuoteRow:
    """Words of one reply inside another."""

    id: str
    body_text: str
    source_version: int
    status: str
    source_id: int
    attributed_id: int


@dataclass(slots=True)
class ReplyRow:
    """An answer, which is its own edge, too."""

    number: int
    id: str
    sequence: int
    body_html: str
    created_at: datetime
    reply_count: int
    author_id: int
    cursor: str
    depth: int

    @property
    def node(self) -> "ReplyRow":
        return self


@dataclass(slots=True)
class DiscussionRow:
    """A discussion."""

    id: str
    number: int
    title: str
    reply_count: int
    event_cursor: str


@dataclass(slots=True)
class PageRow:
    """A page of replies, and its position in the list."""

    edges: Sequence[ReplyRow]
    has_next_page: bool
    end_cursor: str

    @property
    def page_info(self) -> "PageRow":
        return self


_BEGIN = datetime(2026, 1, 1, 12, tzinfo=UTC)
_DISCUSSION = DiscussionRow("D_1", 1, "In memory", 2 * _MOST, "cursor")
_USERS = {at: UserRow(f"U_{at}", f"person-{at}", f"Person {at}", None) for at in range(_PEOPLE)}
_REPLIES = {
    at: ReplyRow(
        at, f"R_{at}", at, f"<p>{'Words. ' * 60}</p>\n", _BEGIN + timedelta(seconds=at), 0, at % _PEOPLE, f"r{at}", 0
    )
    for at in range(1, 2 * _MOST)
}
_QUOTES = {
    at: [QuoteRow(f"Q_{at}", "Words.", 1, "VERBATIM", max(1, at - 7), at * 7 % _PEOPLE)]
    for at in _REPLIES
    if at % 10 in (3, 6, 9)
}


def _thread(discussions: Sequence[DiscussionRow], _context: Any, *, first: int = 50) -> list[PageRow]:
    replies = list(_REPLIES.values())[:first]
    return [PageRow(replies, True, replies[-1].cursor) for _ in discussions]


def _authors(replies: Sequence[ReplyRow], context: Any) -> list[UserRow | Exception]:
    if context == "failing":
        failed = {"code": "NOT_FOUND"}
        return [
            GraphQLError("No author.", extensions=failed) if reply.sequence % 5 == 0 else _USERS[reply.author_id]
            for reply in replies
        ]
    return [_USERS[reply.author_id] for reply in replies]


def _quotes(replies: Sequence[ReplyRow], _context: Any) -> list[list[QuoteRow]]:
    return [_QUOTES.get(reply.number, []) for reply in replies]


def _sources(quotes: Sequence[QuoteRow], _context: Any) -> list[ReplyRow]:
    return [_REPLIES[quote.source_id] for quote in quotes]


def _attributed(quotes: Sequence[QuoteRow], _context: Any) -> list[UserRow]:
    return [_USERS[quote.attributed_id] for quote in quotes]


def _discussion(roots: Sequence[None], _context: Any, *, number: int | None = UNSET) -> list[DiscussionRow]:
    return [_DISCUSSION for _ in roots]


@strawberry.type
class User:
    """A person."""

    id: strawberry.ID
    handle: str
    name: str
    avatar_url: str | None


@strawberry.type
class Source:
    """What is quoted."""

    id: strawberry.ID


@strawberry.type
class Quote:
    """Words of one reply inside another."""

    id: strawberry.ID
    body_text: str
    source_version: int | None
    status: str
    source: Source | None = batch(_sources)
    attributed_to: User | None = batch(_attributed)


@strawberry.type
class Reply:
    """An answer."""

    id: strawberry.ID
    sequence: int
    body_html: str
    created_at: datetime
    reply_count: int
    author: User | None = batch(_authors)
    quotes: list[Quote] = batch(_quotes)


@strawberry.type
class Edge:
    """An answer in its place."""

    cursor: str
    depth: int
    node: Reply


@strawberry.type
class PageInfo:
    """The position of a page in its list."""

    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class Thread:
    """A page of answers."""

    edges: list[Edge]
    page_info: PageInfo


@strawberry.type
class Discussion:
    """What has a thread."""

    id: strawberry.ID
    number: int
    title: str
    reply_count: int
    event_cursor: str
    thread: Thread | None = batch(_thread)


@strawberry.type
class Query:
    """What can be read."""

    discussion: Discussion | None = batch(_discussion)


async def measure(n: int = _MOST, *, seconds: float = 1.0) -> Execution:
    """Times each way, `seconds` long; the answers are compared before. Raises AssertionError where they differ."""
    schema = strawberry.Schema(Query, config=StrawberryConfig(scalar_map=SCALARS))
    engine = Engine(schema, NATIVES)
    text = page.QUERY.read_text()
    operation = Operation(query=text, variables={"number": 1, "first": n}, name="ThreadPage")
    document, finished = parse(text), build_schema(schema.as_str())
    variables = {"number": 1, "first": n}

    async def parley(context: object = None) -> bytes:
        return await engine.execute(engine.prepare(operation), context)

    async def graphql_core() -> bytes:
        result = execute(schema._schema, document, variable_values=variables)
        return orjson.dumps({"data": (await result if inspect.isawaitable(result) else result).data})

    answer: dict[str, Any] = orjson.loads(await parley())

    async def from_dicts() -> bytes:
        result: Any = execute(finished, document, root_value=answer["data"], variable_values=variables)
        return orjson.dumps({"data": result.data})

    assert orjson.loads(await graphql_core()) == answer == orjson.loads(await from_dicts())
    assert len(orjson.loads(await parley("failing"))["errors"]) == n // 5
    ways: list[Callable[[], Awaitable[bytes]]] = [parley, graphql_core, from_dicts, lambda: parley("failing")]
    took = await _time(ways, seconds=seconds)
    return Execution(n, *took)


async def _time(ways: Sequence[Callable[[], Awaitable[bytes]]], *, seconds: float) -> list[float]:
    """The median time of each way in ms; they take turns."""
    took: list[list[float]] = [[] for _ in ways]
    for _ in range(10):
        for way, times in zip(ways, took, strict=True):
            deadline = time.perf_counter() + seconds / 10
            while (begin := time.perf_counter()) < deadline:
                await way()
                times.append(1e3 * (time.perf_counter() - begin))
    return [statistics.median(times) for times in took]
