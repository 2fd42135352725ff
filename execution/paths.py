"""The paths of the values of a level in the response, worked out only if there are errors.

What a plan knows of a path, its keys and its length, stands at the planned field. A run keeps what only it knows: how
long lists are, and which parents have the same value.
"""

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate, chain, repeat

Path = tuple[str | int, ...]
Keys = tuple[str | None, ...]
"""A path as a plan knows it: None stands for the index of a list's item."""


class ResponsePath(ABC):
    """The paths of the values of one level, by their index in the level."""

    __slots__ = ("count", "depth", "is_shared")

    count: int
    """How many paths all values have together, at most."""
    depth: int
    """The length of its paths. Those of values below have more keys, which are the same for all: see Keys."""
    is_shared: bool
    """Whether a value may have several paths."""

    @abstractmethod
    def paths(self, index: int) -> list[Path]:
        """Returns the paths of a value of the level; several if several parents have the same value."""

    @abstractmethod
    def places(self) -> Sequence[int]:
        """Returns how many paths each value has. Only for levels that are shared."""

    def below(self, index: int, keys: Keys) -> list[Path]:
        """Returns the paths of what is below a value, by the keys from the root on."""
        more = tuple(key for key in keys[self.depth :] if key is not None)
        return [(*path, *more) for path in self.paths(index)]


class RootPath(ResponsePath):
    """The parents of root fields: one, or of a subscription one for each event."""

    __slots__ = ()

    def __init__(self, count: int = 1) -> None:
        self.count = count
        self.depth = 0
        self.is_shared = False

    def paths(self, index: int) -> list[Path]:
        return [()]

    def places(self) -> Sequence[int]:
        return [1] * self.count


class ListPath(ResponsePath):
    """The items of several lists, one list after the other."""

    __slots__ = ("_above", "_ends", "_keys", "_lengths", "_places")

    def __init__(self, above: ResponsePath, keys: Keys, lengths: Sequence[int]) -> None:
        """`keys`: of the lists."""
        self._above = above
        self._keys = keys
        self._lengths = lengths
        self._ends: list[int] | None = None
        self._places: list[int] | None = None
        self.depth = len(keys) + 1
        self.is_shared = above.is_shared
        self.count = sum(self.places() if self.is_shared else lengths)

    def paths(self, index: int) -> list[Path]:
        if self._ends is None:
            self._ends = list(accumulate(self._lengths))
        at = bisect_right(self._ends, index)
        position = index - (self._ends[at - 1] if at else 0)
        return [(*path, position) for path in self._above.below(at, self._keys)]

    def places(self) -> Sequence[int]:
        if self._places is None:
            self._places = list(chain.from_iterable(map(repeat, self._above.places(), self._lengths)))
        return self._places


class SharedPath(ResponsePath):
    """Distinct values of another level, each with all its paths there."""

    __slots__ = ("_above", "_chosen", "_ids", "_indices", "_places")

    def __init__(self, above: ResponsePath, ids: Sequence[int], chosen: Sequence[int]) -> None:
        """`ids`: the values of the other level, by identity. `chosen`: those that this level has."""
        self._above = above
        self._ids = ids
        self._chosen = chosen
        self._indices: dict[int, list[int]] | None = None
        self._places: list[int] | None = None
        self.count = above.count
        self.depth = above.depth
        self.is_shared = True

    def paths(self, index: int) -> list[Path]:
        if self._indices is None:
            self._indices = indices(self._ids)
        return [path for at in self._indices[self._chosen[index]] for path in self._above.paths(at)]

    def places(self) -> Sequence[int]:
        if self._places is None:
            counts = Counter[int]()
            if self._above.is_shared:
                for key, count in zip(self._ids, self._above.places(), strict=True):
                    counts[key] += count
            else:
                counts.update(self._ids)
            self._places = [counts[key] for key in self._chosen]
        return self._places


def indices(ids: Sequence[int]) -> dict[int, list[int]]:
    """Returns the indices of each id."""
    found: dict[int, list[int]] = {}
    for at, each in enumerate(ids):
        found.setdefault(each, []).append(at)
    return found
