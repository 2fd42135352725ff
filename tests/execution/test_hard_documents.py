"""Documents that are meant to hurt: each is admitted or refused within 100 ms of CPU."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from graphql import get_named_type, is_leaf_type, parse, validate
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from execution.documents import CHARACTERS_PER_TOKEN, DocumentLimits, Documents
from execution.operation import RequestRefused
from schema.root import schema

SECONDS = 0.1
LIMITS = DocumentLimits()
MEBIBYTE = 1_048_576
CHARACTERS = LIMITS.tokens * CHARACTERS_PER_TOKEN

documents = Documents(schema._schema, limits=LIMITS, sizes={})
discussion = schema._schema.type_map["Discussion"]
LEAVES = [
    name
    for name, field in discussion.fields.items()  # type: ignore[attr-defined]
    if is_leaf_type(get_named_type(field.type))
]


def is_quick(text: str) -> bool:
    """Whether a document is admitted or refused within SECONDS of this thread's CPU time, in the best of five tries.

    Garbage collection, and other programs that use the same caches and cores, make single tries longer.
    """
    return any(cpu_seconds(text) < SECONDS for _ in range(5))


def cpu_seconds(text: str) -> float:
    began = time.thread_time()
    with suppress(RequestRefused):
        documents.read(text).operation(None)
    return time.thread_time() - began


def several(form: str, times: int) -> str:
    """The form so often, each `#` in it the number of the time."""
    return " ".join(form.replace("#", str(number)) for number in range(times))


def fragments(count: int, form: Callable[[int], str], on: str = "Query") -> str:
    return " ".join(f"fragment F{number} on {on} {{ {form(number)} }}" for number in range(count))


def spread_from(first: int, end: int, form: str = "...F#") -> str:
    return " ".join(form.replace("#", str(number)) for number in range(first, end))


def leaves(times: int, parents: int) -> str:
    """Fields of one token each, every path selected so often."""
    fields = " ".join(LEAVES * times)
    return "query ($n: Int) { " + several(f"a#: discussion(number: $n) {{ {fields} }}", parents) + " }"


def hard() -> Iterator[tuple[str, str]]:
    """Worst cases by name, each near the limit that admits it or far beyond."""
    yield "leaves", leaves(5, 17)
    yield "leaves repeated", leaves(30, 3)
    yield "one field", "{ discussion(number: 1) { " + "title " * 1_980 + "} }"
    yield "one field with fields", "{ " + "node(id: 1) { id } " * 220 + "}"
    yield "empty selections", "{ " + "discussion(number: 1) { } " * 240 + "}"
    yield "aliases", "{ " + several("a#: __typename", 660) + " }"
    yield "aliased arguments", "{ " + several("a#: node(id: #) { id }", 180) + " }"
    yield (
        "thirty times",
        "{ discussion(number: 1) { " + " ".join(f"a{n}: author {{ id }} " * 30 for n in range(10)) + "} }",
    )
    yield (
        "differing arguments",
        "{ " + several("a: node(id: #) { id }", 30) + several(" b#: node(id: #) { id }", 150) + " }",
    )
    yield (
        "differing inputs",
        "mutation { " + several('addReply(input: { discussionId: # body: "" }) { __typename }', 30) + " }",
    )
    yield "unknown fields", "{ " + several("discussio#", 1_990) + " }"
    yield "long unknown fields", "{ " + several("discussionsdiscussions#", 1_500) + " }"
    yield "unknown fragments", "{ " + several("...F#", 990) + " }"
    yield "unknown types", "{ __typename } " + several("fragment F# on DiscussionEventConnectio# { id }", 280)
    yield "unknown directives", "{ __typename " + several("@ski#", 990) + " }"
    yield "unknown arguments", "{ discussion(" + several("numbe#: 1", 650) + ") { id } }"
    yield (
        "unknown inputs",
        "mutation { addReply(input: {" + several("discussionI#: 1", 640) + "}) { clientMutationId } }",
    )
    yield (
        "wrong block strings",
        "mutation { addReply(input: {" + several('b#: """' + "\n" * 45 + '"""', 640) + "}) { x } }",
    )
    yield (
        "wrong enums",
        "{ " + several("a#: discussions(orderBy: { field: CREATED_A# direction: AS# }) { __typename }", 105) + " }",
    )
    yield "repeated arguments", "{ discussion(" + "number: 1 " * 650 + ") { id } }"
    yield "repeated inputs", "mutation { addReply(input: {" + "body: 1 " * 640 + "}) { clientMutationId } }"
    yield "repeated directives", "{ __typename " + "@skip(if: true) " * 390 + "}"
    yield "a list", "{ nodes(ids: [" + "1 " * 1_980 + "]) { id } }"
    yield "a list of nothing good", "{ nodes(ids: [" + "{} " * 980 + "]) { id } }"
    yield "nested lists", "{ nodes(ids: " + "[" * 190 + "]" * 190 + ") { id } }"
    yield "nested inputs", "mutation { addReply(input: " + "{ quotes: " * 190 + "1" + " }" * 190 + ") { x } }"
    yield "unused variables", "query (" + several("$v#: Int", 490) + ") { __typename }"
    yield "variables of unknown types", "query (" + several("$v#: Discussio#", 490) + ") { __typename }"
    yield "used variables", "query ($a: ID!) { nodes(ids: [" + "$a " * 980 + "]) { id } }"
    yield "operations", several("query Q# { __typename }", 390)
    yield (
        "operations of one fragment",
        several("query Q# { ...F }", 300) + f" fragment F on Query {{ {several('a#: __typename', 60)} }}",
    )
    yield (
        "operations by variables",
        several("query Q#($a: ID!) { ...F }", 60) + " fragment F on Query { nodes(ids: [" + "$a " * 500 + "]) { id } }",
    )
    yield (
        "operations by undefined variables",
        several("query Q# { ...F }", 160) + " fragment F on Query { " + several("a#: node(id: $v#) { id }", 90) + " }",
    )
    yield (
        "subscriptions",
        several("subscription S# { ...F }", 160)
        + " fragment F on Subscription { "
        + several("a#: __typename", 330)
        + " }",
    )
    yield "unused fragments", "{ __typename } " + fragments(280, lambda _: "__typename")
    yield "a chain", "{ ...F0 } " + fragments(230, lambda n: f"...F{n + 1}")
    yield "fragments in one place", f"{{ {spread_from(0, 170)} }} " + fragments(170, lambda n: f"a{n}: __typename")
    yield (
        "like fragments in one place",
        f"{{ {spread_from(0, 29)} }} " + fragments(29, lambda _: several("a#: __typename", 15)),
    )
    yield "each spreads the rest", "{ ...F0 } " + fragments(30, lambda n: f"__typename {spread_from(n + 1, 30)}")
    yield "each spreads all", "{ ...F0 } " + fragments(28, lambda _: f"__typename {spread_from(0, 28)}")
    yield (
        "each spreads the rest below",
        "{ node(id: 1) { ...F0 } } "
        + fragments(22, lambda n: "id " + spread_from(n + 1, 22, "discussion { ...F# }"), "Discussion"),
    )
    yield (
        "doubling",
        "{ discussion(number: 1) { ...F0 } } "
        + fragments(45, lambda n: f"a: discussion {{ ...F{n + 1} }} b: discussion {{ ...F{n + 1} }}", "Discussion"),
    )
    yield (
        "doubling in one place",
        "{ discussion(number: 1) { ...F0 } } "
        + fragments(45, lambda n: f"discussion {{ ...F{n + 1} }} discussion {{ ...F{n + 1} }}", "Discussion"),
    )
    yield (
        "doubling nothing",
        "{ ...F0 } " + fragments(100, lambda n: f"...F{n + 1} ...F{n + 1}") + " fragment F100 on Query { }",
    )
    yield "inline fragments", "{ " + several("... on Query { a#: __typename }", 240) + " }"
    yield "nested inline fragments", "{ " + "... { " * 198 + "__typename" + " }" * 198 + " }"
    yield (
        "types within types",
        "{ node(id: 1) { " + "... on Post { ... on Reply { ... on Node { " * 60 + "id" + " } } }" * 60 + " } }",
    )
    yield "nesting", "{ discussion(number: 1) " + "{ discussion " * 190 + "{ id }" + " }" * 190 + " }"
    yield "introspection", "{ " + several("a#: __schema { types { fields { type { name } } } }", 130) + " }"
    yield (
        "introspection of introspection",
        "{ __schema { types { ...F0 } } } "
        + fragments(26, lambda n: "name " + spread_from(n + 1, 26, "ofType { ...F# }"), "__Type"),
    )
    yield "definitions of types", several("type T# { a: Int }", 280)
    yield "descriptions", several('"what it is for" query Q# { __typename }', 320)
    yield "wrong at the end", "{ " + "__typename " * 1_990 + ")"
    for name, length in (("allowed", CHARACTERS - 100), ("a mebibyte of", MEBIBYTE - 100)):
        for kind, character in (
            ("spaces", " "),
            ("lines", "\n"),
            ("returns", "\r"),
            ("commas", ","),
            ("marks", "\ufeff"),
        ):
            yield f"{name} {kind}", "{ __typename" + character * length + "}"
        yield f"{name} comment", "{ __typename #" + "x" * length + "\n}"
        yield f"{name} comments", "{ __typename " + "#\n" * (length // 2) + "}"
        yield f"{name} name", "{ " + "x" * length + " }"
        yield f"{name} type", "query ($v: " + "x" * length + ") { __typename }"
        yield f"{name} number", "{ discussion(number: " + "1" * length + ") { id } }"
        yield f"{name} fraction", "{ discussion(number: 1." + "1" * length + ") { id } }"
        for quote in ('"', '"""'):
            for kind, unit in (
                ("text", "x"),
                ("escapes", "\\n"),
                ("codes", "\\u0041"),
                ("quotes", '\\"""'),
                ("lines", "\n x"),
            ):
                yield (
                    f"{name} {kind} in {quote}",
                    "{ node(id: " + quote + unit * (length // len(unit)) + quote + ") { id } }",
                )
        yield f"{name} empty lines", '{ node(id: """' + "\n" * length + '""") { id } }'
        yield f"{name} string without end", '{ node(id: "' + "x" * length
    yield "escapes in many strings", "{ " + several('a#: node(id: "' + "\\n" * 80 + '") { id }', 175) + " }"
    yield "lines in many strings", "{ " + several('a#: node(id: """' + "\n" * 190 + '""") { id }', 175) + " }"
    yield "a million tokens", "{ " + "a " * (MEBIBYTE // 2 - 10) + "}"


CASES = dict(hard())


@pytest.mark.parametrize("name", CASES)
def test_a_document_made_to_hurt_is_admitted_or_refused_in_time(name: str) -> None:
    assert is_quick(CASES[name])


ARGUMENTS = {
    "node": ["(id: 1)", "(id: $v)"],
    "nodes": ["(ids: [1 2 $v])", f"(ids: [{'$v ' * 20}])"],
    "discussion": ["(number: 1)", "(id: $v)", "(id: 1 number: 2)"],
    "reply": ["(sequence: 1)"],
    "events": ['(after: "x")'],
}
"""Of fields of the query and of discussions; other fields are asked for without any, or with a size."""


def fields_of(on: str) -> tuple[list[str], list[tuple[str, str]]]:
    """The leaves of a type, and its other fields with their types."""
    fields = schema._schema.type_map[on].fields  # type: ignore[attr-defined]
    types = {name: get_named_type(field.type) for name, field in fields.items()}
    leaves = [name for name, below in types.items() if is_leaf_type(below)]
    return [*leaves, "__typename"], [(name, below.name) for name, below in types.items() if not is_leaf_type(below)]


@st.composite
def selections(draw: st.DrawFn, on: str, depth: int = 2) -> str:
    """A selection set, mostly valid: `#` stands for the number of a copy, `>` for that of the next fragment."""
    leaves, objects = fields_of(on)
    written = []
    for _ in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(["leaf", "leaf", "object", "object", "inline", "spread"]))
        key = draw(st.sampled_from(["", "a: ", "a#: ", "b#: "]))
        directive = draw(st.sampled_from(["", "", "", "@skip(if: true)", "@include(if: $v)", "@nothing"]))
        if kind == "spread":
            written.append(f"...{on}> {directive}")
        elif kind == "inline" and depth:
            written.append(f"... on {on} {directive} {draw(selections(on, depth - 1))}")
        elif kind == "object" and depth and objects:
            name, below = draw(st.sampled_from(objects))
            arguments = draw(st.sampled_from(ARGUMENTS.get(name, ["", "", "(first: 5)", "(first: $v)"])))
            written.append(f"{key}{name}{arguments} {directive} {draw(selections(below, depth - 1))}")
        else:
            written.append(f"{key}{draw(st.sampled_from(leaves))} {directive}")
    return "{ " + several(" ".join(written), draw(st.sampled_from([1, 1, 3, 30]))) + " }"


@st.composite
def long_documents(draw: st.DrawFn) -> str:
    """A document of about as many tokens as are allowed: few forms, each written again and again."""
    variables = draw(st.sampled_from(["", "($v: ID!)", "($v: Boolean!)", "($v: Int)"]))
    operation = f"query Q%{variables} {draw(selections('Query'))}".replace(">", "0")
    types = draw(st.lists(st.sampled_from(["Query", "Discussion", "Reply", "Post", "User"]), max_size=3, unique=True))
    forms = [f"fragment {on}% on {on} {draw(selections(on))}" for on in types]
    written = [operation.replace("%", "0")]
    left = LIMITS.tokens - tokens(written[0])
    for number in range(LIMITS.tokens):
        form = forms[number % len(forms)] if forms else operation
        copy = number // len(forms) if forms else number + 1
        another = form.replace("%", str(copy)).replace(">", str(copy + 1))
        left -= tokens(another)
        if left < 0:
            break
        written.append(another)
    return " ".join(written)


def tokens(text: str) -> int:
    return len(re.findall(r"\w+|[^\w\s]", text))


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@example(CASES["leaves"])
@given(long_documents())
def test_any_document_is_admitted_or_refused_in_time(text: str) -> None:
    assert is_quick(text)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.one_of(selections("Query", 3), long_documents()))
def test_what_is_admitted_is_valid_and_what_is_called_invalid_is_not(text: str) -> None:
    text = text.replace(">", "0")
    try:
        documents.read(text)
        valid = True
    except RequestRefused as refused:
        assume(refused.errors[0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED")
        valid = False
    assert valid == (validate(schema._schema, parse(text)) == [])
