"""Fixtures: a client of each backend's server, and a discussion that many tests read and none changes."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.support import trees
from tests.support.http import Client, Discussion, People, people_of
from tests.support.servers import Parley

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
