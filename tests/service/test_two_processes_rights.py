"""Two server processes: who is suspended writes at neither, and both show who is there; also without the bus."""

import asyncio
from collections.abc import Iterator
from functools import partial

import pytest

from tests.service.test_presence import WATCH, Watcher, say
from tests.service.test_two_processes import Pair, has_its_bus, pair
from tests.support.http import Person
from tests.support.servers import PostgreSQL, Valkey, told
from tests.support.waiting import eventually_async
from tests.support.websocket import EVENTS, Socket, connected, following, numbers

pytestmark = pytest.mark.anyio

AWAY = " (the bus is unreachable: servers notice within 5 seconds)"


@pytest.fixture(scope="module")
def broker() -> Iterator[Valkey]:
    """A Valkey that may be killed."""
    server = Valkey.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def two(postgresql: PostgreSQL, broker: Valkey, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    url = postgresql.new_database()
    told("migrate", database_url=url)
    with pair(url, broker.url, tmp_path_factory.mktemp("two-rights")) as made:
        yield made


@pytest.fixture
def alone(postgresql: PostgreSQL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Two processes on PostgreSQL alone."""
    url = postgresql.new_database()
    told("migrate", database_url=url)
    with pair(url, url, tmp_path_factory.mktemp("alone-rights")) as made:
        yield made


def is_refused(person: Person) -> bool:
    (error,) = person.payload("setPresence", discussionId="D_0")["errors"]
    refused: bool = error["code"] == "SUSPENDED"
    return refused


async def ends_everywhere(both: Pair, said: str) -> None:
    """Somebody who follows at both processes, and is remembered by both, is suspended and unsuspended."""
    ada = both.people()
    elsewhere = both.at_other(ada)
    discussion = ada.start()
    assert not is_refused(elsewhere)
    for command, is_so in (("suspend", True), ("unsuspend", False)):
        async with (
            following(both.one, EVENTS, discussion, token=ada.token) as here,
            following(both.other, EVENTS, discussion, token=ada.token) as there,
            following(both.other, EVENTS, discussion) as reader,
        ):
            for follower in (here, there, reader):
                await follower.replayed()
            answer = await asyncio.to_thread(told, command, "--handle", ada.handle, **both.one.settings)
            assert answer == f"@{ada.handle} is {'' if is_so else 'not '}suspended{said}.\n"
            assert [await here.closed(), await there.closed()] == [1012, 1012]
            await eventually_async(lambda: {is_refused(ada), is_refused(elsewhere)} == {is_so}, command)  # noqa: B023
            both.people().reply(discussion)
            assert len(numbers([await reader.item()])) == 1


async def test_what_a_moderator_does_at_one_process_reaches_every_process(two: Pair) -> None:
    mod, ada = two.people("Mod", moderator=True), two.people()
    elsewhere = two.at_other(ada)
    discussion = ada.start()
    user = ada.ask("{ viewer { user { id } } }")["viewer"]["user"]["id"]
    for mutation, given, role in (
        ("suspendUser", {}, "MEMBER"),
        ("unsuspendUser", {}, "MEMBER"),
        ("setRole", {"role": "MODERATOR"}, "MODERATOR"),
        ("setRole", {"role": "MEMBER"}, "MEMBER"),
    ):
        async with (
            following(two.one, EVENTS, discussion, token=ada.token) as here,
            following(two.other, EVENTS, discussion, token=ada.token) as there,
        ):
            for follower in (here, there):
                await follower.replayed()
            await asyncio.to_thread(partial(mod.write, mutation, userId=user, **given))
            assert [await here.closed(), await there.closed()] == [1012, 1012]
        expected = {"role": role, "isModerator": role == "MODERATOR"}
        for person in (ada, elsewhere):
            assert person.ask("{ viewer { role isModerator } }")["viewer"] == expected
            assert is_refused(person) is (mutation == "suspendUser")


async def test_a_suspension_reaches_every_process(two: Pair) -> None:
    await ends_everywhere(two, "")


async def test_a_suspension_reaches_every_process_by_postgresql_alone(alone: Pair) -> None:
    await ends_everywhere(alone, "")


async def test_presence_is_shared_between_processes(two: Pair) -> None:
    ada, bo = two.people.several("Ada", "Bo")
    discussion = ada.start()
    async with (
        following(two.one, WATCH, discussion) as here,
        following(two.other, WATCH, discussion) as there,
        connected(two.one, ada.token) as ada_here,
        connected(two.other, ada.token) as ada_there,
        connected(two.other, bo.token) as bo_there,
    ):
        await say(ada_here, discussion)
        await say(ada_there, discussion, typing=True)
        await say(bo_there, discussion)
        watchers = [Watcher(here), Watcher(there)]
        for watcher in watchers:
            await watcher.sees(2, [ada, bo], [ada])
        ada_there.cut()
        for watcher in watchers:
            await watcher.sees(2, [ada, bo], [])
        bo_there.cut()
        for watcher in watchers:
            await watcher.sees(1, [ada], [])


async def test_without_the_bus_suspensions_come_by_the_poll(two: Pair, broker: Valkey) -> None:
    ada = two.people()
    discussion = ada.start()
    async with following(two.other, WATCH, discussion) as there, connected(two.one, ada.token) as hers:
        watcher = Watcher(there)
        await watcher.sees(0, [], [])
        await asyncio.to_thread(broker.kill)
        await ends_everywhere(two, AWAY)
        await say(hers, discussion)
        async with following(two.one, WATCH, discussion) as here:
            await Watcher(here).sees(1, [ada], [])
        await asyncio.to_thread(broker.restart)
        for server in (two.one, two.other):
            await eventually_async(partial(has_its_bus, server), "the bus")
        await repeats(hers, discussion, watcher, ada)


async def repeats(socket: Socket, discussion: str, watcher: Watcher, who: Person) -> None:
    """Says it again until it is seen: the sender may find its broker a moment after the listener."""
    seen = asyncio.create_task(watcher.sees(1, [who], []))
    while not seen.done():
        await say(socket, discussion)
        await asyncio.wait([seen], timeout=0.5)
    await seen
