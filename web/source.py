"""What the pages need of the rest: data, its version, and the reader's budget. The application implements it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from starlette.types import Scope

Data = dict[str, Any]
"""An object of a GraphQL result."""


class DataUnavailable(Exception):
    """The data of a page can't be read at present."""


class DataTooLarge(DataUnavailable):
    """The answer would be larger than an answer may be."""


class BadPlace(DataUnavailable):
    """The address of the page has a cursor of no list."""


class OverBudget(Exception):
    """The reader's address has spent its budget. The message says so."""

    def __init__(self, message: str, retry_seconds: int) -> None:
        super().__init__(message)
        self.retry_seconds = retry_seconds


@dataclass(frozen=True, slots=True)
class Part:
    """Which replies of a thread a page shows: its first ones if neither is given."""

    after: int = 0
    """Those after this reply in reading order."""
    reply: int = 0
    """Those around this reply."""


@dataclass(frozen=True, slots=True)
class Version:
    """What a page shows, as a text: pages of the same version are the same."""

    text: str
    deleted: bool = False
    is_there: bool = True
    """Whether the thread has the part that the page shows."""


@dataclass(frozen=True, slots=True)
class FeedPost:
    """A post as a feed lists it: all but its content."""

    key: int
    """Its place in the order of the feed, which no other post ever has."""
    id: str
    size: int
    """The bytes of its HTML."""
    deleted: bool
    discussion_deleted: bool
    version: str
    """What the feed shows of it, as a text."""


@dataclass(frozen=True, slots=True)
class FeedPosts:
    """Posts of a feed, newest first."""

    posts: list[FeedPost]
    newest: int
    """The highest key in the feed, also of posts that were not asked for; 0 if it has none."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A discussion as the sitemap lists it."""

    number: int
    title: str
    last_activity_at: datetime


class Source(Protocol):
    """Reads for the pages, and charges it to the reader's address. Its methods raise DataUnavailable and OverBudget."""

    async def read(self, scope: Scope, document: str, variables: Mapping[str, Any]) -> Data:
        """Returns the data of a query as a reader without a token sees it. Raises DataTooLarge and BadPlace."""

    async def version_of_discussion(self, scope: Scope, number: int, part: Part, replies: int) -> Version | None:
        """Returns the version of a discussion with so many replies of its thread; None if it is missing."""

    async def version_of_latest(self, scope: Scope, count: int, newest: int) -> Version:
        """Returns the version of the discussions with the latest activity, each with its newest replies."""

    async def feed_posts(self, scope: Scope, number: int | None, until: int | None, limit: int) -> FeedPosts:
        """Returns the newest posts of a discussion, or of all if it is None, deleted ones included.

        Those up to the key `until` are returned once no other one can appear among them.
        """

    async def newest_number(self, scope: Scope) -> int:
        """Returns the number of the discussion that was started last; 0 if there is none."""

    async def discussions_between(self, scope: Scope, first: int, last: int) -> list[Listed]:
        """Returns the discussions with these numbers, both included."""

    def charge(self, scope: Scope, size: int) -> None:
        """Charges the bytes of a response."""
