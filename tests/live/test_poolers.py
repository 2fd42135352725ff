"""PostgreSQL behind a pooler: by session all works, by transaction the start and the bus say what is wrong."""

import os
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

import pytest
from structlog.testing import capture_logs

from live.bus import Bus
from live.bus_postgresql import DEAF
from tests.live.brokers import Relay, until
from tests.support import programs
from tests.support.processes import HOST, Server
from tests.support.servers import PostgreSQL, run

pytestmark = pytest.mark.anyio

Mode = Literal["session", "transaction"]
IMPATIENT = 0.5


class PgBouncer(Server):
    """A pgbouncer before all databases of a PostgreSQL server."""

    @classmethod
    def start(cls, database_url: str, mode: Mode) -> Self:
        """A pooler before the server of this database, whose URL through it is `url`."""
        user = programs.unprivileged_user()
        folder = Path(tempfile.mkdtemp(prefix="parley-pooler-", dir=programs.folder_open_to(user)))
        server = cls(folder)
        target = urlsplit(database_url)
        server.url = target._replace(netloc=f"postgres@{HOST}:{server.port}").geturl()
        settings = folder / "pgbouncer.ini"
        settings.write_text(
            f"[databases]\n* = host={target.hostname} port={target.port} user={target.username}"
            f" password={target.password}\n[pgbouncer]\nlisten_addr = {HOST}\nlisten_port = {server.port}\n"
            f"auth_type = any\npool_mode = {mode}\nunix_socket_dir =\n"
        )
        if user is not None:
            for path in (folder, settings):
                os.chown(path, user.pw_uid, user.pw_gid)
        server._launch()
        return server

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.url = ""

    def stop(self) -> None:
        super().stop()
        shutil.rmtree(self.folder)

    def _launch(self) -> None:
        program = programs.debian_program("pgbouncer", else_untested="Parley behind pgbouncer")
        command: list[str | Path] = [program, self.folder / "pgbouncer.ini"]
        self._spawn(command, ready=self._accepts, cwd=self.folder, user=programs.unprivileged_user())

    def _accepts(self) -> bool:
        try:
            socket.create_connection((HOST, self.port), timeout=5).close()
        except OSError:
            return False
        return True


@pytest.fixture
def pooled(postgresql: PostgreSQL) -> Iterator[Callable[[Mode], str]]:
    """Starts poolers before a new database, and returns its URL through them."""
    started: list[PgBouncer] = []

    def start(mode: Mode) -> str:
        started.append(PgBouncer.start(postgresql.new_database(), mode))
        return started[-1].url

    yield start
    for server in started:
        server.stop()


@asynccontextmanager
async def bus(url: str) -> AsyncIterator[Bus]:
    started = Bus(url, patience_seconds=IMPATIENT)
    await started.start()
    try:
        yield started
    finally:
        await started.stop()


async def test_a_pooler_by_transaction_is_named_at_the_start_and_by_the_bus(pooled: Callable[[Mode], str]) -> None:
    url = pooled("transaction")
    ended = run("serve", database_url=url)
    assert ended.returncode == 2
    (line,) = ended.stderr.splitlines()
    assert "PARLEY_DATABASE_URL" in line
    assert "pool by session" in line
    with capture_logs() as logs:
        async with bus(url) as deaf:
            assert not deaf.connected
    (told,) = logs
    assert DEAF in told["error"]


async def test_a_pooler_by_session_is_no_hindrance(pooled: Callable[[Mode], str]) -> None:
    url = pooled("session")
    ended = run("migrate", database_url=url)
    assert (ended.returncode, ended.stderr) == (0, "")
    with capture_logs() as logs:
        async with bus(url) as one, bus(url) as other:
            received: list[tuple[int, int]] = []
            other.on_notification(lambda log_id, number: received.append((log_id, number)), lambda: None)
            assert one.connected
            assert other.connected
            one.notify(7, 1)
            await until(lambda: received == [(7, 1)])
    assert logs == []


async def test_a_bus_that_receives_none_of_its_own_notifications_is_not_connected(postgresql: PostgreSQL) -> None:
    async with Relay(postgresql.new_database(), is_deaf=True).open() as url:
        with capture_logs() as logs:
            async with bus(url) as deaf:
                assert not deaf.connected
    (told,) = logs
    assert DEAF in told["error"]
