"""Introspection: run by graphql-core for each field that requests it, and kept, since the schema never changes."""

import asyncio
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    Undefined,
    execute,
)
from graphql.execution import Executor
from graphql.execution.values import VariableValues

if TYPE_CHECKING:
    from execution.plan import Plan, PlannedField

FIELDS = frozenset({"__schema", "__type"})
"""The fields of the query type that it resolves."""
MAX_VALUES = 27_000
"""How many values and objects the introspection of one operation may have, which take 4 µs each. The standard one may
have nine tenths of them."""
KEPT_BYTES = 2_000_000
"""The size of the results that are kept."""


class TooManyValues(Exception):
    """The introspection has more values than it may have."""

    def __init__(self) -> None:
        super().__init__(f"The introspection has more than {MAX_VALUES} values. Request fewer at once.")


class _Stopped(BaseException):
    """Ends an execution. graphql-core reports exceptions, so this is none."""


@dataclass(slots=True)
class Allowance:
    """How many values one run may still introspect."""

    values: int = MAX_VALUES


class _CountingExecutor(Executor[Any]):
    """Counts the values and objects, since their number can't be foreseen from the document."""

    def execute_field(self, *arguments: Any) -> Any:
        self._count()
        return super().execute_field(*arguments)

    def complete_object_value(self, *arguments: Any) -> Any:
        self._count()
        return super().complete_object_value(*arguments)

    def _count(self) -> None:
        self.context_value.values -= 1
        if self.context_value.values < 0:
            raise _Stopped


Introspected = tuple[orjson.Fragment | None, int, list[GraphQLError]]
"""The value of a field as JSON, its bytes, and the errors in it."""


class Introspection:
    """The introspection of one schema."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._kept: OrderedDict[tuple[PlannedField, str], tuple[Introspected, int]] = OrderedDict()
        self._bytes = 0
        # Beside the event loop, which has its turns meanwhile: the standard introspection takes 50 ms.
        self._thread = ThreadPoolExecutor(1, "introspection")

    async def value(
        self, plan: "Plan", planned: "PlannedField", variables: VariableValues, allowance: Allowance
    ) -> Introspected:
        """Returns the value of `__schema` or `__type`. Raises TooManyValues past the allowance."""
        key = planned, repr(variables.coerced)
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
            introspected, values = kept
            allowance.values -= values
            if allowance.values < 0:
                raise TooManyValues
            return introspected
        before = allowance.values
        running = self._thread.submit(self._run, plan, planned, variables, allowance)
        introspected = await asyncio.wrap_future(running)
        if key not in self._kept:
            self._kept[key] = introspected, before - allowance.values
            self._bytes += introspected[1] + len(key[1])
        while self._bytes > KEPT_BYTES:
            (_, dropped), ((_, size, _), _) = self._kept.popitem(last=False)
            self._bytes -= size + len(dropped)
        return introspected

    def _run(
        self, plan: "Plan", planned: "PlannedField", variables: VariableValues, allowance: Allowance
    ) -> Introspected:
        given = {name: source.value for name, source in variables.sources.items() if source.value is not Undefined}
        document = _only(plan.operation, planned.nodes, plan)
        try:
            result = execute(
                self._schema,
                document,
                context_value=allowance,
                variable_values=given,
                executor_class=_CountingExecutor,
            )
        except _Stopped:
            raise TooManyValues from None
        assert isinstance(result, ExecutionResult)
        value = result.data and result.data[planned.key]
        encoded = orjson.dumps(value)
        return None if value is None else orjson.Fragment(encoded), len(encoded), list(result.errors or ())


def _only(operation: OperationDefinitionNode, nodes: tuple[FieldNode, ...], plan: "Plan") -> DocumentNode:
    """Returns a document that has these fields of an operation only."""
    only = OperationDefinitionNode(
        operation=OperationType.QUERY,
        variable_definitions=operation.variable_definitions,
        directives=(),
        selection_set=SelectionSetNode(selections=nodes),
        loc=operation.loc,
    )
    return DocumentNode(definitions=(only, *plan.fragments.values()))
