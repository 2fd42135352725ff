"""Variables that are meant to hurt: counted before they are coerced, and cheap however often they are used."""

import time
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import Any

import orjson
import pytest
import strawberry
from graphql import (
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLObjectType,
    get_named_type,
    get_nullable_type,
    is_list_type,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from strawberry import UNSET

from execution.arguments import MAX_CHARACTERS, MAX_LIST_ITEMS
from execution.batch import batch
from execution.documents import DocumentLimits
from execution.engine import Engine
from execution.operation import MAX_MESSAGE, Operation, RequestRefused
from schema import root

LIMIT = DocumentLimits().variable_values
SECONDS = 0.1


@strawberry.input
class Inner:
    text: str
    number: int | None = UNSET


@strawberry.input
class Outer:
    inner: Inner | None = UNSET
    many: list[Inner] | None = UNSET
    table: list[list[int]] | None = UNSET


def taken(
    parents: Sequence[Any],
    context: Any,
    *,
    ids: list[strawberry.ID] | None = UNSET,
    one: Outer | None = UNSET,
    many: list[Outer] | None = UNSET,
) -> list[str]:
    if context is not None:
        context.append((ids, one, many))
    return ["taken" for _ in parents]


@strawberry.enum
class Kind(Enum):
    OLD = "old"


def kind(parents: Sequence[Any], _context: Any, *, kind: Kind | None = UNSET) -> list[str]:
    return [str(kind) for _ in parents]


@strawberry.type
class Query:
    taken: str | None = batch(taken)
    kind: str | None = batch(kind)


ENGINE = Engine(strawberry.Schema(Query))
PARLEY = Engine(root.schema, long_texts=root.LONG_TEXTS)


def code(engine: Engine, query: str, variables: Any) -> str | None:
    """The code with which a request is refused; None if it may run."""
    try:
        engine.prepare(Operation(query, variables))
    except RequestRefused as refused:
        return str(refused.errors[0]["extensions"]["code"])
    return None


def values(variables: Any) -> int:
    if isinstance(variables, dict):
        return len(variables) + sum(map(values, variables.values()))
    return len(variables) + sum(map(values, variables)) if isinstance(variables, list) else 0


def chained(levels: int) -> Any:
    nested: Any = 1
    for _ in range(levels):
        nested = {"a": [nested]}
    return nested


@pytest.mark.parametrize(
    "variables",
    [
        {"ids": ["a"] * LIMIT},
        {"nobody": [[]] * 300_000},
        {"nobody": [[[0] * 10] * 10] * 100},
        {"one": {str(number): number for number in range(LIMIT)}},
        {str(number): None for number in range(LIMIT + 1)},
        {"many": [{"inner": {"text": ""}}] * 2_000},
        {"deep": chained(LIMIT // 2 + 1)},
    ],
)
def test_variables_with_too_many_values_are_refused_at_once(variables: Any) -> None:
    query = "query ($ids: [ID!], $one: Outer, $many: [Outer!]) { taken(ids: $ids, one: $one, many: $many) }"
    began = time.thread_time()
    assert [code(ENGINE, document, variables) for document in (query, "{ taken }")] == ["TOO_COSTLY"] * 2
    assert time.thread_time() - began < SECONDS


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=3), inner, max_size=6),
    max_leaves=60,
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(max_size=3), JSON, max_size=6))
def test_each_scalar_list_and_object_counts_as_one(variables: dict[str, Any]) -> None:
    count = values(variables)
    exact = Engine(ENGINE.schema, limits=DocumentLimits(variable_values=count))
    assert code(exact, "{ taken }", variables) is None
    if count:
        fewer = Engine(ENGINE.schema, limits=DocumentLimits(variable_values=count - 1))
        assert code(fewer, "{ taken }", variables) == "TOO_COSTLY"


LISTS: dict[str, tuple[str, list[Any]]] = {
    "ids: $v": ("[ID!]", ["a"]),
    "many: $v": ("[Outer!]", [{}]),
    "one: { many: $v }": ("[Inner!]", [{"text": ""}]),
    "one: { table: $v }": ("[[Int!]!]", [[]]),
    "one: { table: [$v] }": ("[Int!]!", [1]),
}


@pytest.mark.anyio
@pytest.mark.parametrize("argument", LISTS)
async def test_every_list_has_a_maximum(argument: str) -> None:
    of_type, items = LISTS[argument]
    query = f"query ($v: {of_type}) {{ taken({argument}) }}"
    default = f"query ($v: {of_type} = {_literal(items * (MAX_LIST_ITEMS + 1))}) {{ taken({argument}) }}"
    literal = f"{{ taken({argument.replace('$v', _literal(items * (MAX_LIST_ITEMS + 1)))}) }}"
    assert await answer(query, v=items * MAX_LIST_ITEMS) == {"data": {"taken": "taken"}}
    for found in (await answer(query, v=items * (MAX_LIST_ITEMS + 1)), await answer(default), await answer(literal)):
        (error,) = found["errors"]
        assert found["data"] == {"taken": None}
        assert error["extensions"] == {"code": "BAD_ARGUMENT"}
        assert f"{MAX_LIST_ITEMS + 1} items; {MAX_LIST_ITEMS} are allowed" in error["message"]


def _literal(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_literal(item)}" for key, item in value.items()) + "}"
    return orjson.dumps(value).decode()


async def answer(query: str, **variables: Any) -> Any:
    return orjson.loads(await ENGINE.execute(ENGINE.prepare(Operation(query, variables)), None))


def test_each_list_of_the_contract_says_its_maximum() -> None:
    lists = [
        (f"{name}.{key}", part)
        for name, graphql_type in root.schema._schema.type_map.items()
        if isinstance(graphql_type, GraphQLObjectType | GraphQLInputObjectType) and not name.startswith("__")
        for key, field in graphql_type.fields.items()
        for part in (field.args.values() if isinstance(graphql_type, GraphQLObjectType) else [field])
        if is_list_type(get_nullable_type(part.type))
    ]
    assert len(lists) >= 6
    for place, part in lists:
        assert f"At most {MAX_LIST_ITEMS}." in (part.description or ""), place


@pytest.mark.anyio
async def test_a_hundred_uses_of_one_variable_cost_hardly_more_than_one() -> None:
    uses = " ".join(f'a{number}: previewBody(body: "x", quotes: $q) {{ body }}' for number in range(130))
    query = f"query ($q: [QuoteInput!]) {{ {uses} }}"
    variables = {"q": [{"sourceId": "", "text": ""}] * MAX_LIST_ITEMS}
    prepared = PARLEY.prepare(Operation(query, variables))
    assert prepared.plan is not None
    fields = prepared.plan.root.fields
    best = 1.0
    for _ in range(5):
        prepared = PARLEY.prepare(Operation(query, variables))
        began = time.thread_time()
        for planned in fields:
            assert len(planned.arguments(PARLEY._fields, prepared.coerced)["quotes"]) == MAX_LIST_ITEMS
        best = min(best, time.thread_time() - began)
    assert best < SECONDS


TEXTS = {
    "ids: [$v]": "ID!",
    "ids: $v": "[ID!]",
    "one: { inner: { text: $v } }": "String!",
    "one: { many: [{ text: $v }] }": "String!",
    'many: [{ inner: { text: "a" } }, { inner: { text: $v } }]': "String!",
}


@pytest.mark.anyio
@pytest.mark.parametrize("argument", TEXTS)
async def test_a_long_text_reaches_no_resolver_however_often_it_is_used(argument: str) -> None:
    aliases = " ".join(f"a{at}: taken({argument})" for at in range(30))
    short, long, longest = ("a" * length for length in (MAX_CHARACTERS, MAX_CHARACTERS + 1, 900_000))
    asked = f"query ($v: {TEXTS[argument]}) {{ {aliases} }}"
    default = f'query ($v: {TEXTS[argument]} = "{long}") {{ {aliases} }}'
    literal = f"{{ taken({argument.replace('$v', _literal(long))}) }}"
    for query, variables, expected in (
        (asked, {"v": short}, 30),
        (asked, {"v": long}, 0),
        (asked, {"v": longest}, 0),
        (default, {}, 0),
        (literal, {}, 0),
    ):
        calls: list[Any] = []
        found = orjson.loads(await ENGINE.execute(ENGINE.prepare(Operation(query, variables)), calls))
        assert len(calls) == expected
        for error in found.get("errors", ()):
            assert error["extensions"] == {"code": "BAD_ARGUMENT"}
            assert f" characters; {MAX_CHARACTERS} are allowed" in error["message"]
        assert bool(found.get("errors")) == (not expected)


def texts_in(part: GraphQLInputType, name: str, above: frozenset[str]) -> Iterator[tuple[str, Any, Any]]:
    """Yields the name of each String and ID in an argument, with values of the argument: a short text, and a long."""
    of_type = get_named_type(part)
    found: list[tuple[str, Any, Any]] = []
    if isinstance(of_type, GraphQLInputObjectType) and of_type.name not in above:
        for key, field in of_type.fields.items():
            found += [
                (at, {key: short}, {key: long}) for at, short, long in texts_in(field.type, key, above | {of_type.name})
            ]
    elif of_type.name in ("String", "ID"):
        found.append((name, "a" * MAX_CHARACTERS, "a" * 900_000))
    is_list = is_list_type(get_nullable_type(part))
    for at, short, long in found:
        yield at, [short] if is_list else short, [long] if is_list else long


PLACES = [
    (f"{graphql_type.name}.{key}", argument, at, short, long)
    for graphql_type in root.schema._schema.type_map.values()
    if isinstance(graphql_type, GraphQLObjectType) and not graphql_type.name.startswith("__")
    for key, field in graphql_type.fields.items()
    for argument, part in field.args.items()
    for at, short, long in texts_in(part.type, argument, frozenset())
]


@pytest.mark.parametrize(
    ("place", "argument", "at", "short", "long"), [each for each in PLACES if each[2] not in root.LONG_TEXTS]
)
def test_each_text_of_the_contract_has_a_maximum(place: str, argument: str, at: str, short: Any, long: Any) -> None:
    convert = PARLEY._fields.of(*place.split(".")).convert
    with pytest.raises(GraphQLError, match=f"`{at}` has 900000 characters; {MAX_CHARACTERS} are allowed"):
        convert({argument: long})
    try:
        convert({argument: short})
    except TypeError as missing:
        assert "missing" in str(missing)  # noqa: PT017 - inputs are without their other fields


def test_all_arguments_were_looked_at() -> None:
    assert len(PLACES) > 60
    assert {at for _, _, at, _, _ in PLACES} > root.LONG_TEXTS


@pytest.mark.parametrize(
    "operation",
    [
        Operation("query A { taken }", name="a" * 900_000),
        Operation(None, document_id="a" * 900_000),
        Operation("{ taken }", document_id="a" * 900_000),
        Operation(None, extensions={"persistedQuery": {"version": 1, "sha256Hash": "a" * 900_000}}),
        Operation("query ($v: Outer) { taken(one: $v) }", {"v": {"a" * 900_000: 1}}),
        Operation("query ($v: Outer) { taken(one: $v) }", {"v": {"inner": {"text": "", "number": "a" * 900_000}}}),
        Operation("query ($v: Kind) { kind(kind: $v) }", {"v": "a" * 900_000}),
    ],
)
def test_an_error_repeats_little_of_what_was_sent(operation: Operation) -> None:
    with pytest.raises(RequestRefused) as refused:
        ENGINE.prepare(operation)
    assert all(len(error["message"]) <= MAX_MESSAGE + 1 for error in refused.value.errors)
