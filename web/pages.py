"""Addresses and summaries of posts, for pages and feeds."""

import re
import unicodedata
from urllib.parse import quote

import regex

from text import characters
from web.source import Data

MAX_SLUG_CHARACTERS = 80
_IGNORABLE = regex.compile(characters.IGNORABLE)
# The dot that lower case leaves of a Turkish capital.
_SECOND_DOT = re.compile("(?<=[ij])\u0307")
_SLUG_WORD = regex.compile(r"[\p{L}\p{N}][\p{L}\p{N}\p{M}]*")


def slug(title: str) -> str:
    """A title as part of an address: its letters with their marks and digits, hyphens between; else "discussion"."""
    # The page's JavaScript, which has no casefold, does the same.
    small = _IGNORABLE.sub("", unicodedata.normalize("NFC", title)).lower()
    words = _SLUG_WORD.findall(_SECOND_DOT.sub("", small))
    return characters.cut("-".join(words), MAX_SLUG_CHARACTERS).rstrip("-") or "discussion"


def address(discussion: Data) -> str:
    """The path of a discussion's page, for example /d/12/pear-trees."""
    return f"/d/{discussion['number']}/{slug(discussion['title'])}"


def address_of_person(person: Data) -> str:
    """The path of a person's page, for example /u/ada. Same rule as `userPath` in page/router.js."""
    return f"/u/{quote(person['handle'], safe='')}"


def updated_at(post: Data) -> str:
    """When a post was last edited or, if it never was, created."""
    updated: str = post["lastEditedAt"] or post["createdAt"]
    return updated
