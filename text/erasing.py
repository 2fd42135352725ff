"""Taking a person's words and names out of what others have written."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from text import attribution, markdown, normal
from text.quotes import Blockquote

ERASED = "[erased]"
"""What stands for words and names that are gone."""


@dataclass(frozen=True, slots=True)
class Erased:
    """A body without somebody's words and names."""

    body: str
    moved: dict[int, int]
    """Where the blockquotes of before are now, by index; those inside a quote that was written anew are gone."""


class Names:
    """How others call a person in their posts: by handle or name after an @, and, where it is nothing else, by name.

    A name of one word without a digit may be a word of the language, so it counts after an @ alone.
    """

    def __init__(self, handle: str, name: str) -> None:
        self._keys = {handle.casefold(), normal.normalised(name)}
        patterns = [rf"@\s?{_spelled(called)}" for called in (name, handle) if called]
        patterns += [
            rf"(?<!\w){_spelled(called)}" for called in (name, handle) if re.search(r"\S\s+\S|\d", called.strip())
        ]
        self._called = re.compile(rf"(?:{'|'.join(patterns)})(?!\w)", re.IGNORECASE)

    def names(self, called: str) -> bool:
        """Whether an attribution or a mention that says this means the person."""
        return called.casefold() in self._keys or normal.normalised(called) in self._keys

    def without(self, text: str) -> str:
        """The text with ERASED for each name."""
        return self._called.sub(lambda _: ERASED, text)

    def without_mentions(self, body: str) -> str:
        """The body with ERASED for each mention, in whatever spelling, and each name."""
        units = body.encode("utf-16-le")
        for found in reversed(markdown.read(body).mentions):
            for candidate in found.candidates:
                if self.names(candidate.name):
                    end = candidate.start + candidate.length
                    units = units[: 2 * candidate.start] + ERASED.encode("utf-16-le") + units[2 * end :]
                    break
        return self.without(units.decode("utf-16-le"))


def _spelled(called: str) -> str:
    """A pattern for a name as Markdown may have it: blanks of any width, and backslashes before punctuation."""
    return r"\s+".join(
        "".join(character if character.isalnum() else rf"\\?{re.escape(character)}" for character in word)
        for word in called.split()
    )


def erased(body: str, names: Names, is_theirs: Callable[[Blockquote], bool]) -> Erased:
    """The body without the quotes that are theirs, and without their names.

    An outermost quote of theirs keeps its place with ERASED in it. One of somebody else's that has words of theirs
    inside is written anew, with the words of that somebody alone.
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
        written.append((outer.lines, _anew(outer, theirs=is_theirs(outer))))
    for (first, end), quote in reversed(written):
        opening = lines[first]
        # Where the quote is in a list, its other lines are indented as far as its first.
        before = opening[: opening.index(">")]
        indent = re.sub(r"\S", " ", before)
        quoted = [f"{indent}{line}" for line in quote.splitlines()]
        quoted[0] = before + quoted[0].removeprefix(indent)
        lines[first:end] = [*quoted, ""] if end < len(lines) and lines[end].strip() else quoted
    return Erased(names.without_mentions("\n".join(lines)), moved)


def _families(blocks: tuple[Blockquote, ...]) -> Iterator[tuple[Blockquote, list[Blockquote]]]:
    """Each outermost quote with all that stand in it, itself first."""
    starts = [block.index for block in blocks if block.depth == 0]
    for start, end in pairwise([*starts, len(blocks)]):
        yield blocks[start], list(blocks[start:end])


def _anew(outer: Blockquote, *, theirs: bool) -> str:
    if theirs or not outer.own_text.strip():
        return f"> {ERASED}\n"
    said = outer.attribution
    if said is None or not said.name.strip("@ "):
        return attribution.unattributed(outer.own_text)
    return attribution.attribute(f"@{said.name}" if said.handle else said.name, outer.own_text)
