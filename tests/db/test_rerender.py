"""Posts of an older renderer."""

import pytest

from db import categories, quotes, replies, users
from db.database import Database, Transaction
from db.statements import WriteStatement
from db.tables import posts as posts_table
from forum.discussions import StartDiscussion, start_discussion
from forum.replies import AddReply, add_reply
from forum.rerendering import rerender_stale_posts
from forum.use_cases import Actor, Forum

pytestmark = pytest.mark.anyio

age = WriteStatement(posts_table.update().values(renderer=0, body_html="<p>as it once was</p>"))


async def test_stale_posts_are_rendered_again_and_keep_their_quotes(database: Database) -> None:
    forum = Forum(database)
    actor = Actor(await database.write(lambda tx: users.add_user(tx, users.Person("ada", "Ada"))))
    started = await start_discussion(forum, actor, StartDiscussion(title="Title", body="The words."))
    assert started.discussion_id is not None
    body = "> **Ada said:**\n>\n> The words.\n\nYes."
    added = await add_reply(forum, actor, AddReply(discussion_id=started.discussion_id, body=body))
    reply_id = added.post_id
    before = await database.row(replies.by_ids, ids=[reply_id])
    await database.write(lambda tx: tx.run(age))

    assert await rerender_stale_posts(database) == 2
    after = await database.row(replies.by_ids, ids=[reply_id])
    assert before is not None
    assert after is not None
    (quote,) = await database.rows(quotes.of_posts, ids=[reply_id], deepest=9)
    assert f'data-quote-id="{quote.node_id}"' in after.body_html
    assert (after.body_html, after.version) == (before.body_html, before.version)
    assert await rerender_stale_posts(database) == 0


async def test_category_is_created_once_for_its_slug(database: Database) -> None:
    async def make(tx: Transaction) -> int:
        return await categories.category(tx, slug="tools", name="Tools", description=None)

    assert await database.write(make) == await database.write(make)
