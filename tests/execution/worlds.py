"""Random data for a drawn schema: rows whose every field has a value, and faults put into some of them.

A value depends on the seed of its world, its row, its field and the arguments alone, and is made when first read: so
two executors that read in different orders see the same data, and arguments that are mixed up show.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal, get_args

from graphql import (
    GraphQLError,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    is_composite_type,
)

from execution.batch import Selected
from tests.execution.leaves import fine_leaves, refused_leaves

ROWS_PER_TYPE = 3
LENGTHS = (*(0, 1, 2, 2, 3) * 8, 12)
"""Of lists: now and then so long that what is done to a whole level at once pays."""
VARIANTS = 3
"""How many values a field with arguments has, chosen by them."""

FaultKind = Literal["null", "refused", "raised", "returned"]
FAULTS: tuple[FaultKind, ...] = get_args(FaultKind)


@dataclass(frozen=True)
class Fault:
    """What is wrong with a field's value, at which depth of its lists: 0 for the value itself."""

    kind: FaultKind
    depth: int
    which: int
    """Chooses the items on the way down, and among several faults of a kind."""


class Row:
    """One object. Any attribute is the value of the field with that Python name."""

    def __init__(self, world: "World", type_name: str, number: int) -> None:
        self._world, self._type_name, self._number = world, type_name, number
        self._kept: dict[tuple[str, int], Any] = {}

    def __repr__(self) -> str:
        return f"{self._type_name}#{self._number}"

    def __getattr__(self, name: str) -> Any:
        if name not in self._world.names[self._type_name]:
            raise AttributeError(f"{self!r} has no {name}")
        value = self.cell(name)
        if isinstance(value, Raised):
            raise value.error()
        return value

    def cell(self, name: str, variant: int = 0) -> Any:
        """The field's value for one of the variants of its arguments."""
        if (name, variant) not in self._kept:
            self._kept[name, variant] = self._world.value(self._type_name, self._number, name, variant)
        return self._kept[name, variant]


class Partial:
    """A row as it is read for a document: with no more than what is asked for."""

    def __init__(self, row: Row, selected: frozenset[str]) -> None:
        self._row, self._selected = row, selected

    def __repr__(self) -> str:
        return repr(self._row)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.whole(name), name)

    def whole(self, name: str) -> Row:
        """The row, where this field of it was asked for."""
        shown = self._row._world.names[self._row._type_name].get(name)
        if shown is not None and shown not in self._selected:
            raise AttributeError(f"{self!r} was read without {name}")
        return self._row


@dataclass(frozen=True)
class Raised:
    """Stands for an exception that reading the field raises: a new one each time."""

    which: int

    def error(self) -> Exception:
        return an_error(self.which)


def an_error(which: int) -> Exception:
    """Errors for clients, with and without a code, and faults of ours."""
    return (
        GraphQLError("No.", extensions={"code": "NO", "why": which}),
        ValueError(f"a fault {which}"),
        GraphQLError("Without a code."),
        LookupError(),
        AttributeError("no such thing"),
    )[which % 5]


@dataclass
class World:
    """The rows of all types; `names` gives a field's GraphQL name by type and Python name."""

    schema: GraphQLSchema
    names: dict[str, dict[str, str]]
    seed: int
    faults: dict[tuple[str, int, str], Fault] = field(default_factory=dict)
    broken: frozenset[str] = frozenset()
    """The batch fields whose function raises, whatever it is asked."""
    rows: dict[str, list[Row]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in self.names:
            row_class = type(f"{name}Row", (Row,), {})
            self.rows[name] = [row_class(self, name, number) for number in range(ROWS_PER_TYPE)]

    def value(self, type_name: str, number: int, name: str, variant: int) -> Any:
        parent = self.schema.type_map[type_name]
        assert isinstance(parent, GraphQLObjectType)
        field_type = parent.fields[self.names[type_name][name]].type
        random = Random(f"{self.seed}/{type_name}/{number}/{name}/{variant}")
        value = self._fine(field_type, random)
        fault = self.faults.get((type_name, number, name))
        return value if fault is None else self._faulty(value, field_type, fault, fault.depth)

    def _fine(self, wanted: Any, random: Random) -> Any:
        if isinstance(wanted, GraphQLNonNull):
            wanted = wanted.of_type
        elif random.random() < 0.15:
            return None
        if isinstance(wanted, GraphQLList):
            items = [self._fine(wanted.of_type, random) for _ in range(random.choice(LENGTHS))]
            return tuple(items) if random.random() < 0.2 else items
        if is_composite_type(wanted):
            possible = self.possible(wanted)
            return random.choice(self.rows[random.choice(possible).name])
        return random.choice(fine_leaves(wanted))

    def possible(self, wanted: Any) -> Sequence[GraphQLObjectType]:
        if isinstance(wanted, GraphQLObjectType):
            return (wanted,)
        return sorted(self.schema.get_possible_types(wanted), key=lambda possible: possible.name)

    def _faulty(self, value: Any, wanted: Any, fault: Fault, depth: int) -> Any:
        wanted = wanted.of_type if isinstance(wanted, GraphQLNonNull) else wanted
        if depth and isinstance(wanted, GraphQLList) and isinstance(value, list | tuple) and value:
            at = fault.which % len(value)
            changed = self._faulty(value[at], wanted.of_type, fault, depth - 1)
            return [*value[:at], changed, *value[at + 1 :]]
        if fault.kind == "null":
            return None
        if fault.kind == "refused":
            wrong = self._refused(wanted)
            return wrong[fault.which % len(wrong)]
        whole = depth == fault.depth
        return Raised(fault.which) if fault.kind == "raised" and whole else an_error(fault.which)

    def _refused(self, wanted: Any) -> Sequence[Any]:
        """Values that no position of this type takes."""
        if isinstance(wanted, GraphQLList):
            return ("text", 7, {"a": 1}, b"bytes")
        if is_composite_type(wanted):
            possible = {each.name for each in self.possible(wanted)}
            strangers = [rows[0] for name, rows in sorted(self.rows.items()) if name not in possible]
            return (5, Nameless(), Lost(), *strangers)
        return refused_leaves(wanted)

    def typename(self, row: Any) -> str | None:
        """As a schema of plain rows tells the types of its interfaces. Raises TypeError for what is no row."""
        if isinstance(row, Partial):
            row = row._row
        if isinstance(row, Nameless):
            return None
        if isinstance(row, Lost):
            return "Nowhere"
        if not isinstance(row, Row):
            raise TypeError(f"No GraphQL type stands for a {type(row).__name__}.")
        return type(row).__name__.removesuffix("Row")


class Nameless:
    """A row that no type is told for."""


class Lost:
    """A row whose type is not in the schema."""


@dataclass
class Run:
    """The context of one execution: what it did is kept apart from what others did."""

    world: World
    count: int = 0
    log: list[str] = field(default_factory=list)


class Tally:
    """What a mutation answers: reads the count as it stands when it is read."""

    def __init__(self, run: Run) -> None:
        self._run = run

    @property
    def count(self) -> int:
        return self._run.count


def told(
    parents: Iterable[Any], run: Run, name: str, arguments: dict[str, Any], selected: Selected = None
) -> list[Any]:
    """What a batch field of a drawn schema gives: one value per parent."""
    if name in run.world.broken:
        raise an_error(sum(map(ord, name)))
    values: list[Any] = []
    for parent in parents:
        try:
            values.append(_told(parent, run, name, arguments))
        except Exception as error:  # noqa: BLE001 - of this parent only, as when each is asked by itself.
            values.append(error)
    return values if selected is None else [_only(value, selected) for value in values]


def _only(value: Any, selected: frozenset[str]) -> Any:
    """The value with rows that have nothing but what was asked for."""
    if isinstance(value, list | tuple):
        return [_only(item, selected) for item in value]
    return Partial(value, selected) if isinstance(value, Row) else value


def _told(parent: Any, run: Run, name: str, arguments: dict[str, Any]) -> Any:
    if isinstance(parent, Tally):
        return parent.count
    row = run.world.rows["Query"][0] if parent is None else parent
    if isinstance(row, Partial):
        row = row.whole(name)
    if not isinstance(row, Row):
        raise LookupError(f"{name} of no row")
    if name == "echo":
        return repr(arguments)
    variant = sum(map(ord, repr(arguments))) % VARIANTS if arguments else 0
    value = row.cell(name, variant)
    return value.error() if isinstance(value, Raised) else value


async def told_later(turns: int, *told_of: Any) -> list[Any]:
    """The same, after giving way to others so many times."""
    for _ in range(turns):
        await asyncio.sleep(0)
    return told(*told_of)


def bumped(parents: Sequence[Any], run: Run, name: str, by: int) -> list[Any]:
    """What a mutation does: changes the count, and tells the log."""
    run.count += by
    run.log.append(f"{name} {by}")
    if by == 13:
        return [an_error(by) for _ in parents]
    tally = Tally(run)
    return [{"bump": tally, "bump_or_fail": None if by == 12 else tally, "bumps": [tally, tally]}[name]] * len(parents)
