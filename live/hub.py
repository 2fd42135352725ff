"""Follows the logs of discussions, and what an item of a stream is."""

from dataclasses import dataclass
from typing import NamedTuple

import db.events
from db.database import Appended, Database
from db.kinds import DiscussionChange
from db.rows import EventRow
from live.bus import Bus
from live.follower import POLL_SECONDS, LogFollower
from live.reads import StatementReader


@dataclass(frozen=True, slots=True)
class CaughtUpItem:
    """The item at the end of the replay: later items are new."""

    cursor: str

    graphql_type = "CaughtUp"


@dataclass(frozen=True, slots=True)
class ResyncItem:
    """The last item of a stream that can't continue: its client has to fetch again and follow from there."""

    cursor: str
    reason: str

    graphql_type = "ResyncRequired"


class LogItem(NamedTuple):
    """An item of a stream, or only the stream's position, and the cursor right after it."""

    value: object
    """A row, CaughtUpItem or ResyncItem; None for a position without anything to show."""
    cursor: str
    position: int | None = None
    """The number of the last event before the cursor; None if the stream is filtered for one follower alone."""
    live: bool = False
    """True for the item that ends the replay."""


class Hub(LogFollower):
    """Follows discussions: the id of a log is that of its discussion."""

    def __init__(self, database: Database, bus: Bus, *, poll_seconds: tuple[float, float] = POLL_SECONDS) -> None:
        reader = StatementReader(database, db.events.STATEMENTS)
        super().__init__(reader, closes=_closes, poll_seconds=poll_seconds)
        database.on_appended = self.take
        bus.on_notification(self.wake, self.check_soon)

    def take(self, appended: Appended) -> None:
        """Gives events that this process has committed to the followers of their discussion, without reading them."""
        tail = self._tails.get(appended.log_id)
        if tail is not None:
            tail.take(appended)


def _closes(event: EventRow) -> bool | None:
    """A deleted discussion has no followers until it is restored."""
    changes = event.changes
    return True if DiscussionChange.DELETED in changes else False if DiscussionChange.RESTORED in changes else None
