"""Transactions that take turns, and of which those that wait are committed together.

A commit waits for the disk, and all who need the same lock wait with it. So a transaction that ends while others wait
for their turn leaves the commit to them: each of them is a savepoint in one transaction of the database, which the last
one commits. Who fails rolls back to the savepoint alone. All return after the commit, and all fail if it fails.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Generic, Protocol, TypeVar

GROUP_SECONDS = 0.02
"""For so long transactions leave the commit to the next one: none waits much longer than for a commit of its own."""


class Turn(Protocol):
    """A transaction that has its turn: see `db.drivers.DriverConnection`."""

    has_turn: bool

    async def begin(self) -> None: ...

    async def commit(self) -> None: ...

    async def abandon(self) -> None:
        """Ends it if neither `commit` nor `rollback` has, which may have failed. The group is over."""


W = TypeVar("W", bound=Turn)


class _Group:
    """Transactions that are committed together."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.ends_at = loop.time() + GROUP_SECONDS
        self.committed: asyncio.Future[Exception | None] = loop.create_future()
        """Done after the commit, with its error if it failed."""


class GroupCommits(ABC, Generic[W]):
    """Gives turns to transactions."""

    def __init__(self) -> None:
        self._turns = asyncio.Lock()
        self._waiting = 0
        self._ending: set[asyncio.Task[None]] = set()
        self.group: _Group | None = None
        """Those that have had their turns and are not committed yet."""

    @abstractmethod
    def _transaction(self, *, may_join: bool) -> W:
        """The transaction that has the next turn."""

    async def close(self) -> None:
        """Waits for commits that nobody else waits for."""
        if self._ending:
            await asyncio.wait(self._ending)

    @asynccontextmanager
    async def turn(self, *, may_join: bool = True) -> AsyncGenerator[W, None]:
        """A transaction, which `commit` or `rollback` ends once it was begun.

        `may_join`: whether it may be committed together with those before it, or else only with those after it.
        """
        self._waiting += 1
        try:
            await self._turns.acquire()
        finally:
            self._waiting -= 1
            # Who is cancelled may be the one that a commit was left to.
            self._commit_unless_awaited()
        transaction = self._transaction(may_join=may_join)
        try:
            yield transaction
        finally:
            if transaction.has_turn:
                try:
                    # The next one begins after it, also if it is cancelled here.
                    await transaction.abandon()
                finally:
                    self._turns.release()
                    self._commit_unless_awaited()

    @property
    def is_last(self) -> bool:
        """Whether the transaction whose turn it is has to commit, for itself and for those before it."""
        return not self._waiting or (self.group is not None and self.group.ends_at < asyncio.get_running_loop().time())

    async def leave(self, *, is_committed: bool, error: Exception | None) -> None:
        """Gives the turn on, and returns once all is committed. Raises the error of that."""
        is_end = is_committed or error is not None
        if self.group is None and not is_end:
            self.group = _Group()
        # Shielded, because all of the group share the future, and in the order of their turns: so they return.
        ended = asyncio.shield(self.group.committed) if self.group is not None else None
        if is_end:
            self.end_group(error)
        self._turns.release()
        self._commit_unless_awaited()
        if ended is not None:
            error = await ended
        if error is not None:
            raise error

    def end_group(self, error: Exception | None) -> None:
        """Lets the transactions return that are committed now, or fail with an error."""
        group, self.group = self.group, None
        if group is not None:
            group.committed.set_result(error)

    def _commit_unless_awaited(self) -> None:
        if self.group is not None and not self._waiting and not self._turns.locked():
            task = asyncio.create_task(self._commit())
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)

    async def _commit(self) -> None:
        async with self.turn() as transaction:
            await transaction.begin()
            await transaction.commit()
