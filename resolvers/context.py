"""What every resolver is handed: the database, the hub, and who asks."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from db.database import Database
from db.failures import Failure, NotSignedIn
from db.limits import Limits
from db.posts import Actor
from live.cursors import Cursors
from live.feed import Feed
from live.hub import Hub
from live.presence import Presence, Visit
from resolvers.flights import Flights
from resolvers.rates import RateRow, Rates
from resolvers.sweeps import Sweeps
from resolvers.throttle import Throttle
from resolvers.tokens import Tokens

Role = Literal["anonymous", "guest", "member", "moderator"]


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks, as far as fields may depend on it: a role, and whether it is a given person."""

    user_id: int | None = None
    role: Role = "anonymous"
    expires_at: datetime | None = None

    def is_(self, user_id: int | None) -> bool:
        """Whether the viewer is this person; nobody is None."""
        return user_id is not None and user_id == self.user_id


class AnyViewer(Viewer):
    """All viewers of a role together, as far as they see the same; notes the people it is asked about."""

    def __init__(self, role: Role) -> None:
        super().__init__(role=role)
        self.asked: set[int]
        object.__setattr__(self, "asked", set())

    def is_(self, user_id: int | None) -> bool:
        """Whether all of them are this person: no. Whoever is, sees something of its own."""
        if user_id is not None:
            self.asked.add(user_id)
        return False


@dataclass(frozen=True, slots=True)
class Services:
    """What all requests of a process share."""

    database: Database
    hub: Hub
    presence: Presence
    feed: Feed
    cursors: Cursors
    tokens: Tokens
    throttle: Throttle
    rates: Rates
    sweeps: Sweeps
    limits: Limits
    public_url: str
    """Where people reach this Parley, without a slash at the end."""
    guests: bool
    site_name: str
    version: str
    terms: str | None
    flights: Flights = field(default_factory=Flights)


@dataclass(frozen=True, slots=True)
class Context:
    """One request: the shared services, and who asks from where."""

    services: Services
    viewer: Viewer
    address: str
    rate: RateRow | None = None
    """What this operation took from the budget of who asks; None where nothing was counted."""
    visit: Visit | None = None
    """The connection it came over; None where that ends with the answer."""

    @property
    def database(self) -> Database:
        return self.services.database

    def actor(self, client_mutation_id: str | None) -> Actor | Failure:
        """Who writes; a NotSignedIn for a reader without a token."""
        if self.viewer.user_id is None:
            return NotSignedIn("This needs a bearer token: sign in first.")
        return Actor(self.viewer.user_id, self.viewer.role == "moderator", client_mutation_id)

    def in_common(self) -> "InCommon":
        """What all viewers of this one's role see alike."""
        viewer = AnyViewer(self.viewer.role)
        return InCommon(Context(self.services, viewer, self.address), viewer)


class InCommon:
    """An execution that serves all viewers of a role, but for those it asked about."""

    def __init__(self, context: Context, viewer: AnyViewer) -> None:
        self.context = context
        self.key = viewer.role
        self.asked = viewer.asked

    def who(self, context: object) -> int | None:
        """The number of a context's viewer."""
        assert isinstance(context, Context)
        return context.viewer.user_id
