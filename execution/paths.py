"""The paths of the values of a level in the response, worked out only if there are errors."""

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate, chain, repeat

Path = tuple[str | int, ...]


class ResponsePath(ABC):
    """The paths of the values of one level, by their index in the level."""

    __slots__ = ("count", "is_shared", "nulled_depth")

    count: int
    """How many paths all values have together, at most."""
    is_shared: bool
    """Whether a value may have several paths."""
    nulled_depth: int
    """The length of the path of the position that becomes null if a value of this level fails."""

    @abstractmethod
    def paths(self, index: int) -> list[Path]:
        """Returns the paths of a value of the level; several if several parents have the same value."""

    @abstractmethod
    def places(self) -> Sequence[int]:
        """Returns how many paths each value has. Only for levels that are shared."""


class RootPath(ResponsePath):
    """The one parent of the root fields."""

    __slots__ = ()

    def __init__(self) -> None:
        self.nulled_depth = 0
        self.count = 1
        self.is_shared = False

    def paths(self, index: int) -> list[Path]:
        return [()]

    def places(self) -> Sequence[int]:
        return [1]


class FieldPath(ResponsePath):
    """The values of a field, one for each parent."""

    __slots__ = ("_above", "_key", "depth")

    def __init__(self, above: ResponsePath, depth: int, key: str, *, nullable: bool) -> None:
        self._above = above
        self._key = key
        self.nulled_depth = depth if nullable else above.nulled_depth
        self.count = above.count
        self.is_shared = above.is_shared

    def paths(self, index: int) -> list[Path]:
        return [(*path, self._key) for path in self._above.paths(index)]

    def places(self) -> Sequence[int]:
        return self._above.places()


class ListPath(ResponsePath):
    """The items of several lists, one list after the other."""

    __slots__ = ("_above", "_ends", "_lengths", "_places")

    def __init__(self, above: ResponsePath, depth: int, lengths: Sequence[int], *, nullable: bool) -> None:
        self._above = above
        self._lengths = lengths
        self._ends: list[int] | None = None
        self._places: list[int] | None = None
        self.nulled_depth = depth if nullable else above.nulled_depth
        self.is_shared = above.is_shared
        self.count = sum(self.places() if self.is_shared else lengths)

    def paths(self, index: int) -> list[Path]:
        if self._ends is None:
            self._ends = list(accumulate(self._lengths))
        at = bisect_right(self._ends, index)
        position = index - (self._ends[at - 1] if at else 0)
        return [(*path, position) for path in self._above.paths(at)]

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
        self.nulled_depth = above.nulled_depth
        self.count = above.count
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
