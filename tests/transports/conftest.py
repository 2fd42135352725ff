"""Fixtures: one service for the tests that need nothing special of it."""

from collections.abc import Iterator

import httpx2
import pytest

from tests.transports.service import Service


@pytest.fixture(scope="session")
def service() -> Iterator[Service]:
    """A running service with the limits of every day."""
    with Service().running() as running:
        yield running


@pytest.fixture(autouse=True)
def records_of_this_test(request: pytest.FixtureRequest) -> None:
    """Forgets what the service logged for the tests before, of which some are meant to fail in it."""
    if "service" in request.fixturenames:
        request.getfixturevalue("service").records.clear()


@pytest.fixture(scope="session")
def client(service: Service) -> Iterator[httpx2.Client]:
    """An HTTP client of the service; its one address is `/graphql`."""
    with httpx2.Client(base_url=service.url.removesuffix("/graphql")) as opened:
        yield opened
