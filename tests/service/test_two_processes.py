"""Two server processes on one PostgreSQL and one bus; and what becomes of followers when a process or the bus dies."""

import asyncio
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.support.backends import Backend
from tests.support.http import People, Person, people_of
from tests.support.servers import JWT_SECRET, Parley, PostgreSQL, Valkey, told
from tests.support.waiting import eventually_async
from tests.support.websocket import EVENTS, following, numbers

pytestmark = pytest.mark.anyio

DUPLICATES = 64


class Pair:
    """Two processes, and people who ask the one or the other."""

    def __init__(self, one: Parley, other: Parley, people: People, elsewhere: httpx2.Client) -> None:
        self.one, self.other = one, other
        self.people = people
        self._elsewhere = elsewhere

    def at_other(self, person: Person) -> Person:
        """The same person at the other process."""
        return Person(self._elsewhere, person.token, person.handle, person.name)


@contextmanager
def pair(database_url: str, bus_url: str, folder: Path) -> Iterator[Pair]:
    """Two running processes on a migrated database."""
    settings = {"jwt_secret": JWT_SECRET, "writes_per_minute": 100_000, "writes_per_minute_of_address": 100_000}
    with ExitStack() as stack:
        servers: list[Parley] = []
        for _ in range(2):
            servers.append(Parley.start(database_url=database_url, bus_url=bus_url, folder=folder, **settings))
            stack.callback(servers[-1].stop)
        one, other = servers
        yield Pair(one, other, stack.enter_context(people_of(one)), stack.enter_context(people_of(other)).http)


def has_its_bus(server: Parley) -> bool:
    return bool(httpx2.get(f"{server.url}/readyz").json()["bus"])


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
    with pair(url, broker.url, tmp_path_factory.mktemp("two")) as made:
        yield made


async def test_a_reply_at_one_process_reaches_followers_of_the_other(two: Pair) -> None:
    ada = two.people()
    discussion = ada.start()
    async with following(two.other, EVENTS, discussion, ada.cursor(discussion)) as there:
        assert await there.replayed() == []
        for number in range(1, 6):
            ada.reply(discussion)
            assert numbers([await there.item(seconds=1)]) == [number]


async def test_racing_duplicates_at_two_processes_are_one_reply(two: Pair) -> None:
    ada = two.people()
    discussion = ada.start()
    start = ada.cursor(discussion)
    places = [ada, two.at_other(ada)]
    key = secrets.token_hex(8)

    def post(at: int) -> Any:
        return places[at % 2].payload("addReply", discussionId=discussion, body="Once.", clientMutationId=key)

    answers = await asyncio.gather(*(asyncio.to_thread(post, at) for at in range(DUPLICATES)))
    assert [answer["errors"] for answer in answers] == [[]] * DUPLICATES
    assert len({answer["reply"]["id"] for answer in answers}) == 1
    assert len({answer["eventCursor"] for answer in answers}) == 1
    assert numbers(ada.events(discussion, start)) == [1]


async def test_followers_of_a_killed_process_resume_at_the_other(two: Pair) -> None:
    ada = two.people()
    discussion = ada.start()
    async with following(two.other, EVENTS, discussion, ada.cursor(discussion)) as follower:
        await follower.replayed()
        ada.reply(discussion)
        heard = [await follower.item()]
        await asyncio.to_thread(two.other.kill)
    ada.reply(discussion)
    async with following(two.one, EVENTS, discussion, heard[-1]["cursor"]) as follower:
        heard += await follower.replayed()
        ada.reply(discussion)
        heard.append(await follower.item())
    await asyncio.to_thread(two.other.restart)
    async with following(two.other, EVENTS, discussion, heard[-1]["cursor"]) as follower:
        assert await follower.replayed() == []
        ada.reply(discussion)
        heard.append(await follower.item())
    assert numbers(heard) == [1, 2, 3, 4]


async def test_without_the_bus_events_come_by_the_poll(two: Pair, broker: Valkey) -> None:
    ada = two.people()
    discussion = ada.start()
    async with following(two.other, EVENTS, discussion, ada.cursor(discussion)) as there:
        await there.replayed()
        await asyncio.to_thread(broker.kill)
        for number in (1, 2):
            ada.reply(discussion)
            assert numbers([await there.item()]) == [number]
        await asyncio.to_thread(broker.restart)
        for server in (two.one, two.other):
            await eventually_async(partial(has_its_bus, server), "the bus")
        # Connected is said of hearing; the sender may find its broker a moment later, and tells what waited.
        ada.reply(discussion)
        assert numbers([await there.item()]) == [3]
        for number in range(4, 9):
            ada.reply(discussion)
            assert numbers([await there.item(seconds=1)]) == [number]


async def test_postgresql_alone_is_enough_for_two_processes(
    postgresql: PostgreSQL, tmp_path_factory: pytest.TempPathFactory
) -> None:
    url = postgresql.new_database()
    await asyncio.to_thread(told, "migrate", database_url=url)
    with pair(url, url, tmp_path_factory.mktemp("alone")) as both:
        ada = both.people()
        discussion = ada.start()
        async with following(both.other, EVENTS, discussion, ada.cursor(discussion)) as there:
            await there.replayed()
            for number in range(1, 6):
                ada.reply(discussion)
                assert numbers([await there.item(seconds=1)]) == [number]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_followers_of_a_restarted_server_miss_nothing(
    backend: Backend, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("restarted")
    url = await asyncio.to_thread(backend.migrated_database)
    server = Parley.start(database_url=url, bus_url=backend.bus_url, folder=folder, jwt_secret=JWT_SECRET)
    try:
        with people_of(server) as people:
            ada = people()
            discussion = ada.start()
            async with following(server, EVENTS, discussion, ada.cursor(discussion)) as follower:
                await follower.replayed()
                ada.reply(discussion)
                heard = [await follower.item()]
                ada.reply(discussion)
                restarting = asyncio.create_task(asyncio.to_thread(server.restart))
                assert await follower.closed() == 1012
                await restarting
            ada.reply(discussion)
            async with following(server, EVENTS, discussion, heard[-1]["cursor"]) as follower:
                heard += await follower.replayed()
                ada.reply(discussion)
                heard.append(await follower.item())
            assert numbers(heard) == [1, 2, 3, 4]
        assert "Traceback" not in server.log()
    finally:
        server.stop()
