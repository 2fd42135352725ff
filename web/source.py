"""What the pages need of the rest: data, its version, and the reader's budget. The application implements it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from starlette.types import Scope

Data = dict[str, Any]
"""An object of a GraphQL result."""


class DataUnavailable(Exception):
    """The data of a page can't be read at present."""


class DataTooLarge(DataUnavailable):
    """The answer would be larger than an answer may be."""


class OverBudget(Exception):
    """The reader's address has spent its budget. The message says so."""

    def __init__(self, message: str, retry_seconds: int) -> None:
        super().__init__(message)
        self.retry_seconds = retry_seconds


@dataclass(frozen=True, slots=True)
class Version:
    """What a page shows, as a text: pages of the same version are the same."""

    text: str
    deleted: bool = False


class Source(Protocol):
    """Reads for the pages, and charges it to the reader's address. Its methods raise DataUnavailable and OverBudget."""

    async def read(self, scope: Scope, document: str, variables: Mapping[str, Any]) -> Data:
        """Returns the data of a query as a reader without a token sees it. Raises DataTooLarge."""

    async def version_of_discussion(
        self, scope: Scope, number: int, *, newest: int = 0, first: int = 0
    ) -> Version | None:
        """Returns the version of a discussion with its newest replies, or the first of its thread; None if missing."""

    async def version_of_latest(self, scope: Scope, count: int, *, newest: int = 0) -> Version:
        """Returns the version of the discussions with the latest activity, each with its newest replies."""

    def charge(self, scope: Scope, size: int) -> None:
        """Charges the bytes of a response."""
