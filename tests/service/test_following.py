"""Following a discussion: what was missed, that it is caught up, then what comes; once each and in order."""

import time
from datetime import UTC, datetime
from functools import partial

import pytest

from tests.support.http import Data, People, about_to_expire, claims, signed
from tests.support.servers import Parley
from tests.support.waiting import eventually, eventually_async
from tests.support.websocket import EVENTS, REPLIES, connected, following, metric, numbers

pytestmark = pytest.mark.anyio


async def test_a_follower_gets_missed_events_then_caught_up_then_new_events(parley: Parley, people: People) -> None:
    ada = people()
    discussion = ada.start()
    after = ada.cursor(discussion)
    replies = [ada.reply(discussion) for _ in range(3)]
    async with following(parley, EVENTS, discussion, after) as follower:
        missed = await follower.replayed()
        assert numbers(missed) == [1, 2, 3]
        for number in (4, 5):
            replies.append(ada.reply(discussion))
            item = await follower.item()
            assert numbers([item]) == [number]
            missed.append(item)
    assert [item["reply"]["id"] for item in missed] == replies
    assert missed[-1]["cursor"] == ada.cursor(discussion)


async def test_caught_up_comes_at_once_and_has_the_cursor_to_resume_from(parley: Parley, people: People) -> None:
    ada = people()
    discussion = ada.start()
    for _ in range(2):
        now = ada.cursor(discussion)
        async with following(parley, EVENTS, discussion, now) as follower:
            assert await follower.item() == {"__typename": "CaughtUp", "cursor": now}
        ada.reply(discussion)


async def test_without_a_cursor_it_begins_now(parley: Parley, people: People) -> None:
    ada = people()
    discussion = ada.start()
    ada.reply(discussion)
    async with (
        following(parley, EVENTS, discussion) as follower,
        following(parley, REPLIES, discussion) as listener,
    ):
        assert await follower.item() == {"__typename": "CaughtUp", "cursor": ada.cursor(discussion)}
        # Nothing tells from outside that replyAdded has begun, since it brings no CaughtUp.
        await eventually_async(lambda: metric(parley, "parley_followers") >= 2, "two followers")
        ada.reply(discussion)
        assert numbers([await follower.item(), await listener.item()]) == [2, 2]


async def test_reply_added_brings_only_added_replies(parley: Parley, people: People) -> None:
    ada = people()
    discussion = ada.start()
    after = ada.cursor(discussion)
    first = ada.reply(discussion, "One.")
    ada.edit(first, "One, again.")
    ada.reply(discussion, "Two.", first)
    async with following(parley, REPLIES, discussion, after) as follower:
        replayed = await follower.items(2)
        ada.delete(first)
        ada.reply(discussion, "Three.")
        items = [*replayed, await follower.item()]
    assert numbers(items) == [1, 3, 5]
    assert [item["reply"]["body"] for item in items] == ["One, again.", "Two.", "Three."]
    assert [item["edge"]["depth"] for item in items] == [0, 1, 0]


async def test_every_kind_of_event_shows_what_it_is_about(parley: Parley, people: People) -> None:
    ada, mo = people(), people("Mo", moderator=True)
    discussion = ada.start("Opening.", "Its title")
    async with following(parley, EVENTS, discussion, ada.cursor(discussion)) as follower:
        assert await follower.replayed() == []
        source = ada.reply(discussion, "Words to quote.")
        added = await follower.item()
        quotes = [{"sourceId": source, "text": "Words to quote."}]
        quoting = ada.reply(discussion, "I see.", source, quotes=quotes)
        answer = await follower.item()
        ada.edit(source, "Other words.")
        edited = await follower.item()
        changed = await follower.item()
        ada.write("editDiscussion", discussionId=discussion, expectedVersion=1, title="Another title")
        updated = await follower.item()
        mo.write("lockDiscussion", discussionId=discussion)
        locked = await follower.item()
        mo.delete(quoting)
        deleted = await follower.item()
    assert numbers([added, answer, edited, changed, updated, locked, deleted]) == [1, 2, 3, 4, 5, 6, 7]
    assert added["reply"]["path"] == [1] and added["reply"]["author"] == {"handle": ada.handle}
    assert answer["reply"]["path"] == [1, 2]
    assert answer["edge"]["node"] == {"id": quoting}
    assert (answer["edge"]["depth"], answer["edge"]["hiddenDescendantCount"]) == (1, 0)
    assert edited["__typename"] == "ReplyEdited"
    assert edited["reply"] == {"id": source, "version": 2, "body": "Other words.", "author": {"handle": ada.handle}}
    assert changed["__typename"] == "QuoteStatusChanged"
    assert changed["post"] == {"id": quoting, "quotes": [{"status": "SOURCE_EDITED", "source": {"id": source}}]}
    assert [updated["__typename"], locked["__typename"]] == ["DiscussionUpdated"] * 2
    assert updated["discussion"]["title"] == "Another title" and not updated["discussion"]["locked"]
    assert locked["discussion"]["locked"]
    assert deleted["__typename"] == "ReplyDeleted"
    assert deleted["reply"] == {"id": quoting, "version": 2, "body": "", "state": "DELETED", "author": None}
    moments = [datetime.fromisoformat(item["occurredAt"]) for item in (added, answer, edited, changed, updated)]
    assert moments == sorted(moments) and moments[0].tzinfo == UTC


async def test_a_client_mutation_id_is_shown_to_its_sender_only(parley: Parley, people: People) -> None:
    ada, grace = people.several("Ada", "Grace")
    discussion = ada.start()
    after = ada.cursor(discussion)
    ada.reply(discussion, clientMutationId="Ada's key")
    for token, seen in ((ada.token, "Ada's key"), (grace.token, None), (None, None)):
        async with following(parley, EVENTS, discussion, after, token=token) as follower:
            (added,) = await follower.replayed()
            assert added["clientMutationId"] == seen


async def test_counts_are_absolute_and_replayed_events_show_present_posts(parley: Parley, people: People) -> None:
    ada = people()
    discussion = ada.start()
    async with following(parley, EVENTS, discussion, ada.cursor(discussion)) as follower:
        await follower.replayed()
        parent = ada.reply(discussion)
        live = [await follower.item()]
        for _ in range(3):
            ada.reply(discussion, to=parent)
            live.append(await follower.item())
    assert [item["discussion"]["replyCount"] for item in live] == [1, 2, 3, 4]
    assert live[0]["reply"]["replyTo"] is None
    assert [item["reply"]["replyTo"]["replyCount"] for item in live[1:]] == [1, 2, 3]
    async with following(parley, EVENTS, discussion, live[0]["cursor"]) as follower:
        again = await follower.replayed()
    assert [item["cursor"] for item in again] == [item["cursor"] for item in live[1:]]
    assert {item["discussion"]["replyCount"] for item in again} == {4}
    assert {item["reply"]["replyTo"]["descendantCount"] for item in again} == {3}


@pytest.mark.parametrize("document", [EVENTS, REPLIES])
@pytest.mark.parametrize("discussion", ["D_999999999", "R_1", f"D_{2**63}", "no id", ""])
async def test_what_does_not_exist_is_not_found(parley: Parley, document: str, discussion: str) -> None:
    async with following(parley, document, discussion) as follower:
        assert (await follower.error())["extensions"]["code"] == "NOT_FOUND"


def altered(cursor: str, at: int) -> str:
    """Returns a cursor with another character at one place."""
    return cursor[:at] + ("A" if cursor[at] != "A" else "B") + cursor[at + 1 :]


async def test_subscriptions_and_pages_reject_altered_cursors(parley: Parley, people: People) -> None:
    ada = people()
    discussion, other = ada.start(), ada.start()
    reply = ada.write("addReply", discussionId=discussion, body="Here.")
    good = reply["eventCursor"]
    # tests/live/test_cursors.py alters every character; here a few, at the door.
    bad = [altered(good, at) for at in (0, len(good) // 2, len(good) - 1)]
    bad += [good[:-1], good + "=", "", "\0", reply["edge"]["cursor"], ada.cursor(other)]
    page = "query ($id: ID!, $after: String!) { discussion(id: $id) { events(after: $after) { nodes { cursor } } } }"
    async with connected(parley) as socket:
        for document in (EVENTS, REPLIES):
            for after in bad:
                await socket.follow(document, f"after {after}", id=discussion, after=after)
                assert (await socket.error(f"after {after}"))["extensions"]["code"] == "BAD_CURSOR", after
        await socket.follow(EVENTS, id=discussion, after=good)
        assert await socket.replayed() == []
    assert {code for after in bad for code in ada.codes(page, id=discussion, after=after)} == {"BAD_CURSOR"}


async def test_deleting_a_discussion_is_its_last_event_and_ends_its_streams(parley: Parley, people: People) -> None:
    ada, mo = people(), people("Mo", moderator=True)
    discussion = ada.start()
    after = ada.cursor(discussion)
    async with (
        following(parley, EVENTS, discussion, after) as follower,
        following(parley, REPLIES, discussion, after) as listener,
    ):
        ada.reply(discussion)
        assert numbers([await listener.item()]) == [1]
        mo.write("deleteDiscussion", discussionId=discussion)
        items: list[Data] = []
        while len(items) < 3:
            items.append(await follower.item())
        await follower.completed()
        await listener.completed()
    assert {item["__typename"] for item in items} == {"ReplyAdded", "CaughtUp", "DiscussionUpdated"}
    assert items[-1]["discussion"]["state"] == "DELETED" and items[-1]["discussion"]["body"] == ""
    # Who comes later hears the same, and its end.
    async with following(parley, EVENTS, discussion, after) as follower:
        assert numbers(await follower.replayed()) == [1, 2]
        await follower.completed()


async def test_pages_of_events_hold_what_the_stream_brings(parley: Parley, people: People) -> None:
    ada = people()
    discussion = ada.start()
    after = start = ada.cursor(discussion)
    for _ in range(5):
        ada.reply(discussion)
    async with following(parley, EVENTS, discussion, start) as follower:
        streamed = await follower.replayed()
    query = """query ($id: ID!, $after: String!) { discussion(id: $id) { events(after: $after, first: 2) {
      nodes { cursor eventNumber } edges { cursor } pageInfo { startCursor endCursor hasNextPage hasPreviousPage }
      resyncRequired { reason } } } }"""
    paged: list[Data] = []
    for held, more in ((2, True), (2, True), (1, False), (0, False)):
        page = ada.ask(query, id=discussion, after=after)["discussion"]["events"]
        assert page["resyncRequired"] is None
        assert [edge["cursor"] for edge in page["edges"]] == [node["cursor"] for node in page["nodes"]]
        assert len(page["nodes"]) == held
        paged += page["nodes"]
        if held == 0:
            assert page["pageInfo"]["endCursor"] == after
        after = page["pageInfo"]["endCursor"]
        assert page["pageInfo"]["hasNextPage"] == more
        # Before the first of them, the discussion was started.
        assert page["pageInfo"]["hasPreviousPage"]
    assert [(node["cursor"], node["eventNumber"]) for node in paged] == [
        (item["cursor"], item["eventNumber"]) for item in streamed
    ]


async def test_a_token_that_expires_closes_the_socket(parley: Parley, people: People) -> None:
    ada = people()
    discussion = ada.start()
    begun = time.monotonic()
    token = signed(claims(ada.handle, exp=about_to_expire(2)))
    async with following(parley, EVENTS, discussion, token=token) as follower:
        await follower.replayed()
        assert await follower.closed() == 4403
    # `exp` is a whole second.
    assert time.monotonic() - begun >= 1


async def test_followers_that_leave_leave_nothing_behind(parley: Parley, people: People) -> None:
    ada = people()
    discussions = [ada.start() for _ in range(2)]
    followers, followed = (
        partial(metric, parley, "parley_followers"),
        partial(metric, parley, "parley_followed_discussions"),
    )
    await eventually_async(lambda: (followers(), followed()) == (0, 0), "the followers of other tests to be gone")
    async with connected(parley) as stays, connected(parley) as leaves:
        for operation, discussion in enumerate([*discussions, discussions[0]]):
            for socket in (stays, leaves):
                await socket.follow(EVENTS, str(operation), id=discussion)
                await socket.replayed()
        await eventually_async(lambda: (followers(), followed()) == (6, 2), "six followers of two discussions")
        for operation_id in ("0", "2"):
            await stays.send(type="complete", id=operation_id)
        await eventually_async(lambda: (followers(), followed()) == (4, 2), "two followers to have left")
        leaves.cut()
        await eventually_async(lambda: (followers(), followed()) == (1, 1), "one follower to be left")
        ada.reply(discussions[1])
        assert numbers([await stays.item()]) == [1]
    eventually(lambda: (followers(), followed()) == (0, 0), "nobody to follow")
