"""Posts of an older renderer."""

import pytest
from db.limits import Limits
from db.rerender import rerender_stale_posts

from db import categories, discussions, drafts, posts, quotes, replies, users
from db.database import Database, Transaction
from db.statements import Command
from db.tables import posts as posts_table

pytestmark = pytest.mark.anyio

age = Command(posts_table.update().values(renderer=0, body_html="<p>as it once was</p>"))


async def test_posts_of_an_older_renderer_get_the_html_of_this_one_and_keep_their_quotes(database: Database) -> None:
    author = await database.write(lambda tx: users.add_user(tx, users.Person("ada", "Ada")))
    actor = posts.Actor(author)
    opening = await drafts.prepare(database, "The words.", drafts.PostContext(), limit=None)
    draft = discussions.DiscussionDraft("Title", opening)
    discussion = await database.write(lambda tx: discussions.start_discussion(tx, draft, actor))
    setting = drafts.PostContext(discussion_id=discussion)
    post = await drafts.prepare(database, "> **Ada said:**\n>\n> The words.\n\nYes.", setting, limit=None)

    async def add(tx: Transaction) -> int:
        made, _ = await replies.add_reply(tx, replies.ReplyDraft(discussion, None, post), actor, Limits())
        return made

    reply_id = await database.write(add)
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


async def test_a_category_is_made_once_for_its_slug(database: Database) -> None:
    async def make(tx: Transaction) -> int:
        return await categories.category(tx, slug="tools", name="Tools", description=None)

    assert await database.write(make) == await database.write(make)
