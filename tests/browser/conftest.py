"""Fixtures: one Chromium, a server of its own for the page, and visitors who must have nothing to complain of."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.pages import Visitors, launched
from tests.node import npm
from tests.support.http import People, Person, people_of
from tests.support.servers import JWT_SECRET, UNLIMITED, Parley


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Not for the whole session: while Playwright is there its event loop runs, beside which no other can."""
    with sync_playwright() as playwright, launched(playwright) as browser:
        yield browser


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parley]:
    folder: Path = tmp_path_factory.mktemp("page")
    started = Parley.start(
        database_url=f"sqlite:///{folder}/parley.db",
        folder=folder,
        guests=True,
        demo=True,
        jwt_secret=JWT_SECRET,
        **UNLIMITED,
    )
    yield started
    started.stop()


@pytest.fixture(scope="package")
def people(server: Parley) -> Iterator[People]:
    with people_of(server) as made:
        yield made


@pytest.fixture(scope="package")
def axe() -> str:
    """The script of the npm package axe-core."""
    npm.install()
    return (npm.FOLDER / "node_modules" / "axe-core" / "axe.min.js").read_text()


@pytest.fixture
def ada(people: People) -> Person:
    return people("Ada")


@pytest.fixture
def visit(browser: Browser, server: Parley, request: pytest.FixtureRequest) -> Iterator[Visitors]:
    """Opens pages. At the end no request went elsewhere, and no browser complained of anything.

    The mark `tolerates` names, by a pattern, what browsers may complain of.
    """
    mark = request.node.get_closest_marker("tolerates")
    name = re.sub(r"\W+", "-", request.node.name).strip("-").removeprefix("test_")
    visitors = Visitors(browser, server.url, name, re.compile(mark.args[0]) if mark else None)
    yield visitors
    visitors.leave()
    assert visitors.complaints == []
