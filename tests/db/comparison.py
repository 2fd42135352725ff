"""A discussion in a database compared with the model, row by row."""

from collections.abc import Mapping
from typing import Any

import db.discussions
import db.posts
import db.quotes
import db.revisions
import db.threads
import forum.quotes
from db import events, mentions
from db.database import Database
from db.rows import PostRow, QuoteRow, ReplyRow
from tests.db.model import Discussion, Post, Quote, name_of
from text.said import normalised

FROM_THE_START = b""
TO_THE_END = b"\xff" * 4 * 8


async def compare(database: Database, model: Discussion, names: Mapping[int, str]) -> None:
    """Raises AssertionError where the rows are not what the model says. `names` gives people by their ids."""
    row = await database.row(db.discussions.by_ids, ids=[model.id])
    assert row is not None
    assert (row.title, row.locked, row.deleted_at is not None) == (model.title, model.locked, model.deleted)
    assert (row.reply_count, row.participant_count) == (len(model.posts) - 1, len(model.participants))
    assert row.last_event == len(model.events)
    by_sequence: dict[int, PostRow] = {0: row}
    for order, newest in (("path", False), ("newest_path", True)):
        thread = await _thread(database, model, order)
        assert [reply.sequence for reply in thread] == [
            reply.sequence for reply in model.descendants(None, newest=newest)
        ]
        by_sequence |= {reply.sequence: reply for reply in thread}
    assert sorted(by_sequence) == list(range(len(model.posts)))
    quotes = await database.rows(db.quotes.of_posts, ids=[post.id for post in model.posts], deepest=99)
    named = await database.rows(mentions.of_posts, ids=[post.id for post in model.posts])
    assert named == []
    for post in model.posts:
        await _compare_post(
            database, names, post, by_sequence[post.sequence], [one for one in quotes if one.post_id == post.id]
        )
    log = await database.rows(events.events_from, log_id=model.id, number=0, limit=10_000)
    assert [event.event_number for event in log] == list(range(1, len(model.events) + 1))
    sequences = {post.id: post.sequence for post in model.posts}
    assert [
        (event.kind, sequences[event.post_id or 0], event.version, names.get(event.actor_id or 0)) for event in log
    ] == model.events
    assert len({event.epoch for event in log}) == len(log)


async def _thread(database: Database, model: Discussion, order: str) -> list[ReplyRow]:
    statement = db.threads.page(order, descending=False, by_depth=False)
    return await database.rows(statement, parents=[model.id], low=FROM_THE_START, high=TO_THE_END, limit=10_000)


async def _compare_post(
    database: Database, names: Mapping[int, str], model: Post, row: Any, quotes: list[QuoteRow]
) -> None:
    assert row.post_id == model.id or model.id == 0
    model.id = row.post_id
    assert (row.version, row.deleted_at is not None) == (model.version, model.deleted)
    assert names.get(row.author_id) == model.author
    assert row.body == model.body
    if model.deleted:
        assert row.body == row.body_html == row.body_text == ""
    assert all(sentence in row.body_text for sentence in model.said)
    if model.sequence > 0:
        below = model.discussion.descendants(model)
        assert row.path == model.path
        assert (row.reply_count, row.descendant_count) == (len(model.discussion.answers(model)), len(below))
    assert len(quotes) == len(model.quotes)
    for quote, expected in zip(quotes, model.quotes, strict=True):
        await _compare_quote(database, quote, expected)
        assert f'data-quote-id="{quote.node_id}"' in row.body_html
    every = range(1, model.version + 1)
    earlier = await database.rows(db.revisions.words, post=row.post_id, versions=list(every))
    assert sorted(revision.version for revision in earlier) == list(every)[:-1]
    assert all(revision.said for revision in earlier)


async def _compare_quote(database: Database, row: QuoteRow, model: Quote) -> None:
    assert model.id in (0, row.id)
    model.id = row.id
    assert row.said == normalised(model.sentence)
    assert row.attributed_name == name_of(model)
    assert row.source_id == (model.source.id if model.source else None)
    assert row.source_version == model.source_version
    assert await forum.quotes.statuses_now(database, [row]) == [model.status]
