"""What documents are admitted: bounded in depth, in length and in repetition, whatever their fragments do."""

import pytest
import strawberry

from execution import documents as module
from execution.documents import CHARACTERS_PER_TOKEN, DocumentLimits, Documents
from execution.measure import MAX_NESTING, MAX_REPEATS
from execution.operation import RequestRefused
from execution.validation import MAX_ERRORS

LIMITS = DocumentLimits()


@strawberry.type
class Query:
    """A type that leads to itself."""

    name: str = "here"

    @strawberry.field
    def again(self, of: strawberry.ID | None = strawberry.UNSET) -> "Query":
        return self


schema = strawberry.Schema(Query)._schema
documents = Documents(schema, limits=LIMITS, sizes={})


def refused(text: str) -> tuple[str, str]:
    """The code and the message of the first error."""
    with pytest.raises(RequestRefused) as told:
        documents.of_text(text)
    error = told.value.errors[0]
    return error["extensions"]["code"], error["message"]


def code(text: str) -> str:
    return refused(text)[0]


def nested(levels: int) -> str:
    return "{ again " * (levels - 1) + "{ name }" + " }" * (levels - 1)


def test_a_document_may_nest_so_many_levels_and_no_more() -> None:
    documents.of_text(nested(LIMITS.depth))
    assert code(nested(LIMITS.depth + 1)) == "TOO_COSTLY"


def test_fragments_nest_as_deep_as_what_they_stand_for() -> None:
    def chain(levels: int) -> str:
        links = "".join(f"fragment f{n} on Query {{ again {{ ...f{n + 1} }} }}" for n in range(levels - 1))
        return f"{{ ...f0 }} {links} fragment f{levels - 1} on Query {{ name }}"

    documents.of_text(chain(LIMITS.depth))
    assert code(chain(LIMITS.depth + 1)) == "TOO_COSTLY"


def test_fragments_without_fields_nest_only_so_deep() -> None:
    def chain(levels: int) -> str:
        links = "".join(f"fragment f{n} on Query {{ ...f{n + 1} }}" for n in range(levels - 2))
        return f"{{ ...f0 }} {links} fragment f{levels - 2} on Query {{ name }}"

    documents.of_text(chain(MAX_NESTING))
    assert code(chain(MAX_NESTING + 1)) == "TOO_COSTLY"


def test_fragments_that_double_at_each_level_are_counted_and_refused() -> None:
    for below in (
        "a: again {{ ...f{0} }} b: again {{ ...f{0} }}",
        "again {{ ...f{0} }} again {{ ...f{0} }}",
        "...f{0} ...f{0}",
    ):
        spread = "".join(f"fragment f{n} on Query {{ {below.format(n + 1)} }}" for n in range(40))
        for last in ("{ name }", "{ }"):
            assert code(f"{{ ...f0 }} {spread} fragment f40 on Query {last}") == "TOO_COSTLY"


def test_a_fragment_counts_as_often_as_it_is_spread() -> None:
    # With its two selections, each object brings the fragment's 218: ten of them are 2,200.
    fields = "fragment many on Query { " + " ".join(f"f{n}: name" for n in range(218)) + " }"
    within = " ".join(f"a{n}: again {{ ...many }}" for n in range(9))
    documents.of_text(f"{{ {within} }} {fields}")
    assert code(f"{{ {within} b: again {{ ...many }} }} {fields}") == "TOO_COSTLY"


def test_a_fragment_counts_in_each_operation() -> None:
    fields = "fragment many on Query { " + " ".join(f"f{n}: name" for n in range(200)) + " }"
    documents.of_text(" ".join(f"query q{n} {{ ...many }}" for n in range(9)) + fields)
    assert code(" ".join(f"query q{n} {{ ...many }}" for n in range(10)) + fields) == "TOO_COSTLY"


def test_a_variable_counts_wherever_it_is_used() -> None:
    # 40 operations of 41 selections are 1,640; with 20 variables in each they are too many.
    uses = " ".join(f"a{n}: again(of: $id) {{ name }}" for n in range(20))
    fragment = f"fragment many on Query {{ {uses} }}"
    operations = [f"query q{n}($id: ID) {{ ...many }}" for n in range(40)]
    documents.of_text(" ".join(operations[:20]) + fragment)
    assert code(" ".join(operations) + fragment) == "TOO_COSTLY"
    fragment = fragment.replace("(of: $id)", "@skip(if: $id)")
    operations = [operation.replace("ID", "Boolean!") for operation in operations]
    documents.of_text(" ".join(operations[:20]) + fragment)
    assert code(" ".join(operations) + fragment) == "TOO_COSTLY"


def test_a_path_may_be_selected_so_often_and_no_more() -> None:
    documents.of_text(f"{{ again {{ {'name ' * MAX_REPEATS} }} }}")
    told = refused(f"{{ again {{ {'name ' * MAX_REPEATS} }} again {{ name }} }}")
    assert told == (
        "TOO_COSTLY",
        f"The document selects `again.name` {MAX_REPEATS + 1} times; {MAX_REPEATS} are allowed.",
    )


def test_repeats_are_counted_by_response_path_through_fragments() -> None:
    fragment = f"fragment ten on Query {{ {'x: name ' * 10} }}"
    documents.of_text(f"{{ ...ten ... {{ ...ten }} ... on Query {{ ...ten }} y: name }} {fragment}")
    assert code(f"{{ ...ten ... {{ ...ten }} ... on Query {{ ...ten }} x: name }} {fragment}") == "TOO_COSTLY"
    assert code(f"query ($on: Boolean!) {{ {'x: again { name @skip(if: $on) }' * 31} }}") == "TOO_COSTLY"


def test_what_no_operation_spreads_is_counted_too() -> None:
    assert code(f"{{ name }} fragment unused on Query {{ {'name ' * 31} }}") == "TOO_COSTLY"
    # Of two fragments of one name, spreads mean the last.
    twice = f"fragment twice on Query {{ {'name ' * 31} }} fragment twice on Query {{ name }}"
    assert code(f"{{ ...twice }} {twice}") == "TOO_COSTLY"


@pytest.mark.parametrize(
    "text",
    [
        "{ ...a } fragment a on Query { again { ...a } }",
        "{ ...a } fragment a on Query { ...b } fragment b on Query { name ...a }",
        "{ name } fragment unused on Query { ...unused }",
        "{ ...nowhere }",
        "{ nothing }",
    ],
)
def test_a_document_that_is_not_valid_is_told_so(text: str) -> None:
    assert code(text) == "GRAPHQL_VALIDATION_FAILED"


def test_a_circle_of_fragments_is_named_with_its_place() -> None:
    with pytest.raises(RequestRefused) as told:
        documents.of_text("{ ...a }\nfragment a on Query { ...a }")
    assert told.value.errors == [
        {
            "message": "Cannot spread fragment 'a' within itself.",
            "locations": [{"line": 2, "column": 23}],
            "extensions": {"code": "GRAPHQL_VALIDATION_FAILED"},
        }
    ]


def test_only_the_first_errors_are_told() -> None:
    with pytest.raises(RequestRefused) as told:
        documents.of_text("{ " + " ".join(f"wrong{n}" for n in range(100)) + " }")
    assert [error["message"] for error in told.value.errors] == [
        f"Cannot query field 'wrong{n}' on type 'Query'." for n in range(MAX_ERRORS)
    ]


def test_endlessly_nested_document_is_refused_and_not_internal() -> None:
    assert code("{ again " * 900 + "{ name }" + " }" * 900) in ("GRAPHQL_PARSE_FAILED", "TOO_COSTLY")


def test_a_document_may_have_so_many_tokens_and_characters() -> None:
    assert code("{ " + "name " * LIMITS.tokens + "}") == "GRAPHQL_PARSE_FAILED"
    longest = CHARACTERS_PER_TOKEN * LIMITS.tokens
    documents.of_text("{name}".ljust(longest))
    assert code("{name}".ljust(longest + 1)) == "TOO_COSTLY"


def test_limits_are_what_they_are_set_to() -> None:
    small = Documents(schema, limits=DocumentLimits(tokens=20, depth=2), sizes={})
    small.of_text("{ again { name } }")
    for text in ("{ again { again { name } } }", "{" + " name" * 19 + "}"):
        with pytest.raises(RequestRefused):
            small.of_text(text)


def test_a_document_is_read_once_and_those_used_last_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    few = Documents(schema, limits=LIMITS, sizes={})
    monkeypatch.setattr(module, "KEPT", 2)
    a, b = few.of_text("{ a: name }"), few.of_text("{ b: name }")
    assert few.of_text("{ a: name }") is a
    few.of_text("{ c: name }")
    assert few.of_text("{ a: name }") is a
    assert few.of_text("{ b: name }") is not b


def test_documents_are_kept_up_to_a_length_together(monkeypatch: pytest.MonkeyPatch) -> None:
    few = Documents(schema, limits=LIMITS, sizes={})
    monkeypatch.setattr(module, "KEPT_CHARACTERS", 30)
    a = few.of_text("{ a: name }")
    assert few.of_text("{ a: name }") is a
    few.of_text("{ b: name }".ljust(20))
    assert few.of_text("{ a: name }") is not a
    # What alone is longer is served, and not kept.
    assert few.of_text("{ c: name }".ljust(31)) is not few.of_text("{ c: name }".ljust(31))
