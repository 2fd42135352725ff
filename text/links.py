"""Recognises the addresses of posts."""

import re
from dataclasses import dataclass

_POST = re.compile(
    r"(?:(?:https?:)?//[^/?#\s]+/|/?(?!/|[a-z][a-z0-9+.-]*:))"  # The caller checks the host.
    r"(?:[^?#\s]*/)?d/(?P<number>[0-9]{1,9})(?:/[^/?#\s]*)?/?(?:\?[^#\s]*)?(?:#reply-(?P<sequence>[0-9]{1,9}))?",
    re.IGNORECASE,
)
_REPLY_HERE = re.compile(r"#reply-(?P<sequence>[0-9]{1,9})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PostReference:
    """The post that an address refers to."""

    number: int | None
    """The number of the discussion; None for an address such as #reply-17, which refers to the current one."""
    sequence: int
    """The sequence of the reply; 0 for the opening post."""


def post_reference(link: str) -> PostReference | None:
    """Returns the post that an address refers to, such as …/d/12, …/d/12/slug#reply-17 or #reply-17; otherwise None.

    Accepts relative and absolute addresses of any host; the caller checks the host.
    """
    if here := _REPLY_HERE.fullmatch(link):
        return PostReference(None, int(here["sequence"]))
    if post := _POST.fullmatch(link):
        return PostReference(int(post["number"]), int(post["sequence"] or 0))
    return None
