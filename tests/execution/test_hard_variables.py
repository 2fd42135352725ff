"""Variables that are meant to hurt: counted before they are coerced, and cheap however often they are used."""

import time
from collections.abc import Sequence
from typing import Any

import orjson
import pytest
import strawberry
from graphql import GraphQLInputObjectType, GraphQLObjectType, get_nullable_type, is_list_type
from hypothesis import given, settings
from hypothesis import strategies as st
from strawberry import UNSET

from execution.arguments import MAX_LIST_ITEMS
from execution.batch import batch
from execution.documents import DocumentLimits
from execution.engine import Engine
from execution.operation import Operation, RequestRefused
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
    _context: Any,
    *,
    ids: list[strawberry.ID] | None = UNSET,
    one: Outer | None = UNSET,
    many: list[Outer] | None = UNSET,
) -> list[str]:
    return ["taken" for _ in parents]


@strawberry.type
class Query:
    taken: str | None = batch(taken)


ENGINE = Engine(strawberry.Schema(Query))
PARLEY = Engine(root.schema)


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
