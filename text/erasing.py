"""Removes the words and names of an erased user from the posts of others."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from text import attribution, markdown, normal
from text.quotes import Blockquote

ERASED = "[erased]"
"""The replacement for erased words and names."""


@dataclass(frozen=True, slots=True)
class Erased:
    """A body without the words and names of a user."""

    body: str
    moved: dict[int, int]
    """The new index of each blockquote by its old one; those inside a rewritten quote have none."""


class Names:
    """Matches the forms in which posts name a user: handle or name after an @, and names that are unambiguous.

    A name of one word without a digit may be an ordinary word, so it matches only after an @.
    """

    def __init__(self, handle: str, name: str) -> None:
        self._keys = {handle.casefold(), normal.normalised(name)}
        patterns = [rf"@\s?{_spelled(called)}" for called in (name, handle) if called]
        patterns += [
            rf"(?<!\w){_spelled(called)}" for called in (name, handle) if re.search(r"\S\s+\S|\d", called.strip())
        ]
        self._called = re.compile(rf"(?:{'|'.join(patterns)})(?!\w)", re.IGNORECASE)

    def names(self, called: str) -> bool:
        """Whether an attribution or a mention with this name means the user."""
        return called.casefold() in self._keys or normal.normalised(called) in self._keys

    def without(self, text: str) -> str:
        """Returns the text with ERASED in place of each name."""
        return self._called.sub(lambda _: ERASED, text)

    def without_mentions(self, body: str) -> str:
        """Returns the body with ERASED in place of each mention, in any spelling, and each name."""
        units = body.encode("utf-16-le")
        for found in reversed(markdown.read(body).mentions):
            for candidate in found.candidates:
                if self.names(candidate.name):
                    end = candidate.start + candidate.length
                    units = units[: 2 * candidate.start] + ERASED.encode("utf-16-le") + units[2 * end :]
                    break
        return self.without(units.decode("utf-16-le"))


def _spelled(called: str) -> str:
    """A pattern for a name in Markdown: white space of any length, and backslashes before punctuation."""
    return r"\s+".join(
        "".join(character if character.isalnum() else rf"\\?{re.escape(character)}" for character in word)
        for word in called.split()
    )


def erased(body: str, names: Names, is_theirs: Callable[[Blockquote], bool]) -> Erased:
    """Returns the body without the quotes for which `is_theirs` is true, and without the names.

    An outermost quote of the erased user keeps its place, with ERASED as its text. A quote of another user that
    contains one is rewritten with the words of that other user only.
    """
    plain = re.sub(r"\r\n?", "\n", body)
    document = markdown.read(plain)
    lines = plain.split("\n")
    written: list[tuple[tuple[int, int], str]] = []
    moved: dict[int, int] = {}
    place = 0
    for outer, family in _families(document.blockquotes):
        if not any(is_theirs(block) for block in family):
            moved |= {block.index: place + at for at, block in enumerate(family)}
            place += len(family)
            continue
        moved[outer.index] = place
        place += 1
        written.append((outer.lines, _rewritten(outer, theirs=is_theirs(outer))))
    for (first, end), quote in reversed(written):
        opening = lines[first]
        # If the quote is in a list, its other lines are indented as far as its first.
        before = opening[: opening.index(">")]
        indent = re.sub(r"\S", " ", before)
        quoted = [f"{indent}{line}" for line in quote.splitlines()]
        quoted[0] = before + quoted[0].removeprefix(indent)
        lines[first:end] = [*quoted, ""] if end < len(lines) and lines[end].strip() else quoted
    return Erased(names.without_mentions("\n".join(lines)), moved)


def _families(blocks: tuple[Blockquote, ...]) -> Iterator[tuple[Blockquote, list[Blockquote]]]:
    """Each outermost quote with all quotes nested in it, itself first."""
    starts = [block.index for block in blocks if block.depth == 0]
    for start, end in pairwise([*starts, len(blocks)]):
        yield blocks[start], list(blocks[start:end])


def _rewritten(outer: Blockquote, *, theirs: bool) -> str:
    if theirs or not outer.own_text.strip():
        return f"> {ERASED}\n"
    said = outer.attribution
    if said is None or not said.name.strip("@ "):
        return attribution.unattributed(outer.own_text)
    return attribution.attribute(f"@{said.name}" if said.handle else said.name, outer.own_text)
