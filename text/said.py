"""What a reader is shown, as one normalised string, and whether a quote says what its source says.

The string holds the words in reading order, with one blank between them. What is not words is a segment between two
control characters, which no normalised text contains: inner quotes, struck words, images, addresses of links, rules.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from enum import Enum
from functools import lru_cache
from urllib.parse import unquote

from markdown_it.token import Token

from text import plain, safety
from text.normal import UNSPACED

QUOTE, QUOTE_END = "\x01", "\x02"
"""Around an inner quote, with its attribution."""
DEEPER, DEEPER_END = "\x03", "\x04"
"""Around a quote inside an inner quote."""
_STRUCK, _STRUCK_END = "\x05", "\x06"
_IMAGE, _IMAGE_END = "\x07", "\x08"
_ADDRESS, _ADDRESS_END = "\x0e", "\x0f"
RULE = "\x10"
_KEPT, _KEPT_END = "\x13", "\x14"
"""Around a bare link until case is folded."""
EMPTY_CELL = "\x12"
"""Of a table: without it, what stands in one column could be moved to another."""
_EDGE = "\x11"
"""Stands where a part may begin or end, while two strings are compared."""

_TYPOGRAPHY: dict[int, str | None] = {
    **dict.fromkeys(map(ord, "\u2018\u2019\u201a\u201b\u2032\u00b4\u02bc\uff07\u2039\u203a"), "'"),
    **dict.fromkeys(map(ord, "\u201c\u201d\u201e\u201f\u2033\u301d\u301e\u00ab\u00bb\uff02"), '"'),
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2212\ufe58\ufe63\uff0d"), "-"),
    # A dash that ends a clause separates words also where no blanks are around it.
    **dict.fromkeys(map(ord, "\u2014\u2015"), " - "),
    0x2026: "...",
    # Invisible: control characters, soft hyphen, zero-width and direction marks, the two looks of an emoji.
    **dict.fromkeys([*range(9), *range(0xE, 0x1C), *range(0x7F, 0x85), *range(0x86, 0xA0)]),
    **dict.fromkeys([0xAD, 0x61C, 0xFEFF, 0x200B, 0x200C, 0x200E, 0x200F, 0x202A, 0x202C]),
    **dict.fromkeys([*range(0x2060, 0x2067), 0x2068, *range(0x2069, 0x2070), 0xFE0E, 0xFE0F]),
}
_TURNS = ("\u202b", "\u2067")
"""Begin text from right to left, which turns numbers round. Overrides, which turn everything round, always count."""
# A joiner makes one emoji of two; elsewhere it is invisible.
_EMOJI = "\u2190-\u2bff\u3030\u303d\U0001f000-\U0001faff"
_IDLE_JOINER = re.compile(f"(?<![{_EMOJI}])\u200d|\u200d(?![{_EMOJI}])")

_ELLIPSES = r"\[ ?\.{3,} ?\]|\( ?\.{3,} ?\)|\.{3,}"
_SEGMENT = (
    f"{QUOTE}[^{QUOTE_END}]*{QUOTE_END}|{_STRUCK}[^{_STRUCK_END}]*{_STRUCK_END}"
    f"|{_IMAGE}[^{_IMAGE_END}]*{_IMAGE_END}|{_ADDRESS}[^{_ADDRESS_END}]*{_ADDRESS_END}|{RULE}|{EMPTY_CELL}"
)
_ELLIPSIS_OR_SEGMENT = re.compile(f"({_ELLIPSES})|{_SEGMENT}")
_DOTS = r"(?:\u2026|\.{3})[.\u2026]*"
_SHOWN_ELLIPSIS = re.compile(rf"\[[ \u00a0]?{_DOTS}[ \u00a0]?\]|\([ \u00a0]?{_DOTS}[ \u00a0]?\)|{_DOTS}")
_NOT_WORDS = re.compile(rf"(?:{_SEGMENT}|{_ELLIPSES}|\s)+")
_OPENED_ADDRESS = re.compile(r"(?:https?://|www\.)\S*$")


def _marks(ranges: str) -> str:
    """The combining marks among the characters of a class, as a class."""
    pairs = re.findall(r"(.)-(.)", ranges)
    characters = (chr(code) for begin, end in pairs if end < "\u3400" for code in range(ord(begin), ord(end) + 1))
    return "".join(character for character in characters if unicodedata.category(character)[0] == "M")


_SENTENCE = (
    "!,.:;?\u3001\u3002\uff01\uff0c\uff0e\uff1a\uff1b\uff1f\uff61\uff64\u060c\u061b\u061f\u06d4\u0964\u0965\u0589\u0387"
)
_AROUND = "\"'()\\[\\]{}\u00a1\u00bf\u3008-\u3011\u3014-\u301b\uff08\uff09\uff3b\uff3d\uff5b\uff5d"
_RUN = f"[^\\s\x01-\x1b{UNSPACED}]"
_WORD = f"[^\\s\x01-\x1b{UNSPACED}{_SENTENCE}{_AROUND}]"
# Digits and numerals of scripts without blanks between words.
_DIGITS = f"(?:(?=\\d)[{UNSPACED}])+"
_NUMERALS = (
    "\u3007\u96f6\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u4e03\u516b\u4e5d\u5341\u767e\u5343\u4e07\u842c\u4ebf\u5104\u5146"
)
_UNSPACED_NUMBER = f"{_DIGITS}(?:[.,]{_DIGITS})*|[{_NUMERALS}]+"
# The pieces between which a part may begin or end. A word holds the signs inside and before it, as in 12,000 and .5,
# and all around it but sentence punctuation, quotation marks and brackets, as in -5 and C++.
# A blank between a digit and three digits groups the digits of one number, as in 12 000.
_GROUPING = r"(?<=\d)(?<!\d{4}) (?=\d{3}(?!\d))"
_PIECE = re.compile(
    f"{_SEGMENT}| |{_UNSPACED_NUMBER}|[{UNSPACED}][{_marks(UNSPACED)}]*|\\.{{3,}}"
    f"|(?:(?<![^\\s\x01-\x1b{UNSPACED}{_AROUND}])[{_SENTENCE}]+(?={_WORD}))?{_WORD}(?:(?:(?!\\.{{3}}){_RUN}|{_GROUPING})*{_WORD})?"
    f"|{_RUN}"
)


class Comparison(Enum):
    """How the words of a quote stand in a source."""

    VERBATIM = "VERBATIM"
    """Exactly so, in one piece."""
    ABRIDGED = "ABRIDGED"
    """In parts that follow in this order; each ellipsis between them says that something was left out."""
    NOT_SAID = "NOT_SAID"
    MISATTRIBUTED = "MISATTRIBUTED"
    """Said, but by somebody else than the quote says. `compare`, which knows words alone, never returns it."""


def normalised(text: str) -> str:
    """Returns text as it is compared: in NFC, case-folded, with ASCII quotes and dashes and single blanks.

    Invisible characters are left out where they change no sign.
    """
    if not text.isascii():
        text = _IDLE_JOINER.sub("", text.translate(_TYPOGRAPHY))
        # Capitals do not tell "in Maßen" from "in Massen", which mean the opposite, but small letters do.
        parts = unicodedata.normalize("NFD", text).replace("\u1e9e", "\u00df").split("\u00df")
        text = unicodedata.normalize("NFC", "\u00df".join(part.casefold() for part in parts))
    elif text.isprintable():
        text = text.lower()
    else:
        text = text.translate(_TYPOGRAPHY).lower()
    return " ".join(text.split())


def line(children: Sequence[Token]) -> str:
    """Returns what inline tokens show, normalised."""
    pieces: list[str] = []
    label = struck = 0
    href = title = ""
    for token in children:
        match token.type:
            case "link_open":
                href, title = str(token.attrs.get("href", "")), str(token.attrs.get("title", ""))
                label = len(pieces)
            case "link_close" if token.info != "auto":
                pieces[label:] = _link("".join(pieces[label:]), href, title)
            case "link_close":
                # The case of an address decides where it leads, so its path is compared as it is.
                label_text = "".join(pieces[label:])
                pieces[label:] = (_KEPT, label_text, _KEPT_END)
            case "s_open":
                pieces += () if struck else (_STRUCK,)
                struck += 1
            case "s_close":
                struck -= 1
                pieces += () if struck else (_STRUCK_END,)
            case "image":
                pieces.append(_image(token))
            case _:
                pieces.append(_clean(plain.line((token,))))
    return _normalised_with_segments("".join(pieces))


def _clean(text: str) -> str:
    """The text without control characters, which could pass for the limits of segments."""
    return text if text.isprintable() else text.translate(_CONTROLS)


_CONTROLS = {code: None for code in _TYPOGRAPHY if code < 0x20}


def _normalised_with_segments(raw: str) -> str:
    parts = re.split(r"([\x01-\x08\x0e-\x1b])", raw)
    if len(parts) == 1:
        return normalised(raw)
    # Blanks next to a limit are kept, one each.
    joined = "".join(
        part
        if part < " " and len(part) == 1 and number % 2
        # The case of an address decides where it leads.
        else " ".join(part.split())
        if number and parts[number - 1] == _ADDRESS
        else _address_kept(part)
        if number and parts[number - 1] == _KEPT
        else _blanks_kept(part)
        for number, part in enumerate(parts)
    )
    return joined.replace(_KEPT, "").replace(_KEPT_END, "").strip()


def _address_kept(part: str) -> str:
    words = " ".join(part.translate(_TYPOGRAPHY).split())
    return re.sub(r"^(?:[^:/]*://)?[^/]*", lambda host: normalised(host[0]), words)


def _blanks_kept(part: str) -> str:
    if not part:
        return ""
    before = " " if part[0].isspace() else ""
    after = " " if part[-1].isspace() else ""
    return f"{before}{words}{after}" if (words := normalised(part)) else before


def _image(token: Token) -> str:
    description = _clean(plain.line(token.children or ()))
    address = str(token.attrs.get("src", ""))
    if not safety.is_image(address):
        return description
    return f"{_IMAGE}{description}{_address(address, str(token.attrs.get('title', '')))}{_IMAGE_END}"


def _address(address: str, title: str) -> str:
    return f"{_ADDRESS}{_clean(f'{address} {title}'.strip())}{_ADDRESS_END}"


def _link(label: str, address: str, title: str) -> tuple[str, ...]:
    """What a link shows: its words, and its address if the words are not the address."""
    words, target = _bare(label), _bare(address)
    if words == target and not title:
        return (label,)
    begin, *rest = re.split(r"\u2026|\.{3,}", words)
    if begin and rest and not title and target.startswith(begin) and target.endswith(rest[-1]):
        # A client has shortened the address.
        return (_KEPT, _clean(address), _KEPT_END)
    return (label, _address(address, title))


def _bare(address: str) -> str:
    decoded = re.sub(r"^(?:https?://|mailto:)", "", unquote(address).strip().casefold())
    return decoded.rstrip("/")


def compare(source: str, words: str) -> Comparison:
    """Returns whether a source says the words, both as the `said` of a parsed body or blockquote.

    A part of the words begins and ends with whole words, outside of the source's inner quotes and struck words. Kinds
    of segments that the words have none of are not compared: a quote may leave out all links, or all inner quotes.
    Takes linear time.
    """
    if not _NOT_WORDS.sub("", words):
        return Comparison.NOT_SAID
    source = _reduced(source, "".join(kind for kind in _KINDS if kind in words))
    parts = list(_parts(words))
    # Edges are set only where they may matter: that takes a hundred times as long as these searches.
    if not all(part.strip() in source for part in parts):
        return Comparison.NOT_SAID
    haystack = _haystack(source)
    if _edged(words) in haystack:
        return Comparison.VERBATIM
    return Comparison.ABRIDGED if len(parts) > 1 and _follow(haystack, parts) else Comparison.NOT_SAID


def own_words(words: str) -> str:
    """What is shown outside of inner quotes."""
    return _reduced(words, "".join(kind for kind in _KINDS if kind != QUOTE))


def parts(words: str, comparison: Comparison) -> list[str]:
    """The parts in which a source says the words, without what is not words; none is empty."""
    compared = _parts(words) if comparison is Comparison.ABRIDGED else (words,)
    return [part for each in compared if (part := _NOT_WORDS.sub(" ", each).strip())]


_KINDS = (QUOTE, _STRUCK, _IMAGE, _ADDRESS, RULE, EMPTY_CELL, *_TURNS)
_KEPT_SOURCES = 32
"""How many sources are kept as they are searched: a long one is mostly compared with many quotes in a row."""


@lru_cache(_KEPT_SOURCES)
def _reduced(source: str, kinds: str) -> str:
    """The source without segments of other kinds than these."""
    shown = source
    if QUOTE not in kinds:
        shown = re.sub(f"{QUOTE}[^{QUOTE_END}]*{QUOTE_END}", "", shown)
    if _STRUCK not in kinds:
        shown = re.sub(f"{_STRUCK}[^{_STRUCK_END}]*{_STRUCK_END}", "", shown)
    if _IMAGE not in kinds:
        shown = re.sub(f"{_IMAGE}([^{_ADDRESS}]*){_ADDRESS}[^{_IMAGE_END}]*{_IMAGE_END}", r"\1", shown)
    if _ADDRESS not in kinds:
        shown = re.sub(f"{_ADDRESS}[^{_ADDRESS_END}]*{_ADDRESS_END}", "", shown)
    for sign in (RULE, EMPTY_CELL, *_TURNS):
        if sign not in kinds:
            shown = shown.replace(sign, "")
    return source if shown is source else re.sub(" {2,}", " ", shown).strip()


@lru_cache(_KEPT_SOURCES)
def _haystack(source: str) -> str:
    return _edged(source)


def _edged(text: str) -> str:
    """The text with an edge where a part may begin or end, so that a substring search finds whole parts only."""
    return _PIECE.sub(rf"{_EDGE}\g<0>", text) + _EDGE


def _parts(words: str) -> Iterator[str]:
    """The parts around the ellipses that stand outside of segments."""
    begin = 0
    for found in _ELLIPSIS_OR_SEGMENT.finditer(words):
        if found[1]:
            yield words[begin : found.start()]
            begin = found.end()
    yield words[begin:]


def _follow(haystack: str, parts: Sequence[str]) -> bool:
    """Whether the parts follow in this order. An address may be cut at the ellipsis right after or within it."""
    position = 0
    cut = False
    for number, part in enumerate(parts, start=1):
        words = part.strip()
        needle = _edged(words) if words else ""
        limit = len(haystack)
        if cut and not part.startswith(" "):
            # The rest of the address that was cut before.
            needle = needle.removeprefix(_EDGE)
            blank = haystack.find(" ", position)
            limit = limit if blank < 0 else blank
        cut = number < len(parts) and _OPENED_ADDRESS.search(part) is not None
        if cut:
            needle = _edged(f"{words}x").removesuffix(f"x{_EDGE}")
        found = haystack.find(needle, position)
        if not 0 <= found <= limit:
            return False
        # The edge at the end of a part may be the one at which the next part begins.
        position = found + len(needle) - needle.endswith(_EDGE)
    return True


def omissions(text: str) -> list[tuple[int, int]]:
    """Returns the ellipses of a plain text as start and length, in UTF-16 units."""
    found: list[tuple[int, int]] = []
    units = end = 0
    for ellipsis in _SHOWN_ELLIPSIS.finditer(text):
        units += _units(text[end : ellipsis.start()])
        length = _units(ellipsis[0])
        found.append((units, length))
        units += length
        end = ellipsis.end()
    return found


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
