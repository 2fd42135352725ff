"""The one way to the data: statements read through `Database.read`, and every write goes through `Database.write`.

Writes to a discussion take its head first (`Transaction.take`): the head's row lock is held to the commit, so commit
order is number order and the log has no gaps. The transaction appends its events last and announces them after the
commit, so a writer can't forget to, and a follower can't hear of what is not yet visible.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self, TypeVar

import structlog
from sqlalchemy import bindparam, insert, select, update

from db import drivers
from db.failures import DiscussionNotFound, Refused
from db.rows import HeadRow, Row
from db.statements import Command, Statement
from db.tables import discussion_heads, events, feed_outbox
from db.tables import secrets as secrets_table

R = TypeVar("R", bound=Row)
T = TypeVar("T")

EPOCH_BYTES = 8

log = structlog.get_logger(__name__)

_TAKE = Statement(
    update(discussion_heads)
    .where(discussion_heads.c.discussion_id == bindparam("discussion"))
    .values(
        last_event=discussion_heads.c.last_event + bindparam("events"),
        last_reply=discussion_heads.c.last_reply + bindparam("replies"),
    )
    .returning(
        discussion_heads.c.discussion_id,
        discussion_heads.c.last_event,
        discussion_heads.c.last_reply,
    ),
    HeadRow,
)
_APPEND = Command(
    insert(events).values(
        {
            name: bindparam(name)
            for name in (
                "discussion_id",
                "number",
                "epoch",
                "kind",
                "post_id",
                "version",
                "actor_id",
                "client_mutation_id",
                "at",
            )
        }
    )
)
_ENQUEUE = Command(insert(feed_outbox).values(discussion_id=bindparam("discussion_id"), number=bindparam("number")))
FED = "ReplyAdded"
"""The kind of events that the feed brings."""


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
    """What a write tells the log about a post or its discussion."""

    kind: str
    post_id: int | None
    version: int
    actor_id: int | None
    client_mutation_id: str | None = None


class Transaction:
    """One write: rules, rows, and the events it appends to at most one discussion's log."""

    def __init__(self, connection: drivers.Connection) -> None:
        self.at = datetime.now(UTC)
        """The moment of this write, the same for all it touches."""
        self.head: HeadRow | None = None
        self._connection = connection
        self._taken = 0
        self._events: list[Event] = []

    async def rows(self, statement: Statement[R], **parameters: Any) -> list[R]:
        return await self._connection.rows(statement, parameters)

    async def row(self, statement: Statement[R], **parameters: Any) -> R | None:
        rows = await self._connection.rows(statement, parameters)
        return rows[0] if rows else None

    async def run(self, command: Command, **parameters: Any) -> None:
        await self._connection.run(command, parameters)

    async def run_many(self, command: Command, parameters: list[dict[str, Any]]) -> None:
        if parameters:
            await self._connection.run_many(command, parameters)

    async def take(self, discussion_id: int, *, events: int, replies: int = 0) -> HeadRow:
        """Locks a discussion to the end of this transaction and takes the next numbers of its log and its replies.

        May be called again for more numbers of the same discussion. Raises Refused(DiscussionNotFound), and
        RuntimeError for a second discussion: two locks in one transaction are a deadlock in waiting.
        """
        if self.head is not None and self.head.discussion_id != discussion_id:
            raise RuntimeError(f"Discussion {self.head.discussion_id} is locked; {discussion_id} can't be, too.")
        head = await self.row(_TAKE, discussion=discussion_id, events=events, replies=replies)
        if head is None:
            raise Refused(DiscussionNotFound(f"There is no discussion {discussion_id}.", ("discussion_id",)))
        self.head = head
        self._taken += events
        return head

    def tell(self, event: Event) -> int:
        """Puts an event in line for the log, and gives the number it will have."""
        assert self.head is not None
        self._events.append(event)
        return self.head.last_event - self._taken + len(self._events)

    async def append_events(self) -> None:
        """The last statements before the commit: the log, and what the feed has yet to take from it.

        Raises RuntimeError where numbers were taken and not used.
        """
        if len(self._events) != self._taken:
            raise RuntimeError(f"{self._taken} event numbers were taken and {len(self._events)} events told.")
        if self.head is None:
            return
        first = self.head.last_event - self._taken + 1
        appended = [
            {
                "discussion_id": self.head.discussion_id,
                "number": first + at,
                "epoch": secrets.token_bytes(EPOCH_BYTES),
                "kind": event.kind,
                "post_id": event.post_id,
                "version": event.version,
                "actor_id": event.actor_id,
                "client_mutation_id": event.client_mutation_id,
                "at": self.at,
            }
            for at, event in enumerate(self._events)
        ]
        await self.run_many(_APPEND, appended)
        await self.run_many(
            _ENQUEUE,
            [{name: event[name] for name in ("discussion_id", "number")} for event in appended if event["kind"] == FED],
        )

    @property
    def announcement(self) -> tuple[int, int] | None:
        """(discussion, last event number) when this write told the log anything."""
        if self.head is None or not self._events:
            return None
        return self.head.discussion_id, self.head.last_event


class Database:
    """A database by its URL: `sqlite:///file` or `postgresql://…`. Open it with `async with`.

    `announce(discussion, number)` is called after every commit that appended events, also when the commit's outcome
    is not known; it must not block or raise.
    """

    def __init__(
        self,
        url: str,
        *,
        announce: Callable[[int, int], None] = lambda _discussion, _number: None,
    ) -> None:
        self._driver = drivers.driver(url)
        self._announce = announce
        self._writes: set[asyncio.Task[Any]] = set()
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
        if self._writes:
            await asyncio.wait(self._writes)
        await self._driver.close()

    async def rows(self, statement: Statement[R], **parameters: Any) -> list[R]:
        self.statement_count += 1
        async with self._driver.reader() as connection:
            rows: list[R] = await connection.rows(statement, parameters)
            return rows

    async def row(self, statement: Statement[R], **parameters: Any) -> R | None:
        rows = await self.rows(statement, **parameters)
        return rows[0] if rows else None

    async def write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Runs `work` in one transaction, commits, and announces. Whoever awaits may be cancelled; the write is not.

        Raises what `work` raises, after a rollback.
        """
        task = asyncio.ensure_future(self._write(work))
        self._writes.add(task)
        task.add_done_callback(self._writes.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            task.add_done_callback(_log_a_failure)
            raise

    async def _write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        async with self._driver.writer() as connection:
            transaction = Transaction(connection)
            announcement: tuple[int, int] | None = None
            await connection.begin()
            try:
                result = await work(transaction)
                await transaction.append_events()
                announcement = transaction.announcement
                await connection.commit()
            except BaseException:
                # Also when the commit raised: the writer must not stay in a transaction that nobody ends.
                await connection.rollback()
                raise
            finally:
                # Also when the commit raised: it may have taken effect, and a bell too many does no harm.
                if announcement is not None:
                    self._announce(*announcement)
        return result

    async def secret(self, name: str) -> bytes:
        """Random bytes kept in the database since it was migrated: `cursor` or `token`. Raises LookupError without."""
        row = await self.row(_SECRET, name=name)
        if row is None:
            raise LookupError(f"The database holds no secret «{name}»: run `python server.py migrate`.")
        return row.value

    async def ping(self) -> None:
        """Raises what the driver raises when the database does not answer."""
        await self._driver.ping()


def _log_a_failure(write: "asyncio.Task[Any]") -> None:
    """For a write whose caller has left, and so does not hear how it ended."""
    if not write.cancelled() and (error := write.exception()) and not isinstance(error, Refused):
        log.error("a write failed after its caller had left", exc_info=error)
