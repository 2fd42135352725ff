"""The feed: every reply once, the positions without gaps, each discussion in order, whatever becomes of its movers."""

import asyncio
import random
from collections.abc import AsyncIterator

import asyncpg
import pytest
from sqlalchemy import Connection, text

import db.feed
from db import migrate
from db.database import Database, Transaction
from db.rows import FeedRow
from db.statements import Command
from forum.errors import DiscussionLocked
from tests.db import feeds, logs
from tests.support.backends import Backend

pytestmark = pytest.mark.anyio

WRITERS = 8
WRITES = 20
MOVERS = 3

RENAMED_BACK = (
    "ALTER TABLE discussions RENAME COLUMN epoch TO tag",
    "ALTER TABLE events RENAME COLUMN epoch TO tag",
    "ALTER TABLE quotes RENAME COLUMN notified_version TO told_version",
    "ALTER TABLE pending_quote_notifications RENAME TO untold_sources",
)
"""What revision 0005 renamed of the tables that were there at revision 0001."""


@pytest.fixture
async def url(backend: Backend) -> str:
    return backend.migrated_database()


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    async with Database(url) as opened:
        yield opened


async def test_eight_writers_and_three_movers_make_one_feed_that_readers_read_as_it_grows(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db.feed, "MOVED_AT_ONCE", 7)
    chance = random.Random(8)
    discussions = await feeds.discussions(database, 5)
    written: list[feeds.Reply] = []
    refused = 0

    async def writer() -> None:
        nonlocal refused
        author = await feeds.person(database)

        async def work(tx: Transaction, discussion: int, *, fails: bool) -> feeds.Reply:
            _, number = await feeds.add(tx, discussion, author)
            await asyncio.sleep(random.uniform(0, 0.002))
            if fails:
                raise DiscussionLocked("No.")
            return discussion, number

        for _ in range(WRITES):
            discussion, fails = chance.choice(discussions), chance.random() < 0.2
            try:
                written.append(await database.write(lambda tx: work(tx, discussion, fails=fails)))  # noqa: B023
            except DiscussionLocked:
                refused += 1

    async def mover() -> None:
        over = False
        while not over:
            over = writing.done()
            while (await database.write(db.feed.move)) != 0:
                await asyncio.sleep(0)
            await asyncio.sleep(random.uniform(0, 0.004))

    async def reader() -> list[FeedRow]:
        heard: list[FeedRow] = []
        while True:
            over = moving.done()
            page = await feeds.fed(database, heard[-1].event_number if heard else 0, 30)
            heard += page
            if over and not page:
                return heard
            await asyncio.sleep(0)

    writing = asyncio.gather(*(writer() for _ in range(WRITERS)))
    moving = asyncio.gather(*(mover() for _ in range(MOVERS)))
    heard, again, *_ = await asyncio.gather(reader(), reader(), writing, moving)
    assert refused > WRITERS
    feeds.assert_holds_once_and_in_order(feeds.named(heard), written)
    assert [row.event_number for row in heard] == list(range(1, len(written) + 1))
    assert [(row.event_number, row.epoch) for row in again] == [(row.event_number, row.epoch) for row in heard]
    (standing,) = await database.rows(db.feed.standing)
    assert (standing.last_event, standing.last_epoch) == (len(written), heard[-1].epoch)
    assert not standing.waiting


async def test_only_replies_enter_the_feed(database: Database) -> None:
    (discussion,) = await feeds.discussions(database, 1)
    author = await feeds.person(database)
    await logs.append_events(database, discussion, 2)
    assert await database.write(db.feed.move) == 0
    assert await feeds.reply(database, discussion, author) == (discussion, 3)
    (standing,) = await database.rows(db.feed.standing)
    assert standing.waiting
    assert await database.write(db.feed.move) == 1
    assert feeds.named(await feeds.fed(database)) == [(discussion, 3)]


@pytest.mark.parametrize("step", ["_copy", "_drop", "_set_last"])
async def test_a_move_that_crashes_in_the_middle_leaves_all_as_it_was(
    database: Database, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    discussions = await feeds.discussions(database, 3)
    author = await feeds.person(database)
    written = [await feeds.reply(database, discussion, author) for discussion in discussions]
    runs = {"rows": Transaction.rows, "run": Transaction.run}
    crashing = getattr(db.feed, step)

    async def crash_after_rows(tx: Transaction, statement: object, **parameters: object) -> object:
        rows = await runs["rows"](tx, statement, **parameters)  # type: ignore[operator]
        if statement is crashing:
            raise ConnectionError("In the middle.")
        return rows

    async def crash_after_run(tx: Transaction, statement: object, **parameters: object) -> None:
        await runs["run"](tx, statement, **parameters)  # type: ignore[operator]
        if statement is crashing:
            raise ConnectionError("In the middle.")

    with monkeypatch.context() as crashes:
        crashes.setattr(Transaction, "rows", crash_after_rows)
        crashes.setattr(Transaction, "run", crash_after_run)
        with pytest.raises(ConnectionError):
            await database.write(db.feed.move)
    assert await feeds.fed(database) == []
    assert await database.write(db.feed.move) == 3
    moved = await feeds.fed(database)
    feeds.assert_holds_once_and_in_order(feeds.named(moved), written)
    assert [row.event_number for row in moved] == [1, 2, 3]


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
async def test_a_writer_that_is_stuck_holds_up_nobody_else_and_loses_nothing(database: Database) -> None:
    stuck, free = await feeds.discussions(database, 2)
    author = await feeds.person(database)
    go_on = asyncio.Event()
    written = asyncio.Event()

    async def work(tx: Transaction) -> None:
        await feeds.add(tx, stuck, author)
        # All is written that a write writes, and only the commit is missing.
        await tx.flush_events()
        tx._events, tx._reserved = [], 0
        written.set()
        await go_on.wait()

    late = asyncio.create_task(database.write(work))
    await written.wait()
    for turn in range(1, 4):
        await feeds.reply(database, free, author)
        assert await database.write(db.feed.move) == 1
        assert len(await feeds.fed(database)) == turn
    go_on.set()
    await late
    assert await database.write(db.feed.move) == 1
    assert feeds.named(await feeds.fed(database)) == [(free, 1), (free, 2), (free, 3), (stuck, 1)]


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
async def test_a_mover_that_stops_in_the_middle_is_ended_by_the_database(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db.feed, "IDLE_MILLISECONDS", 100)
    # Built anew, as its text is kept.
    monkeypatch.setattr(db.feed, "_hurry", Command(db.feed._end_me_if_idle))
    (discussion,) = await feeds.discussions(database, 1)
    await feeds.reply(database, discussion, await feeds.person(database))
    holds = asyncio.Event()
    go_on = asyncio.Event()

    async def stop_in_the_middle(tx: Transaction) -> None:
        assert await db.feed.move(tx) == 1
        holds.set()
        await go_on.wait()

    stopped = asyncio.create_task(database.write(stop_in_the_middle))
    await holds.wait()
    try:
        assert await database.write(db.feed.move) is None
        async with asyncio.timeout(20):
            while await database.write(db.feed.move) is None:
                await asyncio.sleep(0.01)
        assert feeds.named(await feeds.fed(database)) == [(discussion, 1)]
    finally:
        # A database is not closed before its writes have ended.
        go_on.set()
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await stopped
    assert [row.event_number for row in await feeds.fed(database)] == [1]


async def test_whom_a_reply_answers_quotes_and_mentions_stands_with_it(database: Database) -> None:
    starter, parent, quoted, named, mentioned = [await feeds.person(database) for _ in range(5)]
    discussion = await feeds.discussion(database, starter)
    answered, _ = await database.write(lambda tx: feeds.add(tx, discussion, parent))
    source, _ = await database.write(lambda tx: feeds.add(tx, discussion, quoted))

    async def talk(tx: Transaction) -> None:
        post = feeds.post(quotes=[(source, None), (None, named), (source, None)], mentions=[mentioned, None])
        await feeds.add(tx, discussion, starter, answered, post=post)

    await database.write(talk)
    await database.write(db.feed.move)
    first, second, talks = await feeds.fed(database)
    everyone = [starter, parent, quoted, named, mentioned]
    assert [[person for person in everyone if row.is_to(person)] for row in (first, second)] == [[starter], [starter]]
    assert [person for person in everyone if talks.is_to(person)] == [parent, quoted, named, mentioned]
    assert [row.author_id for row in (first, second, talks)] == [parent, quoted, starter]


async def test_the_replies_that_were_there_before_the_feed_are_in_it_after_the_migration(
    backend: Backend, url: str
) -> None:
    async with Database(url) as database:
        discussions = await feeds.discussions(database, 4)
        author = await feeds.person(database)
        chance = random.Random(2)
        written = [await feeds.reply(database, chance.choice(discussions), author) for _ in range(30)]
        await logs.append_events(database, discussions[0], 3)

    def forget(connection: Connection) -> None:
        for table in ("feed", "feed_outbox", "feed_head", "post_search"):
            connection.execute(text(f"DROP TABLE {table}"))
        for later in ("DROP INDEX ix_users_suspended", "ALTER TABLE users DROP COLUMN suspended_at", *RENAMED_BACK):
            connection.execute(text(later))
        if backend.name == "postgresql":
            for part in ("pk_{}", "fk_{}_post_id"):
                new, old = part.format("pending_quote_notifications"), part.format("untold_sources")
                connection.execute(text(f"ALTER TABLE untold_sources RENAME CONSTRAINT {new} TO {old}"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        # The clock of one write was wrong: the log's order counts.
        first, number = next(reply for reply in written if reply[1] == 2)
        connection.execute(
            text("UPDATE events SET at = (SELECT min(at) FROM events) WHERE discussion_id = :d AND number = :n"),
            {"d": first, "n": number},
        )

    await migrate.transact(url, forget)
    await migrate.migrate(url)
    async with Database(url) as database:
        feeds.assert_holds_once_and_in_order(feeds.named(await feeds.fed(database)), written)
        assert [row.event_number for row in await feeds.fed(database)] == list(range(1, 31))
        written.append(await feeds.reply(database, discussions[0], author))
        await database.write(db.feed.move)
        feeds.assert_holds_once_and_in_order(feeds.named(await feeds.fed(database)), written)
