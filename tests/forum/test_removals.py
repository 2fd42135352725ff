"""What a person wrote is removed and brought back in short steps: nothing is lost, and any process may go on."""

import asyncio
import random
from collections import Counter
from typing import Any

import pytest
import structlog
from sqlalchemy import Connection, text

import db.audit
import db.posts
import db.removals
import db.users
from db import migrate, paths
from db.database import Database, Transaction
from db.rows import AuditEntryRow
from forum import removals
from forum.deletion_jobs import finish_jobs
from forum.deletions import DeleteDiscussion, DeleteReply, RestoreReply, delete_discussion, delete_reply, restore_reply
from forum.drafts import QuoteRequest
from forum.erasing_moderation import forget
from forum.errors import Conflict
from forum.removals import MOST_IN_STEP, Progress, RemovePosts, finish_removal, finish_removals, remove_posts
from forum.replies import AddReply, add_reply
from forum.undo import Undo, undo
from forum.use_cases import Actor, Forum
from tests.db import feeds, writing
from tests.db.searching import found
from tests.support import killing
from tests.support.backends import Backend

pytestmark = pytest.mark.anyio

MOST_STEPS = 700
ALL = 74
"""How much the person wrote in a scene of six discussions."""

log = structlog.get_logger(__name__)


class Scene:
    """Discussions of a person whose posts are removed and of others, with answers below answers, and quotes."""

    def __init__(self, url: str, database: Database) -> None:
        self.url = url
        self.forum = Forum(database)
        self.database = database

    async def begin(self, discussions: int, replies: int, *, every: int = 2) -> None:
        """Each `every`th reply and each third discussion is the person's."""
        database = self.database
        self.author, self.other, moderator = [await feeds.person(database) for _ in range(3)]
        self.moderator = Actor(moderator, is_moderator=True)
        self.discussions, self.theirs = [], list[int]()
        chance = random.Random(5)
        for at in range(discussions):
            by = self.author if at % 3 == 0 else self.other
            here = await feeds.discussion(database, by)
            self.discussions.append(here)

            async def fill(tx: Transaction, here: int = here) -> None:
                there: list[int] = []
                for number in range(replies):
                    by = self.author if number % every == 0 else self.other
                    post = writing.draft(f"Word{'spam' if by == self.author else 'fine'} number {number}.")
                    to = chance.choice(there) if there and chance.random() < 0.6 else None
                    reply, _ = await feeds.add(tx, here, by, to, post=post)
                    there.append(reply)
                    if by == self.author:
                        self.theirs.append(reply)

            await database.write(fill)
        await self._quote()

    async def _quote(self) -> None:
        """In each discussion, both quote something of the person, and mention them."""
        (person,) = await self.database.rows(db.users.by_ids, ids=[self.author])
        for at, here in enumerate(self.discussions):
            source = self.theirs[at * len(self.theirs) // len(self.discussions)]
            (post,) = await self.database.rows(db.posts.by_ids, ids=[source])
            for by in (self.author, self.other):
                body = f"> {post.body}\n\nSo says @{person.handle} here, number {at}."
                quotes = [QuoteRequest(source, post.body)]
                made = await add_reply(self.forum, Actor(by), AddReply(discussion_id=here, body=body, quotes=quotes))
                if by == self.author:
                    self.theirs.append(made.post_id or 0)

    async def remove(self) -> int:
        made = await remove_posts(self.forum, self.moderator, RemovePosts(author_id=self.author, reason="Spam."))
        assert made.subject_id is not None
        return made.subject_id

    async def undo(self, entry: int) -> int:
        made = await undo(self.forum, self.moderator, Undo(audit_entry_id=entry))
        assert made.subject_id is not None
        return made.subject_id

    async def finish(self) -> None:
        await finish_removals(self.forum)
        await finish_jobs(self.forum)

    async def entry(self, entry: int) -> AuditEntryRow:
        (row,) = await self.database.rows(db.audit.by_ids, ids=[entry])
        return row

    async def shown(self) -> list[Any]:
        """All that is there, without versions and events, which grow with each act."""

        def read(connection: Connection) -> list[Any]:
            queries = (
                "SELECT id, body, body_text, author_id, deleted_at IS NULL, listed FROM posts ORDER BY id",
                "SELECT discussion_id, sequence, reply_count, descendant_count FROM reply_counts ORDER BY 1, 2",
                "SELECT discussion_id, reply_count, participant_count, author_id, listed FROM discussion_counts"
                " ORDER BY 1",
                "SELECT id, title, deleted_at IS NULL, author_id FROM discussions ORDER BY 1",
                "SELECT discussion_id, user_id, post_count FROM participants ORDER BY 1, 2",
                "SELECT id, post_id, ordinal, source_id, source_version, comparison FROM quotes ORDER BY 1",
                "SELECT post_id, ordinal, user_id, start, length FROM mentions ORDER BY 1, 2",
            )
            return [[tuple(row) for row in connection.execute(text(query))] for query in queries]

        everything: list[Any] = await migrate.transact(self.url, read)
        return [*everything, sorted(await found(self.database, "wordspam")), await found(self.database, "wordfine")]

    async def check_counts(self) -> None:
        """Fails where a counter is not what a recount gives."""

        def recount(connection: Connection) -> None:
            posts = connection.execute(
                text("SELECT id, discussion_id, sequence, path, author_id, deleted_at IS NULL, listed FROM posts")
            ).all()
            visible = {(row[1], bytes(row[3])) for row in posts if row[5] or False}
            deleted = {
                row[0] for row in connection.execute(text("SELECT id FROM discussions WHERE deleted_at IS NOT NULL"))
            }
            below: Counter[tuple[int, int]] = Counter()
            direct: Counter[tuple[int, int]] = Counter()
            for row in posts:
                path = bytes(row[3])
                is_listed = (
                    row[2] > 0
                    and row[1] not in deleted
                    and any(
                        place == row[1] and other[: len(path)] == path
                        for place, other in visible
                        if other[: len(path)] == path
                    )
                )
                if row[2] > 0:
                    assert bool(row[6]) == is_listed, row
                if is_listed:
                    above = [0, *paths.sequences(path)[:-1]]
                    below.update((row[1], sequence) for sequence in above)
                    direct[row[1], above[-1]] += 1
            counted = connection.execute(
                text("SELECT discussion_id, sequence, reply_count, descendant_count FROM reply_counts")
            ).all()
            for discussion, sequence, replies, descendants in counted:
                place = (discussion, sequence)
                assert (replies, descendants) == (direct[place], below[place]), place
            people = Counter((row[1], row[4]) for row in posts if row[5] and row[4] is not None)
            kept = connection.execute(text("SELECT discussion_id, user_id, post_count FROM participants")).all()
            assert {(row[0], row[1]): row[2] for row in kept} == dict(people)
            totals = connection.execute(
                text("SELECT discussion_id, reply_count, participant_count FROM discussion_counts")
            ).all()
            for discussion, replies, participants in totals:
                assert replies == below[discussion, 0]
                assert participants == len({user for place, user in people if place == discussion})

        await migrate.transact(self.url, recount)

    async def check_entries(self) -> None:
        """Fails for a post that is deleted without an entry, and for an entry whose count is not that of its posts."""

        def check(connection: Connection) -> None:
            entries = connection.execute(
                text("SELECT id, action, total, done, skipped, undoes FROM audit_entries ORDER BY id")
            ).all()
            undone = {row[5] for row in entries if row[5] is not None}
            by_entry = Counter(
                row[0]
                for row in connection.execute(
                    text("SELECT audit_entry_id FROM deleted_posts WHERE author_id = :author"), {"author": self.author}
                )
            )
            assert set(by_entry) <= {row[0] for row in entries}
            for id_, action, _total, done, _skipped, _undoes in entries:
                if action == "REMOVE_POSTS" and id_ not in undone:
                    assert by_entry[id_] == done
            logged = connection.execute(
                text("SELECT count(*) FROM outbox WHERE source_log_id = :log"), {"log": 4 << 56}
            )
            assert logged.scalar_one() == len(entries)

        await migrate.transact(self.url, check)


async def scene_of(url: str, database: Database, discussions: int = 6, replies: int = 21, **more: int) -> Scene:
    scene = Scene(url, database)
    await scene.begin(discussions, replies, **more)
    return scene


async def test_what_was_removed_comes_back_as_it_was(backend: Backend) -> None:
    url = backend.migrated_database()
    async with Database(url) as database:
        scene = await scene_of(url, database)
        before = await scene.shown()
        entry = await scene.remove()
        await scene.finish()
        removed = await scene.entry(entry)
        # Two discussions are theirs; twelve replies of 23 in each of six, and two opening posts.
        assert (removed.total, removed.done, removed.skipped) == (ALL, ALL, 0)
        assert removed.former == {"discussions": 2, "replies_of_others": 22}
        await scene.check_counts()
        await scene.check_entries()
        # What others quote of it belongs to their posts.
        assert not set(scene.theirs) & set(await found(database, "wordspam"))
        left = (await scene.shown())[0]
        assert [row for row in left if row[3] == scene.author] == []
        assert await database.rows(db.removals.every) == []

        back = await scene.undo(entry)
        await scene.finish()
        restored = await scene.entry(back)
        assert (restored.undoes, restored.total, restored.done, restored.skipped) == (entry, ALL, ALL, 0)
        assert await scene.shown() == before
        await scene.check_counts()
        with pytest.raises(Conflict):
            await scene.undo(entry)


async def test_what_was_written_before_or_meanwhile_stays(backend: Backend) -> None:
    url = backend.migrated_database()
    async with Database(url) as database:
        scene = await scene_of(url, database, discussions=2)
        here = scene.discussions[1]
        moment = await _moment_after(scene)
        late, _ = await database.write(lambda tx: feeds.add(tx, here, scene.author))
        command = RemovePosts(author_id=scene.author, since=moment)
        made = await remove_posts(scene.forum, scene.moderator, command)
        meanwhile, _ = await database.write(lambda tx: feeds.add(tx, here, scene.author))
        await scene.finish()
        gone = {row[0] for row in (await scene.shown())[0] if not row[4]}
        assert gone == {late}
        assert meanwhile not in gone
        entry = await scene.entry(made.subject_id or 0)
        assert (entry.total, entry.done) == (1, 1)


async def _moment_after(scene: Scene) -> Any:
    """A moment behind all that was written."""
    await asyncio.sleep(0.002)
    async with scene.database.transaction() as tx:
        return tx.at


async def test_a_removal_of_nothing_writes_nothing(backend: Backend, database: Database) -> None:
    person, moderator = [await feeds.person(database) for _ in range(2)]
    made = await remove_posts(Forum(database), Actor(moderator, is_moderator=True), RemovePosts(author_id=person))
    assert made.subject_id is None


async def test_an_undo_passes_over_what_later_acts_changed(backend: Backend) -> None:
    url = backend.migrated_database()
    async with Database(url) as database:
        scene = await scene_of(url, database)
        entry = await scene.remove()
        await scene.finish()
        in_others = [row[0] for row in (await scene.shown())[0] if row[0] in scene.theirs]
        by_discussion = await _discussions_of(scene, in_others)
        alone = [post for post in in_others if by_discussion[post] == scene.discussions[1]]
        # One comes back by itself, and a discussion of others with eleven of them is deleted.
        await restore_reply(scene.forum, scene.moderator, RestoreReply(reply_id=alone[0]))
        await delete_discussion(scene.forum, scene.moderator, DeleteDiscussion(discussion_id=scene.discussions[2]))
        back = await scene.entry(await scene.undo(entry))
        await scene.finish()
        back = await scene.entry(back.id)
        assert (back.total, back.done, back.skipped) == (ALL - 1, ALL - 13, 12)
        await scene.check_counts()


async def _discussions_of(scene: Scene, posts: list[int]) -> dict[int, int]:
    def read(connection: Connection) -> dict[int, int]:
        return {row[0]: row[1] for row in connection.execute(text("SELECT id, discussion_id FROM posts"))}

    every: dict[int, int] = await migrate.transact(scene.url, read)
    return {post: every[post] for post in posts}


async def test_an_undo_ends_a_removal_that_is_under_way(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(removals, "FIRST_STEP", 5)
    url = backend.migrated_database()
    async with Database(url) as database:
        scene = await scene_of(url, database)
        before = await scene.shown()
        entry = await scene.remove()
        running = asyncio.create_task(scene.finish())
        while not (await scene.entry(entry)).done:
            await asyncio.sleep(0.001)
        back = await scene.undo(entry)
        await running
        await scene.finish()
        removed, restored = await scene.entry(entry), await scene.entry(back)
        assert (removed.done or 0) + (removed.skipped or 0) == ALL
        assert restored.done == removed.done
        assert await scene.shown() == before


async def test_an_erasure_ends_a_removal_that_is_under_way(backend: Backend) -> None:
    url = backend.migrated_database()
    async with Database(url) as database:
        scene = await scene_of(url, database, discussions=1, replies=3)
        entry = await scene.remove()
        total = (await scene.entry(entry)).total
        await forget(database, scene.author)
        assert await database.rows(db.removals.every) == []
        removed = await scene.entry(entry)
        assert (removed.total, removed.done, removed.skipped) == (total, 0, total)


async def test_a_removal_counts_what_somebody_restores_meanwhile(backend: Backend) -> None:
    url = backend.migrated_database()
    async with Database(url) as database:
        scene = await scene_of(url, database, discussions=2)
        first, second = [next(post for post in scene.theirs if post in posts) for posts in await _replies(scene)]
        for reply in (first, second):
            await delete_reply(scene.forum, scene.moderator, DeleteReply(reply_id=reply))
        entry = await scene.remove()
        total = (await scene.entry(entry)).total or 0
        for reply in (first, second):
            await restore_reply(scene.forum, scene.moderator, RestoreReply(reply_id=reply))
        await scene.finish()
        removed = await scene.entry(entry)
        assert (removed.total, removed.done, removed.skipped) == (total + 2, total + 2, 0)


async def _replies(scene: Scene) -> list[set[int]]:
    """The replies of each discussion."""
    by_discussion = await _discussions_of(scene, scene.theirs)
    return [{post for post in scene.theirs if by_discussion[post] == here} for here in scene.discussions]


async def test_several_processes_do_nothing_twice(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(removals, "FIRST_STEP", 3)
    url = backend.migrated_database()
    async with Database(url) as database, Database(url) as second, Database(url) as third:
        scene = await scene_of(url, database)
        before = await scene.shown()
        forums = [Forum(each) for each in (database, second, third)]
        entry = await scene.remove()
        await asyncio.gather(*map(finish_removals, forums))
        await scene.check_counts()
        await scene.check_entries()
        back = await scene.undo(entry)
        await asyncio.gather(*map(finish_removals, forums))
        for id_ in (entry, back):
            row = await scene.entry(id_)
            assert (row.total, row.done, row.skipped) == (ALL, ALL, 0)
        assert await scene.shown() == before


async def _remove(url: str, author: int, moderator: int) -> None:
    async with Database(url) as database:
        forum, actor = Forum(database), Actor(moderator, is_moderator=True)
        made = await remove_posts(forum, actor, RemovePosts(author_id=author))
        await finish_removals(forum)
        assert made.subject_id is not None


async def _undo(url: str, entry: int, moderator: int) -> None:
    async with Database(url) as database:
        forum, actor = Forum(database), Actor(moderator, is_moderator=True)
        await undo(forum, actor, Undo(audit_entry_id=entry))
        await finish_removals(forum)
        await finish_jobs(forum)


async def test_a_kill_anywhere_leaves_no_post_without_its_entry(backend: Backend) -> None:
    url = backend.migrated_database()
    killed = Counter[str]()
    async with Database(url) as database:
        scene = await scene_of(url, database, discussions=4, replies=5)
        before = await scene.shown()
        for step in range(1, MOST_STEPS, 6):
            if not await killing.run(_remove, url, scene.author, scene.moderator.user_id, kill_before=step):
                break
            killed["remove"] += 1
            await scene.check_entries()
            # Another process goes on.
            await scene.finish()
            await scene.check_counts()
            await scene.check_entries()
            entries = await database.rows(db.audit.listed(frozenset()), before=2**62, limit=1)
            if not entries or entries[0].action != "REMOVE_POSTS":
                assert await scene.shown() == before
                continue
            assert entries[0].total == entries[0].done
            entry = entries[0].id
            if not await killing.run(_undo, url, entry, scene.moderator.user_id, kill_before=step):
                killed["undo ended"] += 1
            else:
                killed["undo"] += 1
            if not await database.rows(db.audit.undone, ids=[entry]):
                await scene.undo(entry)
            await scene.finish()
            await scene.check_counts()
            assert await scene.shown() == before
    assert killed["remove"] > 10
    assert killed["undo"] > 10


@pytest.mark.parametrize(("posts", "discussions"), [(1_000, 30), pytest.param(10_000, 300, marks=pytest.mark.long)])
async def test_a_large_removal_leaves_others_their_turns(backend: Backend, posts: int, discussions: int) -> None:
    url = backend.migrated_database()
    async with Database(url) as database, Database(url) as writers:
        scene = await scene_of(url, database, discussions, posts // discussions, every=1)
        before = await scene.shown()
        outsider = await feeds.person(database)
        busy = scene.discussions[1]
        largest = await database.write(lambda tx: _fill(tx, scene, busy))
        written: list[float] = []
        for_how_long: list[Progress] = []

        async def others() -> None:
            """Somebody who goes on writing to one of the discussions."""
            while True:
                begun = asyncio.get_running_loop().time()
                await writers.write(lambda tx: feeds.add(tx, busy, outsider))
                written.append(asyncio.get_running_loop().time() - begun)
                await asyncio.sleep(0.01)

        async def run(entry: int) -> AuditEntryRow:
            job = await database.row(db.removals.of_entry, entry=entry)
            assert job is not None
            writer = asyncio.create_task(others())
            for_how_long.append(await finish_removal(scene.forum, job))
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)
            return await scene.entry(entry)

        entry = await scene.remove()
        removed = await run(entry)
        assert removed.done == removed.total == len(scene.theirs) + len(largest) + len(scene.discussions[::3])
        assert await found(database, "wordspam more") == []
        during_removal = len(written)
        back = await run(await scene.undo(entry))
        assert back.done == back.total == removed.total
        for progress in for_how_long:
            assert progress.most_posts <= MOST_IN_STEP
            assert progress.transactions >= discussions
            assert progress.longest_seconds > 0
        assert during_removal > 10
        assert len(written) > during_removal + 10
        log.info("removed and brought back", posts=posts, runs=for_how_long, longest_wait=max(written))
        if posts <= 1_000:
            await scene.check_counts()
        after = await scene.shown()
        restored = {row[0]: row for row in after[0]}
        assert all(restored[row[0]] == row for row in before[0])
        assert after[5] == before[5]
        assert sorted(await found(database, "wordspam more")) == largest


async def _fill(tx: Transaction, scene: Scene, discussion: int) -> list[int]:
    """More posts of the person in one discussion than one transaction may take; at most 100 have an event each."""
    return [
        (await feeds.add(tx, discussion, scene.author, post=writing.draft(f"Wordspam more {at}.")))[0]
        for at in range(90)
    ]
