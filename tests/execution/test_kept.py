"""What is kept between two runs of a document can't be told from what is made anew."""

import math

import orjson
import pytest
import strawberry

from execution.batch import batch
from execution.engine import Engine
from execution.operation import Operation

pytestmark = pytest.mark.anyio


def lengthened(parents: list[None], _context: object, *, items: list[int]) -> list[int]:
    items.append(0)
    return [len(items)] * len(parents)


def signs(parents: list[None], _context: object, *, number: float) -> list[float]:
    return [math.copysign(1.0, number)] * len(parents)


@strawberry.type
class Query:
    lengthened: int = batch(lengthened)
    sign: float = batch(signs)


ENGINE = Engine(strawberry.Schema(Query))


async def answer(query: str, **variables: object) -> object:
    prepared = ENGINE.prepare(Operation(query, variables))
    assert prepared.plan is not None
    return orjson.loads(await ENGINE.execute(prepared, None))["data"]


async def test_a_function_may_change_the_list_it_was_given() -> None:
    assert [await answer("{ lengthened(items: [1, 2]) }") for _ in range(2)] == [{"lengthened": 3}] * 2


async def test_numbers_that_are_equal_and_not_the_same_are_told_apart() -> None:
    query = "query ($number: Float!) { sign(number: $number) }"
    assert [await answer(query, number=number) for number in (0.0, -0.0)] == [{"sign": 1.0}, {"sign": -1.0}]
