"""Lists across discussions: what people wrote and started, categories, and discussions in every order and filter."""

import random
from collections.abc import Sequence
from datetime import datetime
from itertools import product
from typing import Any

import pytest

import db.categories
from db.database import Transaction
from tests.support.backends import Backend
from tests.support.http import Client, Data, Discussion, put
from tests.support.paging import PAGE, forward, whole

LISTS = list(product(("LAST_ACTIVITY_AT", "CREATED_AT", "REPLY_COUNT"), ("ASC", "DESC")))

OF_USER = f"""
query ($handle: String!, $first: Int, $after: String) {{
  node: user(handle: $handle) {{ list: replies(first: $first, after: $after) {{
    {PAGE} edges {{ cursor node {{ id }} }} }} }}
}}
"""
STARTED = f"""
query ($handle: String!, $first: Int, $after: String) {{
  node: user(handle: $handle) {{ list: discussions(first: $first, after: $after) {{
    {PAGE} edges {{ cursor node {{ id }} }} }} }}
}}
"""


def test_what_a_person_wrote_is_listed_newest_first(client: Client) -> None:
    first = client.start_discussion("radia", "One")
    second = client.start_discussion("barbara", "Two")
    written = [client.add_reply(chosen, "writer")["id"] for chosen in (first, second, first, first, second)]
    for size in (1, 2, 5, 50):
        found = whole(client, OF_USER, size=size, handle="writer")
        assert [node["id"] for node in found] == written[::-1]
    client.write(
        "mutation ($input: DeleteReplyInput!) { deleteReply(input: $input) { errors { message } } }",
        "writer",
        replyId=written[1],
    )
    found = whole(client, OF_USER, size=2, handle="Writer")
    assert [node["id"] for node in found] == [written[4], written[3], written[2], written[0]]


def test_what_a_person_started_is_listed_newest_first(client: Client) -> None:
    started = [client.start_discussion("starter", f"Number {at}").id for at in range(5)]
    for size in (1, 2, 50):
        found = whole(client, STARTED, size=size, handle="starter")
        assert [node["id"] for node in found] == started[::-1]
    assert whole(client, STARTED, size=5, handle="starter") and whole(client, OF_USER, size=5, handle="starter") == []


def test_an_unknown_handle_finds_no_user(client: Client) -> None:
    assert client.query('{ user(handle: "no such person") { id } }') == {"user": None}
    client.start_discussion("edith", "Somebody is here")
    found = client.query('{ at: user(handle: "@Edith") { handle } plain: user(handle: "edith") { handle } }')
    assert found == {"at": {"handle": "edith"}, "plain": {"handle": "edith"}}


CATEGORIES = f"""
query ($first: Int, $after: String) {{ list: categories(first: $first, after: $after) {{
  {PAGE} edges {{ cursor node {{ id slug name description }} }} }} }}
"""
SHOWN = "id number title locked pinned replyCount createdAt lastActivityAt author { id } category { id }"
DISCUSSIONS = f"""
query ($orderBy: DiscussionOrder, $filter: DiscussionFilter, $first: Int, $after: String) {{
  list: discussions(orderBy: $orderBy, filter: $filter, first: $first, after: $after) {{
    {PAGE} edges {{ cursor node {{ {SHOWN} }} }} }}
}}
"""
OF_CATEGORY = f"""
query ($slug: String!, $orderBy: DiscussionOrder, $first: Int, $after: String) {{
  node: category(slug: $slug) {{ list: discussions(orderBy: $orderBy, first: $first, after: $after) {{
    {PAGE} edges {{ cursor node {{ {SHOWN} }} }} }} }}
}}
"""
KEYS = {"LAST_ACTIVITY_AT": "lastActivityAt", "CREATED_AT": "createdAt", "REPLY_COUNT": "replyCount"}


@pytest.fixture(scope="session")
def shelves(backend: Backend, client: Client) -> list[str]:
    """The ids of two categories with discussions of several people in and outside them, busy and quiet, some locked."""

    async def add(tx: Transaction) -> list[int]:
        return [
            await db.categories.category(tx, slug=slug, name=slug.title(), description=described)
            for slug, described in (("birds", "All that flies."), ("boats", None), ("empty", None))
        ]

    ids = [f"C_{number}" for number in put(backend.database_url, add)]
    chance = random.Random(9)
    started: list[Discussion] = []
    for at in range(14):
        category = chance.choice([None, ids[0], ids[1]])
        started.append(client.start_discussion(("edith", "radia")[at % 2], f"Shelved {at}", categoryId=category))
    for _ in range(16):
        client.add_reply(chance.choice(started), "barbara")
    for at in (2, 3, 8, 13):
        client.write(
            "mutation ($input: LockDiscussionInput!) { lockDiscussion(input: $input) { errors { message } } }",
            "edith",
            moderator=True,
            discussionId=started[at].id,
        )
    for at in (0, 3, 5, 9):
        client.write(
            "mutation ($input: PinDiscussionInput!) { pinDiscussion(input: $input) { errors { message } } }",
            "edith",
            moderator=True,
            discussionId=started[at].id,
        )
    client.write(
        "mutation ($input: DeleteDiscussionInput!) { deleteDiscussion(input: $input) { errors { message } } }",
        "edith",
        moderator=True,
        discussionId=client.start_discussion("edith", "Gone", categoryId=ids[0]).id,
    )
    return ids


def in_order(nodes: Sequence[Data], field: str, direction: str) -> list[str]:
    """The ids as they should come; a tie goes by the number, in the same direction."""

    def key(node: Data) -> tuple[Any, int]:
        value = node[KEYS[field]]
        moment = value if field == "REPLY_COUNT" else datetime.fromisoformat(value)
        return moment, node["number"]

    return [node["id"] for node in sorted(nodes, key=key, reverse=direction == "DESC")]


@pytest.mark.parametrize(("field", "direction"), LISTS)
def test_discussions_are_listed_in_every_order_and_none_is_lost_or_doubled(
    client: Client, shelves: list[str], field: str, direction: str
) -> None:
    order = {"field": field, "direction": direction}
    everything = whole(client, DISCUSSIONS, size=100)
    assert len({node["id"] for node in everything}) == len(everything)
    assert "Gone" not in {node["title"] for node in everything} and "" not in {node["title"] for node in everything}
    expected = in_order(everything, field, direction)
    for size in (3, 7, 100):
        assert [node["id"] for node in whole(client, DISCUSSIONS, size=size, orderBy=order)] == expected


def test_discussions_are_ordered_by_last_activity_by_default(client: Client, shelves: list[str]) -> None:
    everything = whole(client, DISCUSSIONS, size=100)
    expected = in_order(everything, "LAST_ACTIVITY_AT", "DESC")
    assert [node["id"] for node in everything] == expected
    told = client.query("{ discussions { nodes { id } } }")["discussions"]["nodes"]
    assert [node["id"] for node in told] == expected[:20]


@pytest.mark.parametrize(("field", "direction"), LISTS)
def test_filters_hold_together_in_every_order(client: Client, shelves: list[str], field: str, direction: str) -> None:
    people = {node["author"]["id"] for node in whole(client, DISCUSSIONS, size=100) if node["author"]}
    edith = client.query('{ user(handle: "edith") { id } }')["user"]["id"]
    assert edith in people
    everything = whole(client, DISCUSSIONS, size=100)
    order = {"field": field, "direction": direction}
    shelved, either = ("any", None, *shelves), (None, True, False)
    for category, author, locked, pinned in product(shelved, (None, edith), either, either):
        chosen: Data = {"authorId": author, "locked": locked, "pinned": pinned}
        if category != "any":
            chosen["categoryId"] = category
        matching = [
            node
            for node in everything
            if category in ("any", (node["category"] or {"id": None})["id"])
            and author in (None, node["author"]["id"])
            and locked in (None, node["locked"])
            and pinned in (None, node["pinned"])
        ]
        found = whole(client, DISCUSSIONS, size=4, orderBy=order, filter=chosen)
        assert [node["id"] for node in found] == in_order(matching, field, direction), chosen


def test_a_filter_by_what_does_not_exist_lists_nothing(client: Client, shelves: list[str]) -> None:
    for chosen in ({"categoryId": "C_999999"}, {"categoryId": "birds"}, {"authorId": "R_1"}, {"authorId": ""}):
        assert whole(client, DISCUSSIONS, size=5, filter=chosen) == []


@pytest.mark.parametrize(("field", "direction"), LISTS)
def test_a_category_lists_its_discussions_in_every_order(
    client: Client, shelves: list[str], field: str, direction: str
) -> None:
    everything = whole(client, DISCUSSIONS, size=100)
    for slug, category in zip(("birds", "boats", "empty"), shelves, strict=True):
        inside = [node for node in everything if node["category"] == {"id": category}]
        expected = in_order(inside, field, direction)
        assert bool(expected) == (slug != "empty")
        for size in (1, 3, 100):
            order = {"field": field, "direction": direction}
            found = whole(client, OF_CATEGORY, size=size, slug=slug, orderBy=order)
            assert [node["id"] for node in found] == expected


def test_categories_are_listed_and_found_by_their_slug(client: Client, shelves: list[str]) -> None:
    for size in (1, 2, 50):
        found = whole(client, CATEGORIES, size=size)
        ids = [node["id"] for node in found]
        assert ids == sorted(ids, key=lambda each: int(each.removeprefix("C_")))
        assert [each for each in ids if each in shelves] == shelves and len(set(ids)) == len(ids)
    birds = client.query('{ category(slug: "birds") { id slug name description } }')["category"]
    assert birds == {"id": shelves[0], "slug": "birds", "name": "Birds", "description": "All that flies."}
    assert client.query('{ category(slug: "Birds!") { id } }') == {"category": None}


def test_replies_during_a_read_by_activity_repeat_no_other_discussion(client: Client, shelves: list[str]) -> None:
    started = [client.start_discussion("reader", f"Read {at}") for at in range(6)]
    author = client.query('{ user(handle: "reader") { id } }')["user"]["id"]
    order = {"field": "LAST_ACTIVITY_AT", "direction": "DESC"}
    pages = forward(client, DISCUSSIONS, size=2, orderBy=order, filter={"authorId": author})
    found = [edge["node"]["id"] for edge in next(pages)["edges"]]
    # The oldest moves to the front, behind the reader; what stays where it was is still read once.
    client.add_reply(started[0], "edith")
    found += [edge["node"]["id"] for page in pages for edge in page["edges"]]
    assert found == [each.id for each in started[:0:-1]]
