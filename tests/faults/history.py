"""What a fault run wrote down: who wrote what and when, what each follower's frames held, and the log at the end.

Moments are seconds of the epoch, of one clock: the servers, the database and the run share a machine.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

ADDED, DELETED, RESTORED = "ReplyAdded", "ReplyDeleted", "ReplyRestored"
SITE = 1 << 56
"""Logs from this number on are not of discussions."""


@dataclass(slots=True)
class Write:
    """A mutation under one clientMutationId, sent until it was acknowledged."""

    key: str
    discussion: int
    kind: str
    """Of the event that it causes."""
    sent: float
    """When the first attempt began."""
    acknowledged: float | None = None
    post: int | None = None
    """The reply that the acknowledgement named."""
    attempts: int = 1


class Logged(NamedTuple):
    """An event as the database holds it at the end."""

    discussion: int
    number: int
    tag: bytes
    kind: str
    post: int | None
    version: int
    key: str | None
    at: float
    """When its transaction began, so a little before it was committed."""


class Frame(NamedTuple):
    """An event as a follower received it."""

    at: float
    number: int
    tag: bytes
    """Of the frame's cursor."""
    kind: str
    post: int | None
    version: int
    """Of the reply that it shows, which may be newer than the event."""


class Post(NamedTuple):
    """A reply as somebody knows it."""

    sequence: int
    version: int
    state: str
    body: str
    last_event: int = 0
    """By which copies are merged."""


@dataclass(slots=True)
class Followed:
    """One follower, over all of its connections."""

    name: str
    discussion: int
    first: int
    """The number of the cursor it began with."""
    added_only: bool = False
    """Follows replyAdded rather than all that happens."""
    opened: int = 0
    """How often it was let in by a server."""
    connections: list[float] = field(default_factory=list)
    """When it was caught up, or let in where there is no telling: from then on it hears what happens."""
    frames: list[Frame] = field(default_factory=list)
    posts: dict[int, Post] = field(default_factory=dict)
    """Its snapshot, with every frame applied by id and lastEvent."""
    errors: int = 0
    """How often its stream ended because the server could not read an event."""
    complaints: list[str] = field(default_factory=list)
    """What came that is no event and should not have come."""


class Fed(NamedTuple):
    """An item of the feed, as the database holds it at the end."""

    position: int
    tag: bytes
    discussion: int
    number: int


class FedFrame(NamedTuple):
    """An item of the feed as a follower received it."""

    at: float
    position: int
    tag: bytes
    """Of the item's cursor."""
    discussion: int
    event: Frame
    """What it brought, with the tag of the event's own cursor."""


@dataclass(slots=True)
class FollowedFeed:
    """One follower of the feed, over all of its connections."""

    name: str
    first: int = 0
    """The position of the cursor it began with."""
    opened: int = 0
    connections: list[float] = field(default_factory=list)
    frames: list[FedFrame] = field(default_factory=list)
    errors: int = 0
    complaints: list[str] = field(default_factory=list)


class Act(NamedTuple):
    """An item of the log of moderation, as the database holds it at the end."""

    position: int
    tag: bytes
    kind: str
    subject: int
    """The id of the audit entry or of the review item."""
    version: int
    """That of the review item; 0 for an entry."""


class ActFrame(NamedTuple):
    """An item of the log of moderation as a moderator received it."""

    at: float
    position: int
    tag: bytes
    kind: str
    subject: int
    version: int
    """Of the review item as it was shown, which may be newer."""


@dataclass(slots=True)
class FollowedModeration:
    """One moderator who follows what moderators do, over all connections."""

    name: str
    first: int = 0
    opened: int = 0
    connections: list[float] = field(default_factory=list)
    frames: list[ActFrame] = field(default_factory=list)
    errors: int = 0
    complaints: list[str] = field(default_factory=list)


class Window(NamedTuple):
    """One fault, from its beginning to its heal."""

    kind: str
    target: str
    begin: float
    end: float


class Gauge(NamedTuple):
    """What a process held before anybody came, and after all had left."""

    server: str
    name: str
    before: float
    after: float
    spare: float = 0
    """How much more it may keep: connections to the database, which it would open again."""


@dataclass(slots=True)
class History:
    """All of a run that the checker looks at."""

    writes: Sequence[Write] = ()
    log: Sequence[Logged] = ()
    """In the order of discussions and numbers."""
    heads: dict[int, int] = field(default_factory=dict)
    """The number of the last event, as each discussion's head has it."""
    followers: Sequence[Followed] = ()
    feed: Sequence[Fed] = ()
    """In the order of positions, the items of the site's own log included."""
    feed_followers: Sequence[FollowedFeed] = ()
    acts: Sequence[Act] = ()
    """The log of moderation in the order of positions."""
    unrecorded: Sequence[str] = ()
    """Acts of moderators without an entry, entries without their act, and changes that are not in the log."""
    moderators: Sequence[FollowedModeration] = ()
    mirrored: Sequence[str] = ()
    """Where the mirrors of the run differ from what there is at the end."""
    windows: Sequence[Window] = ()
    fresh: dict[int, dict[int, Post]] = field(default_factory=dict)
    """Each discussion's replies, as a fresh reader gets them at the end."""
    gauges: Sequence[Gauge] = ()
    slow: Sequence[Window] = ()
    """When the machine itself was slow."""
    lag: float = 0.0
    """By how many seconds the run itself was late, one time in a hundred."""
    complaints: Sequence[str] = ()
    """What went wrong that no other rule looks for: a refused write, a server that would not end."""

    @property
    def deliveries(self) -> int:
        return sum(len(each.frames) for each in self._all_followers())

    @property
    def reconnects(self) -> int:
        return sum(max(0, each.opened - 1) for each in self._all_followers())

    def _all_followers(self) -> list[Followed | FollowedFeed | FollowedModeration]:
        return [*self.followers, *self.feed_followers, *self.moderators]
