"""Arguments drawn at random: literals, variables anywhere in them, defaults, nulls, and what is left out."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    Undefined,
    is_required_argument,
    is_required_input_field,
)

SCALARS: dict[str, Sequence[Any]] = {
    "Int": (0, 1, 2, 3, 12, 13, -1),
    "Float": (0, 1.5, -2.25),
    "String": ("", "a", 'ü \\ " \n'),
    "Boolean": (True, False),
    "ID": ("a", "7", 7),
    "DateTime": ("2026-11-05T12:00:00Z", "2026-11-05T12:00:00.000001+01:00"),
    "Odd": (1, 3),
    "Anything": (1, "a", [1, "b"], {"a": {"b": None}}, True),
}


@dataclass(frozen=True)
class Variable:
    name: str
    declared: str
    """Its type and default, as they stand in the operation."""
    position: str
    """The type of the position it was made for."""


class Values:
    """The values of one document, and the variables they name."""

    def __init__(self, schema: GraphQLSchema, random: Random) -> None:
        self.schema, self.random = schema, random
        self.variables: dict[str, Variable] = {}
        self.given: dict[str, Any] = {}

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) >= 100 - percent

    def declared(self, names: set[str]) -> str:
        """The definitions of an operation that uses these variables."""
        if not names:
            return " "
        return f"({', '.join(f'${name}: {self.variables[name].declared}' for name in sorted(names))}) "

    def used(self, text: str, variables: set[str]) -> None:
        """Counts the variables of a text that stands once more."""
        variables.update(name for name in re.findall(r"\$(v\d+)", text) if name in self.variables)

    def arguments(self, wanted: Mapping[str, GraphQLArgument], variables: set[str]) -> str:
        parts = []
        for name, argument in wanted.items():
            if not is_required_argument(argument) and self.chance(45):
                continue
            parts.append(f"{name}: {self.value(argument.type, variables, _has_default(argument))}")
        return f"({', '.join(parts)})" if parts else ""

    def flag(self, variables: set[str]) -> str:
        """A variable for @skip and @include."""
        return self.variable(GraphQLNonNull(self.schema.type_map["Boolean"]), variables)

    def value(self, wanted: Any, variables: set[str], has_default: bool = False) -> str:
        """The text of a value for a position of the type, perhaps with variables in it."""
        if self.chance(25):
            return self.variable(wanted, variables, has_default)
        if isinstance(wanted, GraphQLNonNull):
            wanted = wanted.of_type
        elif self.chance(15):
            return "null"
        if isinstance(wanted, GraphQLList):
            if self.chance(10):
                # One value stands for a list of it.
                return literal(wanted.of_type, self.json(GraphQLNonNull(_innermost(wanted))))
            return f"[{', '.join(self.value(wanted.of_type, variables) for _ in range(self.random.randrange(3)))}]"
        if isinstance(wanted, GraphQLInputObjectType):
            parts = [
                f"{name}: {self.value(each.type, variables, _has_default(each))}"
                for name, each in wanted.fields.items()
                if is_required_input_field(each) or self.chance(50)
            ]
            return f"{{{', '.join(parts)}}}"
        return literal(wanted, self.json(GraphQLNonNull(wanted)))

    def variable(self, wanted: Any, variables: set[str], has_default: bool = False) -> str:
        fitting = [each.name for each in self.variables.values() if each.position == f"{wanted} {has_default}"]
        name = self.random.choice(fitting) if fitting and self.chance(50) else self._new(wanted, has_default)
        variables.add(name)
        return f"${name}"

    def _new(self, wanted: Any, has_default: bool) -> str:
        name = f"v{len(self.variables)}"
        strict = isinstance(wanted, GraphQLNonNull)
        inner = _nullable(wanted)
        default, nullable = "", not strict
        if strict and self.chance(20):
            # A nullable variable may stand where null may not if it has a default: a null is found out at run.
            nullable = True
            if not has_default or self.chance(50):
                default = f" = {literal(inner, self.json(GraphQLNonNull(inner)))}"
        elif not strict and self.chance(20):
            default = f" = {literal(inner, self.json(inner))}"
        elif not strict and self.chance(20):
            nullable = False
        if nullable and self.chance(25):
            pass  # Left out.
        elif nullable and not (strict and inner is self.schema.type_map["Boolean"]) and self.chance(15):
            # Null for @skip and @include is refused before the run.
            self.given[name] = None
        else:
            self.given[name] = self.json(GraphQLNonNull(inner))
        declared = f"{inner}{'' if nullable else '!'}{default}"
        self.variables[name] = Variable(name, declared, f"{wanted} {has_default}")
        return name

    def json(self, wanted: Any) -> Any:
        """A value as it comes in the variables of a request."""
        if isinstance(wanted, GraphQLNonNull):
            wanted = wanted.of_type
        elif self.chance(15):
            return None
        if isinstance(wanted, GraphQLList):
            return [self.json(wanted.of_type) for _ in range(self.random.randrange(3))]
        if isinstance(wanted, GraphQLInputObjectType):
            return {
                name: self.json(each.type)
                for name, each in wanted.fields.items()
                if is_required_input_field(each) or self.chance(50)
            }
        if isinstance(wanted, GraphQLEnumType):
            return self.random.choice(list(wanted.values))
        return self.random.choice(SCALARS.get(wanted.name, SCALARS["String"]))


def literal(wanted: Any, value: Any) -> str:
    """The value as GraphQL writes it."""
    wanted = _nullable(wanted)
    if value is None:
        return "null"
    if isinstance(wanted, GraphQLList) and not isinstance(value, list):
        return literal(_innermost(wanted), value)
    if isinstance(wanted, GraphQLList):
        return f"[{', '.join(literal(wanted.of_type, item) for item in value)}]"
    if isinstance(wanted, GraphQLInputObjectType):
        return f"{{{', '.join(f'{name}: {literal(wanted.fields[name].type, each)}' for name, each in value.items())}}}"
    if isinstance(wanted, GraphQLEnumType):
        return str(value)
    return _untyped(value)


def _untyped(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{{', '.join(f'{name}: {_untyped(each)}' for name, each in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_untyped, value))}]"
    return json.dumps(value, ensure_ascii=False)


def _nullable(wanted: Any) -> Any:
    return wanted.of_type if isinstance(wanted, GraphQLNonNull) else wanted


def _innermost(wanted: Any) -> Any:
    while isinstance(wanted, GraphQLNonNull | GraphQLList):
        wanted = wanted.of_type
    return wanted


def _has_default(of: GraphQLArgument | GraphQLInputField) -> bool:
    return of.default_value is not Undefined
