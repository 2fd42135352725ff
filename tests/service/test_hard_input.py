"""Input that is meant to hurt is refused, alike on both databases; it neither stops the server nor fills its log."""

from functools import partial

import pytest

from db import users
from db.database import Database
from tests.support.http import Client
from tests.support.servers import Parley


@pytest.mark.parametrize(
    "field",
    [
        'user(handle: "a\\u0000b") { id }',
        'category(slug: "a\\u0000b") { id }',
        'discussion(legacyUrl: "/forum/topics/a%00b") { id }',
        'post(legacyUrl: "/forum/topics/a%00b") { id }',
        'node(id: "R_\\u00001") { id }',
    ],
)
def test_what_no_database_can_hold_is_not_there(client: Client, field: str) -> None:
    assert client.query(f"{{ it: {field} }}") == {"it": None}


@pytest.mark.parametrize("cursor", ["v9999999999999999999", "v9223372036854775807", "v-1", "v", "9"])
def test_an_invalid_cursor_of_versions_is_rejected(client: Client, cursor: str) -> None:
    discussion = client.start_discussion("edith", "Versions")
    query = (
        "query ($id: ID!, $at: String) { node(id: $id) { ... on Discussion { revisions(after: $at) { totalCount } } } }"
    )
    answer = client.answer(query, {"id": discussion.id, "at": cursor}, client.token("edith"))
    assert answer.codes == ["BAD_CURSOR"]


def test_a_depth_beyond_all_trees_is_no_fault(client: Client) -> None:
    discussion = client.start_discussion("edith", "Depth")
    root, _, _ = client.add_replies(discussion, [0, 1, 2], ["edith"])
    query = """query ($id: ID!, $root: ID!, $deep: Int!) { node(id: $id) { ... on Discussion {
      thread(root: $root, maxDepth: $deep) { totalCount nodes { sequence } } } } }"""
    for deep in (499, 500, 2**31 - 1):
        thread = client.query(query, {"id": discussion.id, "root": root, "deep": deep})["node"]["thread"]
        assert thread == {"totalCount": 2, "nodes": [{"sequence": 2}, {"sequence": 3}]}


def test_an_edit_of_the_quotes_alone_keeps_to_the_limit_of_the_body(client: Client) -> None:
    discussion = client.start_discussion("edith", "Growing")
    source = client.add_reply(discussion, "edith")["id"]
    edit = """mutation ($input: EditDiscussionInput!) { editDiscussion(input: $input) {
      errors { code } discussion { version } } }"""
    codes = []
    for version, word in ((1, "long "), (2, "more ")):
        quote = {"sourceId": source, "text": word * 12_000}
        given = {"discussionId": discussion.id, "expectedVersion": version, "quotes": [quote]}
        payload = client.query(edit, {"input": given}, client.token("edith"))["editDiscussion"]
        codes.append([error["code"] for error in payload["errors"]])
    assert codes == [[], ["BODY_TOO_LONG"]]


def test_many_long_quotes_are_measured_before_they_are_parsed(client: Client) -> None:
    discussion = client.start_discussion("edith", "Measured")
    source = client.add_reply(discussion, "edith")["id"]
    quotes = [{"sourceId": source, "text": "*a_" * 13_000}] * 20
    add = "mutation ($input: AddReplyInput!) { addReply(input: $input) { errors { code path } } }"
    given = {"discussionId": discussion.id, "body": "short", "quotes": quotes}
    payload = client.query(add, {"input": given}, client.token("edith"))["addReply"]
    assert [error["code"] for error in payload["errors"]] == ["BODY_TOO_LONG"]


@pytest.mark.anyio
async def test_a_user_added_by_a_concurrent_request_is_the_same_user(database: Database) -> None:
    person = users.Person("ada", "Ada", legacy_id="ning:1:ada")
    first = await database.write(lambda tx: users.add_user(tx, person))
    assert await database.write(lambda tx: users.add_user(tx, person)) == first


@pytest.mark.anyio
async def test_users_who_want_one_handle_get_different_ones(database: Database) -> None:
    people = [users.Person("user", "User", issuer="x", subject=str(at)) for at in range(30)]
    made = [await database.write(partial(users.add_user, person=person)) for person in people]
    rows = await database.rows(users.by_ids, ids=made)
    assert len({row.handle for row in rows}) == 30


def test_nothing_of_the_sort_left_a_traceback(client: Client, parley: Parley) -> None:
    client.query("{ site { name } }")
    assert "Traceback" not in parley.log()
