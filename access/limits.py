"""How much one user and one address may do. The settings can change each of the fields."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

MAX_INT = 2**31 - 1
"""The largest value of GraphQL's Int."""


class RateLimits(BaseModel):
    """Limits by time. An address is an IP address, or a /64 network of IPv6."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    writes_per_minute: Annotated[int, Field(ge=1)] = 300
    """Maximum writes per minute of one person; each 5 kB of text count as one more."""
    writes_per_minute_of_address: Annotated[int, Field(ge=1)] = 1200
    """Maximum writes per minute from one IP address (a /64 network of IPv6), counted alike."""
    bytes_per_day: Annotated[int, Field(ge=1)] = 20_000_000
    """Maximum bytes of text that one person writes in a day. The database needs up to ten times as many."""
    bytes_per_day_of_guest: Annotated[int, Field(ge=1)] = 1_000_000
    """Maximum bytes of text that one guest writes in a day."""
    bytes_per_day_of_address: Annotated[int, Field(ge=1)] = 50_000_000
    """Maximum bytes of text written in a day from one IP address (a /64 network of IPv6)."""
    guests_per_hour_of_address: Annotated[int, Field(ge=1)] = 10
    """Maximum new guests per hour from one IP address (a /64 network of IPv6)."""
    cost_per_minute: Annotated[int, Field(ge=1, le=MAX_INT)] = 20_000_000
    """Maximum cost per minute of the operations of one signed-in person."""
    cost_per_minute_of_guest: Annotated[int, Field(ge=1, le=MAX_INT)] = 5_000_000
    """Maximum cost per minute of the operations of one guest."""
    cost_per_minute_of_address: Annotated[int, Field(ge=1, le=MAX_INT)] = 20_000_000
    """Maximum cost per minute of all operations from one IP address (a /64 network of IPv6), signed in or not."""
