"""Commands wait for the next read or the commit of their transaction, and PostgreSQL gets them together with that."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import BigInteger, Boolean, Column, DateTime, LargeBinary, MetaData, Table, Text, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from db import drivers, pipelines
from db.database import Database, Transaction
from db.drivers import DRIVER_ERRORS
from db.rows import Row
from db.statements import Statement, WriteStatement, inserted
from db.tables import participants
from tests.db import feeds
from tests.support.servers import PostgreSQL

pytestmark = pytest.mark.anyio

KEPT = Table(
    "kept",
    MetaData(),
    Column("number", BigInteger),
    Column("said", Text),
    Column("epoch", LargeBinary),
    Column("is_so", Boolean),
    Column("at", DateTime(timezone=True)),
    Column("names", ARRAY(Text)),
    Column("numbers", ARRAY(BigInteger)),
)
VALUES: list[dict[str, Any]] = [
    {
        "number": -(2**63),
        "said": "Ünïcode, \\ \"quoted\" 'twice', {a,b}\n\U0001f600 NULL",
        "epoch": bytes(range(256)),
        "is_so": True,
        "at": datetime(2026, 7, 1, 12, 30, 15, 123456, UTC),
        "names": ["", "a b", 'say "so"', "back\\slash", "{x,y}", "NULL", "é"],
        "numbers": [2**62, 0, -1],
    },
    {
        "number": 0,
        "said": "",
        "epoch": b"",
        "is_so": False,
        "at": datetime(1, 1, 2, 3, tzinfo=timezone(timedelta(hours=5, minutes=30))),
        "names": [],
        "numbers": [],
    },
    dict.fromkeys(KEPT.columns.keys()),
]


class KeptRow(Row):
    """All columns of a row as PostgreSQL writes them."""

    __slots__ = ()

    line: str


INSERT = WriteStatement(inserted(KEPT))
LINES = Statement(text("SELECT CAST(kept AS text) AS line FROM kept").columns(Column("line", Text)), KeptRow)
DELETE = WriteStatement(KEPT.delete())
JOIN = WriteStatement(inserted(participants))


class PersonRow(Row):
    """Somebody who takes part in a discussion."""

    __slots__ = ()

    user_id: int


PEOPLE = Statement(select(participants.c.user_id).order_by(participants.c.user_id), PersonRow)


async def test_values_arrive_alike_by_asyncpg_and_ahead(
    postgresql: PostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[bool] = []

    def noted(*arguments: Any) -> bool:
        sent.append(pipelines.send_ahead(*arguments))
        return sent[-1]

    async def lines(tx: Transaction) -> list[str]:
        for values in VALUES:
            await tx.run(INSERT, **values)
        found = [row.line for row in await tx.rows(LINES)]
        await tx.run(DELETE)
        return found

    async with Database(postgresql.new_database()) as database:
        columns = "number bigint, said text, epoch bytea, is_so boolean, at timestamptz, names text[], numbers bigint[]"
        await database.write(lambda tx: tx.run(WriteStatement(text(f"CREATE TABLE kept ({columns})"))))
        monkeypatch.setattr(drivers, "send_ahead", noted)
        by_asyncpg, ahead = [await database.write(lines) for _ in range(2)]
    # In the first transaction nothing but COMMIT was prepared, in the second all.
    assert sent == [False, True, True, True]
    assert len(by_asyncpg) == len(VALUES)
    assert ahead == by_asyncpg


async def test_a_command_fails_with_the_commit_and_leaves_nothing(database: Database) -> None:
    person = await feeds.person(database)
    discussion = await feeds.discussion(database, person)
    others = [await feeds.person(database) for _ in range(2)]

    queued: list[int] = []

    async def join(tx: Transaction, *users: int) -> None:
        for user in users:
            await tx.run(JOIN, discussion_id=discussion, user_id=user, post_count=1)
        queued.extend(users)

    async def join_and_read(tx: Transaction, *users: int) -> set[int]:
        await join(tx, *users)
        return {row.user_id for row in await tx.rows(PEOPLE)} & {*others}

    # Twice, since the first time on a connection each command is sent by itself.
    for work in (join, join_and_read) * 2:
        queued.clear()
        with pytest.raises(DRIVER_ERRORS):
            await database.write(lambda tx: work(tx, others[0], others[0], others[1]))  # noqa: B023
        assert queued
        assert not {row.user_id for row in await database.rows(PEOPLE)} & {*others}
    # The connection is as good as before.
    assert await database.write(lambda tx: join_and_read(tx, *others)) == {*others}


async def test_a_transaction_that_fails_before_it_reads_never_begins(database: Database) -> None:
    async def fail(tx: Transaction) -> None:
        # Nobody is there to join anything.
        await tx.run(JOIN, discussion_id=0, user_id=0, post_count=1)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.write(fail)
    async with database.transaction():
        pass
    assert 0 not in {row.user_id for row in await database.rows(PEOPLE)}
