"""Variables: counted before anything is done with them, then coerced once for an operation."""

from collections.abc import Mapping
from typing import Any

from graphql import GraphQLSchema, OperationDefinitionNode, get_variable_values
from graphql.execution.values import VariableValues

from execution.error_codes import RequestErrorCode
from execution.errors import formatted
from execution.operation import RequestRefused, request_error
from execution.validation import MAX_ERRORS

_NO_VARIABLES = VariableValues({}, {})


def coerced(
    schema: GraphQLSchema, definition: OperationDefinitionNode, variables: Mapping[str, Any], *, max_values: int
) -> VariableValues:
    """Returns the coerced variables of an operation.

    Raises RequestRefused: TOO_COSTLY for more than `max_values` values, also in variables that the operation does not
    define; BAD_ARGUMENT for those that do not have the type of their variable.
    """
    _count(variables, max_values)
    if not definition.variable_definitions:
        return _NO_VARIABLES
    values = get_variable_values(schema, definition.variable_definitions, dict(variables), max_errors=MAX_ERRORS)
    if isinstance(values, list):
        raise RequestRefused([formatted(error, code=RequestErrorCode.BAD_ARGUMENT) for error in values])
    return values


def _count(variables: Mapping[str, Any], max_values: int) -> None:
    """Counts each scalar, list and object, and stops at the first beyond `max_values`."""
    count = 0
    waiting: list[Any] = [variables]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping):
            count += len(value)
            value = value.values()
        elif isinstance(value, list):
            count += len(value)
        else:
            continue
        if count > max_values:
            message = f"The variables hold more than {max_values} values. Send fewer in one request."
            raise RequestRefused([request_error(RequestErrorCode.TOO_COSTLY, message, limit=max_values)])
        waiting.extend(value)
