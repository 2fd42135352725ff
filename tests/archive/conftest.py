"""Fixtures: people at each backend's server."""

from collections.abc import Iterator

import pytest

from tests.support.http import People, people_of
from tests.support.servers import Parley


@pytest.fixture(scope="session")
def people(parley: Parley) -> Iterator[People]:
    """Makes people at the session's server."""
    with people_of(parley) as made:
        yield made
