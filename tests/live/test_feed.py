"""The feed over a real database: followers receive every reply once, each discussion in order, whatever breaks."""

import asyncio
import random
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager, closing
from dataclasses import dataclass
from typing import Any, cast

import asyncpg
import pytest
from sqlalchemy import delete, select, update

import db.events
import db.feed
import live.follower
import live.tail
from db.database import Database, Transaction
from db.drivers import DRIVER_ERRORS
from db.logs import FEED
from db.rows import FeedRow
from db.statements import WriteStatement
from db.tables import feed as feed_table
from db.tables import log_heads
from live.bus import Bus
from live.cursors import BadCursor, Cursor, Resync
from live.feed import EVERYTHING, Feed, Filter
from live.follower import Batch
from tests.db import feeds
from tests.live.brokers import until
from tests.live.services import NEVER, OFTEN
from tests.support.backends import Backend
from tests.support.servers import PostgreSQL

pytestmark = pytest.mark.anyio

WRITERS = 8
WRITES = 15
PATIENCE_SECONDS = 40


@dataclass
class Process:
    """A database, a bus of its own and a feed: notifications of other processes never arrive here."""

    database: Database
    feed: Feed

    async def receive(
        self, last: feeds.Reply | None = None, after: Cursor | None = None, chosen: Filter = EVERYTHING
    ) -> tuple[list[feeds.Reply], Cursor]:
        """What a follower hears up to the reply `last`, or until it has caught up; and its cursor then."""
        received: list[feeds.Reply] = []
        async with asyncio.timeout(PATIENCE_SECONDS), aclosing(self.feed.events(chosen, after)) as batches:
            async for batch in batches:
                received += replies(batch)
                after = batch.cursor
                if last in received if last else batch.caught_up:
                    break
        assert after is not None
        return received, after


def replies(batch: Batch) -> list[feeds.Reply]:
    return feeds.replies(cast(Sequence[FeedRow], batch.events))


@asynccontextmanager
async def process(url: str, *, poll: tuple[float, float] = NEVER) -> AsyncIterator[Process]:
    """A process in which nobody is left when it ends."""
    bus = Bus("memory://")
    async with Database(url, notify=bus.notify) as database:
        feed = Feed(database, bus, poll_seconds=poll)
        await bus.start()
        await feed.start()
        try:
            yield Process(database, feed)
            assert feed.followers == 0
            assert feed.followed == 0
        finally:
            await feed.stop()
            await bus.stop()


@pytest.fixture
def url(backend: Backend) -> str:
    return backend.migrated_database()


@pytest.fixture
async def here(url: str) -> AsyncIterator[Process]:
    async with process(url) as running:
        yield running


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A ring, pages and moves that even short feeds exceed."""
    monkeypatch.setattr(live.tail, "RING_SIZE", 7)
    monkeypatch.setattr(live.tail, "PAGE_SIZE", 3)
    monkeypatch.setattr(live.follower, "PAGE_SIZE", 3)
    monkeypatch.setattr(db.feed, "MAX_SEQUENCED_AT_ONCE", 4)


@pytest.mark.usefixtures("small")
async def test_followers_of_two_processes_receive_all_of_eight_writers(url: str) -> None:
    chance = random.Random(8)
    async with process(url, poll=OFTEN) as one, process(url, poll=OFTEN) as other:
        discussions = await feeds.discussions(one.database, 6)
        authors = [await feeds.person(one.database) for _ in range(WRITERS)]
        written: list[tuple[feeds.Reply, int]] = []
        begin = await one.feed.latest()

        async def write(author: int) -> None:
            for _ in range(WRITES):
                writer = chance.choice([one, other])
                written.append((await feeds.reply(writer.database, chance.choice(discussions), author), author))

        async def follow(author: int | None) -> None:
            """Comes and goes, at one process or the other; what it did not handle when it went, it never received."""
            received: list[feeds.Reply] = []
            chosen, after = Filter(author=author), begin
            all_of_them = WRITES if author else WRITERS * WRITES
            while len(received) < all_of_them:
                here = chance.choice([one, other])
                async with asyncio.timeout(PATIENCE_SECONDS), aclosing(here.feed.events(chosen, after)) as batches:
                    async for batch in batches:
                        handled = batch.events[: chance.randrange(1, 5)]
                        for event in cast(Sequence[FeedRow], handled):
                            received.append((event.discussion_id, event.number))
                            after = Cursor(FEED, event.event_number, event.epoch)
                        if len(handled) < len(batch.events) or len(received) == all_of_them or chance.random() < 0.1:
                            break
            more, _ = await one.receive(after=after, chosen=chosen)
            wanted = [reply for reply, by in written if author in (None, by)]
            feeds.assert_each_once_in_order(received + more, wanted)

        followers = [None, None, None, None, authors[0], authors[1]]
        await asyncio.gather(*map(write, authors), *map(follow, followers))


async def test_earlier_replies_are_replayed_and_new_ones_received_at_once(here: Process) -> None:
    (discussion,) = await feeds.discussions(here.database, 1)
    author = await feeds.person(here.database)
    begin = await here.feed.latest()
    missed = [await feeds.reply(here.database, discussion, author) for _ in range(3)]
    # Nobody has moved them: whoever comes has it done, and hears them before it is told that it caught up.
    assert (await here.receive(after=begin))[0] == missed
    await feeds.reply(here.database, discussion, author)
    assert (await here.feed.latest()).number == 4
    async with asyncio.timeout(PATIENCE_SECONDS), aclosing(here.feed.events()) as batches:
        first = await anext(batches)
        assert (first.events, first.caught_up, first.cursor.number) == ([], True, 4)
        for _ in range(3):
            reply = await feeds.reply(here.database, discussion, author)
            batch = await anext(batches)
            assert (replies(batch), batch.caught_up) == ([reply], False)


async def test_process_without_followers_sequences_at_its_poll(url: str) -> None:
    async with process(url, poll=OFTEN) as here:
        (discussion,) = await feeds.discussions(here.database, 1)
        reply = await feeds.reply(here.database, discussion, await feeds.person(here.database))
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not (found := await feeds.items(here.database)):
                await asyncio.sleep(0.005)
        assert feeds.replies(found) == [reply]


async def test_follower_receives_other_replies_while_one_writer_is_stalled(here: Process, backend: Backend) -> None:
    stuck, free = await feeds.discussions(here.database, 2)
    author = await feeds.person(here.database)
    go_on, written = asyncio.Event(), asyncio.Event()

    async def work(tx: Transaction) -> None:
        await feeds.add(tx, stuck, author)
        written.set()
        await go_on.wait()

    begin = await here.feed.latest()
    late = asyncio.create_task(here.database.write(work))
    await written.wait()
    others = [asyncio.create_task(feeds.reply(here.database, free, author)) for _ in range(3)]
    if backend.name == "postgresql":
        # SQLite has one writer: there the others wait for it.
        received, begin = await here.receive((free, 3), begin)
        assert received == [(free, 1), (free, 2), (free, 3)]
    go_on.set()
    await asyncio.gather(late, *others)
    rest, _ = await here.receive(after=begin)
    feeds.assert_each_once_in_order(
        rest, [(stuck, 1)] if backend.name == "postgresql" else [(stuck, 1), (free, 1), (free, 2), (free, 3)]
    )


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
async def test_followers_wait_while_another_process_locks_the_feed(url: str) -> None:
    async with process(url) as here, aclosing(here.feed.events()) as batches:
        assert (await anext(batches)).caught_up
        (discussion,) = await feeds.discussions(here.database, 1)
        author = await feeds.person(here.database)
        holder = await asyncpg.connect(url)
        transaction = holder.transaction()
        await transaction.start()
        await holder.execute("SELECT 1 FROM log_heads WHERE log_id = 0 FOR UPDATE")
        written = [await feeds.reply(here.database, discussion, author) for _ in range(3)]
        upcoming = asyncio.ensure_future(anext(batches))
        reads = here.database.statement_count
        await until(lambda: here.database.statement_count > reads + 5)
        assert not upcoming.done()
        await transaction.rollback()
        await holder.close()
        assert replies(await asyncio.wait_for(upcoming, PATIENCE_SECONDS)) == written


async def test_follower_receives_all_once_while_sequencers_crash(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("live.reads.RETRY_SECONDS", 0.01)
    chance = random.Random(4)
    rows: Any = Transaction.rows
    crashes = 0

    async def often_crash(tx: Transaction, statement: object, **parameters: object) -> object:
        nonlocal crashes
        found = await rows(tx, statement, **parameters)
        if statement is db.feed.feed.copy and chance.random() < 0.5:
            crashes += 1
            raise DRIVER_ERRORS[0]("In the middle of a move.")
        return found

    async with process(url, poll=OFTEN) as here:
        discussions = await feeds.discussions(here.database, 3)
        author = await feeds.person(here.database)
        begin = await here.feed.latest()
        monkeypatch.setattr(Transaction, "rows", often_crash)
        follower = asyncio.create_task(here.receive((discussions[0], 21), begin))
        written = [await feeds.reply(here.database, chance.choice(discussions[1:]), author) for _ in range(30)]
        written += [await feeds.reply(here.database, discussions[0], author) for _ in range(21)]
        received, _ = await follower
        assert crashes
        feeds.assert_each_once_in_order(received, [reply for reply in written if reply in set(received)])
        monkeypatch.undo()
        feeds.assert_each_once_in_order((await here.receive(after=begin))[0], written)


async def test_filters_select_by_category_author_and_user_and_combine(here: Process) -> None:
    ada, grace, mo = [await feeds.person(here.database) for _ in range(3)]
    category = await feeds.category(here.database)
    categorised = await feeds.discussion(here.database, ada, category)
    uncategorised = await feeds.discussion(here.database, grace)
    begin = await here.feed.latest()
    by_grace = await feeds.reply(here.database, categorised, grace)
    by_mo = await feeds.reply(here.database, uncategorised, mo)
    by_ada = await feeds.reply(here.database, uncategorised, ada)
    for chosen, wanted in (
        (EVERYTHING, [by_grace, by_mo, by_ada]),
        (Filter(category=category), [by_grace]),
        (Filter(category=None), [by_mo, by_ada]),
        (Filter(category=0), []),
        (Filter(author=mo), [by_mo]),
        (Filter(to=grace), [by_mo, by_ada]),
        (Filter(to=grace, author=ada), [by_ada]),
        (Filter(category=category, to=grace), []),
    ):
        received, after = await here.receive(after=begin, chosen=chosen)
        feeds.assert_each_once_in_order(received, wanted)
        # The end of the replay carries the cursor past what was filtered out.
        assert after.number == begin.number + 3
        assert await here.receive(after=after, chosen=chosen) == ([], after)


@pytest.mark.usefixtures("small")
async def test_follower_whose_filter_leaves_out_many_replies_gets_positions(
    here: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live.follower, "MAX_FILTERED_EVENTS", 10)
    ada, grace = [await feeds.person(here.database) for _ in range(2)]
    discussion = await feeds.discussion(here.database, ada)
    begin = await here.feed.latest()
    for _ in range(25):
        await feeds.reply(here.database, discussion, ada)
    async with (
        asyncio.timeout(PATIENCE_SECONDS),
        aclosing(here.feed.events(Filter(author=grace), begin)) as batches,
    ):
        # During the replay it can't be told that it caught up.
        assert await anext(batches) == Batch([], await here.feed.latest(), True)
        upcoming = asyncio.ensure_future(anext(batches))
        for _ in range(30):
            await feeds.reply(here.database, discussion, ada)
        batch = await upcoming
        assert (batch.events, batch.caught_up) == ([], True)
        assert 35 <= batch.cursor.number < 35 + live.tail.PAGE_SIZE
        last = await feeds.reply(here.database, discussion, grace)
        while not batch.events:
            batch = await anext(batches)
        assert (replies(batch), batch.caught_up) == ([last], False)


async def test_filter_of_a_replay_applies_to_what_was_so_then(here: Process) -> None:
    ada, grace = [await feeds.person(here.database) for _ in range(2)]
    discussion = await feeds.discussion(here.database, ada)
    begin = await here.feed.latest()
    async with aclosing(here.feed.events()) as keeps_the_ring:
        assert (await anext(keeps_the_ring)).caught_up
        post, _ = await here.database.write(lambda tx: feeds.add(tx, discussion, grace))
        assert len((await anext(keeps_the_ring)).events) == 1
        assert (await here.receive(after=begin, chosen=Filter(author=grace)))[0] == [(discussion, 1)]
        await feeds.delete(here.database, post, grace)
        # Whoever keeps copies of her posts has to hear that one was deleted.
        assert (await here.receive(after=begin, chosen=Filter(author=grace)))[0] == [(discussion, 1), (discussion, 2)]
        assert (await here.receive(after=begin, chosen=Filter(author=ada)))[0] == []


@pytest.mark.parametrize(
    "refused",
    [
        pytest.param((1, 1, None, BadCursor), id="of a discussion"),
        pytest.param((FEED, 1, b"another.", Resync), id="another epoch"),
        pytest.param((FEED, 3, None, Resync), id="beyond the end"),
        pytest.param((FEED, 0, b"another.", Resync), id="another beginning"),
    ],
)
async def test_rejected_cursor_leaves_no_follower_or_tail_behind(
    here: Process, refused: tuple[int, int, bytes | None, type[Exception]]
) -> None:
    of, number, epoch, refusal = refused
    (discussion,) = await feeds.discussions(here.database, 1)
    for _ in range(2):
        await feeds.reply(here.database, discussion, await feeds.person(here.database))
    await here.receive()
    (row, *_) = await feeds.items(here.database)
    with pytest.raises(refusal):
        await here.receive(after=Cursor(of, number, epoch or row.epoch))


async def test_cursor_below_the_floor_raises_log_trimmed(here: Process) -> None:
    begin = await here.feed.latest()
    (discussion,) = await feeds.discussions(here.database, 1)
    await feeds.reply(here.database, discussion, await feeds.person(here.database))
    _, after = await here.receive()
    await here.database.write(lambda tx: tx.run(db.events.set_floor, log=FEED, floor=1))
    with pytest.raises(Resync) as resync:
        await here.receive(after=begin)
    assert resync.value.reason == "LOG_TRIMMED"
    assert await here.receive(after=after) == ([], after)


def copied(url: str, backend: Backend, request: pytest.FixtureRequest) -> str:
    """A backup of a database that nobody is using."""
    if backend.name == "postgresql":
        server: PostgreSQL = request.getfixturevalue("postgresql")
        return server.new_database(template=url)
    copy = backend.new_database()
    with (
        closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as source,
        closing(sqlite3.connect(copy.removeprefix("sqlite:///"))) as target,
    ):
        source.backup(target)
    return copy


async def test_cursor_from_after_a_restored_backup_raises_history_changed(
    url: str, backend: Backend, request: pytest.FixtureRequest
) -> None:
    async with process(url) as here:
        first, second, third = await feeds.discussions(here.database, 3)
        author = await feeds.person(here.database)
        await feeds.reply(here.database, first, author)
        _, kept = await here.receive()
    async with Database(url) as database:
        # In the backup these two wait to be moved.
        for discussion in (first, third):
            await feeds.reply(database, discussion, author)
    backup = copied(url, backend, request)
    async with process(url) as here:
        await feeds.reply(here.database, second, author)
        lost, after = await here.receive(after=kept)
        assert lost == [(first, 2), (third, 1), (second, 1)]
    async with process(backup) as here:
        # Now the last of them comes to the same position, after another one than in the lost future.
        await feeds.reply(here.database, first, author)
        received, _ = await here.receive(after=kept)
        assert received == [(first, 2), (third, 1), (first, 3)]
        with pytest.raises(Resync) as resync:
            await here.receive(after=after)
        assert (resync.value.reason, resync.value.cursor) == ("HISTORY_CHANGED", after)


_CUT = WriteStatement(delete(feed_table).where(feed_table.c.position > 1))
_SET_LAST = WriteStatement(
    update(log_heads)
    .where(log_heads.c.log_id == FEED)
    .values(last_event=1, last_epoch=select(feed_table.c.epoch).where(feed_table.c.position == 1).scalar_subquery())
)


async def test_followers_get_history_changed_when_the_history_changes(url: str) -> None:
    async with process(url, poll=OFTEN) as here:
        (discussion,) = await feeds.discussions(here.database, 1)
        author = await feeds.person(here.database)
        for _ in range(3):
            await feeds.reply(here.database, discussion, author)
        follower = asyncio.create_task(here.receive((discussion, 100)))
        await until(lambda: here.feed.followers == 1)

        async def lose(tx: Transaction) -> None:
            await tx.run(_CUT)
            await tx.run(_SET_LAST)

        await here.database.write(lose)
        with pytest.raises(Resync) as resync:
            await follower
        assert (resync.value.reason, resync.value.cursor.number) == ("HISTORY_CHANGED", 3)
        reply = await feeds.reply(here.database, discussion, author)
        async with aclosing(here.feed.events()) as batches:
            assert (await anext(batches)).caught_up
            assert feeds.replies(await feeds.items(here.database))[1:] == [reply]


async def test_joining_and_leaving_at_any_moment_affects_no_other_follower(here: Process) -> None:
    chance = random.Random(5)
    (discussion,) = await feeds.discussions(here.database, 1)
    author = await feeds.person(here.database)
    begin = await here.feed.latest()

    async def come_and_go() -> None:
        for _ in range(12):
            follower = asyncio.create_task(here.receive((discussion, 1_000), chance.choice([begin, None])))
            for _ in range(chance.choice([0, 1, 2, 3, 5, 8, 13, 21, 34])):
                await asyncio.sleep(0)
            if chance.random() < 0.3:
                await asyncio.sleep(chance.random() * 0.01)
            follower.cancel()
            await asyncio.wait([follower])
            assert follower.cancelled()

    async def receive_new_replies() -> None:
        # Each of these joins among those that come and go, and no poll helps it.
        for _ in range(6):
            async with asyncio.timeout(PATIENCE_SECONDS), aclosing(here.feed.events()) as batches:
                began = await anext(batches)
                reply = await feeds.reply(here.database, discussion, author)
                received: list[feeds.Reply] = []
                while reply not in received:
                    received += replies(await anext(batches))
                assert began.caught_up

    await asyncio.gather(*(come_and_go() for _ in range(8)), *(receive_new_replies() for _ in range(3)))
