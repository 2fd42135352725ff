"""The npm clients of a live thread over plain HTTP: each asks and follows a real server, and comes back after cuts."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.node import npm
from tests.support.backends import Backend
from tests.support.http import People, Person, people_of
from tests.support.proxy import Proxy
from tests.support.servers import JWT_SECRET, Parley
from tests.support.timeouts import SCENARIO_SECONDS
from tests.support.waiting import eventually_async
from tests.support.websocket import EVENTS, REPLIES, metric

# What clients do with streams is the same on either database.
pytestmark = [pytest.mark.node, pytest.mark.anyio, pytest.mark.parametrize("backend", ["sqlite"], indirect=True)]

TITLE = "query ($id: ID!) { discussion(id: $id) { title } }"
COUNT = 3
LAST = 60
CUT_AFTER = (20, 40)
BYTES_BETWEEN_CUTS = 5_000
"""Some ten replies, and what is asked for them."""


@pytest.fixture(scope="session", autouse=True)
def installed() -> None:
    """The npm clients, or a skip that says what is missing."""
    npm.install()


@pytest.fixture
def discussion(people: People) -> tuple[Person, str, str]:
    """Somebody, their discussion with one reply, and the cursor before the reply."""
    ada = people()
    made = ada.start(title="What clients do")
    before = ada.cursor(made)
    ada.reply(made, "Reply 1")
    return ada, made, before


async def program(ada: Person, made: str, *arguments: str) -> Any:
    """What a program says that follows a discussion, while there are more replies."""
    running = await asyncio.to_thread(npm.start, *arguments)
    finished = asyncio.create_task(asyncio.to_thread(npm.finish, running))
    for number in range(2, COUNT + 1):
        await asyncio.to_thread(ada.reply, made, f"Reply {number}")
    return await finished


def bodies(followed: list[Any]) -> list[tuple[int, str]]:
    """What a client was told of replies."""
    return [(item["eventNumber"] - 1, item["reply"]["body"]) for item in followed]


EXPECTED = [(number, f"Reply {number}") for number in range(1, COUNT + 1)]


async def test_urql_asks_and_follows(parley: Parley, discussion: tuple[Person, str, str]) -> None:
    ada, made, before = discussion
    variables = json.dumps({"id": made, "after": before})
    told = await program(ada, made, "urql.mjs", "fetch", f"{parley.url}/graphql", TITLE, REPLIES, variables, str(COUNT))
    assert told["error"] is None
    assert told["asked"]["discussion"]["title"] == "What clients do"
    assert bodies([result["replyAdded"] for result in told["followed"]]) == EXPECTED


async def test_apollo_client_asks_and_follows(parley: Parley, discussion: tuple[Person, str, str]) -> None:
    ada, made, before = discussion
    variables = json.dumps({"id": made, "after": before})
    told = await program(ada, made, "apollo.mjs", f"{parley.url}/graphql", TITLE, REPLIES, variables, str(COUNT))
    assert told["errors"] == []
    assert told["asked"]["discussion"]["title"] == "What clients do"
    assert bodies([result["replyAdded"] for result in told["followed"]]) == EXPECTED


async def test_apollo_client_gets_the_error_of_a_refused_subscription(
    parley: Parley, discussion: tuple[Person, str, str]
) -> None:
    _, made, _ = discussion
    variables = json.dumps({"id": made, "after": "nonsense"})
    told = npm.run("apollo.mjs", f"{parley.url}/graphql", TITLE, REPLIES, variables, "1")
    assert (told["followed"], told["errors"]) == ([], ["BAD_CURSOR"])


async def test_relay_asks_and_follows(parley: Parley, discussion: tuple[Person, str, str]) -> None:
    ada, made, before = discussion
    told = await program(ada, made, "relay.mjs", f"{parley.url}/graphql", made, before, str(COUNT))
    assert told["error"] is None
    assert told["asked"]["discussion"]["title"] == "What clients do"
    assert bodies(told["followed"]) == EXPECTED


async def followed_through(
    running: Any, writer: Person, made: str, cut: Callable[[], Awaitable[None]], *, after: Sequence[int] = CUT_AFTER
) -> Any:
    """What a client says that is cut, again and again, while somebody writes."""
    finished = asyncio.create_task(asyncio.to_thread(npm.finish, running))
    for number in range(1, LAST + 1):
        await asyncio.to_thread(writer.reply, made, f"Reply {number}")
        if number in after:
            await cut()
    return await finished


class Cutter:
    """Resets the connections of a proxy, once it has passed some replies since the last time.

    Not sooner: Node's fetch waits for ever where a connection ends before it was asked anything.
    """

    def __init__(self, proxy: Proxy) -> None:
        self._proxy = proxy
        self._next = BYTES_BETWEEN_CUTS

    async def cut(self) -> None:
        await eventually_async(lambda: self._proxy.bytes_passed > self._next, "replies to come")
        assert self._proxy.reset() > 0
        self._next = self._proxy.bytes_passed + BYTES_BETWEEN_CUTS


def source_of(url: str, made: str, after: str) -> str:
    """The address that an EventSource is opened with, for as long as its page lives."""
    return f"{url}?" + urlencode({"query": EVENTS, "variables": json.dumps({"id": made, "after": after})})


async def test_an_event_source_that_is_cut_gets_each_reply_once_in_order(parley: Parley, people: People) -> None:
    ada = people()
    made = ada.start()
    proxy = Proxy(parley.port)
    async with asyncio.timeout(SCENARIO_SECONDS), proxy.open():
        running = npm.start("eventsource.mjs", source_of(proxy.url, made, ada.cursor(made)), str(LAST + 1))
        told = await followed_through(running, ada, made, Cutter(proxy).cut)
    assert told == {"numbers": list(range(2, LAST + 2)), "opened": len(CUT_AFTER) + 1}


async def test_an_event_source_that_is_cut_before_its_first_event_loses_none(parley: Parley, people: People) -> None:
    ada = people()
    made = ada.start()
    proxy = Proxy(parley.port)
    async with asyncio.timeout(SCENARIO_SECONDS), proxy.open():
        # Without `after`, the position is known to the server alone.
        source = f"{proxy.url}?" + urlencode({"query": REPLIES, "variables": json.dumps({"id": made})})
        running = npm.start("eventsource.mjs", source, "4")
        assert running.stdout is not None
        assert await asyncio.to_thread(running.stdout.readline) == "position\n"
        assert proxy.reset() > 0
        for number in (1, 2):
            await asyncio.to_thread(ada.reply, made, f"Reply {number}")
        finished = asyncio.create_task(asyncio.to_thread(npm.finish, running))
        await eventually_async(lambda: metric(parley, "parley_followers") == 1, "the client to come back")
        await asyncio.to_thread(ada.reply, made, "Reply 3")
        told = await finished
    assert told == {"numbers": [2, 3, 4], "opened": 2}


@pytest.mark.parametrize("crashes", [True, False], ids=["killed", "drained"])
async def test_an_event_source_survives_a_restart_without_loss(backend: Backend, tmp_path: Path, crashes: bool) -> None:
    url = backend.migrated_database()
    parley = Parley.start(database_url=url, bus_url=backend.bus_url, folder=tmp_path, jwt_secret=JWT_SECRET)

    async def restart() -> None:
        await eventually_async(lambda: metric(parley, "parley_followers") == 1, "the client to come")
        if crashes:
            await asyncio.to_thread(parley.kill)
        await asyncio.to_thread(parley.restart)

    try:
        with people_of(parley) as people:
            ada = people()
            made = ada.start()
            source = source_of(f"{parley.url}/graphql", made, ada.cursor(made))
            running = npm.start("eventsource.mjs", source, str(LAST + 1))
            async with asyncio.timeout(SCENARIO_SECONDS):
                told = await followed_through(running, ada, made, restart, after=CUT_AFTER[:1])
    finally:
        log = parley.log()
        parley.stop()
    assert told["numbers"] == list(range(2, LAST + 2))
    # More than twice where it comes back while the server still drains.
    assert told["opened"] >= 2
    assert "Traceback" not in log
