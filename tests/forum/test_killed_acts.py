"""A process killed between any two statements leaves no act without its entries, and no entry without its act."""

import pytest
from sqlalchemy import Connection, text

import db.feed
from db import migrate
from db.database import Database
from db.logs import AUDIT
from forum.deletions import DeleteReply, delete_reply
from forum.quotes import notify_of_changed_sources
from forum.use_cases import Actor, Forum
from tests.db import feeds
from tests.support import killing
from tests.support.backends import Backend

pytestmark = pytest.mark.anyio

MOST_STEPS = 200
STEPS_APART = 2
"""A transaction has more steps than that, so that a kill falls into each."""


async def _delete(url: str, reply: int, moderator: int) -> None:
    """A moderator's deletion of a reply that is quoted, and all that follows from it."""
    async with Database(url) as database:
        await delete_reply(Forum(database), Actor(moderator, is_moderator=True), DeleteReply(reply_id=reply))
        await _follow_up(database)


async def _follow_up(database: Database) -> None:
    await db.feed.sequence_pending(database, db.feed.moderation)
    await notify_of_changed_sources(database)
    await db.feed.sequence_pending(database)


def _rows(connection: Connection, query: str) -> list[tuple[int, ...]]:
    return [tuple(row) for row in connection.execute(text(query))]


async def test_acts_killed_anywhere_leave_as_many_entries_in_every_log(backend: Backend) -> None:
    url = backend.migrated_database()
    killed: list[int] = []
    async with Database(url) as database:
        author, moderator = [await feeds.person(database) for _ in range(2)]
        discussion, quoting = [await feeds.discussion(database, author) for _ in range(2)]
        quotes: dict[int, int] = {}
        for step in range(1, MOST_STEPS, STEPS_APART):
            reply, _ = await database.write(lambda tx: feeds.add(tx, discussion, author))
            quote = feeds.post(quotes=[(reply, None)])
            quotes[reply], _ = await database.write(lambda tx: feeds.add(tx, quoting, author, post=quote))  # noqa: B023
            if not await killing.run(_delete, url, reply, moderator, kill_before=step):
                break
            killed.append(reply)
        await _follow_up(database)
    # The act itself, its events, and what moves them to the other logs.
    assert 40 < len(killed) * STEPS_APART < MOST_STEPS - 2

    def check(connection: Connection) -> None:
        deleted = {post for (post,) in _rows(connection, "SELECT id FROM posts WHERE deleted_at IS NOT NULL")}
        # Some were killed before the commit, and most after it.
        assert 5 < len(deleted) < len(quotes)
        assert {post for (post,) in _rows(connection, "SELECT post_id FROM deleted_posts")} == deleted
        deletions = "FROM events WHERE kind = 'ReplyDeleted'"
        assert sorted(_rows(connection, f"SELECT post_id {deletions}")) == [(post,) for post in sorted(deleted)]
        events = sorted(_rows(connection, "SELECT log_id, number FROM events"))
        assert sorted(_rows(connection, "SELECT log_id, number FROM feed")) == events
        moderated = sorted(_rows(connection, f"SELECT log_id, number {deletions}"))
        entries = "SELECT discussion_id, event_number FROM audit_entries WHERE action = 'DELETE_POST'"
        assert sorted(_rows(connection, entries)) == moderated
        ids = sorted(_rows(connection, f"SELECT {AUDIT}, id FROM audit_entries"))
        assert sorted(_rows(connection, "SELECT log_id, number FROM moderation_events")) == ids
        for table in ("feed", "moderation_events"):
            positions = [
                position for (position,) in _rows(connection, f"SELECT position FROM {table} ORDER BY position")
            ]
            assert positions == list(range(1, len(positions) + 1))
        for log in (discussion, quoting):
            numbers = [number for log_id, number in events if log_id == log]
            assert numbers == list(range(1, len(numbers) + 1))
        assert _rows(connection, "SELECT 1 FROM outbox") == []
        assert _rows(connection, "SELECT 1 FROM pending_quote_notifications") == []
        notices = _rows(connection, "SELECT post_id FROM events WHERE kind = 'QuoteStatusChanged'")
        assert sorted(notices) == sorted((quotes[post],) for post in deleted)

    await migrate.transact(url, check)
