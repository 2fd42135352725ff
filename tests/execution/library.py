"""A small schema with interfaces above interfaces and a union, for the tests of abstract types."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import strawberry

from execution.batch import batch
from tests.execution.running import of_rows


@dataclass(eq=False)
class BookRow:
    title: str
    pages: int = 0
    sequel: Any = None
    loans: list[Any] = field(default_factory=list)


@dataclass(eq=False)
class FilmRow(BookRow):
    minutes: int = 0


@dataclass(eq=False)
class PersonRow:
    title: str
    likes: list[Any] = field(default_factory=list)
    knows: list[Any] = field(default_factory=list)


async def sequels(parents: Sequence[BookRow], context: Any) -> list[Any]:
    return [parent.sequel for parent in parents]


def shouted(parents: Sequence[Any], context: Any) -> list[str]:
    return [parent.title.upper() for parent in parents]


async def whoever(parents: Sequence[Any], context: Any) -> list[Any]:
    return [context for _ in parents]


@strawberry.interface
class Titled:
    title: str
    shouted: str = batch(shouted)


@strawberry.interface
class Work(Titled):
    sequel: "Work | None" = batch(sequels)


@strawberry.interface
class Lendable:
    loans: "list[Titled]"


@strawberry.type
class Book(Work, Lendable):
    pages: int
    sequel: "Book | None" = batch(sequels)


@strawberry.type
class Film(Work, Lendable):
    minutes: int


Medium = Annotated[Book | Film, strawberry.union("Medium")]


@strawberry.type
class Person(Titled):
    likes: "list[Medium | None]"
    knows: list[Titled]


@strawberry.type
class Query:
    reader: Person = batch(whoever)
    anything: Titled | None = batch(whoever)
    medium: Medium | None = batch(whoever)
    book: Book | None = batch(whoever)


ENGINE = of_rows(strawberry.Schema(Query, types=[Book, Film, Person]))

EMMA = BookRow("Emma", 474, sequel=BookRow("Emma II", 12))
ALIEN = FilmRow("Alien", sequel=FilmRow("Aliens", minutes=137), minutes=117)
LIZ = PersonRow("Liz")
JOHN = PersonRow("John", likes=[EMMA, None, ALIEN, EMMA], knows=[LIZ, ALIEN])
EMMA.loans = [JOHN, LIZ]
