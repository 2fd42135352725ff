"""Fixtures: people at each backend's server."""

from collections.abc import Iterator

import pytest

from tests.servers import Parley
from tests.service.asking import People, people_of


@pytest.fixture(scope="session")
def people(parley: Parley) -> Iterator[People]:
    """Makes people at the session's server."""
    with people_of(parley) as made:
        yield made
