"""A stream of results ends with an item that can't be read, which clients would otherwise skip."""

import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass

import pytest
import strawberry
from structlog.testing import capture_logs

from execution.engine import Engine
from execution.operation import Operation, RequestRefused, StreamEnded
from execution.results import Burst

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


class Sink:
    """A sink that keeps the numbers of the items."""

    def __init__(self) -> None:
        self.numbers: list[int] = []

    def begin(self, cursor: str) -> None:
        """Notes nothing."""

    def write(self, burst: Burst) -> bool:
        self.numbers += [json.loads(item.body)["data"]["items"]["number"] for item in burst.items]
        return True

    async def drained(self) -> None:
        """Never waits."""


@pytest.mark.parametrize(("broken", "end"), [(1, RequestRefused), (2, StreamEnded), (3, StreamEnded)])
async def test_unreadable_item_ends_the_stream_and_is_not_skipped(
    broken: int, end: type[RequestRefused | StreamEnded]
) -> None:
    engine = Engine(strawberry.Schema(Query, subscription=Subscription))
    prepared = engine.prepare(Operation(DOCUMENT, {"broken": broken}))
    sink = Sink()
    with capture_logs() as told, pytest.raises(end) as ended:
        await engine.deliver(prepared, None, sink)
    assert sink.numbers == list(range(1, broken))
    assert isinstance(ended.value, RequestRefused | StreamEnded)
    assert [error["extensions"]["code"] for error in ended.value.errors] == ["INTERNAL"]
    assert [entry["log_level"] for entry in told] == ["error"]
