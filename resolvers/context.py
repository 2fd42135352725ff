"""What every resolver is handed: the database, the hub, and who asks."""

from dataclasses import dataclass, field

from access.budgets import BudgetRow, CostBudgets
from access.rate_limits import WriteRateLimiter
from access.tokens import Tokens
from access.viewer import RoleViewer, Viewer
from db.database import Database
from db.failures import Failure, NotSignedIn
from db.limits import Limits
from db.posts import Actor
from live.cursors import Cursors
from live.feed import Feed
from live.hub import Hub
from live.presence import PresenceSession, PresenceTracker
from resolvers.flights import SingleFlight
from resolvers.sweeps import BackgroundJobs


@dataclass(frozen=True, slots=True)
class Services:
    """What all requests of a process share."""

    database: Database
    hub: Hub
    presence: PresenceTracker
    feed: Feed
    cursors: Cursors
    tokens: Tokens
    throttle: WriteRateLimiter
    rates: CostBudgets
    sweeps: BackgroundJobs
    limits: Limits
    public_url: str
    """Where people reach this Parley, without a slash at the end."""
    guests: bool
    site_name: str
    version: str
    terms: str | None
    flights: SingleFlight = field(default_factory=SingleFlight)


@dataclass(frozen=True, slots=True)
class Context:
    """One request: the shared services, and who asks from where."""

    services: Services
    viewer: Viewer | RoleViewer
    address: str
    rate: BudgetRow | None = None
    """What this operation took from the budget of who asks; None where nothing was counted."""
    visit: PresenceSession | None = None
    """The connection it came over; None where that ends with the answer."""

    @property
    def database(self) -> Database:
        return self.services.database

    def actor(self, client_mutation_id: str | None) -> Actor | Failure:
        """Who writes; a NotSignedIn for a reader without a token."""
        if self.viewer.user_id is None:
            return NotSignedIn("This needs a bearer token: sign in first.")
        return Actor(self.viewer.user_id, self.viewer.role == "moderator", client_mutation_id)

    def shared(self) -> "RoleContext":
        """What all viewers of this one's role see alike."""
        viewer = RoleViewer(self.viewer.role)
        return RoleContext(Context(self.services, viewer, self.address), viewer)


class RoleContext:
    """An execution that serves all viewers of a role, but for those it asked about."""

    def __init__(self, context: Context, viewer: RoleViewer) -> None:
        self.context = context
        self.key = viewer.role
        self.asked = viewer.dependencies

    def who(self, context: object) -> int | None:
        """The number of a context's viewer."""
        assert isinstance(context, Context)
        return context.viewer.user_id
