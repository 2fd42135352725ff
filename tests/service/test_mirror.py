"""A mirror of everything, as docs/reference/mirroring.md says to keep one, equals what it mirrors after any history."""

import asyncio
import json
import random
from dataclasses import asdict, dataclass, replace
from typing import Any

import httpx2
import pytest
from websockets.exceptions import WebSocketException

from examples.mirror.client import EVENTS, FEED, THREAD, Position, catch_up, complete, crawl, run
from examples.mirror.reducer import reduce, shown, to_fetch
from tests.support.acts import Acts
from tests.support.http import Data, People, Person
from tests.support.proxy import Proxy
from tests.support.servers import Parley, told
from tests.support.timeouts import SCENARIO_SECONDS, SOON_SECONDS
from tests.support.waiting import eventually
from tests.support.websocket import connected

pytestmark = pytest.mark.anyio

WRITERS = 8


def erase(site: Parley, person: Person) -> None:
    told("erase", "--handle", person.handle, "--yes", **site.settings)


def names(position: Position, person: Person) -> bool:
    """Whether a mirror keeps anything of somebody."""
    kept = json.dumps(asdict(position.mirror), default=sorted)
    return person.handle in kept or person.name in kept


def acts_at(site: Parley, crowd: People) -> Acts:
    people = list(crowd.several(*["Ada", "Bob", "Cleo", "Dan", "Eve", "Fay", "Gus", "Hal"][:WRITERS]))
    for person in people:
        person.ask("{ viewer { user { id } } }")
    return Acts(people, crowd("Mo", moderator=True), str(site.settings["database_url"]))


def asking(person: Person) -> Any:
    return lambda document, variables: person.ask(document, **variables)


def settled(crowd: People, position: Position) -> Position:
    """The mirror once it equals a new crawl. What derives from other discussions follows a moment after the act."""
    ask = asking(crowd.reader)
    differences: list[str] = []

    def is_equal() -> bool:
        nonlocal position
        fresh = shown(run(crawl(), ask).mirror)
        position = run(catch_up(position), ask)
        differences[:] = different(shown(position.mirror), fresh)
        return not differences

    try:
        eventually(is_equal, "a mirror that equals a new crawl")
    except TimeoutError:
        pytest.fail("\n".join(differences[:20]))
    return position


def different(here: Any, there: Any, path: str = "") -> list[str]:
    """Where two values differ, the mirror's first."""
    if isinstance(here, dict) and isinstance(there, dict):
        names = [*here, *(name for name in there if name not in here)]
        return [
            each
            for name in names
            for each in different(here.get(name, "absent"), there.get(name, "absent"), f"{path}.{name}")
        ]
    if isinstance(here, list) and isinstance(there, list) and len(here) == len(there):
        return [
            each
            for at, (mine, theirs) in enumerate(zip(here, there, strict=True))
            for each in different(mine, theirs, f"{path}[{at}]")
        ]
    return [] if here == there else [f"{path}: {here!r} and not {there!r}"]


@pytest.mark.parametrize("seed", range(3))
def test_pages_and_events_in_any_order_end_as_a_new_crawl(site: Parley, crowd: People, seed: int) -> None:
    chance = random.Random(seed)
    acts = acts_at(site, crowd)
    ask = asking(crowd.reader)
    begin = run(crawl(), ask)
    given: list[Data] = []
    cursor = begin.cursor
    gone = crowd("Ida")
    acts.people.append(gone)
    for step in range(12):
        for _ in range(chance.randint(1, 10)):
            acts.act(chance.choice(acts.people), chance)
        if chance.random() < 0.3:
            acts.rename(chance.randrange(WRITERS))
        if chance.random() < 0.1:
            acts.add_category()
        # An erasure takes seconds, so there is one.
        if step == 8 and seed == 0:
            erase(site, gone)
            acts.leave(gone)
        if chance.random() < 0.6 and acts.discussions:
            given += walk(crowd.reader, chance.choice(acts.discussions).id)
        if chance.random() < 0.6:
            found, cursor = events_after(crowd.reader, cursor)
            given += found
    end = settled(crowd, begin)
    # All events at least once, many of them twice, delivered at two times.
    given += events_after(crowd.reader, cursor)[0]
    given += chance.sample(again := events_after(crowd.reader, begin.cursor)[0], len(again) // 2)
    fresh = shown(end.mirror)
    for _ in range(6):
        chance.shuffle(given)
        mirror = begin.mirror
        for each in given:
            mirror = reduce(mirror, each)
        position = run(complete(Position(mirror, end.cursor)), ask)
        assert to_fetch(position.mirror) == []
        assert different(shown(position.mirror), fresh) == []
        assert not (seed == 0 and names(position, gone))


@dataclass
class Copy:
    """A mirror that is kept over connections that are cut."""

    position: Position
    cuts: int = 0
    items: int = 0

    async def by_feed(self, proxy: Proxy, over: asyncio.Event) -> None:
        """Follows `feed` until it is caught up with the end."""
        while True:
            try:
                async with connected(proxy) as socket:
                    await socket.follow(FEED, after=self.position.cursor)
                    while True:
                        item = await socket.item()
                        self._take(item)
                        if item["__typename"] == "CaughtUp" and over.is_set():
                            return
            except (OSError, TimeoutError, WebSocketException):
                self.cuts += 1

    async def by_feed_events(self, proxy: Proxy, over: asyncio.Event) -> None:
        """Polls `feedEvents` until it has the end."""
        async with httpx2.AsyncClient(timeout=SOON_SECONDS) as http:
            while True:
                was_over = over.is_set()
                given = {"query": EVENTS, "variables": {"after": self.position.cursor}}
                try:
                    answer = (await http.post(proxy.url, json=given)).json()
                except httpx2.TransportError:
                    self.cuts += 1
                    continue
                page = answer["data"]["feedEvents"]
                for item in page["nodes"]:
                    self._take(item)
                self.position = replace(self.position, cursor=page["pageInfo"]["endCursor"])
                if was_over and not page["pageInfo"]["hasNextPage"]:
                    return
                if not page["nodes"]:
                    await asyncio.sleep(0.05)

    def _take(self, item: Data) -> None:
        assert item.get("__typename") != "ResyncRequired"
        self.items += 1
        mirror = reduce(self.position.mirror, item) if "event" in item else self.position.mirror
        self.position = Position(mirror, item["cursor"])


async def cut_in_a_loop(proxy: Proxy, chance: random.Random) -> None:
    while True:
        await asyncio.sleep(chance.uniform(0.05, 0.5))
        proxy.reset()


async def mirrored(site: Parley, crowd: People, way: str, *, acts_each: int, seed: int) -> None:
    """Crawls and follows while eight people write, one is erased, one renamed, and categories are made."""
    acts = acts_at(site, crowd)
    gone = crowd("Ida")
    acts.people.append(gone)
    chance = random.Random(seed)
    for _ in range(12):
        acts.act(gone, chance)
        acts.act(chance.choice(acts.people), chance)
    acts.leave(gone)

    def write(at: int) -> None:
        mine = random.Random(f"{seed} {at}")
        for done in range(acts_each):
            acts.act(acts.people[at], mine)
            if at == 0 and done == acts_each // 2:
                acts.rename(1)
            if at == 1 and done == acts_each // 3:
                acts.add_category()

    proxy, over = Proxy(site.port), asyncio.Event()
    async with asyncio.timeout(SCENARIO_SECONDS + acts_each), proxy.open(), asyncio.TaskGroup() as group:
        writers = [group.create_task(asyncio.to_thread(write, at)) for at in range(WRITERS)]
        erasing = group.create_task(asyncio.to_thread(erase, site, gone))
        copy = Copy(await asyncio.to_thread(run, crawl(), asking(crowd.reader)))
        following = group.create_task(getattr(copy, way)(proxy, over))
        cutting = group.create_task(cut_in_a_loop(proxy, chance))
        await asyncio.gather(*writers, erasing)
        cutting.cancel()
        over.set()
        proxy.reset()
        await following
    assert copy.cuts > 0 and copy.items > acts_each
    end = await asyncio.to_thread(settled, crowd, copy.position)
    assert not names(end, gone)


@pytest.mark.parametrize("way", ["by_feed", "by_feed_events"])
async def test_a_mirror_made_while_people_write_equals_a_new_crawl(site: Parley, crowd: People, way: str) -> None:
    await mirrored(site, crowd, way, acts_each=12, seed=1)


@pytest.mark.long
@pytest.mark.parametrize("way", ["by_feed", "by_feed_events"])
async def test_a_mirror_equals_a_new_crawl_after_much_writing(site: Parley, crowd: People, way: str) -> None:
    await mirrored(site, crowd, way, acts_each=150, seed=2)


def walk(person: Person, discussion: str) -> list[Data]:
    """The pages of a thread, as a reducer takes them."""
    given: list[Data] = []
    after, since = None, None
    while True:
        page = person.ask(THREAD, id=discussion, after=after)["discussion"]
        since = page["eventNumber"] if since is None else since
        given.append({"page": page, "since": since})
        if not page["thread"]["pageInfo"]["hasNextPage"]:
            return given
        after = page["thread"]["pageInfo"]["endCursor"]


def events_after(person: Person, cursor: str) -> tuple[list[Data], str]:
    """All events after a cursor, and the cursor at their end."""
    given: list[Data] = []
    while True:
        page = person.ask(EVENTS, after=cursor)["feedEvents"]
        given += ({"event": item["event"]} for item in page["nodes"])
        cursor = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return given, cursor
