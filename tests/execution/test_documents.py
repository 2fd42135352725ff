"""What documents are admitted: bounded in depth and in breadth, whatever their fragments do."""

import pytest
import strawberry

from execution.documents import MAX_DEPTH, MAX_FIELDS, Documents
from execution.operation import RequestRefused


@strawberry.type
class Query:
    """A type that leads to itself."""

    name: str = "here"

    @strawberry.field
    def again(self) -> "Query":
        return self


documents = Documents(strawberry.Schema(Query)._schema)


def code(text: str) -> str:
    with pytest.raises(RequestRefused) as refused:
        documents.document(text)
    found: str = refused.value.errors[0]["extensions"]["code"]
    return found


def nested(levels: int) -> str:
    return "{ again " * (levels - 1) + "{ name }" + " }" * (levels - 1)


def test_a_document_may_nest_so_many_levels_and_no_more() -> None:
    documents.document(nested(MAX_DEPTH))
    assert code(nested(MAX_DEPTH + 1)) == "TOO_COSTLY"


def test_fragments_that_double_at_each_level_are_counted_and_refused() -> None:
    spread = "".join(
        f"fragment f{n} on Query {{ a: again {{ ...f{n + 1} }} b: again {{ ...f{n + 1} }} }}" for n in range(40)
    )
    assert code(f"{{ ...f0 }} {spread} fragment f40 on Query {{ name }}") == "TOO_COSTLY"


def test_a_fragment_counts_as_often_as_it_is_spread() -> None:
    fields = "fragment many on Query { " + " ".join(f"f{n}: name" for n in range(MAX_FIELDS // 10)) + " }"
    within = " ".join(f"a{n}: again {{ ...many }}" for n in range(9))
    documents.document(f"{{ {within} }} {fields}")
    assert code(f"{{ {within} b: again {{ ...many }} }} {fields}") == "TOO_COSTLY"


def test_a_document_that_nests_beyond_all_measure_is_refused_and_not_a_fault() -> None:
    assert code("{ again " * 900 + "{ name }" + " }" * 900) in ("GRAPHQL_PARSE_FAILED", "TOO_COSTLY")
