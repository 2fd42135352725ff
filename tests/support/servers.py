"""Real servers for the tests: PostgreSQL, Valkey, and Parley itself, each a child process that ends with the tests."""

import asyncio
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

import asyncpg

from access.limits import RateLimits
from tests.support import preloaded, programs
from tests.support.preloaded import Forked
from tests.support.processes import HOST, Server, ServerFailed

COMMAND_SECONDS = 60.0
ROOT = Path(__file__).resolve().parents[2]
JWT_SECRET = "the secret that the tests share with their servers"
"""Signs tokens for users that no command has to add."""
UNLIMITED: Mapping[str, Any] = dict.fromkeys(RateLimits.model_fields, 2_000_000_000)
"""The limits by time as settings, beyond all tests: they write from one address."""


class PostgreSQL(Server):
    """A PostgreSQL server on a new data folder, or one that was started elsewhere."""

    url: str
    """Of the database that others are made from, as a superuser."""

    stop_signal = signal.SIGINT  # "Fast": it ends its connections rather than wait for them.
    crash_signal = signal.SIGQUIT  # "Immediate": without a checkpoint. SIGKILL would leave children holding its memory.
    stop_seconds = 120.0  # A child that waits for its disk can't be ended, and a checkpoint is one long wait.

    def __init__(self, folder: Path | None) -> None:
        super().__init__(folder)
        self._home: Path | None = None
        self._binaries = Path()
        self._user: pwd.struct_passwd | None = None
        self._durable = False
        self._made: list[str] = []

    @classmethod
    def start(cls, folder: Path | None = None, *, durable: bool = False) -> Self:
        """A new server that logs to `folder`; `durable` makes it wait for the disk. Raises ServerFailed."""
        server = cls(folder)
        server._durable = durable
        server._make_data()
        server._launch()
        return server

    @classmethod
    def at(cls, url: str) -> Self:
        """A server that was started elsewhere: `stop` drops the databases made here; it can't be killed."""
        server = cls(None)
        server.url = url
        return server

    def new_database(self, *, template: str | None = None) -> str:
        """Returns the URL of a new database: empty, or a copy of the database `template`, which must not be in use."""
        name = f"parley_{secrets.token_hex(6)}"
        copied = "template1" if template is None else urllib.parse.urlsplit(template).path.removeprefix("/")
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{copied}"')
        self._made.append(name)
        return urllib.parse.urlsplit(self.url)._replace(path=f"/{name}").geturl()

    def stop(self) -> None:
        if self._home is None:
            while self._made:
                self._execute(f'DROP DATABASE IF EXISTS "{self._made.pop()}" WITH (FORCE)')
        super().stop()

    def kill(self) -> None:
        self._require_ours()
        super().kill()

    def restart(self) -> None:
        self._require_ours()
        super().restart()

    def _require_ours(self) -> Path:
        if self._home is None:
            raise ServerFailed("This PostgreSQL is not ours to end or restart: start one with PostgreSQL.start().")
        return self._home

    def _execute(self, statement: str) -> None:
        async def run() -> None:
            connection = await asyncpg.connect(self.url)
            try:
                await connection.execute(statement)
            finally:
                await connection.close()

        # In a thread of its own, since the caller may be on an event loop.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(lambda: asyncio.run(run())).result()

    def _make_data(self) -> None:
        self._user = programs.unprivileged_user()
        # Not below `folder`: pytest's folders are closed to the user that initdb insists on when root runs the tests.
        self._home = home = Path(tempfile.mkdtemp(prefix="parley-postgresql-", dir=programs.folder_open_to(self._user)))
        password = secrets.token_hex(12)
        self.url = f"postgresql://postgres:{password}@{HOST}:{self.port}/postgres"
        (home / "password").write_text(password)
        self._binaries = programs.postgresql_binaries(copied_to=None if self._user is None else home)
        if self._user is not None:
            for path in (home, home / "password"):
                os.chown(path, self._user.pw_uid, self._user.pw_gid)
        command: list[str | Path] = [self._binaries / "initdb", "--pgdata", home / "data", "--username=postgres"]
        command += ["--auth=scram-sha-256", "--pwfile", home / "password", "--encoding=UTF8", "--no-sync"]
        command += ["--locale=C.UTF-8" if sys.platform == "linux" else "--locale=C"]
        with self._log.open("ab") as log:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=home,
                user=None if self._user is None else self._user.pw_uid,
                group=None if self._user is None else self._user.pw_gid,
                extra_groups=None if self._user is None else [],
                check=False,
            )
        if done.returncode != 0:
            raise ServerFailed(f"initdb could not make a data folder.\n{self._tail()}")

    def _launch(self) -> None:
        home = self._require_ours()
        settings = {"listen_addresses": HOST, "unix_socket_directories": "", "max_connections": "200"}
        if not self._durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        command: list[str | Path] = [self._binaries / "postgres", "-D", home / "data", "-p", str(self.port)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        self._spawn(command, ready=self._accepts, cwd=home, user=self._user)

    def _accepts(self) -> bool:
        try:
            self._execute("SELECT 1")
        except (OSError, asyncpg.CannotConnectNowError):
            return False
        return True

    def _forget(self) -> None:
        super()._forget()
        if self._home is not None:
            shutil.rmtree(self._home, ignore_errors=True)


class Valkey(Server):
    """A Valkey server without persistence, or one that was started elsewhere."""

    url: str
    """`redis://…`, as Parley's BUS_URL takes it."""

    @classmethod
    def start(cls, folder: Path | None = None) -> Self:
        """A new server that logs to `folder`. Raises ServerFailed."""
        server = cls(folder)
        server._password = secrets.token_hex(12)
        server.url = f"redis://:{server._password}@{HOST}:{server.port}/0"
        server._launch()
        return server

    @classmethod
    def at(cls, url: str) -> Self:
        """A server that was started elsewhere: it can't be killed or restarted."""
        server = cls(None)
        server.url = url
        return server

    def __init__(self, folder: Path | None) -> None:
        super().__init__(folder)
        self._password: str | None = None

    def kill(self) -> None:
        self._require_ours()
        super().kill()

    def restart(self) -> None:
        self._require_ours()
        super().restart()

    def _require_ours(self) -> str:
        if self._password is None:
            raise ServerFailed("This Valkey is not ours to end or restart: start one with Valkey.start().")
        return self._password

    def _launch(self) -> None:
        settings = f"bind {HOST}\nport {self.port}\nrequirepass {self._require_ours()}\n"
        settings += f'save ""\nappendonly no\ndir "{self.folder}"\n'
        # Settings by stdin, so that no process listing shows the password.
        self._spawn([programs.valkey_binary(), "-"], ready=self._answers, cwd=self.folder, stdin=settings.encode())

    def _answers(self) -> bool:
        try:
            with socket.create_connection((HOST, self.port), timeout=5) as connection:
                connection.sendall(f"AUTH {self._require_ours()}\r\nPING\r\n".encode())
                return b"+PONG" in connection.makefile("rb").read(12)
        except OSError:
            return False


class Parley(Server):
    """A `python server.py` process, reachable at `url` and `ws_url`."""

    @classmethod
    def start(
        cls, *, database_url: str, bus_url: str = "memory://", folder: Path | None = None, **settings: object
    ) -> Self:
        """A server that answers /readyz, on a database it migrated. Further settings by name. Raises ServerFailed."""
        server = cls(folder)
        server.settings = {"database_url": database_url, "bus_url": bus_url} | settings
        server._launch()
        return server

    def __init__(self, folder: Path | None) -> None:
        super().__init__(folder)
        self.settings: dict[str, object] = {}
        self._tokens: dict[tuple[str, bool], str] = {}

    @property
    def url(self) -> str:
        """Where it answers HTTP, without a slash at the end."""
        return f"http://{HOST}:{self.port}"

    @property
    def ws_url(self) -> str:
        """Where it answers graphql-transport-ws."""
        return f"ws://{HOST}:{self.port}/graphql"

    def token(self, handle: str, *, moderator: bool = False) -> str:
        """Returns a bearer token for the user `handle`, printed by the command line."""
        key = (handle, moderator)
        if key not in self._tokens:
            lifted = ["--moderator"] if moderator else []
            self._tokens[key] = told("token", "--handle", handle, *lifted, **self.settings).strip()
        return self._tokens[key]

    def _launch(self) -> None:
        environment = parley_environment(self.settings | {"host": HOST, "port": self.port})
        if preloaded.is_on():
            self._fork(["serve"], ready=self._ready, cwd=self.folder, environment=environment)
            return
        command = [sys.executable, str(ROOT / "server.py"), "serve"]
        self._spawn(command, ready=self._ready, cwd=self.folder, environment=environment)

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


def run(*arguments: str, **settings: object) -> subprocess.CompletedProcess[str]:
    """Runs `python server.py ARGUMENTS` with these settings (database_url=…) to its end, within a minute."""
    if preloaded.is_on():
        return _run_forked(arguments, settings)
    return subprocess.run(
        [sys.executable, str(ROOT / "server.py"), *arguments],
        env=parley_environment(settings),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
        check=False,
    )


def _run_forked(arguments: Sequence[str], settings: Mapping[str, object]) -> subprocess.CompletedProcess[str]:
    with tempfile.TemporaryDirectory() as folder:
        stdout, stderr = Path(folder, "stdout"), Path(folder, "stderr")
        forked = Forked(arguments, environment=parley_environment(settings), cwd=ROOT, stdout=stdout, stderr=stderr)
        try:
            status = forked.wait(COMMAND_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(forked.pid, signal.SIGKILL)
            raise
        return subprocess.CompletedProcess(list(arguments), status, stdout.read_text(), stderr.read_text())


def told(*arguments: str, **settings: object) -> str:
    """Returns what `python server.py ARGUMENTS` prints. Raises ServerFailed, with its standard error, if it fails."""
    done = run(*arguments, **settings)
    if done.returncode != 0:
        raise ServerFailed(f"python server.py {arguments[0]} failed.\n{done.stderr}")
    return done.stdout


def parley_environment(settings: Mapping[str, object]) -> dict[str, str]:
    """Returns the environment of a Parley process: these settings, and no other PARLEY_ variable."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")}
    given = {f"PARLEY_{name.upper()}": str(value) for name, value in settings.items()}
    return inherited | given
