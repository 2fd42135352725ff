"""Addresses of posts, as people paste them."""

import re
from dataclasses import dataclass

_POST = re.compile(
    r"(?:(?:https?:)?//[^/?#\s]+/|/?(?!/|[a-z][a-z0-9+.-]*:))"  # A host is the caller's to check.
    r"(?:[^?#\s]*/)?d/(?P<number>[0-9]{1,9})(?:/[^/?#\s]*)?/?(?:\?[^#\s]*)?(?:#reply-(?P<sequence>[0-9]{1,9}))?",
    re.IGNORECASE,
)
_REPLY_HERE = re.compile(r"#reply-(?P<sequence>[0-9]{1,9})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PostReference:
    """A post as an address names it."""

    number: int | None
    """The discussion; None for an address within the page, the discussion it stands in."""
    sequence: int
    """The reply, 0 for the opening post."""


def post_reference(link: str) -> PostReference | None:
    """The post that an address names: …/d/12, …/d/12/slug#reply-17 or #reply-17, relative or absolute; else None.

    Any host will do: whose it is, the caller checks.
    """
    if here := _REPLY_HERE.fullmatch(link):
        return PostReference(None, int(here["sequence"]))
    if post := _POST.fullmatch(link):
        return PostReference(int(post["number"]), int(post["sequence"] or 0))
    return None
