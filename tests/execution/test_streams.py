"""A stream of results: what a client could not tell from an item that it may pass over ends it."""

import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

import pytest
import strawberry
from structlog.testing import capture_logs

from execution import streams
from execution.engine import Engine
from execution.operation import Operation, RequestRefused, StreamEnded

pytestmark = pytest.mark.anyio

DOCUMENT = "subscription ($broken: Int!) { items(broken: $broken) { number } }"


@dataclass
class Row:
    value: int
    broken: bool


@strawberry.type
class Item:
    row: strawberry.Private[Row]

    @strawberry.field
    def number(self) -> int:
        if self.row.broken:
            raise OSError("The database is away.")
        return self.row.value


@strawberry.type
class Query:
    """Nothing to ask."""

    nothing: str


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def items(self, broken: int) -> AsyncGenerator[Item, None]:
        for value in (1, 2, 3):
            yield Item(row=Row(value, value == broken))


async def hear(results: AsyncGenerator[Sequence[streams.Item], None], heard: list[int]) -> None:
    """Adds the numbers as they come."""
    async with aclosing(results):
        async for items in results:
            heard += [json.loads(item.body)["data"]["items"]["number"] for item in items]


@pytest.mark.parametrize(("broken", "end"), [(1, RequestRefused), (2, StreamEnded), (3, StreamEnded)])
async def test_an_item_that_can_not_be_read_ends_the_stream_and_is_never_passed_over(
    broken: int, end: type[RequestRefused | StreamEnded]
) -> None:
    engine = Engine(strawberry.Schema(Query, subscription=Subscription))
    prepared = engine.prepare(Operation(DOCUMENT, {"broken": broken}))
    heard: list[int] = []
    with capture_logs() as told, pytest.raises(end) as ended:
        await hear(engine.subscribe(prepared, None), heard)
    assert heard == list(range(1, broken))
    assert isinstance(ended.value, RequestRefused | StreamEnded)
    assert [error["extensions"]["code"] for error in ended.value.errors] == ["INTERNAL"]
    assert [entry["log_level"] for entry in told] == ["error"]
