"""Runs operations over a strawberry schema, whatever it is about."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any, Literal

import orjson
import strawberry
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    execute,
    get_variable_values,
    subscribe,
)
from graphql.execution.values import VariableValues

from execution.documents import Documents
from execution.errors import formatted, of_fields
from execution.executor import Run
from execution.operation import Operation, RequestRefused, StreamEnded, request_error
from execution.plan import Fields, Plan, Planner
from execution.shapes import Native

_Result = tuple[dict[str, Any] | None, Sequence[dict[str, Any]]]
"""The data of a response, and its errors."""
Kind = Literal["query", "mutation", "subscription"]
_KINDS: dict[OperationType, Kind] = {
    OperationType.QUERY: "query",
    OperationType.MUTATION: "mutation",
    OperationType.SUBSCRIPTION: "subscription",
}


@dataclass(frozen=True, slots=True)
class Prepared:
    """An operation that is valid and may run."""

    kind: Kind
    document: DocumentNode
    definition: OperationDefinitionNode
    name: str | None
    variables: dict[str, Any]
    """As the client sent them."""
    coerced: VariableValues
    plan: Plan | None
    """None where graphql-core runs the operation: introspection, and fields that no batch function fills."""


class Engine:
    """What executes operations. The context it is handed goes to the resolvers as it is."""

    def __init__(self, schema: strawberry.Schema, natives: Mapping[str, Native] | None = None) -> None:
        """`natives` names the scalars whose values orjson writes just as the scalar's own serialisation would."""
        self.schema = schema
        self._core: GraphQLSchema = schema._schema
        self._fields = Fields(schema, natives or {})
        self._planners: dict[int, Planner] = {}
        self._documents = Documents(self._core)

    def prepare(self, operation: Operation) -> Prepared:
        """Parses, validates and picks the operation. Raises RequestRefused with all that is wrong with the request."""
        if not operation.query:
            if (operation.extensions or {}).get("persistedQuery"):
                raise RequestRefused(
                    [request_error("PERSISTED_QUERY_NOT_FOUND", "Persisted queries are not kept here: send the query.")]
                )
            raise RequestRefused([request_error("BAD_ARGUMENT", "The request has no `query`.")])
        document = self._documents.document(operation.query)
        definition = _pick(document, operation.name)
        variables = dict(operation.variables or {})
        coerced = get_variable_values(self._core, definition.variable_definitions or (), variables)
        if isinstance(coerced, list):
            raise RequestRefused([formatted(error, code="BAD_ARGUMENT") for error in coerced])
        planner = self._planners.get(id(definition))
        if planner is None:
            planner = self._planners[id(definition)] = Planner(self._fields, document, definition)
        return Prepared(
            _KINDS[definition.operation],
            document,
            definition,
            definition.name.value if definition.name else None,
            variables,
            coerced,
            planner.plan(coerced),
        )

    async def execute(self, prepared: Prepared, context: object) -> bytes:
        """Runs a query or a mutation, and gives its result as JSON: `{"data": …, "errors": …}`."""
        if prepared.plan is not None:
            run = Run(prepared.plan, context, prepared.coerced)
            return _bytes(await run.data(), of_fields(run.told()))
        result = execute(
            self._core,
            prepared.document,
            context_value=context,
            variable_values=prepared.variables,
            operation_name=prepared.name,
        )
        if isawaitable(result):
            result = await result
        return _bytes(result.data, [formatted(error) for error in result.errors or ()])

    async def subscribe(self, prepared: Prepared, context: object) -> AsyncGenerator[bytes, None]:
        """Gives one execution result after the other, as JSON bytes.

        Raises RequestRefused where the stream can't start, and StreamEnded with the errors that end it later.
        """
        results = self._planned(prepared, context) if prepared.plan is not None else self._unplanned(prepared, context)
        given = 0
        try:
            async for data, errors in results:
                if data is None:
                    # Without its data an item has no cursor either: whoever passed over it would never hear of it.
                    raise _ended(given, errors)
                given += 1
                yield _bytes(data, errors)
        except (StreamEnded, RequestRefused):
            raise
        except GraphQLError as error:
            raise _ended(given, [formatted(error)]) from error
        except Exception as error:
            raise _ended(given, [formatted(GraphQLError(str(error), original_error=error))]) from error
        finally:
            await results.aclose()

    async def _planned(self, prepared: Prepared, context: object) -> AsyncGenerator[_Result, None]:
        assert prepared.plan is not None
        stream = prepared.plan.stream(prepared.coerced, context)
        async with aclosing(stream):
            async for event in stream:
                run = Run(prepared.plan, context, prepared.coerced)
                yield await run.event(event), of_fields(run.told())

    async def _unplanned(self, prepared: Prepared, context: object) -> AsyncGenerator[_Result, None]:
        started = subscribe(
            self._core,
            prepared.document,
            context_value=context,
            variable_values=prepared.variables,
            operation_name=prepared.name,
        )
        stream = await started if isawaitable(started) else started
        if isinstance(stream, ExecutionResult):
            raise RequestRefused([formatted(error) for error in stream.errors or ()])
        async with aclosing(stream):  # type: ignore[type-var]
            async for result in stream:
                yield result.data, [formatted(error) for error in result.errors or ()]


def _ended(given: int, errors: Sequence[dict[str, Any]]) -> Exception:
    """What tells that a stream ends, or did not start, after it gave so many items."""
    return StreamEnded(errors) if given else RequestRefused(errors)


def _pick(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if name:
        for node in operations:
            if node.name is not None and node.name.value == name:
                return node
        raise RequestRefused([request_error("BAD_ARGUMENT", f"The document has no operation «{name}».")])
    if len(operations) != 1:
        message = f"The document has {len(operations)} operations: `operationName` must say which to run."
        raise RequestRefused([request_error("BAD_ARGUMENT", message)])
    return operations[0]


def _bytes(data: dict[str, Any] | None, errors: Sequence[dict[str, Any]]) -> bytes:
    answer: dict[str, Any] = {"data": data}
    if errors:
        answer["errors"] = errors
    return orjson.dumps(answer, option=orjson.OPT_UTC_Z)
