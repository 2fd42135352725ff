"""Runs operations over a strawberry schema, whatever it is about."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
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

from execution.documents import Documents
from execution.errors import formatted
from execution.operation import Operation, RequestRefused, StreamEnded, request_error

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
    name: str | None
    variables: dict[str, Any]


class Engine:
    """What executes operations. The context it is handed goes to the resolvers as it is."""

    def __init__(self, schema: strawberry.Schema) -> None:
        self.schema = schema
        self._core: GraphQLSchema = schema._schema
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
        return Prepared(
            _KINDS[definition.operation], document, definition.name.value if definition.name else None, variables
        )

    async def execute(self, prepared: Prepared, context: object) -> bytes:
        """Runs a query or a mutation, and gives its result as JSON: `{"data": …, "errors": …}`."""
        result = execute(
            self._core,
            prepared.document,
            context_value=context,
            variable_values=prepared.variables,
            operation_name=prepared.name,
        )
        return _bytes(await result if isawaitable(result) else result)

    async def subscribe(self, prepared: Prepared, context: object) -> AsyncGenerator[bytes, None]:
        """Gives one execution result after the other, as JSON bytes.

        Raises RequestRefused where the stream can't start, and StreamEnded with the errors that end it later.
        """
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
        given = 0
        try:
            async for result in stream:
                if result.data is None:
                    # Without its data an item has no cursor either: whoever passed over it would never hear of it.
                    raise _ended(given, result.errors or ())
                given += 1
                yield _bytes(result)
        except (StreamEnded, RequestRefused):
            raise
        except GraphQLError as error:
            raise _ended(given, [error]) from error
        except Exception as error:
            raise _ended(given, [GraphQLError(str(error), original_error=error)]) from error
        finally:
            await _close(stream)


def _ended(given: int, errors: Sequence[GraphQLError]) -> Exception:
    """What tells that a stream ends, or did not start, after it gave so many items."""
    told = [formatted(error) for error in errors]
    return StreamEnded(told) if given else RequestRefused(told)


async def _close(stream: AsyncIterator[Any]) -> None:
    close = getattr(stream, "aclose", None)
    if close is not None:
        await close()


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


def _bytes(result: ExecutionResult) -> bytes:
    answer: dict[str, Any] = {"data": result.data}
    if result.errors:
        answer["errors"] = [formatted(error) for error in result.errors]
    return orjson.dumps(answer)
