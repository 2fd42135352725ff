"""Plans: the fields of each level of an operation, and how each is resolved, worked out once.

A `Plan` holds for one operation and one choice of what @skip and @include leave out, so that a run decides nothing but
values.

Source: GraphQL specification, section 6.3 "Executing Selection Sets".
"""

from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from inspect import getattr_static
from operator import attrgetter
from types import NoneType, WrapperDescriptorType
from typing import Any, Protocol

from graphql import (
    ArgumentNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLNamedType,
    GraphQLObjectType,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    SourceLocation,
    ValueNode,
    VariableNode,
    get_location,
    get_named_type,
    located_error,
)
from graphql.execution.values import VariableValues
from graphql.pyutils import UndefinedType
from strawberry import UNSET

from execution import introspection
from execution.batch import Entry, Turn
from execution.error_codes import RequestErrorCode
from execution.fields import FieldResolver, Fields
from execution.operation import RequestRefused, request_error
from execution.paths import Keys
from execution.shapes import Shape
from execution.size import LEAF_BYTES

ARGUMENTS_KEPT = 4
"""Of how many choices of variables a field keeps its arguments."""
LONGEST_KEPT = 200
"""Of texts of how many characters they are kept."""
FIELDS_KEPT = 12_000
"""How many planned fields are kept, in the plans of all documents; those of the least recently used are dropped.

Each takes some 2 kB, and 1 kB more where its level is compiled."""


@dataclass(slots=True, eq=False)
class PlannedField:
    """One response key of a level: all nodes that select it, and its resolver."""

    key: str
    nodes: tuple[FieldNode, ...]
    parent_type: GraphQLObjectType
    resolver: FieldResolver | None
    """None for `__typename`, `__schema` and `__type`."""
    selected: frozenset[str] | None
    """The fields selected below it, if its batch function receives them; else None."""
    keys: Keys
    """Its path."""
    nulled_depth: int
    """The length of the path of the position that becomes null if its value fails."""
    below: dict[str, "Level"] = field(default_factory=dict)
    """The levels below it, by object type, as far as runs have met them."""
    below_class: dict[type, "Level | None"] = field(default_factory=dict)
    """The same by the class of rows: see Plan.below_class."""
    _arguments: dict[tuple[Any, ...], dict[str, Any]] = field(default_factory=dict)
    _variables: tuple[str, ...] = ()
    _locations: list[dict[str, int]] | None = None

    def __post_init__(self) -> None:
        self._variables = tuple(dict.fromkeys(_variables_in(self.nodes[0].arguments)))

    def arguments(self, fields: Fields, variables: VariableValues) -> dict[str, Any]:
        """Returns the arguments of its function, cached by the variables they depend on. Raises GraphQLError."""
        assert self.resolver is not None
        if not self._variables and (constant := self._arguments.get(())) is not None:
            return constant
        try:
            # True, 1 and 1.0 are equal, and not the same argument.
            values = [variables.coerced.get(name, UNSET) for name in self._variables]
            key = tuple([(value.__class__, value) for value in values])
            kept = self._arguments.get(key)
        except TypeError:
            # A list or an input object.
            return self._read_arguments(fields, variables)
        if kept is None:
            kept = self._read_arguments(fields, variables)
            # What a function may change is its own; of the numbers, -0.0 equals 0.0; a long text is not worth keeping.
            if not all(_is_kept(value) for value in (*values, *kept.values())):
                return kept
            if len(self._arguments) >= ARGUMENTS_KEPT:
                self._arguments.clear()
            self._arguments[key] = kept
        return kept

    def _read_arguments(self, fields: Fields, variables: VariableValues) -> dict[str, Any]:
        assert self.resolver is not None
        read = fields.arguments(self.resolver, self.nodes[0], variables) if self.resolver.definition.args else {}
        if self.resolver.selection_parameter is not None:
            read[self.resolver.selection_parameter] = self.selected
        return read

    @property
    def name(self) -> str:
        """The field's name in the schema."""
        return self.nodes[0].name.value

    @property
    def turn(self) -> Turn:
        """When it is resolved, if it is a root field."""
        return Turn.USUAL if self.resolver is None else self.resolver.turn

    @property
    def is_ahead(self) -> bool:
        """Whether it is resolved before what the document selects before it."""
        return self.turn < Turn.USUAL

    @property
    def locations(self) -> list[dict[str, int]]:
        """Where the document selects it."""
        if self._locations is None:
            found: list[SourceLocation] = [
                get_location(node.loc.source, node.loc.start) for node in self.nodes if node.loc is not None
            ]
            self._locations = [{"line": each.line, "column": each.column} for each in found]
        return self._locations


ReadColumn = Callable[[Sequence[Sequence[Any]]], Sequence[Any]]
CLASSES_KEPT = 8
"""For how many classes of rows a level keeps its steps, and a field the levels below it."""


class Part(Protocol):
    """How a class of rows says that an object is made of some of its own columns, unless one of these is null."""

    @property
    def kind(self) -> type:
        """The class of rows with these columns."""

    @property
    def columns(self) -> Sequence[int]:
        """Where they are. The first one differs for different objects."""

    @property
    def needs(self) -> Sequence[int]:
        """The columns that must not be null."""


@dataclass(frozen=True, slots=True)
class Step:
    """How to resolve a field of rows of one class."""

    field: PlannedField
    resolver: FieldResolver | None
    """None for `__typename`, `__schema` and `__type`."""
    in_columns: ReadColumn | None
    """Reads it off transposed rows."""
    read: Callable[[Any], Any] | None
    """Reads it off one row."""
    leaf: Shape | None
    """Its shape, if its values are leaves."""
    is_itself: bool
    """Whether its values are the rows themselves."""
    part: Part | None
    """What of the rows its objects may be made of, without resolving it."""


class Level:
    """The fields that are selected on one object type in one place."""

    def __init__(self, fields: tuple[PlannedField, ...]) -> None:
        self.fields = fields
        self.object_bytes = 3 + sum(
            len(field.key) + 4 + (field.resolver.shape.item_bytes if field.resolver else LEAF_BYTES) for field in fields
        )
        """What an object takes at most in an answer, without its characters, objects and lists."""
        self.compiled: dict[type, Any] = {}
        """What executes rows of a class, where they were many: see execution.levels."""
        self.executed = 0
        """How many objects it was executed for, until it is compiled."""
        self._steps: dict[type, tuple[Step, ...]] = {}

    def steps(self, kind: type) -> tuple[Step, ...]:
        """Returns how to resolve the fields of rows that are all of this class. `object` serves for mixed rows."""
        steps = self._steps.get(kind)
        if steps is None:
            if len(self._steps) >= CLASSES_KEPT:
                self._steps.clear()
                self.compiled.clear()
            steps = self._steps[kind] = tuple(_step(field, kind) for field in self.fields)
        return steps


def _step(planned: PlannedField, kind: type) -> Step:
    resolver = planned.resolver
    if resolver is None:
        return Step(planned, None, None, None, None, False, None)
    name = resolver.strawberry_field.python_name
    read, in_columns, is_itself = resolver.read, None, False
    if isinstance(read, attrgetter):
        # What a class says of itself: one made of it may read otherwise.
        known_columns = vars(kind).get("in_columns", {})
        in_columns = known_columns.get(name)
        is_itself = name in known_columns and in_columns is None
        # A property is called without being looked up for each row, unless the class says in Python how it looks up.
        if isinstance(kind.__getattribute__, WrapperDescriptorType):
            known = getattr_static(kind, name, None)
            read = known.fget if isinstance(known, property) and known.fget is not None else read
    shape = resolver.shape
    leaf = shape if shape.kind in ("leaf", "enum") else None
    return Step(planned, resolver, in_columns, read, leaf, is_itself, vars(kind).get("parts", {}).get(name))


class Plan:
    """The levels of one operation, each planned when a run first meets it."""

    def __init__(
        self,
        fields: Fields,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: VariableValues,
        kept: "KeptPlans",
    ) -> None:
        self.fields = fields
        self.kept: KeptPlans | None = kept
        """Where its fields are counted; None once it is dropped, and only runs that began before still use it."""
        self.operation = operation
        self.fragments = _fragments(document)
        self._coerced = variables.coerced
        root = fields.schema.get_root_type(operation.operation)
        assert root is not None
        self._below: frozenset[str] | None = None
        self.size = 0
        """How many fields have been planned so far."""
        self.root = self._level(root, [operation.selection_set], (), 0)
        self.ahead = sorted((each for each in self.root.fields if each.is_ahead), key=lambda each: each.turn)
        """The root fields that are resolved before what the document selects before them, in their order."""
        self.is_apart = any(each.turn is Turn.APART for each in self.ahead)
        """Whether a root field has more to do than to read: what it answers is never kept."""

    def below(self, planned: PlannedField, concrete: GraphQLObjectType) -> Level:
        """Returns the level below a field for values of this type."""
        found = planned.below.get(concrete.name)
        if found is None:
            selections = [node.selection_set for node in planned.nodes if node.selection_set is not None]
            assert planned.resolver is not None
            keys, nulled_depth, shape = planned.keys, planned.nulled_depth, planned.resolver.shape
            while shape.inner is not None:
                keys, shape = (*keys, None), shape.inner
                nulled_depth = len(keys) if shape.nullable else nulled_depth
            found = planned.below[concrete.name] = self._level(concrete, selections, keys, nulled_depth)
        return found

    def below_class(self, planned: PlannedField, shape: Shape, kind: type) -> Level | None:
        """Returns the level below a field for rows of this class; None where the class does not say their type.

        `shape` is that of the rows' position.
        """
        try:
            return planned.below_class[kind]
        except KeyError:
            concrete = self.fields.of_class(shape, kind) if is_row(kind) else None
            found = None if concrete is None else self.below(planned, concrete)
            if len(planned.below_class) >= CLASSES_KEPT:
                planned.below_class.clear()
            planned.below_class[kind] = found
            return found

    def stream(
        self, variables: VariableValues, context: object, after: str | None
    ) -> AsyncGenerator[Sequence[Entry], None]:
        """Returns the events of a subscription, after the cursor `after` if one is given and its field accepts it.

        Raises GraphQLError for invalid arguments.
        """
        (planned,) = self.root.fields
        assert planned.resolver is not None
        assert planned.resolver.follow is not None
        try:
            arguments = planned.arguments(self.fields, variables)
            if after is not None and "after" in planned.resolver.definition.args:
                arguments = arguments | {"after": after}
            return planned.resolver.follow(context, **arguments)
        except GraphQLError as error:
            raise located_error(error, planned.nodes, [planned.key]) from error

    def request_key(self, variables: VariableValues) -> Hashable:
        """Returns what is equal for two subscriptions with the same results, whatever their `after`."""
        (planned,) = self.root.fields
        if self._below is None:
            self._below = frozenset(self._variables_below([node.selection_set for node in planned.nodes], set()))
        arguments = {
            name: value for name, value in planned.arguments(self.fields, variables).items() if name != "after"
        }
        below = {name: value for name, value in variables.coerced.items() if name in self._below}
        return repr(sorted(arguments.items())), repr(sorted(below.items()))

    def _variables_below(self, selections: Sequence[SelectionSetNode | None], visited: set[str]) -> Iterator[str]:
        for node in [each for selection in selections if selection is not None for each in selection.selections]:
            if isinstance(node, FieldNode):
                yield from _variables_in(node.arguments)
                yield from self._variables_below([node.selection_set], visited)
            elif isinstance(node, InlineFragmentNode):
                yield from self._variables_below([node.selection_set], visited)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in visited:
                visited.add(node.name.value)
                yield from self._variables_below([self.fragments[node.name.value].selection_set], visited)

    def _level(
        self, on: GraphQLObjectType, selections: Sequence[SelectionSetNode], above: Keys, nulled_depth: int
    ) -> Level:
        """`above`: the path of its objects. `nulled_depth`: of the position that becomes null if one of them fails."""
        collected: dict[str, list[FieldNode]] = {}
        visited: set[str] = set()
        for selection in selections:
            self._collect(on, selection, collected, visited)
        level = Level(
            tuple(self._field(on, (*above, key), tuple(nodes), nulled_depth) for key, nodes in collected.items())
        )
        if self.kept is not None:
            self.kept.drop()
        return level

    def _field(
        self, on: GraphQLObjectType, keys: tuple[*Keys, str], nodes: tuple[FieldNode, ...], nulled_depth: int
    ) -> PlannedField:
        self.size += 1
        if self.kept is not None:
            self.kept.fields += 1
        name = nodes[0].name.value
        resolver = None if name.startswith("__") else self.fields.of(on.name, name)
        selected = None
        if resolver is not None and resolver.selection_parameter is not None:
            selected = frozenset(path for node in nodes for path in self._paths(node.selection_set, ""))
        nullable = name == "__type" if resolver is None else resolver.shape.nullable
        return PlannedField(keys[-1], nodes, on, resolver, selected, keys, len(keys) if nullable else nulled_depth)

    def _collect(
        self, on: GraphQLObjectType, selections: SelectionSetNode, into: dict[str, list[FieldNode]], visited: set[str]
    ) -> None:
        for node in selections.selections:
            if not all(self._keeps(directive) for directive in node.directives or ()):
                continue
            if isinstance(node, FieldNode):
                into.setdefault(node.alias.value if node.alias else node.name.value, []).append(node)
                continue
            if isinstance(node, FragmentSpreadNode):
                if node.name.value in visited:
                    continue
                visited.add(node.name.value)
                fragment: FragmentDefinitionNode | InlineFragmentNode = self.fragments[node.name.value]
            else:
                assert isinstance(node, InlineFragmentNode)
                fragment = node
            if fragment.type_condition is None or self._applies(fragment.type_condition.name.value, on):
                self._collect(on, fragment.selection_set, into, visited)

    def _paths(self, selections: SelectionSetNode | None, above: str) -> Iterator[str]:
        for node in selections.selections if selections is not None else ():
            if isinstance(node, FieldNode):
                path = f"{above}{node.name.value}"
                yield path
                yield from self._paths(node.selection_set, f"{path}.")
            elif isinstance(node, InlineFragmentNode):
                yield from self._paths(node.selection_set, above)
            elif isinstance(node, FragmentSpreadNode):
                yield from self._paths(self.fragments[node.name.value].selection_set, above)

    def _applies(self, condition: str, on: GraphQLObjectType) -> bool:
        if condition == on.name:
            return True
        named: Any = self.fields.schema.type_map[condition]
        return not isinstance(named, GraphQLObjectType) and self.fields.schema.is_sub_type(named, on)

    def _keeps(self, directive: DirectiveNode) -> bool:
        name = directive.name.value
        if name not in ("skip", "include"):
            return True
        value: Any = (directive.arguments or ())[0].value
        said = self._coerced[value.name.value] if isinstance(value, VariableNode) else value.value
        return bool(said) is (name == "include")


class KeptPlans:
    """The plans of all documents that are kept, up to FIELDS_KEPT fields together."""

    def __init__(self) -> None:
        self.fields = 0
        """How many fields they have. Runs add to it, as they meet further levels."""
        self._plans: OrderedDict[Hashable, Plan] = OrderedDict()

    def get(self, key: Hashable) -> Plan | None:
        plan = self._plans.get(key)
        if plan is not None:
            self._plans.move_to_end(key)
        return plan

    def add(self, key: Hashable, plan: Plan) -> None:
        self._plans[key] = plan
        self.drop()

    def drop(self) -> None:
        """Drops the plans that were not used for longest, until the others are few enough."""
        while self.fields > FIELDS_KEPT and self._plans:
            _, plan = self._plans.popitem(last=False)
            plan.kept = None
            self.fields -= plan.size


class Planner:
    """Plans one operation: decides whether it can be planned."""

    def __init__(
        self, fields: Fields, document: DocumentNode, operation: OperationDefinitionNode, kept: KeptPlans
    ) -> None:
        self._fields = fields
        self._kept = kept
        self._document = document
        self._operation = operation
        self._fragments = _fragments(document)
        self._deciding: dict[str, None] = {}
        root = fields.schema.get_root_type(operation.operation)
        assert root is not None
        self._plannable = self._look(root, operation.selection_set, set())

    def plan(self, variables: VariableValues) -> Plan | None:
        """Returns the plan for these variables; None if graphql-core has to run the operation.

        Raises RequestRefused with BAD_ARGUMENT for null where @skip or @include needs a Boolean.
        """
        if not self._plannable:
            return None
        chosen = [variables.coerced.get(name) for name in self._deciding]
        key = (self, *chosen)
        plan = self._kept.get(key)
        if plan is None:
            if None in chosen:
                name = list(self._deciding)[chosen.index(None)]
                message = f"Variable '${name}' is null, and @skip or @include needs a Boolean."
                raise RequestRefused([request_error(RequestErrorCode.BAD_ARGUMENT, message)])
            plan = Plan(self._fields, self._document, self._operation, variables, self._kept)
            self._kept.add(key, plan)
        return plan

    def _look(self, on: GraphQLNamedType, selections: SelectionSetNode, seen: set[str]) -> bool:
        """Whether all selected fields can be resolved by levels. Collects the variables of @skip and @include.

        Linear: a fragment is looked at once, on the type of its own condition.
        """
        can = True
        for node in selections.selections:
            for directive in node.directives or ():
                can = can and directive.name.value in ("skip", "include")
                self._deciding |= dict.fromkeys(_variables_in(directive.arguments))
            if isinstance(node, FieldNode):
                if node.name.value in introspection.FIELDS:
                    # What is selected below is graphql-core's.
                    continue
                can = can and self._fields.can_resolve(on, node.name.value)
                if can and node.selection_set is not None:
                    definition = on.fields[node.name.value]  # type: ignore[attr-defined]
                    can = self._look(get_named_type(definition.type), node.selection_set, seen)
                continue
            if isinstance(node, FragmentSpreadNode):
                if node.name.value in seen:
                    continue
                seen.add(node.name.value)
                fragment: FragmentDefinitionNode | InlineFragmentNode = self._fragments[node.name.value]
            else:
                assert isinstance(node, InlineFragmentNode)
                fragment = node
            condition = fragment.type_condition
            inside = on if condition is None else self._fields.schema.type_map[condition.name.value]
            can = can and self._look(inside, fragment.selection_set, seen)
        return can


@lru_cache(maxsize=1024)
def is_row(kind: type) -> bool:
    """Whether instances of this class are values of object fields."""
    return not issubclass(kind, NoneType | Exception | UndefinedType)


def _is_kept(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= LONGEST_KEPT
    return value is None or value is UNSET or isinstance(value, int | Enum | frozenset)


def _fragments(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    return {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}


def _variables_in(arguments: Sequence[ArgumentNode] | None) -> Iterator[str]:
    waiting: list[ValueNode] = [argument.value for argument in arguments or ()]
    while waiting:
        value = waiting.pop()
        if isinstance(value, VariableNode):
            yield value.name.value
        elif isinstance(value, ListValueNode):
            waiting.extend(value.values)
        elif isinstance(value, ObjectValueNode):
            waiting.extend(each.value for each in value.fields)
