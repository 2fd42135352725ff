"""Those who keep discussions, and those who follow the feed: some write down its items, and one keeps a mirror."""

import asyncio
import random
from dataclasses import dataclass, field
from time import time
from typing import Any

from examples.mirror import client
from examples.mirror.client import Position, Steps
from examples.mirror.reducer import reduce, shown
from tests.faults.history import FedFrame, FollowedFeed, Write
from tests.faults.people import MOST_BACKOFF_SECONDS, Follower, Town, Unanswered, Writer, read_event

MIRRORED_SECONDS = 30.0
"""How long a mirror may take to be what there is, once all is written."""
TOLD = 5
"""How many differences of a mirror are told."""
FEED = """subscription ($after: String) { it: feed(after: $after) { __typename cursor
  ... on FeedItem { event { __typename cursor eventNumber
    ... on DiscussionEvent { discussion { id version } }
    ... on ReplyAdded { reply { ...it } } ... on ReplyEdited { reply { ...it } }
    ... on ReplyDeleted { reply { ...it } } ... on ReplyRestored { reply { ...it } } } }
  ... on ResyncRequired { reason } } }
fragment it on Reply { id sequence version state body lastEvent }"""
MIRROR = client.FEED.replace("feed(", "it: feed(", 1).replace("eventNumber", "cursor eventNumber", 1)

_DISCUSSION = "discussion { id version } errors { __typename }"
MUTATIONS = {
    name: f"mutation ($input: {name[0].upper()}{name[1:]}Input!) {{ it: {name}(input: $input) {{ {_DISCUSSION} }} }}"
    for name in (
        "startDiscussion",
        "editDiscussion",
        "lockDiscussion",
        "unlockDiscussion",
        "deleteDiscussion",
        "restoreDiscussion",
    )
}


@dataclass(slots=True)
class Keeper(Writer):
    """A moderator: renames some of the discussions that all write in, and does all there is with ones of their own."""

    kept: list[tuple[int, int]] = field(default_factory=list)
    """The discussions that nobody else renames, with their versions."""
    category: int | None = None
    shelved: set[int] = field(default_factory=set)
    """Those of them that are in the category."""
    room: tuple[int, int] | None = None
    """One of their own, which nobody else writes in, with its version."""
    is_locked: bool = False
    is_deleted: bool = False

    async def open(self, title: str) -> int:
        """Starts a discussion that all write in, and keeps it. Returns its number."""
        started = await self._keep("startDiscussion", 0, {"title": title, "body": "To begin with."})
        assert started is not None
        self.kept.append(started)
        return started[0]

    async def _write_once(self) -> None:
        given: dict[str, Any]
        if self.room is None or (not self.is_deleted and self.chance.random() < 0.1):
            given = {"title": f"A room of {self.name}", "body": f"Begun by {self.name} {len(self.writes)}."}
            self.room, self.is_locked = await self._keep("startDiscussion", 0, given), False
        elif self.is_deleted:
            self.room = await self._keep("restoreDiscussion", self.room[0], {})
            self.is_deleted = False
        elif (lot := self.chance.random()) < 0.15:
            await self._keep("deleteDiscussion", self.room[0], {})
            self.is_deleted = True
        elif lot < 0.4:
            name = "unlockDiscussion" if self.is_locked else "lockDiscussion"
            self.room = await self._keep(name, self.room[0], {})
            self.is_locked = not self.is_locked
        else:
            at = self.chance.randrange(len(self.kept))
            discussion, version = self.kept[at]
            given = {"expectedVersion": version}
            if self.category is not None and self.chance.random() < 0.5:
                # An edit that changes nothing is no event.
                self.shelved ^= {discussion}
                given |= {"categoryId": f"C_{self.category}" if discussion in self.shelved else None}
            else:
                given |= {"title": f"Renamed by {self.name} {len(self.writes)}"}
            self.kept[at] = await self._keep("editDiscussion", discussion, given) or self.kept[at]

    async def _keep(self, name: str, discussion: int, given: dict[str, Any]) -> tuple[int, int] | None:
        kind = "DiscussionStarted" if name == "startDiscussion" else "DiscussionUpdated"
        named = {} if name == "startDiscussion" else {"discussionId": f"D_{discussion}"}
        write = Write(f"{self.name}-{len(self.writes) + 1}", discussion, kind, time())
        post = await self.until_done(write, MUTATIONS[name], given | named)
        return None if post is None else (write.discussion, post["version"])


class FeedFollower(Follower[FollowedFeed]):
    """Follows all that happens."""

    async def begin(self) -> None:
        """Takes the cursor of now."""
        self.cursor = (await self.town.ask(self.town.nodes[0], client.BEGIN, {}))["feedCursor"]
        self.followed.first = self.town.cursors.read(self.cursor).number

    def wanted(self) -> tuple[str, dict[str, Any]]:
        return FEED, {}

    def take(self, item: dict[str, Any], at: float) -> None:
        own, of_log = self.town.cursors.read(item["cursor"]), self.town.cursors.read(item["event"]["cursor"])
        event = read_event(item["event"], at, of_log.epoch)
        self.followed.frames.append(FedFrame(at, own.number, own.epoch, of_log.log_id, event))


@dataclass
class Mirroring(FeedFollower):
    """Follows all that happens, and keeps a mirror of it."""

    position: Position | None = None

    def wanted(self) -> tuple[str, dict[str, Any]]:
        return MIRROR, {}

    def take(self, item: dict[str, Any], at: float) -> None:
        super().take(item, at)
        assert self.position is not None
        self.position = Position(reduce(self.position.mirror, {"event": item["event"]}), item["cursor"])

    async def begin(self) -> None:
        """Reads everything."""
        self.position = await answered(self.town, self.chance, client.crawl())
        self.cursor = self.position.cursor
        self.followed.first = self.town.cursors.read(self.cursor).number

    async def differences(self) -> list[str]:
        """Where the mirror is not what a new crawl is, once all is written and the servers are whole."""
        deadline = time() + MIRRORED_SECONDS
        while True:
            assert self.position is not None
            self.position = await answered(self.town, self.chance, client.complete(self.position))
            fresh = shown((await answered(self.town, self.chance, client.crawl())).mirror)
            found = list(_different(shown(self.position.mirror), fresh))
            if not found or time() > deadline:
                return found
            await asyncio.sleep(0.5)


def _different(here: dict[str, Any], there: dict[str, Any]) -> list[str]:
    found = []
    for table in there:
        for name in sorted(here[table].keys() | there[table].keys()):
            mine, theirs = here[table].get(name), there[table].get(name)
            if mine != theirs:
                found.append(f"The mirror has {name} as {str(mine)[:300]}; there is {str(theirs)[:300]}.")
    return found[:TOLD]


async def answered(town: Town, chance: random.Random, steps: Steps) -> Position:
    """Does the steps of a mirror, each asked until some server answers."""
    answer: Any = None
    while True:
        try:
            document, variables = steps.send(answer) if answer is not None else next(steps)
        except StopIteration as done:
            position: Position = done.value
            return position
        while True:
            try:
                answer = await town.ask(chance.choice(town.nodes), document, variables)
                break
            except Unanswered:
                await asyncio.sleep(chance.uniform(0.1, MOST_BACKOFF_SECONDS))
