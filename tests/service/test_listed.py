"""Removed replies leave lists and counts, unless something below them can be read: compared with a plain tree."""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from tests.service.conftest import PEOPLE, Grown
from tests.service.test_threads import View, ends, read, sequences, views
from tests.support import trees
from tests.support.http import Client, Data, Discussion, People, Person
from tests.support.trees import Tree, around

DELETE = "mutation ($input: DeleteReplyInput!) { deleteReply(input: $input) { errors { message } } }"
COUNTS = """
query ($id: ID!) { discussion(id: $id) {
  replyCount participantCount
  thread(first: 500) { totalCount nodes { id sequence replyCount descendantCount replies(first: 100) {
    totalCount nodes { sequence } } } }
  replies(first: 100) { totalCount nodes { sequence } }
  byTime: replies(first: 100, orderBy: { field: CREATED_AT, direction: DESC }) { nodes { sequence } }
} }
"""


@dataclass(frozen=True, slots=True)
class Thinned:
    """A discussion some of whose replies were deleted."""

    grown: Grown
    deleted: frozenset[int]

    @property
    def tree(self) -> Tree:
        return self.grown.tree

    @property
    def listed(self) -> list[int]:
        """The sequences that are listed, by the definition."""
        return [
            each
            for each in self.tree.sequences
            if any(below not in self.deleted for below in (each, *self.tree.descendants(each)))
        ]

    def thread(self, view: View) -> list[int]:
        listed = set(self.listed)
        return [each for each in view.thread(self.tree) if each in listed]


@pytest.fixture(scope="module", params=[(0.5, 1), (0.85, 2), (0.97, 3)], ids=["half", "most", "nearly all"])
def thinned(client: Client, request: pytest.FixtureRequest) -> Thinned:
    """A discussion of 60 replies, a part of which is deleted in any order. Tests only read it."""
    part, seed = request.param
    chance = random.Random(seed)
    tree = trees.grown(60, seed=seed)
    discussion = client.start_discussion("edith", "A thinned tree")
    ids = client.add_replies(discussion, tree.parents, PEOPLE)
    deleted = [each for each in tree.sequences if chance.random() < part]
    chance.shuffle(deleted)
    delete(client, ids, deleted)
    return Thinned(Grown(discussion, tree, ids), frozenset(deleted))


def delete(client: Client, ids: Sequence[str], chosen: Sequence[int]) -> None:
    for sequence in chosen:
        client.write(DELETE, "moderator", moderator=True, replyId=ids[sequence - 1])


def counts(client: Client, discussion: Discussion) -> Data:
    found: Data = client.query(COUNTS, {"id": discussion.id})["discussion"]
    return found


def test_lists_and_counts_have_what_is_listed(client: Client, thinned: Thinned) -> None:
    found, tree, listed = counts(client, thinned.grown.discussion), thinned.tree, thinned.listed
    assert 0 < len(listed) < len(tree.sequences)
    assert found["replyCount"] == found["thread"]["totalCount"] == found["replies"]["totalCount"] == len(listed)
    assert [node["sequence"] for node in found["replies"]["nodes"]] == listed
    assert [node["sequence"] for node in found["byTime"]["nodes"]] == listed[::-1]
    for node in found["thread"]["nodes"]:
        answers = [each for each in tree.answers(node["sequence"]) if each in listed]
        below = [each for each in tree.descendants(node["sequence"]) if each in listed]
        assert (node["replyCount"], node["descendantCount"]) == (len(answers), len(below))
        assert [each["sequence"] for each in node["replies"]["nodes"]] == answers
        assert node["replies"]["totalCount"] == len(answers)
    authors = {thinned.grown.author(each) for each in tree.sequences if each not in thinned.deleted}
    assert found["participantCount"] == len(authors | {"edith"})


def test_a_thread_shows_what_is_listed_under_any_arguments(client: Client, thinned: Thinned) -> None:
    tree, listed = thinned.tree, set(thinned.listed)
    for view in views(tree):
        thread = read(client, thinned.grown.discussion, first=500, **view.arguments(thinned.grown))
        expected = thinned.thread(view)
        assert sequences(thread) == expected, view
        assert thread["totalCount"] == len(expected), view
        assert ends(thread) == (False, False), view
        for edge in thread["edges"]:
            hidden = view.hidden(tree, edge["node"]["sequence"]) and len(
                listed.intersection(tree.descendants(edge["node"]["sequence"]))
            )
            assert edge["hiddenDescendantCount"] == hidden, view


def test_a_page_between_any_two_cursors_is_that_of_the_model(client: Client, thinned: Thinned) -> None:
    chance = random.Random(11)
    choices = list(views(thinned.tree))
    for _ in range(150):
        view = chance.choice(choices)
        thread = thinned.thread(view)
        # A cursor of what is not listed holds: it goes on from its place.
        whole = View(view.order, view.root, None).thread(thinned.tree)
        place = {reply: at for at, reply in enumerate(whole)}
        after, before = chance.choice([None, *whole]), chance.choice([None, *whole])
        start = -1 if after is None else place[after]
        stop = len(whole) if before is None else place[before]
        between = [reply for reply in thread if start < place[reply] < stop]
        size, backward = chance.randint(0, 6), chance.random() < 0.5
        page = (between[-size:] if size else []) if backward else between[:size]
        told = read(
            client,
            thinned.grown.discussion,
            after=None if after is None else f"r{after}",
            before=None if before is None else f"r{before}",
            **{"last" if backward else "first": size},
            **view.arguments(thinned.grown),
        )
        asked = (view, after, before, size, backward)
        assert sequences(told) == page, asked
        assert told["totalCount"] == len(thread), asked
        if page:
            assert ends(told) == (page[0] != thread[0], page[-1] != thread[-1]), asked


def test_around_an_unlisted_reply_is_its_nearest_listed_ancestor(client: Client, thinned: Thinned) -> None:
    chance = random.Random(5)
    for view in views(thinned.tree):
        thread = thinned.thread(view)
        below = thinned.tree.thread(root=view.root)
        for middle in chance.sample(below, min(4, len(below))):
            path = thinned.tree.path(middle)
            within = path[path.index(view.root) + 1 :] if view.root else path
            shown = [
                each for each in within[: None if view.max_depth is None else view.max_depth + 1] if each in thread
            ]
            first = chance.randint(1, 9)
            told = read(
                client, thinned.grown.discussion, first=first, aroundSequence=middle, **view.arguments(thinned.grown)
            )
            expected = around(thread, shown[-1], first) if shown else thread[:first]
            assert sequences(told) == expected, (view, middle, first)
            if expected:
                assert ends(told) == (expected[0] != thread[0], expected[-1] != thread[-1]), (view, middle, first)


def test_sixty_removed_spam_replies_leave_nothing(client: Client, people: People) -> None:
    spammer, reader = people("Spam"), people.reader
    discussion = client.start_discussion("edith", "A quiet place")
    quiet = counts(client, discussion)
    first = last = None
    for number in range(60):
        last = spammer.reply(discussion.id, f"Buy {number}.", to=last if number % 3 else None)
        first = first or last
    assert counts(client, discussion)["participantCount"] == 2
    listed = client.query("{ discussions(first: 1) { nodes { id latest: replies(last: 3) { nodes { id } } } } }")
    assert len(listed["discussions"]["nodes"][0]["latest"]["nodes"]) == 3
    for node in counts(client, discussion)["thread"]["nodes"]:
        spammer.delete(node["id"])
    assert counts(client, discussion) == quiet
    assert quiet["replyCount"] == 0 and quiet["participantCount"] == 1
    assert client.query("{ discussions(first: 1) { nodes { id latest: replies(last: 3) { nodes { id } } } } }") == {
        "discussions": {"nodes": [{"id": discussion.id, "latest": {"nodes": []}}]}
    }
    page = reader.http.get(f"/d/{discussion.number}", follow_redirects=True)
    assert page.status_code == 200 and 'id="reply-' not in page.text
    # Links to them still find them.
    assert reader.node(str(first), "... on Reply { state sequence }") == {
        "__typename": "Reply",
        "state": "DELETED",
        "sequence": 1,
    }
    by_sequence = "query ($id: ID!) { discussion(id: $id) { reply(sequence: 60) { id } } }"
    assert reader.ask(by_sequence, id=discussion.id)["discussion"]["reply"] == {"id": last}


def test_an_author_may_delete_a_discussion_whose_replies_are_removed(people: People) -> None:
    ada, bo = people.several("Ada", "Bo")
    discussion = ada.start()
    reply = bo.reply(discussion)
    assert ada.refused("deleteDiscussion", discussionId=discussion)["code"] == "NOT_ALLOWED"
    bo.delete(reply)
    assert ada.node(discussion, "... on Discussion { viewerCanDelete }")["viewerCanDelete"]
    ada.write("deleteDiscussion", discussionId=discussion)


def test_a_deleted_discussion_lists_and_counts_nothing(client: Client, people: People) -> None:
    ada, mo = people("Ada"), people("Mo", moderator=True)
    discussion = ada.start()
    above = ada.reply(discussion)
    mo.reply(discussion, to=above)
    mo.write("deleteDiscussion", discussionId=discussion)
    shown: Any = counts(client, Discussion(discussion, int(discussion.removeprefix("D_"))))
    assert shown["replyCount"] == shown["participantCount"] == 0
    assert shown["thread"]["nodes"] == shown["replies"]["nodes"] == shown["byTime"]["nodes"] == []
    node = "... on Reply { state replyCount descendantCount }"
    assert ada.node(above, node) == {"__typename": "Reply", "state": "DELETED", "replyCount": 0, "descendantCount": 0}


FOLLOWED = "id path replyCount descendantCount"
WHOLE = f"""
query ($id: ID!) {{ discussion(id: $id) {{
  eventCursor replyCount thread(first: 500) {{ nodes {{ {FOLLOWED} }} }}
}} }}
"""
EVENTS = f"""
query ($id: ID!, $after: String!, $first: Int!) {{ discussion(id: $id) {{ events(after: $after, first: $first) {{
  pageInfo {{ endCursor hasNextPage }}
  nodes {{
    discussion {{ replyCount }}
    ... on ReplyAdded {{ edge {{ node {{ {FOLLOWED} }} }} ancestors {{ id replyCount descendantCount }} }}
    ... on ReplyDeleted {{ unlisted ancestors {{ id replyCount descendantCount }} }}
    ... on ReplyRestored {{ edges {{ node {{ {FOLLOWED} }} }} ancestors {{ id replyCount descendantCount }} }}
  }}
}} }} }}
"""


class Follower:
    """A client that has read a thread once and then applies events, however late, and nothing else."""

    def __init__(self, asks: Person, discussion: str) -> None:
        self.asks, self.discussion = asks, discussion
        read = asks.ask(WHOLE, id=discussion)["discussion"]
        self.cursor, self.reply_count = read["eventCursor"], read["replyCount"]
        self.shown: dict[str, Data] = {node["id"]: node for node in read["thread"]["nodes"]}

    def follow(self, first: int) -> bool:
        """Applies a page of events. Returns whether more follow."""
        asked = {"id": self.discussion, "after": self.cursor, "first": first}
        page = self.asks.ask(EVENTS, **asked)["discussion"]["events"]
        for event in page["nodes"]:
            self.reply_count = event["discussion"]["replyCount"]
            for edge in [*([event["edge"]] if "edge" in event else []), *event.get("edges", ())]:
                self.shown[edge["node"]["id"]] = edge["node"]
            for gone in event.get("unlisted", ()):
                self.shown.pop(gone, None)
            for counts in event.get("ancestors", ()):
                if counts["id"] in self.shown:
                    self.shown[counts["id"]] |= counts
        self.cursor = page["pageInfo"]["endCursor"]
        return bool(page["pageInfo"]["hasNextPage"])

    @property
    def thread(self) -> list[Data]:
        return sorted(self.shown.values(), key=lambda node: node["path"])


@pytest.mark.parametrize("seed", range(3))
def test_a_follower_that_applies_events_ends_with_the_thread(people: People, seed: int) -> None:
    chance, ada = random.Random(seed), people("Ada")
    discussion = ada.start()
    visible: list[str | None] = [None]
    deleted: list[str] = []
    followers = [Follower(people.reader, discussion)]
    for step in range(70):
        draw = chance.random()
        if draw < 0.35 or step < 8:
            visible.append(ada.reply(discussion, f"Reply {step}.", to=chance.choice([*visible, *visible[-3:]])))
        elif draw < 0.7 and len(visible) > 1:
            gone = visible.pop(chance.randrange(1, len(visible)))
            ada.delete(str(gone))
            deleted.append(str(gone))
        elif deleted:
            back = deleted.pop(chance.randrange(len(deleted)))
            ada.write("restoreReply", replyId=back)
            visible.append(back)
        if step in (20, 45):
            followers.append(Follower(people.reader, discussion))
        for follower in followers[1:]:
            if chance.random() < 0.3:
                follower.follow(chance.randint(1, 9))
    # The first one replays all of it in the end.
    fresh = people.reader.ask(WHOLE, id=discussion)["discussion"]
    assert fresh["replyCount"] == len(fresh["thread"]["nodes"]) > 0
    for follower in followers:
        while follower.follow(chance.randint(1, 20)):
            pass
        assert follower.thread == fresh["thread"]["nodes"]
        assert follower.reply_count == fresh["replyCount"]


def test_events_say_what_was_unlisted_and_listed(people: People) -> None:
    ada = people("Ada")
    discussion = ada.start()
    above = ada.reply(discussion)
    below = ada.reply(discussion, "Yes.", to=above)
    start = ada.cursor(discussion)
    fields = """
    ... on ReplyDeleted { unlisted ancestors { id replyCount descendantCount } }
    ... on ReplyRestored { edges { depth node { id state } } ancestors { id replyCount descendantCount } }
    """
    ada.delete(above)
    (event,) = ada.events(discussion, start, fields)
    assert (event["unlisted"], event["ancestors"]) == ([], [])
    ada.delete(below)
    (event,) = ada.events(discussion, start, fields)[1:]
    counted = {"id": above, "replyCount": 0, "descendantCount": 0}
    assert (event["unlisted"], event["ancestors"]) == ([above, below], [counted])
    ada.write("restoreReply", replyId=below)
    (event,) = ada.events(discussion, start, fields)[2:]
    assert [edge["node"] for edge in event["edges"]] == [
        {"id": above, "state": "DELETED"},
        {"id": below, "state": "VISIBLE"},
    ]
    assert [edge["depth"] for edge in event["edges"]] == [0, 1]
    assert event["ancestors"] == [counted | {"replyCount": 1, "descendantCount": 1}]


def test_a_page_without_scripts_shows_what_is_listed(thinned: Thinned, people: People) -> None:
    def shown(query: str) -> list[int]:
        answer = people.http.get(f"/d/{thinned.grown.discussion.number}/a{query}", follow_redirects=True)
        assert answer.status_code == 200, query
        return [int(each) for each in re.findall('<article id="reply-([0-9]+)"', answer.text)]

    thread = thinned.thread(View("OLDEST", 0, None))
    assert shown("") == thread[:50]
    whole = thinned.tree.thread()
    for sequence in random.Random(3).sample(thinned.tree.sequences, 12):
        listed = [each for each in thinned.tree.path(sequence) if each in thread]
        assert shown(f"?reply={sequence}") == (around(thread, listed[-1], 50) if listed else thread[:50])
        after = [each for each in thread if whole.index(each) > whole.index(sequence)]
        if after:
            assert shown(f"?after={sequence}") == after[:50]
