"""What is kept between two runs of a document can't be told from what is made anew."""

import math

import orjson
import pytest
import strawberry

from execution import plan
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


MANY = Engine(strawberry.Schema(Query))


def planned_fields(engine: Engine) -> int:
    plans = engine._kept_plans._plans.values()
    assert engine._kept_plans.fields == sum(kept.size for kept in plans)
    return engine._kept_plans.fields


@pytest.mark.parametrize("variables", [1, 2, 3])
async def test_plans_are_kept_up_to_a_number_of_fields(variables: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "FIELDS_KEPT", 500)
    names = [f"$v{number}" for number in range(variables)]
    most, query, given = 0, "", dict[str, bool]()
    for number in range(60):
        fields = " ".join(f"a{number}_{at}: sign(number: 1) @include(if: {names[at % variables]})" for at in range(20))
        query = f"query ({' '.join(f'{name}: Boolean!' for name in names)}) {{ {fields} }}"
        for chosen in range(2**variables):
            given = {name[1:]: bool(chosen >> at & 1) for at, name in enumerate(names)}
            prepared = MANY.prepare(Operation(query, given))
            assert prepared.plan is not None
            await MANY.execute(prepared, None)
            most = max(most, planned_fields(MANY))
            assert MANY.prepare(Operation(query, given)).plan is prepared.plan
    assert 400 < most <= 500
    monkeypatch.setattr(plan, "FIELDS_KEPT", 0)
    # A plan that is dropped goes on, and is not counted.
    prepared = MANY.prepare(Operation(query + " # again", given))
    assert planned_fields(MANY) == 0
    assert orjson.loads(await MANY.execute(prepared, None))["data"]
    assert planned_fields(MANY) == 0
