"""Merging: selections of one response key are one field, called once, with all that any of them asks below it.

The cases are those of graphql-js (src/execution/__tests__/executor-test.ts), and of section 6.3.2 "Field Collection".
"""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
import strawberry

from execution.batch import batch
from execution.operation import Operation, RequestRefused
from tests.execution.running import lines, of_rows, refused, run

pytestmark = pytest.mark.anyio


def fruit(parents: Sequence[Any], context: Any, *, ripe: bool = False) -> list[str]:
    return ["ripe" if ripe else "green" for _ in parents]


async def deeper(parents: Sequence[Any], context: Any, *, size: int = 1) -> list[Any]:
    if context is not None:
        context.append((size, len(parents)))
    return [SimpleNamespace(a="Apple", b="Banana", c="Cherry", size=size) for _ in parents]


async def two(parents: Sequence[Any], context: Any) -> list[Any]:
    return [await deeper([None] * 2, None) for _ in parents]


def broken(parents: Sequence[Any], context: Any) -> list[Exception]:
    return [LookupError("Catch me if you can") for _ in parents]


@strawberry.type
class Tree:
    a: str
    b: str
    c: str
    size: int
    fruit: str = batch(fruit)
    deep: "Tree | None" = batch(deeper)
    sure: "Tree" = batch(deeper)
    two: "list[Tree]" = batch(two)
    broken: str = batch(broken)


@strawberry.type
class Query:
    deep: Tree | None = batch(deeper)
    two: list[Tree] = batch(two)
    fruit: str = batch(fruit)


ENGINE = of_rows(strawberry.Schema(Query))


async def given(document: str, variables: Any = None, name: str | None = None, context: Any = None) -> Any:
    data, errors = await run(ENGINE, document, variables, name=name, context=context)
    assert errors == []
    return data


async def test_fragments_side_by_side_merge_at_every_depth() -> None:
    document = """
      { deep { ...one ...other } }
      fragment one on Tree { b deep { b deeper: deep { b } } }
      fragment other on Tree { c deep { c deeper: deep { c } } }
    """
    both = {"b": "Banana", "c": "Cherry"}
    assert await given(document) == {"deep": {**both, "deep": {**both, "deeper": both}}}


async def test_merged_field_is_called_once_for_all_its_parents() -> None:
    calls: list[Any] = []
    document = "{ deep { a } ...more two { deep(size: 3) { a } ... on Tree { deep(size: 3) { b } } } deep { b } }"
    document += " fragment more on Query { deep { deep(size: 2) { a } } ... { deep { c deep(size: 2) { size } } } }"
    assert await given(document, context=calls) == {
        "deep": {"a": "Apple", "deep": {"a": "Apple", "size": 2}, "c": "Cherry", "b": "Banana"},
        "two": [{"deep": {"a": "Apple", "b": "Banana"}}] * 2,
    }
    assert sorted(calls) == [(1, 1), (2, 1), (3, 2)]


async def test_keys_stand_where_they_are_met_first() -> None:
    document = "{ deep { c ...later b a } } fragment later on Tree { b deep { c a } a deep { b a } }"
    found = (await given(document))["deep"]
    assert list(found) == ["c", "b", "deep", "a"]
    assert list(found["deep"]) == ["c", "a", "b"]


async def test_aliases_keep_fields_apart_and_each_has_its_own_arguments() -> None:
    document = (
        "{ fruit small: deep(size: 1) { size } big: deep(size: 9) { size } b: fruit(ripe: true) c: fruit(ripe: false) }"
    )
    assert await given(document) == {
        "fruit": "green",
        "small": {"size": 1},
        "big": {"size": 9},
        "b": "ripe",
        "c": "green",
    }


async def test_an_alias_may_be_the_name_of_another_field() -> None:
    assert await given("{ deep { a: b b: c c: a deep: size } }") == {
        "deep": {"a": "Banana", "b": "Cherry", "c": "Apple", "deep": 1}
    }


async def test_a_fragment_spread_again_adds_nothing() -> None:
    document = (
        "{ two { ...f ...f ... on Tree { ...f } } } fragment f on Tree { a deep { ...g } } fragment g on Tree { b }"
    )
    assert await given(document) == {"two": [{"a": "Apple", "deep": {"b": "Banana"}}] * 2}


async def test_one_fragment_may_stand_at_several_depths() -> None:
    document = "{ deep { ...f deep { ...f deep { ...f } } } } fragment f on Tree { b }"
    assert await given(document) == {"deep": {"b": "Banana", "deep": {"b": "Banana", "deep": {"b": "Banana"}}}}


async def test_an_error_names_every_place_that_asks_for_its_field() -> None:
    document = "{\n  deep { broken }\n  ...f\n}\nfragment f on Query {\n  deep { broken }\n}"
    assert await lines(ENGINE, document) == [(["deep", "broken"], [(2, 10), (6, 10)])]


async def test_an_error_has_its_path_by_response_keys() -> None:
    document = "{ deep { x: deep { sure { y: sure { z: broken } } } } }"
    assert await run(ENGINE, document) == ({"deep": {"x": None}}, ["deep.x.sure.y.z: Catch me if you can"])


async def test_variable_arguments_may_change_between_runs() -> None:
    document = (
        "query ($n: Int!, $b: Boolean = true) { deep(size: $n) { size deep(size: $n) { size } } fruit(ripe: $b) }"
    )
    for number in (1, 2, 1):
        for ripe in (True, False):
            assert await given(document, {"n": number, "b": ripe}) == {
                "deep": {"size": number, "deep": {"size": number}},
                "fruit": "ripe" if ripe else "green",
            }


async def test_of_several_operations_the_one_that_is_named_runs() -> None:
    document = "query A { fruit } query B { deep { ...f } } fragment f on Tree { a }"
    assert await given(document, name="A") == {"fruit": "green"}
    assert await given(document, name="B") == {"deep": {"a": "Apple"}}
    for name in (None, "C", ""):
        with pytest.raises(RequestRefused):
            ENGINE.prepare(Operation(document, None, name))


async def test_the_only_operation_runs_named_or_not() -> None:
    assert await given("query Only { fruit }") == {"fruit": "green"}
    assert await given("query Only { fruit }", name="Only") == {"fruit": "green"}


async def test_introspection_is_answered_beside_other_fields() -> None:
    document = '{ fruit __schema { queryType { name } } __type(name: "Tree") { name } __typename }'
    assert await run(ENGINE, document) == (
        {
            "fruit": "green",
            "__schema": {"queryType": {"name": "Query"}},
            "__type": {"name": "Tree"},
            "__typename": "Query",
        },
        [],
    )


def test_a_key_that_means_two_things_is_refused() -> None:
    for document in (
        "{ deep { x: a x: b } }",
        "{ deep { fruit fruit(ripe: true) } }",
        "{ deep { ...f x: b } } fragment f on Tree { x: a }",
    ):
        (message,) = refused(ENGINE, document)
        assert "conflict" in message
