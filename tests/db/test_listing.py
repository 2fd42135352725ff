"""What is listed and counted after any history of posts is what a recount in plain Python says."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import bindparam, select, update

import db.deletion_jobs
import db.deletions
import db.erasure
import db.posts
import db.users
from db import listing
from db.database import Database, Transaction
from db.deletions import Act
from db.kinds import DeletedBy
from db.rows import CountRow, IdRow
from db.statements import Statement, WriteStatement, among
from db.tables import discussion_counts, participants, posts, reply_counts
from forum.deletion_jobs import delete_posts
from tests.db import writing
from tests.support.backends import Backend

pytestmark = pytest.mark.anyio


class _TotalsRow(CountRow):
    """Two counts under a number."""

    __slots__ = ()

    more: int


_here: Any = bindparam("discussion")
_LISTED = Statement(select(posts.c.id).where(posts.c.discussion_id == _here, posts.c.listed), IdRow)
_COUNTS = Statement(
    select(
        posts.c.id.label("parent"),
        reply_counts.c.reply_count.label("total"),
        reply_counts.c.descendant_count.label("more"),
    )
    .join(
        reply_counts,
        (reply_counts.c.discussion_id == posts.c.discussion_id) & (reply_counts.c.sequence == posts.c.sequence),
    )
    .where(posts.c.discussion_id == _here),
    _TotalsRow,
)
_OF_DISCUSSION = Statement(
    select(
        discussion_counts.c.discussion_id.label("parent"),
        discussion_counts.c.reply_count.label("total"),
        discussion_counts.c.participant_count.label("more"),
    ).where(discussion_counts.c.discussion_id == _here),
    _TotalsRow,
)
_PARTICIPANTS = Statement(
    select(participants.c.user_id.label("parent"), participants.c.post_count.label("total")).where(
        participants.c.discussion_id == _here
    ),
    CountRow,
)
_RESTORE = WriteStatement(
    update(posts).where(posts.c.id == bindparam("post")).values(deleted_at=None, author_id=bindparam("author"))
)
_DELETE = WriteStatement(
    update(posts).where(among(posts.c.id, "ids")).values(deleted_at=bindparam("at"), author_id=None)
)


@dataclass
class Post:
    """A post of the model. `author` stays when it is deleted."""

    id: int
    parent: "Post | None"
    author: int
    deleted: bool = False
    named: bool = True
    answers: list["Post"] = field(default_factory=list)

    @property
    def listed(self) -> bool:
        return not self.deleted or any(answer.listed for answer in self.answers)

    @property
    def below(self) -> list["Post"]:
        return [post for answer in self.answers for post in (answer, *answer.below)]


class History:
    """A discussion in a database, its model, and what happens in it."""

    def __init__(self, database: Database, chance: random.Random) -> None:
        self.database, self.chance = database, chance
        self.posts: list[Post] = []

    async def begin(self) -> None:
        async def start(tx: Transaction) -> None:
            handles = [f"p{self.chance.getrandbits(60)}" for _ in range(4)]
            self.people = [await db.users.add_user(tx, db.users.Person(each, each)) for each in handles]
            self.discussion = await writing.start_discussion(tx, self.people[0])
            (opening,) = await tx.rows(db.posts.opening_posts, discussions=[self.discussion])
            self.posts.append(Post(opening.post_id, None, self.people[0]))

        await self.database.write(start)

    @property
    def replies(self) -> list[Post]:
        return self.posts[1:]

    def some(self, *, deleted: bool) -> list[Post]:
        """One to four replies, now and then all."""
        found = [post for post in self.replies if post.deleted is deleted]
        count = len(found) if self.chance.random() < 0.1 else self.chance.randint(1, 4)
        return self.chance.sample(found, min(count, len(found)))

    async def add(self) -> None:
        visible = [post for post in self.posts if not post.deleted]
        parent = self.chance.choice([*visible, *visible[-3:]])
        author = self.chance.choice(self.people)
        answered = None if parent is self.posts[0] else parent.id
        post_id, _ = await self.database.write(
            lambda tx: writing.add_reply(tx, self.discussion, author, answered, post=writing.draft())
        )
        made = Post(post_id, parent, author)
        parent.answers.append(made)
        self.posts.append(made)

    async def _change(self, chosen: Sequence[Post], *, deleted: bool) -> None:
        for post in chosen:
            post.deleted = deleted

        async def change(tx: Transaction) -> None:
            await tx.lock_log(self.discussion)
            ids = [post.id for post in chosen]
            if deleted:
                await listing.before_deleting(tx, self.discussion, ids)
                await tx.run(_DELETE, ids=ids, at=tx.at)
                return
            for post in chosen:
                await tx.run(_RESTORE, post=post.id, author=post.author)
            await listing.after_restoring(tx, self.discussion, ids)

        await self.database.write(change)

    async def delete(self) -> None:
        if chosen := self.some(deleted=False):
            await self._change(chosen, deleted=True)

    async def restore(self) -> None:
        if chosen := self.some(deleted=True):
            await self._change(chosen, deleted=False)

    async def delete_all_and_restore(self) -> None:
        """Deletes the whole discussion in two steps, and restores what they deleted in two."""
        act = [post for post in self.posts if not post.deleted]

        async def delete(tx: Transaction) -> None:
            head = await tx.lock_log(self.discussion)
            assert head is not None
            await tx.run(db.deletion_jobs.empty_discussion, discussion=self.discussion)
            opening = (act[0].id, "Title") if act[0] is self.posts[0] else None
            middle = head.last_reply // 2
            for after, last in ((-1, middle), (middle, head.last_reply)):
                deletion = Act(1, DeletedBy.MODERATOR)
                place = {"discussion_id": self.discussion, "after": after, "last": last}
                await delete_posts(tx, None, deletion, opening=opening if after < 0 else None, **place)

        async def restore(tx: Transaction) -> None:
            await tx.lock_log(self.discussion)
            for post in act:
                await tx.run(_RESTORE, post=post.id, author=post.author if post.named else None)
            ids = [post.id for post in act]
            await tx.run(db.deletions._forget, ids=ids)
            for some in (ids[: len(ids) // 2], ids[len(ids) // 2 :]):
                await listing.after_restoring(tx, self.discussion, some)

        for deleted, act_of in ((True, delete), (False, restore)):
            for post in act:
                post.deleted = deleted
            await self.database.write(act_of)
            await self.compare()

    async def anonymise(self) -> None:
        opening = self.posts[0]
        if opening.named:
            opening.named = False

            async def anonymise(tx: Transaction) -> None:
                await tx.lock_log(self.discussion)
                await tx.run(db.erasure.anonymise_post, post=opening.id)
                await listing.after_anonymising(tx, self.discussion, user_id=opening.author)

            await self.database.write(anonymise)

    async def compare(self) -> None:
        """Raises AssertionError where the database does not have what a recount of the model gives."""
        listed = {post.id for post in self.posts if post.listed}
        assert {row.id for row in await self._rows(_LISTED)} == listed
        assert {row.parent: (row.total, row.more) for row in await self._rows(_COUNTS)} == {
            post.id: (sum(each.listed for each in post.answers), sum(each.listed for each in post.below))
            for post in self.posts
        }
        wrote = Counter(post.author for post in self.posts if post.named and not post.deleted)
        assert {row.parent: row.total for row in await self._rows(_PARTICIPANTS)} == wrote
        (counts,) = await self._rows(_OF_DISCUSSION)
        assert (counts.total, counts.more) == (sum(post.listed for post in self.replies), len(wrote))

    async def _rows(self, statement: Statement[Any]) -> list[Any]:
        return await self.database.rows(statement, discussion=self.discussion)


@pytest.mark.parametrize("seed", range(4))
async def test_counts_after_any_history_are_those_of_a_recount(backend: Backend, seed: int) -> None:
    chance = random.Random(seed)
    async with Database(backend.migrated_database()) as database:
        history = History(database, chance)
        await history.begin()
        for _ in range(12):
            await history.add()
        acts = [
            history.add,
            history.add,
            history.delete,
            history.delete,
            history.restore,
            history.delete_all_and_restore,
            history.anonymise,
        ]
        for _ in range(80):
            (act,) = chance.choices(acts, weights=(6, 6, 6, 6, 8, 1, 0.5))
            await act()
            await history.compare()


async def test_a_long_branch_of_tombstones_goes_and_returns_as_one(backend: Backend) -> None:
    async with Database(backend.migrated_database()) as database:
        history = History(database, random.Random(1))
        await history.begin()
        for _ in range(30):
            post_id, _ = await database.write(
                lambda tx: writing.add_reply(
                    tx,
                    history.discussion,
                    history.people[1],
                    history.posts[-1].id if history.replies else None,
                    post=writing.draft(),
                )
            )
            made = Post(post_id, history.posts[-1], history.people[1])
            history.posts[-1].answers.append(made)
            history.posts.append(made)
        # All but the first and the last: nothing is unlisted until the last one goes.
        for post in history.replies[1:]:
            await history._change([post], deleted=True)
        await history.compare()
        assert [post.listed for post in history.replies] == [True] + [False] * 29
        await history._change([history.posts[-1]], deleted=False)
        await history.compare()
        assert all(post.listed for post in history.replies)


async def test_last_activity_stays_when_the_last_reply_goes(backend: Backend) -> None:
    class MomentRow(IdRow):
        __slots__ = ()

        at: datetime

    moment = Statement(
        select(discussion_counts.c.discussion_id.label("id"), discussion_counts.c.last_activity_at.label("at")).where(
            discussion_counts.c.discussion_id == _here
        ),
        MomentRow,
    )
    async with Database(backend.migrated_database()) as database:
        history = History(database, random.Random(1))
        await history.begin()
        await history.add()
        (before,) = await history._rows(moment)
        await history._change(history.replies, deleted=True)
        assert await history._rows(moment) == [before]
        assert before.at <= datetime.now(UTC)
