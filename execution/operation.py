"""The operation that a client requests, and the errors that refuse or end it."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from execution.error_codes import RequestErrorCode

MAX_MESSAGE = 1_000
"""How many characters of an error's message are told: it may repeat what the client sent."""
Charge = Callable[[int], object]
"""Takes a cost from the budget of who sent a request. Raises RequestRefused with RATE_LIMITED if it has less left."""

reported_errors: Counter[str] = Counter()
"""How many errors this process has reported to clients, by their codes."""


def count_errors(errors: Sequence[Mapping[str, Any]]) -> None:
    """Counts errors that a client receives."""
    for error in errors:
        reported_errors[error["extensions"]["code"]] += 1


@dataclass(frozen=True, slots=True)
class Operation:
    """One GraphQL request as a transport read it: already of the right JSON types.

    Source: GraphQL over HTTP, section 5.1 "Request Parameters", and appendix A "Persisted Documents".
    """

    query: str | None
    variables: Mapping[str, Any] | None = None
    name: str | None = None
    extensions: Mapping[str, Any] | None = None
    document_id: str | None = None


def uncharged(_cost: int) -> None:
    """Charges nobody: for the server's own operations."""


def request_error(code: RequestErrorCode, message: str, **extensions: Any) -> dict[str, Any]:
    """Returns a GraphQL error as clients receive it: `message`, and `extensions` with the code and further values."""
    return {"message": shortened(message), "extensions": {"code": code, **extensions}}


def shortened(message: str) -> str:
    """Returns the message of an error without the end of what it repeats, if that is long."""
    return message if len(message) <= MAX_MESSAGE else message[:MAX_MESSAGE] + "…"


class RequestRefused(Exception):
    """The request is not executed: it can't be parsed, is not valid, or is refused.

    `errors` holds the errors as clients get them: `message`, perhaps `locations`, and `extensions.code`.
    """

    def __init__(self, errors: Sequence[dict[str, Any]], *, retry_seconds: int | None = None) -> None:
        """`retry_seconds`: when to retry, if the same request may succeed later."""
        super().__init__(errors[0]["message"])
        self.errors = list(errors)
        self.retry_seconds = retry_seconds


class StreamEnded(Exception):
    """A stream that had started ends with errors."""

    def __init__(self, errors: Sequence[dict[str, Any]]) -> None:
        super().__init__(errors[0]["message"])
        self.errors = list(errors)
