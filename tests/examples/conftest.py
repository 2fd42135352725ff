"""Fixtures: a server of the examples' own, a discussion of more than a page, and a connection that can be cut."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.support import trees
from tests.support.http import Client, Discussion, People, Person, people_of
from tests.support.proxy import Proxy
from tests.support.servers import JWT_SECRET, UNLIMITED, Parley

REPLIES = 110
"""More than the pages of the examples hold, so that some are left to load."""


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parley]:
    folder: Path = tmp_path_factory.mktemp("examples")
    started = Parley.start(
        database_url=f"sqlite:///{folder}/parley.db",
        folder=folder,
        guests=True,
        jwt_secret=JWT_SECRET,
        **UNLIMITED,
    )
    yield started
    started.stop()


@pytest.fixture(scope="session")
def people(server: Parley) -> Iterator[People]:
    with people_of(server) as made:
        yield made


@pytest.fixture(scope="session")
def ada(people: People) -> Person:
    """Somebody who writes past the connection that is cut."""
    return people(moderator=True)


@pytest.fixture(scope="session")
def discussion(server: Parley) -> Discussion:
    """A discussion with a tree of replies. The tests add to it, and each compares with what it holds then."""
    with Client.of(server) as client:
        started = client.start_discussion("edith", "What the examples show")
        client.add_replies(started, trees.grown(REPLIES, seed=5).parents, ("edith", "radia"))
        return started


@pytest.fixture(scope="module")
async def line(server: Parley) -> AsyncIterator[Proxy]:
    """The connection between an example and the server."""
    proxy = Proxy(server.port)
    async with proxy.open():
        yield proxy
