"""Posts of an older renderer."""

import asyncio
import re
from typing import Any

import pytest

import db.events
import db.posts
import forum.rerendering
from db import categories, mentions, quotes, replies, users
from db.database import Database, Transaction
from db.kinds import AuthorRole, DiscussionChange
from db.rows import PostRow
from db.statements import WriteStatement
from db.tables import mentions as mentions_table
from db.tables import posts as posts_table
from db.tables import quotes as quotes_table
from forum.deletions import DeleteDiscussion, delete_discussion
from forum.discussions import StartDiscussion, start_discussion
from forum.drafts import QuoteRequest
from forum.replies import AddReply, EditReply, add_reply, edit_reply
from forum.rerendering import rerender_stale_posts
from forum.use_cases import Actor, Forum
from text.markdown import RENDERER

pytestmark = pytest.mark.anyio

forget_last_mention = WriteStatement(mentions_table.delete().where(mentions_table.c.ordinal == 2))
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


@pytest.mark.parametrize(
    ("source", "typed"),
    [
        ("\u8fd9\u662f**\u6211\u60f3\u3002**\u6240\u4ee5", r"\u8fd9\u662f\*\*\u6211\u60f3\u3002\*\*\u6240\u4ee5"),
        ("Yes.\n\n[Note]: important\n\nNo.", "Yes.\n>\n> No."),
        ("claim[^1]\n\n[^1]: note", "claim^1"),
        ("a ||b|| c", r"a \|\|b\|\| c"),
        ("007. Bond", r"7\. Bond"),
    ],
)
async def test_quotes_keep_their_statuses_where_markup_means_more_now(
    database: Database, source: str, typed: str
) -> None:
    forum = Forum(database)
    actor = Actor(await database.write(lambda tx: users.add_user(tx, users.Person("ada", "Ada"))))
    started = await start_discussion(forum, actor, StartDiscussion(title="Title", body=source))
    assert started.discussion_id is not None
    request = QuoteRequest(started.post_id, typed)
    body = f"> **Ada said:**\n>\n> {typed}\n\nSo."
    added = await add_reply(forum, actor, AddReply(discussion_id=started.discussion_id, body=body, quotes=(request,)))
    # As renderer 2 left them.
    await database.write(lambda tx: tx.run(age))
    await database.write(lambda tx: tx.run(WriteStatement(quotes_table.update().values(comparison="VERBATIM"))))

    assert await rerender_stale_posts(database) == 2
    found = await database.rows(quotes.of_posts, ids=[added.post_id], deepest=9)
    assert [quote.comparison for quote in found] == ["VERBATIM"]


async def test_mentions_and_links_are_made_again_as_they_were_meant(database: Database) -> None:
    forum = Forum(database, host="talk.example")
    ada = await database.write(lambda tx: users.add_user(tx, users.Person("ada", "Ada")))
    actor = Actor(ada)
    body = "@Ada, @Bob, @\u179f\u17bb\u1781: #1, [x](#reply-1), https://talk.example/d/1#reply-1"
    discussion = (await start_discussion(forum, actor, StartDiscussion(title="Title", body="To begin."))).discussion_id
    assert discussion is not None
    await add_reply(forum, actor, AddReply(discussion_id=discussion, body="One."))
    reply_id = (await add_reply(forum, actor, AddReply(discussion_id=discussion, body=body))).post_id
    before = await database.row(replies.by_ids, ids=[reply_id])
    assert before is not None
    assert before.body_html.count("data-post-id") == 3
    # Since then Ada is called otherwise, there is a Bob, and the renderer finds one mention more.
    await database.write(
        lambda tx: users.describe_user(tx, ada, name="Countess", avatar_url=None, role=AuthorRole.MEMBER)
    )
    await database.write(lambda tx: users.add_user(tx, users.Person("bob", "Bob")))
    khmer = await database.write(
        lambda tx: users.add_user(tx, users.Person("\u179f\u17bb\u1781", "\u179f\u17bb\u1781"))
    )
    await database.write(lambda tx: tx.run(age))
    await database.write(lambda tx: tx.run(forget_last_mention))

    assert await rerender_stale_posts(database, host="talk.example") == 3
    after = await database.row(replies.by_ids, ids=[reply_id])
    assert after is not None
    assert [row.user_id for row in await database.rows(mentions.of_posts, ids=[reply_id])] == [ada, None, khmer]
    assert re.findall('data-user-id="([^"]*)"', after.body_html) == [f"U_{ada}", f"U_{khmer}"]
    assert re.sub(f'<a [^>]*"U_{khmer}"[^>]*>(.*?)</a>', r"\1", after.body_html) == before.body_html


async def test_category_is_created_once_for_its_slug(database: Database) -> None:
    async def make(tx: Transaction) -> int:
        return await categories.category(tx, slug="tools", name="Tools", description=None)

    assert await database.write(make) == await database.write(make)


async def _aged_discussions(database: Database) -> list[int]:
    """Two discussions with posts of an older renderer, and a deleted one."""
    forum = Forum(database)
    actor = Actor(await database.write(lambda tx: users.add_user(tx, users.Person("ada", "Ada"))))
    ids = []
    for _ in range(3):
        started = await start_discussion(forum, actor, StartDiscussion(title="Title", body="The words."))
        assert started.discussion_id is not None
        ids.append(started.discussion_id)
    # In turns, as people write.
    for number in range(3):
        for discussion in ids[:2]:
            await add_reply(forum, actor, AddReply(discussion_id=discussion, body=f"Words {number}."))
    await delete_discussion(forum, actor, DeleteDiscussion(discussion_id=ids[2]))
    await database.write(lambda tx: tx.run(age))
    return ids


async def _rendered(database: Database, discussions: list[int]) -> list[list[list[DiscussionChange]]]:
    """What changed by the events that rendering appended, in each discussion."""
    found = []
    for discussion in discussions:
        log = await database.rows(db.events.events_from, log_id=discussion, number=1, limit=100)
        found.append([row.changes for row in log if DiscussionChange.RENDERED in row.changes])
        assert found[-1] == [] or log[-1].changes == [DiscussionChange.RENDERED]
    return found


async def test_rendering_is_one_event_for_each_discussion(database: Database) -> None:
    ids = await _aged_discussions(database)
    assert await rerender_stale_posts(database) == 8
    once = [[[DiscussionChange.RENDERED]]] * 2
    assert await _rendered(database, ids) == [*once, []]
    assert await rerender_stale_posts(database) == 0
    assert await _rendered(database, ids) == [*once, []]


async def test_rendering_by_two_processes_is_one_event(database: Database) -> None:
    ids = await _aged_discussions(database)
    await asyncio.gather(rerender_stale_posts(database), rerender_stale_posts(database))
    assert await _rendered(database, ids) == [*[[[DiscussionChange.RENDERED]]] * 2, []]


async def test_rendering_that_was_interrupted_ends_with_its_event(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = await _aged_discussions(database)
    render, left = forum.rerendering._try_to_render_post, 6

    async def stop(*given: Any) -> None:
        nonlocal left
        left -= 1
        if not left:
            raise ConnectionError("Stopped.")
        await render(*given)

    with monkeypatch.context() as stopping:
        stopping.setattr(forum.rerendering, "_try_to_render_post", stop)
        with pytest.raises(ConnectionError):
            await rerender_stale_posts(database)
    assert await _rendered(database, ids) == [[], [], []]
    assert await rerender_stale_posts(database) == 3
    assert await _rendered(database, ids) == [*[[[DiscussionChange.RENDERED]]] * 2, []]


async def test_an_edit_of_the_last_post_meanwhile_leaves_the_event(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = await _aged_discussions(database)
    render = forum.rerendering._try_to_render_post
    (found,) = await database.rows(db.posts.stale_in_discussion, discussion=ids[1], renderer=RENDERER)
    last = found.id

    async def edit_first(database: Database, host: str | None, post: PostRow, *more: Any) -> None:
        if post.post_id == last:
            command = EditReply(reply_id=last, expected_version=1, body="Edited.")
            await edit_reply(Forum(database), Actor(1), command)
        await render(database, host, post, *more)

    monkeypatch.setattr(forum.rerendering, "_try_to_render_post", edit_first)
    await rerender_stale_posts(database)
    assert await _rendered(database, ids) == [*[[[DiscussionChange.RENDERED]]] * 2, []]
