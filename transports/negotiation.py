"""Content negotiation: the media type that a client ranks highest.

Sources: RFC 9110, section 12.5.1 "Accept"; GraphQL over HTTP, sections 4.1 "Media Types" and 6.1 "Accept".
"""

from functools import lru_cache
from typing import NamedTuple

GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = "application/json"
EVENT_STREAM = "text/event-stream"
MULTIPART = "multipart/mixed"
"""With `subscriptionSpec=1.0`, for the subscriptions of Apollo's clients."""


def essence(header: str) -> tuple[str, dict[str, str]]:
    """Returns a media type or range in lower case, and its parameters, unquoted, with names in lower case."""
    media_type, *parts = header.split(";")
    parameters = {}
    for part in parts:
        name, _, value = part.partition("=")
        parameters[name.strip().lower()] = value.strip().strip('"')
    return media_type.strip().lower(), parameters


class Wanted(NamedTuple):
    """What an Accept header requests, for each kind of operation."""

    answer: str | None
    """The type for a query's or mutation's result: GRAPHQL_RESPONSE, JSON, EVENT_STREAM; None if none is accepted."""
    stream: str | None
    """The type for a subscription: EVENT_STREAM or MULTIPART; None if the header names neither."""

    @property
    def json(self) -> str:
        """The type for errors outside of streams: JSON even if the header does not accept it."""
        return self.answer if self.answer in (GRAPHQL_RESPONSE, JSON) else JSON


@lru_cache(maxsize=256)
def wanted(accept: str | None) -> Wanted:
    """Returns what an Accept header ranks highest.

    JSON if the header is absent, or accepts JSON by a wildcard only: older clients send that and read nothing else.
    Streams must be named, and for a single result ranked above JSON, since urql names them in every request.
    """
    if accept is None or not accept.strip():
        return Wanted(JSON, None)
    ranges: dict[str, float] = {}
    for item in accept.split(","):
        media_range, parameters = essence(item)
        quality = _quality(parameters.get("q", "1"))
        if media_range == MULTIPART and parameters.get("subscriptionspec") != "1.0":
            continue
        if quality is not None:
            ranges[media_range] = max(quality, ranges.get(media_range, 0.0))
    # The most specific range gives the quality of a type. Ties go to the more specific range, then the richer type.
    ranks = []
    for offered, favoured in ((GRAPHQL_RESPONSE, 1), (JSON, 0)):
        for specificity, media_range in ((2, offered), (1, "application/*"), (0, "*/*")):
            if media_range in ranges:
                ranks.append((ranges[media_range], specificity, favoured if specificity == 2 else -favoured, offered))
                break
    if (quality := ranges.get(EVENT_STREAM)) is not None:
        ranks.append((quality, 2, -1, EVENT_STREAM))
    best = max(ranks, default=None)
    # Ties go to the event stream, the first, since clients can resume it.
    streams = [offered for offered in (EVENT_STREAM, MULTIPART) if ranges.get(offered)]
    return Wanted(
        best[3] if best is not None and best[0] > 0 else None,
        max(streams, key=ranges.__getitem__, default=None),
    )


def _quality(text: str) -> float | None:
    """Returns a weight between 0 and 1; None for a malformed one, whose range is ignored."""
    try:
        quality = float(text)
    except ValueError:
        return None
    return quality if 0 <= quality <= 1 else None
