"""Top-level errors that are the client's to mend, each with its stable code."""

from typing import Any

from graphql import GraphQLError


def bad_argument(message: str) -> GraphQLError:
    """An argument that can't be served as it stands."""
    return _error("BAD_ARGUMENT", message)


def bad_cursor(message: str) -> GraphQLError:
    """A cursor that was not given out for this, or was altered."""
    return _error("BAD_CURSOR", message)


def unauthenticated(message: str) -> GraphQLError:
    """What needs a token that is trusted."""
    return _error("UNAUTHENTICATED", message)


def not_found(message: str) -> GraphQLError:
    """Something an argument names does not exist."""
    return _error("NOT_FOUND", message)


def resync_required(message: str, reason: str) -> GraphQLError:
    """A stream that can't go on from its cursor; `reason` is a ResyncReason."""
    return _error("RESYNC_REQUIRED", message, reason=reason)


def _error(code: str, message: str, **more: Any) -> GraphQLError:
    return GraphQLError(message, extensions={"code": code, **more})
