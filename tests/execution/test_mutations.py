"""Mutations: one root field after the other, each done with all that is below it before the next begins.

The cases are those of graphql-js (src/execution/__tests__/mutations-test.ts), and those of strict fields.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
import strawberry

from execution.batch import batch
from tests.execution.running import of_rows, run

pytestmark = pytest.mark.anyio


@dataclass
class Counter:
    """Also the context: it remembers what was done, in order."""

    number: int = 6
    done: list[str] = field(default_factory=list)


def set_at_once(parents: Sequence[Any], context: Counter, *, to: int) -> list[Counter]:
    context.done.append(f"set {to}")
    context.number = to
    return [context for _ in parents]


async def set_later(parents: Sequence[Any], context: Counter, *, to: int) -> list[Counter]:
    await asyncio.sleep(0)
    return set_at_once(parents, context, to=to)


def fail(parents: Sequence[Any], context: Counter) -> list[Exception]:
    context.done.append("failed")
    return [LookupError("can't") for _ in parents]


async def fail_later(parents: Sequence[Any], context: Counter) -> list[Any]:
    await asyncio.sleep(0)
    context.done.append("failed")
    raise LookupError("can't")


async def number_later(parents: Sequence[Counter], context: Counter) -> list[int]:
    for _ in range(3):
        await asyncio.sleep(0)
    context.done.append(f"read {context.number}")
    return [parent.number for parent in parents]


@strawberry.type
class ResultBatch:
    number: int
    number_later: int = batch(number_later)


@strawberry.type
class Query:
    number: ResultBatch = batch(fail)


@strawberry.type
class Mutation:
    at_once: ResultBatch | None = batch(set_at_once)
    later: ResultBatch | None = batch(set_later)
    failing: ResultBatch | None = batch(fail)
    failing_later: ResultBatch | None = batch(fail_later)
    strict: ResultBatch = batch(fail)
    strict_later: ResultBatch = batch(fail_later)


ENGINE = of_rows(strawberry.Schema(Query, mutation=Mutation))


async def test_each_mutation_is_whole_before_the_next_begins() -> None:
    counter = Counter()
    document = """mutation {
      first: atOnce(to: 1) { number numberLater }
      second: later(to: 2) { numberLater number }
      third: atOnce(to: 3) { number }
      fourth: later(to: 4) { numberLater }
      fifth: atOnce(to: 5) { number }
    }"""
    data, errors = await run(ENGINE, document, context=counter)
    assert data == {
        "first": {"number": 1, "numberLater": 1},
        "second": {"numberLater": 2, "number": 2},
        "third": {"number": 3},
        "fourth": {"numberLater": 4},
        "fifth": {"number": 5},
    }
    assert list(data) == ["first", "second", "third", "fourth", "fifth"]
    assert errors == []
    assert counter.done == ["set 1", "read 1", "set 2", "read 2", "set 3", "set 4", "read 4", "set 5"]


async def test_a_mutation_that_fails_does_not_stop_those_after_it() -> None:
    counter = Counter()
    document = """mutation {
      a: atOnce(to: 1) { number } failing { number } b: later(to: 2) { number }
      failingLater { number } c: atOnce(to: 3) { number }
    }"""
    assert await run(ENGINE, document, context=counter) == (
        {"a": {"number": 1}, "failing": None, "b": {"number": 2}, "failingLater": None, "c": {"number": 3}},
        ["failing: can't", "failingLater: can't"],
    )
    assert counter.done == ["set 1", "failed", "set 2", "failed", "set 3"]


@pytest.mark.parametrize("strict", ["strict", "strictLater"])
async def test_a_strict_mutation_that_fails_stops_those_after_it(strict: str) -> None:
    counter = Counter()
    document = f"mutation {{ a: later(to: 1) {{ number }} {strict} {{ number }} b: atOnce(to: 2) {{ number }} }}"
    assert await run(ENGINE, document, context=counter) == (None, [f"{strict}: can't"])
    assert counter.done == ["set 1", "failed"]


async def test_a_mutation_asked_for_in_several_places_is_done_once_in_the_first() -> None:
    counter = Counter()
    document = """mutation { ...some later(to: 2) { number } atOnce(to: 1) { numberLater } }
      fragment some on Mutation { atOnce(to: 1) { number } }"""
    data, _ = await run(ENGINE, document, context=counter)
    assert data == {"atOnce": {"number": 1, "numberLater": 1}, "later": {"number": 2}}
    assert counter.done == ["set 1", "read 1", "set 2"]


async def test_a_mutation_that_is_skipped_is_not_done() -> None:
    counter = Counter()
    document = "mutation ($no: Boolean!) { atOnce(to: 1) @include(if: $no) { number } later(to: 2) { number } }"
    assert await run(ENGINE, document, {"no": False}, context=counter) == ({"later": {"number": 2}}, [])
    assert counter.done == ["set 2"]
