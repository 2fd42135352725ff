"""What the tests of the bus do to its broker without the bus."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import asyncpg
from redis.asyncio import Redis

from tests.support.servers import PostgreSQL, Valkey


async def until(holds: Callable[[], object], *, seconds: float = 20) -> None:
    """Returns as soon as `holds()` is true. Raises TimeoutError after `seconds`."""
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.005)


def url_of(server: Valkey | PostgreSQL) -> str:
    """A URL for a bus of this test alone: a PostgreSQL keeps the buses of its databases apart."""
    return server.new_database() if isinstance(server, PostgreSQL) else server.url


async def publish(url: str, *messages: str) -> None:
    """Puts these messages on the channel without a bus."""
    if url.startswith("redis"):
        async with Redis.from_url(url) as redis:
            for message in messages:
                await redis.publish("parley:notifications", message)
    else:
        async with asyncpg.create_pool(url, min_size=1) as pool:
            for message in messages:
                await pool.execute("SELECT pg_notify('parley:notifications', $1)", message)


async def drop_connections(url: str) -> None:
    """Has the broker end the connections of every bus on it."""
    if url.startswith("redis"):
        async with Redis.from_url(url) as redis:
            assert await redis.client_kill_filter(_type="pubsub")
            assert await redis.client_kill_filter(_type="normal", skipme=True)
    else:
        async with asyncpg.create_pool(url, min_size=1) as pool:
            assert await pool.fetch(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'parley bus' AND datname = current_database()"
            )


class Relay:
    """Stands before a broker. Frozen, it accepts, holds every connection open and passes nothing on."""

    def __init__(self, url: str, *, is_deaf: bool = False) -> None:
        """`is_deaf`: it drops the notifications of PostgreSQL, as a pooler by transaction does."""
        self._target = urlsplit(url)
        self._is_deaf = is_deaf
        self._frozen = False
        self.accepted = 0
        self.passed = 0
        self._writers: list[asyncio.StreamWriter] = []
        self._pumps: list[asyncio.Task[None]] = []

    @asynccontextmanager
    async def open(self) -> AsyncIterator[str]:
        """Gives the URL that leads through the relay."""
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        user, _, _ = self._target.netloc.rpartition("@")
        try:
            yield self._target._replace(netloc=f"{user}@127.0.0.1:{server.sockets[0].getsockname()[1]}").geturl()
        finally:
            server.close()
            self.freeze()
            for writer in self._writers:
                writer.close()
            await asyncio.gather(*(writer.wait_closed() for writer in self._writers), return_exceptions=True)

    def freeze(self) -> None:
        self._frozen = True
        for pump in self._pumps:
            pump.cancel()

    def thaw(self) -> None:
        """From now on new connections are passed on; what froze stays frozen."""
        self._frozen = False

    async def is_tried(self, *, times: int) -> None:
        """Returns when so many more connections were made to it."""
        enough = self.accepted + times
        await until(lambda: self.accepted >= enough)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        self._writers.append(writer)
        if not self._frozen:
            onward_reader, onward_writer = await asyncio.open_connection(self._target.hostname, self._target.port)
            self._writers.append(onward_writer)
            back = self._pump_without_notifications if self._is_deaf else self._pump
            for pumped in (self._pump(reader, onward_writer), back(onward_reader, writer)):
                self._pumps.append(asyncio.create_task(pumped))

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
            self.passed += 1
        writer.close()

    async def _pump_without_notifications(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Passes on messages, which have a byte for their kind and four for their length, but those of kind A.

        Source: PostgreSQL's documentation, "Message Formats"; the answer to a request for TLS is a byte alone.
        """
        kind = await reader.read(1)
        if kind == b"N":
            writer.write(kind)
            kind = await reader.read(1)
        while kind:
            length = await reader.readexactly(4)
            message = kind + length + await reader.readexactly(int.from_bytes(length, "big") - 4)
            if kind != b"A":
                writer.write(message)
            kind = await reader.read(1)
        writer.close()
