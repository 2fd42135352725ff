"""What is asked of each forum: the operations of operations.graphql with their variables, and pages and feeds."""

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import orjson

from bench import page
from bench.growth import texts
from bench.growth.forum import CLOSED, EARLY, LONG, PROLIFIC
from bench.growth.people import handle

_FILE = Path(__file__).with_suffix(".graphql")
_SECTION = re.compile(r"^# (.+)\n((?:(?!# ).*\n?)*)", re.MULTILINE)
_FRAGMENT = re.compile(r"^fragment (\w+) .+?^}\n", re.MULTILINE | re.DOTALL)
_SPREAD = re.compile(r"\.\.\.(\w+)")
_VARIABLE = re.compile(r"\$(\w+)")


def _operations() -> dict[str, str]:
    """The operations by the comments before them, each with the fragments that it needs."""
    text = _FILE.read_text()
    fragments = {found[1]: found[0] for found in _FRAGMENT.finditer(text)}

    def with_fragments(query: str) -> str:
        known: dict[str, str] = {}
        wanted = _SPREAD.findall(query)
        while wanted:
            name = wanted.pop()
            if name in fragments and name not in known:
                known[name] = fragments[name]
                wanted += _SPREAD.findall(known[name])
        return "\n".join([query, *known.values()])

    return {found[1]: with_fragments(found[2].strip()) for found in _SECTION.finditer(text)}


OPERATIONS: Mapping[str, str] = MappingProxyType(_operations())
"""Queries by what they ask for."""

_COMMON, _SECOND, _SOME, _OTHER, _RARE, _BEGUN = (texts.WORDS[rank] for rank in (0, 3, 300, 40, 20_000, 2_000))
VARIABLES: Mapping[str, Any] = MappingProxyType(
    {
        "prolific": f"U_{PROLIFIC}",
        "handle": handle(PROLIFIC),
        "early": f"U_{EARLY}",
        "category": "C_3",
        "closed": f"C_{CLOSED}",
        "long": f"D_{LONG}",
        # A word outside of quotes may be the beginning of others.
        "common": f'"{_COMMON}"',
        "twoCommon": f'"{_COMMON}" "{_SECOND}"',
        "phrase": f'"{_COMMON} {_SECOND}"',
        "some": f'"{_SOME}"',
        "two": f'"{_SOME}" "{_OTHER}"',
        "rare": f'"{_RARE}"',
        "threeLetters": _BEGUN[:3],
        "twoLetters": _COMMON[:2],
        "letter": _COMMON[:1],
    }
)
"""Those that are the same in every forum."""

PAGES: Mapping[str, str] = MappingProxyType(
    {
        "page of all discussions": "/",
        "page of the longest discussion": "{page}",
        "page of a person": f"/u/{handle(PROLIFIC)}",
        "page of a search": f"/search?q=%22{_COMMON}%22",
        "feed.atom": "/feed.atom",
        "feed.atom of a discussion": f"/d/{LONG}/feed.atom",
        "sitemap.xml": "/sitemap.xml",
    }
)
"""Paths by what they are."""


def requests(host: str, port: int, found: Mapping[str, Any]) -> dict[str, bytes]:
    """All bytes of each request. `found` are the variables, and fields of paths, that differ between forums."""
    known = {**VARIABLES, **found}
    asked = {
        name: page.request(
            host,
            port,
            orjson.dumps({"query": query, "variables": {each: known[each] for each in _VARIABLE.findall(query)}}),
        )
        for name, query in OPERATIONS.items()
    }
    for name, path in PAGES.items():
        asked[name] = f"GET {path.format_map(found)} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode()
    return asked
