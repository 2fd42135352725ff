"""Redis and Valkey as the bus's broker: PUBLISH and SUBSCRIBE."""

import asyncio
from collections.abc import Callable
from typing import NoReturn

from redis import asyncio as redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff


class RedisBroker:
    """One connection that listens, one that publishes; both are dropped at the first failure."""

    def __init__(self, url: str, patience_seconds: float) -> None:
        """Connects nothing yet. Raises ValueError for a URL that redis can't read."""
        self._patience = patience_seconds
        self._client = redis.Redis.from_url(
            url,
            protocol=2,
            retry=Retry(NoBackoff(), 0),
            socket_timeout=patience_seconds,
            socket_connect_timeout=patience_seconds,
        )

    async def listen(
        self, channel: str, on_message: Callable[[str], None], on_subscribed: Callable[[], None]
    ) -> NoReturn:
        """See `live.bus.Broker`."""
        # A bare connection and no PubSub: that one reconnects by itself, and nobody would know of the gap.
        pool = self._client.connection_pool
        connection = pool.connection_class(**pool.connection_kwargs)
        try:
            async with asyncio.timeout(self._patience):
                await connection.send_command("SUBSCRIBE", channel)
                await connection.read_response()
            on_subscribed()
            probed = False
            while True:
                response = await connection.read_response(timeout=self._patience, disconnect_on_error=False)
                if response is None:
                    if probed:
                        raise TimeoutError(f"Redis did not answer a PING within {self._patience:g} s.")
                    await connection.send_command("PING")
                probed = response is None
                if response and response[0] == b"message":
                    on_message(response[2].decode(errors="replace"))
        finally:
            await connection.disconnect(nowait=True)

    async def publish(self, channel: str, message: str) -> None:
        """See `live.bus.Broker`."""
        async with asyncio.timeout(self._patience):
            await self._client.publish(channel, message)

    async def close(self) -> None:
        """See `live.bus.Broker`."""
        await self._client.aclose()
