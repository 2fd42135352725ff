"""The data set written again by Parley's own writes, and both read as plain rows."""

import re
from typing import Any

import asyncpg
from sqlalchemy import bindparam, insert

from bench.data import Rows
from db.categories import category
from db.database import Database, Transaction
from db.statements import WriteStatement
from db.tables import metadata, users
from forum.deletions import DeleteReply, delete_reply
from forum.discussions import StartDiscussion, start_discussion
from forum.drafts import QuoteRequest
from forum.limits import IMPORT_LIMITS
from forum.quotes import notify_of_changed_sources
from forum.replies import AddReply, EditReply, add_reply, edit_reply
from forum.use_cases import Actor, Forum

_DRAWN = {
    "quotes": {"id"},
    "deleted_posts": {"quotes", "mentions"},
    "log_heads": {"epoch", "last_epoch", "revision"},
    "events": {"epoch", "at", "author_id", "answered_id", "category_id"},
}
"""Columns that differ from one write to the next (drawn, or the time of day), and those that no page reads."""
_FEED = ("outbox", "feed", "event_people", "log_readers")
"""What no page reads, and the data set leaves empty."""


async def replay(database: Database, rows: Rows) -> None:
    """Lets Parley write what a data set holds, but for the people, who are there: its events, in order."""
    forum = Forum(database, IMPORT_LIMITS)
    posts = {post["id"]: post for post in rows["posts"]}
    discussions = {discussion["id"]: discussion for discussion in rows["discussions"]}
    categories = {category["id"]: category for category in rows.get("categories", ())}
    first_bodies = {revision["post_id"]: revision for revision in rows["revisions"]}
    quoted = {quote["post_id"]: quote for quote in rows["quotes"]}
    for event in rows["events"]:
        if event["kind"] == "CategoryChanged":
            made = {name: value for name, value in categories[event["category_id"]].items() if name != "id"}
            async with database.transaction(event["at"]) as tx:
                await category(tx, **made)
            continue
        post, actor = posts[event["post_id"]], Actor(event["actor_id"])
        discussion = discussions[post["discussion_id"]]
        body = first_bodies.get(post["id"], post)["body"]
        if event["kind"] == "DiscussionStarted":
            start = StartDiscussion(
                title=discussion["title"], body=body, category_id=discussion.get("category_id"), at=event["at"]
            )
            await start_discussion(forum, actor, start)
        elif event["kind"] == "ReplyAdded":
            quote = quoted.get(post["id"])
            add = AddReply(
                discussion_id=discussion["id"],
                reply_to_id=post["reply_to_id"],
                body=body,
                quotes=[QuoteRequest(quote["source_id"], quote["body_text"], quote["source_version"])] if quote else [],
                at=event["at"],
            )
            await add_reply(forum, actor, add)
        elif event["kind"] == "ReplyEdited":
            edit = EditReply(reply_id=post["id"], expected_version=1, body=post["body"], at=event["at"])
            await edit_reply(forum, actor, edit)
        elif event["kind"] == "ReplyDeleted":
            await delete_reply(forum, actor, DeleteReply(reply_id=post["id"], at=event["at"]))
        # All quoting posts of one changed source are notified together.
        await notify_of_changed_sources(database)


async def add_people(tx: Transaction, rows: Rows) -> None:
    """Puts the people of a data set into the tables as they stand."""
    command = WriteStatement(insert(users).values({name: bindparam(name) for name in rows["users"][0]}))
    await tx.run_many(command, rows["users"])


async def tables(url: str) -> dict[str, list[dict[str, Any]]]:
    """All rows of a database, by table, in order, without what differs from one write to the next."""
    connection = await asyncpg.connect(url)
    try:
        found = {}
        for table in metadata.sorted_tables:
            if table.name in _FEED:
                continue
            if table.name != "secrets":
                kept = [column.name for column in table.columns if column.name not in _DRAWN.get(table.name, ())]
                names = ", ".join(f'"{name}"' for name in kept)
                # The data set's feed is empty.
                where = "WHERE log_id <> 0" if table.name == "log_heads" else ""
                read = await connection.fetch(f"SELECT {names} FROM {table.name} {where} ORDER BY {names}")
                found[table.name] = [{name: _plain(value) for name, value in row.items()} for row in read]
        return found
    finally:
        await connection.close()


def _plain(value: object) -> object:
    return re.sub('"Q_[0-9]+"', '"Q_…"', value) if isinstance(value, str) else value
