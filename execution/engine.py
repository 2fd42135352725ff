"""Runs operations over a strawberry schema, whatever it is about."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any, NamedTuple

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
from execution.streams import Audiences, Item, Result, ResultBatch, Sink, Stream, written
from execution.validation import MAX_ERRORS

_NO_VARIABLES = VariableValues({}, {})


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


class _Batch(NamedTuple):
    """Items of a stream, and where it stands after them."""

    items: list[Item]
    cursor: str | None
    position: int | None
    live: bool


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
        self.followers = 0
        """How many streams are open."""
        self._audiences = Audiences()
        self._persisted = Persisted(documents, persisted, manifest or {})

    def prepare(self, operation: Operation, *, is_ours: bool = False) -> Prepared:
        """Finds the document and picks the operation. Raises RequestRefused with all that is wrong with the request.

        `is_ours`: it comes from the server's own code, and is none that a manifest has to name.
        """
        document = self._persisted.document(operation, is_ours=is_ours)
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
            return written((await run.data(), of_fields(run.told())))
        result = execute(
            self._core,
            prepared.document,
            context_value=context,
            variable_values=prepared.variables,
            operation_name=prepared.name,
        )
        if isawaitable(result):
            result = await result
        return written((result.data, [formatted(error) for error in result.errors or ()]))

    async def subscribe(
        self, prepared: Prepared, context: object, *, after: str | None = None
    ) -> AsyncGenerator[Sequence[Item], None]:
        """Gives execution results, in order, as many at once as there are.

        `after` takes the place of the argument of that name, for a client that comes back with the cursor of an Item.
        Raises RequestRefused where the stream can't start, and StreamEnded with the errors that end it later.
        """
        self.followers += 1
        try:
            async with aclosing(self._batches(prepared, context, after, None)) as batches:
                async for batch in batches:
                    if batch.items:
                        yield batch.items
        finally:
            self.followers -= 1

    async def deliver(self, prepared: Prepared, context: object, sink: Sink, *, after: str | None = None) -> None:
        """Brings a stream to a sink, in company with all who follow the same, until it ends. Otherwise as `subscribe`.

        For that, `context` has a method `shared` that returns a SharedContext.
        """
        self.followers += 1
        try:
            await self._deliver(prepared, context, sink, after)
        finally:
            self.followers -= 1

    async def _deliver(self, prepared: Prepared, context: object, sink: Sink, after: str | None) -> None:
        seen: int | None = None
        caught_up, alone = False, False
        while True:
            member = None
            async with aclosing(self._batches(prepared, context, after, seen)) as batches:
                async for batch in batches:
                    if batch.items and not sink.write(batch.items):
                        await sink.drained()
                    if batch.cursor is not None and batch.position is not None:
                        after, seen = batch.cursor, batch.position
                        caught_up = caught_up or batch.live
                        if caught_up and not alone:
                            assert prepared.plan is not None
                            stream = Stream(prepared.plan, prepared.coerced, context)
                            member = self._audiences.join(stream, sink, after, seen)
                    if member is not None:
                        break
            if member is None:
                return
            try:
                alone = not await member.parted
            finally:
                member.part()
            after, seen = member.cursor, member.position
            await sink.drained()

    async def _batches(
        self, prepared: Prepared, context: object, after: str | None, seen: int | None
    ) -> AsyncGenerator[_Batch, None]:
        stream = Stream(prepared.plan, prepared.coerced, context) if prepared.plan is not None else None
        lists = stream.told(after, seen) if stream is not None else self._unplanned(prepared, context)
        given = seen is not None
        try:
            async for told in lists:
                items: list[Item] = []
                for result, cursor in told.results:
                    if result[0] is None:
                        # Without its data an item has no cursor either: whoever passed over it would never hear of it.
                        if items:
                            yield _Batch(items, None, None, False)
                        raise _ended(given or bool(items), result[1])
                    items.append(Item(written(result), cursor))
                given = given or bool(items)
                yield _Batch(items, told.cursor, told.position, told.live)
        except (StreamEnded, RequestRefused):
            raise
        except GraphQLError as error:
            raise _ended(given, [formatted(error)]) from error
        except Exception as error:
            raise _ended(given, [formatted(GraphQLError(str(error), original_error=error))]) from error
        finally:
            await lists.aclose()

    async def _unplanned(self, prepared: Prepared, context: object) -> AsyncGenerator[ResultBatch, None]:
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
                told: Result = (result.data, [formatted(error) for error in result.errors or ()])
                yield ResultBatch([(told, None)], None, None, False)


def _ended(given: bool, errors: Sequence[dict[str, Any]]) -> Exception:
    """What tells that a stream ends, or did not start, where it has given nothing yet."""
    return StreamEnded(errors) if given else RequestRefused(errors)
