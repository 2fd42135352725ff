"""The streams of moderation and of one person: in order, without gaps, causal, and for nobody else."""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import pytest

from tests.service.test_reviews import CLAIM, DECIDE, REPORT, decided, do, item_of, queue, reported
from tests.support.http import Data, People, Person
from tests.support.servers import Parley
from tests.support.timeouts import SCENARIO_SECONDS
from tests.support.websocket import Socket, connected

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("networks_are_forgotten")]

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


async def test_streams_are_contiguous_and_causal_whatever_cuts_them(
    site: Parley, crowd: People, moderator: Person
) -> None:
    moderators = [moderator, crowd("Mod", moderator=True)]
    authors, reporters = crowd.several("Ada", "Bo"), crowd.several("Cy", "Di", "Ed")
    begin = {author.handle: own_position(author) for author in authors}
    after_all = position(moderator)

    async def notified(author: Person) -> list[Data]:
        """All decisions about an author: notices are a moment behind, and in the order of the acts."""
        moderator.delete(author.reply(author.start()), reason="The last.")
        found: list[Data] = []
        async with following(site, author, OWN, begin[author.handle]) as socket:
            while not found or found[-1]["decision"]["reason"] != "The last.":
                if (item := await socket.item())["__typename"] != "CaughtUp":
                    found.append(item)
        return found[:-1]

    posts = [author.reply(author.start()) for author in authors for _ in range(6)]
    decisions: list[str] = []

    def report(person: Person) -> None:
        chance = random.Random(person.handle)
        for post in chance.sample(posts, len(posts)):
            # Some are deleted by now.
            do(person, REPORT, postId=post, reason="SPAM")

    def decide(person: Person) -> None:
        chance = random.Random(person.handle)
        while not writing.done() or queue(person):
            for item in queue(person):
                action = chance.choice(["DISMISS", "DELETE_POST"])
                do(person, CLAIM, reviewItemId=item["id"])
                given = {"reviewItemId": item["id"], "action": action, "expectedVersion": item["version"]}
                if not do(person, DECIDE, **given, reason=item["id"])["errors"] and action == "DELETE_POST":
                    decisions.append(item["id"])

    async def follow(person: Person) -> list[Data]:
        """What they receive over many connections, to the act that ends it all."""
        chance, after = random.Random(person.handle), after_all
        found: list[Data] = []
        while not found or found[-1].get("entry", {}).get("action") != "LOCK_DISCUSSION":
            async with following(site, person, EVENTS, after) as socket:
                for _ in range(chance.randrange(1, 12)):
                    item = await socket.item(SCENARIO_SECONDS)
                    after = item["cursor"]
                    if item["__typename"] != "CaughtUp":
                        found.append(item)
                    if item.get("entry", {}).get("action") == "LOCK_DISCUSSION":
                        break
                socket.cut()
        return found

    async with asyncio.timeout(SCENARIO_SECONDS):
        following_all = asyncio.gather(*(follow(person) for person in moderators))
        writing = asyncio.gather(*(asyncio.to_thread(report, person) for person in reporters))
        await asyncio.gather(*(asyncio.to_thread(decide, person) for person in moderators))
        moderator.write("lockDiscussion", discussionId=authors[0].start())
        followed = await following_all
    everything = await replayed(site, moderator, EVENTS, after_all)
    for found in followed:
        assert [each["cursor"] for each in found] == [each["cursor"] for each in everything]
    opened: set[str] = set()
    decided_items = []
    for event in everything[:-1]:
        if event["__typename"] == "ReviewItemOpened":
            opened.add(event["reviewItem"]["id"])
        elif event["__typename"] == "ReviewItemChanged":
            assert event["reviewItem"]["id"] in opened
        else:
            assert event["entry"]["reviewItem"]["id"] in opened
            decided_items.append(event["entry"]["reviewItem"]["id"])
    assert len(decided_items) == len(set(decided_items)) == len(opened)
    theirs = [each["entry"]["reviewItem"]["id"] for each in everything[:-1] if "entry" in each]
    notices = [[each["decision"]["reason"] for each in await notified(author)] for author in authors]
    assert sorted(reason for got in notices for reason in got) == sorted(decisions)
    for got in notices:
        assert got == [each for each in theirs if each in got]


async def test_stream_is_resumed_by_an_event_source(site: Parley, crowd: People, moderator: Person) -> None:
    ada, bo = crowd.several("Ada", "Bo")
    discussion = ada.start()
    after = position(moderator)
    replies = [ada.reply(discussion) for _ in range(3)]
    for reply in replies:
        assert reported(bo, reply)

    def read(last: str | None, count: int) -> list[tuple[str, Data]]:
        headers = {"Accept": "text/event-stream", "Authorization": f"Bearer {moderator.token}"}
        headers |= {"Last-Event-ID": last} if last else {}
        given = {"query": EVENTS, "variables": json.dumps({"after": after})}
        found: list[tuple[str, Data]] = []
        with crowd.http.stream("GET", "/graphql", params=given, headers=headers) as answer:
            assert answer.status_code == 200
            cursor = ""
            for line in answer.iter_lines():
                if line.startswith("id:"):
                    cursor = line[3:].strip()
                elif line.startswith("data:") and "moderationEvents" in line:
                    found.append((cursor, json.loads(line[5:])["data"]["moderationEvents"]))
                    if len(found) == count:
                        break
        return found

    first = await asyncio.to_thread(read, None, 2)
    assert [item["__typename"] for _, item in first] == ["ReviewItemOpened"] * 2
    assert [cursor for cursor, _ in first] == [item["cursor"] for _, item in first]
    rest = await asyncio.to_thread(read, first[0][0], 3)
    assert [item["__typename"] for _, item in rest] == ["ReviewItemOpened"] * 2 + ["CaughtUp"]
    assert rest[0][1] == first[1][1]


async def test_moderator_whose_role_is_taken_loses_the_stream(site: Parley, crowd: People, moderator: Person) -> None:
    ada, bo = crowd.several("Ada", "Bo")
    user = ada.ask("{ viewer { user { id } } }")["viewer"]["user"]["id"]
    moderator.write("setRole", userId=user, role="MODERATOR")
    reply = bo.reply(bo.start())
    async with following(site, ada, EVENTS) as stream:
        assert await stream.replayed() == []
        assert reported(moderator, reply)
        opened = await stream.item()
        assert opened["__typename"] == "ReviewItemOpened"
        await asyncio.to_thread(partial(moderator.write, "setRole", userId=user, role="MEMBER"))
        assert await stream.closed() == 1012
    assert reported(ada, reply)
    async with following(site, ada, EVENTS, opened["cursor"]) as stream:
        assert (await stream.error())["extensions"]["code"] == "NOT_ALLOWED"
    assert ada.codes("{ auditLog { totalCount } }") == ["NOT_ALLOWED"]


async def test_streams_refuse_strangers_and_cursors_of_others(site: Parley, crowd: People, moderator: Person) -> None:
    ada, bo = crowd.several("Ada", "Bo")
    guest = Person(crowd.http, crowd.reader.write("signInAsGuest", name=f"G {crowd('G').handle}")["token"])
    suspended = crowd("Ed")
    viewer = suspended.ask("{ viewer { eventCursor user { id } } }")["viewer"]
    user, begin = viewer["user"]["id"], viewer["eventCursor"]
    moderator.write("suspendUser", userId=user, reason="Spam.")
    for person in (ada, crowd.reader, guest, suspended):
        async with following(site, person, EVENTS) as stream:
            assert (await stream.error())["extensions"]["code"] == "NOT_ALLOWED"
    async with following(site, crowd.reader, OWN) as stream:
        assert (await stream.error())["extensions"]["code"] == "UNAUTHENTICATED"
    feed = ada.ask("{ feedCursor }")["feedCursor"]
    for after in (own_position(bo), position(moderator), feed, "x"):
        async with following(site, ada, OWN, after) as stream:
            assert (await stream.error())["extensions"]["code"] == "BAD_CURSOR"
    for after in (own_position(moderator), feed, "x"):
        async with following(site, moderator, EVENTS, after) as stream:
            assert (await stream.error())["extensions"]["code"] == "BAD_CURSOR"
    # Who is suspended still reads what was decided, and nobody is notified of an act of their own.
    async with following(site, suspended, OWN, begin) as stream:
        assert await decision(stream) == "Spam."
        moderator.write("unsuspendUser", userId=user, reason="Well.")
        # Other rights end a connection, and the next one goes on.
        assert await stream.closed() == 1012
    async with following(site, suspended, OWN, begin) as stream:
        assert [await decision(stream) for _ in range(2)] == ["Spam.", "Well."]
    own = own_position(moderator)
    reply = moderator.reply(ada.start())
    assert reported(bo, reply)
    decided(moderator, item_of(moderator, reply), "DELETE_POST", reason="Mine.")
    last = ada.reply(ada.start())
    before = own_position(ada)
    moderator.delete(last, reason="Last.")
    async with following(site, ada, OWN, before) as stream:
        assert await decision(stream) == "Last."
    assert await replayed(site, moderator, OWN, own) == []
