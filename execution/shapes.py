"""The values allowed at each position of a field's type, prepared for completing many at once."""

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from types import NoneType
from typing import Any, Literal

from graphql import (
    GRAPHQL_MAX_INT,
    GRAPHQL_MIN_INT,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLOutputType,
    GraphQLString,
    is_abstract_type,
    is_leaf_type,
)

from execution.size import ITEM_BYTES, LEAF_BYTES

Check = Callable[[Sequence[Any]], bool]
Native = tuple[type, Check | None]
"""A Python type whose values orjson writes as a scalar's own coercion would, where the check holds for all of them."""

_BUILT_IN: dict[Any, Native] = {
    GraphQLString: (str, None),
    GraphQLID: (str, None),
    GraphQLBoolean: (bool, None),
    GraphQLInt: (int, lambda values: min(values) >= GRAPHQL_MIN_INT and max(values) <= GRAPHQL_MAX_INT),
    GraphQLFloat: (float, lambda values: all(map(isfinite, values))),
}


class Shape:
    """One position of a type: whether it is nullable, and its values; of a list, also the shape of its items."""

    __slots__ = (
        "accepted",
        "check",
        "inner",
        "is_text",
        "item_bytes",
        "kind",
        "lists",
        "native",
        "nullable",
        "takes_ids",
        "type",
    )

    def __init__(self, of: GraphQLOutputType, natives: Mapping[str, Native], lists: tuple[None, ...] = ()) -> None:
        self.lists = lists
        """A None for each list around it in its field: see execution.paths.Keys."""
        self.nullable = not isinstance(of, GraphQLNonNull)
        self.type: Any = of.of_type if isinstance(of, GraphQLNonNull) else of
        """The type without its `!`."""
        self.inner: Shape | None = None
        self.native: frozenset[type] = frozenset()
        """The exact Python types that need no coercion, or of an enum one coercion for all that are equal."""
        self.check: Check | None = None
        self.kind: Literal["leaf", "enum", "list", "object", "abstract"]
        if isinstance(self.type, GraphQLList):
            self.kind = "list"
            self.inner = Shape(self.type.of_type, natives, (*lists, None))
        elif isinstance(self.type, GraphQLEnumType):
            self.kind = "enum"
            # Strawberry's enum types hold the Python enum they were made of.
            self.native = frozenset({str, getattr(self.type, "wrapped_cls", str)})
        elif is_leaf_type(self.type):
            self.kind = "leaf"
            native = _BUILT_IN.get(self.type) or natives.get(self.type.name)
            if native is not None:
                self.native, self.check = frozenset({native[0]}), native[1]
        else:
            self.kind = "abstract" if is_abstract_type(self.type) else "object"
        self.is_text = self.kind == "leaf" and str in self.native and self.type is not GraphQLID
        """Whether its values are texts of any length."""
        self.takes_ids = self.type is GraphQLID
        """Whether its values are ids, which may be any text and are short."""
        self.item_bytes = LEAF_BYTES if is_leaf_type(self.type) else ITEM_BYTES
        """What a value takes at most in an answer, without its characters, fields or items."""
        self.accepted = self.native | {NoneType} if self.nullable else self.native

    def coerced(self, values: Sequence[Any]) -> Sequence[Any] | None:
        """Returns the values of a leaf as the response holds them; None if they must be coerced one by one."""
        kinds = set(map(type, values))
        if not kinds <= self.accepted:
            return None
        if self.kind == "leaf" and self.check is None:
            return values
        present = [value for value in values if value is not None] if NoneType in kinds else values
        if self.kind == "enum":
            try:
                names = {value: self.type.coerce_output_value(value) for value in set(present)}
            except Exception:  # noqa: BLE001 - coerced one by one, so that each error has its path.
                return None
            return [None if value is None else names[value] for value in values]
        return values if self.check is None or not present or self.check(present) else None
