"""The one way to the data: statements read through `Database.rows`, and every write runs in `Database.transaction`.

A write locks the head of its log first (`Transaction.lock_log`). The head's row lock is held to the commit, so commit
order is number order and the log has no gaps. The transaction appends its events last, and notifies after the commit: a
writer cannot forget to, and a follower cannot be notified of what is not visible yet.
"""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from time import perf_counter
from types import TracebackType
from typing import Any, Literal, NamedTuple, Self, TypeVar

import structlog
from sqlalchemy import BigInteger, LargeBinary, bindparam, case, func, insert, null, select, update

from db import drivers
from db.kinds import DiscussionChange, EventKind
from db.logs import FEED
from db.rows import EventRow, HeadRow, LockedHeadRow, Row
from db.snapshots import Notes, Snapshot
from db.statements import Statement, WriteStatement, among, for_sqlite, inserted
from db.tables import event_people, events, log_heads, outbox, posts
from db.tables import secrets as secrets_table

R = TypeVar("R", bound=Row)
H = TypeVar("H", bound=HeadRow)
L = TypeVar("L", bound=LockedHeadRow)
T = TypeVar("T")

EPOCH_BYTES = 8
MAX_EVENTS = 100
"""How many events one transaction may append, so that none holds the lock of a log for long."""

log = structlog.get_logger(__name__)

_insert_head = WriteStatement(
    insert(log_heads).values(
        log_id=bindparam("log"),
        epoch=bindparam("epoch", type_=LargeBinary()),
        last_epoch=bindparam("epoch", type_=LargeBinary()),
    )
)
_lock = (
    update(log_heads)
    .where(log_heads.c.log_id == bindparam("log"))
    .values(
        last_event=log_heads.c.last_event + bindparam("events"),
        last_epoch=case(
            (bindparam("last_epoch", type_=LargeBinary()).is_(null()), log_heads.c.last_epoch),
            else_=bindparam("last_epoch", type_=LargeBinary()),
        ),
        last_reply=log_heads.c.last_reply + bindparam("replies"),
        revision=log_heads.c.revision + 1,
    )
)
_LOCK = Statement(_lock.returning(log_heads.c.log_id, log_heads.c.last_event, log_heads.c.last_reply), HeadRow)
_LOCK_UNREAD = WriteStatement(_lock)
epoch_before = func.coalesce(
    select(events.c.epoch)
    .where(
        events.c.log_id == log_heads.c.log_id,
        events.c.number == log_heads.c.last_event - bindparam("events", type_=BigInteger),
    )
    .correlate(log_heads)
    .scalar_subquery(),
    log_heads.c.epoch,
).label("epoch_before")
"""The column of LockedHeadRow, for a log in which a transaction has reserved `events` numbers."""
_APPEND = WriteStatement(inserted(events))
_NAME_PEOPLE = WriteStatement(inserted(event_people))
_SEND = WriteStatement(inserted(outbox))
_TOUCH = WriteStatement(update(posts).where(among(posts.c.id, "ids")).values(last_event=bindparam("number")))


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
    """What a write appends to a log, about a post or the discussion itself, a person or a category."""

    kind: EventKind
    post_id: int | None
    version: int
    actor_id: int | None
    client_mutation_id: str | None = None
    author_id: int | None = None
    """Who wrote the post."""
    answered_id: int | None = None
    """Who wrote the post that it answers."""
    people: Sequence[int] = ()
    """Who is quoted or mentioned in it, or was before."""
    category_id: int | None = None
    """The category of the discussion; of CategoryChanged, the category itself."""
    former_category_id: int | None = None
    """The category that the discussion was moved out of."""
    user_id: int | None = None
    """Whom an event of the site is about."""
    changes: Sequence[DiscussionChange] = ()
    """What changed in a discussion."""
    other_posts: Sequence[int] = ()
    """Posts beside its own of which something else is shown now."""


class Position(NamedTuple):
    """Where an event is in its log."""

    number: int
    epoch: bytes


def _reserved(log_id: int, epochs: Sequence[bytes], replies: int) -> dict[str, Any]:
    """The parameters of `_lock`."""
    return {"log": log_id, "events": len(epochs), "last_epoch": epochs[-1] if epochs else None, "replies": replies}


class Transaction:
    """One write: rows, and the events it appends to at most one log."""

    def __init__(self, connection: drivers.DriverConnection, at: datetime | None = None) -> None:
        self.at = at or datetime.now(UTC)
        """The moment of this write, the same for all it changes."""
        self.head: HeadRow | None = None
        self.reached: dict[int, int] = {}
        """The last numbers of further logs that were appended to: their followers are notified."""
        self._connection = connection
        self.appended: list[dict[str, Any]] = []
        """The events as they are written, at the end: the columns of `events`."""
        self._epochs: list[bytes] = []
        self._events: list[tuple[Event, Position]] = []

    async def rows(self, statement: Statement[R], **parameters: Any) -> list[R]:
        return await self._connection.rows(statement, parameters)

    async def row(self, statement: Statement[R], **parameters: Any) -> R | None:
        rows = await self._connection.rows(statement, parameters)
        return rows[0] if rows else None

    async def run(self, command: WriteStatement, **parameters: Any) -> None:
        await self._connection.run(command, [parameters])

    async def run_many(self, command: WriteStatement, parameters: list[dict[str, Any]]) -> None:
        if parameters:
            await self._connection.run(command, parameters)

    async def open_log(self, log_id: int) -> None:
        """Makes the head of a new log."""
        await self.run(_insert_head, log=log_id, epoch=secrets.token_bytes(EPOCH_BYTES))

    async def lock_log(self, log_id: int, *, events: int = 0, replies: int = 0) -> HeadRow | None:
        """Locks a log to the end of this transaction, and reserves numbers in it and, of a discussion, of replies.

        Returns None if there is no such log. May be called again for more numbers of the same one.
        Raises RuntimeError for a second log, since two locks in one transaction can deadlock, and for more than
        MAX_EVENTS.
        """
        epochs = self._new_epochs(log_id, events)
        return self._locked(await self.row(_LOCK, **_reserved(log_id, epochs, replies)), epochs)

    async def lock_log_and_read(
        self, statement: Statement[L], log_id: int, *, events: int = 0, replies: int = 0, **parameters: Any
    ) -> L | None:
        """As `lock_log`, with the row of a statement that begins when the log is locked: one round trip for both.

        The statement reads the columns of LockedHeadRow of the log `log`, and others. The events of such a transaction
        are handed to those who follow the log in this process.
        """
        epochs = self._new_epochs(log_id, events)
        await self.run(_LOCK_UNREAD, **_reserved(log_id, epochs, replies))
        return self._locked(await self.row(statement, log=log_id, events=events, **parameters), epochs)

    def _new_epochs(self, log_id: int, events: int) -> list[bytes]:
        if self.head is not None and self.head.log_id != log_id:
            raise RuntimeError(f"Log {self.head.log_id} is locked, so {log_id} cannot be.")
        if len(self._epochs) + events > MAX_EVENTS:
            raise RuntimeError(f"A transaction appends up to {MAX_EVENTS} events.")
        return [secrets.token_bytes(EPOCH_BYTES) for _ in range(events)]

    def _locked(self, head: H | None, epochs: list[bytes]) -> H | None:
        if head is not None:
            self.head = head
            self._epochs += epochs
        return head

    def append(self, event: Event) -> Position:
        """Adds an event, which is written right before the commit. Returns its position in the log."""
        assert self.head is not None
        at = len(self._events)
        # One too many is told at the end.
        epoch = self._epochs[at] if at < len(self._epochs) else b""
        position = Position(self.head.last_event - len(self._epochs) + at + 1, epoch)
        self._events.append((event, position))
        return position

    async def flush_events(self) -> None:
        """Writes the events and what goes to other logs: the last statements before the commit.

        Raises RuntimeError if numbers were reserved and not used.
        """
        if len(self._events) != len(self._epochs):
            raise RuntimeError(
                f"{len(self._epochs)} event numbers were reserved and {len(self._events)} events appended."
            )
        if self.head is None:
            return
        log_id = self.head.log_id
        touched: list[dict[str, Any]] = []
        for event, position in self._events:
            # A new post was inserted with the number.
            own = [event.post_id] if event.post_id is not None and event.kind not in _OF_NEW_POSTS else []
            if ids := [*own, *event.other_posts]:
                touched.append({"ids": ids, "number": position.number})
        await self.run_many(_TOUCH, touched)
        self.appended = [
            {
                "log_id": log_id,
                "number": position.number,
                "epoch": position.epoch,
                "kind": event.kind.value,
                "post_id": event.post_id,
                "version": event.version,
                "actor_id": event.actor_id,
                "author_id": event.author_id,
                "answered_id": event.answered_id,
                "category_id": event.category_id,
                "former_category_id": event.former_category_id,
                "user_id": event.user_id,
                "changes": " ".join(event.changes) or None,
                "client_mutation_id": event.client_mutation_id,
                "at": self.at,
            }
            for event, position in self._events
        ]
        await self.run_many(_APPEND, self.appended)
        await self.run_many(
            _NAME_PEOPLE,
            [
                {"log_id": log_id, "number": position.number, "user_id": user_id}
                for event, position in self._events
                for user_id in dict.fromkeys(event.people)
            ],
        )
        await self.run_many(
            _SEND,
            [
                {"log_id": FEED, "source_log_id": log_id, "source_number": position.number}
                for _, position in self._events
            ],
        )

    @property
    def notifications(self) -> list[tuple[int, int]]:
        """(log, number of its last event) of each log that this write appended events to."""
        own = [] if self.head is None or not self._events else [(self.head.log_id, self.head.last_event)]
        return [*own, *self.reached.items()]


class Appended:
    """The events of one commit, for those who follow the log in this process: the next ones after a position."""

    def __init__(self, head: LockedHeadRow, events: Sequence[dict[str, Any]], *, sqlite: bool) -> None:
        self.log_id = head.log_id
        self.before = Position(head.last_event - len(events), head.epoch_before)
        """Where the event is that comes before them."""
        self._events = events
        self._sqlite = sqlite

    def rows(self) -> list[EventRow]:
        """The events as they are read from the log."""
        found = []
        for event in self._events:
            values = [event[name] for name in _READ]
            values[-1] = values[-1].astimezone(UTC)
            found.append(EventRow.like_read(for_sqlite(values) if self._sqlite else values, sqlite=self._sqlite))
        return found


_READ = (
    "log_id",
    "number",
    "epoch",
    "kind",
    "post_id",
    "version",
    "actor_id",
    "category_id",
    "user_id",
    "changes",
    "client_mutation_id",
    "at",
)
"""What EventRow has of the columns of `events`."""
_OF_NEW_POSTS = frozenset({EventKind.REPLY_ADDED, EventKind.DISCUSSION_STARTED})


Work = Literal["read", "search", "transaction"]
Observe = Callable[[Work, str, float], None]
"""Takes what the database was used for, of a read the name of its rows, and the seconds that it took.

The wait for a connection or for other writers is part of them.
"""


class Database:
    """A database by its URL: `sqlite:///file` or `postgresql://…`. Open it with `async with`.

    `notify(log, number)` is called after every commit that appended events, also if the commit's outcome is not
    known. It must not block or raise. Reads outside of transactions take up to `read_seconds`, and raise TimedOut then;
    commands have no such limit.
    """

    def __init__(
        self,
        url: str,
        *,
        notify: Callable[[int, int], None] = lambda _log, _number: None,
        read_seconds: float | None = None,
        observe: Observe = lambda _work, _what, _seconds: None,
    ) -> None:
        """`observe` takes how long each statement and transaction took."""
        self.driver = drivers.driver(url, read_seconds)
        self._notify = notify
        self._is_sqlite = url.startswith("sqlite:")
        self.on_appended: Callable[[Appended], None] = lambda _appended: None
        """Called with the events of some commits, before their notification. It must not block or raise."""
        self._observe = observe
        self._detached: set[asyncio.Task[Any]] = set()
        self.statement_count = 0
        """How many reads were run since the start: what a page costs is a difference of two."""

    async def __aenter__(self) -> Self:
        await self.driver.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._detached:
            await asyncio.wait(self._detached)
        await self.driver.close()

    async def rows(self, statement: Statement[R], **parameters: Any) -> list[R]:
        started = perf_counter()
        try:
            async with self.driver.reader(is_search=statement.is_search) as connection:
                rows: list[R] = await connection.rows(statement, parameters)
                return rows
        finally:
            self._observe_read(statement, perf_counter() - started)

    async def row(self, statement: Statement[R], **parameters: Any) -> R | None:
        rows = await self.rows(statement, **parameters)
        return rows[0] if rows else None

    def snapshot(self, notes: Notes | None = None) -> Snapshot:
        """Reads of one moment, which the caller closes. It takes a connection with its first statement."""
        return Snapshot(self.driver, self._observe_read, notes)

    def _observe_read(self, statement: Statement[Any], seconds: float) -> None:
        self.statement_count += 1
        self._observe("search" if statement.is_search else "read", statement.row.__name__, seconds)

    @asynccontextmanager
    async def transaction(
        self, at: datetime | None = None, *, log_id: int | None = None, may_join: bool = True
    ) -> AsyncGenerator[Transaction, None]:
        """One write: appends its events, commits and notifies if the body ends well, else rolls back.

        `at` is the moment it is dated, now by default. `log_id`: the log that it locks, if that is known, and
        `may_join`: whether it locks nothing before that. Those that wait for one log may be committed together.
        The body must not be cancelled halfway: call it in a task that `detach` started, or use `write`.
        """
        started = perf_counter()
        async with self.driver.writer(log_id, may_join=may_join) as connection:
            transaction = Transaction(connection, at)
            notifications: list[tuple[int, int]] = []
            await connection.begin()
            try:
                yield transaction
                await transaction.flush_events()
                notifications = transaction.notifications
                await connection.commit()
                if isinstance(transaction.head, LockedHeadRow) and transaction.appended:
                    self.on_appended(Appended(transaction.head, transaction.appended, sqlite=self._is_sqlite))
            except BaseException:
                # Also if the commit raised: the writer must not stay in a transaction that nobody ends.
                await connection.rollback()
                raise
            finally:
                # Also if the commit raised: it may have taken effect, and a notification too many does no harm.
                for notification in notifications:
                    self._notify(*notification)
                self._observe("transaction", "", perf_counter() - started)

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
        await self.driver.ping()


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
