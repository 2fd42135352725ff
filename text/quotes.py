"""Finds the blockquotes of a post."""

from collections.abc import Sequence
from copy import copy
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
    lines: tuple[int, int]
    """Its lines in the body, from 0: the first, and the one after the last."""


@dataclass(frozen=True, slots=True)
class BlockQuotePlace:
    """The position of a blockquote among the block tokens of a post."""

    parent: int | None
    depth: int
    begin: int
    """Index of its opening token."""
    end: int
    """Index of its closing token."""


def places(tokens: Sequence[Token]) -> list[BlockQuotePlace]:
    """Returns all blockquotes in order of their openings, and stores the index of each in its opening token."""
    found: list[BlockQuotePlace] = []
    around: list[int] = []
    for position, token in enumerate(tokens):
        if token.type == "blockquote_open":
            token.meta[QUOTE_INDEX] = len(found)
            around.append(len(found))
            found.append(BlockQuotePlace(around[-2] if len(around) > 1 else None, len(around) - 1, position, position))
        elif token.type == "blockquote_close":
            opened = around.pop()
            place = found[opened]
            found[opened] = BlockQuotePlace(place.parent, place.depth, place.begin, position)
    return found


def opened(inside: Sequence[Token]) -> tuple[Attribution | None, Sequence[Token]]:
    """Splits the tokens inside a blockquote into the attribution at their start, if any, and the rest."""
    if (
        len(inside) < 3
        or inside[0].type != "paragraph_open"
        or (said := attribution.read(inside[1].children or ())) is None
    ):
        return None, inside
    name, rest = said
    if not rest:
        return name, inside[3:]
    shortened = copy(inside[1])
    shortened.children = list(rest)
    return name, [inside[0], shortened, *inside[2:]]
