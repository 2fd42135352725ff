"""Abstract types: how an object's type is found, and what is told where it can't be.

The cases are those of graphql-js (src/execution/__tests__/abstract-test.ts) that a strawberry schema can have.
"""

from collections.abc import Sequence
from typing import Any

import pytest
import strawberry
from graphql import GraphQLInterfaceType

from execution.batch import batch
from tests.execution.running import of_rows, run

pytestmark = pytest.mark.anyio


class Row:
    def __init__(self, kind: Any) -> None:
        self.kind, self.name = kind, f"a {kind}"


def all_of(parents: Sequence[Any], context: Any) -> list[Any]:
    return [[Row(kind) for kind in context] for _ in parents]


async def first_of(parents: Sequence[Any], context: Any) -> list[Any]:
    return [Row(context[0]) for _ in parents]


@strawberry.interface
class Animal:
    name: str


@strawberry.type
class Dog(Animal):
    name: str


@strawberry.type
class Cat(Animal):
    name: str


@strawberry.type
class Stone:
    name: str


@strawberry.type
class Query:
    animals: list[Animal | None] = batch(all_of)
    strict: list[Animal] | None = batch(all_of)
    animal: Animal | None = batch(first_of)
    stone: Stone | None = batch(first_of)


def kind_of(row: Row, *_: object) -> Any:
    if row.kind == "Unruly":
        raise ValueError("it bites")
    return row.kind


SCHEMA = strawberry.Schema(Query, types=[Dog, Cat, Stone])
ENGINE = of_rows(SCHEMA)
animal_type = SCHEMA._schema.type_map["Animal"]
assert isinstance(animal_type, GraphQLInterfaceType)
animal_type.resolve_type = kind_of


async def test_the_type_is_the_one_that_is_told_for_the_row() -> None:
    data, errors = await run(ENGINE, "{ animals { __typename name } }", context=["Dog", "Cat", "Dog"])
    assert [item["__typename"] for item in data["animals"]] == ["Dog", "Cat", "Dog"]
    assert errors == []


async def test_an_error_in_finding_a_type_is_that_of_its_item() -> None:
    data, errors = await run(ENGINE, "{ animals { name } }", context=["Dog", "Unruly", "Cat", "Unruly"])
    assert data == {"animals": [{"name": "a Dog"}, None, {"name": "a Cat"}, None]}
    assert errors == ["animals.1: it bites", "animals.3: it bites"]


async def test_an_error_in_finding_a_type_nulls_a_list_of_strict_items() -> None:
    assert await run(ENGINE, "{ strict { name } }", context=["Dog", "Unruly"]) == (
        {"strict": None},
        ["strict.1: it bites"],
    )


@pytest.mark.parametrize("kind", [None, "Human", "String", "Stone", "Query"], ids=str)
async def test_a_type_that_can_not_be_is_an_error_of_the_position(kind: Any) -> None:
    assert await run(ENGINE, "{ animal { name } }", context=[kind]) == ({"animal": None}, ["animal: no type"])
    data, errors = await run(ENGINE, "{ animals { name } }", context=["Dog", kind])
    assert data == {"animals": [{"name": "a Dog"}, None]}
    assert errors == ["animals.1: no type"]


async def test_an_object_type_asks_nobody_what_its_rows_are() -> None:
    assert await run(ENGINE, "{ stone { __typename name } }", context=["Unruly"]) == (
        {"stone": {"__typename": "Stone", "name": "a Unruly"}},
        [],
    )


async def test_an_object_type_that_knows_its_values_refuses_others() -> None:
    schema = strawberry.Schema(Query, types=[Dog, Cat, Stone])
    engine = of_rows(schema)
    schema._schema.type_map["Stone"].is_type_of = lambda row, _: row.kind == "Stone"  # type: ignore[attr-defined]
    assert await run(engine, "{ stone { name } }", context=["Stone"]) == ({"stone": {"name": "a Stone"}}, [])
    data, (error,) = await run(engine, "{ stone { name } }", context=["Dog"])
    assert data == {"stone": None}
    assert error.startswith("stone: Expected value of type 'Stone' but got: ")
