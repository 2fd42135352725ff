"""What an operator sees of operations: how each ended, after how long, and which errors were reported."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from time import perf_counter
from typing import Any

from execution.error_codes import RequestErrorCode
from execution.operation import count_errors

UNKNOWN = "unknown"
"""The kind of an operation that is refused before it is known."""


class Outcome(StrEnum):
    """How an operation ended; of a subscription, how its start did."""

    OK = "ok"
    FIELD_ERRORS = "field_errors"
    """It was executed, and some fields failed."""
    INVALID = "invalid"
    """Refused: the request or the document is not valid."""
    NOT_FOUND = "not_found"
    """Refused: its document is not known by its hash or id."""
    UNAUTHENTICATED = "unauthenticated"
    """Refused: the token is not valid."""
    RATE_LIMITED = "rate_limited"
    """Refused: a limit or budget is used up."""
    TOO_COSTLY = "too_costly"
    """Refused: it would cost more than one operation may."""
    FAILED = "failed"
    """The server failed; the log says why."""
    CLIENT_GONE = "client_gone"
    """The client left before the end."""


_OF_CODES = {
    RequestErrorCode.INTERNAL: Outcome.FAILED,
    RequestErrorCode.PERSISTED_QUERY_NOT_FOUND: Outcome.NOT_FOUND,
    RequestErrorCode.RATE_LIMITED: Outcome.RATE_LIMITED,
    RequestErrorCode.TOO_COSTLY: Outcome.TOO_COSTLY,
    RequestErrorCode.UNAUTHENTICATED: Outcome.UNAUTHENTICATED,
}


class Observation:
    """One operation, from its request until its response is ready."""

    __slots__ = ("_observer", "_started", "kind", "name", "outcome", "seconds", "span")

    def __init__(self, observer: "Observer", headers: Mapping[str, str] | None = None) -> None:
        """Begins. It is made in the task that serves the operation, or starts that task. `headers`: of the request."""
        self.kind: str = UNKNOWN
        self.name: str | None = None
        self.outcome = Outcome.OK
        self.seconds = 0.0
        self.span: object = None
        """What the observer keeps here."""
        self._observer: Observer | None = observer
        self._started = perf_counter()
        observer.begin_operation(self, headers)

    def end(self, outcome: Outcome | None = None) -> None:
        """Takes the time; the first call counts. `outcome` replaces what was set before."""
        if self._observer is None:
            return
        if outcome is not None:
            self.outcome = outcome
        self.seconds = perf_counter() - self._started
        observer, self._observer = self._observer, None
        observer.observe_operation(self)

    def refuse(self, errors: Sequence[dict[str, Any]]) -> None:
        """Counts the errors that refuse the operation, or end it later, and ends it."""
        count_errors(errors)
        self.end(_OF_CODES.get(errors[0]["extensions"]["code"], Outcome.INVALID))


class Observer:
    """Takes what is observed of operations; this one nothing."""

    def begin_operation(self, observed: Observation, headers: Mapping[str, str] | None) -> None:
        """Called when an operation begins, before anything is known of it."""

    def observe_operation(self, observed: Observation) -> None:
        """Called when its response is ready."""


UNOBSERVED = Observer()
