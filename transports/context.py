"""What transports know of who asks."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol


class Context(Protocol):
    """Who asks, as a token told: what all operations of one connection, or one request, share."""

    @property
    def expires_at(self) -> datetime | None:
        """When the token ends; None for an anonymous reader."""

    def hold(self, ended: Callable[[str], None]) -> Callable[[], None]:
        """Makes a connection live by these rights: `ended(reason)` is called once when they end before it does.

        They end when the token expires, or the person is suspended. Never waits, and `ended` must not wait or raise.
        Gives what is to be called when the connection is over, as often as one likes: `ended` is not called after it.
        """

    def spend(self, cost: int) -> object:
        """What the resolvers of one operation get, which costs that much.

        Raises RequestRefused with RATE_LIMITED where so much is not left to spend.
        """


class OpenContext(Protocol):
    """Tells who asks."""

    def __call__(self, authorization: str | None, address: str, *, to_stay: bool = False) -> Awaitable[Context]:
        """Raises RequestRefused with UNAUTHENTICATED.

        `to_stay`: for a connection, which is not opened for somebody who was suspended a moment ago.
        """
