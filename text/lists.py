"""A number that begins a sentence, as in "1986. What a season.", is no list."""

import re

from markdown_it.rules_core import StateCore
from markdown_it.token import Token

_NUMBER = re.compile(r"[0-9]{1,9}\.[ \t]*$")
_BEGINNINGS = ("0", "1")
"""The numbers at which lists begin."""


def unwrap_lone_items(state: StateCore) -> None:
    """Makes a paragraph of each ordered list with one item only, if its number begins no list or it has no words.

    An item that begins with something else than a paragraph stays a list, and so does one with a bracket: "12) Oil".
    """
    lines: list[str] = []
    tokens: list[Token] = []
    lists: list[tuple[int, int]] = []
    for token in state.tokens:
        tokens.append(token)
        if token.type in ("ordered_list_open", "bullet_list_open"):
            lists.append((len(tokens) - 1, 0))
        elif token.type == "list_item_open":
            lists[-1] = (lists[-1][0], lists[-1][1] + 1)
        elif token.type in ("ordered_list_close", "bullet_list_close"):
            begin, items = lists.pop()
            if items == 1 and _is_sentence(tokens[begin:]):
                lines = lines or state.src.split("\n")
                tokens[begin:] = _unwrapped(tokens[begin:], lines)
    state.tokens = tokens


def _is_sentence(tokens: list[Token]) -> bool:
    item, first = tokens[1], tokens[2]
    if tokens[0].type != "ordered_list_open" or item.markup != "." or "checked" in item.meta:
        return False
    return first.type == "list_item_close" or (first.type == "paragraph_open" and item.info not in _BEGINNINGS)


def _unwrapped(tokens: list[Token], lines: list[str]) -> list[Token]:
    """The blocks of a list's only item, with the number as typed before the first words."""
    item, inside = tokens[1], tokens[2:-2]
    assert item.map is not None
    if not inside:
        inside = [
            Token("paragraph_open", "p", 1, level=item.level - 1, block=True, map=item.map),
            Token("inline", "", 0, level=item.level, block=True, map=item.map, children=[]),
            Token("paragraph_close", "p", -1, level=item.level - 1, block=True),
        ]
    words = inside[1].content.partition("\n")[0]
    line = lines[item.map[0]]
    typed = _NUMBER.search(line[: line.rfind(words)] if words else line.rstrip())
    inside[1].content = (typed[0] if typed else f"{item.info}. ") + inside[1].content
    for token in inside:
        token.hidden = False
    return inside
