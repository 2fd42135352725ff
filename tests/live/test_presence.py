"""Who is there: told by readers again and again, across processes, and gone when they are."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest
from structlog.testing import capture_logs

import db.users
import live.presence
from db.database import Database
from forum.discussions import DeleteDiscussion, delete_discussion
from forum.use_cases import Actor, Forum
from live.bus import Bus
from live.hub import Hub, NoDiscussion
from live.presence import Presence, PresenceSession
from live.presence_view import LISTED, Shown
from tests.db import logs
from tests.live.brokers import until
from tests.live.houses import NEVER, PATIENCE_SECONDS
from tests.support.backends import Backend

pytestmark = pytest.mark.anyio

LONG = 3600.0
SHORT = 0.4
KEY = b"a key"


class Process:
    """What one process knows, and somebody who watches there."""

    def __init__(self, bus: Bus, hub: Hub, presence: Presence) -> None:
        self.bus = bus
        self.hub = hub
        self.presence = presence

    def say(self, discussion: int, person: int | None = None, **more: Any) -> None:
        self.presence.say(discussion, **({"person": person, "address": "here", "visit": None} | more))

    @asynccontextmanager
    async def watching(self, discussion: int) -> AsyncIterator["Watcher"]:
        watcher = Watcher()
        task = asyncio.create_task(watcher.watch(self.presence, discussion))
        try:
            yield watcher
        finally:
            task.cancel()
            await asyncio.wait([task])


class Watcher:
    """What was shown to somebody, and when."""

    def __init__(self) -> None:
        self.shown: list[Shown] = []
        self.moments: list[float] = []
        self.ended = False

    async def watch(self, presence: Presence, discussion: int) -> None:
        async with aclosing(presence.watch(discussion)) as lists:
            async for (entry,) in lists:
                self.shown.append(entry.value)
                self.moments.append(asyncio.get_running_loop().time())
        self.ended = True

    async def sees(self, count: int, readers: Iterable[int] = (), typing: Iterable[int] = ()) -> None:
        """Returns once the last that was shown is this."""
        wanted = (count, set(readers), set(typing))
        try:
            await until(lambda: self.shown and seen(self.shown[-1]) == wanted, seconds=PATIENCE_SECONDS)
        except TimeoutError:
            raise AssertionError(f"{[seen(each) for each in self.shown]} never ended with {wanted}.") from None


def seen(shown: Shown) -> tuple[int, set[int], set[int]]:
    return shown.reader_count, {row.id for row in shown.readers}, {row.id for row in shown.typing}


class Town:
    """A database with people and a discussion, and processes on it."""

    def __init__(
        self, database: Database, discussion: int, people: Sequence[int], processes: Sequence[Process]
    ) -> None:
        self.database = database
        self.discussion = discussion
        self.people = people
        self.one, self.other = processes[0], processes[-1]


@asynccontextmanager
async def town(
    backend: Backend, bus_urls: Sequence[str] = ("memory://",), *, lasts: float = LONG, shown: float = 0.01
) -> AsyncIterator[Town]:
    """Nobody is left in it, and no task, when it closes."""
    before = asyncio.all_tasks()
    async with Database(backend.migrated_database()) as database:
        discussion = await logs.discussion(database)
        people = [await add_person(database, f"person-{at}") for at in range(3)]
        processes = []
        for url in bus_urls:
            bus = Bus(url, patience_seconds=1)
            hub = Hub(database, bus, poll_seconds=NEVER)
            presence = Presence(database, hub, bus, key=KEY, lasts_seconds=lasts, shown_seconds=shown)
            processes.append(Process(bus, hub, presence))
            for started in (bus, hub, presence):
                await started.start()
        yield Town(database, discussion, people, processes)
        for process in processes:
            for stopped in (process.presence, process.hub, process.bus):
                await stopped.stop()
    await until(lambda: asyncio.all_tasks() == before)


async def add_person(database: Database, handle: str) -> int:
    return await database.write(lambda tx: db.users.add_user(tx, db.users.Person(handle, handle)))


@pytest.fixture
def bus_url(backend: Backend) -> str:
    """Where processes hear each other."""
    return backend.bus_url


several_processes = pytest.mark.parametrize("backend", ["postgresql"], indirect=True)


async def test_who_watches_is_shown_who_is_there_at_once_and_then_every_change(backend: Backend) -> None:
    async with town(backend) as here:
        ada, bo, _ = here.people
        here.one.say(here.discussion, ada)
        async with here.one.watching(here.discussion) as first, here.one.watching(here.discussion) as second:
            await first.sees(1, [ada])
            here.one.say(here.discussion, bo, typing=True)
            await first.sees(2, [ada, bo], [bo])
            here.one.say(here.discussion, bo)
            await first.sees(2, [ada, bo])
            here.one.say(here.discussion, typing=True)
            await first.sees(3, [ada, bo])
            await second.sees(3, [ada, bo])
            # Read once for both: what they are given is the very same.
            assert first.shown[-1] is second.shown[-1]
            told = len(first.shown)
            # To say it again changes nothing.
            for _ in range(3):
                here.one.say(here.discussion, ada)
                await asyncio.sleep(0.02)
            here.one.say(here.discussion, ada, typing=True)
            await first.sees(3, [ada, bo], [ada])
            assert len(first.shown) == told + 1


async def test_changes_are_shown_no_more_often_than_they_may(backend: Backend) -> None:
    often = 0.2
    async with town(backend, shown=often) as here, here.one.watching(here.discussion) as watcher:
        ada, *_ = here.people
        await watcher.sees(0)
        for at in range(60):
            here.one.say(here.discussion, ada, typing=at % 2 == 0)
            await asyncio.sleep(0.01)
        here.one.say(here.discussion, ada, typing=True)
        await watcher.sees(1, [ada], [ada])
    gaps = [later - former for former, later in zip(watcher.moments, watcher.moments[1:], strict=False)]
    # A timer's clock may be a tick early.
    assert gaps and min(gaps) > often - 0.02


async def test_who_says_nothing_more_is_gone(backend: Backend) -> None:
    async with town(backend, lasts=SHORT) as here, here.one.watching(here.discussion) as watcher:
        ada, bo, _ = here.people
        here.one.say(here.discussion, ada, typing=True)
        here.one.say(here.discussion, bo)
        await watcher.sees(2, [ada, bo], [ada])
        async with asyncio.timeout(PATIENCE_SECONDS):
            while seen(watcher.shown[-1]) != (1, {bo}, set()):
                here.one.say(here.discussion, bo)
                await asyncio.sleep(0.01)
        await watcher.sees(0)
        assert here.one.presence.known == 0


async def test_what_was_said_over_a_connection_ends_with_it(backend: Backend) -> None:
    async with town(backend) as here, here.one.watching(here.discussion) as watcher:
        ada, bo, _ = here.people
        first, second, readers = PresenceSession(), PresenceSession(), PresenceSession()
        here.one.say(here.discussion, ada, visit=first, typing=True)
        here.one.say(here.discussion, ada, visit=second)
        here.one.say(here.discussion, bo, visit=first)
        here.one.say(here.discussion, visit=readers)
        await watcher.sees(3, [ada, bo], [ada])
        here.one.presence.leave(first)
        # She is there once more.
        await watcher.sees(2, [ada])
        here.one.presence.leave(readers)
        await watcher.sees(1, [ada])
        here.one.presence.leave(second)
        await watcher.sees(0)
        # What was under way when the connection ended comes too late.
        here.one.say(here.discussion, ada, visit=first)
        assert here.one.presence.known == 0


async def test_readers_without_a_name_count_by_connection_or_by_address(backend: Backend) -> None:
    async with town(backend) as here, here.one.watching(here.discussion) as watcher:
        visits = [PresenceSession(), PresenceSession()]
        for _ in range(2):
            for visit in visits:
                here.one.say(here.discussion, visit=visit, typing=True)
            for address in ("192.0.2.1", "192.0.2.2", "192.0.2.3"):
                here.one.say(here.discussion, address=address)
        await watcher.sees(5)
        assert not any("192.0.2" in str(key) for key in here.one.presence._until)


@several_processes
async def test_processes_tell_each_other(backend: Backend, bus_url: str) -> None:
    async with town(backend, [bus_url, bus_url]) as here:
        ada, bo, _ = here.people
        visit, elsewhere = PresenceSession(), PresenceSession()
        async with here.one.watching(here.discussion) as one, here.other.watching(here.discussion) as other:
            here.one.say(here.discussion, ada, visit=visit)
            here.one.say(here.discussion)
            here.other.say(here.discussion)
            here.other.say(here.discussion, ada, visit=elsewhere, typing=True)
            here.other.say(here.discussion, bo)
            for watcher in (one, other):
                # Nobody counts twice: not who is there at both, nor an address.
                await watcher.sees(3, [ada, bo], [ada])
            here.other.presence.leave(elsewhere)
            for watcher in (one, other):
                await watcher.sees(3, [ada, bo])
            here.one.presence.leave(visit)
            for watcher in (one, other):
                await watcher.sees(2, [bo])
        # Who comes later is shown what was told before.
        async with here.one.watching(here.discussion) as later:
            await later.sees(2, [bo])


@several_processes
async def test_what_a_process_knew_of_another_that_died_is_forgotten(backend: Backend, bus_url: str) -> None:
    async with town(backend, [bus_url, bus_url], lasts=2.0) as here:
        ada, bo, _ = here.people
        async with here.one.watching(here.discussion) as watcher:
            here.other.say(here.discussion, ada)
            await watcher.sees(1, [ada])
            await here.other.bus.stop()
            here.other.say(here.discussion, bo)
            await watcher.sees(0)
            # A notice that was lost heals when it is said again.
            await here.other.bus.start()
            here.other.say(here.discussion, bo)
            await watcher.sees(1, [bo])


@several_processes
async def test_a_process_that_stops_takes_its_readers_with_it(backend: Backend, bus_url: str) -> None:
    async with town(backend, [bus_url, bus_url]) as here:
        ada, *_ = here.people
        visit = PresenceSession()
        async with here.one.watching(here.discussion) as watcher:
            here.other.say(here.discussion, ada, visit=visit)
            await watcher.sees(1, [ada])
            here.other.presence.leave(visit)
            await here.other.presence.stop()
            await watcher.sees(0)


async def test_a_crowd_is_counted_to_a_bound_and_listed_to_a_smaller_one(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live.presence, "MOST_IN_DISCUSSION", 80)
    monkeypatch.setattr(live.presence, "MOST_IN_PROCESS", 100)
    async with town(backend) as here:
        people = [await add_person(here.database, f"many-{at}") for at in range(LISTED + 10)]
        async with here.one.watching(here.discussion) as watcher:
            for person in people:
                here.one.say(here.discussion, person, typing=True)
            await watcher.sees(len(people), people[:LISTED], people[:LISTED])
            for at in range(10_000):
                here.one.say(here.discussion, address=f"address {at}")
            await watcher.sees(80, people[:LISTED], people[:LISTED])
            for discussion in range(1, 10_001):
                here.one.say(discussion, address="here")
            assert here.one.presence.known == 100
            assert len(here.one.presence._rooms) <= 22
            # Who is there can still say so.
            here.one.say(here.discussion, people[0])
            await watcher.sees(80, people[:LISTED], people[1 : LISTED + 1])


@several_processes
async def test_ten_thousand_presences_are_told_in_few_notices_and_forgotten(backend: Backend, bus_url: str) -> None:
    async with town(backend, [bus_url, bus_url], lasts=3.0) as here:
        for at in range(10_000):
            here.one.say(here.discussion, address=f"address {at}")
        await until(lambda: here.other.presence.known == 10_000)
        await until(lambda: here.one.presence.known == here.other.presence.known == 0)
        assert here.one.presence._rooms == here.other.presence._rooms == {}


@pytest.mark.parametrize(
    "body",
    [
        None,
        7,
        [],
        ["elsewhere"],
        ["elsewhere", 7],
        ["elsewhere", [7]],
        ["elsewhere", [[1, 2]]],
        ["elsewhere", [[1, 2, 3]]],
        ["elsewhere", [[0, 2, True]]],
        ["elsewhere", [[2**63, 2, True]]],
        ["elsewhere", [[1, 2**63, True]]],
        ["elsewhere", [[1, 1.5, True]]],
        ["elsewhere", [[1, 2, True], [1, None, True]]],
        [7, [[1, 2, True]]],
    ],
    ids=str,
)
async def test_a_notice_that_makes_no_sense_is_ignored(backend: Backend, body: object) -> None:
    async with town(backend) as here:
        with capture_logs() as written:
            assert await here.one.bus.tell("presence", body)
            assert await here.one.bus.tell("presence", ["elsewhere", [[here.discussion, "x", None]]])
            assert await here.one.bus.tell("presence", ["elsewhere", [[here.discussion, "x", False]]])
            await until(lambda: here.one.presence.known == 1)
        assert [entry["log_level"] for entry in written] == ["warning"]


async def test_to_watch_what_does_not_exist_is_refused(backend: Backend) -> None:
    async with town(backend) as here:
        for discussion in (0, 999_999_999, 2**63 - 1):
            with pytest.raises(NoDiscussion):
                await anext(here.one.presence.watch(discussion))
        assert here.one.presence._rooms == {}


async def test_the_deletion_of_a_discussion_ends_its_streams(backend: Backend) -> None:
    async with town(backend) as here, here.one.watching(here.discussion) as watcher:
        await watcher.sees(0)
        moderator = Actor(here.people[0], is_moderator=True)
        await delete_discussion(Forum(here.database), moderator, DeleteDiscussion(discussion_id=here.discussion))
        here.one.bus.ring(here.discussion, 1)
        await until(lambda: watcher.ended)
        async with here.one.watching(here.discussion) as late:
            await until(lambda: late.ended)
        assert late.shown == []


async def test_who_watches_leaves_nothing_behind(backend: Backend) -> None:
    async with town(backend) as here:
        before = asyncio.all_tasks()
        for _ in range(3):
            async with here.one.watching(here.discussion) as one, here.one.watching(here.discussion) as other:
                await one.sees(0)
                await other.sees(0)
                assert here.one.hub.followers == 1
            await until(lambda: here.one.hub.followers == 0 and asyncio.all_tasks() == before)
            assert here.one.presence._rooms == {}
