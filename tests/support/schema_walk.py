"""Operations made from the schema that ask for each of its fields: what is new in the schema is asked for by itself."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    is_required_argument,
    is_required_input_field,
    parse_value,
    value_from_ast_untyped,
)

MAX_SELECTED = 300
"""How many selections are put into one operation, about."""
MAX_CHARACTERS = 30_000
"""Of an operation: one server process answers them all, and a document is read at a stretch."""
PARTS = 8
"""So many operations ask for all kinds of events, each for some."""
FEW = 4
"""So many kinds are selected at once."""
PASSED_OVER = {"after", "before"}
"""Where a page starts and ends: all that a list has is on the first one. Those that are required are asked for."""

Values = Callable[[str, str | None], Sequence[str] | None]
"""Values for an argument or input field of this name, as GraphQL writes them, below the node with this id.

Beside a `discussionId` that is given already, the node is that discussion. Where the id is empty, it is some node.
None if the name is not known.
"""


class UnknownArgument(Exception):
    """Nobody said which values an argument has to be tried with."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A document that asks for one field of a root, and which: `Query.node`.

    What the field is given is in variables, so that the server reads one document for all values.
    """

    field: str
    text: str
    variables: Mapping[str, Any]


class SchemaWalk:
    """Asks for each field of each type: from the roots, and from each node.

    Each field is selected under an alias that says its type, so that an answer shows what it reached: see `reached`.
    Below an object are selected its values and parts, and of the nodes that it names their values and parts.
    """

    def __init__(self, schema: GraphQLSchema, values: Values) -> None:
        self._schema = schema
        self._is_stream = False
        self._values = values
        self._selected: dict[tuple[str, int, int | None, bool], str] = {}
        node = schema.type_map["Node"]
        assert isinstance(node, GraphQLInterfaceType)
        self._nodes = {each.name for each in schema.get_possible_types(node)}

    def fields(self) -> set[str]:
        """All fields of all object types, as `Type.field`."""
        return {
            f"{each.name}.{name}"
            for each in self._schema.type_map.values()
            if isinstance(each, GraphQLObjectType) and not each.name.startswith("__")
            for name in each.fields
        }

    def root(self, root: GraphQLObjectType | None, *, kind: str) -> Iterator[Operation]:
        """Operations for the fields of a root, one for each way to give the arguments."""
        assert root is not None
        self._is_stream = kind == "subscription"
        for name, field in root.fields.items():
            whole = self._below(field, 1)
            parts = [whole]
            if len(whole) > MAX_CHARACTERS:
                # Of all kinds of events: some kinds at a time.
                parts = [self._below(field, 1, part) for part in range(PARTS)]
            where = f"{root.name}.{name}"
            for at, way in enumerate(self._given(where, field.args, is_required_argument, None)):
                is_filter = len(parts) > 1 and at > 0 and "discussionId:" not in _arguments(way)
                declared = ", ".join(f"${each}: {field.args[each].type}" for each in way)
                head = f"{kind} ({declared})" if way else kind
                given = _arguments({each: f"${each}" for each in way})
                variables = {each: value_from_ast_untyped(parse_value(value)) for each, value in way.items()}
                for below in [self._below(field, 0)] if is_filter else parts:
                    yield Operation(where, f"{head} {{ {root.name}__{name}: {name}{given}{below} }}", variables)

    def node(self, node_id: str, type_name: str) -> Iterator[Operation]:
        """Operations for the fields of one node, by its type and by its interfaces."""
        self._is_stream = False
        of_type = self._schema.type_map[type_name]
        assert isinstance(of_type, GraphQLObjectType)
        asked: list[str] = []
        for each in (of_type, *of_type.interfaces):
            for name, field in each.fields.items():
                below = self._below(field, 1)
                asked += [
                    f"... on {each.name} {{ {each.name}__{name}__{at}: {name}{arguments}{below} }}"
                    for at, arguments in enumerate(self._ways(f"{each.name}.{name}", field, node_id))
                ]
        for some in _chunks(asked):
            text = f"query ($id: ID!) {{ Query__node: node(id: $id) {{ {' '.join(some)} }} }}"
            yield Operation("Query.node", text, {"id": node_id})

    def _below(self, field: GraphQLField, hops: int, part: int | None = None) -> str:
        """What is selected of a field with so many nodes below each other; of the last one, values and parts.

        With -1, values alone. With a part, only that part of the kinds of events.
        """
        named = get_named_type(field.type)
        if is_leaf_type(named):
            return ""
        return f" {{ {self._select(named, hops - (self._is_node(named) and hops > 0), part)} }}"

    def _select(self, of_type: GraphQLNamedType, hops: int, part: int | None) -> str:
        key = of_type.name, hops, part, self._is_stream
        if key not in self._selected:
            self._selected[key] = " ".join(["__typename", *self._selections(of_type, hops, part)])
        return self._selected[key]

    def _selections(self, of_type: GraphQLNamedType, hops: int, part: int | None) -> Iterator[str]:
        assert isinstance(of_type, GraphQLObjectType | GraphQLInterfaceType), of_type
        for name, field in of_type.fields.items():
            named = get_named_type(field.type)
            if not is_leaf_type(named) and hops < self._is_node(named):
                continue
            # Below `nodes` are the same objects as below `edges`, where they are asked for all there is. An event of a
            # stream must not cost much, and the feed brings the same events by queries.
            is_seen = (name == "nodes" and "edges" in of_type.fields) or (self._is_stream and _is_list(field))
            below = self._below(field, -1 if is_seen else hops, part)
            # Here nothing is known of the object that would say which values fit it: one way is enough.
            for arguments in self._ways(f"{of_type.name}.{name}", field, "")[:1]:
                yield f"{of_type.name}__{name}: {name}{arguments}{below}"
        if isinstance(of_type, GraphQLInterfaceType):
            kinds = self._schema.get_possible_types(of_type)
            is_whole = part is None or len(kinds) <= FEW or self._is_node(of_type)
            for each in kinds if is_whole else kinds[part::PARTS]:
                yield f"... on {each.name} {{ {self._select(each, hops, part)} }}"

    def _is_node(self, of_type: GraphQLNamedType) -> bool:
        if isinstance(of_type, GraphQLInterfaceType):
            return any(each.name in self._nodes for each in self._schema.get_possible_types(of_type))
        return of_type.name in self._nodes

    def _ways(self, where: str, field: GraphQLField, node_id: str | None) -> list[str]:
        """All ways to give the arguments of a field. None if a required one has no value for this node."""
        return [_arguments(way) for way in self._given(where, field.args, is_required_argument, node_id)]

    def _given(
        self,
        where: str,
        taken: Mapping[str, GraphQLArgument] | Mapping[str, GraphQLInputField],
        is_required: Callable[[Any], bool],
        node_id: str | None,
    ) -> list[dict[str, str]]:
        """First each combination of what is required, then each value of what is not, with the first of these."""
        # A stream is asked for from a position on, or it would say nothing of what was.
        is_stream = where.startswith("Subscription.") and "." not in where.removeprefix("Subscription.")
        required = [name for name, each in taken.items() if is_required(each) or (is_stream and name == "after")]
        ways: list[dict[str, str]] = [{"first": "3" if node_id == "" else "40"} if "first" in taken else {}]
        for name in sorted(required, key=lambda each: each in PASSED_OVER):
            ways = [
                way | {name: value}
                for way in ways
                for value in self._options(
                    f"{where}({name}:)", name, taken[name], way.get("discussionId", "").strip('"') or node_id
                )
            ]
        if not ways:
            return []
        base = ways[0]
        for name, each in taken.items():
            if name in required or name == "first" or name in PASSED_OVER:
                continue
            left_out = {"first"} if name == "last" else set()
            for value in self._options(f"{where}({name}:)", name, each, node_id):
                ways.append({key: other for key, other in base.items() if key not in left_out} | {name: value})
        return ways

    def _options(
        self, where: str, name: str, taken: GraphQLArgument | GraphQLInputField, node_id: str | None
    ) -> Sequence[str]:
        """The values that an argument is tried with. Raises UnknownArgument."""
        named = get_named_type(taken.type)
        known = None if isinstance(named, GraphQLEnumType) else self._values(name, node_id)
        if known is not None:
            return known
        options: list[str]
        if isinstance(named, GraphQLEnumType):
            options = list(named.values)
        elif isinstance(named, GraphQLScalarType) and named.name == "Boolean":
            options = ["true", "false"]
        elif isinstance(named, GraphQLInputObjectType):
            ways = self._given(f"{where}{named.name}", named.fields, is_required_input_field, node_id)
            options = [f"{{{', '.join(f'{key}: {value}' for key, value in way.items())}}}" for way in ways]
        else:
            raise UnknownArgument(f"Say which values {where} has to be tried with.")
        return [f"[{each}]" for each in options] if is_list_type(get_nullable_type(taken.type)) else options


def reached(answer: Any) -> Iterator[str]:
    """The fields that an answer has, as `Type.field`."""
    if isinstance(answer, dict):
        for key, value in answer.items():
            of_type, _, name = key.partition("__")
            if of_type and name:
                yield f"{of_type}.{name.partition('__')[0]}"
            yield from reached(value)
    elif isinstance(answer, list):
        for item in answer:
            yield from reached(item)


def _arguments(way: Mapping[str, str]) -> str:
    return f"({', '.join(f'{name}: {value}' for name, value in way.items())})" if way else ""


def _is_list(field: GraphQLField) -> bool:
    return bool(is_list_type(get_nullable_type(field.type)))


def _chunks(selections: Iterable[str]) -> Iterator[list[str]]:
    chunk: list[str] = []
    size = 0
    for each in selections:
        count = each.count(":")
        if chunk and size + count > MAX_SELECTED:
            yield chunk
            chunk, size = [], 0
        chunk.append(each)
        size += count
    if chunk:
        yield chunk
