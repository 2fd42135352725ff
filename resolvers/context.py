"""What every resolver receives: the services of the process, and who reads."""

from collections.abc import Hashable
from dataclasses import dataclass

from access.budgets import BudgetRow
from access.rate_limits import WriteRateLimiter
from access.tokens import Tokens
from access.viewer import NotedViewer, RoleViewer, SingleViewer
from db.database import Database
from db.snapshots import Reader, Snapshot
from db.versions import Reading, Version, Versions, seen
from forum.jobs import BackgroundJobs
from forum.use_cases import Forum
from live.cursors import Cursors
from live.feed import Feed
from live.follower import LogFollower
from live.hub import Hub
from live.presence import PresenceSession, PresenceTracker


@dataclass(frozen=True, slots=True)
class SiteRow:
    """What this server is."""

    name: str
    version: str
    terms: str | None
    deleted_days: int
    takes_guests: bool
    public_url: str
    """Where people reach this server, without a slash at the end."""


@dataclass(frozen=True, slots=True)
class Services:
    """What all requests of a process share."""

    database: Database
    forum: Forum
    hub: Hub
    presence: PresenceTracker
    feed: Feed
    moderation: Feed
    """What follows the log of moderation."""
    persons: LogFollower
    """What follows the logs of persons."""
    cursors: Cursors
    tokens: Tokens
    write_limiter: WriteRateLimiter
    jobs: BackgroundJobs
    site: SiteRow
    versions: Versions | None = None
    """None where no answers are kept."""


@dataclass(slots=True)
class Context:
    """One request: the services of the process, and who reads from where."""

    services: Services
    viewer: SingleViewer | RoleViewer | NotedViewer
    address: str
    budget: BudgetRow | None = None
    """What this operation took from the budget of who sent it; None if nothing was counted."""
    session: PresenceSession | None = None
    """The connection it came over; None if that ends with the response."""

    snapshot: Snapshot | None = None
    """What a query reads through; None for mutations and events, whose statements are each of their own moment."""

    is_of_the_moment: bool = False
    """Whether the answer depends on the clock, so that it is not kept."""

    @property
    def database(self) -> Reader:
        """What resolvers read through."""
        return self.snapshot or self.services.database

    def at_one_moment(self) -> "Context":
        """See execution.engine.Moment."""
        snapshot = self.services.database.snapshot()
        return Context(self.services, self.viewer, self.address, self.budget, self.session, snapshot)

    def end_moment(self) -> None:
        """See execution.engine.Moment."""
        if self.snapshot is not None:
            self.snapshot.close()

    @property
    def audience(self) -> tuple[Hashable, Hashable]:
        """See execution.page_cache.Keepable."""
        viewer = self.viewer
        assert isinstance(viewer, SingleViewer)
        return viewer.role, viewer.user_id

    def noted(self) -> "NotedContext | None":
        """See execution.page_cache.Keepable."""
        versions, viewer = self.services.versions, self.viewer
        reading = None if versions is None else versions.reading()
        if reading is None:
            return None
        assert isinstance(viewer, SingleViewer)
        return NotedContext(self.services, NotedViewer(viewer), reading)

    def shared(self) -> "RoleContext":
        """A context that serves all viewers of this one's role."""
        viewer = RoleViewer(self.viewer.role)
        return RoleContext(Context(self.services, viewer, self.address), viewer)


class NotedContext:
    """The context of a run whose answer may be kept; see execution.page_cache.Noted."""

    def __init__(self, services: Services, viewer: NotedViewer, reading: Reading) -> None:
        self._viewer = viewer
        self._reading = reading
        self._snapshot = services.database.snapshot(reading)
        # Whatever else belongs to one request is not there: what is kept has nothing of it.
        self.context = Context(services, viewer, "", snapshot=self._snapshot)

    @property
    def is_personal(self) -> bool:
        return self._viewer.is_personal

    @property
    def viewer_dependencies(self) -> set[int]:
        return self._viewer.dependencies

    async def version(self) -> Version | None:
        """What was read, or None if that cannot be compared later."""
        reading = self._reading
        if not reading.has_read or reading.is_broken or self.context.is_of_the_moment:
            return None
        row = await self._snapshot.row(seen, ids=reading.discussions)
        return None if row is None else reading.version(row)

    def end_moment(self) -> None:
        self._snapshot.close()


class RoleContext:
    """The context of executions for all viewers of a role; see execution.streams.SharedContext."""

    def __init__(self, context: Context, viewer: RoleViewer) -> None:
        self.context = context
        self.key = viewer.role
        self.viewer_dependencies = viewer.dependencies

    def viewer_id(self, context: object) -> int | None:
        """Returns the id of a context's viewer."""
        assert isinstance(context, Context)
        return context.viewer.user_id
