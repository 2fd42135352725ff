"""`node` and `nodes`: whatever has an id is found by it, and what is no id finds nothing."""

from dataclasses import dataclass

import pytest

import db.categories
from tests.support.backends import Backend
from tests.support.http import Client, Discussion, put

NODE = """
query ($id: ID!) { node(id: $id) { __typename id
  ... on Post { body version state }
  ... on Discussion { title } ... on Reply { sequence } ... on Quote { bodyText status } ... on User { handle }
  ... on Category { slug } ... on Revision { version body }
} }
"""
NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
EDIT = "mutation ($input: EditReplyInput!) { editReply(input: $input) { errors { message } } }"
PARTS = """
query ($id: ID!) { discussion(id: $id) {
  author { id } reply(sequence: 2) { quotes { id } }
  first: reply(sequence: 1) { revisions { nodes { id version body } } }
} }
"""
GARBAGE = (
    "",
    " ",
    "R",
    "R_",
    "R_0",
    "R_-1",
    "R_01",
    "R_1x",
    " R_1",
    "r_1",
    "R_1 ",
    "R_1\n",
    "R_1_1",
    "V_1",
    "X_1",
    "Category:1",
    "R_\u0663",
    "R_999999999",
    "D_9223372036854775807",
    "U_9223372036854775808",
    "Q_99999999999999999999999999",
    "V_1_9223372036854775807",
    "R_1; DROP TABLE posts",
    "\u0000",
    "R_\ud7ff",
    "a" * 2_000,
)


@dataclass(frozen=True, slots=True)
class Things:
    """One of each type that has an id, by its name."""

    discussion: Discussion
    ids: dict[str, str]


@pytest.fixture(scope="session")
def things(backend: Backend, client: Client) -> Things:
    discussion = client.start_discussion("edith", "Of every kind", "The opening.")
    first = client.add_reply(discussion, "edith", "The sea is blue today.")
    second = client.add_reply(
        discussion,
        "radia",
        "> The sea is blue today.\n\nSo it is.",
        to=first["id"],
        quotes=[{"sourceId": first["id"], "text": "The sea is blue today."}],
    )
    client.write(EDIT, "edith", replyId=first["id"], expectedVersion=1, body="The sea is grey today.")
    category = put(
        backend.database_url, lambda tx: db.categories.category(tx, slug="node", name="Node", description=None)
    )
    parts = client.query(PARTS, {"id": discussion.id}, client.token("edith"))["discussion"]
    ids = {
        "Discussion": discussion.id,
        "Reply": second["id"],
        "Quote": parts["reply"]["quotes"][0]["id"],
        "User": parts["author"]["id"],
        "Category": f"C_{category}",
        "Revision": parts["first"]["revisions"]["nodes"][0]["id"],
    }
    return Things(discussion, ids)


def test_every_type_with_an_id_is_found_by_it(client: Client, things: Things) -> None:
    told = {
        name: client.query(NODE, {"id": node_id}, client.token("edith"))["node"] for name, node_id in things.ids.items()
    }
    assert all(node["__typename"] == name and node["id"] == things.ids[name] for name, node in told.items())
    assert told["Discussion"]["title"] == "Of every kind" and told["Discussion"]["body"] == "The opening."
    assert told["Reply"]["sequence"] == 2 and told["Reply"]["state"] == "VISIBLE"
    assert told["Quote"]["bodyText"] == "The sea is blue today." and told["Quote"]["status"] == "SOURCE_EDITED"
    assert told["User"]["handle"] == "edith" and told["Category"]["slug"] == "node"
    assert told["Revision"]["version"] == 1 and told["Revision"]["body"] == "The sea is blue today."


def test_nodes_keep_the_order_of_ids_with_null_for_missing_ones(client: Client, things: Things) -> None:
    ids = [*things.ids.values(), "R_999999", *reversed(things.ids.values()), "nonsense", things.ids["User"]]
    told = client.query(NODES, {"ids": ids}, client.token("edith"))["nodes"]
    names = {node_id: name for name, node_id in things.ids.items()}
    assert told == [{"__typename": names[each], "id": each} if each in names else None for each in ids]
    assert client.query(NODES, {"ids": []}) == {"nodes": []}


def test_what_is_no_id_finds_nothing(client: Client, things: Things) -> None:
    for text in GARBAGE:
        assert client.query(NODE, {"id": text}) == {"node": None}, text
    assert client.query(NODES, {"ids": list(GARBAGE)}) == {"nodes": [None] * len(GARBAGE)}


def test_an_id_of_another_type_finds_nothing_where_one_type_is_meant(client: Client, things: Things) -> None:
    document = "query ($id: ID!) { discussion(id: $id) { id } }"
    for name, node_id in things.ids.items():
        found = client.query(document, {"id": node_id})["discussion"]
        assert found == ({"id": node_id} if name == "Discussion" else None)


def test_a_revision_is_found_by_its_author_and_moderators_only(client: Client, things: Things) -> None:
    wanted = {"id": things.ids["Revision"]}
    readers = {
        "nobody": None,
        "another": client.token("radia"),
        "author": client.token("edith"),
        "moderator": client.token("radia", moderator=True),
    }
    found = [who for who, token in readers.items() if client.query(NODE, wanted, token)["node"] is not None]
    assert found == ["author", "moderator"]


def test_a_discussion_is_found_by_its_number(client: Client, things: Things) -> None:
    document = "query ($number: Int!) { discussion(number: $number) { id number } }"
    told = client.query(document, {"number": things.discussion.number})["discussion"]
    assert told == {"id": things.discussion.id, "number": things.discussion.number}
    for number in (0, -1, 2**31 - 1, -(2**31)):
        assert client.query(document, {"number": number}) == {"discussion": None}
