"""A moderator's decision that is killed between any two statements is made as a whole or not at all."""

import pytest
from sqlalchemy import Connection, text

import db.feed
from db import migrate
from db.database import Database
from db.kinds import ReportReason, ReviewAction
from db.logs import AUDIT, REVIEW
from forum.policy import Policy
from forum.replies import AddReply, add_reply
from forum.reviews import DecideReview, ReportPost, decide_review, report_post
from forum.use_cases import Actor, Forum
from tests.db import feeds
from tests.support import killing
from tests.support.backends import Backend

pytestmark = pytest.mark.anyio

MOST_STEPS = 120
STEPS_APART = 5
HOLDS_ALL = Policy(first_posts=10_000)
EVERY_KIND = [ReviewAction.DELETE_POST, ReviewAction.PUBLISH, ReviewAction.DISMISS, ReviewAction.REJECT]


async def _decide(url: str, item: int, action: str, moderator: int) -> None:
    async with Database(url) as database:
        decision = DecideReview(review_item_id=item, action=ReviewAction(action), expected_version=1)
        await decide_review(Forum(database), Actor(moderator, is_moderator=True), decision)
        await db.feed.sequence_pending(database, db.feed.moderation)


def _ids(connection: Connection, query: str) -> list[int]:
    return sorted(number for (number,) in connection.execute(text(query)))


@pytest.mark.parametrize("action", EVERY_KIND)
async def test_a_decision_killed_anywhere_is_whole_or_is_not(backend: Backend, action: ReviewAction) -> None:
    url = backend.migrated_database()
    killed = 0
    async with Database(url) as database:
        author, reporter, moderator = [await feeds.person(database) for _ in range(3)]
        discussion = await feeds.discussion(database, author)

        async def opened(number: int) -> None:
            if action in (ReviewAction.PUBLISH, ReviewAction.REJECT):
                # Of one author only so many may wait.
                writer = Actor(await feeds.person(database), is_client=True)
                reply = AddReply(discussion_id=discussion, body=f"Held words {number}.")
                assert (await add_reply(Forum(database, policy=HOLDS_ALL), writer, reply)).held_id is not None
            else:
                reply_id, _ = await database.write(lambda tx: feeds.add(tx, discussion, author))
                report = ReportPost(reply_id=reply_id, reason=ReportReason.SPAM)
                await report_post(Forum(database), Actor(reporter), report)

        for item, step in enumerate(range(1, MOST_STEPS, STEPS_APART), 1):
            await opened(item)
            if not await killing.run(_decide, url, item, action.value, moderator, kill_before=step):
                break
            killed += 1
        await db.feed.sequence_pending(database, db.feed.moderation)
        await db.feed.sequence_pending(database)
    assert 3 < killed < MOST_STEPS // STEPS_APART - 1

    def check(connection: Connection) -> None:
        decided = _ids(connection, "SELECT id FROM review_items WHERE state = 'DECIDED'")
        # Some were killed before the commit, and some after it.
        assert 0 < len(decided) < killed + 1
        entries = f"SELECT review_item_id FROM audit_entries WHERE action = '{action}'"
        assert _ids(connection, entries) == decided
        named = "SELECT review_items.id FROM review_items JOIN audit_entries ON audit_entries.id = decision_id"
        assert _ids(connection, named) == decided
        held = "SELECT review_items.id FROM review_items JOIN held_posts ON held_posts.id = held_post_id"
        posted = "JOIN posts ON posts.id = held_posts.post_id"
        done = {
            ReviewAction.DELETE_POST: "SELECT review_items.id FROM review_items JOIN deleted_posts USING (post_id)",
            ReviewAction.DISMISS: "SELECT id FROM review_items WHERE decision_id IS NOT NULL",
            ReviewAction.PUBLISH: f"{held} {posted} WHERE held_posts.state = 'PUBLISHED'",
            ReviewAction.REJECT: f"{held} WHERE held_posts.state = 'REJECTED'",
        }
        assert _ids(connection, done[action]) == decided
        changed = "SELECT review_item_id FROM review_changes WHERE kind = 'ReviewItemChanged'"
        assert _ids(connection, changed) == decided
        for log, table in ((AUDIT, "audit_entries"), (REVIEW, "review_changes")):
            sequenced = f"SELECT number FROM moderation_events WHERE log_id = {log}"
            assert _ids(connection, sequenced) == _ids(connection, f"SELECT id FROM {table}")
        positions = _ids(connection, "SELECT position FROM moderation_events")
        assert positions == list(range(1, len(positions) + 1))
        numbers = _ids(connection, f"SELECT number FROM events WHERE log_id = {discussion}")
        assert numbers == list(range(1, len(numbers) + 1))
        assert _ids(connection, "SELECT id FROM outbox") == []

    await migrate.transact(url, check)
