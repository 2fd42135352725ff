"""Which media type a client ranks highest.

Sources: RFC 9110, section 12.5.1 «Accept»; GraphQL over HTTP, sections 4.1 «Media Types» and 6.1 «Accept».
"""

from functools import lru_cache

GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = "application/json"


def essence(header: str) -> tuple[str, dict[str, str]]:
    """A media type or range in lower case, and its parameters, unquoted, their names in lower case."""
    media_type, *parts = header.split(";")
    parameters = {}
    for part in parts:
        name, _, value = part.partition("=")
        parameters[name.strip().lower()] = value.strip().strip('"')
    return media_type.strip().lower(), parameters


@lru_cache(maxsize=256)
def media_type(accept: str | None) -> str | None:
    """GRAPHQL_RESPONSE or JSON, whichever an Accept header ranks higher; None where it takes neither.

    JSON where the header is absent, or takes either by a wildcard alone: older clients send that and read nothing else.
    """
    if accept is None or not accept.strip():
        return JSON
    ranges: dict[str, float] = {}
    for item in accept.split(","):
        media_range, parameters = essence(item)
        quality = _quality(parameters.get("q", "1"))
        if quality is not None:
            ranges[media_range] = max(quality, ranges.get(media_range, 0.0))
    # The most specific range says how good a type is; of equals the more specific wins, then the richer type.
    ranks = []
    for offered, favoured in ((GRAPHQL_RESPONSE, 1), (JSON, 0)):
        for specificity, media_range in ((2, offered), (1, "application/*"), (0, "*/*")):
            if media_range in ranges:
                ranks.append((ranges[media_range], specificity, favoured if specificity == 2 else -favoured, offered))
                break
    best = max(ranks, default=None)
    return best[3] if best is not None and best[0] > 0 else None


def _quality(text: str) -> float | None:
    """A weight between 0 and 1; None where it is no weight, so that its range counts as not written."""
    try:
        quality = float(text)
    except ValueError:
        return None
    return quality if 0 <= quality <= 1 else None
