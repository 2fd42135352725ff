"""Notices of changed sources: a projection notes them, each quoting post is notified once."""

from collections.abc import Awaitable, Callable
from importlib import import_module

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, text

from db import events, migrate
from db.database import Database
from db.feed import sequence_pending
from db.log_readers import rewind
from forum.deletions import (
    DeleteDiscussion,
    DeleteReply,
    RestoreDiscussion,
    RestoreReply,
    delete_discussion,
    delete_reply,
    restore_discussion,
    restore_reply,
)
from forum.projections import catch_up
from forum.quotes import QUOTE_NOTICES, notify_of_changed_sources
from forum.replies import EditReply, edit_reply
from forum.use_cases import Actor, Forum
from tests.db import feeds
from tests.support.backends import Backend

pytestmark = pytest.mark.anyio


async def pending(url: str) -> list[int]:
    def ids(connection: Connection) -> list[int]:
        return list(connection.scalars(text("SELECT post_id FROM pending_quote_notifications ORDER BY post_id")))

    return await migrate.transact(url, ids)


async def notices(database: Database, discussion: int) -> int:
    rows = await database.rows(events.events_from, log_id=discussion, number=1, limit=1_000)
    return sum(row.kind == "QuoteStatusChanged" for row in rows)


class Quoted:
    """A reply of one discussion that a reply of another one quotes."""

    def __init__(self, url: str, database: Database) -> None:
        self.url, self.database, self.forum = url, database, Forum(database)

    async def write(self) -> "Quoted":
        self.author = await feeds.person(self.database)
        self.moderator = await feeds.person(self.database)
        self.discussion = await feeds.discussion(self.database, self.author)
        self.quoting = await feeds.discussion(self.database, self.author)
        self.source, _ = await self.database.write(lambda tx: feeds.add(tx, self.discussion, self.author))
        quote = feeds.post(quotes=[(self.source, None)])
        await self.database.write(lambda tx: feeds.add(tx, self.quoting, self.author, post=quote))
        self.other, _ = await self.database.write(lambda tx: feeds.add(tx, self.discussion, self.author))
        return self

    async def edit(self, post: int, version: int, body: str) -> None:
        await edit_reply(self.forum, Actor(self.author), EditReply(reply_id=post, expected_version=version, body=body))

    async def acts(self) -> None:
        """All acts that change a source, with the notices so far after each."""
        moderator = Actor(self.moderator, is_moderator=True)
        acts: tuple[Callable[[], Awaitable[object]], ...] = (
            lambda: self.edit(self.source, 1, "Now this."),
            lambda: delete_reply(self.forum, Actor(self.author), DeleteReply(reply_id=self.source)),
            lambda: restore_reply(self.forum, Actor(self.author), RestoreReply(reply_id=self.source)),
            lambda: delete_discussion(self.forum, moderator, DeleteDiscussion(discussion_id=self.discussion)),
            lambda: restore_discussion(self.forum, moderator, RestoreDiscussion(discussion_id=self.discussion)),
        )
        for count, act in enumerate(acts, start=1):
            await act()
            assert await pending(self.url) == []
            assert await notify_of_changed_sources(self.database) == 1
            assert await notify_of_changed_sources(self.database) == 0
            assert await notices(self.database, self.quoting) == count
            assert await pending(self.url) == []


@pytest.fixture
def url(backend: Backend) -> str:
    return backend.migrated_database()


async def test_each_act_on_a_source_notifies_its_quoting_post_once(url: str) -> None:
    async with Database(url) as database:
        await (await Quoted(url, database).write()).acts()


async def test_post_that_nobody_quotes_leaves_nothing_to_notify(url: str) -> None:
    async with Database(url) as database:
        quoted = await Quoted(url, database).write()
        await quoted.edit(quoted.other, 1, "Now this.")
        await catch_up(database, QUOTE_NOTICES)
        assert await pending(url) == []
        await quoted.edit(quoted.source, 1, "Now this.")
        await catch_up(database, QUOTE_NOTICES)
        assert await pending(url) == [quoted.source]
        # It may be read again, and stays one notice.
        assert await notify_of_changed_sources(database) == 1
        await database.write(lambda tx: rewind(tx, QUOTE_NOTICES.name))
        assert await notify_of_changed_sources(database) == 0


async def test_upgrade_notifies_of_changes_of_before_and_after_once(url: str) -> None:
    async with Database(url) as database:
        before, between, after = [await Quoted(url, database).write() for _ in range(3)]
        await before.edit(before.source, 1, "Now this.")
        await sequence_pending(database)
        await between.edit(between.source, 1, "Now this.")

    def upgrade(connection: Connection) -> None:
        # What the release of before did in the transaction of the act; one of the events is not in the feed yet.
        for quoted in (before, between):
            connection.execute(
                text("INSERT INTO pending_quote_notifications (post_id, version) VALUES (:post, 2)"),
                {"post": quoted.source},
            )
        connection.execute(text("DROP TABLE log_readers"))
        with Operations.context(MigrationContext.configure(connection)):
            import_module("db.migrations.versions.0013_readers_of_logs").upgrade()

    await migrate.transact(url, upgrade)
    async with Database(url) as database:
        after.database, after.forum = database, Forum(database)
        await after.edit(after.source, 1, "Now this.")
        assert await notify_of_changed_sources(database) == 3
        assert [await notices(database, quoted.quoting) for quoted in (before, between, after)] == [1, 1, 1]
