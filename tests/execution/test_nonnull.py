"""Non-null: what has no value nulls the nearest position around it that may be null.

The cases are those of graphql-js (src/execution/__tests__/nonnull-test.ts), over batch and plain fields.
"""

from collections.abc import Sequence
from typing import Any

import pytest
import strawberry
from strawberry import UNSET

from execution.batch import batch
from tests.execution.running import lines, of_rows, refused, run

pytestmark = pytest.mark.anyio


class ThingRow:
    """Has no value in any leaf: null, or an error, as it is told."""

    def __init__(self, raises: bool) -> None:
        self.raises = raises

    def nothing(self, name: str) -> Exception | None:
        return LookupError(f"no {name}") if self.raises else None

    @property
    def plain(self) -> None:
        if self.raises:
            raise LookupError("no plain")

    plain_strict = plain


def leaf_now(parents: Sequence[ThingRow], context: Any) -> list[Any]:
    return [parent.nothing("now") for parent in parents]


async def leaf_later(parents: Sequence[ThingRow], context: Any) -> list[Any]:
    return [parent.nothing("later") for parent in parents]


def again_now(parents: Sequence[ThingRow], context: Any) -> list[ThingRow]:
    return list(parents)


async def again_later(parents: Sequence[ThingRow], context: Any) -> list[ThingRow]:
    return list(parents)


def a_thing(parents: Sequence[Any], context: bool) -> list[ThingRow]:
    return [ThingRow(context) for _ in parents]


def told(parents: Sequence[Any], context: Any, *, text: str) -> list[str]:
    return [f"told {text}" for _ in parents]


def told_default(parents: Sequence[Any], context: Any, *, text: str = "by default") -> list[str]:
    return [f"told {text}" for _ in parents]


def told_maybe(parents: Sequence[Any], context: Any, *, text: str | None = UNSET) -> list[str]:
    return [f"told {text!r}" for _ in parents]


@strawberry.type
class Thing:
    plain: str | None
    plain_strict: str
    now: str | None = batch(leaf_now)
    now_strict: str = batch(leaf_now)
    later: str | None = batch(leaf_later)
    later_strict: str = batch(leaf_later)
    nest: "Thing | None" = batch(again_now)
    nest_strict: "Thing" = batch(again_now)
    nest_later: "Thing | None" = batch(again_later)
    nest_later_strict: "Thing" = batch(again_later)


@strawberry.type
class Query:
    thing: Thing | None = batch(a_thing)
    sure: Thing = batch(a_thing)
    told: str | None = batch(told)
    told_default: str | None = batch(told_default)
    told_maybe: str | None = batch(told_maybe)


ENGINE = of_rows(strawberry.Schema(Query))
LEAVES = ("plain", "now", "later")


@pytest.fixture(params=[False, True], ids=["null", "raises"])
def raises(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def why(leaf: str, raises: bool) -> str:
    return f"no {leaf}" if raises else f"Cannot return null for non-nullable field Thing.{leaf}Strict."


@pytest.mark.parametrize("leaf", LEAVES)
async def test_a_nullable_field_is_null_and_tells_only_errors(leaf: str, raises: bool) -> None:
    found = await run(ENGINE, f"{{ thing {{ {leaf} }} }}", context=raises)
    assert found == ({"thing": {leaf: None}}, [f"thing.{leaf}: no {leaf}"] if raises else [])


@pytest.mark.parametrize("leaf", LEAVES)
@pytest.mark.parametrize("nest", ["nest", "nestLater"])
async def test_a_strict_field_nulls_the_object_that_holds_it(leaf: str, nest: str, raises: bool) -> None:
    found = await run(ENGINE, f"{{ thing {{ {nest} {{ {leaf}Strict }} }} }}", context=raises)
    assert found == ({"thing": {nest: None}}, [f"thing.{nest}.{leaf}Strict: {why(leaf, raises)}"])


@pytest.mark.parametrize("leaf", LEAVES)
async def test_null_propagates_to_the_first_nullable_field(leaf: str, raises: bool) -> None:
    chain = ["nestStrict", "nestLaterStrict", "nestStrict", "nestLaterStrict"]
    inner = " { ".join([*chain, f"{leaf}Strict"]) + " }" * len(chain)
    data, errors = await run(
        ENGINE, f"{{ thing {{ a: nest {{ {inner} }} b: nestLater {{ {inner} }} }} }}", context=raises
    )
    assert data == {"thing": {"a": None, "b": None}}
    path = ".".join([*chain, f"{leaf}Strict"])
    assert errors == [f"thing.{key}.{path}: {why(leaf, raises)}" for key in "ab"]


@pytest.mark.parametrize("leaf", LEAVES)
async def test_a_strict_field_below_a_strict_root_field_nulls_all_data(leaf: str, raises: bool) -> None:
    found = await run(ENGINE, f'{{ told(text: "a") sure {{ nestStrict {{ {leaf}Strict }} }} }}', context=raises)
    assert found == (None, [f"sure.nestStrict.{leaf}Strict: {why(leaf, raises)}"])


async def test_in_a_tree_of_nullable_fields_each_is_null_by_itself(raises: bool) -> None:
    leaves = "plain now later"
    data, errors = await run(
        ENGINE,
        f"fragment all on Thing {{ {leaves} }}"
        "{ thing { ...all nest { ...all nest { ...all } } nestLater { ...all nest { ...all } } } }",
        context=raises,
    )
    none = dict.fromkeys(("plain", "now", "later"))
    assert data == {"thing": {**none, "nest": {**none, "nest": none}, "nestLater": {**none, "nest": none}}}
    above = ["thing", "thing.nest", "thing.nest.nest", "thing.nestLater", "thing.nestLater.nest"]
    expected = [f"{path}.{leaf}: no {leaf}" for path in above for leaf in LEAVES]
    assert errors == (sorted(expected) if raises else [])


async def test_of_several_errors_that_null_one_object_one_is_told(raises: bool) -> None:
    data, errors = await run(ENGINE, "{ thing { nest { nowStrict laterStrict plainStrict } } }", context=raises)
    assert data == {"thing": {"nest": None}}
    *others, nest = errors
    assert nest in {f"thing.nest.{leaf}Strict: {why(leaf, raises)}" for leaf in LEAVES}
    assert others == []


async def test_what_an_outer_null_swallows_has_no_null_of_its_own_to_explain(raises: bool) -> None:
    document = "{ thing { nest { nowStrict nest { laterStrict } } } }"
    data, errors = await run(ENGINE, document, context=raises)
    assert data == {"thing": {"nest": None}}
    assert f"thing.nest.nowStrict: {why('now', raises)}" in errors


async def test_an_error_names_where_the_document_asks_for_its_field() -> None:
    document = "{\n  thing {\n    now\n    nest { laterStrict }\n  }\n}"
    assert sorted(await lines(ENGINE, document, context=True)) == [
        (["thing", "nest", "laterStrict"], [(4, 12)]),
        (["thing", "now"], [(3, 5)]),
    ]


async def test_a_strict_argument_takes_a_literal_and_a_variable() -> None:
    assert await run(ENGINE, '{ told(text: "a") }') == ({"told": "told a"}, [])
    assert await run(ENGINE, "query ($t: String!) { told(text: $t) }", {"t": "b"}) == ({"told": "told b"}, [])


async def test_a_strict_argument_takes_the_default_of_a_variable_left_out() -> None:
    assert await run(ENGINE, 'query ($t: String = "c") { told(text: $t) }') == ({"told": "told c"}, [])


async def test_omitted_variable_takes_the_non_null_argument_default() -> None:
    document = "query ($t: String) { toldDefault(text: $t) }"
    assert await run(ENGINE, document) == ({"toldDefault": "told by default"}, [])


async def test_null_for_a_non_null_argument_at_run_time_is_a_field_error() -> None:
    document = 'query ($t: String = "c") {\n  told(text: $t)\n  toldDefault }'
    data, errors = await run(ENGINE, document, {"t": None})
    assert data == {"told": None, "toldDefault": "told by default"}
    (error,) = errors
    assert error.startswith("told: Argument 'text' has invalid value")


def test_null_in_a_strict_argument_is_refused_where_validation_can_see_it() -> None:
    (missing,) = refused(ENGINE, "{ told }")
    assert "of type 'String!' is required" in missing
    assert len(refused(ENGINE, "{ told(text: null) }")) == 1
    assert len(refused(ENGINE, "query ($t: String) { told(text: $t) }")) == 1
    assert len(refused(ENGINE, "query ($t: String!) { told(text: $t) }")) == 1
    assert len(refused(ENGINE, "query ($t: String!) { told(text: $t) }", {"t": None})) == 1


async def test_an_argument_left_out_is_unset_and_not_null() -> None:
    document = "query ($t: String) { a: toldMaybe b: toldMaybe(text: null) c: toldMaybe(text: $t) }"
    assert await run(ENGINE, document) == ({"a": "told UNSET", "b": "told None", "c": "told UNSET"}, [])
    data, _ = await run(ENGINE, document, {"t": None})
    assert data["c"] == "told None"
