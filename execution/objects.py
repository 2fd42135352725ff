"""A level's objects, made of its columns."""

from collections.abc import Callable, Sequence
from typing import Any

Make = Callable[[Sequence[Sequence[Any]]], list[dict[str, Any]]]
COMPILE_THRESHOLD = 64
"""Once a level has made so many objects, over all its runs, a function of its own makes them."""
MAX_COMPILED_KEYS = 64
"""Of how many keys such a function is made: it is kept, and takes its time to make."""


def zipped(keys: tuple[str, ...], columns: Sequence[Sequence[Any]], count: int) -> list[dict[str, Any]]:
    """`count` dicts with these keys, each with one value of every column."""
    if not keys:
        return [{} for _ in range(count)]
    return [dict(zip(keys, values, strict=True)) for values in zip(*columns, strict=True)]


def maker(keys: tuple[str, ...]) -> Make:
    """A function that writes the keys out as a dict's literal, which takes a third of the time of `zipped`.

    There must be a key. Raises ValueError for what is no GraphQL name, which the parser lets nobody write.
    """
    if not all(key.isascii() and key.isidentifier() for key in keys):
        raise ValueError(f"Not all of {keys} are names.")
    names = "".join(f"v{at}, " for at in range(len(keys)))
    pairs = ", ".join(f"{key!r}: v{at}" for at, key in enumerate(keys))
    text = f"lambda columns: [{{{pairs}}} for {names} in zip(*columns)]"
    made: Make = eval(text)  # noqa: S307 - made of nothing but names.
    return made
