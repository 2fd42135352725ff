"""The stacks that are measured: how each is started, followed, made to publish, and ended."""

import asyncio
import os
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import orjson

from bench import data, page
from bench.fan_out.control import Control, Posting
from bench.fan_out.dialects import Dialect, EventStream, Follow, Frames, GraphQLWebSocket, WebSocket
from bench.fan_out.writer import BODY
from bench.load import Connection
from bench.processes import on_core
from bench.stacks import GENEROUS, NODE_FOLDER, ROOT, node
from tests.support.processes import HOST, Server, free_port
from tests.support.servers import Parley, PostgreSQL, Valkey

PYTHON_PEERS = {
    "strawberry": "strawberry_follow",
    "uvicorn-raw": "uvicorn_raw",
    "picows-raw": "picows_raw",
    "socket": "socket_raw",
}
NODE_PEERS = {"mercurius-jit": "mercurius-follow.mjs", "graphql-ws": "graphql-ws.mjs"}
DIALECTS: dict[str, Dialect] = {
    "parley": GraphQLWebSocket(),
    "parley-sse": EventStream(),
    "strawberry": GraphQLWebSocket(),
    "mercurius-jit": GraphQLWebSocket(),
    "graphql-ws": GraphQLWebSocket(),
    "uvicorn-raw": WebSocket(),
    "picows-raw": WebSocket(),
    "socket": Frames(),
}
STACKS = tuple(DIALECTS)
_CURSOR = "query Cursor($id: ID!) { discussion(id: $id) { eventCursor } }"
_REPLIES = 1_000
"""Of the followed discussion before anything is measured: so the numbers of all events have four digits."""


class Obeying(Server):
    """A server with a control connection, on the port that its environment names."""

    @classmethod
    def start(cls, command: list[str], environment: Mapping[str, str]) -> Self:
        """One that takes commands. Raises ServerFailed."""
        server = cls(None)
        server.command = command
        server.environment = dict(environment)
        server._launch()
        return server

    def __init__(self, folder: Path | None) -> None:
        super().__init__(folder)
        self.control_port = free_port()
        self.command: list[str] = []
        self.environment: dict[str, str] = {}

    def _launch(self) -> None:
        given = {"HOST": HOST, "PORT": str(self.port), "CONTROL_PORT": str(self.control_port)}
        self._spawn(self.command, ready=self._ready, cwd=ROOT, environment=os.environ | self.environment | given)

    def _ready(self) -> bool:
        try:
            with Control(HOST, self.control_port) as control:
                control.followers()
        except OSError:
            return False
        return True


class Peer(Obeying):
    """Another server, which is to be followed."""

    def _ready(self) -> bool:
        try:
            socket.create_connection((HOST, self.port)).close()
        except OSError:
            return False
        return super()._ready()


@dataclass(frozen=True, slots=True)
class Served:
    """A stack that serves."""

    server: Server
    control: Control
    dialect: Dialect
    after: Callable[[], str | None] = lambda: None
    """Reads from where to follow."""
    token: str = ""
    """Whose replies are added over HTTP; empty for a stack that takes none."""

    def follows(self, count: int) -> list[Follow]:
        """What this many followers of one discussion ask for."""
        after = self.after()
        return [Follow(HOST, self.server.port, after=after)] * count

    def posting(self) -> Posting:
        """Publishes by addReply, in the discussion that is followed."""
        return Posting(HOST, self.server.port, discussion=f"D_{data.NUMBER}", body=BODY, token=self.token)


class Backing:
    """What Parley needs: a PostgreSQL with `discussions` discussions and a Valkey, made on first use."""

    def __init__(self, *, discussions: int) -> None:
        self._size = data.Size(discussions=discussions, replies=_REPLIES, most_replies=0, users=50)
        self._postgresql: PostgreSQL | None = None
        self._valkey: Valkey | None = None
        self._database_url = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for server in (self._postgresql, self._valkey):
            if server is not None:
                server.stop()

    def urls(self) -> tuple[str, str]:
        """The database's, and the bus's."""
        if self._postgresql is None or self._valkey is None:
            self._postgresql, self._valkey = PostgreSQL.start(), Valkey.start()
            self._database_url = self._postgresql.new_database()
            asyncio.run(data.fill(self._database_url, data.rows(self._size)))
        return self._database_url, self._valkey.url


@contextmanager
def serving(stack: str, backing: Backing, *, core: int | None) -> Iterator[Served]:
    """A server of this stack on that core. Raises NotSetUp, ServerFailed."""
    with ExitStack() as ending:
        begin = _parley if stack.startswith("parley") else _peer
        yield begin(stack, backing, core, ending)


def _peer(stack: str, _backing: Backing, core: int | None, ending: ExitStack) -> Served:
    if stack in PYTHON_PEERS:
        command = [sys.executable, "-m", f"bench.peers.python.{PYTHON_PEERS[stack]}"]
    else:
        command = [str(node()), str(NODE_FOLDER / NODE_PEERS[stack])]
    with on_core(core):
        server = Peer.start(command, {"NODE_ENV": "production"})
    ending.callback(server.stop)
    return Served(server, ending.enter_context(Control(HOST, server.control_port)), DIALECTS[stack])


def _parley(stack: str, backing: Backing, core: int | None, ending: ExitStack) -> Served:
    """Parley as `python server.py` serves it, and its writer beside it."""
    database_url, bus_url = backing.urls()
    with on_core(core):
        server = Parley.start(
            database_url=database_url,
            bus_url=bus_url,
            cost_per_minute=GENEROUS,
            cost_per_minute_of_address=GENEROUS,
            writes_per_minute=GENEROUS,
            writes_per_minute_of_address=GENEROUS,
            streams_of_address=GENEROUS,
        )
    ending.callback(server.stop)
    environment = {"DATABASE_URL": database_url, "BUS_URL": bus_url, "PARLEY_URL": server.url}
    writer = Obeying.start([sys.executable, "-m", "bench.fan_out.writer"], environment)
    ending.callback(writer.stop)
    control = ending.enter_context(Control(HOST, writer.control_port))
    return Served(server, control, DIALECTS[stack], lambda: _cursor(server.port), server.token("bench"))


def _cursor(port: int) -> str:
    body = orjson.dumps({"query": _CURSOR, "variables": {"id": f"D_{data.NUMBER}"}})
    with Connection(HOST, port) as connection:
        answer: dict[str, Any] = orjson.loads(connection.ask(page.request(HOST, port, body)))
    return str(answer["data"]["discussion"]["eventCursor"])
