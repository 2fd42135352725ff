"""The scalars of our own."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

from execution.shapes import Native

Html = NewType("Html", str)


def rfc3339(moment: datetime) -> str:
    """The moment in UTC as orjson writes it under OPT_UTC_Z: `Z`, and six digits of a fraction that is not zero.

    Raises ValueError for a moment without a time zone, which names no point in time.
    """
    if moment.tzinfo is None:
        raise ValueError(f"The moment {moment.isoformat()} has no time zone.")
    return moment.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"


def are_utc(moments: Sequence[datetime]) -> bool:
    """Whether orjson writes each of the moments as `rfc3339` does."""
    return {moment.tzinfo for moment in moments} == {UTC}


def of_input(value: object) -> datetime:
    """The moment a client names. Raises ValueError for what is no ISO 8601 text with a time zone, as RFC 3339 is."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    if moment is None or moment.tzinfo is None:
        raise ValueError("A DateTime is RFC 3339 text with a time zone.")
    return moment.astimezone(UTC)


SCALARS: dict[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="A moment as RFC 3339 text, always in UTC with `Z`, and with a fraction when it is not zero.",
        specified_by_url="https://datatracker.ietf.org/doc/html/rfc3339",
        serialize=rfc3339,
        parse_value=of_input,
    ),
    Html: strawberry.scalar(
        name="Html",
        description="Sanitised HTML, safe to insert into a page.",
        serialize=str,
        parse_value=str,
    ),
}
"""The scalar of each Python type."""

NATIVES: dict[str, Native] = {"DateTime": (datetime, are_utc), "Html": (str, None)}
"""The scalars whose values need no serialising before orjson writes them."""
