"""Errors of fields: what a client sent that cannot be answered, each with a stable code."""

from enum import StrEnum
from typing import Any

from graphql import GraphQLError

from db.drivers import TimedOut
from db.kinds import ResyncReason


class FieldErrorCode(StrEnum):
    """The stable `extensions.code` of an error that a field raises."""

    BAD_ARGUMENT = "BAD_ARGUMENT"
    """An argument that cannot be served as it is."""
    BAD_CURSOR = "BAD_CURSOR"
    """A cursor that was not given out for this list or log, or was altered."""
    UNAUTHENTICATED = "UNAUTHENTICATED"
    """This needs a valid token."""
    NOT_ALLOWED = "NOT_ALLOWED"
    """This is for moderators alone."""
    NOT_FOUND = "NOT_FOUND"
    """Something an argument names does not exist."""
    TIMED_OUT = TimedOut.extensions["code"]
    """The database took too long to read this, or too many searches wait."""
    RESYNC_REQUIRED = "RESYNC_REQUIRED"
    """The stream cannot resume from its cursor: fetch the thread again and follow from its eventCursor."""


def bad_argument(message: str) -> GraphQLError:
    """An argument that cannot be served as it is."""
    return _error(FieldErrorCode.BAD_ARGUMENT, message)


def bad_cursor(cursor: str, of: str) -> GraphQLError:
    """A cursor that was not given out for a list. `of` names the list."""
    message = f'"{cursor[:60]}" is not a cursor of {of}. Pass one that it returned, or leave it out.'
    return _error(FieldErrorCode.BAD_CURSOR, message)


def bad_event_cursor(message: str) -> GraphQLError:
    """A cursor that was not given out for a log, or was altered."""
    return _error(FieldErrorCode.BAD_CURSOR, message)


def unauthenticated(message: str) -> GraphQLError:
    """This needs a valid token."""
    return _error(FieldErrorCode.UNAUTHENTICATED, message)


def not_allowed(message: str) -> GraphQLError:
    """This is for moderators alone."""
    return _error(FieldErrorCode.NOT_ALLOWED, message)


def not_found(message: str) -> GraphQLError:
    """Something an argument names does not exist."""
    return _error(FieldErrorCode.NOT_FOUND, message)


def resync_required(message: str, reason: ResyncReason) -> GraphQLError:
    """A stream that cannot continue from its cursor."""
    return _error(FieldErrorCode.RESYNC_REQUIRED, message, reason=reason)


def _error(code: FieldErrorCode, message: str, **more: Any) -> GraphQLError:
    return GraphQLError(message, extensions={"code": code.value, **more})
