"""Runs operations over a strawberry schema, whatever it is about."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any, NamedTuple

import orjson
import strawberry
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    execute,
    get_variable_values,
    subscribe,
)
from graphql.execution.values import VariableValues

from execution.documents import DocumentLimits, Documents, Kind
from execution.errors import formatted, of_fields
from execution.executor import Run
from execution.fields import Fields
from execution.operation import Operation, RequestRefused, StreamEnded, request_error
from execution.persisted import Mode, Persisted
from execution.plan import Plan, Planner
from execution.shapes import Native
from execution.validation import MAX_ERRORS

_Result = tuple[dict[str, Any] | None, Sequence[dict[str, Any]]]
"""The data of a response, and its errors."""
_NO_VARIABLES = VariableValues({}, {})


class Item(NamedTuple):
    """One result of a subscription."""

    body: bytes
    """`{"data": …, "errors": …}` as JSON."""
    cursor: str | None
    """Where the stream stands right after it; None where nobody can come back."""


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
    cost: int
    """How many values its answer may hold."""
    cost_limit: int


class Engine:
    """What executes operations. The context it is handed goes to the resolvers as it is."""

    def __init__(
        self,
        schema: strawberry.Schema,
        natives: Mapping[str, Native] | None = None,
        *,
        limits: DocumentLimits = DocumentLimits(),  # noqa: B008 - it is frozen
        sizes: Mapping[str, int] | None = None,
        persisted: Mode = "apq",
        manifest: Mapping[str, str] | None = None,
    ) -> None:
        """`natives` names the scalars whose values orjson writes just as the scalar's own serialisation would.

        `sizes`: what lists count for that are asked for without a size, by `Type.field`, where it is no usual one.
        `manifest`: the documents by their ids that run where `persisted` is trusted. Raises ValueError for one of them
        that is not valid.
        """
        self.schema = schema
        self._core: GraphQLSchema = schema._schema
        self._fields = Fields(schema, natives or {})
        self._limits = limits
        documents = Documents(self._core, limits=limits, sizes=sizes or {})
        self._persisted = Persisted(documents, persisted, manifest or {})

    def prepare(self, operation: Operation) -> Prepared:
        """Finds the document and picks the operation. Raises RequestRefused with all that is wrong with the request."""
        document = self._persisted.document(operation)
        chosen = document.operation(operation.name)
        variables = dict(operation.variables) if operation.variables else {}
        coerced = _NO_VARIABLES
        if chosen.definition.variable_definitions:
            values = get_variable_values(
                self._core, chosen.definition.variable_definitions, variables, max_errors=MAX_ERRORS
            )
            if isinstance(values, list):
                raise RequestRefused([formatted(error, code="BAD_ARGUMENT") for error in values])
            coerced = values
        cost, limit = chosen.cost.of(coerced.coerced), self._limits.cost
        if cost > limit:
            message = f"The {chosen.kind} costs {cost}, for so many values its answer may hold; {limit} are allowed."
            raise RequestRefused([request_error("TOO_COSTLY", message, cost=cost, limit=limit)])
        planner = chosen.planner
        if planner is None:
            planner = chosen.planner = Planner(self._fields, document.node, chosen.definition)
        return Prepared(
            chosen.kind,
            document.node,
            chosen.definition,
            chosen.name,
            variables,
            coerced,
            planner.plan(coerced),
            cost,
            limit,
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

    async def subscribe(
        self, prepared: Prepared, context: object, *, after: str | None = None
    ) -> AsyncGenerator[Sequence[Item], None]:
        """Gives execution results, in order, as many at once as there are.

        `after` takes the place of the argument of that name, for a client that comes back with the cursor of an Item.
        Raises RequestRefused where the stream can't start, and StreamEnded with the errors that end it later.
        """
        results = (
            self._planned(prepared, context, after) if prepared.plan is not None else self._unplanned(prepared, context)
        )
        given = 0
        try:
            async for told in results:
                items: list[Item] = []
                for (data, errors), cursor in told:
                    if data is None:
                        # Without its data an item has no cursor either: whoever passed over it would never hear of it.
                        if items:
                            yield items
                        raise _ended(given + len(items), errors)
                    items.append(Item(_bytes(data, errors), cursor))
                given += len(items)
                yield items
        except (StreamEnded, RequestRefused):
            raise
        except GraphQLError as error:
            raise _ended(given, [formatted(error)]) from error
        except Exception as error:
            raise _ended(given, [formatted(GraphQLError(str(error), original_error=error))]) from error
        finally:
            await results.aclose()

    async def _planned(
        self, prepared: Prepared, context: object, after: str | None
    ) -> AsyncGenerator[list[tuple[_Result, str | None]], None]:
        assert prepared.plan is not None
        stream = prepared.plan.stream(prepared.coerced, context, after)
        async with aclosing(stream):
            async for entries in stream:
                told: list[tuple[_Result, str | None]] = []
                for entry in entries:
                    run = Run(prepared.plan, context, prepared.coerced)
                    told.append(((await run.event(entry.value), of_fields(run.told())), entry.cursor))
                yield told

    async def _unplanned(
        self, prepared: Prepared, context: object
    ) -> AsyncGenerator[list[tuple[_Result, str | None]], None]:
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
                yield [((result.data, [formatted(error) for error in result.errors or ()]), None)]


def _ended(given: int, errors: Sequence[dict[str, Any]]) -> Exception:
    """What tells that a stream ends, or did not start, after it gave so many items."""
    return StreamEnded(errors) if given else RequestRefused(errors)


def _bytes(data: dict[str, Any] | None, errors: Sequence[dict[str, Any]]) -> bytes:
    answer: dict[str, Any] = {"data": data}
    if errors:
        answer["errors"] = errors
    return orjson.dumps(answer, option=orjson.OPT_UTC_Z)
