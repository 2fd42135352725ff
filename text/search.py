"""Splits text into words for search: the same way for posts and queries, and for every database.

A word is a run of letters, digits and marks, regardless of case, accents and typography. Text in scripts without spaces
between words is split into single characters, and a run of them in a query is searched as a phrase.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape

from text.normal import UNSPACED, normalised

MAX_TERMS = 20
"""How many words of a query are used; the others are ignored."""
MAX_PHRASE_WORDS = 50
"""How many words of a phrase are used; the others are ignored."""
MAX_WORD_CHARACTERS = 100
"""How many characters of a word are used."""
SNIPPET_LENGTH = 200
"""The approximate length of a snippet in characters."""
_LEAD = 40
_MAX_SCANNED_CHARACTERS = 20_000
"""How many characters of a post are searched for a snippet; without a hit its beginning is shown."""
_MAX_HIT_DISTANCE = 2_000
"""How many characters after the first hit are searched for others."""

_ACCENTS = re.compile("([\u0041-\u024f\u0370-\u03ff\u1e00-\u1fff])[\u0300-\u036f]+")
# Points and vowel signs, which are mostly omitted in Hebrew and Arabic.
_POINTS = re.compile("[\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed]")
_ALONE = re.compile(f"[{UNSPACED}]")
_PREFIX = re.compile(f"(?![{UNSPACED}])(?:..|[\uac00-\ud7a3])")


class _Separators(dict[int, int]):
    """Maps separators of words to spaces, by category; computed for each character at its first use."""

    def __missing__(self, character: int) -> int:
        letter = unicodedata.category(chr(character))[0]
        self[character] = found = ord(" ") if letter in "ZPSC" else character
        return found


_separators = _Separators()
_WORD = re.compile(r"\S+")


def words(text: str) -> list[str]:
    """Returns the words of a text in order, each in the form in which words are compared."""
    return _cut(_folded(text))


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", normalised(text))
    plain = _POINTS.sub("", _ACCENTS.sub(r"\1", decomposed))
    # Composes the remaining decomposed letters again.
    return unicodedata.normalize("NFC", plain).translate(_separators)


def _cut(folded: str) -> list[str]:
    return [word[:MAX_WORD_CHARACTERS] for word in _ALONE.sub(r" \g<0> ", folded).split()]


@dataclass(frozen=True, slots=True)
class Term:
    """One search term: adjacent words, the last of which may be a prefix."""

    words: tuple[str, ...]
    begins: bool
    """Whether the last word matches every word that begins with it."""


def terms(query: str) -> tuple[Term, ...]:
    """Returns the terms of a query, all of which must match.

    Words in double quotes are one term; the last word may be a prefix, but a single letter is not: half of all words
    begin with a few of them. A Hangul syllable is. No other character has a meaning. Empty for a query without words.
    """
    found: list[Term] = []
    # The end of the query closes an open quote, since the user may still be typing.
    for at, part in enumerate(normalised(query).split('"')):
        pieces = [_cut(_folded(part))] if at % 2 else [_cut(piece) for piece in _folded(part).split()]
        found += [Term(tuple(piece[:MAX_PHRASE_WORDS]), begins=False) for piece in pieces if piece]
    kept = found[:MAX_TERMS]
    if kept and not query.rstrip().endswith('"') and _PREFIX.match(kept[-1].words[-1]):
        kept[-1] = Term(kept[-1].words, begins=len(found) <= MAX_TERMS)
    return tuple(dict.fromkeys(kept))


def snippet(text: str, wanted: Sequence[Term]) -> str:
    """Returns the part of a plain text with most hits, as HTML with each hit in <mark> and no other markup.

    It is cut between words, with an ellipsis where text is omitted.
    """
    plain = " ".join(text.split())
    hits = _hits(plain[:_MAX_SCANNED_CHARACTERS], wanted)
    start, end = _window(plain, hits)
    return f"{'… ' if start else ''}{_marked(plain, hits, start, end)}{' …' if end < len(plain) else ''}"


def marked(text: str, wanted: Sequence[Term]) -> str:
    """Returns the whole of a short text as HTML with each hit in <mark>."""
    return _marked(text, _hits(text, wanted), 0, len(text))


def _marked(plain: str, hits: Sequence[tuple[int, int]], start: int, end: int) -> str:
    parts, at = [], start
    for begin, stop in hits:
        if start <= begin and stop <= end:
            parts += [escape(plain[at:begin]), "<mark>", escape(plain[begin:stop]), "</mark>"]
            at = stop
    return "".join([*parts, escape(plain[at:end])])


def _hits(plain: str, wanted: Sequence[Term]) -> list[tuple[int, int]]:
    """The hits in a text, as slices that do not overlap."""
    placed = list(_placed(plain))
    found: list[tuple[int, int]] = []
    at = 0
    while at < len(placed) and (not found or placed[at][1] < found[0][0] + _MAX_HIT_DISTANCE):
        length = max((_length(placed, at, term) for term in wanted), default=0)
        # Words without a boundary in the text as written share a slice.
        if length and (not found or found[-1][1] <= placed[at][1]):
            found.append((placed[at][1], placed[at + length - 1][2]))
        at += max(1, length)
    return found


def _placed(plain: str) -> Iterator[tuple[str, int, int]]:
    """The words of a text, each with its slice of the text."""
    for run in _WORD.finditer(plain.translate(_separators)):
        pieces = _pieces(run[0])
        if len(pieces) == len(run[0]):
            # Single characters.
            yield from ((piece, run.start() + at, run.start() + at + 1) for at, piece in enumerate(pieces))
        else:
            yield from ((piece, run.start(), run.end()) for piece in pieces)


@lru_cache(maxsize=20_000)
def _pieces(run: str) -> tuple[str, ...]:
    return tuple(_cut(_folded(run)))


def _length(placed: Sequence[tuple[str, int, int]], at: int, term: Term) -> int:
    """How many words of the text match the term at this position; 0 if it does not match."""
    there = [word for word, _, _ in placed[at : at + len(term.words)]]
    *whole, last = term.words
    if len(there) < len(term.words) or there[:-1] != whole:
        return 0
    return len(there) if there[-1] == last or (term.begins and there[-1].startswith(last)) else 0


def _window(plain: str, hits: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The slice to show: about SNIPPET_LENGTH long, with as many hits as possible."""
    if len(plain) <= SNIPPET_LENGTH:
        return 0, len(plain)
    best, most, last = 0, 0, 0
    for at, (begin, _) in enumerate(hits):
        last = max(last, at)
        while last < len(hits) and hits[last][1] <= begin + SNIPPET_LENGTH - _LEAD:
            last += 1
        if last - at > most:
            best, most = begin, last - at
    start = _word_start(plain, max(0, min(best - _LEAD, len(plain) - SNIPPET_LENGTH)))
    end = start + SNIPPET_LENGTH
    if end >= len(plain):
        return start, len(plain)
    cut = plain.rfind(" ", start + SNIPPET_LENGTH // 2, end + 1)
    # Text without spaces is cut anywhere but within a hit.
    end = cut if cut > 0 else end
    return start, next((stop for begin, stop in hits if begin < end < stop), end)


def _word_start(plain: str, at: int) -> int:
    if at == 0 or plain[at - 1] == " ":
        return at
    space = plain.find(" ", at, at + _LEAD)
    return at if space < 0 else space + 1
