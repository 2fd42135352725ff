"""What is shown of posts elsewhere, in lists, descriptions and search results: no words of spoilers."""

import re
from html import unescape

from text import characters

VEIL = "\u25ae\u25ae\u25ae"
"""What stands in place of a spoiler."""
MAX_CHARACTERS = 200
"""Maximum characters of an excerpt (code points)."""
_SPOILER = '<span class="spoiler"'
# The sanitiser leaves no other spans, and escapes < and > in text and attributes.
_SPAN = re.compile("(</?span[^>]*>)")
_TAG = re.compile('<(?:img [^>]*?alt="(?P<description>[^"]*)"|/?(?P<inline>a|code|del|em|s|strong|sup)\\b)?[^>]*>')


def veiled(text: str, html: str) -> str:
    """Returns the plain text of a post with VEIL in place of each spoiler, which may be cut: no direction stays open.

    `text` and `html` are what text.markdown made of it. Numbers of lists, boxes of tasks and labels of notes are left
    out where there is a spoiler.
    """
    if _SPOILER not in html:
        return characters.without_controls(text)
    parts: list[str] = []
    depth = 0
    for at, part in enumerate(_SPAN.split(html)):
        if at % 2 and part.startswith("</"):
            depth -= 1
        elif not depth:
            parts.append(VEIL if at % 2 else part)
        if at % 2 and not part.startswith("</"):
            depth += 1
    return characters.without_controls(unescape(_TAG.sub(_between, "".join(parts)))).strip()


def _between(tag: re.Match[str]) -> str:
    return tag["description"] or ("" if tag["inline"] else "\n")


def excerpt(text: str) -> str:
    """The beginning of a text on one line, cut between words, or within a long one between grapheme clusters."""
    # More words than fit are not looked at: a text may be long.
    line = " ".join(text.split(maxsplit=MAX_CHARACTERS)[:MAX_CHARACTERS])
    if len(line) <= MAX_CHARACTERS:
        return line
    beginning = characters.cut(line, MAX_CHARACTERS - 1)
    return f"{beginning if line[len(beginning)] == ' ' else beginning.rsplit(' ', 1)[0]}\u2026"
