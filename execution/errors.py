"""Errors as clients get them: with a stable code, and nothing of our insides.

An error is meant for clients when it carries `extensions` with a `code`, as graphql-core's own convention has it.
Anything else is a fault of ours: it is logged with an id, and the client gets that id and no more.
"""

from typing import Any
from uuid import uuid4

import structlog
from graphql import GraphQLError

log = structlog.get_logger(__name__)


def formatted(error: GraphQLError, *, code: str | None = None) -> dict[str, Any]:
    """The error as a response holds it: `message`, `locations`, `path`, `extensions.code`.

    `code` is for errors that graphql-core makes of what the client sent.
    """
    if code is not None:
        error.extensions = {**(error.extensions or {}), "code": code}
    elif "code" not in (error.extensions or {}):
        if error.original_error is None:
            # graphql-core's own word on an argument that only the run could see, as a variable in a list.
            error.extensions = {"code": "BAD_ARGUMENT"}
        else:
            return _masked(error)
    return dict(error.formatted)


def _masked(error: GraphQLError) -> dict[str, Any]:
    reference = str(uuid4())
    log.error("a field failed", error_id=reference, path=error.path, exc_info=error.original_error)
    answer = dict(error.formatted)
    answer["message"] = f"Something went wrong here; the log has it under {reference}."
    answer["extensions"] = {"code": "INTERNAL", "errorId": reference}
    return answer
