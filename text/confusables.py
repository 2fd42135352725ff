"""Skeletons: texts that look alike have the same one (Unicode Technical Standard 39, section 4).

The pairs of look-alikes are those of the package confusable-homoglyphs, made of Unicode's confusables.txt.
"""

import unicodedata
from string import ascii_uppercase

import regex
from confusable_homoglyphs.utils import load

from text.characters import IGNORABLE
from text.handles import folded

_IGNORABLE = regex.compile(f"{IGNORABLE}+")


def skeleton(text: str) -> str:
    """Returns a form that texts have in common if a reader may take one for the other, also in other scripts.

    It is UTS 39's skeleton, but without case: characters are replaced by their prototypes as they stand, folded as
    handles are, and replaced again, until nothing changes. So the Greek capital Beta is a "b", and the small one, which
    looks otherwise, is not. A skeleton is for comparing and not for reading, and the same only for the same data.
    """
    while (again := _replaced(folded(_replaced(text)))) != text:
        text = again
    return text


def _replaced(text: str) -> str:
    """The skeleton of UTS 39: decomposed (NFD), each character replaced by its prototype, decomposed again."""
    visible = _IGNORABLE.sub("", unicodedata.normalize("NFD", text))
    return unicodedata.normalize("NFD", visible.translate(_PROTOTYPES))


def _prototypes() -> dict[int, str]:
    """The prototype of each character (by its code point) that is not its own.

    The package has pairs both ways: each character with its prototype, and a prototype with all of its characters. So
    characters that look alike are a star with the prototype in the centre; of two the longer text is the prototype,
    because only single characters are replaced. U+200E surrounds letters from right to left and belongs to none.
    Unicode has no pairs of Latin small capitals and the letters that they are.
    """
    stars: dict[str, set[str]] = {}
    for text, others in load("confusables.json").items():
        stars.setdefault(_plain(text), set()).update(_plain(other["c"]) for other in others)
    found = {}
    for text, others in stars.items():
        if len(text) == 1 and len(others) == 1:
            (other,) = others
            if len(stars[other]) > 1 or (-len(other), other) < (-1, text):
                found[text] = other
    for letter in ascii_uppercase.replace("X", ""):
        prototype = found.get(small := unicodedata.lookup(f"LATIN LETTER SMALL CAPITAL {letter}"), small)
        if not prototype.isascii():
            found[prototype] = letter
    # A prototype may be made of characters that have others: until nothing changes.
    table = {ord(text): other for text, other in found.items()}
    while (closed := {point: other.translate(table) for point, other in table.items()}) != table:
        table = closed
    return table


def _plain(text: str) -> str:
    return text.replace("\u200e", "")


_PROTOTYPES = _prototypes()
