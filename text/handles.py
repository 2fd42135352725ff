"""Handles: the names by which people are mentioned, made of letters, marks and digits of any script."""

import unicodedata

import regex

from text.characters import IGNORABLE, cut

HANDLE_LENGTH = 40
"""Maximum characters of a handle (code points)."""
HANDLE_CHARACTERS = r"\p{L}\p{M}\p{N}_"
"""What a handle is made of, for a character class. "-" and "." may stand between."""
_IGNORABLE = regex.compile(f"{IGNORABLE}+")
_OTHER = regex.compile(rf"[^{HANDLE_CHARACTERS}.]+")
_LOST_MARKS = regex.compile(r"(?<![\p{L}\p{N}\p{M}])\p{M}+")
_BEFORE = regex.compile(r"^[^\p{L}\p{N}]+")
# NFKC takes the vowel AM of Thai and Lao apart, and a tone mark then stands below its circle.
_AM = regex.compile("(\u0e4d\u0e32)|(\u0ecd\u0eb2)")
# The dot that casefolding leaves of a Turkish capital; nobody sees it on a letter that has one.
_SECOND_DOT = regex.compile("(?<=[ij])\u0307")


def handle_of(name: str) -> str:
    """A handle made from a name: small letters with their marks and digits of any script, hyphens between.

    In NFKC but for the vowel AM of Thai and Lao, without invisible characters, whatever the locale. "" if nothing is
    left. A handle made from a handle is the same.
    """
    plain = _LOST_MARKS.sub("", _OTHER.sub("-", folded(name)))
    return cut(_BEFORE.sub("", regex.sub("-+", "-", plain)), HANDLE_LENGTH).rstrip("-._")


def handle_keys(handle: str) -> tuple[str, ...]:
    """The forms in which a handle may be stored, as it is written with or without its @; today's comes first.

    They look alike. The others are how earlier versions stored the same letters.
    """
    written = unicodedata.normalize("NFC", handle.strip().removeprefix("@"))
    today = folded(written)
    return tuple(dict.fromkeys((today, unicodedata.normalize("NFKC", today), written.casefold())))


def folded(text: str) -> str:
    """Returns a text as handles have it, whatever the locale: in small letters, NFKC, nothing invisible.

    The vowel AM of Thai and Lao stays one character.
    """
    small = unicodedata.normalize("NFKC", _IGNORABLE.sub("", text)).casefold()
    small = _SECOND_DOT.sub("", unicodedata.normalize("NFKC", small))
    return str(_AM.sub(lambda am: "\u0e33" if am[1] else "\u0eb3", small))
