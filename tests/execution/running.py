"""What the tests of single rules share: schemas of plain rows, and a run of one document over them."""

from collections.abc import Mapping
from typing import Any

import orjson
import pytest
import strawberry
from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLUnionType

from execution.engine import Engine
from execution.operation import Operation, RequestRefused
from tests.execution import oracle


def of_rows(schema: strawberry.Schema) -> Engine:
    """Runs the schema over rows that are no instances of its classes: what they are, the name of their class tells."""
    for graphql_type in schema._schema.type_map.values():
        if isinstance(graphql_type, GraphQLInterfaceType | GraphQLUnionType):
            graphql_type.resolve_type = lambda row, *_: type(row).__name__.removesuffix("Row")
        elif isinstance(graphql_type, GraphQLObjectType):
            graphql_type.is_type_of = None
    return Engine(schema)


async def run(
    engine: Engine,
    document: str,
    variables: Mapping[str, Any] | None = None,
    *,
    name: str | None = None,
    context: object = None,
    is_planned: bool = True,
) -> tuple[Any, list[str]]:
    """The data, and each error as `path: message`, sorted. What the planner declined fails, unless that is expected."""
    prepared = engine.prepare(Operation(document, variables, name))
    assert (prepared.plan is not None) == is_planned
    answer = await oracle.ours(engine, prepared, context)
    told = [f"{'.'.join(map(str, error.get('path', ())))}: {error['message']}" for error in answer.errors]
    return orjson.loads(answer.data), sorted(told)


async def lines(engine: Engine, document: str, context: object = None) -> list[tuple[Any, list[tuple[int, int]]]]:
    """The path of each error, and the lines and columns it names."""
    answer = await oracle.ours(engine, engine.prepare(Operation(document)), context)
    return [
        (error.get("path"), [(each["line"], each["column"]) for each in error["locations"]]) for error in answer.errors
    ]


def refused(engine: Engine, document: str, variables: Mapping[str, Any] | None = None) -> list[str]:
    """What is told of a request that is not executed."""
    with pytest.raises(RequestRefused) as raised:
        engine.prepare(Operation(document, variables))
    return [error["message"] for error in raised.value.errors]
