"""Which media type a client ranks highest.

Sources: RFC 9110, section 12.5.1 «Accept»; GraphQL over HTTP, sections 4.1 «Media Types» and 6.1 «Accept».
"""

from functools import lru_cache
from typing import NamedTuple

GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = "application/json"
EVENT_STREAM = "text/event-stream"
MULTIPART = "multipart/mixed"
"""With `subscriptionSpec=1.0`, as Apollo's clients ask for subscriptions."""


def essence(header: str) -> tuple[str, dict[str, str]]:
    """A media type or range in lower case, and its parameters, unquoted, their names in lower case."""
    media_type, *parts = header.split(";")
    parameters = {}
    for part in parts:
        name, _, value = part.partition("=")
        parameters[name.strip().lower()] = value.strip().strip('"')
    return media_type.strip().lower(), parameters


class Wanted(NamedTuple):
    """What an Accept header asks for, by what the operation turns out to be."""

    answer: str | None
    """What a query's or a mutation's result comes as: GRAPHQL_RESPONSE, JSON or EVENT_STREAM; None: nothing we have."""
    stream: str | None
    """What a subscription's results come as: EVENT_STREAM or MULTIPART; None where no stream is asked for by name."""

    @property
    def json(self) -> str:
        """What is answered that no stream can tell: the client gets JSON, whether it asked for it or not."""
        return self.answer if self.answer in (GRAPHQL_RESPONSE, JSON) else JSON


@lru_cache(maxsize=256)
def wanted(accept: str | None) -> Wanted:
    """What an Accept header ranks highest.

    JSON where the header is absent, or takes either JSON by a wildcard alone: older clients send that and read nothing
    else. Streams must be named, and for a single result more highly than JSON: urql names them with every request.
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
    # The most specific range says how good a type is; of equals the more specific wins, then the richer type.
    ranks = []
    for offered, favoured in ((GRAPHQL_RESPONSE, 1), (JSON, 0)):
        for specificity, media_range in ((2, offered), (1, "application/*"), (0, "*/*")):
            if media_range in ranges:
                ranks.append((ranges[media_range], specificity, favoured if specificity == 2 else -favoured, offered))
                break
    if (quality := ranges.get(EVENT_STREAM)) is not None:
        ranks.append((quality, 2, -1, EVENT_STREAM))
    best = max(ranks, default=None)
    # Of equals the event stream, the first: one can come back to it.
    streams = [offered for offered in (EVENT_STREAM, MULTIPART) if ranges.get(offered)]
    return Wanted(
        best[3] if best is not None and best[0] > 0 else None,
        max(streams, key=ranges.__getitem__, default=None),
    )


def _quality(text: str) -> float | None:
    """A weight between 0 and 1; None where it is no weight, so that its range counts as not written."""
    try:
        quality = float(text)
    except ValueError:
        return None
    return quality if 0 <= quality <= 1 else None
