"""What is checked of a post before it is written."""

import pytest
from db.failures import Refused, TooManyQuotes
from db.limits import Limits

from db import discussions, drafts, posts, quotes, replies, users
from db.database import Database, Transaction

pytestmark = pytest.mark.anyio


async def test_quotes_kept_without_a_name_count_with_the_new_ones(database: Database) -> None:
    actor = posts.Actor(await database.write(lambda tx: users.add_user(tx, users.Person("ada", "Ada"))))
    opening = await drafts.prepare(database, "The words.", drafts.PostContext(), limit=None)
    started = discussions.DiscussionDraft("Title", opening)
    discussion = await database.write(lambda tx: discussions.start_discussion(tx, started, actor))
    source = await database.row(posts.opening_posts, discussions=[discussion])
    assert source is not None
    setting = drafts.PostContext(discussion_id=discussion, most_quotes=1)
    request = drafts.QuoteRequest(source.post_id, "The words.")
    post = await drafts.prepare(database, "> The words.\n\nYes.", setting, limit=None, requests=[request])

    async def add(tx: Transaction) -> int:
        made, _ = await replies.add_reply(tx, replies.ReplyDraft(discussion, None, post), actor, Limits())
        return made

    existing = await database.rows(quotes.of_posts, ids=[await database.write(add)], deepest=9)
    assert len(existing) == 1
    body = "> The words.\n\nYes.\n\n> **Bo said:**\n>\n> Other words."
    with pytest.raises(Refused) as refused:
        await drafts.prepare(database, body, setting, limit=None, existing=existing)
    assert [type(failure) for failure in refused.value.failures] == [TooManyQuotes]
