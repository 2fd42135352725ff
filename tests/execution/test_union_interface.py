"""Unions and interfaces: each object gives what the document asks of its own type, whatever stands next to it.

The cases are those of graphql-js (src/execution/__tests__/union-interface-test.ts), with fields that are batches.
"""

from typing import Any

import pytest

from tests.execution.library import ALIEN, EMMA, ENGINE, JOHN, LIZ, PersonRow
from tests.execution.running import run

pytestmark = pytest.mark.anyio


async def given(document: str, context: Any = JOHN) -> Any:
    data, errors = await run(ENGINE, document, context=context)
    assert errors == []
    return data


async def test_items_of_a_union_give_what_is_asked_of_their_type() -> None:
    data = await given("{ reader { likes { __typename ... on Film { title minutes } ... on Book { title pages } } } }")
    emma = {"__typename": "Book", "title": "Emma", "pages": 474}
    assert data["reader"]["likes"] == [emma, None, {"__typename": "Film", "title": "Alien", "minutes": 117}, emma]


async def test_items_of_an_interface_give_its_fields_and_those_of_their_type() -> None:
    document = "{ reader { knows { __typename title shouted ... on Film { minutes } ... on Book { pages } } } }"
    assert (await given(document))["reader"]["knows"] == [
        {"__typename": "Person", "title": "Liz", "shouted": "LIZ"},
        {"__typename": "Film", "title": "Alien", "shouted": "ALIEN", "minutes": 117},
    ]


async def test_named_fragments_apply_by_type() -> None:
    document = """
      { reader { knows { ...film ...book title } } }
      fragment book on Book { pages }
      fragment film on Film { minutes }
    """
    assert (await given(document))["reader"]["knows"] == [{"title": "Liz"}, {"minutes": 117, "title": "Alien"}]


async def test_a_fragment_on_an_interface_applies_to_all_its_types() -> None:
    document = """
      { reader { likes { ... on Titled { title } ... on Work { sequel { ...told } } } knows { ...told } } }
      fragment told on Titled { name: title ... on Work { sequel { title } } }
    """
    assert (await given(document))["reader"] == {
        "likes": [
            {"title": "Emma", "sequel": {"name": "Emma II", "sequel": None}},
            None,
            {"title": "Alien", "sequel": {"name": "Aliens", "sequel": None}},
            {"title": "Emma", "sequel": {"name": "Emma II", "sequel": None}},
        ],
        "knows": [{"name": "Liz"}, {"name": "Alien", "sequel": {"title": "Aliens"}}],
    }


async def test_a_fragment_on_a_union_applies_within_an_interface() -> None:
    document = "{ reader { knows { ... on Medium { __typename } title } } }"
    assert (await given(document))["reader"]["knows"] == [{"title": "Liz"}, {"__typename": "Film", "title": "Alien"}]


async def test_a_fragment_that_fits_no_type_at_hand_leaves_objects_empty() -> None:
    assert await given("{ reader { knows { ... on Book { pages } } } }") == {"reader": {"knows": [{}, {}]}}
    assert await given("{ anything { ... on Film { minutes } } }") == {"anything": {}}


async def test_typename_tells_the_object_type_under_any_key() -> None:
    document = (
        "{ kind: __typename anything { __typename ... on Titled { again: __typename } } medium { kind: __typename } }"
    )
    assert await given(document, ALIEN) == {
        "kind": "Query",
        "anything": {"__typename": "Film", "again": "Film"},
        "medium": {"kind": "Film"},
    }


async def test_one_key_may_mean_different_fields_of_different_types() -> None:
    document = "{ reader { likes { ... on Film { size: minutes } ... on Book { size: pages } } } }"
    assert [item and item["size"] for item in (await given(document))["reader"]["likes"]] == [474, None, 117, 474]


async def test_keys_stand_in_the_order_of_the_document_for_each_type() -> None:
    document = "{ reader { likes { ... on Book { pages } ... on Titled { title } ... on Film { minutes } } } }"
    assert [list(item) for item in (await given(document))["reader"]["likes"] if item] == [
        ["pages", "title"],
        ["title", "minutes"],
        ["pages", "title"],
    ]


async def test_a_field_narrowed_by_a_type_gives_the_narrow_type() -> None:
    document = "{ book { sequel { pages } } anything { ... on Work { sequel { title } } } }"
    assert await given(document, EMMA) == {
        "book": {"sequel": {"pages": 12}},
        "anything": {"sequel": {"title": "Emma II"}},
    }


async def test_rows_that_lead_back_to_themselves_are_given_as_deep_as_asked() -> None:
    document = (
        "{ reader { likes { ... on Book { loans { title ... on Person { likes { ... on Book { pages } } } } } } } }"
    )
    pages = {"pages": 474}
    loans = [{"title": "John", "likes": [pages, None, {}, pages]}, {"title": "Liz", "likes": []}]
    assert (await given(document))["reader"]["likes"] == [{"loans": loans}, None, {}, {"loans": loans}]


async def test_an_empty_list_of_an_interface_is_empty() -> None:
    assert await given("{ reader { knows { title ... on Film { minutes } } } }", LIZ) == {"reader": {"knows": []}}


async def test_an_error_below_one_type_stands_at_the_index_among_all() -> None:
    unnamed = PersonRow("?")
    unnamed.title = None  # type: ignore[assignment]
    document = (
        "{ reader { title likes { __typename } knows { ... on Person { title } ... on Work { sequel { title } } } } }"
    )
    data, errors = await run(ENGINE, document, context=PersonRow("John", knows=[ALIEN, LIZ, unnamed]))
    assert data is None
    assert errors == ["reader.knows.2.title: Cannot return null for non-nullable field Person.title."]
