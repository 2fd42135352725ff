"""Arguments and variables: what a resolver is handed, in the types of its own signature, and what is refused.

The cases are those of graphql-js (src/execution/__tests__/variables-test.ts) that a strawberry schema can have; a
request that is refused is not executed at all.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import Enum
from typing import Annotated, Any

import pytest
import strawberry
from strawberry import UNSET
from strawberry.schema.config import StrawberryConfig

from execution.batch import batch
from schema.scalars import SCALARS
from tests.execution.running import of_rows, refused, run

pytestmark = pytest.mark.anyio


@strawberry.enum
class Colour(Enum):
    RED = "r"
    BLUE = None


@strawberry.input
class Deep:
    sure: str
    items: list[str | None] | None = UNSET
    when: datetime | None = UNSET
    colour: Colour = Colour.RED
    renamed: int = strawberry.field(name="other", default=5)


@strawberry.input
class Nested:
    deep: Deep
    more: list[Deep] | None = UNSET


def noted(parents: Sequence[Any], context: Any, **arguments: Any) -> list[str]:
    context.append(arguments)
    return ["noted" for _ in parents]


def text(parents: Sequence[Any], context: Any, *, input: str | None = UNSET) -> list[str]:
    return noted(parents, context, input=input)


def sure(parents: Sequence[Any], context: Any, *, input: str) -> list[str]:
    return noted(parents, context, input=input)


def default(parents: Sequence[Any], context: Any, *, input: str | None = "Hello", sure: str = "World") -> list[str]:
    return noted(parents, context, input=input, sure=sure)


async def deep(parents: Sequence[Any], context: Any, *, input: Deep | None = UNSET) -> list[str]:
    return noted(parents, context, input=input)


async def nested(parents: Sequence[Any], context: Any, *, input: Nested) -> list[str]:
    return noted(parents, context, input=input)


def colour(parents: Sequence[Any], context: Any, *, input: Colour | None = UNSET) -> list[str]:
    return noted(parents, context, input=input)


def listed(parents: Sequence[Any], context: Any, *, sure: list[str | None]) -> list[str]:
    return noted(parents, context, sure=sure)


def mixed(
    parents: Sequence[Any],
    context: Any,
    *,
    list_: Annotated[list[str | None] | None, strawberry.argument(name="list")] = UNSET,
    items_sure: list[str] | None = UNSET,
    id: strawberry.ID | None = UNSET,
    ratio: float | None = UNSET,
    when: datetime | None = UNSET,
) -> list[str]:
    given = {"list": list_, "itemsSure": items_sure, "id": id, "ratio": ratio, "when": when}
    return noted(parents, context, **{name: value for name, value in given.items() if value is not UNSET})


@strawberry.type
class Query:
    text: str | None = batch(text)
    sure: str | None = batch(sure)
    default: str | None = batch(default)
    deep: str | None = batch(deep)
    nested: str | None = batch(nested)
    colour: str | None = batch(colour)
    listed: str | None = batch(listed)
    mixed: str | None = batch(mixed)


ENGINE = of_rows(strawberry.Schema(Query, config=StrawberryConfig(scalar_map=SCALARS)))
NOON = datetime(2026, 11, 5, 12, tzinfo=UTC)


async def handed(document: str, variables: Any = None) -> Any:
    """What the resolver of the one field was handed."""
    calls: list[Any] = []
    data, errors = await run(ENGINE, document, variables, context=calls)
    assert errors == []
    assert list(data.values()) == ["noted"]
    (arguments,) = calls
    return arguments["input"] if list(arguments) == ["input"] else arguments


@pytest.mark.parametrize(
    ("literal", "expected"),
    [
        ('{ sure: "a", items: ["b", null, "c"] }', Deep(sure="a", items=["b", None, "c"])),
        ('{ sure: "a", items: "b" }', Deep(sure="a", items=["b"])),
        ('{ sure: "a", items: null, colour: BLUE }', Deep(sure="a", items=None, colour=Colour.BLUE)),
        ('{ sure: "a", when: "2026-11-05T12:00:00Z", other: 7 }', Deep(sure="a", when=NOON, renamed=7)),
        ('{ sure: "a" }', Deep(sure="a")),
        ("null", None),
    ],
)
async def test_an_input_object_as_a_literal(literal: str, expected: Any) -> None:
    assert await handed(f"{{ deep(input: {literal}) }}") == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"sure": "a", "items": ["b", None]}, Deep(sure="a", items=["b", None])),
        ({"sure": "a", "items": "b"}, Deep(sure="a", items=["b"])),
        ({"sure": "a", "colour": "BLUE"}, Deep(sure="a", colour=Colour.BLUE)),
        ({"sure": "a", "when": "2026-11-05T13:00:00+01:00"}, Deep(sure="a", when=NOON)),
        (None, None),
    ],
)
async def test_an_input_object_as_a_variable(value: Any, expected: Any) -> None:
    assert await handed("query ($v: Deep) { deep(input: $v) }", {"v": value}) == expected


async def test_variables_stand_anywhere_in_a_literal() -> None:
    document = """query ($s: String!, $d: Deep!, $c: Colour!, $left: [String], $i: String) { nested(input: {
      deep: { sure: $s, colour: $c, items: ["x", $i], when: null }, more: [$d, { sure: $s, items: $left }]
    }) }"""
    found = await handed(document, {"s": "a", "d": {"sure": "b"}, "c": "BLUE"})
    first = Deep(sure="a", colour=Colour.BLUE, items=["x", None], when=None)
    assert found == Nested(deep=first, more=[Deep(sure="b"), Deep(sure="a")])
    assert found.more[1].items is UNSET


async def test_one_document_with_other_variables_is_handed_the_others() -> None:
    document = "query ($v: Deep!) { deep(input: $v) }"
    for name in ("a", "b", "a"):
        assert await handed(document, {"v": {"sure": name}}) == Deep(sure=name)


@pytest.mark.parametrize(
    ("head", "variables", "expected"),
    [
        ("($v: String)", {}, UNSET),
        ("($v: String)", {"v": None}, None),
        ("($v: String)", {"v": "a"}, "a"),
        ('($v: String = "b")', {}, "b"),
        ('($v: String = "b")', {"v": None}, None),
        ('($v: String = "b")', {"v": "a"}, "a"),
        ("($v: String = null)", {}, None),
        ('($v: String! = "c")', {}, "c"),
        ("($v: String!)", {"v": "a"}, "a"),
    ],
)
async def test_a_nullable_argument_takes_what_a_variable_has(head: str, variables: Any, expected: Any) -> None:
    found = await handed(f"query {head} {{ text(input: $v) }}", variables)
    assert found is expected or found == expected


async def test_an_argument_without_variables_is_taken_as_it_is() -> None:
    assert await handed("{ text }") is UNSET
    assert await handed("{ text(input: null) }") is None
    assert await handed('{ sure(input: "a") }') == "a"


@pytest.mark.parametrize(
    ("arguments", "variables", "expected"),
    [
        ("", {}, ("Hello", "World")),
        ("(input: $a, sure: $b)", {}, ("Hello", "World")),
        ("(input: $a, sure: $b)", {"a": None, "b": "x"}, (None, "x")),
        ('(input: "y", sure: "z")', {}, ("y", "z")),
    ],
)
async def test_an_argument_left_out_has_its_default(arguments: str, variables: Any, expected: tuple[Any, Any]) -> None:
    head = "query ($a: String, $b: String) " if arguments and "$" in arguments else ""
    found = await handed(f"{head}{{ default{arguments} }}", variables)
    assert (found["input"], found["sure"]) == expected


async def test_an_enum_is_handed_as_its_member_whatever_its_value() -> None:
    assert await handed("{ colour(input: BLUE) }") is Colour.BLUE
    assert await handed("query ($v: Colour) { colour(input: $v) }", {"v": "RED"}) is Colour.RED
    assert await handed("query ($v: Colour = BLUE) { colour(input: $v) }") is Colour.BLUE


@pytest.mark.parametrize(
    ("argument", "declared", "value", "expected"),
    [
        ("list", "[String]", None, None),
        ("list", "[String]", ["a"], ["a"]),
        ("list", "[String]", ["a", None], ["a", None]),
        ("list", "[String]", "a", ["a"]),
        ("list", "[String]", [], []),
        ("sure", "[String]!", ["a", None], ["a", None]),
        ("itemsSure", "[String!]", None, None),
        ("itemsSure", "[String!]", ["a", "b"], ["a", "b"]),
        ("id", "ID", 7, "7"),
        ("ratio", "Float", 2, 2.0),
        ("when", "DateTime", "2026-11-05T12:00:00Z", NOON),
    ],
)
async def test_a_variable_is_coerced_to_its_type(argument: str, declared: str, value: Any, expected: Any) -> None:
    field = "listed" if argument == "sure" else "mixed"
    found = await handed(f"query ($v: {declared}) {{ {field}({argument}: $v) }}", {"v": value})
    assert found == {argument: expected}


@pytest.mark.parametrize(
    ("document", "variables", "count"),
    [
        ("query ($v: Deep) { deep(input: $v) }", {"v": {"items": ["a"]}}, 1),
        ("query ($v: Deep) { deep(input: $v) }", {"v": {"sure": None}}, 1),
        ("query ($v: Deep) { deep(input: $v) }", {"v": "text"}, 1),
        ("query ($v: Deep) { deep(input: $v) }", {"v": {"sure": "a", "unknown": 1}}, 1),
        ("query ($v: Deep) { deep(input: $v) }", {"v": {"sure": "a", "when": "yesterday"}}, 1),
        ("query ($v: Nested!) { nested(input: $v) }", {"v": {"deep": {"items": [1]}, "more": [{}]}}, 3),
        ("query ($v: String!) { sure(input: $v) }", {}, 1),
        ("query ($v: String!) { sure(input: $v) }", {"v": None}, 1),
        ("query ($v: String!) { sure(input: $v) }", {"v": ["a"]}, 1),
        ("query ($v: [String!]) { mixed(itemsSure: $v) }", {"v": ["a", None]}, 1),
        ("query ($v: [String]!) { listed(sure: $v) }", {"v": None}, 1),
        ("query ($v: Colour) { colour(input: $v) }", {"v": "GREEN"}, 1),
        ("query ($v: Unknown) { text(input: $v) }", {"v": "a"}, 1),
        ("query ($v: Query) { text(input: $v) }", {"v": "a"}, 2),
        ("{ sure }", {}, 1),
        ("{ deep(input: { items: [] }) }", {}, 1),
        ('{ deep(input: ["a"]) }', {}, 1),
        ("{ text(input: 1) }", {}, 1),
    ],
)
def test_what_does_not_fit_is_refused_and_each_fault_is_told(document: str, variables: Any, count: int) -> None:
    assert len(refused(ENGINE, document, variables)) == count


async def test_what_only_the_run_can_see_is_an_error_of_the_one_field() -> None:
    document = """query ($s: String = "a", $t: [String!] = ["b"]) {
      a: deep(input: { sure: $s }) b: sure(input: $s) c: mixed(itemsSure: $t) d: text }"""
    data, errors = await run(ENGINE, document, {"s": None, "t": None}, context=[])
    assert data == {"a": None, "b": None, "c": "noted", "d": "noted"}
    assert [error.split(":")[0] for error in errors] == ["a", "b"]
