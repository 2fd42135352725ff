"""The feed over a real database: every follower hears every reply once, each discussion in order, whatever breaks."""

import asyncio
import random
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager, closing
from dataclasses import dataclass
from typing import Any, cast

import asyncpg
import pytest
from sqlalchemy import delete, update

import db.feed
import live.feed
import live.tail
from db.database import Database, Transaction
from db.drivers import DRIVER_ERRORS
from db.rows import FeedRow
from db.statements import Command
from db.tables import feed as feed_table
from db.tables import feed_head
from live.bus import Bus
from live.cursors import FEED, BadCursor, Cursor, Resync
from live.feed import EVERYTHING, Feed, Filter
from live.hub import Batch
from tests.db import feeds
from tests.live.brokers import until
from tests.live.houses import NEVER, OFTEN
from tests.support.backends import Backend
from tests.support.servers import PostgreSQL

pytestmark = pytest.mark.anyio

WRITERS = 8
WRITES = 15
PATIENCE_SECONDS = 40


@dataclass
class Process:
    """A database, a bus of its own and a feed: bells of other processes are never heard here."""

    database: Database
    feed: Feed

    async def hear(
        self, last: feeds.Reply | None = None, after: Cursor | None = None, chosen: Filter = EVERYTHING
    ) -> tuple[list[feeds.Reply], Cursor]:
        """What a follower hears up to the reply `last`, or until it has caught up; and its cursor then."""
        heard: list[feeds.Reply] = []
        async with asyncio.timeout(PATIENCE_SECONDS), aclosing(self.feed.follow(chosen, after)) as batches:
            async for batch in batches:
                heard += named(batch)
                after = batch.cursor
                if last in heard if last else batch.caught_up:
                    break
        assert after is not None
        return heard, after


def named(batch: Batch) -> list[feeds.Reply]:
    return feeds.named(cast(Sequence[FeedRow], batch.events))


@asynccontextmanager
async def process(url: str, *, poll: tuple[float, float] = NEVER) -> AsyncIterator[Process]:
    """A process in which nobody is left when it ends."""
    bus = Bus("memory://")
    async with Database(url, notify=bus.ring) as database:
        feed = Feed(database, bus, poll_seconds=poll)
        await bus.start()
        await feed.start()
        try:
            yield Process(database, feed)
            assert feed.followers == 0
            assert (feed._tail, feed._readers) == (None, {})
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
    monkeypatch.setattr(live.tail, "RING", 7)
    monkeypatch.setattr(live.tail, "PAGE", 3)
    monkeypatch.setattr(live.feed, "PAGE", 3)
    monkeypatch.setattr(db.feed, "MOVED_AT_ONCE", 4)


@pytest.mark.usefixtures("small")
async def test_all_who_follow_and_come_back_in_two_processes_hear_all_of_eight_writers(url: str) -> None:
    chance = random.Random(8)
    async with process(url, poll=OFTEN) as one, process(url, poll=OFTEN) as other:
        discussions = await feeds.discussions(one.database, 6)
        authors = [await feeds.person(one.database) for _ in range(WRITERS)]
        written: list[tuple[feeds.Reply, int]] = []
        begin = await one.feed.now()

        async def write(author: int) -> None:
            for _ in range(WRITES):
                writer = chance.choice([one, other])
                written.append((await feeds.reply(writer.database, chance.choice(discussions), author), author))

        async def follow(author: int | None) -> None:
            """Comes and goes, at one process or the other; what it did not handle when it went, it never heard."""
            heard: list[feeds.Reply] = []
            chosen, after = Filter(author=author), begin
            all_of_them = WRITES if author else WRITERS * WRITES
            while len(heard) < all_of_them:
                here = chance.choice([one, other])
                async with asyncio.timeout(PATIENCE_SECONDS), aclosing(here.feed.follow(chosen, after)) as batches:
                    async for batch in batches:
                        handled = batch.events[: chance.randrange(1, 5)]
                        for event in cast(Sequence[FeedRow], handled):
                            heard.append((event.discussion_id, event.number))
                            after = Cursor(FEED, event.event_number, event.epoch)
                        if len(handled) < len(batch.events) or len(heard) == all_of_them or chance.random() < 0.1:
                            break
            more, _ = await one.hear(after=after, chosen=chosen)
            wanted = [reply for reply, by in written if author in (None, by)]
            feeds.assert_holds_once_and_in_order(heard + more, wanted)

        followers = [None, None, None, None, authors[0], authors[1]]
        await asyncio.gather(*map(write, authors), *map(follow, followers))


async def test_what_comes_is_heard_at_once_and_what_was_committed_before_is_replayed(here: Process) -> None:
    (discussion,) = await feeds.discussions(here.database, 1)
    author = await feeds.person(here.database)
    begin = await here.feed.now()
    missed = [await feeds.reply(here.database, discussion, author) for _ in range(3)]
    # Nobody has moved them: whoever comes has it done, and hears them before it is told that it caught up.
    assert (await here.hear(after=begin))[0] == missed
    await feeds.reply(here.database, discussion, author)
    assert (await here.feed.now()).number == 4
    async with asyncio.timeout(PATIENCE_SECONDS), aclosing(here.feed.follow()) as batches:
        first = await anext(batches)
        assert (first.events, first.caught_up, first.cursor.number) == ([], True, 4)
        for _ in range(3):
            reply = await feeds.reply(here.database, discussion, author)
            batch = await anext(batches)
            assert (named(batch), batch.caught_up) == ([reply], False)


async def test_a_process_without_followers_moves_now_and_then(url: str) -> None:
    async with process(url, poll=OFTEN) as here:
        (discussion,) = await feeds.discussions(here.database, 1)
        reply = await feeds.reply(here.database, discussion, await feeds.person(here.database))
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not (found := await feeds.fed(here.database)):
                await asyncio.sleep(0.005)
        assert feeds.named(found) == [reply]


async def test_who_follows_while_a_writer_is_stuck_hears_all_others_and_loses_nothing(
    here: Process, backend: Backend
) -> None:
    stuck, free = await feeds.discussions(here.database, 2)
    author = await feeds.person(here.database)
    go_on, written = asyncio.Event(), asyncio.Event()

    async def work(tx: Transaction) -> None:
        await feeds.add(tx, stuck, author)
        written.set()
        await go_on.wait()

    begin = await here.feed.now()
    late = asyncio.create_task(here.database.write(work))
    await written.wait()
    others = [asyncio.create_task(feeds.reply(here.database, free, author)) for _ in range(3)]
    if backend.name == "postgresql":
        # SQLite has one writer: there the others wait for it.
        heard, begin = await here.hear((free, 3), begin)
        assert heard == [(free, 1), (free, 2), (free, 3)]
    go_on.set()
    await asyncio.gather(late, *others)
    rest, _ = await here.hear(after=begin)
    feeds.assert_holds_once_and_in_order(
        rest, [(stuck, 1)] if backend.name == "postgresql" else [(stuck, 1), (free, 1), (free, 2), (free, 3)]
    )


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
async def test_while_another_process_holds_the_feed_followers_wait_and_then_hear_all(url: str) -> None:
    async with process(url) as here, aclosing(here.feed.follow()) as batches:
        assert (await anext(batches)).caught_up
        (discussion,) = await feeds.discussions(here.database, 1)
        author = await feeds.person(here.database)
        holder = await asyncpg.connect(url)
        transaction = holder.transaction()
        await transaction.start()
        await holder.execute("SELECT 1 FROM feed_head FOR UPDATE")
        written = [await feeds.reply(here.database, discussion, author) for _ in range(3)]
        events_after = asyncio.ensure_future(anext(batches))
        reads = here.database.statement_count
        await until(lambda: here.database.statement_count > reads + 5)
        assert not events_after.done()
        await transaction.rollback()
        await holder.close()
        assert named(await asyncio.wait_for(events_after, PATIENCE_SECONDS)) == written


async def test_who_follows_while_movers_crash_hears_all_once(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("live.reads.RETRY_SECONDS", 0.01)
    chance = random.Random(4)
    rows: Any = Transaction.rows
    crashes = 0

    async def often_crash(tx: Transaction, statement: object, **parameters: object) -> object:
        nonlocal crashes
        found = await rows(tx, statement, **parameters)
        if statement is db.feed._copy and chance.random() < 0.5:
            crashes += 1
            raise DRIVER_ERRORS[0]("In the middle of a move.")
        return found

    async with process(url, poll=OFTEN) as here:
        discussions = await feeds.discussions(here.database, 3)
        author = await feeds.person(here.database)
        begin = await here.feed.now()
        monkeypatch.setattr(Transaction, "rows", often_crash)
        follower = asyncio.create_task(here.hear((discussions[0], 21), begin))
        written = [await feeds.reply(here.database, chance.choice(discussions[1:]), author) for _ in range(30)]
        written += [await feeds.reply(here.database, discussions[0], author) for _ in range(21)]
        heard, _ = await follower
        assert crashes
        feeds.assert_holds_once_and_in_order(heard, [reply for reply in written if reply in set(heard)])
        monkeypatch.undo()
        feeds.assert_holds_once_and_in_order((await here.hear(after=begin))[0], written)


async def test_filters_choose_by_category_author_and_person_and_all_that_are_given_hold(here: Process) -> None:
    ada, grace, mo = [await feeds.person(here.database) for _ in range(3)]
    shelf = await feeds.category(here.database)
    shelved = await feeds.discussion(here.database, ada, shelf)
    loose = await feeds.discussion(here.database, grace)
    begin = await here.feed.now()
    by_grace = await feeds.reply(here.database, shelved, grace)
    by_mo = await feeds.reply(here.database, loose, mo)
    by_ada = await feeds.reply(here.database, loose, ada)
    for chosen, wanted in (
        (EVERYTHING, [by_grace, by_mo, by_ada]),
        (Filter(category=shelf), [by_grace]),
        (Filter(category=None), [by_mo, by_ada]),
        (Filter(category=0), []),
        (Filter(author=mo), [by_mo]),
        (Filter(to=grace), [by_mo, by_ada]),
        (Filter(to=grace, author=ada), [by_ada]),
        (Filter(category=shelf, to=grace), []),
    ):
        heard, after = await here.hear(after=begin, chosen=chosen)
        feeds.assert_holds_once_and_in_order(heard, wanted)
        # The end of the replay carries the cursor past what was filtered out.
        assert after.number == 3
        assert await here.hear(after=after, chosen=chosen) == ([], after)


@pytest.mark.usefixtures("small")
async def test_who_hears_nothing_of_much_is_told_now_and_then_how_far_it_has_come(
    here: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live.feed, "PASSED_OVER", 10)
    ada, grace = [await feeds.person(here.database) for _ in range(2)]
    discussion = await feeds.discussion(here.database, ada)
    begin = await here.feed.now()
    for _ in range(25):
        await feeds.reply(here.database, discussion, ada)
    async with (
        asyncio.timeout(PATIENCE_SECONDS),
        aclosing(here.feed.follow(Filter(author=grace), begin)) as batches,
    ):
        # During the replay it can't be told that it caught up.
        assert await anext(batches) == Batch([], await here.feed.now(), True)
        events_after = asyncio.ensure_future(anext(batches))
        for _ in range(30):
            await feeds.reply(here.database, discussion, ada)
        batch = await events_after
        assert (batch.events, batch.caught_up) == ([], True)
        assert 35 <= batch.cursor.number < 35 + live.tail.PAGE
        last = await feeds.reply(here.database, discussion, grace)
        while not batch.events:
            batch = await anext(batches)
        assert (named(batch), batch.caught_up) == ([last], False)


async def test_those_who_come_back_are_told_of_what_concerns_them_as_it_is_now(here: Process) -> None:
    ada, grace = [await feeds.person(here.database) for _ in range(2)]
    discussion = await feeds.discussion(here.database, ada)
    begin = await here.feed.now()
    async with aclosing(here.feed.follow()) as keeps_the_ring:
        assert (await anext(keeps_the_ring)).caught_up
        post, _ = await here.database.write(lambda tx: feeds.add(tx, discussion, grace))
        assert len((await anext(keeps_the_ring)).events) == 1
        assert (await here.hear(after=begin, chosen=Filter(author=grace)))[0] == [(discussion, 1)]
        await feeds.delete(here.database, post, grace)
        # Whose it was is not to be learned from the feed.
        assert (await here.hear(after=begin, chosen=Filter(author=grace)))[0] == []
        assert (await here.hear(after=begin))[0] == [(discussion, 1)]


@pytest.mark.parametrize(
    "refused",
    [
        pytest.param((1, 1, None, BadCursor), id="of a discussion"),
        pytest.param((FEED, 1, b"another.", Resync), id="another tag"),
        pytest.param((FEED, 3, None, Resync), id="beyond the end"),
        pytest.param((FEED, 0, b"another.", Resync), id="another beginning"),
    ],
)
async def test_a_cursor_that_is_not_honoured_leaves_nothing_behind(
    here: Process, refused: tuple[int, int, bytes | None, type[Exception]]
) -> None:
    of, number, epoch, refusal = refused
    (discussion,) = await feeds.discussions(here.database, 1)
    for _ in range(2):
        await feeds.reply(here.database, discussion, await feeds.person(here.database))
    await here.hear()
    (row, *_) = await feeds.fed(here.database)
    with pytest.raises(refusal):
        await here.hear(after=Cursor(of, number, epoch or row.epoch))


async def test_a_cursor_below_the_floor_is_told_that_the_feed_was_trimmed(here: Process) -> None:
    begin = await here.feed.now()
    (discussion,) = await feeds.discussions(here.database, 1)
    await feeds.reply(here.database, discussion, await feeds.person(here.database))
    _, after = await here.hear()
    await here.database.write(lambda tx: tx.run(db.feed.set_floor, floor=1))
    with pytest.raises(Resync) as resync:
        await here.hear(after=begin)
    assert resync.value.reason == "LOG_TRIMMED"
    assert await here.hear(after=after) == ([], after)


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


async def test_after_an_old_backup_is_restored_cursors_of_the_lost_future_are_told_so(
    url: str, backend: Backend, request: pytest.FixtureRequest
) -> None:
    async with process(url) as here:
        first, second, third = await feeds.discussions(here.database, 3)
        author = await feeds.person(here.database)
        await feeds.reply(here.database, first, author)
        _, kept = await here.hear()
    async with Database(url) as database:
        # In the backup these two wait to be moved.
        for discussion in (first, third):
            await feeds.reply(database, discussion, author)
    backup = copied(url, backend, request)
    async with process(url) as here:
        await feeds.reply(here.database, second, author)
        lost, after = await here.hear(after=kept)
        assert lost == [(first, 2), (second, 1), (third, 1)]
    async with process(backup) as here:
        # Now the last of them comes to the same position, after another one than in the lost future.
        await feeds.reply(here.database, first, author)
        heard, _ = await here.hear(after=kept)
        assert heard == [(first, 2), (first, 3), (third, 1)]
        with pytest.raises(Resync) as resync:
            await here.hear(after=after)
        assert (resync.value.reason, resync.value.cursor) == ("HISTORY_CHANGED", after)


_CUT = Command(delete(feed_table).where(feed_table.c.position > 1))
_SET_LAST = Command(update(feed_head).values(last_position=1))


async def test_those_who_follow_when_the_history_changes_are_told_so(url: str) -> None:
    async with process(url, poll=OFTEN) as here:
        (discussion,) = await feeds.discussions(here.database, 1)
        author = await feeds.person(here.database)
        for _ in range(3):
            await feeds.reply(here.database, discussion, author)
        follower = asyncio.create_task(here.hear((discussion, 100)))
        await until(lambda: here.feed.followers == 1)

        async def lose(tx: Transaction) -> None:
            await tx.run(_CUT)
            await tx.run(_SET_LAST)

        await here.database.write(lose)
        with pytest.raises(Resync) as resync:
            await follower
        assert (resync.value.reason, resync.value.cursor.number) == ("HISTORY_CHANGED", 3)
        reply = await feeds.reply(here.database, discussion, author)
        async with aclosing(here.feed.follow()) as batches:
            assert (await anext(batches)).caught_up
            assert feeds.named(await feeds.fed(here.database))[1:] == [reply]


async def test_who_joins_and_leaves_at_any_moment_disturbs_nobody_and_leaves_nothing(here: Process) -> None:
    chance = random.Random(5)
    (discussion,) = await feeds.discussions(here.database, 1)
    author = await feeds.person(here.database)
    begin = await here.feed.now()

    async def come_and_go() -> None:
        for _ in range(12):
            follower = asyncio.create_task(here.hear((discussion, 1_000), chance.choice([begin, None])))
            for _ in range(chance.choice([0, 1, 2, 3, 5, 8, 13, 21, 34])):
                await asyncio.sleep(0)
            if chance.random() < 0.3:
                await asyncio.sleep(chance.random() * 0.01)
            follower.cancel()
            await asyncio.wait([follower])
            assert follower.cancelled()

    async def hear_what_comes() -> None:
        # Each of these joins among those that come and go, and no poll helps it.
        for _ in range(6):
            async with asyncio.timeout(PATIENCE_SECONDS), aclosing(here.feed.follow()) as batches:
                began = await anext(batches)
                reply = await feeds.reply(here.database, discussion, author)
                heard: list[feeds.Reply] = []
                while reply not in heard:
                    heard += named(await anext(batches))
                assert began.caught_up

    await asyncio.gather(*(come_and_go() for _ in range(8)), *(hear_what_comes() for _ in range(3)))
