"""The bytes of an answer: counted before it is written, and refused past a limit."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import orjson
import pytest
import strawberry
from hypothesis import given, settings
from hypothesis import strategies as st

from execution.batch import batch
from execution.documents import DocumentLimits
from execution.engine import Engine
from execution.operation import Operation, RequestRefused
from execution.paths import ListPath, RootPath, SharedPath
from execution.size import BYTES_PER_VALUE, AnswerSize, AnswerTooLarge

pytestmark = pytest.mark.anyio
LIMIT = 100_000
ALPHABETS = ("a", "ä", "\u0001", '"', "😀", "語", "a\\é")


@dataclass
class Row:
    text: str | None
    many: list[Any] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)


def rows(parents: Sequence[Any], context: Any) -> list[Any]:
    return [context] * len(parents)


def same(parents: Sequence[Any], _context: Any) -> list[Any]:
    return list(parents)


def failing(parents: Sequence[Any], _context: Any) -> list[Any]:
    return [ValueError("no")] * len(parents)


@strawberry.type
class Thing:
    text: str | None
    texts: list[str]
    many: list["Thing"]
    number: int | None = batch(lambda parents, context: [1] * len(parents))
    same: "Thing" = batch(same)
    failing: int | None = batch(failing)


@strawberry.type
class Query:
    rows: list[Thing] = batch(rows)


@strawberry.type
class Mutation:
    write: list[Thing] = batch(rows)


def engine(limit: int = LIMIT) -> Engine:
    schema = strawberry.Schema(Query, Mutation)
    schema._schema.type_map["Thing"].is_type_of = None  # type: ignore[attr-defined]
    return Engine(schema, limits=DocumentLimits(answer_bytes=limit))


async def answer(document: str, things: list[Row], limit: int = LIMIT, charged: list[int] | None = None) -> bytes:
    runs = engine(limit)
    prepared = runs.prepare(Operation(document))
    return await runs.execute(prepared, things, (charged if charged is not None else []).append)


def is_refused(body: bytes, limit: int = LIMIT) -> bool:
    read = orjson.loads(body)
    if read["data"] is not None:
        return False
    (error,) = read["errors"]
    assert error["extensions"]["code"] == "TOO_COSTLY"
    assert str(limit) in error["message"]
    return True


DOCUMENTS = (
    "{ rows { text } }",
    "{ rows { a: text b: text c: text number } }",
    "{ rows { texts } }",
    "{ rows { many { text same { text texts } } } }",
    "{ rows { same { same { text number } number } } }",
    "{ rows { " + "x" * 3_000 + ": number } }",
    "{ rows { many { " + "y" * 900 + ": text } } }",
    "{ rows { failing text } }",
    "mutation { write { text texts } }",
)


@settings(max_examples=100, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from(DOCUMENTS))
def test_no_answer_is_larger_than_its_limit_nor_refused_far_below(random: Random, document: str) -> None:
    import asyncio

    shared = [Row(_text(random, 2_000), [], [_text(random, 30)])]
    things = [
        Row(
            None if random.random() < 0.1 else _text(random, 4_000),
            shared * random.randrange(60),
            [_text(random, 100) for _ in range(random.randrange(20))],
        )
        for _ in range(random.randrange(1, 40))
    ]
    unbounded = asyncio.run(answer(document, things, 10**9))
    body = asyncio.run(answer(document, things))
    if is_refused(body):
        # Values of a few bytes are counted as if they were longer.
        assert len(unbounded) > LIMIT / 30 or "failing" in document
    else:
        assert len(body) == len(unbounded) <= LIMIT


def _text(random: Random, length: int) -> str:
    return random.choice(ALPHABETS) * random.randrange(length)


async def test_a_row_counts_at_each_of_its_places() -> None:
    heavy = Row("x" * 1_000)
    few = [Row("", [heavy] * 50)]
    many = [Row("", [heavy] * 200)]
    assert not is_refused(await answer("{ rows { many { text } } }", few))
    assert is_refused(await answer("{ rows { many { text } } }", many))
    # A thousand bytes in 40 lists of 10: the row is read once, and written 400 times.
    assert is_refused(await answer("{ rows { many { same { text } } } }", [Row("", [heavy] * 10)] * 40))


async def test_aliases_of_a_long_text_are_refused_before_it_is_written() -> None:
    aliases = " ".join(f"a{number}: text" for number in range(400))
    limit = 8 * 2**20
    assert is_refused(await answer(f"{{ rows {{ {aliases} }} }}", [Row("y" * 900_000)], limit), limit)


async def test_long_keys_count_as_often_as_they_are_written() -> None:
    document = "{ rows { " + "k" * 3_000 + ": number } }"
    assert not is_refused(await answer(document, [Row("")] * 10))
    assert is_refused(await answer(document, [Row("")] * 40))


async def test_many_errors_are_refused() -> None:
    assert len(orjson.loads(await answer("{ rows { failing } }", [Row("")] * 50))["errors"]) == 50
    assert is_refused(await answer("{ rows { failing } }", [Row(str(number)) for number in range(200)]))


async def test_text_that_is_not_ascii_counts_its_bytes_and_not_six_for_each() -> None:
    assert not is_refused(await answer("{ rows { text } }", [Row("語" * (LIMIT // 3 - 200))]))
    assert is_refused(await answer("{ rows { text } }", [Row("語" * (LIMIT // 3 + 1))]))
    assert is_refused(await answer("{ rows { text } }", [Row("\u0001" * (LIMIT // 6 + 1))]))


async def test_bytes_beyond_the_cost_are_charged_and_refused_if_nothing_is_left() -> None:
    charged: list[int] = []
    document = "{ rows { text } }"
    await answer(document, [Row("short")], charged=charged)
    assert charged == []
    await answer(document, [Row("x" * 50_000)], charged=charged)
    (more,) = charged
    assert 0 < 50_000 / BYTES_PER_VALUE - more < 10
    runs = engine()

    def refuse(_cost: int) -> None:
        raise RequestRefused([{"message": "Nothing is left."}])

    with pytest.raises(RequestRefused):
        await runs.execute(runs.prepare(Operation(document)), [Row("x" * 50_000)], refuse)
    written = await runs.execute(runs.prepare(Operation("mutation { write { text } }")), [Row("x" * 50_000)], refuse)
    assert len(written) > 50_000


def test_texts_are_measured_only_when_their_characters_may_be_too_many() -> None:
    size = AnswerSize(6_000)
    root = RootPath()
    size.add_texts(["ä" * 500, None], ListPath(root, ("rows",), [2]))
    assert size.bytes == 500
    shared = SharedPath(ListPath(root, ("rows",), [61]), [1] * 60 + [2], [1, 2])
    size.add_texts(["ä" * 10, "ä"], shared)
    assert size.bytes == 500 * 2 + 2 + 4 + 60 * 22 + 4
    with pytest.raises(AnswerTooLarge):
        size.add_texts(["x" * 6_000], root)
