"""The streams of moderation and of one person: in order, without gaps, causal, and for nobody else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.service.test_reviews import decided, item_of, reported
from tests.support.http import Data, People, Person
from tests.support.servers import Parley
from tests.support.websocket import Socket, connected

pytestmark = pytest.mark.anyio

EVENTS = """subscription ($after: String) { moderationEvents(after: $after) { __typename cursor
... on ReviewItemOpened { reviewItem { id state version } }
... on ReviewItemChanged { reviewItem { id state version } }
... on AuditEntryAdded { entry { id action reviewItem { id } } }
... on ResyncRequired { reason } } }"""
OWN = """subscription ($after: String) { viewerEvents(after: $after) { __typename cursor
... on DecisionMade { decision { action reason by { handle } at } post { id state } }
... on ResyncRequired { reason } } }"""


@asynccontextmanager
async def following(site: Parley, person: Person, document: str, after: str | None = None) -> AsyncIterator[Socket]:
    async with connected(site, person.token) as socket:
        await socket.follow(document, "1", **({"after": after} if after else {}))
        yield socket


async def replayed(site: Parley, person: Person, document: str, after: str) -> list[Data]:
    async with following(site, person, document, after) as socket:
        return await socket.replayed()


async def decision(stream: Socket) -> str:
    """The reason of the next decision, before or after the replay is over: notices are a moment behind the act."""
    while (item := await stream.item())["__typename"] == "CaughtUp":
        pass
    reason: str = item["decision"]["reason"]
    return reason


def position(moderator: Person) -> str:
    found: str = moderator.ask("{ moderationCursor }")["moderationCursor"]
    return found


def own_position(person: Person) -> str:
    found: str = person.ask("{ viewer { eventCursor } }")["viewer"]["eventCursor"]
    return found


@pytest.fixture(scope="module")
def moderator(crowd: People) -> Person:
    return crowd("Mod", moderator=True)


async def test_decision_reaches_the_author_alone_and_in_order(site: Parley, crowd: People, moderator: Person) -> None:
    ada, bo = crowd.several("Ada", "Bo")
    discussion = ada.start()
    replies = [ada.reply(discussion) for _ in range(3)]
    before, of_bo, all_before = own_position(ada), own_position(bo), position(moderator)
    async with following(site, ada, OWN, before) as stream, following(site, moderator, EVENTS) as acts:
        assert await stream.replayed() == await acts.replayed() == []
        assert reported(bo, replies[0])
        opened = await acts.item()
        assert opened["__typename"] == "ReviewItemOpened"
        decided(moderator, item_of(moderator, replies[0]), "DELETE_POST", reason="Spam.")
        entry, changed = [await acts.item() for _ in range(2)]
        assert (entry["__typename"], changed["__typename"]) == ("AuditEntryAdded", "ReviewItemChanged")
        item = await stream.item()
        assert item["decision"] == {
            "action": "DELETE_POST",
            "reason": "Spam.",
            "by": None,
            "at": item["decision"]["at"],
        }
        assert item["post"] == {"id": replies[0], "state": "DELETED"}
        moderator.delete(replies[1], reason="Off topic.")
        assert (await stream.item())["decision"]["reason"] == "Off topic."
        stream.cut()
    # What the author deletes is no decision, and neither is what was dismissed.
    ada.delete(replies[2])
    moderator.write("deleteDiscussion", discussionId=discussion, reason="All of it.")
    async with following(site, ada, OWN, item["cursor"]) as stream:
        assert [await decision(stream) for _ in range(2)] == ["Off topic.", "All of it."]
    assert [each["decision"]["reason"] for each in await replayed(site, ada, OWN, before)] == [
        "Spam.",
        "Off topic.",
        "All of it.",
    ]
    assert await replayed(site, bo, OWN, of_bo) == []
    assert [each["__typename"] for each in await replayed(site, moderator, EVENTS, all_before)][:3] == [
        "ReviewItemOpened",
        "AuditEntryAdded",
        "ReviewItemChanged",
    ]
