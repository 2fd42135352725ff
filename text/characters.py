"""Characters by their Unicode properties: what can be seen, what no text may hold, and where a text may be cut."""

import re
import unicodedata

import regex

IGNORABLE = r"\p{Default_Ignorable_Code_Point}"
"""Characters without a glyph of their own, such as fillers, joiners, soft hyphens, variation selectors and tags.

Joiners and variation selectors still change how their neighbours look.
"""
BIDI_CONTROLS = "\u202a-\u202e\u2066-\u2069"
"""What opens or ends an embedding, an override or an isolate of a direction, for a character class.

The marks U+200E, U+200F and U+061C are none: they turn nothing but the punctuation beside them, and titles need them.
"""
# Blank although their category is that of a letter or a symbol: of Braille, music, hieroglyphs, and for an object.
_BLANK = "\u2800\ufffc\U0001d159\U00013441\U00013442"
_VISIBLE = regex.compile(rf"[[\p{{L}}\p{{N}}\p{{P}}\p{{S}}]--{IGNORABLE}--[{_BLANK}]]", regex.V1)
_LINE_BREAKS_AND_TABS = r"\t\n\v\f\r\x85"
_FORBIDDEN = rf"[\p{{Cc}}\p{{Cs}}\p{{Noncharacter_Code_Point}}]--[{_LINE_BREAKS_AND_TABS}]"
_FORBIDDEN_IN_BODIES = regex.compile(f"[{_FORBIDDEN}]", regex.V1)
_FORBIDDEN_IN_LINES = regex.compile(f"[[{_FORBIDDEN}]||[{BIDI_CONTROLS}]]", regex.V1)
_CONTROL = regex.compile(f"[{BIDI_CONTROLS}]")
_PLAIN = re.compile(r"[\t\n\v\f\r -~]*")
"""A text of ASCII that holds nothing forbidden: ten times as quickly found out."""
# \X alone counts the regional indicators before each flag, which is quadratic in a row of flags.
_CLUSTER = regex.compile(r"\p{Regional_Indicator}{2}[\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}]*+|\X")
# Before such a character a cluster always begins (UAX 29: what is left when GB3 and GB9 to GB12 are excluded).
_BEGINS_CLUSTER = regex.compile(
    r"(?<![\p{GCB=Prepend}\p{GCB=ZWJ}\p{InCB=Linker}\p{InCB=Extend}])[\p{GCB=Other}\p{GCB=Control}\r]"
)


def is_visible(text: str) -> bool:
    """Whether a reader sees anything: a letter, digit, sign or symbol with a glyph. Marks alone are not seen."""
    return _VISIBLE.search(text) is not None


def invalid_in_line(text: str) -> str | None:
    """Returns a message about the first character that no name or title may hold; None if there is none.

    Those are what `invalid_in_body` names, and BIDI_CONTROLS. Tabs and line breaks count as blanks.
    """
    return _objection(_FORBIDDEN_IN_LINES, text)


def invalid_in_body(text: str) -> str | None:
    """Returns a message about the first character that no body may hold; None if there is none.

    Those are control characters besides tabs and line breaks, noncharacters and lone surrogates. The index in the
    message counts characters (code points) from 0.
    """
    return _objection(_FORBIDDEN_IN_BODIES, text)


def without_forbidden(body: str) -> str:
    """A text without the characters that `invalid_in_body` objects to, for texts that are not written here."""
    return str(_FORBIDDEN_IN_BODIES.sub("", body))


def without_controls(text: str) -> str:
    """A text without BIDI_CONTROLS: for a part of one, which may hold half of a pair."""
    return str(_CONTROL.sub("", text))


def _objection(forbidden: regex.Pattern[str], text: str) -> str | None:
    found = None if _PLAIN.fullmatch(text) else forbidden.search(text)
    if found is None:
        return None
    character = found[0]
    what = "lone surrogate" if unicodedata.category(character) == "Cs" else "character"
    name = unicodedata.name(character, "")
    called = f"U+{ord(character):04X}{f' ({name})' if name else ''}"
    return f"The {what} {called} at index {found.start()} is not allowed in text."


def cut(text: str, limit: int, *, ellipsis: str = "") -> str:
    """Returns the beginning of a text in at most `limit` characters (code points), the ellipsis after it included.

    Whole grapheme clusters are left, without blanks at the end. Only a first cluster that is longer than that is cut.
    A text within the limit is returned as it is.
    """
    if len(text) <= limit:
        return text
    most = limit - len(ellipsis)
    return text[: cluster_start(text, most) or most].rstrip() + ellipsis


def cluster_start(text: str, at: int) -> int:
    """Returns the index at which the grapheme cluster begins that the character at an index belongs to.

    A text may be cut there. It is `at` itself at the end of the text, and where a cluster begins.
    """
    if at >= len(text):
        return len(text)
    begin = at
    while begin > 0 and not _BEGINS_CLUSTER.match(text, begin):
        begin -= 1
    for cluster in _CLUSTER.finditer(text, begin):
        if cluster.end() > at:
            return int(cluster.start())
    raise AssertionError("A cluster covers each character.")


def cluster_end(text: str, at: int) -> int:
    """Returns the index after the grapheme cluster whose inside an index is in; `at` itself where a cluster begins."""
    start = cluster_start(text, at)
    if at >= len(text) or start == at:
        return start
    cluster = _CLUSTER.match(text, start)
    assert cluster is not None
    return int(cluster.end())
