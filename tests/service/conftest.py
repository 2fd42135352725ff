"""Fixtures: a client of each backend's server, and a discussion that many tests read and none changes."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.support import trees
from tests.support.backends import Backend
from tests.support.http import Client, Discussion, People, people_of
from tests.support.servers import JWT_SECRET, UNLIMITED, Parley

PEOPLE = ("edith", "radia", "barbara")


@dataclass(frozen=True, slots=True)
class Grown:
    """A discussion, the model of its tree, and the ids of its replies in the order of their sequences."""

    discussion: Discussion
    tree: trees.Tree
    ids: list[str]

    def id(self, sequence: int) -> str:
        return self.ids[sequence - 1]

    def author(self, sequence: int) -> str:
        return PEOPLE[(sequence - 1) % len(PEOPLE)]


@pytest.fixture(scope="session")
def client(parley: Parley) -> Iterator[Client]:
    """Asks the session's server."""
    with Client.of(parley) as opened:
        yield opened


@pytest.fixture(scope="session")
def grown(client: Client) -> Grown:
    """A discussion of 110 replies in a tree of chance. Tests only read it."""
    tree = trees.grown(110, seed=7)
    discussion = client.start_discussion("edith", "A tree of chance")
    return Grown(discussion, tree, client.add_replies(discussion, tree.parents, PEOPLE))


@pytest.fixture(scope="session")
def people(parley: Parley) -> Iterator[People]:
    """Makes people at the session's server."""
    with people_of(parley) as made:
        yield made


@pytest.fixture(scope="module")
def site(backend: Backend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parley]:
    """A server of its own for the tests of one file, on a database that holds nothing else."""
    server = Parley.start(
        database_url=backend.migrated_database(),
        bus_url=backend.bus_url,
        folder=tmp_path_factory.mktemp("site"),
        guests=True,
        jwt_secret=JWT_SECRET,
        **UNLIMITED,
    )
    yield server
    server.stop()


@pytest.fixture(scope="module")
def crowd(site: Parley) -> Iterator[People]:
    """Makes people at the site."""
    with people_of(site) as made:
        yield made
