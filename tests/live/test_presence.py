"""Presence: reported by readers again and again, shared between processes, and gone with the readers."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest
from structlog.testing import capture_logs

import db.users
import live.presence
import live.presence_view
from db.database import Database
from forum.deletions import DeleteDiscussion, delete_discussion
from forum.use_cases import Actor, Forum
from live.bus import Bus
from live.follower import LogNotFound
from live.hub import Hub
from live.presence import PresenceSession, PresenceTracker
from live.presence_view import MAX_LISTED, PresenceSnapshot
from tests.db import logs
from tests.live.brokers import until
from tests.live.services import NEVER, PATIENCE_SECONDS
from tests.support.backends import Backend

pytestmark = pytest.mark.anyio

TTL = 1000.0
KEY = b"a key"


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Process:
    """What one process knows, and somebody who watches there."""

    def __init__(self, bus: Bus, hub: Hub, presence: PresenceTracker) -> None:
        self.bus = bus
        self.hub = hub
        self.presence = presence

    def report(self, discussion: int, user: int | None = None, **more: Any) -> None:
        self.presence.report(discussion, **({"user_id": user, "address": "here", "session": None} | more))

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
    """The snapshots that somebody received."""

    def __init__(self) -> None:
        self.snapshots: list[PresenceSnapshot] = []
        self.ended = False

    async def watch(self, presence: PresenceTracker, discussion: int) -> None:
        async with aclosing(presence.watch(discussion)) as lists:
            async for (entry,) in lists:
                self.snapshots.append(entry.value)
        self.ended = True

    async def sees(self, count: int, readers: Iterable[int] = (), typing: Iterable[int] = ()) -> None:
        """Returns once the last that was shown is this."""
        wanted = (count, set(readers), set(typing))
        try:
            await until(lambda: self.snapshots and seen(self.snapshots[-1]) == wanted, seconds=PATIENCE_SECONDS)
        except TimeoutError:
            raise AssertionError(f"{[seen(each) for each in self.snapshots]} never ended with {wanted}.") from None


def seen(shown: PresenceSnapshot) -> tuple[int, set[int], set[int]]:
    return shown.reader_count, {row.id for row in shown.readers}, {row.id for row in shown.typing}


class Town:
    """A database with people and a discussion, processes on it, and their clock."""

    def __init__(
        self, database: Database, discussion: int, people: Sequence[int], processes: Sequence[Process], clock: Clock
    ) -> None:
        self.database = database
        self.discussion = discussion
        self.people = people
        self.clock = clock
        self.one, self.other = processes[0], processes[-1]


@asynccontextmanager
async def town(
    backend: Backend, bus_urls: Sequence[str] = ("memory://",), *, snapshot_seconds: float = 0.01
) -> AsyncIterator[Town]:
    """Nobody is left in it, and no task, when it closes."""
    before, clock = asyncio.all_tasks(), Clock()
    async with Database(backend.migrated_database()) as database:
        discussion = await logs.discussion(database)
        people = [await add_person(database, f"person-{at}") for at in range(3)]
        processes = []
        for url in bus_urls:
            bus = Bus(url, patience_seconds=1)
            hub = Hub(database, bus, poll_seconds=NEVER)
            presence = PresenceTracker(
                database, hub, bus, key=KEY, ttl_seconds=TTL, snapshot_seconds=snapshot_seconds, clock=clock
            )
            processes.append(Process(bus, hub, presence))
            for started in (bus, hub, presence):
                await started.start()
        yield Town(database, discussion, people, processes, clock)
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


async def test_watcher_receives_a_snapshot_at_once_and_after_every_change(backend: Backend) -> None:
    async with town(backend) as here:
        ada, bo, _ = here.people
        here.one.report(here.discussion, ada)
        async with here.one.watching(here.discussion) as first, here.one.watching(here.discussion) as second:
            await first.sees(1, [ada])
            here.one.report(here.discussion, bo, typing=True)
            await first.sees(2, [ada, bo], [bo])
            here.one.report(here.discussion, bo)
            await first.sees(2, [ada, bo])
            here.one.report(here.discussion, typing=True)
            await first.sees(3, [ada, bo])
            await second.sees(3, [ada, bo])
            # Read once for both: what they are given is the very same.
            assert first.snapshots[-1] is second.snapshots[-1]
            told = len(first.snapshots)
            # To say it again changes nothing.
            for _ in range(3):
                here.one.report(here.discussion, ada)
                await asyncio.sleep(0)
            here.one.report(here.discussion, ada, typing=True)
            await first.sees(3, [ada, bo], [ada])
            assert len(first.snapshots) == told + 1


async def test_snapshots_are_made_no_more_often_than_configured(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[asyncio.Future[None]] = []
    first_of = live.presence_view._first

    async def first(*futures: asyncio.Future[None], seconds: float | None = None) -> None:
        """Waits for the test instead of the time."""
        if seconds is not None:
            assert seconds == 60.0
            pauses.append(asyncio.get_running_loop().create_future())
            futures = (*futures, pauses[-1])
        await first_of(*futures)

    def let_time_pass() -> None:
        for pause in pauses:
            if not pause.done():
                pause.set_result(None)

    monkeypatch.setattr(live.presence_view, "_first", first)
    async with town(backend, snapshot_seconds=60.0) as here, here.one.watching(here.discussion) as watcher:
        ada, *_ = here.people
        await watcher.sees(0)
        # The view waits, and so does its watcher.
        await until(lambda: len(pauses) == 2)
        for at in range(60):
            here.one.report(here.discussion, ada, typing=at % 2 == 0)
            await asyncio.sleep(0)
        here.one.report(here.discussion, ada, typing=True)
        assert len(watcher.snapshots) == 1
        let_time_pass()
        await watcher.sees(1, [ada], [ada])
        assert len(watcher.snapshots) == 2


async def test_reader_without_reports_is_gone_after_the_ttl(backend: Backend) -> None:
    async with town(backend) as here, here.one.watching(here.discussion) as watcher:
        ada, bo, _ = here.people
        here.one.report(here.discussion, ada, typing=True)
        here.one.report(here.discussion, bo)
        await watcher.sees(2, [ada, bo], [ada])
        here.clock.now = TTL - 1
        here.one.report(here.discussion, bo)
        here.clock.now = TTL
        await watcher.sees(1, [bo])
        here.clock.now = 2 * TTL - 1
        await watcher.sees(0)
        assert here.one.presence.known == 0


async def test_reports_over_a_connection_end_with_it(backend: Backend) -> None:
    async with town(backend) as here, here.one.watching(here.discussion) as watcher:
        ada, bo, _ = here.people
        first, second, readers = PresenceSession(), PresenceSession(), PresenceSession()
        here.one.report(here.discussion, ada, session=first, typing=True)
        here.one.report(here.discussion, ada, session=second)
        here.one.report(here.discussion, bo, session=first)
        here.one.report(here.discussion, session=readers)
        await watcher.sees(3, [ada, bo], [ada])
        here.one.presence.leave(first)
        # She is there once more.
        await watcher.sees(2, [ada])
        here.one.presence.leave(readers)
        await watcher.sees(1, [ada])
        here.one.presence.leave(second)
        await watcher.sees(0)
        # What was under way when the connection ended comes too late.
        here.one.report(here.discussion, ada, session=first)
        assert here.one.presence.known == 0


async def test_anonymous_readers_count_by_connection_or_by_address(backend: Backend) -> None:
    async with town(backend) as here, here.one.watching(here.discussion) as watcher:
        sessions = [PresenceSession(), PresenceSession()]
        for _ in range(2):
            for session in sessions:
                here.one.report(here.discussion, session=session, typing=True)
            for address in ("192.0.2.1", "192.0.2.2", "192.0.2.3"):
                here.one.report(here.discussion, address=address)
        await watcher.sees(5)
        assert not any("192.0.2" in str(key) for key in here.one.presence._expiry)


@several_processes
async def test_processes_share_their_readers(backend: Backend, bus_url: str) -> None:
    async with town(backend, [bus_url, bus_url]) as here:
        ada, bo, _ = here.people
        session, elsewhere = PresenceSession(), PresenceSession()
        async with here.one.watching(here.discussion) as one, here.other.watching(here.discussion) as other:
            here.one.report(here.discussion, ada, session=session)
            here.one.report(here.discussion)
            here.other.report(here.discussion)
            here.other.report(here.discussion, ada, session=elsewhere, typing=True)
            here.other.report(here.discussion, bo)
            for watcher in (one, other):
                # Nobody counts twice: not who is there at both, nor an address.
                await watcher.sees(3, [ada, bo], [ada])
            here.other.presence.leave(elsewhere)
            for watcher in (one, other):
                await watcher.sees(3, [ada, bo])
            here.one.presence.leave(session)
            for watcher in (one, other):
                await watcher.sees(2, [bo])
        # Who comes later is shown what was told before.
        async with here.one.watching(here.discussion) as later:
            await later.sees(2, [bo])


@several_processes
async def test_readers_of_a_process_that_died_are_gone_after_the_ttl(backend: Backend, bus_url: str) -> None:
    async with town(backend, [bus_url, bus_url]) as here:
        ada, bo, _ = here.people
        async with here.one.watching(here.discussion) as watcher:
            here.other.report(here.discussion, ada)
            await watcher.sees(1, [ada])
            await here.other.bus.stop()
            here.other.report(here.discussion, bo)
            here.clock.now = TTL
            await watcher.sees(0)
            # A notice that was lost heals when it is said again.
            await here.other.bus.start()
            here.other.report(here.discussion, bo)
            await watcher.sees(1, [bo])


@several_processes
async def test_process_that_stops_broadcasts_that_its_readers_left(backend: Backend, bus_url: str) -> None:
    async with town(backend, [bus_url, bus_url]) as here:
        ada, *_ = here.people
        session = PresenceSession()
        async with here.one.watching(here.discussion) as watcher:
            here.other.report(here.discussion, ada, session=session)
            await watcher.sees(1, [ada])
            here.other.presence.leave(session)
            await here.other.presence.stop()
            await watcher.sees(0)


async def test_readers_are_counted_and_listed_up_to_limits(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live.presence, "MAX_READERS_OF_DISCUSSION", 80)
    monkeypatch.setattr(live.presence, "MAX_REPORTS_OF_PROCESS", 100)
    async with town(backend) as here:
        people = [await add_person(here.database, f"many-{at}") for at in range(MAX_LISTED + 10)]
        async with here.one.watching(here.discussion) as watcher:
            for person in people:
                here.one.report(here.discussion, person, typing=True)
            await watcher.sees(len(people), people[:MAX_LISTED], people[:MAX_LISTED])
            for at in range(10_000):
                here.one.report(here.discussion, address=f"address {at}")
            await watcher.sees(80, people[:MAX_LISTED], people[:MAX_LISTED])
            for discussion in range(1, 10_001):
                here.one.report(discussion, address="here")
            assert here.one.presence.known == 100
            assert len(here.one.presence._discussions) <= 22
            # Who is there can still say so.
            here.one.report(here.discussion, people[0])
            await watcher.sees(80, people[:MAX_LISTED], people[1 : MAX_LISTED + 1])


@several_processes
async def test_ten_thousand_readers_are_broadcast_and_forgotten(backend: Backend, bus_url: str) -> None:
    async with town(backend, [bus_url, bus_url]) as here:
        for at in range(10_000):
            here.one.report(here.discussion, address=f"address {at}")
        await until(lambda: here.other.presence.known == 10_000)
        here.clock.now = TTL
        await until(lambda: here.one.presence.known == here.other.presence.known == 0)
        assert here.one.presence._discussions == here.other.presence._discussions == {}


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
async def test_malformed_message_is_ignored(backend: Backend, body: object) -> None:
    async with town(backend) as here:
        with capture_logs() as written:
            assert await here.one.bus.publish("presence", body)
            assert await here.one.bus.publish("presence", ["elsewhere", [[here.discussion, "x", None]]])
            assert await here.one.bus.publish("presence", ["elsewhere", [[here.discussion, "x", False]]])
            await until(lambda: here.one.presence.known == 1)
        assert [entry["log_level"] for entry in written] == ["warning"]


async def test_watching_a_discussion_that_does_not_exist_is_refused(backend: Backend) -> None:
    async with town(backend) as here:
        for discussion in (0, 999_999_999, 2**63 - 1):
            with pytest.raises(LogNotFound):
                await anext(here.one.presence.watch(discussion))
        assert here.one.presence._discussions == {}


async def test_deletion_of_a_discussion_ends_its_streams(backend: Backend) -> None:
    async with town(backend) as here, here.one.watching(here.discussion) as watcher:
        await watcher.sees(0)
        moderator = Actor(here.people[0], is_moderator=True)
        await delete_discussion(Forum(here.database), moderator, DeleteDiscussion(discussion_id=here.discussion))
        here.one.bus.notify(here.discussion, 1)
        await until(lambda: watcher.ended)
        async with here.one.watching(here.discussion) as late:
            await until(lambda: late.ended)
        assert late.snapshots == []


async def test_watchers_leave_no_task_behind(backend: Backend) -> None:
    async with town(backend) as here:
        before = asyncio.all_tasks()
        for _ in range(3):
            async with here.one.watching(here.discussion) as one, here.one.watching(here.discussion) as other:
                await one.sees(0)
                await other.sees(0)
                assert here.one.hub.followers == 1
            await until(lambda: here.one.hub.followers == 0 and asyncio.all_tasks() == before)
            assert here.one.presence._discussions == {}
