"""What transports know of the viewer of a request or connection."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Revocation(StrEnum):
    """Why the rights of a viewer end; the value is the reason of the websocket's close frame."""

    EXPIRED = "Token expired"
    """The token is refused from now on."""
    CHANGED = "Rights changed"
    """The viewer has other rights from now on: their clients reconnect, and resume with these."""


OnRevoked = Callable[[Callable[[Revocation], None]], Callable[[], None]]
"""See `Identity.on_revoked`."""


class Identity(Protocol):
    """The viewer that a token names, common to all operations of one request or connection."""

    @property
    def expires_at(self) -> datetime | None:
        """When the token expires; None for an anonymous viewer."""

    @property
    def network(self) -> str:
        """The client's address as limits count it: of IPv6 its /64."""

    def on_revoked(self, revoked: Callable[[Revocation], None]) -> Callable[[], None]:
        """Calls `revoked(revocation)` once, when the token expires or the person has other rights.

        Returns what must be called when the connection is over, once or more often; `revoked` is not called after that.
        Neither waits. `revoked` must not wait or raise.
        """

    def charge(self, cost: int) -> object:
        """Takes an operation's cost from the viewer's budget, and returns the context of its resolvers.

        Raises RequestRefused with RATE_LIMITED if the budget has less left.
        """


class Identify(Protocol):
    """Finds the viewer of a request."""

    def __call__(self, authorization: str | None, address: str, *, is_connection: bool = False) -> Awaitable[Identity]:
        """Returns who `authorization` names, at the client's address.

        `is_connection`: for a websocket, which has the rights of this moment.
        Raises RequestRefused with UNAUTHENTICATED.
        """
