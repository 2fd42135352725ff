"""Strawberry schemas drawn at random, as Python source: what fails can be read and run again."""

import sys
from dataclasses import dataclass
from functools import cache
from random import Random
from types import ModuleType
from typing import Any

import strawberry
from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLUnionType

from execution.engine import Engine
from schema.scalars import NATIVES
from tests.execution.worlds import World

HEAD = """
from datetime import datetime
from enum import Enum
from typing import Annotated, Any

import strawberry
from strawberry import UNSET
from strawberry.schema.config import StrawberryConfig

from execution.batch import Selected, batch
from schema.scalars import SCALARS as HOUSE
from tests.execution.leaves import SCALARS, Anything, Odd
from tests.execution.worlds import bumped, told, told_later


@strawberry.enum
class Colour(Enum):
    RED = "r"
    GREEN = "g"
    BLUE = 3


@strawberry.input
class Inner:
    number: int = 7
    colours: list[Colour] | None = UNSET
    odd: Odd | None = UNSET
    renamed: bool | None = strawberry.field(name="other", default=None)


@strawberry.input
class Outer:
    inner: Inner
    more: list[Inner | None] | None = UNSET
    when: datetime | None = UNSET
    text_here: str = "x"


@strawberry.input
class Picky:
    number: int
    any: Anything | None = UNSET

    def __post_init__(self) -> None:
        if self.number % 3 == 0:
            raise ValueError(f"{self.number} is not to its taste.")


@strawberry.type
class Tally:
    count: int
    later: int = batch(lambda parents, context: told_later(2, parents, context, "later", {}))
"""

TAIL = """

def fill_echo(parents: Any, context: Any, *, {echo}) -> Any:
    return told(parents, context, "echo", {{{echoed}}})


{functions}

{types}

@strawberry.type
class Query:
    echo: str = batch(fill_echo)
{query}


async def bump(parents: Any, context: Any, *, by: int = 1) -> Any:
    return bumped(parents, context, "bump", by)


def bump_or_fail(parents: Any, context: Any, *, by: int = 1) -> Any:
    return bumped(parents, context, "bump_or_fail", by)


async def bumps(parents: Any, context: Any, *, by: int) -> Any:
    return bumped(parents, context, "bumps", by)


@strawberry.type
class Mutation:
    bump: Tally | None = batch(bump)
    bump_or_fail: Tally = batch(bump_or_fail)
    bumps: list[Tally] = batch(bumps)
    echo: str = batch(fill_echo)
{mutation}

schema = strawberry.Schema(
    query=Query, mutation=Mutation, types=[{names}], config=StrawberryConfig(scalar_map=HOUSE | SCALARS)
)
"""

LEAVES = ("int", "float", "str", "bool", "strawberry.ID", "datetime", "Colour", "Odd", "Anything")
PARAMETERS = (
    "int",
    "int = 3",
    '"int | None" = UNSET',
    '"int | None" = None',
    '"str | None" = "then"',
    "list[int]",
    '"list[list[int | None] | None] | None" = UNSET',
    "Colour = Colour.BLUE",
    '"Colour | None" = UNSET',
    '"list[Colour]" = UNSET',
    "Outer",
    '"Outer | None" = UNSET',
    '"list[Inner]"',
    '"Picky | None" = UNSET',
    '"Odd | None" = UNSET',
    '"datetime | None" = UNSET',
    "strawberry.ID",
    '"float | None" = UNSET',
    "bool = True",
    '"Anything | None" = UNSET',
    'Annotated["int | None", strawberry.argument(name="else")] = UNSET',
)


@dataclass(frozen=True)
class Member:
    """A field as any type may have it: its name and type are the same wherever it stands."""

    name: str
    annotation: str
    is_batch: bool
    alias: str | None
    strict: str
    """The annotation where a type narrows that of its interface: never null."""

    def line(self, strict: bool = False) -> str:
        filled = f" = batch(fill_{self.name})" if self.is_batch else ""
        if self.alias is not None and not self.is_batch:
            filled = f' = strawberry.field(name="{self.alias}")'
        return f'    {self.name}: "{self.strict if strict else self.annotation}"{filled}'


@dataclass
class Drawn:
    """A schema with what runs it, and what its data needs to know."""

    seed: int
    source: str
    schema: strawberry.Schema
    engine: Engine
    names: dict[str, dict[str, str]]
    batches: tuple[str, ...]

    def world(self, seed: int) -> World:
        """Data without faults; its rows resolve the abstract types from now on."""
        world = World(self.schema._schema, self.names, seed)
        for graphql_type in self.schema._schema.type_map.values():
            if isinstance(graphql_type, GraphQLInterfaceType | GraphQLUnionType):
                graphql_type.resolve_type = lambda row, *_: world.typename(row)
        return world


@cache
def drawn(seed: int) -> Drawn:
    """The schema of this seed."""
    source, batches = _source(Random(seed))
    module = ModuleType(f"tests.execution.drawn_{seed}")
    # Strawberry looks text annotations up in the module of the class.
    sys.modules[module.__name__] = module
    exec(compile(source, module.__name__, "exec"), module.__dict__)
    schema: strawberry.Schema = module.__dict__["schema"]
    names: dict[str, dict[str, str]] = {}
    for name, graphql_type in schema._schema.type_map.items():
        if not isinstance(graphql_type, GraphQLObjectType) or name.startswith("__") or name in ("Tally", "Mutation"):
            continue
        # Strawberry asks whether a value is an instance of its class, which a row never is.
        graphql_type.is_type_of = None
        names[name] = {
            field.extensions["strawberry-definition"].python_name: shown for shown, field in graphql_type.fields.items()
        }
    return Drawn(seed, source, schema, Engine(schema, NATIVES), names, batches)


def _source(random: Random) -> tuple[str, tuple[str, ...]]:
    objects = [f"T{number}" for number in range(random.randint(2, 4))]
    interfaces = [f"I{number}" for number in range(random.randint(1, 3))]
    unions = [f"U{number}" for number in range(random.randint(1, 2))]
    named = [*objects, *objects, *interfaces, *interfaces, *unions]
    members = [_member(random, number, random.choice(LEAVES)) for number in range(random.randint(6, 9))]
    members += [_member(random, number, name) for number, name in enumerate(random.choices(named, k=7), len(members))]

    lines: list[str] = []
    shape: dict[str, list[Member]] = {}
    above: dict[str, list[str]] = {}
    for number, name in enumerate(interfaces):
        above[name] = random.sample(interfaces[:number], random.randint(0, min(number, 1)))
        own = random.sample(members, random.randint(2, 4))
        lines += _class("interface", name, above, shape, own, random)
    for number, name in enumerate(objects):
        # Every interface has a type: the first it is offered to, and others by chance.
        own_interfaces = interfaces[number :: len(objects)]
        above[name] = list({*own_interfaces, *random.sample(interfaces, random.randint(0, len(interfaces) - 1))})
        above[name].sort(reverse=True)
        # Python refuses bases in an order that contradicts their own.
        above[name] = [base for base in above[name] if not any(base in above[other] for other in above[name])]
        lines += _class("type", name, above, shape, random.sample(members, random.randint(4, 9)), random)
    of = {name: " | ".join(random.sample(objects, random.randint(2, len(objects)))) for name in unions}
    joined = [f'{name} = Annotated[{of[name]}, strawberry.union("{name}")]\n' for name in unions]

    parameters = [f"a{number}: {text}" for number, text in enumerate(random.sample(PARAMETERS, 7))]
    on_root = [member for member in members if member.is_batch]
    root = "\n".join(member.line() for member in on_root)
    source = HEAD + TAIL.format(
        echo=", ".join(parameters),
        echoed=", ".join(f'"a{number}": a{number}' for number in range(7)),
        functions="\n\n".join(_function(random, member) for member in members if member.is_batch),
        types="\n".join(lines + joined),
        query=root,
        mutation="\n".join(member.line() for member in random.sample(on_root, 2)),
        names=", ".join(objects),
    )
    return source, tuple(member.name for member in on_root)


def _member(random: Random, number: int, base: str) -> Member:
    annotation, strict = base, base
    for level in range(random.choice((0, 0, 0, 1, 1, 2)) + 1):
        if level:
            annotation, strict = f"list[{annotation}]", f"list[{strict}]"
        if random.random() < 0.5:
            annotation += " | None"
    name = random.choice(("f{}", "f_{}_long", "camel{}Case")).format(number)
    is_batch = random.random() < (0.4 if base in LEAVES else 0.8)
    return Member(name, annotation, is_batch, f"renamed{number}" if random.random() < 0.2 else None, strict)


def _class(
    kind: str, name: str, above: dict[str, list[str]], shape: dict[str, list[Member]], own: list[Member], random: Random
) -> list[str]:
    inherited = {member.name for base in above[name] for member in shape[base]}
    shape[name] = own + [member for base in above[name] for member in shape[base]]
    written = [member.line() for member in own if member.name not in inherited]
    # Below an interface that says it strictly already, only the strict form is covariant.
    written += [member.line(strict=True) for member in own if member.name in inherited and kind == "type"]
    bases = f"({', '.join(above[name])})" if above[name] else ""
    return ["", f"@strawberry.{kind}", f"class {name}{bases}:", *(written or ["    pass"]), ""]


def _function(random: Random, member: Member) -> str:
    parameters = random.sample(PARAMETERS, random.choice((0, 0, 0, 1, 2)))
    taken = "".join(f", a{number}: {text}" for number, text in enumerate(parameters))
    is_told = random.random() < 0.2
    taken += ", selected: Selected = None" if is_told else ""
    arguments = ", ".join(f'"a{number}": a{number}' for number in range(len(parameters)))
    heading = f"def fill_{member.name}(parents: Any, context: Any{', *' if taken else ''}{taken}) -> Any:"
    rest = f'parents, context, "{member.name}", {{{arguments}}}{", selected" if is_told else ""})'
    turns = random.choice((None, None, 0, 1, 3))
    if turns is None:
        return f"{heading}\n    return told({rest}\n"
    return f"async {heading}\n    return await told_later({turns}, {rest}\n"


def source_of(drawn: Drawn) -> str:
    """What is particular to this schema."""
    return drawn.source.removeprefix(HEAD)


__all__: list[Any] = ["Drawn", "drawn", "source_of"]
