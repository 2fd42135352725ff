"""Three server processes on one PostgreSQL and one Valkey, with a proxy on every way between them and to them."""

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import asyncpg
import httpx2

from tests.faults.history import Gauge
from tests.support.processes import HOST, Server, ServerFailed
from tests.support.proxy import Proxy
from tests.support.servers import JWT_SECRET, ROOT, UNLIMITED, Parley, PostgreSQL, Valkey, parley_environment, told

KEPT = {"connections to the database": 16, "connections to the broker": 50}
"""How many connections a process may keep for later: its pool, and those that count writes, of as many at once."""
REST_SECONDS = 45.0
"""How long a process may take to notice that all have left: those that went without a word are pinged first."""


class Patched(Parley):
    """A server with a bug of tests.faults.bugs, or with none."""

    bug: str | None = None

    def leave(self) -> None:
        """Ends in its own good order; `restart` brings it back. Raises ServerFailed where it had to be killed."""
        self._end(self.stop_signal)

    def _launch(self) -> None:
        if self.bug is None:
            super()._launch()
            return
        environment = parley_environment(self.settings | {"host": HOST, "port": self.port})
        environment["PYTHONPATH"] = str(ROOT)
        command = [sys.executable, "-m", "tests.faults.bugs", self.bug]
        self._spawn(command, ready=self._ready, cwd=self.folder, environment=environment)


@dataclass(frozen=True, slots=True)
class Node:
    """A server process, and the ways to it, to its database and to its broker."""

    name: str
    parley: Patched
    front: Proxy
    database: Proxy
    broker: Proxy

    @property
    def url(self) -> str:
        """Where clients ask it."""
        return f"http://{HOST}:{self.front.port}/graphql"

    @property
    def ws_url(self) -> str:
        return f"ws://{HOST}:{self.front.port}/graphql"


class Cluster:
    """All that a fault can meet."""

    def __init__(self, postgresql: PostgreSQL, valkey: Valkey, database_url: str, nodes: Sequence[Node]) -> None:
        self.postgresql = postgresql
        self.valkey = valkey
        self.database_url = database_url
        self.nodes = nodes
        self._before: dict[str, dict[str, float]] = {}

    @classmethod
    @asynccontextmanager
    async def open(cls, folder: Path, *, servers: int, bug: str | None = None) -> AsyncIterator[Self]:
        """Starts everything, and ends it; logs go to the folder. Raises ServerFailed."""
        async with AsyncExitStack() as stack:
            # Durable, because what a crash of the database forgets is not Parley's to keep.
            postgresql = await asyncio.to_thread(PostgreSQL.start, folder, durable=True)
            stack.push_async_callback(_end, postgresql)
            valkey = await asyncio.to_thread(Valkey.start, folder)
            stack.push_async_callback(_end, valkey)
            database_url = await asyncio.to_thread(postgresql.new_database)
            await asyncio.to_thread(told, "migrate", database_url=database_url)
            nodes = []
            for number in range(1, servers + 1):
                parley = Patched(folder)
                proxies = [Proxy(server.port) for server in (parley, postgresql, valkey)]
                for proxy in proxies:
                    await stack.enter_async_context(proxy.open())
                front, database, broker = proxies
                parley.bug = bug
                parley.settings = {
                    "database_url": _through(database_url, database),
                    "bus_url": _through(valkey.url, broker),
                    "jwt_secret": JWT_SECRET,
                    # How much one address may do is not what is tried here.
                    **UNLIMITED,
                }
                nodes.append(Node(f"server {number}", parley, front, database, broker))
            for node in nodes:
                stack.push_async_callback(_end, node.parley)
            await asyncio.gather(*(asyncio.to_thread(node.parley.restart) for node in nodes))
            yield cls(postgresql, valkey, database_url, nodes)

    async def terminate(self, name: str, *, every: int) -> int:
        """Has the database end one in `every` connections of this application; gives how many."""
        connection = await asyncpg.connect(self.postgresql.url, timeout=10)
        try:
            chosen = "SELECT pid, row_number() OVER () AS at FROM pg_stat_activity WHERE application_name = $1"
            statement = f"SELECT pg_terminate_backend(pid) FROM ({chosen}) AS theirs WHERE at % $2 = 0"
            return len(await connection.fetch(statement, name, every))
        finally:
            await connection.close()

    async def note_rest(self) -> None:
        """Remembers what every process holds while nobody is there."""
        for node in self.nodes:
            self._before[node.name] = await self._held(node)

    async def rest(self) -> list[Gauge]:
        """What every process holds after all have left, once it is as little as before or that takes too long."""
        gauges: list[Gauge] = []
        deadline = asyncio.get_running_loop().time() + REST_SECONDS
        for node in self.nodes:
            while True:
                held = await self._held(node)
                found = [
                    Gauge(node.name, name, before, held[name], KEPT.get(name, 0))
                    for name, before in self._before[node.name].items()
                ]
                settled = all(gauge.after <= gauge.before + gauge.spare for gauge in found)
                if settled or asyncio.get_running_loop().time() > deadline:
                    break
                await asyncio.sleep(0.5)
            gauges += found
        return gauges

    async def _held(self, node: Node) -> dict[str, float]:
        """By name what a process holds, as it says itself and as the kernel knows it."""
        async with httpx2.AsyncClient(timeout=10) as http:
            text = (await http.get(f"{node.parley.url}/metrics")).text
        told = dict(line.split()[:2] for line in text.splitlines() if line.startswith("parley_"))
        held = {words: float(told[name]) for name, words in METRICS.items() if name in told}
        places = {
            node.parley.port: "connections of clients",
            node.database.port: "connections to the database",
            node.broker.port: "connections to the broker",
        }
        return held | dict.fromkeys(places.values(), 0.0) | _connections(node.parley.process_id, places)


METRICS = {
    "parley_followers": "followers",
    "parley_followed_discussions": "followed discussions",
    "parley_tasks": "tasks",
    "parley_sockets": "websockets",
}
"""What goes back to what it was, by its name in /metrics."""


def _connections(process: int, places: Mapping[int, str]) -> dict[str, float]:
    """How many of a process's TCP connections lead from or to each of these ports, by its name."""
    found: Counter[str] = Counter()
    mine = set()
    for descriptor in Path(f"/proc/{process}/fd").iterdir():
        with suppress(FileNotFoundError):
            mine.add(str(descriptor.readlink()))
    # proc(5), net/tcp: the local and the remote address, a state of which 0A is listening, and the inode.
    for line in Path(f"/proc/{process}/net/tcp").read_text().splitlines()[1:]:
        _, local, remote, state, *more = line.split()
        if f"socket:[{more[5]}]" in mine and state != "0A":
            for end in (local, remote):
                port = int(end.partition(":")[2], 16)
                if port in places:
                    found[places[port]] += 1
    return {name: float(count) for name, count in found.items()}


def send(server: Server, number: signal.Signals) -> None:
    """Sends a signal to a server and whatever it started."""
    os.killpg(server.process_id, number)


async def started(restart: Callable[[], None], *, attempts: int = 20) -> None:
    """Starts a server as a supervisor does: again, where it ends for want of a database. Raises ServerFailed."""
    for attempt in range(attempts):
        try:
            await asyncio.to_thread(restart)
        except ServerFailed:
            if attempt == attempts - 1:
                raise
            await asyncio.sleep(0.5)
        else:
            return


def _through(url: str, proxy: Proxy) -> str:
    credentials, _, _ = urlsplit(url).netloc.rpartition("@")
    return urlsplit(url)._replace(netloc=f"{credentials}@{HOST}:{proxy.port}").geturl()


async def _end(server: Server) -> None:
    await asyncio.to_thread(server.stop)
