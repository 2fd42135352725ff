"""What an operation costs: how many values its answer may hold."""

from collections.abc import Sequence
from typing import Any

import pytest
import strawberry
from graphql import get_introspection_query
from strawberry import UNSET

import resolvers.pages
import resolvers.threads
import schema.root
from execution.batch import batch
from execution.cost import LIST_SIZE, PAGE_SIZE, SIZES_KEPT
from execution.documents import DocumentLimits
from execution.engine import Engine
from execution.operation import Operation, RequestRefused
from forum.limits import Limits


def nothing(parents: Sequence[Any], context: Any) -> list[Any]:
    return []


def paged(parents: Sequence[Any], context: Any, *, first: int | None = UNSET, last: int | None = UNSET) -> list[Any]:
    return []


def named(parents: Sequence[Any], context: Any, *, ids: list[strawberry.ID]) -> list[Any]:
    return []


@strawberry.interface
class Thing:
    name: str
    things: list["Thing"] = batch(nothing)
    page: "Page" = batch(paged)
    some: list["Thing"] = batch(paged)
    own: "Thing" = batch(nothing)


@strawberry.type
class Book(Thing):
    title: str


@strawberry.type
class Page:
    items: list[Thing]
    total: int
    info: Thing


@strawberry.type
class Query(Thing):
    named: list[Thing] = batch(named)
    short: Page = batch(paged)


LIMIT = 1_000
engine = Engine(
    strawberry.Schema(Query, types=[Book]),
    limits=DocumentLimits(cost=LIMIT),
    sizes={"Query.short": 2, "Query.things": 3},
)


def cost(document: str, **variables: Any) -> int:
    return engine.prepare(Operation(document, variables)).cost


@pytest.mark.parametrize(
    ("document", "costs"),
    [
        ("{ name }", 1),
        ("{ name again: name __typename }", 3),
        ("{ own { name own { name } } }", 4),
        # A list counts for its size, or for what lists are taken to hold.
        ("{ some(first: 7) { name } }", 1 + 7),
        ("{ some(last: 7) { name } }", 1 + 7),
        ("{ some(first: 3, last: 7) { name } }", 1 + 7),
        ("{ some { name } }", 1 + PAGE_SIZE),
        ("{ own { things { name } } }", 2 + LIST_SIZE),
        ("{ things { name } }", 1 + 3),
        ("{ some(first: 7) { things { name own { name } } } }", 1 + 7 * (1 + LIST_SIZE * 3)),
        ("{ named(ids: [1, 2, 3]) { name } }", 1 + 3),
        ("{ named(ids: []) { name } }", 1 + 1),
        # A page hands its size on to the lists in it, and what stands beside them is there once.
        ("{ page(first: 7) { total info { name } items { name } } }", 4 + 1 + 7),
        ("{ page(first: 7) { items { name things { name } } } }", 2 + 7 * (2 + LIST_SIZE)),
        ("{ page { items { name } } }", 2 + PAGE_SIZE),
        ("{ short { items { name } } }", 2 + 2),
        ("{ page(first: null) { items { name } } }", 2 + PAGE_SIZE),
        # Fragments cost what they stand for, and what is skipped as if it were not.
        (
            "{ page(last: 7) { ...p } } fragment p on Page { ... { total items { name } } }",
            3 + 7,
        ),
        ("{ a: page(first: 2) { ...p } b: page(first: 3) { ...p } } fragment p on Page { items { name } }", 4 + 2 + 3),
        ("{ own { ...t } } fragment t on Thing { things { name } }", 2 + LIST_SIZE),
        ("{ own { ... on Book { title } ... on Query { name } ... on Thing { name @skip(if: true) } } }", 4),
        # What will be refused when it runs counts as little as can be.
        ("{ some(first: 0) { name } }", 2),
        ("{ some(first: -1000) { name } }", 2),
    ],
)
def test_a_field_costs_one_for_each_object_it_is_selected_on(document: str, costs: int) -> None:
    assert cost(document) == costs


def test_sizes_come_from_variables_and_their_defaults() -> None:
    document = """query ($n: Int = 7, $ids: [ID!]! = [1, 2]) {
        page(first: $n) { items { name } } named(ids: $ids) { name } }"""
    assert cost(document) == 2 + 7 + 1 + 2
    assert cost(document, n=9, ids=["a", "b", "c"]) == 2 + 9 + 1 + 3
    assert cost(document, n=None) == 2 + PAGE_SIZE + 1 + 2
    assert cost(document, n=9, ids=[]) == 2 + 9 + 1 + 1
    assert cost(document, n=-(2**31)) == 2 + 1 + 1 + 2
    without = "query ($n: Int, $id: ID!) { page(first: $n) { items { name } } named(ids: [$id, $id]) { name } }"
    assert cost(without, id="a") == 2 + PAGE_SIZE + 1 + 2
    # However many choices are asked for, each costs what it costs.
    assert [cost(document, n=n) for n in range(1, SIZES_KEPT + 50)] == [5 + n for n in range(1, SIZES_KEPT + 50)]
    assert cost(document, n=1) == 6
    assert len(engine._persisted.document(Operation(document)).operation(None).cost._known) <= SIZES_KEPT


def test_a_variable_counts_in_the_operation_that_runs() -> None:
    document = """query a($n: Int) { ...p } query b($n: Int = 3) { ...p }
        fragment p on Query { page(first: $n) { items { name } } }"""
    assert engine.prepare(Operation(document, {"n": 5}, "a")).cost == 7
    assert engine.prepare(Operation(document, None, "b")).cost == 5


def refused(document: str, **variables: Any) -> dict[str, Any]:
    with pytest.raises(RequestRefused) as told:
        cost(document, **variables)
    (error,) = told.value.errors
    return error


def test_what_costs_too_much_is_told_its_cost_and_the_limit() -> None:
    assert cost(f"{{ some(first: {LIMIT - 1}) {{ name }} }}") == LIMIT
    error = refused("query ($n: Int) { some(first: $n) { name } }", n=LIMIT)
    assert error["extensions"] == {"code": "TOO_COSTLY", "cost": LIMIT + 1, "limit": LIMIT}
    assert str(LIMIT + 1) in error["message"] and str(LIMIT) in error["message"]


def test_huge_sizes_within_each_other_do_not_overflow() -> None:
    most = 2**31 - 1
    document = "query ($n: Int) " + "{ some(first: $n) " * 30 + "{ name }" + " }" * 30
    assert refused(document, n=most)["extensions"]["cost"] > most**30


def test_fragments_in_each_other_cost_as_often_as_they_are_spread() -> None:
    doubling = "".join(
        f"fragment f{n} on Thing {{ a: own {{ ...f{n + 1} }} b: own {{ ...f{n + 1} }} }}" for n in range(6)
    )
    assert cost(f"{{ own {{ ...f0 }} }} {doubling} fragment f6 on Thing {{ name }}") == 1 + (2**7 - 2) + 2**6


def test_a_known_cost_is_looked_up() -> None:
    document = engine._persisted.document(Operation("query ($n: Int) { some(first: $n) { name } }"))
    known = document.operation(None).cost
    assert known.of({"n": 3}) == 4
    known._known = {(3,): 1234}
    assert known.of({"n": 3}) == 1234


# The service's own


parley = Engine(schema.root.schema, sizes=schema.root.sizes(Limits()), weights=schema.root.WEIGHTS)


def test_pages_are_taken_to_be_as_long_as_the_resolvers_make_them() -> None:
    assert PAGE_SIZE == resolvers.pages.DEFAULT_PAGE_SIZE
    query = "{{ discussion(number: 1) {{ {0} {{ nodes {{ id }} }} }} }}"
    assert parley.prepare(Operation(query.format("thread"))).cost == 3 + resolvers.threads.DEFAULT_PAGE_SIZE
    assert parley.prepare(Operation(query.format("replies"))).cost == 3 + resolvers.pages.DEFAULT_PAGE_SIZE


def test_the_longest_page_of_a_thread_with_authors_and_quotes_is_allowed() -> None:
    author = "author { id handle name avatarUrl }"
    quotes = f"""quotes {{ id bodyText bodyHtml status attributedName sourceVersion
        source {{ id url {author} }} attributedTo {{ id handle name }} }}"""
    mentions = "mentions { attributedName user { id handle name } }"
    texts = "path bodyHtml bodyText createdAt version state replyCount"
    node = f"node {{ id sequence {texts} {author} {quotes} {mentions} }}"
    query = f"""{{ discussion(number: 1) {{ id title eventCursor
        thread(first: 500) {{ edges {{ cursor depth {node} }} pageInfo {{ hasNextPage endCursor }} }} }} }}"""
    prepared = parley.prepare(Operation(query))
    assert DocumentLimits().cost / 3 < prepared.cost < DocumentLimits().cost * 4 / 5


SCHEMA = "fragment s on __Schema { types { fields { type { fields { name } } } } }"


@pytest.mark.parametrize(("field", "size"), [("ancestors", 100), ("quotes", 20)])
def test_lists_within_lists_cost_as_much_as_they_may_hold(field: str, size: int) -> None:
    query = f"{{ discussion(number: 1) {{ thread(first: 1) {{ nodes {{ {field} {{ id }} }} }} }} }}"
    assert parley.prepare(Operation(query)).cost == 4 + size
    deep = "{ ancestors " * 4 + "{ id }" + " }" * 4
    with pytest.raises(RequestRefused, match="costs"):
        parley.prepare(Operation(f"{{ discussion(number: 1) {{ thread(first: 1) {{ nodes {deep} }} }} }}"))


def test_introspection_is_open_and_bounded() -> None:
    standard = get_introspection_query(
        specified_by_url=True, directive_is_repeatable=True, schema_description=True, input_value_deprecation=True
    )
    prepared = parley.prepare(Operation(standard))
    assert prepared.cost < DocumentLimits().cost
    with pytest.raises(RequestRefused, match="costs"):
        parley.prepare(Operation("{" + " ".join(f"a{n}: __schema {{ ...s }}" for n in range(60)) + "}" + SCHEMA))
    for again in (3, 20):
        bomb = "{ __schema { types " + "{ fields { type " * again + "{ name }" + " } }" * again + " } }"
        with pytest.raises(RequestRefused):
            parley.prepare(Operation(bomb))


def test_weights_and_lists_of_scalars_count() -> None:
    limits = Limits()
    of = "{{ discussion(number: 1) {{ thread(first: 10) {{ nodes {{ {0} }} }} }} }}"
    around = parley.prepare(Operation(of.format("id"))).cost - 10
    for selected, each in (
        ("bodyHtml", 20),
        ("a: body b: bodyText", 40),
        ("path", 1 + limits.depth + 1),
        ("mentions { start }", 1 + 50),
        ("quotes { id omissions { start } }", 1 + 20 * (2 + schema.root.sizes(limits)["Quote.omissions"])),
    ):
        assert parley.prepare(Operation(of.format(selected))).cost - around == 10 * each, selected
    assert parley.prepare(Operation('{ search(query: "a", first: 1) { totalCount } }')).cost == 5_001


COUNTED = "replies(first: 0) { totalCount } discussions(first: 0) { totalCountIsExact }"


@pytest.mark.parametrize(
    ("counting", "counts"),
    [
        ("{" + " ".join(f"a{n}: discussions(first: 0) {{ totalCount }}" for n in range(150)) + "}", 150),
        (f'{{ people(query: "a", first: 100) {{ {COUNTED} }} }}', 200),
        (f"{{ discussion(number: 1) {{ thread(first: 400) {{ nodes {{ author {{ {COUNTED} }} }} }} }} }}", 800),
    ],
)
def test_each_list_that_is_counted_is_paid_for(counting: str, counts: int) -> None:
    """1 to 2 ms each: a budget has eighty thousand of them, which take about as long as the searches that it has."""
    assert 250 * counts < parley.prepare(Operation(counting)).cost <= DocumentLimits().cost


def test_no_document_counts_more_than_two_thousand_lists() -> None:
    below = f"discussions(first: 100) {{ nodes {{ thread(first: 11) {{ nodes {{ author {{ {COUNTED} }} }} }} }} }}"
    with pytest.raises(RequestRefused, match="costs"):
        parley.prepare(Operation(f"{{ {below} }}"))
