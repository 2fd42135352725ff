"""What is checked of a post before it is written."""

import pytest

from db import posts, quotes, users
from db.database import Database
from forum.discussions import StartDiscussion, start_discussion
from forum.drafts import QuoteRequest
from forum.errors import TooManyQuotes
from forum.limits import Limits
from forum.replies import AddReply, EditReply, add_reply, edit_reply
from forum.use_cases import Actor, Forum

pytestmark = pytest.mark.anyio


async def test_quotes_kept_without_a_name_count_with_the_new_ones(database: Database) -> None:
    forum = Forum(database, Limits(quotes=1))
    actor = Actor(await database.write(lambda tx: users.add_user(tx, users.Person("ada", "Ada"))))
    started = await start_discussion(forum, actor, StartDiscussion(title="Title", body="The words."))
    assert started.discussion_id is not None
    source = await database.row(posts.opening_posts, discussions=[started.discussion_id])
    assert source is not None
    reply = AddReply(
        discussion_id=started.discussion_id,
        body="> The words.\n\nYes.",
        quotes=[QuoteRequest(source.post_id, "The words.")],
    )
    added = await add_reply(forum, actor, reply)
    assert added.post_id is not None
    assert len(await database.rows(quotes.of_posts, ids=[added.post_id], deepest=9)) == 1
    body = "> The words.\n\nYes.\n\n> **Bo said:**\n>\n> Other words."
    with pytest.raises(TooManyQuotes, match="There are 2 quotes; 1 are allowed"):
        await edit_reply(forum, actor, EditReply(reply_id=added.post_id, expected_version=1, body=body))
