"""The size of an answer: its bytes, counted while it is made, so that one that is too large is never written."""

from collections.abc import Sequence
from itertools import repeat

import orjson

from execution.paths import ResponsePath

LEAF_BYTES = 40
"""What a value that is no text takes at most, such as a time or an id, or the marks around a text."""
ITEM_BYTES = 5
"""What an item of a list takes without its value: that of one that is null."""
ERROR_BYTES = 1_000
"""What an error counts: it takes less in the answer, and more time than other values."""
BYTES_PER_VALUE = 100
"""How many bytes of an answer cost as much as a value."""
_GROWTH = 6
"""What a character takes at most: of U+0001, JSON makes six."""


class AnswerTooLarge(Exception):
    """The answer has more bytes than it may have."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"The answer has more than {limit} bytes. Request fewer items, or fewer of their texts.")
        self.limit = limit


class AnswerSize:
    """The bytes of one answer so far. It is never less than what JSON takes.

    Characters are counted at first. Only an answer that may be too large by their number has its texts measured.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._measured = 0
        self._characters = 0
        self._texts: list[tuple[Sequence[str | None], ResponsePath]] = []

    @property
    def bytes(self) -> int:
        """The bytes so far; of texts that were not measured, their characters."""
        return self._measured + self._characters

    def add(self, size: int) -> None:
        """Adds bytes. Raises AnswerTooLarge."""
        self._measured += size
        if self._measured + _GROWTH * self._characters > self._limit:
            self._measure()

    def add_texts(self, texts: Sequence[str | None], path: ResponsePath) -> None:
        """Adds the texts at a path. Raises AnswerTooLarge."""
        try:
            self._characters += _characters(texts, path)  # type: ignore[arg-type]
        except TypeError:
            self._characters += _characters([text for text in texts if text is not None], path)
        self._texts.append((texts, path))
        if self._measured + _GROWTH * self._characters > self._limit:
            self._measure()

    def _measure(self) -> None:
        """Replaces the number of characters with the bytes that they take."""
        for texts, path in self._texts:
            for text, count in zip(texts, path.places() if path.is_shared else repeat(1), strict=False):
                self._measured += len(orjson.dumps(text)) * count
                if self._measured > self._limit:
                    raise AnswerTooLarge(self._limit)
        self._texts.clear()
        self._characters = 0
        if self._measured > self._limit:
            raise AnswerTooLarge(self._limit)


def _characters(texts: Sequence[str], path: ResponsePath) -> int:
    """Returns how many characters the texts have at most, at all places. Raises TypeError for nulls among them."""
    if path.is_shared:
        return max(map(len, texts), default=0) * path.count
    return sum(map(len, texts))
