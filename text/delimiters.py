"""Emphasis, strikethrough and spoilers (||…||): which markers open and close them, in every script."""

import re

import regex
from markdown_it.common.utils import isMdAsciiPunct, isPunctChar, isWhiteSpace
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter

from text import work

MARKERS = "*_~|"
UNSPACED = (
    r"[[\p{East_Asian_Width=W}\p{East_Asian_Width=F}\p{East_Asian_Width=H}\p{Hangul}]--\p{Emoji_Presentation}--\p{Cn}]"
    r"||[\p{Line_Break=SA}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}\p{Javanese}\p{Balinese}]"
)
"""The letters and punctuation of scripts that write words, or the particles after them, without blanks between.

For a character class. The first line is what commonmark-spec#839 calls a CJK character; the second has the scripts of
Southeast Asia and Tibet.
"""
_UNSPACED = regex.compile(f"[{UNSPACED}]", regex.V1)
# Chooses the look of the character before it; U+FE0F makes an emoji of it.
_SELECTOR = re.compile("[\ufe00-\ufe0e\U000e0100-\U000e01ef]")
_RUN = re.compile(r"(.)\1*")


class _Side:
    """The character on one side of a run of markers. Beyond the line there is a blank."""

    def __init__(self, character: str) -> None:
        self.is_blank = isWhiteSpace(ord(character))
        self.is_punctuation = isMdAsciiPunct(ord(character)) or isPunctChar(character)
        self.is_unspaced = not character.isascii() and _UNSPACED.match(character) is not None


def inline_rule(state: StateInline, silent: bool) -> bool:
    """The rule for emphasis, strikethrough and spoilers. A run of one ~ or | is text."""
    if silent or state.src[state.pos] not in MARKERS:
        return False
    found = _RUN.match(state.src, state.pos, state.posMax)
    assert found is not None
    marker, length = found[1], len(found[0])
    work.charge(state.env, work.DELIMITER * length)
    size = 1 if marker in "*_" else 2
    if length < size:
        return False
    opens, closes = _opens_and_closes(marker, _before(state), _Side((state.src[found.end() : state.posMax] or " ")[0]))
    if length % size:
        state.push("text", "", 0).content = marker
    for _ in range(length // size):
        state.push("text", "", 0).content = marker * size
        # The rule of three of CommonMark is one of emphasis alone.
        run = length if size == 1 else 0
        state.delimiters.append(Delimiter(ord(marker), run, len(state.tokens) - 1, -1, opens, closes))
    state.pos = found.end()
    return True


def _before(state: StateInline) -> _Side:
    at = state.pos - 1
    if at > 0 and _SELECTOR.match(state.src, at):
        at -= 1
    return _Side(state.src[at] if at >= 0 else " ")


def _opens_and_closes(marker: str, before: _Side, after: _Side) -> tuple[bool, bool]:
    """Whether a run of markers can open, and whether it can close.

    CommonMark decides by blanks and punctuation around it, which takes blanks between words for granted: beside a
    character of a script without them, punctuation does not count (commonmark-spec#839).
    """
    unspaced = before.is_unspaced or after.is_unspaced
    left = not after.is_blank and (not after.is_punctuation or before.is_blank or before.is_punctuation or unspaced)
    right = not before.is_blank and (not before.is_punctuation or after.is_blank or after.is_punctuation or unspaced)
    if marker in "*~":
        return left, right
    # Within a word, underscores and bars are text. In a script without blanks, _ needs punctuation at the word's end.
    ends_word = unspaced if marker == "|" else _ends_word(before) or _ends_word(after)
    return (
        left and (not right or before.is_punctuation or ends_word),
        right and (not left or after.is_punctuation or ends_word),
    )


def _ends_word(side: _Side) -> bool:
    return side.is_unspaced and side.is_punctuation


def spoilers(state: StateInline) -> None:
    """Makes spoilers of the markers that were found to belong together."""
    metas = [meta["delimiters"] for meta in state.tokens_meta if meta and "delimiters" in meta]
    for delimiters in (state.delimiters, *metas):
        for opening in delimiters:
            if opening.marker == ord("|") and opening.end >= 0:
                for at, nesting in ((opening.token, 1), (delimiters[opening.end].token, -1)):
                    token = state.tokens[at]
                    token.type, token.tag = ("spoiler_open" if nesting == 1 else "spoiler_close"), "span"
                    token.nesting = nesting
                    token.markup, token.content = token.content, ""
                    token.attrs = {"class": "spoiler", "tabindex": 0} if nesting == 1 else {}
