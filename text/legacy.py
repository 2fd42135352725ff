"""Links of the forum that a discussion was imported from, and the ids in them.

A Ning id is "<network>:<Kind>:<number>": "502551:Topic:999" for a discussion, "502551:Comment:1011" for a reply.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal
from urllib.parse import SplitResult, unquote, urlsplit

_ID = re.compile(r"(\d{1,20}):([A-Za-z]{1,40}):(\d{1,20})", re.ASCII)
_ID_WITHOUT_COLONS = re.compile(r"(?:comment[-_]?)?(\d{1,20})[:_]?([A-Za-z]{1,40})[:_]?(\d{1,20})", re.ASCII)
_SLUG = re.compile(r"/forum/topics?/(?P<slug>[^/]+)/*$")
_KINDS = {"topic": "Topic", "comment": "Comment"}
_ID_PARAMETERS = ("commentId", "id", "topicId")
MAX_LINK_CHARACTERS = 2_000
"""Browsers and mail programs make no longer links: what is longer leads nowhere, and is not decoded."""
_OMITTED = re.compile("[.,'`\u2018\u2019\u00b4]")
_SEPARATORS = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class LegacyReference:
    """What a link of the old forum refers to: a post by its id, or a discussion by the slug of its title."""

    kind: Literal["id", "slug"]
    value: str


def legacy_key(link: str) -> str | None:
    """Returns the id ("502551:Comment:1011") in a link to a post; None if it has none.

    Accepts the id itself, /xn/detail/<id>, …?commentId=<id> and an anchor without colons, percent-encoded or not. If a
    link names a discussion and a reply in it, returns the reply's id.
    """
    parts = _split(link)
    if parts is None:
        return None
    if bare := _ID.fullmatch(_decoded(link).strip()):
        return _canonical(bare)
    parameters = _parameters(parts.query)
    named = [parameters[name] for name in _ID_PARAMETERS if name in parameters]
    found = [_ID.fullmatch(each) for each in named]
    found.append(_ID_WITHOUT_COLONS.fullmatch(_decoded(parts.fragment)))
    found.append(_ID.fullmatch(_decoded(parts.path).rstrip("/").rpartition("/")[2]))
    keys = [_canonical(each) for each in found if each]
    return next((key for key in keys if ":Comment:" in key), keys[0] if keys else None)


def legacy_reference(link: str) -> LegacyReference | None:
    """Returns the id in a link, or else the slug of its discussion (compare with `ning_slug`), or else None."""
    if key := legacy_key(link):
        return LegacyReference("id", key)
    parts = _split(link)
    found = _SLUG.search(_decoded(parts.path)) if parts else None
    return LegacyReference("slug", found["slug"].lower()) if found else None


def ning_slug(title: str) -> str:
    """Returns the slug of a title in Ning's links: "Night owls: a defence" → "night-owls-a-defence".

    Ning cuts long slugs after a whole word, at about 60 characters, so the slug in a link may be a prefix of this one.
    """
    kept = _OMITTED.sub("", title)
    letters = unicodedata.normalize("NFKD", kept).encode("ascii", "ignore").decode("ascii").lower()
    return _SEPARATORS.sub("-", letters).strip("-")


def _split(link: str) -> SplitResult | None:
    if len(link) > MAX_LINK_CHARACTERS:
        return None
    try:
        return urlsplit(link.strip().replace("&amp;", "&"))
    except ValueError:
        return None


def _decoded(text: str) -> str:
    # Links that were copied out of other links are percent-encoded twice.
    return unquote(unquote(text))


def _parameters(query: str) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in query.split("&"))
    return {name: _decoded(value) for name, _, value in reversed(list(pairs))}


def _canonical(found: re.Match[str]) -> str:
    network, kind, number = found.groups()
    return f"{network}:{_KINDS.get(kind.lower(), kind)}:{number}"
