"""Global ids: a letter for the type, an underscore, and the number (`R_345`). Opaque to clients."""

import re

from forum.errors import DomainError

_FORM = re.compile(r"([ACDHIPQRUV])_([1-9][0-9]{0,18})(?:_([1-9][0-9]{0,18}))?", re.ASCII)
_MOST = 2**63 - 1


def parse(text: str) -> tuple[str, int, int | None] | None:
    """(type letter, number, second number of a Revision's id), or None for what is no id of ours."""
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    letter, number, second = found[1], int(found[2]), int(found[3]) if found[3] else None
    if number > _MOST or (second or 0) > _MOST or (letter == "V") != (second is not None):
        return None
    return letter, number, second


def number(text: str, letter: str) -> int:
    """The number of an id of one type; 0, which nothing has, for any other text."""
    parsed = parse(text)
    return parsed[1] if parsed is not None and parsed[0] == letter else 0


def required(text: str, letter: str, error: type[DomainError], part: str) -> int:
    """The number of an id of one type. Raises the domain error, about the part of the input, for any other text."""
    found = number(text, letter)
    if not found:
        raise error(f'No object of the wanted type has the id "{text[:60]}".', (part,))
    return found
