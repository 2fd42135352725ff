"""Flat lists of replies, page by page in every order they come in, and what each reply says of its place."""

import random
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

import db.users
from db.database import Transaction
from tests.db import writing
from tests.service.conftest import PEOPLE, Grown
from tests.support.backends import Backend
from tests.support.http import Client, Discussion, put
from tests.support.paging import PAGE, backward, whole

ORDERS = list(product(("SEQUENCE", "CREATED_AT"), ("ASC", "DESC")))
REPLIES = f"""
query ($id: ID!, $orderBy: ReplyOrder, $first: Int, $after: String, $last: Int, $before: String) {{
  node(id: $id) {{
    ... on Discussion {{
      list: replies(orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {{ ...page }}
    }}
    ... on Reply {{
      list: replies(orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {{ ...page }}
    }}
  }}
}}
fragment page on ReplyConnection {{ {PAGE} edges {{ cursor node {{ sequence }} }} }}
"""


@pytest.fixture
def imported(backend: Backend, client: Client) -> tuple[Discussion, list[datetime]]:
    """A discussion whose replies were written at moments out of order, some at the same, as imports bring them."""
    discussion = client.start_discussion("edith", "Brought here")
    chance = random.Random(2)
    moments = [datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=chance.randint(0, 6)) for _ in range(30)]

    async def add(tx: Transaction) -> None:
        author = await db.users.add_user(tx, db.users.Person("importer", "Importer"))
        parent: int | None = None
        for at, moment in enumerate(moments):
            tx.at = moment
            made, _ = await writing.add_reply(
                tx, discussion.number, author, parent if at % 4 else None, post=writing.draft("Old.")
            )
            parent = made if parent is None else parent

    put(backend.database_url, add)
    return discussion, moments


@pytest.mark.parametrize(("field", "direction"), ORDERS)
def test_replies_of_any_age_are_listed_in_every_order(
    client: Client, imported: tuple[Discussion, list[datetime]], field: str, direction: str
) -> None:
    discussion, moments = imported
    keys = {at: (moment, at) if field == "CREATED_AT" else (at,) for at, moment in enumerate(moments, start=1)}
    expected = sorted(keys, key=lambda at: keys[at], reverse=direction == "DESC")
    order = {"field": field, "direction": direction}
    for size in (1, 4, 30):
        for read in (whole, backward):
            found = read(client, REPLIES, size=size, id=discussion.id, orderBy=order)
            assert [node["sequence"] for node in found] == expected


@pytest.mark.parametrize(("field", "direction"), ORDERS)
def test_replies_are_listed_forward_and_backward_in_every_order(
    client: Client, grown: Grown, field: str, direction: str
) -> None:
    tree = grown.tree
    most = max(tree.sequences, key=lambda sequence: len(tree.answers(sequence)))
    leaf = next(sequence for sequence in tree.sequences if not tree.answers(sequence))
    order = {"field": field, "direction": direction}
    for node_id, listed, size in (
        (grown.discussion.id, list(tree.sequences), 25),
        (grown.id(most), tree.answers(most), 2),
        (grown.id(leaf), [], 3),
    ):
        expected = sorted(listed, reverse=direction == "DESC")
        for read in (whole, backward):
            found = read(client, REPLIES, size=size, id=node_id, orderBy=order)
            assert [node["sequence"] for node in found] == expected


@pytest.mark.parametrize(("field", "direction"), ORDERS)
def test_any_page_of_replies_between_two_cursors_is_that_of_the_model(
    client: Client, grown: Grown, field: str, direction: str
) -> None:
    chance = random.Random(field + direction)
    ordered = sorted(grown.tree.sequences, reverse=direction == "DESC")
    for _ in range(40):
        start, stop = chance.choice([-1, chance.randint(0, 109)]), chance.choice([110, chance.randint(0, 109)])
        between = ordered[start + 1 : stop] if start < stop else []
        size, end = chance.randint(1, 20), chance.choice(["first", "last"])
        page = between[:size] if end == "first" else between[-size:]
        told = client.query(
            REPLIES,
            {
                "id": grown.discussion.id,
                "orderBy": {"field": field, "direction": direction},
                end: size,
                "after": f"r{ordered[start]}" if start >= 0 else None,
                "before": f"r{ordered[stop]}" if stop < 110 else None,
            },
        )["node"]["list"]
        assert [edge["node"]["sequence"] for edge in told["edges"]] == page
        if page:
            assert told["pageInfo"]["hasPreviousPage"] == (page[0] != ordered[0])
            assert told["pageInfo"]["hasNextPage"] == (page[-1] != ordered[-1])


def test_replies_are_listed_by_number_in_pages_of_twenty_by_default(client: Client, grown: Grown) -> None:
    told = client.query(REPLIES, {"id": grown.discussion.id})["node"]["list"]
    assert [edge["node"]["sequence"] for edge in told["edges"]] == list(range(1, 21))
    assert told["totalCount"] == 110
    none = client.query(REPLIES, {"id": grown.discussion.id, "first": 0})["node"]["list"]
    assert none["edges"] == [] and none["pageInfo"]["hasNextPage"] is True


def test_an_empty_page_ends_at_the_cursor_it_was_asked_with(client: Client, grown: Grown) -> None:
    told = client.query(REPLIES, {"id": grown.discussion.id, "after": "r110"})["node"]["list"]
    assert told["pageInfo"] == {
        "startCursor": None,
        "endCursor": "r110",
        "hasNextPage": False,
        "hasPreviousPage": True,
    }


PLACES = """
query ($id: ID!, $first: Int, $last: Int) { discussion(id: $id) {
  replyCount participantCount
  replies(first: $first, last: $last) { nodes { id sequence path depth replyCount descendantCount
    replyTo { sequence } ancestors { sequence path } discussion { id } author { handle } } }
} }
"""


def test_every_reply_knows_its_place(client: Client, grown: Grown) -> None:
    # Ancestors and their paths may be 100 long each: more replies at once would be too costly.
    pages = [client.query(PLACES, {"id": grown.discussion.id, side: 40})["discussion"] for side in ("first", "last")]
    tree = grown.tree
    assert all(told["replyCount"] == 110 and told["participantCount"] == len(PEOPLE) for told in pages)
    for node in [node for told in pages for node in told["replies"]["nodes"]]:
        at = node["sequence"]
        above = tree.parents[at - 1]
        assert node == {
            "id": grown.id(at),
            "sequence": at,
            "path": tree.path(at),
            "depth": tree.depth(at),
            "replyCount": len(tree.answers(at)),
            "descendantCount": len(tree.descendants(at)),
            "replyTo": {"sequence": above} if above else None,
            "ancestors": [{"sequence": each, "path": tree.path(each)} for each in tree.path(at)[:-1]],
            "discussion": {"id": grown.discussion.id},
            "author": {"handle": grown.author(at)},
        }


def test_a_reply_is_found_by_its_number_in_the_discussion(client: Client, grown: Grown) -> None:
    document = "query ($id: ID!, $at: Int!) { discussion(id: $id) { reply(sequence: $at) { id sequence } } }"
    for at in (1, 2, 57, 110):
        found = client.query(document, {"id": grown.discussion.id, "at": at})["discussion"]["reply"]
        assert found == {"id": grown.id(at), "sequence": at}
    for at in (0, -1, 111, 2**31 - 1, -(2**31)):
        assert client.query(document, {"id": grown.discussion.id, "at": at})["discussion"]["reply"] is None
