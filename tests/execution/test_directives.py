"""@skip and @include: on fields, on named and inline fragments, with literals and with variables.

The cases are those of graphql-js (src/execution/__tests__/directives-test.ts), and those of objects left empty.
"""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
import strawberry

from execution.batch import batch
from tests.execution.running import of_rows, refused, run

pytestmark = pytest.mark.anyio


def letter(parents: Sequence[Any], context: Any) -> list[str]:
    if context is not None:
        context.append("asked")
    return ["a" for _ in parents]


async def boxes(parents: Sequence[Any], context: Any) -> list[Any]:
    return [[SimpleNamespace(b=number) for number in (1, 2)] for _ in parents]


@strawberry.type
class Box:
    b: int
    a: str = batch(letter)


@strawberry.type
class Query:
    a: str = batch(letter)
    c: str = batch(letter)
    boxes: list[Box] = batch(boxes)


ENGINE = of_rows(strawberry.Schema(Query))
PLACES = pytest.mark.parametrize(
    "place",
    [
        "c a DIRECTIVE",
        "c ...named DIRECTIVE",
        "c ... on Query DIRECTIVE { a }",
        "c ... DIRECTIVE { a }",
        "c ... DIRECTIVE { ... { ...named } }",
    ],
)
NAMED = " fragment named on Query { a }"


async def asked(selections: str, variables: dict[str, Any] | None = None, head: str = "") -> Any:
    document = f"{head}{{ {selections} }}{NAMED if '...named' in selections else ''}"
    data, errors = await run(ENGINE, document, variables)
    assert errors == []
    return data


@PLACES
@pytest.mark.parametrize(
    ("directive", "stays"),
    [
        ("@include(if: true)", True),
        ("@include(if: false)", False),
        ("@skip(if: false)", True),
        ("@skip(if: true)", False),
        ("@include(if: true) @skip(if: false)", True),
        ("@include(if: true) @skip(if: true)", False),
        ("@include(if: false) @skip(if: false)", False),
        ("@include(if: false) @skip(if: true)", False),
    ],
)
async def test_a_selection_stays_or_goes_by_a_literal(place: str, directive: str, stays: bool) -> None:
    expected = {"c": "a", "a": "a"} if stays else {"c": "a"}
    assert await asked(place.replace("DIRECTIVE", directive)) == expected


@PLACES
@pytest.mark.parametrize("first", [True, False])
async def test_a_selection_stays_or_goes_by_a_variable_anew_in_each_run(place: str, first: bool) -> None:
    for value in (first, not first, first):
        for directive, stays in (("include", value), ("skip", not value)):
            found = await asked(
                place.replace("DIRECTIVE", f"@{directive}(if: $v)"), {"v": value}, "query ($v: Boolean!) "
            )
            assert found == ({"c": "a", "a": "a"} if stays else {"c": "a"})


@pytest.mark.parametrize(("variables", "stays"), [({}, False), ({"v": True}, True), ({"v": False}, False)])
async def test_a_variable_left_out_has_its_default(variables: dict[str, Any], stays: bool) -> None:
    found = await asked("c a @include(if: $v)", variables, "query ($v: Boolean = false) ")
    assert ("a" in found) is stays


async def test_a_field_asked_for_twice_goes_only_where_it_is_skipped() -> None:
    assert await asked("a @skip(if: true) c a") == {"c": "a", "a": "a"}
    assert await asked("a ...named @skip(if: true)") == {"a": "a"}


async def test_a_spread_that_is_skipped_does_not_count_as_spread() -> None:
    assert await asked("...named @skip(if: true) ...named") == {"a": "a"}


async def test_what_is_skipped_is_not_called() -> None:
    calls: list[str] = []
    assert await run(ENGINE, "{ a @skip(if: true) c @include(if: false) boxes { b } }", context=calls) == (
        {"boxes": [{"b": 1}, {"b": 2}]},
        [],
    )
    assert calls == []


async def test_objects_of_which_nothing_is_left_are_empty_and_there() -> None:
    assert await asked("boxes { a @skip(if: true) }") == {"boxes": [{}, {}]}
    assert await asked("boxes { ... @include(if: false) { a b } }") == {"boxes": [{}, {}]}
    assert await asked("a @skip(if: true)") == {}


async def test_null_for_a_directive_is_refused_before_the_run() -> None:
    document = "query ($v: Boolean = true) { boxes { b a @include(if: $v) } }"
    assert refused(ENGINE, document, {"v": None}) == [
        "Variable '$v' is null, and @skip or @include needs a Boolean.",
    ]
