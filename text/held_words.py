"""Words that a site looks at before anybody reads them: a list of words and phrases, and what of it a text has.

Both are split as for search: without regard to case, accents, compatibility forms and invisible characters. A word that
mixes scripts is compared by what it looks like, too.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from text import search
from text.confusables import skeleton
from text.scripts import mixed_word

_COMMENT = "#"
_HANGUL = re.compile("[\uac00-\ud7a3]+")


@dataclass(frozen=True, slots=True)
class HeldWords:
    """A list of words and phrases."""

    _phrases: Mapping[str, Sequence[tuple[tuple[str, ...], str]]] = field(default_factory=dict)
    """The words of each phrase and the line that has them, by the first of the words."""
    _alike: Mapping[str, str] = field(default_factory=dict)
    """The lines of one word by what that looks like."""
    _stems: Mapping[str, str] = field(default_factory=dict)
    """The lines of one word in Hangul, where particles follow a word without a blank."""

    def __bool__(self) -> bool:
        return bool(self._phrases)

    def found(self, text: str) -> list[str]:
        """Returns the lines of the list that a plain text has, each once."""
        if not self:
            return []
        words = search.words(text)
        return list(dict.fromkeys([*self._whole(words), *self._begun(words), *self._mixed(text)]))

    def _whole(self, words: Sequence[str]) -> Iterator[str]:
        for at, word in enumerate(words):
            for phrase, line in self._phrases.get(word, ()):
                if tuple(words[at : at + len(phrase)]) == phrase:
                    yield line

    def _begun(self, words: Sequence[str]) -> Iterator[str]:
        for word, length in product(words, sorted({len(stem) for stem in self._stems})):
            if line := self._stems.get(word[:length]):
                yield line

    def _mixed(self, text: str) -> Iterator[str]:
        if text.isascii():
            return
        for run in text.split():
            if run.isascii() or mixed_word(run) is None:
                continue
            for word in search.words(run):
                if line := self._alike.get(skeleton(word)):
                    yield line


def read(text: str) -> HeldWords:
    """Reads a list: one word or phrase a line; what begins with # is a comment.

    Raises ValueError for a line that has no word.
    """
    phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    alike: dict[str, str] = {}
    stems: dict[str, str] = {}
    for number, each in enumerate(text.splitlines(), 1):
        line = each.lstrip("\ufeff").strip()
        if not line or line.startswith(_COMMENT):
            continue
        words = search.words(line)
        if not words:
            raise ValueError(f'Line {number}, "{line[:60]}", has no word')
        phrases.setdefault(words[0], []).append((tuple(words), line))
        if len(words) == 1:
            alike.setdefault(skeleton(words[0]), line)
            if _HANGUL.fullmatch(words[0]):
                stems.setdefault(words[0], line)
    return HeldWords(phrases, alike, stems)
