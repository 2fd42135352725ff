"""Introspection: run by graphql-core alone, bounded in time, and beside other fields without their being slower."""

import time
from contextlib import suppress
from typing import Any

import orjson
import pytest
from graphql import get_introspection_query, graphql_sync

import schema.root
from execution import introspection
from execution.cost import INTROSPECTION_WEIGHT
from execution.documents import DocumentLimits
from execution.engine import Engine
from execution.introspection import KEPT_BYTES, MAX_VALUES
from execution.operation import Operation, RequestRefused
from forum.limits import Limits

pytestmark = pytest.mark.anyio
SECONDS = 0.1
STANDARD = get_introspection_query(
    specified_by_url=True, directive_is_repeatable=True, schema_description=True, input_value_deprecation=True
)
CORE = schema.root.schema._schema


def engine() -> Engine:
    return Engine(schema.root.schema, sizes=schema.root.sizes(Limits()))


async def answer(runs: Engine, document: str, **variables: Any) -> Any:
    prepared = runs.prepare(Operation(document, variables))
    assert prepared.plan is not None
    return orjson.loads(await runs.execute(prepared, None))


async def test_the_standard_query_is_allowed_and_answered_as_graphql_core_does() -> None:
    runs = engine()
    assert runs.prepare(Operation(STANDARD)).cost < DocumentLimits().cost
    expected = {"data": graphql_sync(CORE, STANDARD).data}
    for _ in range(2):
        assert await answer(runs, STANDARD) == expected


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        ("query ($n: String!) { __type(name: $n) { name } b: __type(name: $n) { kind } }", {"n": "Post"}),
        ("query ($n: String!) { __type(name: $n) { name } }", {"n": "Nothing"}),
        (
            "query ($n: String!, $d: Boolean!) { __type(name: $n) { name @skip(if: $d) kind } }",
            {"n": "Post", "d": True},
        ),
        (
            "query ($n: String!, $d: Boolean!) { __type(name: $n) { name @skip(if: $d) kind } }",
            {"n": "Post", "d": False},
        ),
        ("{ ...a } fragment a on Query { __schema { ...b } } fragment b on __Schema { queryType { name } }", {}),
        ("{ __schema { queryType { name } } __schema { mutationType { name } } __typename }", {}),
        ('query ($n: String = "Post") { __type(name: $n) { name } }', {"n": None}),
        ('query ($d: Boolean = true) { __type(name: "Post") { fields(includeDeprecated: $d) { name } } }', {"d": None}),
        ("query ($d: Boolean = true) { __schema { types { name @skip(if: $d) } } }", {"d": None}),
    ],
)
async def test_each_answer_is_that_of_graphql_core(document: str, variables: dict[str, Any]) -> None:
    runs = engine()
    expected = graphql_sync(CORE, document, variable_values=variables)
    for _ in range(2):
        found = await answer(runs, document, **variables)
        assert found["data"] == expected.data
        assert [error["message"] for error in found.get("errors", [])] == [
            error.message for error in expected.errors or ()
        ]


BOMBS = [
    "{ __schema { types { fields { type { fields { name type { name } } } } } } }",
    "{ __schema { types { possibleTypes { interfaces { possibleTypes { name } } } } } }",
    "{ __schema { types { fields { name type { name ofType { name ofType { name kind } } } args { name } } } } }",
    '{ __type(name: "Node") { possibleTypes { interfaces { possibleTypes { interfaces { name } } } } } }',
    "{ " + " ".join(f"a{number}: __schema {{ types {{ name fields {{ name }} }} }}" for number in range(20)) + " }",
    "{ " + " ".join(f'a{number}: __type(name: "Query") {{ fields {{ name }} }}' for number in range(120)) + " }",
]


@pytest.mark.parametrize("document", [STANDARD, *BOMBS])
async def test_no_introspection_stops_the_event_loop(document: str) -> None:
    best = 1.0
    for _ in range(3):
        runs = engine()
        began = time.thread_time()
        with suppress(RequestRefused):
            await runs.execute(runs.prepare(Operation(document)), None)
        best = min(best, time.thread_time() - began)
    assert best < SECONDS


async def test_past_its_maximum_an_introspection_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    document = '{ __type(name: "Query") { name } b: __type(name: "Query") { kind } }'
    runs = engine()
    # Two objects, and two values of each.
    monkeypatch.setattr(introspection.Allowance.__init__, "__defaults__", (6,))
    assert (await answer(runs, document))["data"] is not None
    monkeypatch.setattr(introspection.Allowance.__init__, "__defaults__", (5,))
    for refusing in (runs, engine()):
        found = await answer(refusing, document)
        assert found["data"] is None
        assert found["errors"][0]["extensions"]["code"] == "TOO_COSTLY"


async def test_what_is_kept_is_bounded() -> None:
    runs = engine()
    kept = runs._fields.introspection
    for number in range(40):
        await answer(runs, STANDARD + f" # {number}")
        assert kept._bytes <= KEPT_BYTES
        assert kept._bytes == sum(size + len(key) for (_, key), ((_, size, _), _) in kept._kept.items())
    assert 1 < len(kept._kept) < 40


def test_every_field_of_the_contract_is_run_by_its_plan() -> None:
    runs = engine()
    unplanned = [
        f"{name}.{field}"
        for name, fields in runs._fields._resolvers.items()
        for field, resolver in fields.items()
        if resolver is None
    ]
    assert unplanned == []


def test_the_values_of_introspection_cost_what_its_time_does() -> None:
    values = {"{ __schema { types { name } } }": len(CORE.type_map)}
    for document, count in values.items():
        cost = engine().prepare(Operation(document)).cost
        assert INTROSPECTION_WEIGHT * count <= cost <= (INTROSPECTION_WEIGHT + 1) * count + 50
    assert engine().prepare(Operation(STANDARD)).cost <= INTROSPECTION_WEIGHT * MAX_VALUES + 1


async def test_the_standard_query_has_room_for_more_types(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(introspection.Allowance.__init__, "__defaults__", (MAX_VALUES * 9 // 10,))
    assert (await answer(engine(), STANDARD))["data"] is not None
