"""The cost of an operation: how many values its result may hold.

A field costs 1 for every object that it is selected on, or its weight, and a list holds as many items as its `first`
or `last` asks for. It is a bound and not a forecast: @skip and @include count as if they kept all, and fragments on
different types as if one object were of all of them. A fragment is worked out once, so the rule is linear in the
document.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    IntValueNode,
    ListValueNode,
    Node,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_enum_type,
    is_input_object_type,
    is_list_type,
    is_object_type,
)

from execution import introspection

PAGE_SIZE = 20
"""The size of a connection that is selected without `first` or `last`."""
LIST_SIZE = 5
"""The size of a list of unknown size."""
SIZES_KEPT = 100
"""For how many combinations of sizes an operation keeps its cost."""
INTROSPECTION_WEIGHT = 15
"""How many values one of introspection counts for: graphql-core resolves it, which takes 4 µs."""
_SIZES = ("first", "last", "ids")
"""The arguments that determine the size of a list: by their number, or by their length."""


class Costs:
    """The rule for one schema."""

    def __init__(
        self, schema: GraphQLSchema, sizes: Mapping[str, int], weights: Mapping[str, int] | None = None
    ) -> None:
        """`sizes` gives lists and connections by their coordinates, as `Type.field`, a size of their own by default.

        `weights` gives fields, in the same way, what they cost if that is not 1.
        """
        self.schema = schema
        self.weights = weights or {}
        self.sizes = {**_introspection_sizes(schema), **sizes}

    def default(self, parent: GraphQLNamedType, name: str, field: GraphQLField) -> int:
        """Returns the size of a list if no argument determines it."""
        size = self.sizes.get(f"{parent.name}.{name}")
        return size if size is not None else PAGE_SIZE if "first" in field.args else LIST_SIZE


def _introspection_sizes(schema: GraphQLSchema) -> dict[str, int]:
    """Returns the sizes of the lists of introspection: those of types and fields on average."""
    types = list(schema.type_map.values())

    def average(counts: list[int]) -> int:
        return max(1, -(-sum(counts) // max(1, len(counts))))

    fields = [list(getattr(each, "fields", {}).values()) for each in types]
    return {
        "__Schema.types": len(types),
        "__Schema.directives": len(schema.directives),
        "__Type.fields": average([len(each) for each in fields]),
        "__Type.inputFields": average([len(each.fields) for each in types if is_input_object_type(each)]),
        "__Type.enumValues": average([len(each.values) for each in types if is_enum_type(each)]),
        "__Type.possibleTypes": average(
            [len(schema.get_possible_types(each)) for each in types if is_abstract_type(each)]
        ),
        "__Type.interfaces": average([len(each.interfaces) for each in types if is_object_type(each)]),
        "__Field.args": average([len(getattr(field, "args", {})) for each in fields for field in each]),
        "__Directive.args": average([len(each.args) for each in schema.directives]),
        "__Directive.locations": average([len(each.locations) for each in schema.directives]),
    }


class DocumentCosts:
    """The rule for one valid document."""

    def __init__(self, costs: Costs, document: DocumentNode) -> None:
        self.costs = costs
        self.fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._sizing = frozenset(_sizing(document))

    def of_operation(self, definition: OperationDefinitionNode) -> "OperationCost":
        defined = {node.variable.name.value for node in definition.variable_definitions or ()}
        return OperationCost(self, definition, tuple(sorted(defined & self._sizing)))


class OperationCost:
    """The cost of one operation, by the values of its variables."""

    def __init__(self, document: DocumentCosts, definition: OperationDefinitionNode, names: tuple[str, ...]) -> None:
        """`names`: the variables that may determine the size of a list."""
        self._document = document
        self._definition = definition
        self._names = names
        self._known: dict[tuple[int | None, ...], int] = {}

    def of(self, variables: Mapping[str, Any]) -> int:
        """Returns the cost with these coerced values."""
        sizes = tuple([_size(variables.get(name)) for name in self._names])
        known = self._known.get(sizes)
        if known is None:
            if len(self._known) == SIZES_KEPT:
                self._known.clear()
            known = self._known[sizes] = self._work_out(dict(zip(self._names, sizes, strict=True)))
        return known

    def _work_out(self, sizes: Mapping[str, int | None]) -> int:
        costs = self._document.costs
        root = costs.schema.get_root_type(self._definition.operation)
        assert root is not None
        run = _Calculation(costs, self._document.fragments, sizes)
        return run.below(root, self._definition.selection_set).of_default


class _Sum:
    """The cost of a selection on one object: its own, and that of the lists directly in it."""

    __slots__ = ("element", "lists", "own")

    def __init__(self) -> None:
        self.own = 0
        """All but what the objects cost that are in those lists."""
        self.lists = 0
        """What those objects cost where each list is of its default size."""
        self.element = 0
        """What they cost together if each list held one: of a page, each holds as many as the page."""

    @property
    def of_default(self) -> int:
        return self.own + self.lists

    def of_page(self, size: int) -> int:
        return self.own + size * self.element

    def add(self, other: "_Sum") -> None:
        self.own += other.own
        self.lists += other.lists
        self.element += other.element


class _Calculation:
    """One calculation, with the sizes that variables determine."""

    def __init__(
        self, costs: Costs, fragments: Mapping[str, FragmentDefinitionNode], sizes: Mapping[str, int | None]
    ) -> None:
        self.costs = costs
        self.fragments = fragments
        self.sizes = sizes
        self.worked_out: dict[str, _Sum] = {}

    def below(self, on: GraphQLNamedType, selections: SelectionSetNode) -> _Sum:
        total = _Sum()
        for node in selections.selections:
            if isinstance(node, FieldNode):
                self._add_field(total, on, node)
            elif isinstance(node, FragmentSpreadNode):
                total.add(self._fragment(node.name.value))
            else:
                condition = node.type_condition  # type: ignore[attr-defined]
                inside = self.costs.schema.type_map[condition.name.value] if condition else on
                total.add(self.below(inside, node.selection_set))  # type: ignore[attr-defined]
        return total

    def _fragment(self, name: str) -> _Sum:
        total = self.worked_out.get(name)
        if total is None:
            fragment = self.fragments[name]
            on = self.costs.schema.type_map[fragment.type_condition.name.value]
            total = self.worked_out[name] = self.below(on, fragment.selection_set)
        return total

    def _add_field(self, total: _Sum, on: GraphQLNamedType, node: FieldNode) -> None:
        name = node.name.value
        total.own += self.costs.weights.get(f"{on.name}.{name}", 1)
        field = self.costs.schema.get_field(on, name)  # type: ignore[arg-type]
        assert field is not None
        if node.selection_set is None:
            if is_list_type(get_nullable_type(field.type)):
                total.own += self.costs.default(on, name, field)
            return
        below = self.below(get_named_type(field.type), node.selection_set)
        size = self._said(node)
        if is_list_type(get_nullable_type(field.type)):
            if size is not None:
                total.own += size * below.of_default
            else:
                total.lists += self.costs.default(on, name, field) * below.of_default
                total.element += below.of_default
        elif size is not None or "first" in field.args:
            total.own += below.of_page(self.costs.default(on, name, field) if size is None else size)
        elif name in introspection.FIELDS:
            # Most of what introspection may hold is null, such as the innermost `ofType`.
            total.own += INTROSPECTION_WEIGHT * min(below.of_default, introspection.MAX_VALUES)
        else:
            total.own += below.of_default

    def _said(self, node: FieldNode) -> int | None:
        """Returns the size that the field's arguments determine."""
        said = [
            self.sizes.get(argument.value.name.value)
            if isinstance(argument.value, VariableNode)
            else _literal_size(argument.value)
            for argument in node.arguments or ()
            if argument.name.value in _SIZES
        ]
        return max((size for size in said if size is not None), default=None)


def _size(value: Any) -> int | None:
    """Returns the size that a variable determines; 1 for what the resolver will refuse, such as a negative number."""
    if isinstance(value, list):
        return max(1, len(value))
    return max(1, value) if isinstance(value, int) else None


def _literal_size(value: ValueNode) -> int | None:
    if isinstance(value, IntValueNode):
        return _size(int(value.value))
    return max(1, len(value.values)) if isinstance(value, ListValueNode) else None


def _sizing(node: Node) -> Iterator[str]:
    """Yields the variables in a document that determine the size of a list."""
    stack: list[Any] = [node]
    while stack:
        one = stack.pop()
        if isinstance(one, ArgumentNode):
            if one.name.value in _SIZES and isinstance(one.value, VariableNode):
                yield one.value.name.value
        elif isinstance(one, DocumentNode):
            stack += one.definitions
        elif isinstance(one, FieldNode):
            stack += one.arguments or ()
            if one.selection_set is not None:
                stack.append(one.selection_set)
        elif isinstance(one, SelectionSetNode):
            stack += one.selections
        else:
            below = getattr(one, "selection_set", None)
            if below is not None:
                stack.append(below)
