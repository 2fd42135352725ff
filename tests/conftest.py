"""Fixtures: the two databases and buses that every test of the service runs on, and a Parley on each."""

import gc
import os
import re
import signal
from collections.abc import AsyncIterator, Generator, Iterator
from typing import Any

import hypothesis
import pytest
from sqlalchemy import delete
from xdist.scheduler import LoadScopeScheduling

from db.database import Database, Transaction
from db.statements import WriteStatement
from db.tables import user_networks
from tests.support import preloaded, watchdog
from tests.support.backends import Backend, postgresql_backend, sqlite_backend
from tests.support.http import put
from tests.support.servers import JWT_SECRET, UNLIMITED, Parley, PostgreSQL, Valkey


def pytest_configure() -> None:
    """Lets the fixtures end their servers when the tests receive SIGTERM, and not only on Ctrl-C."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    preloaded.turn_on()
    # Hypothesis would call an example wrong for the time that it took on a busy machine.
    hypothesis.settings.register_profile("parley", deadline=None)
    hypothesis.settings.load_profile("parley")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collects no garbage among modules and tests, which stay to the end: that would take longer than to make them."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


LONGEST = ("examples", "browser", "docs", "bench", "attack", "deploy")
"""Folders of tests that take long for one test. They begin, so that no processor waits for one of them at the end."""
OF_BROWSERS = ("browser", "examples")
"""Folders of tests that drive a browser. A failure there is run once more, and both are told: on a busy machine the
browser and the tools that serve pages miss deadlines of their own, which no code here sets."""
BACKENDS = ("sqlite", "postgresql")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Runs all tests on one backend before those on the next, also where workers share them (`--dist loadgroup`).

    So each worker starts each backend's server once.
    """

    def rank(item: pytest.Item) -> int:
        if item.path.parent.name in LONGEST:
            return LONGEST.index(item.path.parent.name)
        return len(LONGEST) + (BACKENDS.index(name) if (name := _backend_of(item)) else len(BACKENDS))

    items.sort(key=rank)
    for item in items:
        if item.path.parent.name in OF_BROWSERS:
            item.add_marker(pytest.mark.flaky(reruns=1))


class ByFileAndBackend(LoadScopeScheduling):  # type: ignore[misc]
    """Gives the tests of one file and one backend to one worker, which makes what they share once.

    In place of marks: xdist 3.8 writes these into an attribute that pytest 9.2 does not read any more.
    """

    def _split_scope(self, nodeid: str) -> str:
        file, _, test = nodeid.partition("::")
        backend = re.search(rf"[\[-]({'|'.join(BACKENDS)})[]-]", test)
        return f"{file} {backend[1] if backend else ''}"


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling | None:
    """The scheduler of `--dist loadgroup`."""
    return ByFileAndBackend(config, log) if config.getvalue("dist") == "loadgroup" else None


def _backend_of(item: pytest.Item) -> str | None:
    call = getattr(item, "callspec", None)
    name = call.params.get("backend") if call is not None else None
    return name if name in BACKENDS else None


@pytest.fixture(autouse=True)
def event_loops_are_free() -> Iterator[None]:
    """Fails the test during which a server's event loop was blocked."""
    yield
    if noted := watchdog.blocked(preloaded.BLOCKED):
        pytest.fail("\n".join(noted), pytrace=False)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """What `pytest.mark.anyio` runs tests on."""
    return "asyncio"


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """The session's PostgreSQL. A test that ends one starts its own."""
    url = os.environ.get("PARLEY_TEST_POSTGRESQL_URL")
    server = PostgreSQL.at(url) if url else PostgreSQL.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def valkey() -> Iterator[Valkey]:
    """The session's Valkey. A test that ends one starts its own."""
    url = os.environ.get("PARLEY_TEST_VALKEY_URL")
    server = Valkey.at(url) if url else Valkey.start()
    yield server
    server.stop()


@pytest.fixture(scope="session", params=BACKENDS)
def backend(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Backend:
    """Each of the two in turn; its servers are started by the first test that needs them."""
    if request.param == "sqlite":
        return sqlite_backend(tmp_path_factory.mktemp("sqlite"))
    return postgresql_backend(request.getfixturevalue("postgresql"), request.getfixturevalue("valkey"))


@pytest.fixture(scope="module")
def networks_are_forgotten(parley: Parley) -> Iterator[None]:
    """For files that suspend people on the shared server: all guests come from the network of these."""
    yield

    async def forget(tx: Transaction) -> None:
        await tx.run(WriteStatement(delete(user_networks)))

    put(str(parley.settings["database_url"]), forget)


@pytest.fixture(scope="session")
def parley(backend: Backend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parley]:
    """A running server on the session's database of `backend`, where guests may sign in."""
    server = Parley.start(
        database_url=backend.database_url,
        bus_url=backend.bus_url,
        folder=tmp_path_factory.mktemp(f"parley-{backend.name}"),
        guests=True,
        jwt_secret=JWT_SECRET,
        # All tests write from one address; what the limits do is tested on servers of their own.
        **UNLIMITED,
    )
    yield server
    server.stop()


@pytest.fixture
async def database(backend: Backend) -> AsyncIterator[Database]:
    """An open database of its own for this test, migrated and without a server."""
    async with Database(backend.migrated_database()) as opened:
        yield opened


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Shows the end of a server's log with the test that failed on it."""
    report = yield
    server = getattr(item, "funcargs", {}).get("parley")
    if report.failed and isinstance(server, Parley):
        report.sections.append((f"log of {server.url}", "\n".join(server.log().splitlines()[-40:])))
    return report
