"""The blockquotes of a post, as data."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass

from markdown_it.token import Token

from text import attribution
from text.attribution import Attribution

QUOTE_INDEX = "quote"
"""Under this key the opening token of a blockquote carries its index in its meta."""


@dataclass(frozen=True, slots=True)
class Blockquote:
    """Words that a post sets apart as another's.

    Its own attribution is left out of its html and texts; those of the quotes inside are part of what it quotes.
    """

    index: int
    """Its place among the blockquotes of the post, outer before inner."""
    parent: int | None
    """The index of the blockquote around it."""
    depth: int
    """0 for an outermost one."""
    attribution: Attribution | None
    html: str
    """Sanitised, quotes inside included, without ids."""
    text: str
    """Plain words, quotes inside and their attributions included: as in the text of a whole post."""
    own_text: str
    """Plain words without the quotes inside."""
    lines: tuple[int, int]
    """The lines of the body that it stands in, from 0: the first, and the one after the last."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a blockquote stands among the block tokens of a post."""

    parent: int | None
    depth: int
    begin: int
    """Index of its opening token."""
    end: int
    """Index of its closing token."""


def places(tokens: Sequence[Token]) -> list[Place]:
    """All blockquotes in order of their openings, whose tokens are given their index."""
    found: list[Place] = []
    around: list[int] = []
    for position, token in enumerate(tokens):
        if token.type == "blockquote_open":
            token.meta[QUOTE_INDEX] = len(found)
            around.append(len(found))
            found.append(Place(around[-2] if len(around) > 1 else None, len(around) - 1, position, position))
        elif token.type == "blockquote_close":
            opened = around.pop()
            place = found[opened]
            found[opened] = Place(place.parent, place.depth, place.begin, position)
    return found


def opened(inside: Sequence[Token]) -> tuple[Attribution | None, Sequence[Token]]:
    """The attribution with which the tokens inside a blockquote open, and the tokens without it."""
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
