"""What transports know of who asks."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol


class Context(Protocol):
    """Who asks, as a token told: what all operations of one connection share."""

    @property
    def expires_at(self) -> datetime | None:
        """When a connection with this context ends."""

    def spend(self, cost: int) -> object:
        """What the resolvers of one operation get, which costs that much.

        Raises RequestRefused with RATE_LIMITED where so much is not left to spend.
        """


OpenContext = Callable[[str | None, str], Awaitable[Context]]
"""`open_context(authorization, address)` raises RequestRefused with UNAUTHENTICATED."""
