"""Large discussions are deleted and restored in steps: nobody reads what is half done, and any process may end it."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, text

import db.deletion_jobs
import db.deletions
import db.quotes
import db.replies
import db.users
from db import migrate
from db.database import Database, Transaction
from db.deletion_jobs import DeletionJobRow
from db.rows import ReplyRow, UserRow
from db.statements import WriteStatement, inserted
from db.tables import event_people
from forum import deletion_jobs, deletions, erasure
from forum.deletion_jobs import finish_jobs
from forum.deletions import (
    DeleteDiscussion,
    RestoreDiscussion,
    delete_discussion,
    purge_deleted_posts,
    restore_discussion,
)
from forum.drafts import EVERY_DEPTH
from forum.erasure import erase_user
from forum.errors import NotRestorable, ReplyNotFound
from forum.quotes import notify_of_changed_sources, statuses
from forum.replies import EditReply, edit_reply
from forum.use_cases import Actor, Forum
from tests.db import feeds, writing
from tests.support import killing
from tests.support.backends import Backend

pytestmark = pytest.mark.anyio

FIRST, MOST, REPLIES = 4, 6, 21
_LONG_AGO, _FAR_AHEAD = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)


def _in_small_steps() -> None:
    for module in (deletion_jobs, deletions):
        module.FIRST_STEP = FIRST  # type: ignore[attr-defined]
    deletion_jobs.MOST_IN_STEP = MOST
    deletion_jobs.LEAST_IN_STEP = 1


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (deletion_jobs, deletions):
        monkeypatch.setattr(module, "FIRST_STEP", FIRST)
    monkeypatch.setattr(deletion_jobs, "MOST_IN_STEP", MOST)
    monkeypatch.setattr(deletion_jobs, "LEAST_IN_STEP", 1)


class Scene:
    """A discussion of REPLIES replies in branches, by two people; a reply elsewhere quotes the last of them."""

    def __init__(self, url: str, database: Database) -> None:
        self.url = url
        self.database = database
        self.forum = Forum(database)
        self.replies: list[int] = []

    async def begin(self) -> None:
        database = self.database
        self.author, self.other, moderator = [await feeds.person(database) for _ in range(3)]
        self.moderator = Actor(moderator, is_moderator=True)
        self.discussion, elsewhere = [await feeds.discussion(database, self.author) for _ in range(2)]
        for at in range(REPLIES):
            to = self.replies[at // 2] if at % 3 else None
            by = self.other if at % 2 else self.author
            words = writing.draft(f"Words number {at}.")

            async def add(tx: Transaction, by: int = by, to: int | None = to, words: Any = words) -> tuple[int, int]:
                return await feeds.add(tx, self.discussion, by, to, post=words)

            reply, _ = await database.write(add)
            self.replies.append(reply)
        # One is a tombstone already.
        await feeds.delete(database, self.replies[9], self.other)
        quote = feeds.post(quotes=[(self.replies[-1], None)])
        self.quoting, _ = await database.write(lambda tx: feeds.add(tx, elsewhere, self.other, post=quote))

    async def leave_the_authors(self) -> None:
        """Deletes the replies of the other one by one."""
        for reply in self.replies[1::2]:
            if reply != self.replies[9]:
                await feeds.delete(self.database, reply, self.other)

    async def read(self) -> list[tuple[Any, ...]]:
        """All replies, as they are read by their ids."""
        rows = await self.database.rows(db.replies.by_ids, ids=self.replies)
        return sorted(tuple(row) for row in rows)  # type: ignore[arg-type]

    async def status(self) -> str:
        (quote,) = await self.database.rows(db.quotes.of_posts, ids=[self.quoting], deepest=EVERY_DEPTH)
        found = statuses(self.database, [quote])
        (status,) = found if isinstance(found, Sequence) else await found
        return status

    async def written_by(self, user: int) -> list[ReplyRow]:
        """The replies of a person, as their page lists them."""
        bounds = {"low": -1, "high": 2**62, "low_at": _LONG_AGO, "high_at": _FAR_AHEAD, "limit": 100}
        newest = db.replies.of_parents("author_id", "created_at", descending=True)
        return await self.database.rows(newest, parents=[user], **bounds)

    async def delete(self) -> None:
        await delete_discussion(self.forum, self.moderator, DeleteDiscussion(discussion_id=self.discussion))

    async def restore(self) -> None:
        await restore_discussion(self.forum, self.moderator, RestoreDiscussion(discussion_id=self.discussion))

    async def position(self) -> int | None:
        job = await self.database.row(db.deletion_jobs.of_discussion, discussion=self.discussion)
        return None if job is None else job.position

    async def table(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query with :discussion, by a connection of its own."""
        if self.url.startswith("sqlite:"):
            # `transact` opens the file also by itself, which ends the locks that this process has on it.
            with closing(sqlite3.connect(self.url.removeprefix("sqlite:///"))) as opened:
                return opened.execute(query, {"discussion": self.discussion}).fetchall()

        def read(connection: Connection) -> list[tuple[Any, ...]]:
            return [tuple(row) for row in connection.execute(text(query), {"discussion": self.discussion})]

        return await migrate.transact(self.url, read)

    async def counts(self) -> list[tuple[Any, ...]]:
        """All that lists show and count of the discussion."""
        listed = await self.table("SELECT sequence, listed FROM posts WHERE discussion_id = :discussion ORDER BY 1")
        below = "SELECT sequence, reply_count, descendant_count FROM reply_counts WHERE discussion_id = :discussion"
        people = "SELECT user_id, post_count FROM participants WHERE discussion_id = :discussion ORDER BY 1"
        whole = "SELECT reply_count, participant_count FROM discussion_counts WHERE discussion_id = :discussion"
        return [*listed, *await self.table(f"{below} ORDER BY 1"), *await self.table(people), *await self.table(whole)]


async def _finish(url: str) -> None:
    _in_small_steps()
    async with Database(url) as database:
        await finish_jobs(Forum(database))


async def test_readers_see_the_end_of_a_deletion_from_its_first_step(backend: Backend) -> None:
    url = backend.migrated_database()
    async with Database(url) as database:
        scene = Scene(url, database)
        await scene.begin()
        before = await scene.read()
        await scene.delete()
        assert await scene.position() == FIRST
        first = await scene.read()
        assert first != before
        assert await scene.status() == "SOURCE_DELETED"
        assert all(row.discussion_id != scene.discussion for row in await scene.written_by(scene.other))
        living = scene.replies[-1]
        with pytest.raises(ReplyNotFound):
            await edit_reply(
                scene.forum, Actor(scene.author), EditReply(reply_id=living, expected_version=1, body="No.")
            )
        await finish_jobs(scene.forum)
        assert await scene.position() is None
        # Versions, events, counts and all are those that were read before the steps.
        assert await scene.read() == first
        listed = await scene.table("SELECT id FROM posts WHERE discussion_id = :discussion AND listed")
        assert listed == []
        assert await scene.table("SELECT user_id FROM participants WHERE discussion_id = :discussion") == []


async def test_no_step_deletes_more_posts_than_it_may(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    delete_posts = db.deletions.delete_posts

    async def noted(tx: Transaction, act: Any, ids: Sequence[int], **parameters: Any) -> None:
        sizes.append(len(ids))
        await delete_posts(tx, act, ids, **parameters)

    monkeypatch.setattr(db.deletions, "delete_posts", noted)
    url = backend.migrated_database()
    async with Database(url) as database:
        scene = Scene(url, database)
        await scene.begin()
        sizes.clear()
        await scene.delete()
        assert sizes == [FIRST + 1]
        await finish_jobs(scene.forum)
        assert max(sizes) <= MOST
        assert sum(sizes) == REPLIES


async def test_a_killed_deletion_and_its_restoring_go_on_where_they_were(backend: Backend) -> None:
    url = backend.migrated_database()
    async with Database(url) as database:
        scene = Scene(url, database)
        await scene.begin()
        counts = await scene.counts()
        words = await scene.table("SELECT id, body, author_id FROM posts ORDER BY id")
        for act in (scene.delete, scene.restore):
            await act()
            positions = [await scene.position()]
            statements = 9
            while await killing.run(_finish, url, kill_before=statements):
                positions.append(await scene.position())
                statements += 7
            # Some were killed within a step, and some after one.
            assert len(set(positions)) > 2
            assert len(set(positions)) < len(positions)
            assert await scene.position() is None
            await notify_of_changed_sources(database)
            # It never said what the quote of the test says.
            assert await scene.status() == ("SOURCE_DELETED" if act == scene.delete else "SOURCE_EDITED")
        assert await scene.counts() == counts
        assert await scene.table("SELECT id, body, author_id FROM posts ORDER BY id") == words
        restored = "SELECT 1 FROM events WHERE log_id = :discussion AND changes = 'RESTORED'"
        assert len(await scene.table(restored)) == 2
        assert len(await scene.table("SELECT 1 FROM events WHERE kind = 'QuoteStatusChanged'")) == 2


async def test_a_deletion_ends_a_restoring_and_is_restored_as_a_whole(backend: Backend) -> None:
    url = backend.migrated_database()
    async with Database(url) as database:
        scene = Scene(url, database)
        await scene.begin()
        counts = await scene.counts()
        await scene.delete()
        # Restoring carries the deletion out first.
        await scene.restore()
        assert await scene.position() == FIRST - 1
        with pytest.raises(NotRestorable):
            await scene.restore()
        await scene.delete()
        await finish_jobs(scene.forum)
        await scene.restore()
        await finish_jobs(scene.forum)
        assert await scene.counts() == counts


async def test_erasure_leaves_nothing_of_a_discussion_that_is_being_deleted(backend: Backend) -> None:
    url = backend.migrated_database()
    async with Database(url) as database:
        scene = Scene(url, database)
        await scene.begin()
        await scene.delete()
        (other,) = await database.rows(db.users.by_ids, ids=[scene.other])
        await erase_user(database, other, lambda _step: None)
        await finish_jobs(scene.forum)
        kept = await scene.table("SELECT author_id FROM deleted_posts WHERE is_kept")
        assert {author for (author,) in kept} == {scene.author}
        words = [body for (body,) in await scene.table("SELECT body FROM revisions")]
        assert sum("Words number" in body for body in words) == (REPLIES + 1) // 2


async def test_erasure_ends_the_deletion_that_it_begins(backend: Backend) -> None:
    url = backend.migrated_database()
    async with Database(url) as database:
        scene = Scene(url, database)
        await scene.begin()
        await scene.leave_the_authors()
        (author,) = await database.rows(db.users.by_ids, ids=[scene.author])
        await erase_user(database, author, lambda _step: None)
        assert await scene.position() is None
        assert {body for (body,) in await scene.table("SELECT body FROM posts WHERE discussion_id = :discussion")} == {
            ""
        }
        words = [body for (body,) in await scene.table("SELECT body FROM revisions")]
        assert sum("Words number" in body for body in words) == REPLIES // 2


async def test_erasure_takes_a_person_out_of_events_that_were_written_meanwhile(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = backend.migrated_database()
    async with Database(url) as database:
        scene = Scene(url, database)
        await scene.begin()
        steps = erasure._forget_in_steps
        events = await scene.table("SELECT number FROM events WHERE log_id = :discussion ORDER BY 1")

        async def then_named(database: Database, user: UserRow) -> None:
            await steps(database, user)
            if events:
                row = {"log_id": scene.discussion, "number": events.pop()[0], "user_id": user.id}
                events.clear()
                await database.write(lambda tx: tx.run_many(WriteStatement(inserted(event_people)), [row]))

        monkeypatch.setattr(erasure, "_forget_in_steps", then_named)
        (other,) = await database.rows(db.users.by_ids, ids=[scene.other])
        await erase_user(database, other, lambda _step: None)
        named = {user for (user,) in await scene.table("SELECT user_id FROM event_people")}
        assert scene.other not in named


async def test_all_of_what_an_author_deleted_is_raised(backend: Backend) -> None:
    url = backend.migrated_database()
    async with Database(url) as database:
        scene = Scene(url, database)
        await scene.begin()
        await scene.leave_the_authors()
        command = DeleteDiscussion(discussion_id=scene.discussion)
        await delete_discussion(scene.forum, Actor(scene.author, is_moderator=True), command)
        assert await scene.position() == FIRST
        await scene.delete()
        deletions_there = """SELECT posts.sequence, deleted_posts."by", deleted_posts.is_raised FROM deleted_posts
            JOIN posts ON posts.id = deleted_posts.post_id WHERE posts.discussion_id = :discussion"""
        # The other's own deletions before stay theirs.
        assert {row[0]: row[1:] for row in await scene.table(deletions_there)} == {
            sequence: ("MODERATOR", True) if sequence == 0 or sequence % 2 else ("AUTHOR", False)
            for sequence in range(REPLIES + 1)
        }


async def test_nothing_is_purged_while_it_is_restored(backend: Backend) -> None:
    url = backend.migrated_database()
    async with Database(url) as database:
        scene = Scene(url, database)
        await scene.begin()
        counts = await scene.counts()
        await scene.delete()
        await scene.restore()
        assert await scene.position() == FIRST - 1
        assert await purge_deleted_posts(database, before=_FAR_AHEAD) == 0
        await finish_jobs(scene.forum)
        assert await scene.counts() == counts
        assert await purge_deleted_posts(database, before=_FAR_AHEAD) == 1


async def test_a_job_that_fails_does_not_stop_the_others(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    url = backend.migrated_database()
    async with Database(url) as database:
        failing, other = Scene(url, database), Scene(url, database)
        for scene in (failing, other):
            await scene.begin()
            await scene.delete()
        step = deletion_jobs._delete_step

        async def fails(database: Database, job: DeletionJobRow, size: Any) -> None:
            if job.discussion_id == failing.discussion:
                raise ZeroDivisionError
            await step(database, job, size)

        monkeypatch.setattr(deletion_jobs, "_delete_step", fails)
        await finish_jobs(other.forum)
        assert (await failing.position(), await other.position()) == (FIRST, None)
