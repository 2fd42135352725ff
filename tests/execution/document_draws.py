"""Requests drawn at random over any schema: documents that are valid by construction, but for a few, and variables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_composite_type,
)

from execution.operation import Operation
from tests.execution.value_draws import Values

DEPTH = 8
"""Of an operation at most: a field costs two, a fragment one."""
SELECTIONS = 24
"""How many a document has, or little more: selection sets are never empty."""


@dataclass
class Fragment:
    condition: str
    text: str
    depth: int
    variables: set[str]


class Documents:
    """One document in the making.

    The same response key means the same field, arguments and shape all over the document, so that whatever is merged
    can be merged; one key in a hundred is drawn without a look at that, and may make the document invalid.
    """

    def __init__(self, schema: GraphQLSchema, random: Random, known: Mapping[str, Sequence[str]]) -> None:
        self.schema, self.random = schema, random
        self.values = Values(schema, random)
        self.known = known
        self.keys: dict[str, tuple[str, ...]] = {}
        self.selected: dict[str, list[tuple[str, str, str]]] = {}
        self.fragments: dict[str, Fragment] = {}
        self.variables: set[str] = set()
        """Those that the operation or fragment being written uses."""
        self.left = SELECTIONS

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) >= 100 - percent

    def operation(self, kind: str) -> tuple[str, set[str]]:
        root = {"query": self.schema.query_type, "mutation": self.schema.mutation_type}[kind]
        assert root is not None
        self.variables = set()
        text = self.selections(root, self.random.randint(2, DEPTH))
        return text, self.variables

    def selections(self, parent: Any, depth: int) -> str:
        count = max(1, min(self.random.choice((1, 2, 2, 3, 3, 4, 5)), self.left))
        self.left -= count
        return f"{{ {' '.join(self.selection(parent, depth) for _ in range(count))} }}"

    def selection(self, parent: Any, depth: int) -> str:
        fields = list(getattr(parent, "fields", {}).items())
        if depth < 2:
            fields = [(name, each) for name, each in fields if not is_composite_type(get_named_type(each.type))]
        way = self.random.randrange(100)
        if way < 70 and fields:
            return self.field(parent, fields, depth)
        if way < 90 and depth > 0:
            return self.spread(parent, depth) if self.chance(50) else self.inline(parent, depth)
        if parent is self.schema.query_type and self.chance(10):
            return self.introspection()
        return f"{self.random.choice(('', '', 'kind: ', 'sort: '))}__typename{self.directives()}"

    def field(self, parent: Any, fields: list[tuple[str, GraphQLField]], depth: int) -> str:
        again = [entry for entry in self.selected.get(parent.name, ()) if any(entry[1] == name for name, _ in fields)]
        if again and self.chance(35):
            key, name, arguments = self.random.choice(again)
            self.values.used(arguments, self.variables)
        else:
            name, _ = self.random.choice(fields)
            if name in self.known and self.chance(85):
                arguments = self.random.choice(self.known[name])
            else:
                arguments = self.values.arguments(parent.fields[name].args, self.variables)
            key = self.key(name, arguments, parent.fields[name])
            self.selected.setdefault(parent.name, []).append((key, name, arguments))
        inner = get_named_type(parent.fields[name].type)
        below = f" {self.selections(inner, depth - 2)}" if is_composite_type(inner) else ""
        return f"{'' if key == name else key + ': '}{name}{arguments}{self.directives()}{below}"

    def key(self, name: str, arguments: str, of: GraphQLField) -> str:
        """A response key for the field that is free, or stands for the same already."""
        inner = get_named_type(of.type)
        shape = str(of.type).replace(inner.name, "" if is_composite_type(inner) else inner.name)
        meaning = (name, arguments, shape)
        same = [key for key, known in self.keys.items() if known == meaning]
        if same and self.chance(80):
            return self.random.choice(same)
        if self.keys and self.chance(1):
            return self.random.choice(list(self.keys))
        key = name if name not in self.keys and self.chance(85) else f"k{len(self.keys)}"
        self.keys[key] = meaning
        return key

    def inline(self, parent: Any, depth: int) -> str:
        """An inline fragment, with a type condition or without."""
        if self.chance(30):
            return f"...{self.directives()} {self.selections(parent, depth - 1)}"
        inner = self.overlapping(parent)
        return f"... on {inner.name}{self.directives()} {self.selections(inner, depth - 1)}"

    def spread(self, parent: Any, depth: int) -> str:
        possible = set(map(str, self.possible(parent)))
        fitting = [
            name
            for name, fragment in self.fragments.items()
            if possible & set(map(str, self.possible(self.schema.type_map[fragment.condition])))
            and fragment.depth <= depth
        ]
        if fitting and self.chance(60):
            name = self.random.choice(fitting)
        else:
            inner = self.overlapping(parent)
            # A fragment is offered only when it is whole: none holds itself.
            outer, self.variables = self.variables, set()
            text = self.selections(inner, depth - 1)
            mine, self.variables = self.variables, outer
            name = f"F{len(self.fragments)}"
            self.fragments[name] = Fragment(inner.name, text, depth, mine)
        self.variables |= self.fragments[name].variables
        return f"...{name}{self.directives()}"

    def overlapping(self, parent: Any) -> Any:
        """A composite type that shares an object type with this one."""
        possible = set(map(str, self.possible(parent)))
        return self.random.choice(
            [
                other
                for other in self.schema.type_map.values()
                if is_composite_type(other) and possible & set(map(str, self.possible(other)))
            ]
        )

    def possible(self, composite: GraphQLNamedType) -> Sequence[GraphQLObjectType]:
        if isinstance(composite, GraphQLObjectType):
            return (composite,)
        return list(self.schema.get_possible_types(composite))  # type: ignore[arg-type]

    def directives(self) -> str:
        if not self.chance(12):
            return ""
        condition = self.random.choice(("true", "false", None, None))
        if condition is None:
            condition = self.values.flag(self.variables)
        directive = f" @{self.random.choice(('include', 'skip'))}(if: {condition})"
        return f"{directive} @include(if: true)" if "skip" in directive and self.chance(30) else directive

    def introspection(self) -> str:
        name = self.random.choice([name for name in self.schema.type_map if not name.startswith("__")])
        return self.random.choice(
            (
                "__schema { queryType { name } types { name kind } }",
                f'__type(name: "{name}") {{ kind name fields {{ name type {{ name kind }} }} }}',
            )
        )


def drawn_operation(
    schema: GraphQLSchema, random: Random, known: Mapping[str, Sequence[str]] | None = None, mutations: bool = True
) -> Operation:
    """A request; `known` gives arguments to choose from, by the name of the field, as they are written behind it."""
    document = Documents(schema, random, known or {})
    count = 2 if document.chance(8) else 1
    parts: list[str] = []
    for number in range(count):
        kind = "mutation" if mutations and schema.mutation_type and document.chance(15) else "query"
        text, variables = document.operation(kind)
        head = f"{kind} Q{number}{document.values.declared(variables)}"
        parts.append(text if kind == "query" and count == 1 and not variables and document.chance(20) else head + text)
    parts += [
        f"fragment {name} on {fragment.condition} {fragment.text}" for name, fragment in document.fragments.items()
    ]
    name = f"Q{random.randrange(count)}" if count > 1 else None
    return Operation("\n".join(parts), document.values.given, name)
