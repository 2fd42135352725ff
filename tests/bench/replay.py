"""The data set written anew by Parley's own writes, and both read as plain rows."""

import re
from typing import Any

import asyncpg
from db.drafts import PostContext, QuoteRequest
from db.limits import Limits
from sqlalchemy import bindparam, insert

import db.quotes
from bench.data import Rows
from db import discussions, drafts, replies
from db.database import Database, Transaction
from db.posts import Actor, PostDraft
from db.statements import Command
from db.tables import metadata, users

LIMITS = Limits()
_DRAWN = {
    "quotes": {"id"},
    "discussions": {"epoch"},
    "events": {"epoch", "at"},
    "posts": {"last_edited_at", "deleted_at"},
}
"""Columns that differ from one write to the next: drawn, or the time of day."""
_FEED = ("feed_outbox", "feed", "feed_head")
"""What no page reads, and the data set leaves empty."""


async def replay(database: Database, rows: Rows) -> None:
    """Lets Parley write a data set of one discussion: what its log tells, in order."""
    await database.write(lambda tx: _add_people(tx, rows))
    posts = {post["id"]: post for post in rows["posts"]}
    first_bodies = {revision["post_id"]: revision for revision in rows["revisions"]}
    quoted = {quote["post_id"]: quote for quote in rows["quotes"]}
    (discussion,) = rows["discussions"]
    opening = posts[discussion["id"]]
    draft = await drafts.prepare(database, opening["body"], PostContext(), limit=None, created_at=opening["created_at"])
    started = discussions.DiscussionDraft(title=discussion["title"], category_id=None, post=draft)
    await database.write(lambda tx: discussions.start_discussion(tx, started, Actor(opening["author_id"])))
    for event in rows["events"]:
        post = posts[event["post_id"]]
        setting = PostContext(discussion_id=discussion["id"], before=post["sequence"])
        if event["kind"] == "ReplyAdded":
            quote = quoted.get(post["id"])
            request = [QuoteRequest(quote["source_id"], quote["own_text"], quote["source_version"])] if quote else []
            written = await drafts.prepare(
                database,
                first_bodies.get(post["id"], post)["body"],
                setting,
                limit=None,
                requests=request,
                created_at=post["created_at"],
            )
            await _add(database, discussion["id"], post["reply_to_id"], written, event["actor_id"])
        elif event["kind"] == "ReplyEdited":
            existing = await database.rows(db.quotes.of_posts, ids=[post["id"]], deepest=9)
            written = await drafts.prepare(database, post["body"], setting, limit=None, existing=existing)
            await _edit(database, post["id"], written, event["actor_id"])
        elif event["kind"] == "ReplyDeleted":
            await _delete(database, post["id"], event["actor_id"])
        # All that a change does to quotes is told in one sweep.
        await db.quotes.tell_of_changed_sources(database)


async def _add_people(tx: Transaction, rows: Rows) -> None:
    command = Command(insert(users).values({name: bindparam(name) for name in rows["users"][0]}))
    await tx.run_many(command, rows["users"])


async def _add(database: Database, discussion: int, reply_to: int | None, post: PostDraft, author: int) -> None:
    draft = replies.ReplyDraft(discussion, reply_to, post)
    await database.write(lambda tx: replies.add_reply(tx, draft, Actor(author), LIMITS))


async def _edit(database: Database, reply: int, post: PostDraft, author: int) -> None:
    await database.write(lambda tx: replies.edit_reply(tx, reply, expected_version=1, post=post, actor=Actor(author)))


async def _delete(database: Database, reply: int, author: int) -> None:
    await database.write(lambda tx: replies.delete_reply(tx, reply, Actor(author)))


async def tables(url: str) -> dict[str, list[dict[str, Any]]]:
    """All rows of a database, by table, in order, without what is drawn anew for every write."""
    connection = await asyncpg.connect(url)
    try:
        found = {}
        for table in metadata.sorted_tables:
            if table.name in _FEED:
                continue
            if table.name != "secrets":
                kept = [column.name for column in table.columns if column.name not in _DRAWN.get(table.name, ())]
                names = ", ".join(f'"{name}"' for name in kept)
                read = await connection.fetch(f"SELECT {names} FROM {table.name} ORDER BY {names}")
                found[table.name] = [{name: _plain(value) for name, value in row.items()} for row in read]
        return found
    finally:
        await connection.close()


def _plain(value: object) -> object:
    return re.sub('"Q_[0-9]+"', '"Q_…"', value) if isinstance(value, str) else value
