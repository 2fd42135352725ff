"""The stacks that are measured: how each is set up, started on the data set, and ended."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from bench import page
from bench.load import BadAnswer, Connection
from tests.support.processes import HOST, Server
from tests.support.servers import Parley

ROOT = Path(__file__).resolve().parent.parent
NODE_FOLDER = Path(__file__).parent / "peers" / "node"
INSTALL_SECONDS = 300
PYTHON_PEERS = {
    "hand-written": "hand_written",
    "json-agg": "json_agg",
    "static": "static",
    "strawberry-orm": "strawberry_orm",
}
NODE_PEERS = ("mercurius-jit", "yoga-jit", "postgraphile")
DATABASES = ("postgresql", "sqlite")
CACHED = tuple(f"parley-{database}-hot" for database in DATABASES)
"""Parley with its page cache, which is off in all other stacks of Parley."""
REVALIDATED = tuple(f"parley-{database}-304" for database in DATABASES)
"""The same, asked by GET with If-None-Match for a page that the client has: it answers 304 without a body."""
STACKS = (
    *(f"parley-{database}{cache}" for database in DATABASES for cache in ("", "-hot")),
    *PYTHON_PEERS,
    *NODE_PEERS,
)
GENEROUS = 2**31 - 1
"""A limit that no run reaches."""
_LIMITS = (
    *("cost_per_minute", "cost_per_minute_of_address", "writes_per_minute", "writes_per_minute_of_address"),
    *("bytes_per_day", "bytes_per_day_of_address"),
)
_CACHE_MB = 64
"""The default of the setting."""


class NotSetUp(Exception):
    """A stack can't be set up on this machine. The message says why."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where the data set is."""

    postgresql: str
    """The URL of the database."""
    sqlite: str
    """The URL of the database."""
    answers: Path
    """A folder of files, each named after the digest of a request's body and holding Parley's answer to it."""

    def keep(self, body: bytes, answer: bytes) -> None:
        """Lets the static server answer a request of this body so."""
        self.kept(body).write_bytes(answer)

    def kept(self, body: bytes) -> Path:
        """The file of the answer to a request of this body."""
        return self.answers / hashlib.sha256(body).hexdigest()


class Peer(Server):
    """Another server that answers the page's request."""

    @classmethod
    def start(cls, command: list[str], environment: Mapping[str, str], request_body: bytes) -> Self:
        """One that has answered the request already. Raises ServerFailed."""
        server = cls(None)
        server.command = command
        server.environment = dict(environment)
        server.request_body = request_body
        server._launch()
        return server

    def __init__(self, folder: Path | None) -> None:
        super().__init__(folder)
        self.command: list[str] = []
        self.environment: dict[str, str] = {}
        self.request_body = b""

    def _launch(self) -> None:
        environment = os.environ | self.environment | {"HOST": HOST, "PORT": str(self.port)}
        self._spawn(self.command, ready=self._ready, cwd=ROOT, environment=environment)

    def _ready(self) -> bool:
        try:
            with Connection(HOST, self.port) as connection:
                connection.ask(page.request(HOST, self.port, self.request_body))
        except (OSError, BadAnswer):
            return False
        return True


def start(stack: str, places: Places, *, size: int, **settings: Any) -> Server:
    """A server of this stack that answers a page of `size`; the caller stops it. Raises NotSetUp, ServerFailed.

    `settings` are Parley's.
    """
    if stack.startswith("parley-"):
        return Parley.start(
            database_url=places.sqlite if stack.startswith("parley-sqlite") else places.postgresql,
            page_cache_mb=_CACHE_MB if stack in (*CACHED, *REVALIDATED) else 0,
            **(dict.fromkeys(_LIMITS, GENEROUS) | settings),
        )
    environment = {"DATABASE_URL": places.postgresql, "ANSWERS": str(places.answers), "NODE_ENV": "production"}
    if stack in PYTHON_PEERS:
        command = [sys.executable, "-m", f"bench.peers.python.{PYTHON_PEERS[stack]}"]
    else:
        command = [str(node()), str(NODE_FOLDER / f"{stack}.mjs")]
    return Peer.start(command, environment, page.body(size))


def node() -> Path:
    """The Node 22 that the lock file names, installed with all that the Node peers need. Raises NotSetUp."""
    if shutil.which("npm") is None:
        raise NotSetUp("this machine has no npm")
    lock = hashlib.sha256((NODE_FOLDER / "package-lock.json").read_bytes()).hexdigest()
    done = NODE_FOLDER / "node_modules" / ".installed"
    if not done.exists() or done.read_text() != lock:
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        run = subprocess.run(
            command, cwd=NODE_FOLDER, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False
        )
        if run.returncode != 0:
            raise NotSetUp(f"npm ci failed:\n{run.stderr}")
        done.write_text(lock)
    for binary in (NODE_FOLDER / "node_modules").glob("node-*/bin/node"):
        return binary
    raise NotSetUp("the npm package node has no binary for this machine")
