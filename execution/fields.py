"""How the fields of a schema are resolved: read from rows, by batch functions, or by graphql-core only."""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import strawberry
from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_argument_values,
)
from graphql.execution.values import VariableValues
from strawberry.types.field import StrawberryField

from execution.arguments import Arguments
from execution.batch import Batch, BatchField, Follow, Turn
from execution.introspection import Introspection
from execution.shapes import Native, Shape


@dataclass(frozen=True, slots=True)
class FieldResolver:
    """How a field of a type is resolved: read from each row, or by a batch function from all rows."""

    definition: GraphQLField
    strawberry_field: StrawberryField
    shape: Shape
    read: Callable[[Any], Any] | None
    """None if `batch` or `follow` resolves it."""
    batch: Batch | None
    follow: Follow | None
    """The source of events of a subscription's root field."""
    selection_parameter: str | None
    """The parameter of `batch` that receives the fields selected below."""
    turn: Turn
    convert: Callable[[dict[str, Any]], dict[str, Any]]
    """Converts coerced arguments by their GraphQL names to those of `batch` or `follow`."""


class Fields:
    """The resolvers of a schema's fields, by type and name; None for those that only graphql-core can resolve."""

    def __init__(
        self, schema: strawberry.Schema, natives: Mapping[str, Native], long_texts: Container[str] = ()
    ) -> None:
        self.schema: GraphQLSchema = schema._schema
        self._default_resolver = schema.schema_converter.config.default_resolver
        self.introspection = Introspection(self.schema)
        self._arguments = Arguments(schema.schema_converter, long_texts)
        self._resolvers: dict[str, dict[str, FieldResolver | None]] = {
            name: {key: self._resolver_of(each, natives) for key, each in graphql_type.fields.items()}
            for name, graphql_type in self.schema.type_map.items()
            if isinstance(graphql_type, GraphQLObjectType) and not name.startswith("__")
        }

        self.possible: dict[str, dict[str, GraphQLObjectType]] = {
            name: {each.name: each for each in self.schema.get_possible_types(graphql_type)}
            for name, graphql_type in self.schema.type_map.items()
            if isinstance(graphql_type, GraphQLInterfaceType | GraphQLUnionType)
        }
        """The possible types of each interface and union."""

    def _resolver_of(self, definition: GraphQLField, natives: Mapping[str, Native]) -> FieldResolver | None:
        known = definition.extensions.get("strawberry-definition")
        if not isinstance(known, StrawberryField) or known.extensions or known.permission_classes:
            return None
        batch, follow, selection_parameter, turn = None, None, None, Turn.USUAL
        if isinstance(known, BatchField):
            batch, follow, selection_parameter = known.batch, known.follow, known.selection_parameter
            turn = known.turn
        read = None
        if batch is None and follow is None:
            if known.base_resolver is not None:
                return None
            # Strawberry's own reading is getattr by the name in Python, unless the schema's settings say otherwise.
            default, name = self._default_resolver, known.python_name
            read = attrgetter(name) if default is getattr else lambda row: default(row, name)
        return FieldResolver(
            definition,
            known,
            Shape(definition.type, natives),
            read,
            batch,
            follow,
            selection_parameter,
            turn,
            self._arguments.of(known.arguments),
        )

    def of(self, type_name: str, field_name: str) -> FieldResolver:
        resolver = self._resolvers[type_name][field_name]
        assert resolver is not None
        return resolver

    def of_class(self, shape: Shape, kind: type) -> GraphQLObjectType | None:
        """Returns the type of all rows of this class; None if it depends on the row.

        The `resolve_type` of an interface or union may have a function `of_class` for it.
        """
        concrete: GraphQLObjectType | None = shape.type
        if shape.kind == "abstract":
            known = getattr(shape.type.resolve_type, "of_class", None)
            concrete = self.possible[shape.type.name].get(known(kind)) if known is not None else None
        return concrete if concrete is not None and concrete.is_type_of is None else None

    def can_resolve(self, on: GraphQLNamedType, field_name: str) -> bool:
        """Whether the field can be resolved by levels on this type and on each of its possible types."""
        if field_name == "__typename":
            return True
        if isinstance(on, GraphQLObjectType):
            return self._resolvers.get(on.name, {}).get(field_name) is not None
        if isinstance(on, GraphQLInterfaceType):
            return all(self.can_resolve(each, field_name) for each in self.possible[on.name].values())
        return False

    def arguments(self, resolver: FieldResolver, node: FieldNode, variables: VariableValues) -> dict[str, Any]:
        """Returns the arguments by their Python names. Raises GraphQLError for values that validation can't check."""
        return resolver.convert(get_argument_values(resolver.definition, node, variables))
