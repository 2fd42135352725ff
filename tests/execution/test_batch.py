"""Batch fields as graphql-core runs them: one parent at a time, through the same function."""

from collections.abc import AsyncGenerator, Sequence
from types import SimpleNamespace
from typing import Annotated, Any, Generic, TypeVar

import pytest
import strawberry
from graphql import ExecutionResult, print_schema, subscribe
from graphql import parse as parsed
from strawberry import UNSET

from execution.batch import batch, follow

pytestmark = pytest.mark.anyio

T = TypeVar("T")


async def doubled(parents: Sequence[Any], context: Any) -> list[int | Exception]:
    return [LookupError("no such number") if parent.number == 13 else parent.number * 2 for parent in parents]


def told(
    parents: Sequence[Any],
    context: Any,
    *,
    times: int,
    optional: str | None = UNSET,
    root_id: Annotated[strawberry.ID | None, strawberry.argument(name="root")] = UNSET,
    text: "str" = "ab",
) -> list[str]:
    context.append((times, optional, root_id, text))
    return [text * times for _ in parents]


def no_boxes(parents: Sequence[Any], context: Any) -> list[None]:
    return [None for _ in parents]


def numbers(parents: Sequence[Any], context: Any, *, of: list[int]) -> list[list[SimpleNamespace]]:
    return [[SimpleNamespace(number=number) for number in of] for _ in parents]


async def counted(
    context: Any, *, up_to: int, start: int | None = UNSET
) -> AsyncGenerator[list[SimpleNamespace], None]:
    for number in range(0 if start is UNSET or start is None else start, up_to):
        yield [SimpleNamespace(value=SimpleNamespace(number=number), cursor=None)]


@strawberry.type
class Box(Generic[T]):
    content: T
    doubled: int = batch(doubled)


@strawberry.type
class Number:
    number: int
    doubled: int | None = batch(doubled)
    told: str = batch(told, times="How often.", root_id="Where.")


@strawberry.type
class Query:
    numbers: list[Number] = batch(numbers)
    box: Box[int] | None = batch(no_boxes)


@strawberry.type
class Subscription:
    counted: Number = follow(counted, up_to="Where it ends.")


schema = strawberry.Schema(query=Query, subscription=Subscription)


async def run(query: str) -> tuple[Any, list[Any]]:
    calls: list[Any] = []
    result = await schema.execute(query, context_value=calls)
    assert isinstance(result.data, dict), result.errors
    return result.data, calls if result.errors is None else [error.message for error in result.errors]


def test_keyword_only_arguments_become_those_of_the_field() -> None:
    sdl = print_schema(schema._schema)
    assert "= null" not in sdl
    assert 'text: String! = "ab"' in sdl
    assert "optional: String\n" in sdl
    assert '"""Where."""\n    root: ID\n' in sdl
    assert '"""How often."""\n    times: Int!' in sdl


def test_batch_function_is_found_for_a_concrete_type_of_a_generic() -> None:
    for name in ("Number", "IntBox"):
        field = schema._schema.type_map[name].fields["doubled"]  # type: ignore[attr-defined]
        assert field.extensions["strawberry-definition"].batch is doubled
    subscription = schema._schema.subscription_type
    assert subscription is not None
    assert subscription.fields["counted"].extensions["strawberry-definition"].follow is counted


async def test_each_parent_gets_its_value() -> None:
    data, _ = await run("{ numbers(of: [1, 2]) { doubled } }")
    assert data == {"numbers": [{"doubled": 2}, {"doubled": 4}]}


async def test_a_value_that_is_an_exception_is_raised_for_its_parent_only() -> None:
    data, errors = await run("{ numbers(of: [1, 13]) { doubled } }")
    assert data == {"numbers": [{"doubled": 2}, {"doubled": None}]}
    assert errors == ["no such number"]


async def test_an_argument_left_out_is_unset_and_null_is_none() -> None:
    _, calls = await run('{ numbers(of: [1]) { a: told(times: 1) b: told(times: 2, optional: null, root: "r") } }')
    assert sorted(calls, key=str) == [(1, UNSET, UNSET, "ab"), (2, None, "r", "ab")]


async def test_a_description_of_an_unknown_argument_is_refused() -> None:
    with pytest.raises(TypeError, match="told has no argument time"):
        batch(told, time="How often.")


async def test_a_subscription_brings_what_its_function_yields() -> None:
    query = "subscription { counted(upTo: 4, start: 2) { number doubled } }"
    stream = await subscribe(schema._schema, parsed(query), context_value=[])  # type: ignore[misc]
    assert not isinstance(stream, ExecutionResult)
    assert [result.data async for result in stream] == [
        {"counted": {"number": 2, "doubled": 4}},
        {"counted": {"number": 3, "doubled": 6}},
    ]
