"""Errors as clients receive them: with a stable code, and without internal details.

An error is for clients if its `extensions` have a `code`, as is graphql-core's own convention. Any other exception is
internal: it is logged under an id, and the client receives the id and the code INTERNAL only.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import structlog
from graphql import FieldNode, GraphQLError, located_error

from execution.error_codes import RequestErrorCode
from execution.operation import request_error, shortened

if TYPE_CHECKING:
    from execution.executor import Failure
    from execution.paths import Path

log = structlog.get_logger(__name__)


def internal_error(event: str, error: BaseException, **details: Any) -> dict[str, Any]:
    """Logs an internal error, and returns the GraphQL error that stands for it.

    `event` and `details` are logged with the traceback. Both carry the id under `extensions.errorId`.
    """
    error_id = str(uuid4())
    log.error(event, error_id=error_id, exc_info=error, **details)
    message = f"Something went wrong here; the log has it under {error_id}."
    return request_error(RequestErrorCode.INTERNAL, message, errorId=error_id)


def too_large(error: BaseException) -> dict[str, Any]:
    """Returns the error in place of an answer that has too many values or bytes, as the exception says."""
    return request_error(RequestErrorCode.TOO_COSTLY, str(error))


def formatted(error: GraphQLError, *, code: RequestErrorCode | None = None) -> dict[str, Any]:
    """Returns the error as a response holds it: `message`, `locations`, `path`, `extensions.code`.

    `code` is for errors that graphql-core makes of what the client sent.
    """
    if code is not None:
        error.extensions = {**(error.extensions or {}), "code": code}
    elif "code" not in (error.extensions or {}):
        if not _is_of_an_argument(error):
            cause = error.original_error or error
            return dict(error.formatted) | internal_error(FIELD_FAILED, cause, path=list(error.path or ()))
        error.extensions = {"code": RequestErrorCode.BAD_ARGUMENT}
    return dict(error.formatted) | {"message": shortened(error.message)}


FIELD_FAILED = "a field failed"
"""The event under which the exceptions of resolvers are logged."""


def _is_of_an_argument(error: GraphQLError) -> bool:
    """Whether graphql-core rejected an argument during execution, such as a variable within a list.

    Such an error has the argument's node; an error of a field has the field's.
    """
    cause = error.original_error if isinstance(error.original_error, GraphQLError) else error
    nodes = cause.nodes or []
    return cause.original_error is None and bool(nodes) and not isinstance(nodes[0], FieldNode)


def field_errors(failures: "Iterable[tuple[Failure, Path]]") -> list[dict[str, Any]]:
    """Returns the errors of fields as a response holds them.

    Equal internal errors of one field are logged once, under one id.
    """
    internal: dict[tuple[str, str, type, str], dict[str, Any]] = {}
    errors = []
    for failure, path in failures:
        error, field = failure.error, failure.field
        if isinstance(error, GraphQLError) and (error.path is not None or error.nodes):
            # The error has a place of its own, as graphql-core's have.
            errors.append(formatted(located_error(error, field.nodes, list(path))))
            continue
        message = error.message if isinstance(error, GraphQLError) else str(error)
        # As graphql-core does, of whatever was raised.
        extensions: dict[str, Any] | None = getattr(error, "extensions", None)
        if "code" not in (extensions or {}):
            kind = (field.parent_type.name, field.name, type(error), message)
            if kind not in internal:
                internal[kind] = internal_error(FIELD_FAILED, error, path=list(path))
            message, extensions = internal[kind]["message"], internal[kind]["extensions"]
        errors.append(
            {"message": shortened(message), "locations": field.locations, "path": list(path), "extensions": extensions}
        )
    return errors
