"""The breadth-first executor: a field is resolved once for all parents of its level.

A leaf is a column read from the rows. A field with a batch resolver calls it once with the list of parents. A list is
flattened, executed as one level, and cut up again. The objects of a level are made by zipping its columns.

Of the errors beneath one null the first is reported; errors beneath an outer null are not.

Source: GraphQL specification, section 6.4 "Executing Fields".
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from inspect import isawaitable
from itertools import chain, islice
from types import NoneType
from typing import Any, Final

from graphql import (
    GraphQLError,
    GraphQLObjectType,
    GraphQLResolveInfo,
    OperationType,
    Undefined,
    default_type_resolver,
)
from graphql.execution.values import VariableValues
from graphql.pyutils import Path as FieldNodePath
from graphql.pyutils import inspect, is_awaitable, is_iterable
from graphql.type import GraphQLResolveInfoHelpers

from execution.fields import FieldResolver
from execution.introspection import Allowance
from execution.levels import COMPILE_THRESHOLD, compiled, read_one_by_one, zipped
from execution.paths import ListPath, Path, ResponsePath, RootPath, SharedPath, indices
from execution.plan import Level, Plan, PlannedField, is_row
from execution.shapes import Shape
from execution.size import ERROR_BYTES, AnswerSize


class _Failed:
    """Marks a position that may not be null and has no value: its error is recorded, and its parent fails too."""


FAILED: Final = _Failed()
_LISTS = {list}
_ID_OF_NONE = id(None)


@dataclass(slots=True)
class Failure:
    """An error at a position of a level."""

    error: Exception
    field: PlannedField
    path: ResponsePath
    index: int
    nulled_depth: int
    """The length of the path of the position that becomes null."""

    def paths(self) -> list[Path]:
        """All paths of the position: several if several parents have the same value."""
        return self.path.below(self.index, self.field.keys)


class Run:
    """One execution of a plan. It may serve for one operation only."""

    def __init__(self, plan: Plan, context: object, variables: VariableValues, *, max_bytes: int) -> None:
        """`max_bytes`: of the answer. What makes a larger one raises AnswerTooLarge."""
        self._plan = plan
        self._context = context
        self._variables = variables
        self.failures: list[Failure] = []
        """The errors so far."""
        self._introspection_errors: list[tuple[Failure, Path]] = []
        self._may_introspect = Allowance()
        self._ahead: dict[PlannedField, list[Any]] = {}
        """The values of root fields that were resolved before their turn in the document."""
        self.size = AnswerSize(max_bytes)

    async def data(self, root_value: object = None) -> dict[str, Any] | None:
        """Returns the response's data: objects as dicts; leaves coerced, unless orjson writes them the same."""
        if self._plan.operation.operation is not OperationType.MUTATION:
            for field in self._plan.ahead:
                assert field.resolver is not None
                self._ahead[field] = await self.batch(field, field.resolver, [root_value])
            (data,) = await self._level(self._plan.root, [root_value], type(root_value), RootPath())
            return None if data is FAILED else data
        written: dict[str, Any] = {}
        # Serially, and not after a failure that makes the whole of `data` null.
        for field in self._plan.root.fields:
            (data,) = await self._level(Level((field,)), [root_value], type(root_value), RootPath())
            if data is FAILED:
                return None
            written |= data
        return written

    async def events(self, values: list[Any]) -> list[dict[str, Any] | None]:
        """Returns the data of each event of a subscription. An event is the value of the root field."""
        (field,) = self._plan.root.fields
        assert field.resolver is not None
        completed = await self.complete(field, field.resolver.shape, values, RootPath(len(values)), field.nulled_depth)
        return [None if value is FAILED else {field.key: value} for value in completed]

    @property
    def failed(self) -> bool:
        """Whether there is any error."""
        return bool(self.failures)

    def reported_errors(self) -> list[tuple[Failure, Path]]:
        """Returns the errors of the response, each with its path: one for every null that an error caused."""
        located = [(each, path) for each in self.failures for path in each.paths()]
        located += self._introspection_errors
        by_null: dict[Path, tuple[Failure, Path]] = {}
        for failure, path in located:
            by_null.setdefault(path[: failure.nulled_depth], (failure, path))
        depths = {len(nulled) for nulled in by_null}
        return [
            found
            for nulled, found in by_null.items()
            if not any(nulled[:depth] in by_null for depth in depths if depth < len(nulled))
        ]

    def _fail(
        self, error: Exception, field: PlannedField, path: ResponsePath, index: int, nulled_depth: int
    ) -> _Failed:
        self.size.add(ERROR_BYTES * (path.places()[index] if path.is_shared else 1))
        self.failures.append(Failure(error, field, path, index, nulled_depth))
        return FAILED

    def _level(
        self,
        level: Level,
        rows: list[Any],
        kind: type,
        path: ResponsePath,
        table: Sequence[Sequence[Any]] = (),
    ) -> Awaitable[list[Any]]:
        """Returns an object for each row; FAILED if a field that may not be null has no value.

        `kind` is the class of all rows, or object. `table`: the rows transposed, if they are already.
        """
        execute: Callable[..., Awaitable[list[Any]]] | None = level.compiled.get(kind)
        if execute is not None:
            return execute(self, rows, path, table)
        level.executed += len(rows)
        if level.executed > COMPILE_THRESHOLD and kind is not object and kind not in level.compiled:
            level.compiled[kind] = compiled(self._plan, level, kind)
        return self._by_steps(level, rows, kind, path, table)

    async def _by_steps(
        self, level: Level, rows: list[Any], kind: type, path: ResponsePath, table: Sequence[Sequence[Any]]
    ) -> list[Any]:
        failures = len(self.failures)
        columns: list[Sequence[Any]] = []
        self.size.add(level.object_bytes * path.count)
        for step in level.steps(kind):
            field, resolver = step.field, step.resolver
            if resolver is None:
                columns.append(await self._of_type(field, len(rows), path))
                continue
            values: Sequence[Any]
            if step.is_itself:
                columns.append(await self.themselves(field, resolver.shape, rows, kind, path, table))
                continue
            if step.in_columns is not None:
                table = table or tuple(zip(*rows))  # noqa: B905 - of one class, so of one length
                values = step.in_columns(table)
            elif step.read is None:
                values = await self.batch(field, resolver, rows)
            else:
                values = read_one_by_one(step.read, rows)
            columns.append(await self.complete(field, resolver.shape, values, path, field.nulled_depth))
        objects: list[Any] = zipped([field.key for field in level.fields], columns, len(rows))
        return self.settled(objects, columns, failures, nullable=False)

    def settled(self, objects: list[Any], columns: Sequence[Sequence[Any]], failures: int, nullable: bool) -> list[Any]:
        """Returns objects with FAILED, or with None, where a value of theirs is. `failures`: the errors before them."""
        if len(self.failures) > failures:
            for column in columns:
                for at, value in enumerate(column):
                    if value is FAILED:
                        objects[at] = None if nullable else FAILED
        return objects

    async def _of_type(self, field: PlannedField, count: int, path: ResponsePath) -> Sequence[Any]:
        """Returns the values of `__typename`, `__schema` or `__type`, for so many rows."""
        if field.name == "__typename":
            return [field.parent_type.name] * count
        value, size, errors = await self._plan.fields.introspection.value(
            self._plan, field, self._variables, self._may_introspect
        )
        self.size.add((size + ERROR_BYTES * len(errors)) * path.count)
        if value is None and errors and field.name != "__type":
            return [self._fail(errors[0], field, path, at, field.nulled_depth) for at in range(count)]
        self._introspection_errors += [
            (failure, (*above, *(error.path or ())[1:]))
            for error in errors
            for at in range(count)
            for failure in [Failure(error, field, path, at, field.nulled_depth)]
            for above in failure.paths()
        ]
        return [value] * count

    async def batch(self, field: PlannedField, resolver: FieldResolver, rows: list[Any]) -> list[Any]:
        """Returns one value for each row, or an exception in its place."""
        if field in self._ahead:
            return self._ahead.pop(field)
        assert resolver.batch is not None
        try:
            arguments = field.arguments(self._plan.fields, self._variables)
            values = resolver.batch(rows, self._context, **arguments)
            if not isinstance(values, list) and isawaitable(values):
                values = await values
            if len(values) != len(rows):
                raise TypeError(f"{field.name} gave {len(values)} values for {len(rows)} parents.")
        except Exception as error:  # noqa: BLE001 - reported at the path of each parent.
            return [error] * len(rows)
        return values if isinstance(values, list) else list(values)

    async def themselves(
        self,
        field: PlannedField,
        shape: Shape,
        rows: list[Any],
        kind: type,
        path: ResponsePath,
        table: Sequence[Sequence[Any]],
    ) -> Sequence[Any]:
        """As `complete`, of a field whose values are the rows of its level, which are of one class and distinct."""
        level = self._plan.below_class(field, shape, kind)
        if level is None:
            return await self.complete(field, shape, rows, path, field.nulled_depth)
        failures = len(self.failures)
        objects = await self._level(level, rows, kind, path, table)
        if shape.nullable and len(self.failures) > failures:
            return [None if value is FAILED else value for value in objects]
        return objects

    async def complete(
        self, field: PlannedField, shape: Shape, values: Sequence[Any], path: ResponsePath, nulled_depth: int
    ) -> Sequence[Any]:
        """Returns the values as the response holds them; FAILED where one may not be null and is missing.

        `shape` and `nulled_depth` are those of the field, or of the items of its lists.
        """
        failures = len(self.failures)
        if shape.kind == "list":
            certain = set(map(type, values)) <= _LISTS
            completed = await self._lists(field, shape, values, path, nulled_depth, certain=certain)
        elif shape.kind == "leaf" or shape.kind == "enum":
            coerced = shape.coerced(values)
            if coerced is not None:
                if shape.is_text:
                    self.size.add_texts(coerced, path)
                return coerced
            certain = False
            completed = [self._leaf(field, shape, value, path, at, nulled_depth) for at, value in enumerate(values)]
            self.size.add_texts([value if isinstance(value, str) else None for value in completed], path)
        else:
            kinds = set(map(type, values))
            certain = NoneType not in kinds
            kinds.discard(NoneType)
            kind = kinds.pop() if len(kinds) == 1 else object
            level = None if kind is object else self._plan.below_class(field, shape, kind)
            if level is not None:
                completed = await self._alike(level, values, kind, path, certain=certain)
            else:
                certain = certain and is_row(kind) and all(map(is_row, kinds))
                completed = await self._objects(field, shape, values, path, nulled_depth)
        if shape.nullable:
            if len(self.failures) > failures:
                return [None if value is FAILED else value for value in completed]
        elif not certain:
            return [
                self._fail(_null(field), field, path, at, nulled_depth) if value is None else value
                for at, value in enumerate(completed)
            ]
        return completed

    def _leaf(
        self, field: PlannedField, shape: Shape, value: Any, path: ResponsePath, at: int, nulled_depth: int
    ) -> Any:
        if value is None or value is Undefined:
            return None
        if isinstance(value, Exception):
            return self._fail(value, field, path, at, nulled_depth)
        try:
            coerced = shape.type.coerce_output_value(value)
            if coerced is None or coerced is Undefined:
                raise TypeError(
                    f"Expected `{shape.type}.coerce_output_value({inspect(value)})` to return non-nullable value,"
                    f" returned: {inspect(coerced)}"
                )
        except Exception as error:  # noqa: BLE001 - reported at its path.
            return self._fail(error, field, path, at, nulled_depth)
        return coerced

    async def _lists(
        self,
        field: PlannedField,
        shape: Shape,
        values: Sequence[Any],
        path: ResponsePath,
        nulled_depth: int,
        *,
        certain: bool,
    ) -> list[Any]:
        """Returns each value as a list, None or FAILED. `certain`: whether all values are lists."""
        inner = shape.inner
        assert inner is not None
        lists: Sequence[Any] = values
        if not certain:
            lists = [self._listed(field, value, path, at, nulled_depth) for at, value in enumerate(values)]
        there = lists if certain else [value if isinstance(value, list) else [] for value in lists]
        failures = len(self.failures)
        lengths = list(map(len, there))
        items = ListPath(path, (*field.keys, *shape.lists), lengths)
        self.size.add(inner.item_bytes * items.count)
        flat = there[0] if len(there) == 1 else list(chain.from_iterable(there))
        below = items.depth if inner.nullable else nulled_depth
        completed = await self.complete(field, inner, flat, items, below)
        cut: list[Any]
        if len(there) == 1:
            cut = [completed]
        else:
            rest = iter(completed)
            cut = [list(islice(rest, length)) if length else [] for length in lengths]
        if not certain:
            cut = [made if isinstance(value, list) else value for value, made in zip(lists, cut, strict=True)]
        if len(self.failures) > failures and not inner.nullable:
            return [FAILED if isinstance(value, list) and FAILED in value else value for value in cut]
        return cut

    def _listed(self, field: PlannedField, value: Any, path: ResponsePath, at: int, nulled_depth: int) -> Any:
        """Returns the value as a list; None for null, FAILED for anything else."""
        if value is None or value is Undefined:
            return None
        try:
            if isinstance(value, Exception):
                raise value
            if not is_iterable(value):
                raise GraphQLError(
                    f"Expected Iterable, but did not find one for field '{field.parent_type.name}.{field.name}'."
                )
            return list(value)
        except Exception as error:  # noqa: BLE001 - reported at its path.
            return self._fail(error, field, path, at, nulled_depth)

    async def _alike(
        self,
        level: Level,
        values: Sequence[Any],
        kind: type,
        path: ResponsePath,
        *,
        certain: bool,
    ) -> list[Any]:
        """Returns an object for each value, all of which are of one class, or None. `certain`: whether none is None."""
        # A row that is the value of many parents, such as the author of many posts, is executed once.
        ids = list(map(id, values))
        shared = dict(zip(ids, values, strict=True))
        if certain and len(shared) == len(ids):
            return await self._level(level, values if isinstance(values, list) else list(values), kind, path)
        shared.pop(_ID_OF_NONE, None)
        below = SharedPath(path, ids, list(shared))
        objects = await self._level(level, list(shared.values()), kind, below)
        return list(map(dict(zip(shared, objects, strict=True)).get, ids))

    async def _objects(
        self, field: PlannedField, shape: Shape, values: Sequence[Any], path: ResponsePath, nulled_depth: int
    ) -> list[Any]:
        """Returns an object for each value, None or FAILED. The values may be anything."""
        ids = list(map(id, values))
        shared = dict(zip(ids, values, strict=True))
        shared.pop(_ID_OF_NONE, None)
        made: dict[int, Any] = {}
        by_type: dict[GraphQLObjectType, list[int]] = {}
        by_class = self._by_class(shape, set(map(type, shared.values())))
        if by_class:
            for key, value in shared.items():
                by_type.setdefault(by_class[type(value)], []).append(key)
        elif shared:
            info = self._info(field)
            failing: dict[int, list[int]] = {}
            for key, value in shared.items():
                if value is Undefined:
                    continue
                try:
                    concrete = None if isinstance(value, Exception) else self._concrete(shape, value, info)
                    error = value
                except Exception as raised:  # noqa: BLE001 - reported at each of its paths.
                    concrete, error = None, raised
                if concrete is not None:
                    by_type.setdefault(concrete, []).append(key)
                    continue
                made[key] = FAILED
                failing = failing or indices(ids)
                for at in failing[key]:
                    self._fail(error, field, path, at, nulled_depth)
        for concrete, keys in by_type.items():
            rows = [shared[key] for key in keys]
            kinds = set(map(type, rows))
            kind = kinds.pop() if len(kinds) == 1 else object
            level = self._plan.below(field, concrete)
            objects = await self._level(level, rows, kind, SharedPath(path, ids, keys))
            made.update(zip(keys, objects, strict=True))
        return list(map(made.get, ids))

    def _by_class(self, shape: Shape, kinds: set[type]) -> dict[type, GraphQLObjectType]:
        """Returns the type of the rows of each class; an empty dict if a class does not determine it."""
        found: dict[type, GraphQLObjectType] = {}
        for kind in kinds:
            concrete = self._plan.fields.of_class(shape, kind)
            if concrete is None or not is_row(kind):
                return {}
            found[kind] = concrete
        return found

    def _concrete(self, shape: Shape, value: Any, info: GraphQLResolveInfo[Any]) -> GraphQLObjectType:
        """Returns the type of an object. Raises TypeError if there is none."""
        concrete: GraphQLObjectType | None = shape.type
        if shape.kind == "abstract":
            name = (shape.type.resolve_type or default_type_resolver)(value, info, shape.type)
            concrete = self._plan.fields.possible[shape.type.name].get(str(name))
            if concrete is None:
                raise TypeError(f'"{name}" is none of the types that {shape.type.name} may turn out to be.')
        assert concrete is not None
        if concrete.is_type_of is not None and not concrete.is_type_of(value, info):
            raise GraphQLError(f"Expected value of type '{concrete.name}' but got: {inspect(value)}.", info.field_nodes)
        return concrete

    def _info(self, field: PlannedField) -> GraphQLResolveInfo[Any]:
        """Returns what type resolvers receive. Its path has the field only, since they serve many parents."""
        assert field.resolver is not None
        return GraphQLResolveInfo(
            field_name=field.name,
            field_nodes=list(field.nodes),
            return_type=field.resolver.definition.type,
            parent_type=field.parent_type,
            path=FieldNodePath(None, field.key, field.parent_type.name),
            schema=self._plan.fields.schema,
            fragments=self._plan.fragments,
            root_value=None,
            operation=self._plan.operation,
            variable_values=self._variables,
            context=self._context,
            is_awaitable=is_awaitable,
            abort_signal=None,
            async_helpers=_NO_HELPERS,
        )


_NO_HELPERS = GraphQLResolveInfoHelpers(gather=lambda values: asyncio.gather(*values), track=lambda values: None)


def _null(field: PlannedField) -> TypeError:
    return TypeError(f"Cannot return null for non-nullable field {field.parent_type.name}.{field.name}.")
