"""Words as a search finds them: the same for what was written and for what is asked, on every database.

A word is a run of letters, digits and marks, without regard to case, accents and typography. Scripts that put no space
between words are cut into single characters, and a run of them is looked for as it stands.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape

from text.normal import UNSPACED, normalised

MOST_TERMS = 20
"""How many words of a query count; the others are passed over."""
LONGEST = 100
"""How many characters of a word count."""
SNIPPET_LENGTH = 200
"""About how many characters of a post a snippet shows."""
_LEAD = 40
_SCANNED = 20_000
"""In how many characters of a post a snippet is looked for; where there is no hit, its beginning is shown."""
_FAR = 2_000
"""How far behind the first hit others are looked for."""

_ACCENTS = re.compile("([\u0041-\u024f\u0370-\u03ff\u1e00-\u1fff])[\u0300-\u036f]+")
# Points and vowel signs that Hebrew and Arabic are mostly written without.
_POINTS = re.compile("[\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed]")
_ALONE = re.compile(f"[{UNSPACED}]")


class _Separators(dict[int, int]):
    """What separates words, by category, worked out for each character when it is first met."""

    def __missing__(self, character: int) -> int:
        letter = unicodedata.category(chr(character))[0]
        self[character] = found = ord(" ") if letter in "ZPSC" else character
        return found


_separators = _Separators()
_WORD = re.compile(r"\S+")


def words(text: str) -> list[str]:
    """The words of a text in order, each as it is compared."""
    return _cut(_folded(text))


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", normalised(text))
    plain = _POINTS.sub("", _ACCENTS.sub(r"\1", decomposed))
    # A letter that came apart comes together again; what has no composed form in the first place stays.
    return unicodedata.normalize("NFC", plain).translate(_separators)


def _cut(folded: str) -> list[str]:
    return [word[:LONGEST] for word in _ALONE.sub(r" \g<0> ", folded).split()]


@dataclass(frozen=True, slots=True)
class Term:
    """One thing to look for: words that stand side by side, the last of them perhaps not to its end."""

    words: tuple[str, ...]
    begins: bool
    """Whether a word that begins like the last one is meant, too."""


def terms(query: str) -> tuple[Term, ...]:
    """What a query asks for: all of these. Words in double quotes belong together; the last word may be unfinished.

    No character has another meaning. Empty for a query without a word.
    """
    found: list[Term] = []
    # An odd quote opens what the end of the query closes: somebody is still typing.
    for at, part in enumerate(normalised(query).split('"')):
        pieces = [_cut(_folded(part))] if at % 2 else [_cut(piece) for piece in _folded(part).split()]
        found += [Term(tuple(piece), begins=False) for piece in pieces if piece]
    kept = found[:MOST_TERMS]
    if kept and not query.rstrip().endswith('"') and not _ALONE.match(kept[-1].words[-1]):
        kept[-1] = Term(kept[-1].words, begins=len(found) <= MOST_TERMS)
    return tuple(dict.fromkeys(kept))


def snippet(text: str, wanted: Sequence[Term]) -> str:
    """The part of a plain text that shows most of what was looked for, as HTML, each hit in <mark>.

    It is cut between words, with an ellipsis where something is left out. Nothing but <mark> is markup in it.
    """
    plain = " ".join(text.split())
    hits = _hits(plain[:_SCANNED], wanted)
    start, end = _window(plain, hits)
    return f"{'… ' if start else ''}{_marked(plain, hits, start, end)}{' …' if end < len(plain) else ''}"


def marked(text: str, wanted: Sequence[Term]) -> str:
    """The whole of a short text, as `snippet` shows a part of a long one."""
    return _marked(text, _hits(text, wanted), 0, len(text))


def _marked(plain: str, hits: Sequence[tuple[int, int]], start: int, end: int) -> str:
    parts, at = [], start
    for begin, stop in hits:
        if start <= begin and stop <= end:
            parts += [escape(plain[at:begin]), "<mark>", escape(plain[begin:stop]), "</mark>"]
            at = stop
    return "".join([*parts, escape(plain[at:end])])


def _hits(plain: str, wanted: Sequence[Term]) -> list[tuple[int, int]]:
    """Where the terms stand in a text, as slices that do not overlap."""
    placed = list(_placed(plain))
    found: list[tuple[int, int]] = []
    at = 0
    while at < len(placed) and (not found or placed[at][1] < found[0][0] + _FAR):
        length = max((_length(placed, at, term) for term in wanted), default=0)
        # Words that can't be told apart in the text as it is written share a slice.
        if length and (not found or found[-1][1] <= placed[at][1]):
            found.append((placed[at][1], placed[at + length - 1][2]))
        at += max(1, length)
    return found


def _placed(plain: str) -> Iterator[tuple[str, int, int]]:
    """The words of a text, each with the slice of the text that it was read from."""
    for run in _WORD.finditer(plain.translate(_separators)):
        pieces = _pieces(run[0])
        if len(pieces) == len(run[0]):
            # Characters that stand alone.
            yield from ((piece, run.start() + at, run.start() + at + 1) for at, piece in enumerate(pieces))
        else:
            yield from ((piece, run.start(), run.end()) for piece in pieces)


@lru_cache(maxsize=20_000)
def _pieces(run: str) -> tuple[str, ...]:
    return tuple(_cut(_folded(run)))


def _length(placed: Sequence[tuple[str, int, int]], at: int, term: Term) -> int:
    """How many words of the text the term takes here; 0 where it does not stand here."""
    there = [word for word, _, _ in placed[at : at + len(term.words)]]
    *whole, last = term.words
    if len(there) < len(term.words) or there[:-1] != whole:
        return 0
    return len(there) if there[-1] == last or (term.begins and there[-1].startswith(last)) else 0


def _window(plain: str, hits: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The slice to show: about as long as a snippet is, where most hits are near each other."""
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
    # A script without spaces is cut where it is, but never inside of a hit.
    end = cut if cut > 0 else end
    return start, next((stop for begin, stop in hits if begin < end < stop), end)


def _word_start(plain: str, at: int) -> int:
    if at == 0 or plain[at - 1] == " ":
        return at
    space = plain.find(" ", at, at + _LEAD)
    return at if space < 0 else space + 1
