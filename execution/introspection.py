"""Introspection: run by graphql-core for each field that requests it, and kept, since the schema never changes."""

from collections import OrderedDict
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
MAX_VALUES = 12_000
"""How many values the introspection of one operation may have, which take 4 µs each. The standard one has 9,400."""
KEPT_BYTES = 2_000_000
"""The size of the results that are kept."""


class TooManyValues(BaseException):
    """The introspection has more values than it may have. graphql-core reports exceptions, so this is none."""

    def __init__(self) -> None:
        super().__init__(f"The introspection has more than {MAX_VALUES} values. Request fewer at once.")


@dataclass(slots=True)
class Allowance:
    """How many values one run may still introspect."""

    values: int = MAX_VALUES


class _CountingExecutor(Executor[Any]):
    """Counts the values, since their number can't be foreseen from the document."""

    def execute_field(self, *arguments: Any) -> Any:
        self.context_value.values -= 1
        if self.context_value.values < 0:
            raise TooManyValues
        return super().execute_field(*arguments)


Introspected = tuple[orjson.Fragment | None, int, list[GraphQLError]]
"""The value of a field as JSON, its bytes, and the errors in it."""


class Introspection:
    """The introspection of one schema."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._kept: OrderedDict[tuple[PlannedField, str], tuple[Introspected, int]] = OrderedDict()
        self._bytes = 0

    def value(
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
        introspected = self._run(plan, planned, variables, allowance)
        self._kept[key] = introspected, before - allowance.values
        self._bytes += introspected[1] + len(key[1])
        while self._bytes > KEPT_BYTES:
            (_, dropped), ((_, size, _), _) = self._kept.popitem(last=False)
            self._bytes -= size + len(dropped)
        return introspected

    def _run(
        self, plan: "Plan", planned: "PlannedField", variables: VariableValues, allowance: Allowance
    ) -> Introspected:
        result = execute(
            self._schema,
            _only(plan.operation, planned.nodes, plan),
            context_value=allowance,
            variable_values={
                name: source.value for name, source in variables.sources.items() if source.value is not Undefined
            },
            executor_class=_CountingExecutor,
        )
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
