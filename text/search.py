"""Splits text into words for search: the same way for posts and queries, and for every database.

A word is a run of letters, digits and marks, regardless of case, accents and typography. Text in scripts without spaces
between words is split into single characters, and a run of them in a query is searched as a phrase. So are the signs
of `C++`, `C#`, `.NET` and `#tag`, each a word of its own beside the letters. Apostrophes and separators of thousands
are left out.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape

import regex

from text.characters import cluster_end, cluster_start
from text.normal import UNSPACED, normalised

MAX_TERMS = 20
"""How many words of a query are used; the others are ignored."""
MAX_PHRASE_WORDS = 50
"""How many words of a phrase are used; the others are ignored."""
MAX_WORD_CHARACTERS = 100
"""How many characters of a word are used."""
SNIPPET_LENGTH = 200
"""The approximate length of a snippet in characters."""
MAX_NAME_KEYS = 16
"""How many keys a person has at most."""
_NAME_KEY_CHARACTERS = 64
_LEAD = 40
_MAX_SCANNED_CHARACTERS = 20_000
"""How many characters of a post are searched for a snippet; without a hit its beginning is shown."""
_MAX_HIT_DISTANCE = 2_000
"""How many characters after the first hit are searched for others."""

_ACCENTS = re.compile("([\u0041-\u024f\u0370-\u03ff\u1e00-\u1fff])[\u0300-\u036f]+")
# Points and vowel signs, which are mostly omitted in Hebrew and Arabic.
_POINTS = re.compile("[\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed]")
# Russians mostly leave out the dots.
_RUSSIAN_YO = "\u0435\u0308"
_ALONE = re.compile(rf"[{UNSPACED}]|[+#]+|\.")
# Signs that may belong to a word: where they do is decided by their neighbours.
_SIGNS = "+#.,'"
_ARABIC_THOUSANDS = 0x66C
_LETTER = rf"[^\s\d{_SIGNS}]"
_OF_WORD = re.compile(
    # Separators of thousands, and apostrophes within a word.
    rf"(?P<kept>(?<!\d)(?<!\d[.,'])\d{{1,3}}([.,'])\d{{3}}(?:\2\d{{3}})*(?!\2?\d)|(?<={_LETTER})'(?={_LETTER})"
    # Of India, as in 12,34,567.
    r"|(?<!\d)(?<!\d[.,'])\d{1,2}(?:,\d{2})+,\d{3}(?!,?\d)"
    # C++, C#, #tag, and .NET but not the end of a sentence.
    rf"|(?<=[^\s{_SIGNS}])[+#]++|[+#]++(?=[^\s{_SIGNS}])|(?<![^\s'])\.(?={_LETTER}))|[+#]++|[.,']"
)
# Such as a narrow no-break space; an ordinary space may stand between two numbers.
_BLANK_THOUSANDS = re.compile(r"(?<=\d)[\u00a0\u2009\u202f](?=\d{3}(?!\d))")
_OTHER_BLANKS = re.compile(r"[^\S\u00a0\u2009\u202f]+")
_THOUSANDS = re.compile(r"(?<=\d)[.,'](?=\d)")
# An apostrophe parts two words (l'eau), but for English contractions (can't) and Irish names (O'Brien), which many
# write without it.
_ELISION = re.compile(rf"(?<!(?<!{_LETTER})o)'(?!(?:t|s|d|m|re|ve|ll)(?!{_LETTER}))")
# Particles follow a word without a space.
_HANGUL = re.compile(".*[\uac00-\ud7a3]$")
_PREFIX = re.compile(f"(?![{UNSPACED}+#])(?:..|[\uac00-\ud7a3])")
# By the Unicode of this package: Python's is older, and takes newer letters for unassigned.
_SEPARATOR = regex.compile(r"[\p{Z}\p{P}\p{S}\p{C}]")


_OTHER_LETTERS = {
    # Latin letters that Unicode calls no variant of another.
    "\u00f0": "d",
    "\u00fe": "th",
    "\u00e6": "ae",
    "\u0153": "oe",
    "\u0131": "i",
    "\u014b": "n",
    "\u0138": "k",
    # Letters that are written one for the other in Arabic, Persian and Urdu, and the line that stretches words.
    **dict.fromkeys("\u0649\u06cc\u06d2", "\u064a"),
    **dict.fromkeys("\u0629\u06be\u06c1\u06c3\u06d5", "\u0647"),
    "\u06a9": "\u0643",
    "\u0671": "\u0627",
    "\u0640": "",
}
_VARIANT = re.compile("(LATIN SMALL LETTER .+?) WITH .+")


class _Letters(dict[int, str]):
    """Maps a letter that has no decomposition to the one it is a variant of, and a digit to its value in ASCII.

    A variant is what Unicode names so: LATIN SMALL LETTER O WITH STROKE is one of O. Computed at its first use.
    """

    def __missing__(self, number: int) -> str:
        character = chr(number)
        self[number] = found = _plain(character)
        return found


def _plain(character: str) -> str:
    if character in _OTHER_LETTERS:
        return _OTHER_LETTERS[character]
    if (value := unicodedata.decimal(character, None)) is not None:
        return str(value)
    named = _VARIANT.fullmatch(unicodedata.name(character, ""))
    try:
        return unicodedata.lookup(named[1]) if named else character
    except KeyError:
        # A variant of a letter that is not encoded by itself.
        return character


class _Separators(dict[int, int]):
    """Maps separators of words to spaces, by category, and _SIGNS to themselves in ASCII; computed at its first use."""

    def __missing__(self, character: int) -> int:
        plain = normalised(chr(character))
        if character == _ARABIC_THOUSANDS:
            found = ord(",")
        elif plain and plain in _SIGNS:
            found = ord(plain)
        else:
            # Joiners and their like are invisible within a word.
            is_separator = _SEPARATOR.match(chr(character)) and (plain or unicodedata.category(chr(character)) != "Cf")
            found = ord(" ") if is_separator else character
        self[character] = found
        return found


_separators = _Separators()
_letters = _Letters()
_WORD = re.compile(r"\S+")


def words(text: str) -> list[str]:
    """Returns the words of a text in order, each in the form in which words are compared."""
    return _cut(_folded(text))


def _folded(text: str) -> str:
    decomposed = (
        unicodedata.normalize("NFD", normalised(_joined(text))).translate(_letters).replace(_RUSSIAN_YO, "\u0435")
    )
    plain = _POINTS.sub("", _ACCENTS.sub(r"\1", decomposed))
    # Composes the remaining decomposed letters again.
    return _spaced(unicodedata.normalize("NFC", plain))


def _joined(text: str) -> str:
    """The text, as long as it was, with apostrophes for blanks that separate thousands."""
    return _BLANK_THOUSANDS.sub("'", text)


def _spaced(text: str) -> str:
    """The text, as long as it was, with spaces for all but words and the signs that belong to one."""
    return _OF_WORD.sub(lambda found: found["kept"] or " " * len(found[0]), text.translate(_separators))


def _cut(folded: str) -> list[str]:
    joined = _ELISION.sub(" ", _THOUSANDS.sub("", folded)).replace("'", "")
    return [word[:MAX_WORD_CHARACTERS] for word in _ALONE.sub(r" \g<0> ", joined).split()]


@dataclass(frozen=True, slots=True)
class Term:
    """One search term: adjacent words, the last of which may be a prefix."""

    words: tuple[str, ...]
    begins: bool
    """Whether the last word matches every word that begins with it."""


def terms(query: str) -> tuple[Term, ...]:
    """Returns the terms of a query, all of which must match.

    Words in double quotes are one term. The last word may be a prefix, but a single letter is not: half of all words
    begin with a few of them. A Hangul word is one everywhere, since particles follow it without a space. No other
    character has a meaning. Empty for a query without words.
    """
    found: list[Term] = []
    # The end of the query closes an open quote, since the user may still be typing.
    for at, part in enumerate(normalised(_joined(query)).split('"')):
        pieces = [_cut(_folded(part))] if at % 2 else [_cut(piece) for piece in _folded(part).split()]
        found += [
            Term(
                tuple(piece[:MAX_PHRASE_WORDS]),
                begins=not at % 2 and _HANGUL.match(piece[:MAX_PHRASE_WORDS][-1]) is not None,
            )
            for piece in pieces
            if piece
        ]
    kept = found[:MAX_TERMS]
    if kept and not query.rstrip().endswith('"') and _PREFIX.match(kept[-1].words[-1]):
        kept[-1] = Term(kept[-1].words, begins=len(found) <= MAX_TERMS)
    return tuple(dict.fromkeys(kept))


def name_keys(handle: str, name: str) -> list[str]:
    """Returns the keys by which a person is found: handle and name as they are compared, from each word on.

    At most MAX_NAME_KEYS. What somebody types finds the person if a key begins with `name_prefix` of it.
    """
    starts = [(said, at) for said in (words(handle), words(name)) for at in range(min(len(said), MAX_NAME_KEYS // 2))]
    return list(dict.fromkeys(_name_key(said[at:]) for said, at in starts))


def name_prefix(query: str) -> str:
    """Returns how the keys of the people begin whom a query means; empty for a query without words."""
    return _name_key(words(query))


def _name_key(said: Sequence[str]) -> str:
    # Decomposed, since an unfinished Hangul syllable is the beginning of one.
    return unicodedata.normalize("NFD", " ".join(said))[:_NAME_KEY_CHARACTERS].rstrip()


def snippet(text: str, wanted: Sequence[Term]) -> str:
    """Returns the part of a plain text with most hits, as HTML with each hit in <mark> and no other markup.

    It is cut between words or at least grapheme clusters, with an ellipsis where text is omitted.
    """
    plain = _OTHER_BLANKS.sub(" ", text.strip())
    hits = _hits(plain[:_MAX_SCANNED_CHARACTERS], wanted)
    start, end = _window(plain, hits)
    return f"{'… ' if start else ''}{_marked(plain, hits, start, end)}{' …' if end < len(plain) else ''}"


def marked(text: str, wanted: Sequence[Term]) -> str:
    """Returns the whole of a short text as HTML with each hit in <mark>."""
    return _marked(text, _hits(text, wanted), 0, len(text))


def _marked(plain: str, hits: Sequence[tuple[int, int]], start: int, end: int) -> str:
    # What is shown is short, so however long a row of marks is, looking for borders in it takes no time.
    shown, parts, at = plain[start:end], [], 0
    for begin, stop in hits:
        if start <= begin < end:
            first, last = cluster_start(shown, begin - start), cluster_end(shown, min(stop, end) - start)
            # Two hits may share a cluster.
            if first >= at:
                parts += [escape(shown[at:first]), "<mark>", escape(shown[first:last]), "</mark>"]
                at = last
    return "".join([*parts, escape(shown[at:])])


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
    for run in _WORD.finditer(_spaced(_joined(plain))):
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
    # Text without spaces is cut between any clusters, but within a hit only if that is very long.
    end = cut if cut > 0 else end
    end = next((stop for begin, stop in hits if begin < end < stop), end)
    return start, _border(plain, min(end, start + 2 * SNIPPET_LENGTH))


def _word_start(plain: str, at: int) -> int:
    if at == 0 or plain[at - 1] == " ":
        return at
    space = plain.find(" ", at, at + _LEAD)
    return _border(plain, at if space < 0 else space + 1)


def _border(plain: str, at: int) -> int:
    """Where the cluster at an index begins; a cluster that is longer than _LEAD is cut at the index itself."""
    start = cluster_start(plain, at)
    return start if at - start <= _LEAD else at
