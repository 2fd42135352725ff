"""Normalises text for comparison: case, typography and white space do not count."""

import re
import unicodedata

import regex

from text.characters import IGNORABLE

_TYPOGRAPHY = {
    **dict.fromkeys(map(ord, "\u2018\u2019\u201a\u201b\u2032\u00b4\u02bc\uff07\u2039\u203a"), "'"),
    **dict.fromkeys(map(ord, "\u201c\u201d\u201e\u201f\u2033\u301d\u301e\u00ab\u00bb\uff02"), '"'),
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"), "-"),
}
_IGNORABLE = regex.compile(f"{IGNORABLE}+")
# Scripts without spaces between words: any of their characters may begin or end a quotation.
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_FORBIDDEN = re.compile("[\0\ud800-\udfff]")


def normalised(text: str) -> str:
    """Returns the text in NFKC, case-folded, with ASCII quotes and dashes, single spaces and no invisible characters.

    Punctuation is kept. The result is a fixed point: normalising it again changes nothing.
    """
    while True:
        folded = unicodedata.normalize("NFKC", _IGNORABLE.sub("", text).translate(_TYPOGRAPHY)).casefold()
        folded = unicodedata.normalize("NFKC", folded).translate(_TYPOGRAPHY)
        folded = " ".join(_IGNORABLE.sub("", folded).split())
        # A few characters (U+0345 among marks, U+1E9E) need a second round until nothing changes.
        if folded == text:
            return folded
        text = folded


def invalid(text: str) -> str | None:
    """Returns a message about the first U+0000 or lone surrogate, which databases do not store; None if there is none.

    The index in it counts characters (code points) from 0.
    """
    forbidden = _FORBIDDEN.search(text)
    if forbidden is None:
        return None
    what = "The character U+0000" if forbidden[0] == "\0" else f"The lone surrogate U+{ord(forbidden[0]):04X}"
    return f"{what} at index {forbidden.start()} is not allowed in text."
