"""The one way to the data: statements read through `Database.rows`, and every write runs in `Database.transaction`.

A write to a discussion locks its head first (`Transaction.lock_discussion`). The head's row lock is held to the commit,
so commit order is number order and the log has no gaps. The transaction appends its events last, and notifies after the
commit: a writer cannot forget to, and a follower cannot be notified of what is not visible yet.
"""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar

import structlog
from sqlalchemy import bindparam, select, update

from db import drivers
from db.kinds import EventKind
from db.rows import HeadRow, Row
from db.statements import Statement, WriteStatement, inserted
from db.tables import discussion_heads, events, feed_outbox
from db.tables import secrets as secrets_table

R = TypeVar("R", bound=Row)
T = TypeVar("T")

EPOCH_BYTES = 8
FEED_EVENT_KINDS = frozenset({EventKind.REPLY_ADDED})
"""The kinds of events that the feed brings."""

log = structlog.get_logger(__name__)

_LOCK = Statement(
    update(discussion_heads)
    .where(discussion_heads.c.discussion_id == bindparam("discussion"))
    .values(
        last_event=discussion_heads.c.last_event + bindparam("events"),
        last_reply=discussion_heads.c.last_reply + bindparam("replies"),
    )
    .returning(discussion_heads.c.discussion_id, discussion_heads.c.last_event, discussion_heads.c.last_reply),
    HeadRow,
)
_APPEND = WriteStatement(inserted(events))
_ENQUEUE = WriteStatement(inserted(feed_outbox))


class SecretRow(Row):
    """Random bytes that all processes on this database share."""

    __slots__ = ()

    name: str
    value: bytes


_SECRET = Statement(
    select(secrets_table.c.name, secrets_table.c.value).where(secrets_table.c.name == bindparam("name")),
    SecretRow,
)


@dataclass(frozen=True, slots=True)
class Event:
    """What a write appends to the log of a discussion, about a post or the discussion itself."""

    kind: EventKind
    post_id: int | None
    version: int
    actor_id: int | None
    client_mutation_id: str | None = None


class Position(NamedTuple):
    """Where an event is in the log of its discussion."""

    number: int
    epoch: bytes


class Transaction:
    """One write: rows, and the events it appends to the log of at most one discussion."""

    def __init__(self, connection: drivers.DriverConnection, at: datetime | None = None) -> None:
        self.at = at or datetime.now(UTC)
        """The moment of this write, the same for all it changes."""
        self.head: HeadRow | None = None
        self._connection = connection
        self._reserved = 0
        self._events: list[tuple[Event, Position]] = []

    async def rows(self, statement: Statement[R], **parameters: Any) -> list[R]:
        return await self._connection.rows(statement, parameters)

    async def row(self, statement: Statement[R], **parameters: Any) -> R | None:
        rows = await self._connection.rows(statement, parameters)
        return rows[0] if rows else None

    async def run(self, command: WriteStatement, **parameters: Any) -> None:
        await self._connection.run(command, parameters)

    async def run_many(self, command: WriteStatement, parameters: list[dict[str, Any]]) -> None:
        if parameters:
            await self._connection.run_many(command, parameters)

    async def lock_discussion(self, discussion_id: int, *, events: int = 0, replies: int = 0) -> HeadRow | None:
        """Locks a discussion to the end of this transaction, and reserves numbers of its log and its replies.

        Returns None if there is no such discussion. May be called again for more numbers of the same discussion.
        Raises RuntimeError for a second discussion: two locks in one transaction can deadlock.
        """
        if self.head is not None and self.head.discussion_id != discussion_id:
            raise RuntimeError(f"Discussion {self.head.discussion_id} is locked, so {discussion_id} cannot be.")
        head = await self.row(_LOCK, discussion=discussion_id, events=events, replies=replies)
        if head is not None:
            self.head = head
            self._reserved += events
        return head

    def append(self, event: Event) -> Position:
        """Adds an event, which is written right before the commit. Returns its position in the log."""
        assert self.head is not None
        number = self.head.last_event - self._reserved + len(self._events) + 1
        position = Position(number, secrets.token_bytes(EPOCH_BYTES))
        self._events.append((event, position))
        return position

    async def flush_events(self) -> None:
        """Writes the events and the feed's outbox: the last statements before the commit.

        Raises RuntimeError if numbers were reserved and not used.
        """
        if len(self._events) != self._reserved:
            raise RuntimeError(f"{self._reserved} event numbers were reserved and {len(self._events)} events appended.")
        if self.head is None:
            return
        discussion_id = self.head.discussion_id
        await self.run_many(
            _APPEND,
            [
                {
                    "discussion_id": discussion_id,
                    "number": position.number,
                    "epoch": position.epoch,
                    "kind": event.kind.value,
                    "post_id": event.post_id,
                    "version": event.version,
                    "actor_id": event.actor_id,
                    "client_mutation_id": event.client_mutation_id,
                    "at": self.at,
                }
                for event, position in self._events
            ],
        )
        await self.run_many(
            _ENQUEUE,
            [
                {"discussion_id": discussion_id, "number": position.number}
                for event, position in self._events
                if event.kind in FEED_EVENT_KINDS
            ],
        )

    @property
    def notification(self) -> tuple[int, int] | None:
        """(discussion, number of its last event) if this write appended events."""
        if self.head is None or not self._events:
            return None
        return self.head.discussion_id, self.head.last_event


class Database:
    """A database by its URL: `sqlite:///file` or `postgresql://…`. Open it with `async with`.

    `notify(discussion, number)` is called after every commit that appended events, also if the commit's outcome is not
    known. It must not block or raise. Reads outside of transactions take up to `read_seconds`, and raise TimedOut then;
    commands have no such limit.
    """

    def __init__(
        self,
        url: str,
        *,
        notify: Callable[[int, int], None] = lambda _discussion, _number: None,
        read_seconds: float | None = None,
    ) -> None:
        self._driver = drivers.driver(url, read_seconds)
        self._notify = notify
        self._detached: set[asyncio.Task[Any]] = set()
        self.statement_count = 0
        """How many reads were run since the start: what a page costs is a difference of two."""

    async def __aenter__(self) -> Self:
        await self._driver.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._detached:
            await asyncio.wait(self._detached)
        await self._driver.close()

    async def rows(self, statement: Statement[R], **parameters: Any) -> list[R]:
        self.statement_count += 1
        async with self._driver.reader(is_search=statement.is_search) as connection:
            rows: list[R] = await connection.rows(statement, parameters)
            return rows

    async def row(self, statement: Statement[R], **parameters: Any) -> R | None:
        rows = await self.rows(statement, **parameters)
        return rows[0] if rows else None

    @asynccontextmanager
    async def transaction(self, at: datetime | None = None) -> AsyncGenerator[Transaction, None]:
        """One write: appends its events, commits and notifies if the body ends well, else rolls back.

        `at` is the moment it is dated, now by default. The body must not be cancelled halfway: call it in a task that
        `detach` started, or use `write`.
        """
        async with self._driver.writer() as connection:
            transaction = Transaction(connection, at)
            notification: tuple[int, int] | None = None
            await connection.begin()
            try:
                yield transaction
                await transaction.flush_events()
                notification = transaction.notification
                await connection.commit()
            except BaseException:
                # Also if the commit raised: the writer must not stay in a transaction that nobody ends.
                await connection.rollback()
                raise
            finally:
                # Also if the commit raised: it may have taken effect, and a notification too many does no harm.
                if notification is not None:
                    self._notify(*notification)

    async def write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Runs `work` in one transaction, to its end even if the caller is cancelled. Raises what `work` raises."""

        async def in_transaction() -> T:
            async with self.transaction() as transaction:
                return await work(transaction)

        return await finished(self.detach(in_transaction()))

    def detach(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Starts work that runs to its end whatever becomes of its caller. Closing the database waits for it."""
        task = asyncio.create_task(work)
        self._detached.add(task)
        task.add_done_callback(self._detached.discard)
        return task

    async def secret(self, name: str) -> bytes:
        """Random bytes kept in the database since it was migrated: `cursor` or `token`. Raises LookupError without."""
        row = await self.row(_SECRET, name=name)
        if row is None:
            raise LookupError(f'The database holds no secret "{name}": run `python server.py migrate`.')
        return row.value

    async def ping(self) -> None:
        """Raises what the driver raises when the database does not answer."""
        await self._driver.ping()


async def finished(task: asyncio.Task[T], *, expected: type[Exception] | tuple[()] = ()) -> T:
    """Waits for a task without cancelling it.

    If the caller is cancelled, a failure of the task is logged, unless it is `expected`.
    """
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        task.add_done_callback(partial(_log_failure, expected=expected))
        raise


def _log_failure(task: "asyncio.Task[Any]", *, expected: type[Exception] | tuple[()]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None and not isinstance(error, expected):
        log.error("a write failed after its caller was cancelled", exc_info=error)
