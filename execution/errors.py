"""Errors as clients get them: with a stable code, and nothing of our insides.

An error is meant for clients when it carries `extensions` with a `code`, as graphql-core's own convention has it.
Anything else is a fault of ours: it is logged with an id, and the client gets that id and no more.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import structlog
from graphql import FieldNode, GraphQLError, located_error

if TYPE_CHECKING:
    from execution.executor import Failure
    from execution.places import Path

log = structlog.get_logger(__name__)


def formatted(error: GraphQLError, *, code: str | None = None) -> dict[str, Any]:
    """The error as a response holds it: `message`, `locations`, `path`, `extensions.code`.

    `code` is for errors that graphql-core makes of what the client sent.
    """
    if code is not None:
        error.extensions = {**(error.extensions or {}), "code": code}
    elif "code" not in (error.extensions or {}):
        if _is_of_an_argument(error):
            error.extensions = {"code": "BAD_ARGUMENT"}
        else:
            answer = dict(error.formatted)
            answer["message"], answer["extensions"] = _masked(_logged(error.original_error or error, error.path))
            return answer
    return dict(error.formatted)


def _is_of_an_argument(error: GraphQLError) -> bool:
    """Whether it is graphql-core's word on an argument that only the run could see, as a variable in a list.

    Such an error stands on the argument's own node; what goes wrong in a field stands on the field's.
    """
    told = error.original_error if isinstance(error.original_error, GraphQLError) else error
    nodes = told.nodes or []
    return told.original_error is None and bool(nodes) and not isinstance(nodes[0], FieldNode)


def of_fields(told: "Iterable[tuple[Failure, Path]]") -> list[dict[str, Any]]:
    """The errors of fields as a response holds them. What many rows failed of alike is logged once, under one id."""
    references: dict[tuple[str, str, type, str], str] = {}
    answers = []
    for failure, path in told:
        error, field = failure.error, failure.field
        if isinstance(error, GraphQLError) and (error.path is not None or error.nodes):
            # It says itself where it stands, as graphql-core's own do.
            answers.append(formatted(located_error(error, field.nodes, list(path))))
            continue
        message = str(error)
        extensions: dict[str, Any] | None = None
        if isinstance(error, GraphQLError):
            message, extensions = error.message, error.extensions
        if "code" not in (extensions or {}):
            alike = (field.parent_type.name, field.name, type(error), message)
            if alike not in references:
                references[alike] = _logged(error, path)
            message, extensions = _masked(references[alike])
        answers.append({"message": message, "locations": field.locations, "path": list(path), "extensions": extensions})
    return answers


def _logged(error: Exception, path: Iterable[str | int] | None) -> str:
    """Logs a fault of ours, and gives the id that the log has it under."""
    reference = str(uuid4())
    log.error("a field failed", error_id=reference, path=list(path or ()), exc_info=error)
    return reference


def _masked(reference: str) -> tuple[str, dict[str, Any]]:
    message = f"Something went wrong here; the log has it under {reference}."
    return message, {"code": "INTERNAL", "errorId": reference}
