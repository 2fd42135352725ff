"""Lists: what counts as one, and how far a null or an error in one reaches, for every place a type may be strict in.

The cases are those of graphql-js (src/execution/__tests__/lists-test.ts), at two levels of lists, plain and batch.
"""

from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
import strawberry

from execution.batch import batch
from tests.execution.running import of_rows, run

pytestmark = pytest.mark.anyio

STRICT_FIELD = "Cannot return null for non-nullable field"
A = {"2.0": "Int cannot represent non-integer value: 'a'"}


def given(parents: Sequence[Any], context: Any) -> list[Any]:
    return [context for _ in parents]


async def given_later(parents: Sequence[Any], context: Any) -> list[Any]:
    return [context for _ in parents]


def holder(parents: Sequence[Any], context: Any) -> list[Any]:
    return [SimpleNamespace(loose=context, full=context, sure=context, strict=context) for _ in parents]


@strawberry.type
class Holder:
    """The four ways a list may be strict; by plain fields and, as `b…` and `l…`, by batch fields now and later."""

    loose: list[int | None] | None
    full: list[int] | None
    sure: list[int | None]
    strict: list[int]
    b_loose: list[int | None] | None = batch(given)
    b_full: list[int] | None = batch(given)
    b_sure: list[int | None] = batch(given)
    b_strict: list[int] = batch(given)
    l_loose: list[int | None] | None = batch(given_later)
    l_full: list[int] | None = batch(given_later)
    l_sure: list[int | None] = batch(given_later)
    l_strict: list[int] = batch(given_later)


@strawberry.type
class Query:
    holder: Holder | None = batch(holder)
    grid: list[list[int | None] | None] | None = batch(given)
    rows_strict: list[list[int | None]] | None = batch(given)
    cells_strict: list[list[int] | None] | None = batch(given)
    all_strict: list[list[int]] | None = batch(given_later)


ENGINE = of_rows(strawberry.Schema(Query))


async def held(way: str, kind: str, value: Any) -> tuple[Any, list[str]]:
    """What the field holds, and the errors; "gone" where the object around it fell."""
    name = kind if way == "plain" else way + kind.capitalize()
    data, errors = await run(ENGINE, f"{{ holder {{ {name} }} }}", context=value)
    found = data["holder"]
    return "gone" if found is None else found[name], [error.removeprefix(f"holder.{name}") for error in errors]


WAYS = pytest.mark.parametrize("way", ["plain", "b", "l"])
KINDS = pytest.mark.parametrize("kind", ["loose", "full", "sure", "strict"])


@WAYS
@KINDS
@pytest.mark.parametrize("value", [[1, 2], (1, 2), {1: None, 2: None}.keys(), {1, 2}, range(1, 3)], ids=type)
async def test_any_collection_but_text_and_mappings_is_a_list(way: str, kind: str, value: Any) -> None:
    assert await held(way, kind, value) == ([1, 2], [])


@WAYS
async def test_a_generator_is_a_list(way: str) -> None:
    def numbers() -> Iterator[int]:
        yield from (1, 2)

    assert await held(way, "strict", numbers()) == ([1, 2], [])


@WAYS
@KINDS
@pytest.mark.parametrize("value", ["text", b"bytes", {"a": 1}, 7], ids=type)
async def test_what_is_no_list_is_an_error(way: str, kind: str, value: Any) -> None:
    found, (error,) = await held(way, kind, value)
    assert found == (None if kind in ("loose", "full") else "gone")
    name = kind if way == "plain" else way + kind.capitalize()
    assert error == f": Expected Iterable, but did not find one for field 'Holder.{name}'."


@WAYS
@KINDS
async def test_an_empty_list_is_empty(way: str, kind: str) -> None:
    assert await held(way, kind, []) == ([], [])


@WAYS
@pytest.mark.parametrize(
    ("kind", "found"), [("loose", [1, None, 2]), ("sure", [1, None, 2]), ("full", None), ("strict", "gone")]
)
async def test_a_null_item_nulls_the_list_where_items_are_strict(way: str, kind: str, found: Any) -> None:
    held_, errors = await held(way, kind, [1, None, 2])
    assert held_ == found
    assert len(errors) == (kind in ("full", "strict"))
    assert all(error.startswith(f".1: {STRICT_FIELD} Holder.") for error in errors)


@WAYS
@pytest.mark.parametrize(("kind", "found"), [("loose", None), ("full", None), ("sure", "gone"), ("strict", "gone")])
async def test_null_in_place_of_a_list_is_an_error_where_the_list_is_strict(way: str, kind: str, found: Any) -> None:
    held_, errors = await held(way, kind, None)
    assert held_ == found
    assert len(errors) == (kind in ("sure", "strict"))
    assert all(error.startswith(f": {STRICT_FIELD} Holder.") for error in errors)


@WAYS
@pytest.mark.parametrize(
    ("kind", "found"), [("loose", [1, None, 2]), ("sure", [1, None, 2]), ("full", None), ("strict", "gone")]
)
@pytest.mark.parametrize("item", [ValueError("no item"), "word"], ids=["error", "refused"])
async def test_an_item_that_fails_is_told_at_its_index(way: str, kind: str, found: Any, item: Any) -> None:
    why = "no item" if isinstance(item, ValueError) else "Int cannot represent non-integer value: 'word'"
    assert await held(way, kind, [1, item, 2]) == (found, [f".1: {why}"])


@WAYS
@pytest.mark.parametrize(("kind", "found"), [("loose", None), ("full", None), ("sure", "gone"), ("strict", "gone")])
async def test_an_error_in_place_of_a_list_is_told_at_the_list(way: str, kind: str, found: Any) -> None:
    assert await held(way, kind, ValueError("no list")) == (found, [": no list"])


@pytest.mark.parametrize(
    ("field", "grid", "data", "errors"),
    [
        ("grid", [[1, None], None, []], [[1, None], None, []], {}),
        (
            "grid",
            [[1], "no row"],
            [[1], None],
            {"1": "Expected Iterable, but did not find one for field 'Query.grid'."},
        ),
        ("grid", [[1, ValueError("no")], [2]], [[1, None], [2]], {"0.1": "no"}),
        ("rowsStrict", [[1], None], None, {"1": f"{STRICT_FIELD} Query.rowsStrict."}),
        ("rowsStrict", [[1, None], [2]], [[1, None], [2]], {}),
        ("cellsStrict", [[1, None], [2], None], [None, [2], None], {"0.1": f"{STRICT_FIELD} Query.cellsStrict."}),
        (
            "cellsStrict",
            [[None, 1], [2], ["a"]],
            [None, [2], None],
            {"0.0": f"{STRICT_FIELD} Query.cellsStrict.", **A},
        ),
        ("allStrict", [[1, 2], [3, None]], None, {"1.1": f"{STRICT_FIELD} Query.allStrict."}),
        ("allStrict", [[], [1]], [[], [1]], {}),
    ],
)
async def test_in_a_list_of_lists_each_level_is_strict_by_itself(
    field: str, grid: Any, data: Any, errors: dict[str, str]
) -> None:
    told = [f"{field}.{path}: {message}" for path, message in errors.items()]
    assert await run(ENGINE, f"{{ {field} }}", context=grid) == ({field: data}, told)
