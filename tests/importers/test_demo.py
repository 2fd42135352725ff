"""The demo data shows what Parley is about."""

import tomllib
from collections import Counter

import pytest

from db import discussion_lists, quotes, replies
from db.database import Database
from db.kinds import DiscussionOrderField
from forum.quotes import statuses_now
from importers import demo

pytestmark = pytest.mark.anyio

DISCUSSIONS = discussion_lists.listed(DiscussionOrderField.CREATED_AT, descending=False, bounded=False)


async def test_the_demo_fills_an_empty_database_once(database: Database) -> None:
    assert await demo.fill(database)
    assert not await demo.fill(database)
    content = tomllib.loads(demo.CONTENT.read_text(encoding="utf-8"))
    rows = await database.rows(DISCUSSIONS, limit=50)
    assert sorted(row.reply_count for row in rows) == sorted(len(told["replies"]) for told in content["discussions"])
    assert max(row.reply_count for row in rows) >= 60


async def test_the_demo_shows_every_status_of_a_quote(database: Database) -> None:
    await demo.fill(database)
    statuses: Counter[str] = Counter()
    for row in await database.rows(DISCUSSIONS, limit=50):
        every = replies.of_parents("discussion_id", "sequence", descending=False)
        found = await database.rows(every, parents=[row.id], low=0, high=10_000, limit=1_000)
        quoted = await database.rows(quotes.of_posts, ids=[reply.post_id for reply in found], deepest=9)
        statuses.update(await statuses_now(database, quoted))
    assert statuses == {"VERBATIM": 17, "SOURCE_EDITED": 3, "SOURCE_DELETED": 1, "ALTERED": 2, "UNRESOLVED": 1}
