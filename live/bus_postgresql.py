"""PostgreSQL as the bus's broker: LISTEN and NOTIFY.

On connections of its own, outside any transaction: a NOTIFY within a write would hold a lock of the whole server at
each commit.
"""

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

import asyncpg

DEAF = (
    "Notifications of PostgreSQL do not arrive: a pooler in between gives each transaction another connection. Let it"
    " pool by session, or name PostgreSQL itself in PARLEY_BUS_URL."
)
_LOST_STATEMENTS = (asyncpg.DuplicatePreparedStatementError, asyncpg.InvalidSQLStatementNameError)
"""What prepared statements fail with behind such a pooler."""


class PostgreSQLBroker:
    """One connection that listens, one that publishes; both are dropped at the first failure."""

    def __init__(self, url: str, patience_seconds: float) -> None:
        """Connects nothing yet."""
        self._url = url
        self._patience = patience_seconds
        self._publisher: asyncpg.Connection | None = None

    async def listen(
        self, channel: str, on_message: Callable[[str], None], on_subscribed: Callable[[], None]
    ) -> NoReturn:
        """See `live.bus.Broker`."""
        lost = asyncio.Event()
        connection = await self._connect()
        try:
            connection.add_termination_listener(lambda _: lost.set())
            try:
                await connection.add_listener(channel, lambda _connection, _pid, _channel, message: on_message(message))
                await self._probe(connection)
            except _LOST_STATEMENTS as error:
                raise ConnectionError(DEAF) from error
            on_subscribed()
            while True:
                try:
                    async with asyncio.timeout(self._patience):
                        await lost.wait()
                except TimeoutError:
                    await connection.execute("SELECT 1")
                else:
                    raise ConnectionError("PostgreSQL ended the connection.")
        except asyncio.CancelledError:
            await self._close(connection)
            raise
        finally:
            connection.terminate()

    async def _probe(self, connection: asyncpg.Connection) -> None:
        """Raises ConnectionError if a notification of another connection does not reach this one."""
        channel = f"parley:probe:{secrets.token_hex(8)}"
        received = asyncio.Event()

        def on_probe(*_: object) -> None:
            received.set()

        await connection.add_listener(channel, on_probe)
        # Not by the connection that publishes, which may be in use.
        other = await self._connect()
        try:
            await other.execute(f'NOTIFY "{channel}"')
            async with asyncio.timeout(self._patience):
                await received.wait()
        except TimeoutError:
            raise ConnectionError(DEAF) from None
        finally:
            await self._close(other)
        await connection.remove_listener(channel, on_probe)

    async def publish(self, channel: str, message: str) -> None:
        """See `live.bus.Broker`."""
        if self._publisher is None or self._publisher.is_closed():
            self._publisher = await self._connect()
        try:
            await self._publisher.execute("SELECT pg_notify($1, $2)", channel, message)
        except BaseException:
            self._publisher.terminate()
            self._publisher = None
            raise

    async def close(self) -> None:
        """See `live.bus.Broker`."""
        publisher, self._publisher = self._publisher, None
        if publisher is not None:
            await self._close(publisher)

    async def _connect(self) -> asyncpg.Connection:
        return await asyncpg.connect(
            self._url,
            timeout=self._patience,
            command_timeout=self._patience,
            server_settings={"application_name": "parley bus"},
        )

    async def _close(self, connection: asyncpg.Connection) -> None:
        # The connection is gone either way; a polite end only spares PostgreSQL a line in its log.
        with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await connection.close(timeout=self._patience)
