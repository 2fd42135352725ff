"""The leaves of drawn schemas: two scalars of their own, and for every leaf what it takes and what it refuses."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum
from typing import Any, NewType

import strawberry
from graphql import GraphQLEnumType, GraphQLError, GraphQLScalarType
from strawberry.types.scalar import ScalarDefinition

Odd = NewType("Odd", int)
Anything = NewType("Anything", object)


def odd(value: Any) -> int | None:
    """Three ways to refuse: a fault, an error meant for clients, and nothing at all."""
    if value == 0:
        return None
    if value == 2:
        raise GraphQLError("Two is not odd.", extensions={"code": "NOT_ODD"})
    if value % 2 == 0:
        raise ValueError(f"{value} is not odd.")
    return int(value)


SCALARS: dict[object, ScalarDefinition] = {
    Odd: strawberry.scalar(name="Odd", serialize=odd, parse_value=odd),
    Anything: strawberry.scalar(name="Anything", serialize=lambda value: value, parse_value=lambda value: value),
}


def fine_leaves(leaf: Any) -> Sequence[Any]:
    """Values that the type serializes, not all of them of its own Python type."""
    if isinstance(leaf, GraphQLEnumType):
        assert isinstance(leaf.wrapped_cls, type) and issubclass(leaf.wrapped_cls, Enum)  # type: ignore[attr-defined]
        members = list(leaf.wrapped_cls)  # type: ignore[attr-defined]
        return (*members, *(member.value for member in members))
    moment = datetime(2026, 11, 5, 12, tzinfo=UTC)
    return {
        "Int": (0, 1, -7, 2**31 - 1, 3.0, True),
        "Float": (0.0, -1.5, 3, 1e300, False),
        "String": ("", "a", "«ü»\n", 12, True, 1.5),
        "Boolean": (True, False, 1, 0),
        "ID": ("a", "1", 7),
        "DateTime": (moment, moment + timedelta(microseconds=1), moment.astimezone(timezone(timedelta(hours=1)))),
        "Odd": (1, 3, -5),
        "Anything": ({"b": 1, "a": [None, {}]}, [1, [2]], "x", 0, False),
    }[leaf.name]


def refused_leaves(leaf: Any) -> Sequence[Any]:
    if isinstance(leaf, GraphQLEnumType):
        return ("nothing", 99, ["unhashable"], Other.ELSE)
    assert isinstance(leaf, GraphQLScalarType)
    return {
        "Int": ("word", 2**40, 1.5, []),
        "Float": ("word", math.nan, math.inf, {}),
        "String": ([], {}, object),
        "Boolean": ("yes", [], math.nan),
        "ID": (1.5, [], {}),
        "DateTime": ("yesterday", 5, datetime(2026, 11, 5)),  # noqa: DTZ001 - without a zone it names no moment
        "Odd": (0, 2, 4, "even"),
        "Anything": (None,),
    }[leaf.name]


class Other(Enum):
    """No enum of any schema."""

    ELSE = "else"
