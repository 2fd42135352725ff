"""`Discussion.thread`: replies in reading order, compared with a tree walked in plain Python."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.service.conftest import Grown
from tests.support.http import Client, Data, Discussion
from tests.support.trees import Tree, around
from tests.support.trees import grown as grow

ORDERS = ("OLDEST", "NEWEST")

THREAD = """
query ($id: ID!, $root: ID, $maxDepth: Int, $order: SiblingOrder! = OLDEST, $first: Int, $after: String, $last: Int,
       $before: String, $around: ID, $aroundSequence: Int) {
  discussion(id: $id) {
    thread(root: $root, maxDepth: $maxDepth, order: $order, first: $first, after: $after, last: $last, before: $before,
           around: $around, aroundSequence: $aroundSequence) {
      totalCount
      pageInfo { startCursor endCursor hasNextPage hasPreviousPage }
      edges { cursor depth hiddenDescendantCount node { sequence depth } }
    }
  }
}
"""


def read(client: Client, discussion: Discussion, **arguments: Any) -> Data:
    """The thread connection for these arguments, which must be good."""
    thread: Data = client.query(THREAD, {"id": discussion.id} | arguments)["discussion"]["thread"]
    return thread


def sequences(thread: Data) -> list[int]:
    return [edge["node"]["sequence"] for edge in thread["edges"]]


def ends(thread: Data) -> tuple[bool, bool]:
    """Whether there is something before the page, and after it."""
    return thread["pageInfo"]["hasPreviousPage"], thread["pageInfo"]["hasNextPage"]


@dataclass(frozen=True, slots=True)
class View:
    """A choice of the arguments that say what a thread shows, and what the model says to it."""

    order: str
    root: int
    max_depth: int | None

    def arguments(self, grown: Grown) -> Data:
        chosen: Data = {"order": self.order}
        if self.root:
            chosen["root"] = grown.id(self.root)
        if self.max_depth is not None:
            chosen["maxDepth"] = self.max_depth
        return chosen

    def thread(self, tree: Tree) -> list[int]:
        return tree.thread(newest=self.order == "NEWEST", root=self.root, max_depth=self.max_depth)

    def hidden(self, tree: Tree, sequence: int) -> int:
        top = tree.depth(self.root) + 1 if self.root else 0
        at_the_bottom = self.max_depth is not None and tree.depth(sequence) - top == self.max_depth
        return len(tree.descendants(sequence)) if at_the_bottom else 0


def views(tree: Tree) -> Iterator[View]:
    """Every order with and without a depth, below the opening post, the largest sub-tree, a middling one and a leaf."""
    by_size = sorted(tree.sequences, key=lambda sequence: len(tree.descendants(sequence)))
    for order in ORDERS:
        for root in (0, by_size[-1], by_size[-8], by_size[0]):
            for max_depth in (None, 0, 1, 3, 50):
                yield View(order, root, max_depth)


def test_a_thread_is_read_reply_by_reply_each_followed_by_its_answers(client: Client, grown: Grown) -> None:
    for view in views(grown.tree):
        thread = read(client, grown.discussion, first=500, **view.arguments(grown))
        expected = view.thread(grown.tree)
        assert sequences(thread) == expected, view
        assert thread["totalCount"] == len(expected), view
        assert ends(thread) == (False, False), view
        assert [edge["depth"] for edge in thread["edges"]] == [grown.tree.depth(each) for each in expected], view
        assert all(edge["depth"] == edge["node"]["depth"] for edge in thread["edges"])
        hidden = [edge["hiddenDescendantCount"] for edge in thread["edges"]]
        assert hidden == [view.hidden(grown.tree, each) for each in expected], view


def test_what_is_hidden_and_what_is_shown_make_the_whole(client: Client, grown: Grown) -> None:
    for max_depth in range(8):
        thread = read(client, grown.discussion, first=500, maxDepth=max_depth)
        hidden = sum(edge["hiddenDescendantCount"] for edge in thread["edges"])
        assert len(thread["edges"]) + hidden == len(grown.tree.parents)


def test_paths_compared_as_lists_of_numbers_give_the_reading_order(client: Client, grown: Grown) -> None:
    document = """
    query ($id: ID!, $order: SiblingOrder!) {
      discussion(id: $id) { thread(order: $order, first: 500) { nodes { path } } }
    }
    """
    for order, sign in (("OLDEST", 1), ("NEWEST", -1)):
        told = client.query(document, {"id": grown.discussion.id, "order": order})["discussion"]["thread"]["nodes"]
        given = [node["path"] for node in told]
        assert given == sorted(given, key=lambda path: [sign * number for number in path])
        assert sorted(given) == sorted(grown.tree.path(each) for each in grown.tree.sequences)


@pytest.mark.parametrize("size", [1, 7, 50])
def test_pages_read_forward_to_the_end_are_the_thread(client: Client, grown: Grown, size: int) -> None:
    for view in views(grown.tree):
        if size == 1 and view.root == 0:
            continue
        expected, after = view.thread(grown.tree), None
        found: list[int] = []
        while True:
            thread = read(client, grown.discussion, first=size, after=after, **view.arguments(grown))
            assert thread["totalCount"] == len(expected)
            has_previous, has_next = ends(thread)
            assert has_previous == bool(found), view
            found += sequences(thread)
            assert has_next == (len(found) < len(expected)), view
            if not has_next:
                break
            after = thread["pageInfo"]["endCursor"]
        assert found == expected, view


@pytest.mark.parametrize("size", [1, 7, 50])
def test_pages_read_backward_to_the_start_are_the_thread(client: Client, grown: Grown, size: int) -> None:
    for view in views(grown.tree):
        if size == 1 and view.root == 0:
            continue
        expected, before = view.thread(grown.tree), None
        found: list[int] = []
        while True:
            thread = read(client, grown.discussion, last=size, before=before, **view.arguments(grown))
            has_previous, has_next = ends(thread)
            assert has_next == bool(found), view
            found = sequences(thread) + found
            assert has_previous == (len(found) < len(expected)), view
            if not has_previous:
                break
            before = thread["pageInfo"]["startCursor"]
        assert found == expected, view


def test_any_page_between_any_two_replies_is_that_of_the_model(client: Client, grown: Grown) -> None:
    chance = random.Random(11)
    choices = list(views(grown.tree))
    for _ in range(200):
        view = chance.choice(choices)
        thread = view.thread(grown.tree)
        # Bounds from anywhere below the root, shown or hidden: a hidden reply stands where it would be shown.
        whole = View(view.order, view.root, None).thread(grown.tree)
        after = chance.choice([None, *whole])
        before = chance.choice([None, *whole])
        place = {reply: at for at, reply in enumerate(whole)}
        start = -1 if after is None else place[after]
        stop = len(whole) if before is None else place[before]
        between = [reply for reply in thread if start < place[reply] < stop]
        size = chance.randint(0, 12)
        backward = chance.random() < 0.5
        page = (between[-size:] if size else []) if backward else between[:size]
        told = read(
            client,
            grown.discussion,
            after=None if after is None else f"r{after}",
            before=None if before is None else f"r{before}",
            **{"last" if backward else "first": size},
            **view.arguments(grown),
        )
        asked = (view, after, before, size, backward)
        assert sequences(told) == page, asked
        assert told["totalCount"] == len(thread), asked
        if page:
            assert ends(told) == (page[0] != thread[0], page[-1] != thread[-1]), asked


def test_cursors_name_the_reply_whatever_the_order_root_and_depth(client: Client, grown: Grown) -> None:
    cursors: dict[int, set[str]] = {}
    for view in views(grown.tree):
        for edge in read(client, grown.discussion, first=500, **view.arguments(grown))["edges"]:
            cursors.setdefault(edge["node"]["sequence"], set()).add(edge["cursor"])
    assert all(len(given) == 1 for given in cursors.values())
    (flat,) = client.query(
        "query ($id: ID!) { discussion(id: $id) { replies(first: 1, after: null) { edges { cursor } } } }",
        {"id": grown.discussion.id},
    )["discussion"]["replies"]["edges"]
    assert cursors[1] == {flat["cursor"]}


def test_a_cursor_from_outside_the_root_is_refused(client: Client, grown: Grown) -> None:
    tree = grown.tree
    root = max(tree.sequences, key=lambda sequence: len(tree.descendants(sequence)) if sequence > 1 else 0)
    outside = next(each for each in tree.sequences if each != root and root not in tree.path(each))
    for bound in ("after", "before"):
        for named in (outside, root):
            answer = client.answer(THREAD, {"id": grown.discussion.id, "root": grown.id(root), bound: f"r{named}"})
            assert answer.codes == ["BAD_CURSOR"]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("first", [0, 1, 2, 5, 8, 109, 110, 111])
def test_around_puts_the_reply_in_the_middle_and_shifts_at_the_ends(
    client: Client, grown: Grown, order: str, first: int
) -> None:
    whole = grown.tree.thread(newest=order == "NEWEST")
    for at in sorted({0, 1, 2, 3, 4, 50, 51, 105, 106, 107, 108, 109}):
        middle = whole[at]
        expected = around(whole, middle, first)
        told = read(client, grown.discussion, order=order, first=first, aroundSequence=middle)
        assert sequences(told) == expected, middle
        assert told["totalCount"] == len(whole)
        if expected:
            assert ends(told) == (expected[0] != whole[0], expected[-1] != whole[-1]), middle
        by_id = read(client, grown.discussion, order=order, first=first, around=grown.id(middle))
        assert by_id == told, middle


def test_around_a_hidden_reply_centers_its_nearest_shown_ancestor(client: Client, grown: Grown) -> None:
    chance = random.Random(5)
    for view in views(grown.tree):
        thread = view.thread(grown.tree)
        below = grown.tree.thread(root=view.root)
        for middle in chance.sample(below, min(5, len(below))):
            shown = grown.tree.shown(middle, root=view.root, max_depth=view.max_depth)
            first = chance.randint(1, 9)
            told = read(client, grown.discussion, first=first, aroundSequence=middle, **view.arguments(grown))
            expected = around(thread, shown, first)
            assert sequences(told) == expected, (view, middle, first)
            assert ends(told) == (expected[0] != thread[0], expected[-1] != thread[-1]), (view, middle, first)


def test_around_without_first_gives_a_page_of_fifty(client: Client, grown: Grown) -> None:
    whole = grown.tree.thread()
    told = read(client, grown.discussion, aroundSequence=whole[60])
    assert sequences(told) == around(whole, whole[60], 50)


def test_a_page_has_fifty_replies_unless_asked_otherwise(client: Client, grown: Grown) -> None:
    assert sequences(read(client, grown.discussion)) == grown.tree.thread()[:50]


@pytest.mark.parametrize("order", ORDERS)
def test_paging_while_replies_arrive_skips_and_repeats_nothing(client: Client, order: str) -> None:
    tree = grow(24, seed=3)
    discussion = client.start_discussion("edith", "Still lively")
    ids = client.add_replies(discussion, tree.parents, ["edith"])
    chance = random.Random(4)
    found: list[int] = []
    after, has_next = None, True
    while has_next:
        told = read(client, discussion, order=order, first=5, after=after)
        found += sequences(told)
        after, has_next = told["pageInfo"]["endCursor"], told["pageInfo"]["hasNextPage"]
        for _ in range(2):
            client.add_reply(discussion, "radia", to=chance.choice([None, *ids]))
            if len(found) > 60:
                has_next = False
    assert len(found) == len(set(found))
    assert [each for each in found if each <= 24] == tree.thread(newest=order == "NEWEST")


def test_a_tombstone_keeps_its_place_its_answers_and_every_count(client: Client) -> None:
    tree = Tree([0, 1, 2, 1, 0, 5])
    discussion = client.start_discussion("edith", "With a gap")
    ids = client.add_replies(discussion, tree.parents, ["edith", "radia"])
    before = [read(client, discussion, order=order, maxDepth=depth) for order in ORDERS for depth in (0, 1, 9)]
    client.write(
        "mutation ($input: DeleteReplyInput!) { deleteReply(input: $input) { errors { message } } }",
        "edith",
        replyId=ids[0],
    )
    after = [read(client, discussion, order=order, maxDepth=depth) for order in ORDERS for depth in (0, 1, 9)]
    assert after == before
    shown = client.query(
        """query ($id: ID!) { discussion(id: $id) {
            replyCount reply(sequence: 1) { state body author { handle } replyCount }
        } }""",
        {"id": discussion.id},
    )["discussion"]
    assert shown["replyCount"] == 6
    assert shown["reply"] == {"state": "DELETED", "body": "", "author": None, "replyCount": 2}


def test_a_discussion_without_replies_has_an_empty_thread(client: Client) -> None:
    discussion = client.start_discussion("edith", "Quiet")
    for arguments in ({}, {"maxDepth": 2}, {"last": 5}, {"order": "NEWEST", "first": 0}):
        told = read(client, discussion, **arguments)
        assert told["edges"] == [] and told["totalCount"] == 0 and ends(told) == (False, False)
