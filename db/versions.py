"""Versions: whether what a query has read is still what is there, proven by the database at each request.

A version is the state of the whole database, or, where all statements of a query declare what they read, the revisions
of the discussions and the people behind its rows. Nothing here depends on a clock, so an answer with a version that
holds is never stale.

PostgreSQL: within one life of a primary, two snapshots of equal text see the same rows. A crash ends every connection,
and transaction ids may be given out again after it, so versions end with the connection that compares them, and with
the first sign of another server. SQLite: a number that changes with every commit of any other connection.
Sources: PostgreSQL's documentation, "Transaction ID and Snapshot Information Functions"; SQLite's, "PRAGMA
data_version".
"""

import asyncio
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from operator import attrgetter
from time import monotonic
from typing import Any, NamedTuple

import structlog
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Text,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    update,
)

from db import tasks
from db.database import Database, Transaction
from db.drivers import SERVER, PostgreSQL, SQLite, bound
from db.logs import SITE
from db.rows import IdRow, Row
from db.statements import Dialect, Reads, Statement, WriteStatement, among, for_sqlite
from db.tables import discussion_views, events, log_heads

COMPARE_SECONDS = 2.0
"""How long a comparison may take before those who wait for it read for themselves."""
RETRY_SECONDS = 5.0
"""How long nothing is kept after the database could not be asked, or was a standby."""
MAX_HEADS = 200
"""Of how many discussions an answer may be made for their revisions to be compared."""
TOUCHED_AT_ONCE = 1_000
"""How many logs one transaction of `touch` locks."""
MAX_NAMED = 10_000
"""How many people and categories are known by the last event that names them."""

_SITE = literal_column(str(SITE), BigInteger)

log = structlog.get_logger(__name__)


class SeenRow(Row):
    """What the database says of itself at one moment."""

    __slots__ = ()

    snapshot: str
    server: str
    """Which server, and since when it runs."""
    is_standby: bool
    site: int
    """The number of the last event of the site's log."""
    heads: str | None
    """Of each discussion asked for: its id, revision and view count."""


class NamedRow(Row):
    """Whom or what an event of the site's log is about."""

    __slots__ = ()

    number: int
    user_id: int | None
    category_id: int | None


def _heads(dialect: Dialect) -> ColumnElement[Any]:
    head = log_heads.alias("head")
    views = func.coalesce(discussion_views.c.view_count, 0)
    words = [cast(each, Text) for each in (head.c.log_id, head.c.revision, views)]
    text = words[0].concat(literal_column("':'")).concat(words[1]).concat(literal_column("':'")).concat(words[2])
    joined = func.string_agg if dialect == "postgresql" else func.group_concat
    return (
        select(joined(text, literal_column("' '"), type_=Text()))
        .select_from(head.outerjoin(discussion_views, discussion_views.c.discussion_id == head.c.log_id))
        .where(among(head.c.log_id, "ids"))
        .scalar_subquery()
    )


def _seen(dialect: Dialect) -> Select[Any]:
    is_postgresql = dialect == "postgresql"
    site = log_heads.alias("site")
    return select(
        literal_column("pg_current_snapshot()::text" if is_postgresql else "''").label("snapshot"),
        literal_column(SERVER if is_postgresql else "''").label("server"),
        literal_column("pg_is_in_recovery()" if is_postgresql else "0").label("is_standby"),
        select(site.c.last_event)
        .where(site.c.log_id == literal_column(str(SITE), BigInteger))
        .scalar_subquery()
        .label("site"),
        _heads(dialect).label("heads"),
    )


seen = Statement(_seen, SeenRow, reads=Reads())
"""The state of the whole database, and of the discussions `ids`."""
named_since = Statement(
    select(events.c.number, events.c.user_id, events.c.category_id)
    .where(events.c.log_id == _SITE, events.c.number > bindparam("number"))
    .order_by(events.c.number)
    .limit(bindparam("limit")),
    NamedRow,
)

_heads_after = Statement(
    select(log_heads.c.log_id.label("id"))
    .where(log_heads.c.log_id > bindparam("after"))
    .order_by(log_heads.c.log_id)
    .limit(bindparam("limit")),
    IdRow,
)
_touch = WriteStatement(
    update(log_heads).where(among(log_heads.c.log_id, "ids")).values(revision=log_heads.c.revision + 1)
)

Heads = Mapping[int, str]
"""Revision and view count of discussions, as text; without those that have no log."""
Name = tuple[str, int]
"""A person or category: its kind and its id."""


def _parsed(heads: str | None) -> dict[int, str]:
    pairs = (each.split(":", 1) for each in heads.split(" ")) if heads else ()
    return {int(log_id): rest for log_id, rest in pairs}


class Version:
    """What an answer was read from. It is asked about with `Versions.holds`, which moves it on to later states."""

    __slots__ = ("generation", "heads", "names", "site", "state")

    def __init__(
        self,
        generation: int,
        state: str | None,
        heads: Mapping[int, str | None] | None,
        names: Sequence[Name],
        site: int,
    ) -> None:
        self.generation = generation
        self.state = state
        """The whole database's; None if it was not at rest while it was read."""
        self.heads = heads
        """What was read, by discussion, with None for one that does not exist; None if it is not known."""
        self.names = names
        self.site = site
        """The number of the site's log up to which no event changed one of the names."""

    @property
    def size(self) -> int:
        """About how many bytes it takes."""
        return 300 + 150 * len(self.heads or ()) + 100 * len(self.names)


class Reading:
    """What one query reads, noted by its snapshot."""

    def __init__(self, versions: "Versions") -> None:
        self._versions = versions
        self._generation = versions.generation
        self._state: str | None = None
        self._discussions: set[int] = set()
        self._names: set[Name] = set()
        self._is_declared = True
        self.is_broken = False
        """Whether not all of it was of one moment."""
        self.has_read = False

    def begin(self) -> None:
        """Called right before the first statement."""
        self.is_broken = self.is_broken or self.has_read
        self._state = self._versions.state()

    def note(self, statement: Statement[Any], parameters: Mapping[str, Any], rows: Sequence[Any]) -> None:
        """Called with what each statement gave."""
        if not self.has_read:
            self.has_read = True
            # Still the same: then the first statement, which sets the moment, has read just this state.
            if self._state != self._versions.state():
                self._state = None
        reads = statement.reads
        if reads is None:
            self._is_declared = False
            return
        if reads.each is not None and len(rows) < len(set(parameters[reads.each])):
            self._is_declared = False
        for name in reads.discussions:
            value = parameters[name]
            self._discussions.update(value if isinstance(value, list | tuple | set | frozenset) else (value,))
        if not rows:
            return
        for column in reads.of_discussions:
            self._discussions.update(each for each in set(map(attrgetter(column), rows)) if each is not None)
        for kind, columns in (("user", reads.of_people), ("category", reads.of_categories)):
            for column in columns:
                self._names.update((kind, each) for each in set(map(attrgetter(column), rows)) if each is not None)

    @property
    def discussions(self) -> list[int]:
        """The discussions whose revisions `version` wants to know; none if they do not tell of all that was read."""
        return sorted(self._discussions) if self._is_declared and len(self._discussions) <= MAX_HEADS else []

    def version(self, row: SeenRow) -> Version | None:
        """The version of what was read, by what the database says of itself in the same snapshot; None without one."""
        versions = self._versions
        versions.notice(row)
        if self.is_broken or versions.is_standby or self._generation != versions.generation:
            return None
        found = _parsed(row.heads)
        # Without any discussion that is there, what `touch` does would not be seen.
        compared = {each: found.get(each) for each in self.discussions}
        heads = compared if any(compared.values()) else None
        state = versions.state_of(row, self._state)
        if state is None and heads is None:
            return None
        return Version(self._generation, state, heads, sorted(self._names), row.site)


class Versions(ABC):
    """The state of a database, for one process."""

    def __init__(self) -> None:
        self.generation = 0
        """One more with each life of the database, between which versions say nothing."""
        self.is_standby = False
        """Whether the database is a standby, on which a snapshot's text says too little."""
        self._named: dict[Name, int] = {}
        self._all_named = 0
        """The number of the site's log up to which everybody counts as named."""
        self._named_until = -1
        self._off_until = 0.0

    @abstractmethod
    async def start(self) -> None: ...

    @abstractmethod
    async def stop(self) -> None: ...

    @abstractmethod
    async def holds(self, version: Version) -> bool:
        """Whether what the version stands for is unchanged at a moment after this call began.

        False as well where the database does not answer: reading tells why.
        """

    @abstractmethod
    def state(self) -> str | None:
        """The state of the database right now, where that can be told without waiting."""

    @abstractmethod
    def state_of(self, row: SeenRow, noted: str | None) -> str | None:
        """The state that a snapshot was of, by what was seen in it, and `state()` at its first statement."""

    def reading(self) -> Reading | None:
        """Notes what a query reads that begins now; None while nothing may be kept."""
        return None if self._is_off() else Reading(self)

    def notice(self, row: SeenRow) -> None:
        """Keeps nothing while the database is a standby."""
        if row.is_standby:
            self._off_until = monotonic() + RETRY_SECONDS
            self._forget()
            if not self.is_standby:
                log.warning("answers are not kept: the database is a standby", retry_seconds=RETRY_SECONDS)
        self.is_standby = bool(row.is_standby)

    @property
    def off(self) -> str | None:
        """Why nothing is kept now; None while answers are kept."""
        if not self._is_off():
            return None
        return "the database is a standby" if self.is_standby else "the database could not be asked"

    def _is_off(self) -> bool:
        return bool(self._off_until) and monotonic() < self._off_until

    def _forget(self) -> None:
        """Begins a new generation."""
        self.generation += 1
        self._named.clear()
        self._named_until = -1

    def _name(self, rows: Sequence[NamedRow], until: int) -> None:
        """Takes what events of the site's log name, up to the number `until`."""
        if self._named_until < 0 or len(self._named) + len(rows) > MAX_NAMED:
            self._named.clear()
            self._all_named = until
        for row in rows:
            if row.user_id is None and row.category_id is None:
                # Of somebody who was erased since.
                self._all_named = max(self._all_named, row.number)
            self._named[("user", row.user_id or 0)] = row.number
            self._named[("category", row.category_id or 0)] = row.number
        self._named_until = until

    def _still_holds(self, version: Version, state: str | None, heads: Heads, site: int) -> bool:
        if version.generation != self.generation:
            return False
        if version.state is not None and version.state == state:
            return True
        if version.heads is None or any(heads.get(each) != value for each, value in version.heads.items()):
            return False
        if version.names and version.site != site:
            if version.site < self._all_named:
                return False
            if any(self._named.get(name, 0) > version.site for name in version.names):
                return False
        version.state, version.site = state, site
        return True


class _Waiting(NamedTuple):
    """Those who wait for one check."""

    versions: list[tuple[Version, asyncio.Future[bool]]]
    ids: set[int]


class _PostgreSQLVersions(Versions):
    """One connection compares; who asks meanwhile joins the next comparison, since this one has begun."""

    def __init__(self, driver: PostgreSQL) -> None:
        super().__init__()
        self._driver = driver
        self._connection: Any = None
        self._prepared: dict[Statement[Any], Any] = {}
        self._server: str | None = None
        self._waiting: _Waiting | None = None
        self._checking: asyncio.Task[None] | None = None
        driver.on_server = self._meet

    async def start(self) -> None:
        self._waiting = _Waiting([], set())
        await self._check()

    async def stop(self) -> None:
        await tasks.end(self._checking)
        self._drop()

    def state(self) -> str | None:
        return None

    def state_of(self, row: SeenRow, noted: str | None) -> str | None:
        return f"{row.snapshot} {row.server}"

    async def holds(self, version: Version) -> bool:
        if version.generation != self.generation or self._is_off():
            return False
        waiting = self._waiting
        if waiting is None:
            waiting = self._waiting = _Waiting([], set())
        if self._checking is None:
            self._checking = asyncio.create_task(self._check(), name="versions")
        answer = asyncio.get_running_loop().create_future()
        waiting.versions.append((version, answer))
        if version.heads:
            waiting.ids.update(version.heads)
        held: bool = await answer
        return held

    async def _check(self) -> None:
        """Compares for those who wait, and for those who came meanwhile, until nobody waits."""
        try:
            while (waiting := self._waiting) is not None:
                self._waiting = None
                try:
                    await self._compare(waiting)
                except Exception as error:  # noqa: BLE001 - whatever it is, those who wait must read for themselves.
                    self._lose(repr(error))
                    self._off_until = monotonic() + RETRY_SECONDS
                finally:
                    for _, answer in waiting.versions:
                        if not answer.done():
                            answer.set_result(False)
        finally:
            self._checking = None

    async def _compare(self, waiting: _Waiting) -> None:
        row: SeenRow = (await self._rows(seen, ids=list(waiting.ids)))[0]
        self._meet(row.server)
        self.notice(row)
        if self._named_until != row.site:
            found: Sequence[NamedRow] = ()
            if self._named_until >= 0:
                found = await self._rows(named_since, number=self._named_until, limit=MAX_NAMED + 1)
            self._name(found, max(row.site, found[-1].number if found else 0))
        state, heads = self.state_of(row, None), _parsed(row.heads)
        for version, answer in waiting.versions:
            if not answer.done():
                answer.set_result(self._still_holds(version, state, heads, row.site))

    async def _rows(self, statement: Statement[Any], **parameters: Any) -> Sequence[Any]:
        if self._connection is None:
            # What was kept before was compared by a connection that is gone, and the server may have crashed with it.
            self._forget()
            self._prepared.clear()
            async with asyncio.timeout(COMPARE_SECONDS):
                self._connection = await self._driver.connect_apart()
        compiled = statement.compiled("postgresql")
        prepared = self._prepared.get(statement)
        if prepared is None:
            prepared = self._prepared[statement] = await self._connection.prepare(
                compiled.text, record_class=statement.row.postgresql, timeout=COMPARE_SECONDS
            )
        return await bound(self._connection, prepared, compiled.arguments(parameters), COMPARE_SECONDS)

    def _meet(self, server: str) -> None:
        """A connection, of the pool or this one, is to this server."""
        if self._server is not None and server != self._server:
            self._lose("another server answers")
        self._server = server

    def _lose(self, reason: str) -> None:
        log.warning("what was kept is not compared any more", reason=reason)
        self._forget()
        self._drop()

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()


class _SQLiteVersions(Versions):
    """Compares in the event loop: both are reads of memory, and nobody waits for them."""

    def __init__(self, driver: SQLite) -> None:
        super().__init__()
        self._driver = driver
        self._watching: sqlite3.Connection | None = None
        self._reading: sqlite3.Connection | None = None

    async def start(self) -> None:
        # Reads of memory that wait for nobody: where the file is locked, nothing holds.
        self._watching, self._reading = (
            sqlite3.connect(self._driver.path, isolation_level=None, timeout=0) for _ in range(2)
        )
        with suppress(sqlite3.Error):
            # Else at the first comparison.
            self._read_names(self._rows(seen, ids=[])[0])

    async def stop(self) -> None:
        for connection in (self._watching, self._reading):
            if connection is not None:
                connection.close()
        self._watching = self._reading = None

    def state(self) -> str | None:
        try:
            # To the last row: an unfinished cursor keeps its moment, and sees no commit.
            return (
                None if self._watching is None else str(self._watching.execute("PRAGMA data_version").fetchall()[0][0])
            )
        except sqlite3.Error:
            return None

    def state_of(self, row: SeenRow, noted: str | None) -> str | None:
        return noted

    async def holds(self, version: Version) -> bool:
        state = self.state()
        if state is None:
            return False
        if version.state == state:
            return True
        if version.heads is None:
            return False
        try:
            row: SeenRow = self._rows(seen, ids=list(version.heads))[0]
            self._read_names(row)
        except sqlite3.Error as error:
            log.info("what was kept was not compared", reason=repr(error))
            return False
        return self._still_holds(version, state, _parsed(row.heads), row.site)

    def _read_names(self, row: SeenRow) -> None:
        if self._named_until == row.site:
            return
        found: Sequence[NamedRow] = ()
        if self._named_until >= 0:
            found = self._rows(named_since, number=self._named_until, limit=MAX_NAMED + 1)
        self._name(found, max(row.site, found[-1].number if found else 0))

    def _rows(self, statement: Statement[Any], **parameters: Any) -> Sequence[Any]:
        assert self._reading is not None
        compiled = statement.compiled("sqlite")
        cursor = self._reading.cursor()
        cursor.row_factory = statement.row.sqlite
        return cursor.execute(compiled.text, for_sqlite(compiled.arguments(parameters))).fetchall()


def versions_of(database: Database) -> Versions:
    """The versions of an open database, which their user starts and stops."""
    driver = database.driver
    if isinstance(driver, PostgreSQL):
        return _PostgreSQLVersions(driver)
    assert isinstance(driver, SQLite)
    return _SQLiteVersions(driver)


async def touch(database: Database) -> int:
    """Says of all discussions that they have changed, after rows were changed past Parley. Returns of how many logs."""
    count = after = 0
    while found := [row.id for row in await database.rows(_heads_after, after=after, limit=TOUCHED_AT_ONCE)]:
        await database.write(partial(_touch_some, ids=found))
        count, after = count + len(found), found[-1]
    return count


async def _touch_some(tx: Transaction, *, ids: list[int]) -> None:
    await tx.run(_touch, ids=ids)
