"""Levels that are compiled: what they make of rows in columns equals what is made of each row by itself."""

import gc
import weakref
from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any, ClassVar, NamedTuple

import pytest
import strawberry

from execution import executor
from execution.batch import batch
from execution.documents import DocumentLimits
from execution.engine import Engine
from execution.operation import Operation
from tests.execution import running

pytestmark = pytest.mark.anyio


class PersonRow(NamedTuple):
    id: int
    name: str | None

    @property
    def node_id(self) -> str:
        return f"U_{self.id}"


class Ids:
    """As db.rows.PrefixedColumn."""

    prefix, column = "U_", 0

    def __call__(self, columns: Sequence[Sequence[Any]]) -> list[str]:
        return [f"U_{number}" for number in columns[0]]


class JoinedPersonRow(PersonRow):
    in_columns: ClassVar[Mapping[str, Any]] = {"node_id": Ids(), "name": itemgetter(1)}


class Author:
    """As db.rows.JoinedPart."""

    kind, columns, needs = JoinedPersonRow, (1, 2), (1,)


class _Post(NamedTuple):
    text: str | None
    author_id: int | None
    author_name: str | None


class PostRow(_Post):
    in_columns: ClassVar[Mapping[str, Any]] = {"text": itemgetter(0), "itself": None, "maybe_itself": None}
    parts: ClassVar[Mapping[str, Any]] = {"author": Author(), "sure_author": Author()}

    @property
    def itself(self) -> "PostRow":
        return self

    maybe_itself = itself


resolved: list[int] = []
"""For how many posts authors were resolved, each time."""


def authors(posts: Sequence[PostRow], _context: object) -> list[PersonRow | None]:
    resolved.append(len(posts))
    return [None if post.author_id is None else PersonRow(post.author_id, post.author_name) for post in posts]


@strawberry.type
class Person:
    node_id: strawberry.ID = strawberry.field(name="id")
    name: str


@strawberry.type
class Post:
    text: str
    itself: "Post"
    maybe_itself: "Post | None"
    author: Person | None = batch(authors)
    sure_author: Person = batch(authors)


def posts(_roots: Sequence[None], context: Sequence[PostRow]) -> list[list[PostRow]]:
    return [list(context)]


@strawberry.type
class Query:
    posts: list[Post | None] = batch(posts)


DOCUMENT = "{ posts { text again: text author { __typename id name } itself { text sureAuthor { id } } } }"
PLAIN = [PostRow(f"Text {at}", at, f"Name {at}") for at in range(6)]


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.setattr(executor, "COMPILE_THRESHOLD", 0)
    return running.of_rows(strawberry.Schema(Query))


@pytest.mark.parametrize(
    ("given", "is_resolved"),
    [
        (PLAIN, False),
        ([*PLAIN, PostRow("Without", None, None)], True),
        ([PostRow(f"Text {at}", at % 2, f"Name {at % 2}") for at in range(5)], True),
        ([*PLAIN, PostRow("Nameless", 9, None)], False),
        ([*PLAIN, PostRow(None, 9, "Nine")], False),
    ],
    ids=["plain", "no author", "few authors", "an author without a name", "no text"],
)
async def test_compiled_levels_answer_as_steps_do(engine: Engine, given: list[PostRow], is_resolved: bool) -> None:
    by_steps = await running.run(engine, DOCUMENT, context=given)
    resolved.clear()
    assert await running.run(engine, DOCUMENT, context=given) == by_steps
    # By columns nobody is resolved, but where a post has no author, or few people wrote them all.
    assert bool(resolved) == is_resolved
    shown, errors = by_steps
    for post, row in zip(shown["posts"], given, strict=True):
        fails = row.text is None or row.author_id is None
        assert (post is None) == fails
        if not fails:
            name = {"__typename": "Person", "id": f"U_{row.author_id}", "name": row.author_name}
            assert post["author"] == (None if row.author_name is None else name)
            assert post["itself"] == {"text": row.text, "sureAuthor": {"id": f"U_{row.author_id}"}}
    assert len(errors) == sum(None in row for row in given)


async def test_a_nullable_field_of_the_row_itself_takes_its_errors(engine: Engine) -> None:
    given = [PostRow("Text", 1, "One"), PostRow(None, 2, "Two")]
    for _ in range(2):
        shown, errors = await running.run(engine, "{ posts { maybeItself { text } } }", context=given)
        assert shown == {"posts": [{"maybeItself": {"text": "Text"}}, {"maybeItself": None}]}
        assert len(errors) == 1


async def test_a_compiled_level_leaves_the_memory_with_its_plan(engine: Engine) -> None:
    await running.run(engine, DOCUMENT, context=PLAIN)
    plan = engine.prepare(Operation(DOCUMENT)).plan
    assert plan is not None
    (level,) = plan.root.fields[0].below.values()
    gc.disable()
    try:
        function = weakref.ref(level.compiled[PostRow])
        assert function() is not None
        level.compiled.clear()
        assert function() is None
    finally:
        gc.enable()


async def test_authors_in_columns_count_in_the_size_of_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executor, "COMPILE_THRESHOLD", 0)
    given = [PostRow("", at, "") for at in range(500)]
    largest = running.of_rows(strawberry.Schema(Query))
    largest._limits = DocumentLimits(answer_bytes=500 * 100)
    for _ in range(3):
        prepared = largest.prepare(Operation("{ posts { author { " + "n" * 100 + ": __typename } } }"))
        assert "TOO_COSTLY" in (await largest.execute(prepared, given)).decode()
