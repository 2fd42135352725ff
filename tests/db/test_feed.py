"""The feed holds every reply once, without gaps, each discussion in order, whatever happens to its sequencers."""

import asyncio
import random
from collections.abc import AsyncIterator

import asyncpg
import pytest

import db.feed
from db.database import Database, Transaction
from db.rows import FeedRow
from db.statements import WriteStatement
from forum.errors import DiscussionLocked
from tests.db import feeds, logs
from tests.support.backends import Backend

pytestmark = pytest.mark.anyio

WRITERS = 8
WRITES = 20
SEQUENCERS = 3


@pytest.fixture
async def url(backend: Backend) -> str:
    return backend.migrated_database()


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    async with Database(url) as opened:
        yield opened


async def test_three_sequencers_make_one_feed_of_the_replies_of_eight_writers(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db.feed, "MAX_SEQUENCED_AT_ONCE", 7)
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

    async def sequencer() -> None:
        over = False
        while not over:
            over = writing.done()
            while (await database.write(db.feed.sequence)) != 0:
                await asyncio.sleep(0)
            await asyncio.sleep(random.uniform(0, 0.004))

    async def reader() -> list[FeedRow]:
        received: list[FeedRow] = []
        while True:
            over = sequencing.done()
            page = await feeds.items(database, received[-1].event_number if received else 0, 30)
            received += page
            if over and not page:
                return received
            await asyncio.sleep(0)

    writing = asyncio.gather(*(writer() for _ in range(WRITERS)))
    sequencing = asyncio.gather(*(sequencer() for _ in range(SEQUENCERS)))
    received, again, *_ = await asyncio.gather(reader(), reader(), writing, sequencing)
    assert refused > WRITERS
    feeds.assert_each_once_in_order(feeds.replies(received), written)
    assert [row.event_number for row in received] == list(range(1, len(written) + 1))
    assert [(row.event_number, row.epoch) for row in again] == [(row.event_number, row.epoch) for row in received]
    (head,) = await database.rows(db.feed.feed.head)
    assert (head.last_event, head.last_epoch) == (len(written), received[-1].epoch)
    assert not head.pending


async def test_events_of_all_kinds_enter_the_feed_in_the_order_of_their_commits(database: Database) -> None:
    here, there = await feeds.discussions(database, 2)
    author = await feeds.person(database)
    assert await database.write(db.feed.sequence) == 0
    await logs.append_events(database, there, 2)
    assert await feeds.reply(database, here, author) == (here, 1)
    assert await feeds.reply(database, there, author) == (there, 3)
    (head,) = await database.rows(db.feed.feed.head)
    assert head.pending
    assert await database.write(db.feed.sequence) == 4
    assert feeds.replies(await feeds.items(database)) == [(there, 1), (there, 2), (here, 1), (there, 3)]


@pytest.mark.parametrize("step", ["copy", "drop", "_set_last"])
async def test_sequencer_that_crashes_leaves_everything_as_it_was(
    database: Database, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    discussions = await feeds.discussions(database, 3)
    author = await feeds.person(database)
    written = [await feeds.reply(database, discussion, author) for discussion in discussions]
    runs = {"rows": Transaction.rows, "run": Transaction.run}
    crashing = getattr(db.feed if step.startswith("_") else db.feed.feed, step)

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
            await database.write(db.feed.sequence)
    assert await feeds.items(database) == []
    assert await database.write(db.feed.sequence) == 3
    sequenced = await feeds.items(database)
    feeds.assert_each_once_in_order(feeds.replies(sequenced), written)
    assert [row.event_number for row in sequenced] == [1, 2, 3]


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
async def test_stalled_writer_delays_no_other_and_loses_nothing(database: Database) -> None:
    stuck, free = await feeds.discussions(database, 2)
    author = await feeds.person(database)
    go_on = asyncio.Event()
    written = asyncio.Event()

    async def work(tx: Transaction) -> None:
        await feeds.add(tx, stuck, author)
        # All is written that a write writes, and only the commit is missing.
        await tx.flush_events()
        tx._events, tx._epochs = [], []
        written.set()
        await go_on.wait()

    late = asyncio.create_task(database.write(work))
    await written.wait()
    for turn in range(1, 4):
        await feeds.reply(database, free, author)
        assert await database.write(db.feed.sequence) == 1
        assert len(await feeds.items(database)) == turn
    go_on.set()
    await late
    assert await database.write(db.feed.sequence) == 1
    assert feeds.replies(await feeds.items(database)) == [(free, 1), (free, 2), (free, 3), (stuck, 1)]


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
async def test_database_ends_a_sequencer_that_stops_in_the_middle(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db.feed, "MAX_IDLE_MILLISECONDS", 1_000)
    # Built again, as its text is kept.
    monkeypatch.setattr(db.feed, "set_idle_limit", WriteStatement(db.feed._limit_idle_time))
    (discussion,) = await feeds.discussions(database, 1)
    await feeds.reply(database, discussion, await feeds.person(database))
    holds = asyncio.Event()
    go_on = asyncio.Event()

    async def stop_in_the_middle(tx: Transaction) -> None:
        assert await db.feed.sequence(tx) == 1
        holds.set()
        await go_on.wait()

    stopped = asyncio.create_task(database.write(stop_in_the_middle))
    await holds.wait()
    try:
        assert await database.write(db.feed.sequence) is None
        async with asyncio.timeout(20):
            while await database.write(db.feed.sequence) is None:
                await asyncio.sleep(0.01)
        assert feeds.replies(await feeds.items(database)) == [(discussion, 1)]
    finally:
        # A database is not closed before its writes have ended.
        go_on.set()
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)):
        await stopped
    assert [row.event_number for row in await feeds.items(database)] == [1]


async def test_feed_item_names_users_that_are_answered_quoted_and_mentioned(database: Database) -> None:
    starter, parent, quoted, named, mentioned = [await feeds.person(database) for _ in range(5)]
    discussion = await feeds.discussion(database, starter)
    answered, _ = await database.write(lambda tx: feeds.add(tx, discussion, parent))
    source, _ = await database.write(lambda tx: feeds.add(tx, discussion, quoted))

    async def talk(tx: Transaction) -> None:
        post = feeds.post(quotes=[(source, None), (None, named), (source, None)], mentions=[mentioned, None])
        await feeds.add(tx, discussion, starter, answered, post=post)

    await database.write(talk)
    await database.write(db.feed.sequence)
    first, second, talks = await feeds.items(database)
    everyone = [starter, parent, quoted, named, mentioned]
    assert [[person for person in everyone if row.is_to(person)] for row in (first, second)] == [[starter], [starter]]
    assert [person for person in everyone if talks.is_to(person)] == [parent, quoted, named, mentioned]
    assert [row.author_id for row in (first, second, talks)] == [parent, quoted, starter]
