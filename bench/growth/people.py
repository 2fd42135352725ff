"""The people of the forum: their names and handles follow from their ids."""

from functools import cache

from bench import prose
from bench.growth import texts

_FIRST_FAMILY_NAME = 1_000
"""The rank of the word that is the first of the family names."""


@cache
def name(number: int) -> str:
    """The name of the person with this id."""
    family, given = divmod(number, len(prose.GIVEN))
    return f"{prose.GIVEN[given]} {texts.WORDS[_FIRST_FAMILY_NAME + family].capitalize()}"


@cache
def handle(number: int) -> str:
    """The handle of the person with this id."""
    return name(number).lower().replace(" ", "-")
