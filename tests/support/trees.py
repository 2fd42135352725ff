"""A plain model of a discussion's tree, to compare the service with."""

import random
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tree:
    """Replies by their sequences 1, 2, 3 …: `parents[n - 1]` is what reply n answers, 0 for the opening post."""

    parents: Sequence[int]

    @property
    def sequences(self) -> range:
        return range(1, len(self.parents) + 1)

    def path(self, sequence: int) -> list[int]:
        above = self.parents[sequence - 1]
        return [*(self.path(above) if above else []), sequence]

    def depth(self, sequence: int) -> int:
        return len(self.path(sequence)) - 1

    def answers(self, sequence: int) -> list[int]:
        return [reply for reply in self.sequences if self.parents[reply - 1] == sequence]

    def descendants(self, sequence: int) -> list[int]:
        return [reply for reply in self.sequences if sequence in self.path(reply)[:-1]]

    def thread(self, *, newest: bool = False, root: int = 0, max_depth: int | None = None) -> list[int]:
        """The sequences in reading order, by walking down from the root."""
        found: list[int] = []
        if max_depth is not None and max_depth < 0:
            return found
        for reply in sorted(self.answers(root), reverse=newest):
            deeper = None if max_depth is None else max_depth - 1
            found += [reply, *self.thread(newest=newest, root=reply, max_depth=deeper)]
        return found

    def shown(self, sequence: int, *, root: int = 0, max_depth: int | None = None) -> int:
        """The reply itself, or its nearest ancestor that `max_depth` shows."""
        path = self.path(sequence)
        if root:
            path = path[path.index(root) + 1 :]
        return path[-1] if max_depth is None else path[: max_depth + 1][-1]


def around(thread: Sequence[int], middle: int, first: int) -> list[int]:
    """`first` items with one of them in the middle (of an even number, the second of the two), shifted at the ends."""
    start = thread.index(middle) - first // 2
    start = max(0, min(start, len(thread) - first))
    return list(thread[start : start + first])


def grown(size: int, seed: int) -> Tree:
    """A tree of chance: some threads are long and narrow, some replies are answered a lot, and most are leaves."""
    chance = random.Random(seed)
    parents: list[int] = []
    for sequence in range(1, size + 1):
        draw = chance.random()
        if sequence == 1 or draw < 0.15:
            parents.append(0)
        elif draw < 0.55:
            parents.append(chance.randint(max(1, sequence - 3), sequence - 1))
        else:
            parents.append(chance.randint(1, sequence - 1))
    return Tree(parents)
