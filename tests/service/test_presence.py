"""Presence: who is in a discussion is shown to who watches, and ends with the connection it was said over."""

from typing import Any

import pytest

from tests.support.http import Data, People, Person, about_to_expire, claims, document, signed
from tests.support.servers import Parley
from tests.support.websocket import Socket, connected, following

pytestmark = pytest.mark.anyio

WATCH = """subscription ($id: ID!) { presence(discussionId: $id) {
  readerCount readers { id handle name replies(first: 1) { nodes { id } } } typing { handle } } }"""
SAY = document("setPresence")
NOT_FOUND = {"code": "DISCUSSION_NOT_FOUND", "__typename": "DiscussionNotFound", "path": ["input", "discussionId"]}


class Watcher:
    """Somebody who watches a discussion."""

    def __init__(self, socket: Socket) -> None:
        self.socket = socket

    async def sees(self, count: int, readers: list[Person], typing: list[Person]) -> None:
        """Returns once the stream brings this; what comes before it may be on the way there."""
        wanted = (count, {reader.handle for reader in readers}, {writer.handle for writer in typing})
        found: Any = None
        while found != wanted:
            item = await self.socket.item()
            found = (item["readerCount"], handles(item["readers"]), handles(item["typing"]))


def handles(people: list[Data]) -> set[str]:
    return {person["handle"] for person in people}


async def say(socket: Socket, discussion: str, *, typing: bool = False) -> None:
    """Says over a connection that one is there."""
    await socket.follow(SAY, "say", input={"discussionId": discussion, "typing": typing})
    assert (await socket.item())["errors"] == []
    await socket.completed()


async def test_presence_is_shown_and_ends_with_the_connection(parley: Parley, people: People) -> None:
    ada, bo = people.several("Ada", "Bo")
    discussion = ada.start()
    async with following(parley, WATCH, discussion) as socket:
        watcher = Watcher(socket)
        await watcher.sees(0, [], [])
        async with connected(parley, ada.token) as hers, connected(parley) as readers:
            await say(hers, discussion, typing=True)
            await watcher.sees(1, [ada], [ada])
            await say(hers, discussion)
            await watcher.sees(1, [ada], [])
            await say(readers, discussion, typing=True)
            await watcher.sees(2, [ada], [])
            # Without a connection that lasts, it is said by HTTP.
            bo.write("setPresence", discussionId=discussion, typing=True)
            await watcher.sees(3, [ada, bo], [bo])
            hers.cut()
            await watcher.sees(2, [bo], [bo])
        await watcher.sees(1, [bo], [bo])
        # What comes late is shown the same.
        async with following(parley, WATCH, discussion, token=ada.token) as late:
            item = await late.item()
    assert item["readerCount"] == 1
    (reader,) = item["readers"]
    assert reader == bo.ask("query ($handle: String!) { user(handle: $handle) { id } }", handle=bo.handle)["user"] | {
        "handle": bo.handle,
        "name": bo.name,
        "replies": {"nodes": []},
    }


async def test_whose_token_expires_is_gone(parley: Parley, people: People) -> None:
    ada = people()
    discussion = ada.start()
    short = signed(claims(ada.handle, exp=about_to_expire(3)))
    async with following(parley, WATCH, discussion) as socket, connected(parley, short) as hers:
        await say(hers, discussion)
        watcher = Watcher(socket)
        await watcher.sees(1, [ada], [])
        assert await hers.closed() == 4403
        await watcher.sees(0, [], [])


def test_presence_answers_as_mutations_do(people: People) -> None:
    ada = people()
    discussion = ada.start()
    for person in (ada, people.reader):
        payload = person.write("setPresence", discussionId=discussion, clientMutationId="a key")
        assert payload["clientMutationId"] == "a key"
        assert payload["discussion"]["id"] == discussion
        again = person.write("setPresence", discussionId=discussion, typing=True, clientMutationId="a key")
        assert again == payload
    assert ada.codes(SAY, input={"discussionId": discussion, "clientMutationId": "x" * 129}) == ["BAD_ARGUMENT"]
    before = ada.cursor(discussion)
    assert ada.events(discussion, before) == []


@pytest.mark.parametrize("discussion", ["D_999999999", "R_1", f"D_{2**63}", "D_0", "no id", "", "D_1\0"])
async def test_presence_of_a_missing_discussion_is_not_found(parley: Parley, people: People, discussion: str) -> None:
    assert people.reader.refused("setPresence", discussionId=discussion) == NOT_FOUND
    async with following(parley, WATCH, discussion) as socket:
        assert (await socket.error())["extensions"]["code"] == "NOT_FOUND"


async def test_a_deleted_discussion_refuses_presence_and_ends_its_streams(parley: Parley, people: People) -> None:
    ada, mo = people(), people("Mo", moderator=True)
    discussion = ada.start()
    async with following(parley, WATCH, discussion) as socket:
        assert (await socket.item())["readerCount"] == 0
        mo.write("deleteDiscussion", discussionId=discussion)
        await socket.completed()
    assert ada.refused("setPresence", discussionId=discussion) == NOT_FOUND
    async with following(parley, WATCH, discussion) as socket:
        await socket.completed()


def test_presence_is_limited_apart_from_what_is_written(people: People) -> None:
    ada, bo = people.several("Ada", "Bo")
    discussion = ada.start()
    payloads = [ada.payload("setPresence", discussionId=discussion, typing=at % 2 == 0) for at in range(300)]
    refused = [payload for payload in payloads if payload["errors"]]
    # A minute may have turned meanwhile: then there was room once more.
    assert 300 - 2 * 120 <= len(refused) <= 300 - 120
    (error,) = refused[-1]["errors"]
    assert (error["__typename"], error["code"]) == ("RateLimited", "RATE_LIMITED")
    assert error["resetAt"] and refused[-1]["discussion"] is None
    assert ada.reply(discussion)
    assert bo.payload("setPresence", discussionId=discussion)["errors"] == []
