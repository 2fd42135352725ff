"""Finds the blockquotes of a post."""

from collections.abc import Sequence
from dataclasses import dataclass

from markdown_it.token import Token

from text import attribution
from text.attribution import Attribution

QUOTE_INDEX = "quote"
"""The key in the meta of a blockquote's opening token under which its index is stored."""


@dataclass(frozen=True, slots=True)
class Blockquote:
    """A blockquote of a post.

    Its own attribution is not part of its html and texts; the attributions of nested quotes are.
    """

    index: int
    """Its index among the blockquotes of the post, outer before inner."""
    parent: int | None
    """The index of the blockquote that contains it; None for an outermost one."""
    depth: int
    """0 for an outermost one."""
    attribution: Attribution | None
    html: str
    """Sanitised HTML, including nested quotes, without ids."""
    text: str
    """Plain text, including nested quotes and their attributions."""
    own_text: str
    """Plain text without nested quotes."""
    said: str
    """What it shows after its attribution, nested quotes included, normalised for `text.said.compare`."""
    lines: tuple[int, int]
    """Its lines in the body, from 0: the first, and the one after the last."""
    attributed_in: tuple[int, int] | None
    """The lines of the paragraph with its attribution: the first in it, or the last before it; None without one."""


@dataclass(frozen=True, slots=True)
class AttributionLine:
    """The line of a paragraph that is the attribution of a blockquote."""

    token: int
    """Index of the paragraph's inline token."""
    begin: int
    """Index of the line's first child in that token."""
    end: int
    """Index of the child after the line."""
    before: bool
    """Whether the paragraph stands before the blockquote, not in it."""


@dataclass(frozen=True, slots=True)
class BlockQuotePlace:
    """The position of a blockquote among the block tokens of a post, and who is quoted."""

    parent: int | None
    depth: int
    begin: int
    """Index of its opening token."""
    end: int
    """Index of its closing token."""
    attribution: Attribution | None
    line: AttributionLine | None
    """The line of the attribution."""


def places(tokens: Sequence[Token]) -> list[BlockQuotePlace]:
    """Returns all blockquotes in order of their openings, and stores the index of each in its opening token."""
    begins: list[tuple[int | None, int]] = []
    ends: dict[int, int] = {}
    around: list[int] = []
    for position, token in enumerate(tokens):
        if token.type == "blockquote_open":
            token.meta[QUOTE_INDEX] = len(begins)
            begins.append((around[-1] if around else None, position))
            around.append(len(begins) - 1)
        elif token.type == "blockquote_close":
            ends[around.pop()] = position
    found: list[BlockQuotePlace] = []
    for index, (parent, begin) in enumerate(begins):
        depth = 0 if parent is None else found[parent].depth + 1
        around_line = None if parent is None else found[parent].line
        said, line = _inside(tokens, begin) or _before(tokens, begin, around_line) or (None, None)
        found.append(BlockQuotePlace(parent, depth, begin, ends[index], said, line))
    return found


def _inside(tokens: Sequence[Token], begin: int) -> tuple[Attribution, AttributionLine] | None:
    """The attribution that is the first line of the blockquote that opens here."""
    if tokens[begin + 1].type != "paragraph_open":
        return None
    read = attribution.read(tokens[begin + 2].children or ())
    return read and (read[0], AttributionLine(begin + 2, 0, read[1], before=False))


def _before(
    tokens: Sequence[Token], begin: int, around: AttributionLine | None
) -> tuple[Attribution, AttributionLine] | None:
    """The attribution that is the last line of the paragraph before the blockquote that opens here.

    A line that attributes the quote around it is not the attribution of an inner one.
    """
    if begin < 3 or tokens[begin - 1].type != "paragraph_close":
        return None
    children = tokens[begin - 2].children or ()
    read = attribution.read_before(children)
    if read is None or (around is not None and around.token == begin - 2 and read[1] < around.end):
        return None
    return read[0], AttributionLine(begin - 2, read[1], len(children), before=True)
