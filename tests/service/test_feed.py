"""The feed across discussions: every reply once under one cursor, by filter, and nothing that nobody may read."""

import asyncio
import random
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from db import categories
from tests.support.backends import Backend
from tests.support.http import Data, People, Person, put
from tests.support.servers import Parley
from tests.support.timeouts import SCENARIO_SECONDS
from tests.support.websocket import EVENTS, Socket, connected, following

pytestmark = pytest.mark.anyio

WRITERS = 8
DISCUSSIONS = 6
REPLIES_EACH = 8
FOLLOWERS = 3

FEED = """subscription ($filter: FeedFilter, $after: String) { feed(filter: $filter, after: $after) {
  __typename cursor
  ... on FeedItem { event { __typename cursor eventNumber occurredAt clientMutationId
    ... on DiscussionEvent { discussion { id title } }
    ... on ReplyAdded { reply { id body state author { handle } } edge { depth node { id } } } } }
  ... on ResyncRequired { reason } } }"""
ADDED = ["REPLY_ADDED"]


def cursor(asks: Person) -> str:
    found: str = asks.ask("{ feedCursor }")["feedCursor"]
    return found


@asynccontextmanager
async def hearing(parley: Parley, after: str | None, token: str | None = None, **chosen: Any) -> AsyncIterator[Socket]:
    """A connection that follows the new replies in the feed."""
    async with connected(parley, token) as socket:
        variables: Data = {"filter": {"kinds": ADDED} | chosen} | ({"after": after} if after else {})
        await socket.follow(FEED, "1", **variables)
        yield socket


async def replayed(parley: Parley, after: str, token: str | None = None, **chosen: Any) -> list[Data]:
    async with hearing(parley, after, token, **chosen) as socket:
        return await socket.replayed()


def ids(items: list[Data]) -> list[str]:
    return [item["event"]["reply"]["id"] for item in items]


@pytest.fixture
def category(backend: Backend) -> str:
    """The id of a new category: other tests' replies are in others."""
    name = f"c{secrets.token_hex(6)}"
    made = put(backend.database_url, lambda tx: categories.category(tx, slug=name, name=name, description=None))
    return f"C_{made}"


async def test_the_feed_brings_missed_and_new_replies_of_all_discussions(parley: Parley, people: People) -> None:
    ada = people()
    one, other = ada.start(title="One"), ada.start(title="Other")
    begin = cursor(ada)
    keyless: Any = {"clientMutationId": None}
    replies = [ada.reply(one, **keyless), ada.reply(other), ada.reply(one, clientMutationId="a key")]
    async with hearing(parley, begin, ada.token) as follower:
        items = await follower.replayed()
        for discussion in (other, one):
            replies.append(ada.reply(discussion, "Later.", **keyless))
            items.append(await follower.item())
    assert sorted(ids(items[:3])) == sorted(replies[:3]) and ids(items[3:]) == replies[3:]
    assert {item["__typename"] for item in items} == {"FeedItem"}
    of_one = [item["event"] for item in items if item["event"]["discussion"] == {"id": one, "title": "One"}]
    assert [event["eventNumber"] for event in of_one] == [2, 3, 4]
    assert [event["clientMutationId"] for event in of_one] == [None, "a key", None]
    assert {event["__typename"] for event in of_one} == {"ReplyAdded"}
    assert of_one[0]["reply"]["author"] == {"handle": ada.handle}
    assert of_one[0]["edge"] == {"depth": 0, "node": {"id": of_one[0]["reply"]["id"]}}
    # An item's own cursor goes on in the feed, its event's in the discussion.
    assert ids(await replayed(parley, items[1]["cursor"])) == ids(items[2:])
    async with following(parley, EVENTS, one, of_one[0]["cursor"]) as in_one:
        assert [item["eventNumber"] for item in await in_one.replayed()] == [3, 4]
    assert items[-1]["cursor"] == cursor(ada)


async def test_without_a_cursor_it_begins_now(parley: Parley, people: People) -> None:
    ada = people()
    discussion = ada.start()
    ada.reply(discussion)
    async with hearing(parley, None) as follower:
        caught_up = await follower.item()
        assert caught_up["__typename"] == "CaughtUp"
        reply = ada.reply(discussion)
        assert ids([await follower.item()]) == [reply]
    assert ids(await replayed(parley, caught_up["cursor"])) == [reply]


async def test_the_feed_brings_replies_in_their_present_state(parley: Parley, people: People) -> None:
    ada = people()
    begin = cursor(ada)
    discussion = ada.start()
    edited, deleted = ada.reply(discussion, "Before."), ada.reply(discussion, "Never to be read again.")
    ada.edit(edited, "After.")
    ada.delete(deleted)
    items = await replayed(parley, begin)
    assert [item["event"]["reply"] for item in items] == [
        {"id": edited, "body": "After.", "state": "VISIBLE", "author": {"handle": ada.handle}},
        {"id": deleted, "body": "", "state": "DELETED", "author": None},
    ]
    # A filter holds by what was so then, so that whoever has copies hears that one is deleted.
    assert ids(await replayed(parley, begin, authorId=user(ada))) == [edited, deleted]


async def test_nothing_of_a_deleted_discussion_is_read_in_the_feed(parley: Parley, people: People) -> None:
    ada, mo = people(), people("Mo", moderator=True)
    begin = cursor(ada)
    discussion = ada.start("Secret opening.", "Secret title")
    reply = ada.reply(discussion, "Secret words.")
    mo.write("deleteDiscussion", discussionId=discussion)
    (item,) = await replayed(parley, begin)
    assert ids([item]) == [reply]
    assert "Secret" not in str(item)


def user(person: Person) -> str:
    found: str = person.ask("{ viewer { user { id } } }")["viewer"]["user"]["id"]
    return found


async def test_filters_choose_and_all_that_are_given_hold(parley: Parley, people: People, category: str) -> None:
    ada, grace, mo = people.several("Ada", "Grace", "Mo")
    begin = cursor(ada)
    shelved, loose = ada.start(categoryId=category), grace.start()
    first = ada.reply(shelved, "By Ada, to herself.")
    second = grace.reply(shelved, "By Grace, to Ada.", first)
    third = mo.reply(loose, "By Mo, to Grace.")
    fourth = mo.reply(loose, f"I mention @{ada.handle} here.")
    fifth = mo.reply(loose, "As she said.", quotes=[{"sourceId": first, "text": "By Ada, to herself."}])
    everything = [first, second, third, fourth, fifth]
    for chosen, wanted in (
        ({}, everything),
        ({"categoryId": category}, [first, second]),
        ({"categoryId": None}, [third, fourth, fifth]),
        ({"categoryId": "C_999999999"}, []),
        ({"categoryId": "no id"}, []),
        ({"authorId": user(mo)}, [third, fourth, fifth]),
        ({"authorId": user(mo), "categoryId": category}, []),
        ({"authorId": "no id"}, []),
        ({"toViewer": False}, everything),
        ({"toViewer": None, "authorId": None}, everything),
        ({"toViewer": True}, [first, second, fourth, fifth]),
        ({"toViewer": True, "authorId": user(mo)}, [fourth, fifth]),
        ({"toViewer": True, "categoryId": category}, [first, second]),
    ):
        items = await replayed(parley, begin, ada.token, **chosen)
        assert sorted(ids(items)) == sorted(wanted), chosen
        if items:
            assert sorted(ids(await replayed(parley, items[0]["cursor"], ada.token, **chosen))) == sorted(
                ids(items[1:])
            )
    async with hearing(parley, begin, toViewer=True) as follower:
        assert (await follower.error())["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_filter_holds_for_new_replies(parley: Parley, people: People) -> None:
    ada, grace = people.several("Ada", "Grace")
    discussion = ada.start()
    async with hearing(parley, None, ada.token, toViewer=True) as follower:
        assert await follower.replayed() == []
        theirs = grace.start()
        grace.reply(theirs)
        reply = grace.reply(discussion)
        assert ids([await follower.item()]) == [reply]


async def test_a_feed_rejects_altered_cursors(parley: Parley, people: People) -> None:
    ada = people()
    discussion = ada.start()
    ada.reply(discussion)
    good, of_discussion = cursor(ada), ada.cursor(discussion)
    # tests/live/test_cursors.py alters every character; here a few, at the door.
    bad = [good[:-1], ("A" if good[0] != "A" else "B") + good[1:], good + "=", "", "\0", of_discussion]
    async with connected(parley) as socket:
        for after in bad:
            await socket.follow(FEED, f"after {after}", after=after)
            assert (await socket.error(f"after {after}"))["extensions"]["code"] == "BAD_CURSOR", after
        await socket.follow(EVENTS, "of the feed", id=discussion, after=good)
        assert (await socket.error("of the feed"))["extensions"]["code"] == "BAD_CURSOR"
    page = "query ($id: ID!, $after: String!) { discussion(id: $id) { events(after: $after) { nodes { cursor } } } }"
    assert ada.codes(page, id=discussion, after=good) == ["BAD_CURSOR"]


async def test_followers_cut_in_a_loop_get_each_reply_of_eight_writers_once(
    parley: Parley, people: People, category: str
) -> None:
    ada = people()
    discussions = [ada.start(categoryId=category) for _ in range(DISCUSSIONS)]
    begin = cursor(ada)
    written: list[str] = []

    def write(person: Person) -> None:
        chance = random.Random(person.handle)
        written.extend(person.reply(chance.choice(discussions)) for _ in range(REPLIES_EACH))

    async def hear(seed: int) -> list[Data]:
        chance = random.Random(seed)
        heard: list[Data] = []
        after = begin
        while len(heard) < WRITERS * REPLIES_EACH:
            async with asyncio.timeout(SCENARIO_SECONDS), hearing(parley, after, categoryId=category) as follower:
                for _ in range(chance.randrange(1, 30)):
                    item = await follower.item()
                    after = item["cursor"]
                    if item["__typename"] == "FeedItem":
                        heard.append(item["event"])
                    if len(heard) == WRITERS * REPLIES_EACH:
                        break
                # Frames that were received and not handled are never looked at.
                follower.cut()
        assert await replayed(parley, after, categoryId=category) == []
        return heard

    writers = [asyncio.to_thread(write, people()) for _ in range(WRITERS)]
    hearing_all = asyncio.gather(*(hear(seed) for seed in range(FOLLOWERS)))
    await asyncio.gather(hearing_all, *writers)
    for events in await hearing_all:
        assert sorted(event["reply"]["id"] for event in events) == sorted(written)
        for discussion in discussions:
            numbers = [event["eventNumber"] for event in events if event["discussion"]["id"] == discussion]
            assert numbers == list(range(2, len(numbers) + 2))
