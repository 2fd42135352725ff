"""Flat lists: replies, people's posts, discussions and categories, page by page in every order they come in."""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

import db.categories
import db.discussions
import db.posts
import db.replies
import db.users
from db.database import Transaction
from db.limits import Limits
from tests.conftest import Backend
from tests.service.client import Client, Data, Discussion, put
from tests.service.conftest import PEOPLE, Grown
from tests.service.trees import Tree

ORDERS = list(product(("SEQUENCE", "CREATED_AT"), ("ASC", "DESC")))
LISTS = list(product(("LAST_ACTIVITY_AT", "CREATED_AT", "REPLY_COUNT"), ("ASC", "DESC")))
PAGE = "totalCount pageInfo { startCursor endCursor hasNextPage hasPreviousPage }"

REPLIES = f"""
query ($id: ID!, $orderBy: ReplyOrder, $first: Int, $after: String, $last: Int, $before: String) {{
  node(id: $id) {{
    ... on Discussion {{ list: replies(orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {{ ...page }} }}
    ... on Reply {{ list: replies(orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {{ ...page }} }}
  }}
}}
fragment page on ReplyConnection {{ {PAGE} edges {{ cursor node {{ sequence }} }} }}
"""


def forward(client: Client, document: str, *, size: int, **variables: Any) -> Iterator[Data]:
    """The pages of the list that `document` aliases as `list`, from the first to the last, each checked for itself."""
    after: str | None = None
    while True:
        found = client.query(document, {"first": size, "after": after} | variables)
        page = (found["node"] if "node" in found else found)["list"]
        assert page["pageInfo"]["hasPreviousPage"] == (after is not None)
        assert len(page["edges"]) == size or not page["pageInfo"]["hasNextPage"]
        if page["edges"]:
            assert page["pageInfo"]["startCursor"] == page["edges"][0]["cursor"]
            assert page["pageInfo"]["endCursor"] == page["edges"][-1]["cursor"]
        yield page
        if not page["pageInfo"]["hasNextPage"]:
            return
        assert page["edges"], "A page that has a next one is not empty."
        after = page["pageInfo"]["endCursor"]


def whole(client: Client, document: str, *, size: int, **variables: Any) -> list[Data]:
    """All nodes of a list, put together from its pages; their number is what every page said it would be."""
    pages = list(forward(client, document, size=size, **variables))
    nodes = [edge["node"] for page in pages for edge in page["edges"]]
    assert {page["totalCount"] for page in pages} == {len(nodes)}
    return nodes


def backward(client: Client, document: str, *, size: int, **variables: Any) -> list[Data]:
    """All nodes of a list, put together from its pages from the last to the first."""
    nodes: list[Data] = []
    before: str | None = None
    while True:
        page = client.query(document, {"last": size, "before": before} | variables)["node"]["list"]
        assert page["pageInfo"]["hasNextPage"] == (before is not None)
        nodes = [edge["node"] for edge in page["edges"]] + nodes
        assert page["pageInfo"]["hasPreviousPage"] == (len(nodes) < page["totalCount"])
        if not page["pageInfo"]["hasPreviousPage"]:
            return nodes
        before = page["pageInfo"]["startCursor"]


# Replies of a discussion and of a reply.


@pytest.fixture
def imported(backend: Backend, client: Client) -> tuple[Discussion, list[datetime]]:
    """A discussion whose replies were written at moments out of order, some of them at the same, as imports bring them."""
    discussion = client.start_discussion("edith", "Brought here")
    chance = random.Random(2)
    moments = [datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=chance.randint(0, 6)) for _ in range(30)]

    async def add(tx: Transaction) -> None:
        author = await db.users.add_user(tx, db.users.Person("importer", "Importer"))
        parent: int | None = None
        for at, moment in enumerate(moments):
            post = db.posts.PostDraft("Old.", "<p>Old.</p>", "Old.", created_at=moment)
            draft = db.replies.ReplyDraft(discussion.number, parent if at % 4 else None, post)
            made, _ = await db.replies.add_reply(tx, draft, db.posts.Actor(author), Limits())
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
    for node_id, expected, size in (
        (grown.discussion.id, list(tree.sequences), 25),
        (grown.id(most), tree.answers(most), 2),
        (grown.id(leaf), [], 3),
    ):
        expected = sorted(expected, reverse=direction == "DESC")
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


def test_replies_are_listed_by_number_twenty_at_a_time_unless_asked_otherwise(client: Client, grown: Grown) -> None:
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


# What a reply says of its place.

PLACES = """
query ($id: ID!) { discussion(id: $id) {
  replyCount participantCount
  replies(first: 100) { nodes { id sequence path depth replyCount descendantCount
    replyTo { sequence } ancestors { sequence path } discussion { id } author { handle } } }
} }
"""


def test_every_reply_knows_its_place(client: Client, grown: Grown) -> None:
    told = client.query(PLACES, {"id": grown.discussion.id})["discussion"]
    tree = grown.tree
    assert told["replyCount"] == 110 and told["participantCount"] == len(PEOPLE)
    for node in told["replies"]["nodes"]:
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


# People.

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


def test_nobody_is_found_by_a_name_nobody_has(client: Client) -> None:
    assert client.query('{ user(handle: "no such person") { id } }') == {"user": None}
    found = client.query('{ at: user(handle: "@Edith") { handle } plain: user(handle: "edith") { handle } }')
    assert found == {"at": {"handle": "edith"}, "plain": {"handle": "edith"}}


# Discussions and categories.

CATEGORIES = f"""
query ($first: Int, $after: String) {{ list: categories(first: $first, after: $after) {{
  {PAGE} edges {{ cursor node {{ id slug name description }} }} }} }}
"""
SHOWN = "id number title locked replyCount createdAt lastActivityAt author { id } category { id }"
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


def test_discussions_come_by_last_activity_newest_first_unless_asked_otherwise(
    client: Client, shelves: list[str]
) -> None:
    everything = whole(client, DISCUSSIONS, size=100)
    expected = in_order(everything, "LAST_ACTIVITY_AT", "DESC")
    assert [node["id"] for node in everything] == expected
    told = client.query("{ discussions { nodes { id } } }")["discussions"]["nodes"]
    assert [node["id"] for node in told] == expected[:20]


@pytest.mark.parametrize(("field", "direction"), LISTS)
def test_filters_hold_together_in_every_order(
    client: Client, shelves: list[str], field: str, direction: str
) -> None:
    people = {node["author"]["id"] for node in whole(client, DISCUSSIONS, size=100) if node["author"]}
    edith = client.query('{ user(handle: "edith") { id } }')["user"]["id"]
    assert edith in people
    everything = whole(client, DISCUSSIONS, size=100)
    order = {"field": field, "direction": direction}
    for category, author, locked in product(("any", None, *shelves), (None, edith), (None, True, False)):
        chosen: Data = {"authorId": author, "locked": locked}
        if category != "any":
            chosen["categoryId"] = category
        matching = [
            node
            for node in everything
            if category in ("any", (node["category"] or {"id": None})["id"])
            and author in (None, node["author"]["id"])
            and locked in (None, node["locked"])
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


def test_replying_while_a_list_by_activity_is_read_doubles_nothing_that_stays(
    client: Client, shelves: list[str]
) -> None:
    tree = Tree([0])
    started = [client.start_discussion("reader", f"Read {at}") for at in range(6)]
    author = client.query('{ user(handle: "reader") { id } }')["user"]["id"]
    order = {"field": "LAST_ACTIVITY_AT", "direction": "DESC"}
    pages = forward(client, DISCUSSIONS, size=2, orderBy=order, filter={"authorId": author})
    found = [edge["node"]["id"] for edge in next(pages)["edges"]]
    # The oldest moves to the front, behind the reader; what stays where it was is still read once.
    client.add_replies(started[0], tree.parents, ["edith"])
    found += [edge["node"]["id"] for page in pages for edge in page["edges"]]
    assert found == [each.id for each in started[:0:-1]]
