"""Errors of mutations as data: the GraphQL types are built from the domain errors."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, get_type_hints

import strawberry

from db.rows import PostRow, ReviewItemRow
from forum.errors import DomainError, ErrorCode, domain_errors
from schema.posts import Post
from schema.reviews import ReviewItem

strawberry.enum(ErrorCode)
T = TypeVar("T")
_TYPES: dict[Any, Any] = {PostRow: Post, ReviewItemRow | None: ReviewItem | None}
"""What a field of a domain error is in the schema, if that is another type."""
_raised: dict[type, Sequence[type[DomainError]]] = {}
"""The interfaces of the errors of single mutations, with the errors that each mutation may return."""


@strawberry.interface
class MutationError:
    """Why a mutation changed nothing. Each mutation has an interface of its own for its errors."""

    code: ErrorCode
    """The stable name of the error, which its type is named after."""
    message: str
    """What is wrong, which value, and what to do, in English."""
    path: list[str] | None
    """The part of the arguments that is wrong, from `input` down; null if none is."""


def payload(*raises: type[DomainError]) -> Callable[[type[T]], type[T]]:
    """Makes a GraphQL type of a payload class, with a list of the errors that are named here and no others."""

    def decorate(cls: type[T]) -> type[T]:
        name = cls.__name__.removesuffix("Payload")
        field = name[0].lower() + name[1:]
        text = f"Why {field} changed nothing." if cls.__name__ != name else f"Why a {field} cannot be shown."
        bare = type(f"{name}Error", (MutationError,), {"__module__": __name__})
        interface = strawberry.interface(bare, description=text)
        _raised[interface] = raises
        cls.__annotations__["errors"] = list[interface]  # type: ignore[valid-type]
        return strawberry.type(cls)

    return decorate


def error_types() -> list[type]:
    """A GraphQL type for each domain error, with the interface of each mutation that may return it."""
    return [_error_type(error) for error in domain_errors()]


def _error_type(error: type[DomainError]) -> type:
    interfaces = [interface for interface, raises in _raised.items() if error in raises] or [MutationError]
    annotations = {
        name: _TYPES.get(hint, hint)
        for name, hint in get_type_hints(error).items()
        if name not in get_type_hints(DomainError)
    }
    # Its texts are those of the domain error.
    members: dict[str, Any] = {"__annotations__": annotations, "__module__": error.__module__}
    return strawberry.type(type(error.code.graphql_type, tuple(interfaces), members))


def describe_codes(values: dict[str, Any]) -> None:
    """Gives each value of the enum the text of its error."""
    for error in domain_errors():
        values[error.code.value].description = error.__doc__
