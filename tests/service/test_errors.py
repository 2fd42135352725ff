"""What can't be served as it was asked: an error with its code, null in its place, and the rest of the answer whole."""

from typing import Any

import pytest

from tests.service.conftest import Grown
from tests.support.http import Client

PAGED = {
    "thread": "thread({}) {{ totalCount }}",
    "replies": "replies({}) {{ totalCount }}",
    "answers": "reply(sequence: 1) {{ replies({}) {{ totalCount }} }}",
}
"""Below a discussion."""
FORWARD = {
    "discussions": "discussions({}) {{ totalCount }}",
    "categories": "categories({}) {{ totalCount }}",
    "a person's replies": 'user(handle: "edith") {{ replies({}) {{ totalCount }} }}',
    "a person's discussions": 'user(handle: "edith") {{ discussions({}) {{ totalCount }} }}',
}
"""Below the query."""
OF_REPLY = {
    "quotedBy": "quotedBy({}) {{ totalCount }}",
    "revisions": "revisions({}) {{ totalCount }}",
}
"""Below a post."""


def codes(client: Client, grown: Grown, below: str, *, of: str = "discussion") -> list[str]:
    """The codes of the answer to fields below the discussion, or one of its replies, or the query."""
    fields = {
        "query": below,
        "discussion": f'discussion(id: "{grown.discussion.id}") {{ title {below} }}',
        "post": f'discussion(id: "{grown.discussion.id}") {{ title reply(sequence: 1) {{ {below} }} }}',
    }[of]
    return client.answer(f"{{ {fields} }}").codes


@pytest.mark.parametrize(
    "arguments",
    [
        "first: 1, last: 1",
        "first: 0, last: 0",
        "first: -1",
        "last: -1",
        "first: 501",
        "last: 501",
        "first: 2147483647",
        "first: -2147483648",
    ],
)
@pytest.mark.parametrize("field", PAGED)
def test_a_page_that_contradicts_itself_or_is_too_large_is_refused(
    client: Client, grown: Grown, field: str, arguments: str
) -> None:
    assert codes(client, grown, PAGED[field].format(arguments)) == ["BAD_ARGUMENT"]


@pytest.mark.parametrize(
    ("of", "fields", "most"),
    [
        ("discussion", {"thread": PAGED["thread"]}, 500),
        ("discussion", {name: PAGED[name] for name in ("replies", "answers")}, 100),
        ("query", FORWARD, 100),
        ("post", OF_REPLY, 100),
    ],
)
def test_the_largest_page_is_served_and_one_more_refused(
    client: Client, grown: Grown, of: str, fields: dict[str, str], most: int
) -> None:
    for field in fields.values():
        assert codes(client, grown, field.format(f"first: {most}"), of=of) == []
        assert codes(client, grown, field.format("first: 0"), of=of) == []
        assert codes(client, grown, field.format(f"first: {most + 1}"), of=of) == ["BAD_ARGUMENT"]
        assert codes(client, grown, field.format("first: -1"), of=of) == ["BAD_ARGUMENT"]


@pytest.mark.parametrize(
    "arguments",
    [
        'aroundSequence: 3, after: "r1"',
        'aroundSequence: 3, before: "r9"',
        "aroundSequence: 3, last: 4",
        "aroundSequence: 3, last: 4, first: 4",
        'aroundSequence: 3, around: "R_1"',
        'around: "R_1", after: "r1"',
        "aroundSequence: 3, first: 501",
        "aroundSequence: 3, first: -1",
        "maxDepth: -1",
    ],
)
def test_thread_arguments_that_do_not_go_together_are_refused(client: Client, grown: Grown, arguments: str) -> None:
    assert codes(client, grown, PAGED["thread"].format(arguments)) == ["BAD_ARGUMENT"]


CURSORS = ("", "r", "x", "r-1", "r1x", "R_1", "r 1", "r\u0661", "r" + "9" * 40, "cjE=", "a1.1", "\\u0000", "ab" * 1_000)


@pytest.mark.parametrize("bound", ["after", "before"])
@pytest.mark.parametrize("field", PAGED)
def test_what_is_no_cursor_of_replies_is_refused(client: Client, grown: Grown, field: str, bound: str) -> None:
    for order in (
        ("", ", orderBy: { field: CREATED_AT, direction: DESC }") if field != "thread" else ("", ", maxDepth: 1")
    ):
        for cursor in CURSORS:
            asked = PAGED[field].format(f'{bound}: "{cursor}"{order}')
            assert codes(client, grown, asked) == ["BAD_CURSOR"], cursor


def test_a_cursor_of_a_missing_reply_is_refused_if_its_place_is_needed(client: Client, grown: Grown) -> None:
    for asked in (
        PAGED["thread"].format('after: "r111"'),
        PAGED["thread"].format('before: "r0"'),
        PAGED["replies"].format('after: "r111", orderBy: { field: CREATED_AT, direction: ASC }'),
    ):
        assert codes(client, grown, asked) == ["BAD_CURSOR"]


def test_what_is_no_cursor_of_a_forward_list_is_refused(client: Client, grown: Grown) -> None:
    for cursor in ("", "x", "r1", "C_0", "q1", "v", "a1", "a1.", "a1.x", "a" + "9" * 18 + ".1", "\\u0000", "D_1"):
        for of, fields in (("query", FORWARD), ("post", OF_REPLY)):
            for field in fields.values():
                assert codes(client, grown, field.format(f'after: "{cursor}"'), of=of) == ["BAD_CURSOR"], (
                    field,
                    cursor,
                )


def test_a_cursor_of_another_order_of_discussions_is_refused(client: Client, grown: Grown) -> None:
    document = """query ($order: DiscussionOrder, $after: String) {
        discussions(first: 1, orderBy: $order, after: $after) { pageInfo { endCursor } } }"""
    fields = ("LAST_ACTIVITY_AT", "CREATED_AT", "REPLY_COUNT")
    for given in fields:
        order = {"field": given, "direction": "ASC"}
        cursor = client.query(document, {"order": order})["discussions"]["pageInfo"]["endCursor"]
        for other in fields:
            asked: dict[str, Any] = {"order": {"field": other, "direction": "ASC"}, "after": cursor}
            assert client.answer(document, asked).codes == ([] if other == given else ["BAD_CURSOR"])


def test_a_thread_below_or_around_what_is_not_there_is_null_with_not_found(client: Client, grown: Grown) -> None:
    elsewhere = client.add_reply(client.start_discussion("edith", "Another"), "edith")["id"]
    leaf = next(each for each in grown.tree.sequences if not grown.tree.answers(each))
    root = grown.id(1)
    for arguments in (
        'root: "R_999999"',
        f'root: "{elsewhere}"',
        'root: "nonsense"',
        f'root: "{grown.discussion.id}"',
        f'around: "{elsewhere}"',
        'around: ""',
        "aroundSequence: 0",
        "aroundSequence: -5",
        "aroundSequence: 111",
        "aroundSequence: 2147483647",
        f'root: "{root}", around: "{root}"',
        f'root: "{grown.id(leaf)}", aroundSequence: 1',
    ):
        answer = client.answer(
            f'{{ discussion(id: "{grown.discussion.id}") {{ title thread({arguments}) {{ totalCount }} }} }}'
        )
        assert answer.codes == ["NOT_FOUND"], arguments
        assert answer.data == {"discussion": {"title": "A tree of chance", "thread": None}}
        assert answer.errors[0]["path"] == ["discussion", "thread"]


@pytest.mark.parametrize(
    "arguments",
    [
        "",
        '(id: "D_1", number: 1)',
        '(number: 1, legacyUrl: "/x")',
        '(id: "D_1", number: 1, legacyUrl: "/x")',
        "(id: null)",
    ],
)
def test_a_discussion_is_named_by_exactly_one_argument(client: Client, arguments: str) -> None:
    answer = client.answer(f"{{ discussion{arguments} {{ id }} }}")
    assert answer.codes == ["BAD_ARGUMENT"] and answer.data == {"discussion": None}


def test_more_than_a_hundred_nodes_are_refused(client: Client) -> None:
    document = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    assert client.answer(document, {"ids": ["R_1"] * 101}).codes == ["BAD_ARGUMENT"]
    assert len(client.query(document, {"ids": ["R_999999"] * 100})["nodes"]) == 100


def test_optional_arguments_may_be_null(client: Client, grown: Grown) -> None:
    arguments = "first: null, after: null, last: null, before: null"
    more = ", root: null, maxDepth: null, around: null, aroundSequence: null"
    assert codes(client, grown, PAGED["thread"].format(arguments + more)) == []
    assert codes(client, grown, PAGED["replies"].format(arguments + ", orderBy: null")) == []
    assert (
        codes(
            client,
            grown,
            "discussions(first: null, after: null, orderBy: null, filter: null) { totalCount }",
            of="query",
        )
        == []
    )
