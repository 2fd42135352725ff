"""A discussion in a database compared with the model, row by row."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import and_, bindparam, select

import db.discussions
import db.posts
import db.quotes
import db.replies
import db.revisions
import db.threads
import forum.quotes
from db import events, mentions
from db.database import Database
from db.rows import CountRow, PostRow, QuoteRow, ReplyCountsRow, ReplyRow, Row
from db.statements import Statement
from db.tables import discussion_counts, participants, posts, reply_counts
from tests.db.model import Discussion, Post, Quote, name_of
from text.said import normalised

FROM_THE_START = b""
TO_THE_END = b"\xff" * 4 * 8

_counts = Statement(
    select(
        posts.c.id.label("post_id"),
        posts.c.reply_to_id,
        posts.c.listed,
        reply_counts.c.reply_count,
        reply_counts.c.descendant_count,
    )
    .join(
        reply_counts,
        and_(reply_counts.c.discussion_id == posts.c.discussion_id, reply_counts.c.sequence == posts.c.sequence),
    )
    .where(posts.c.discussion_id == bindparam("discussion"))
    .order_by(posts.c.sequence),
    ReplyCountsRow,
)
"""What is stored of every post, the opening post and unlisted ones included."""
_participants = Statement(
    select(participants.c.user_id.label("parent"), participants.c.post_count.label("total")).where(
        participants.c.discussion_id == bindparam("discussion")
    ),
    CountRow,
)


class _ListedRow(Row):
    """What lists choose a discussion by."""

    __slots__ = ()

    category_id: int | None
    author_id: int | None
    locked: bool
    listed: bool


_listed = Statement(
    select(*[discussion_counts.c[name] for name in _ListedRow.columns]).where(
        discussion_counts.c.discussion_id == bindparam("discussion")
    ),
    _ListedRow,
)


async def compare(database: Database, model: Discussion, names: Mapping[int, str]) -> None:
    """Raises AssertionError where the rows are not what the model says. `names` gives people by their ids."""
    row = await database.row(db.discussions.by_ids, ids=[model.id])
    assert row is not None
    assert (row.title, row.category_id) == (model.title, model.category)
    assert (row.locked, row.pinned, row.deleted_at is not None) == (model.locked, model.pinned, model.deleted)
    chosen_by = await database.row(_listed, discussion=model.id)
    assert chosen_by is not None
    assert (chosen_by.category_id, chosen_by.locked, chosen_by.listed) == (
        row.category_id,
        model.locked,
        not model.deleted,
    )
    assert names.get(chosen_by.author_id or 0) == model.opening.author
    listed = [post for post in model.posts[1:] if post.listed]
    assert (row.reply_count, row.participant_count) == (len(listed), len(model.participants))
    their_posts = Counter(post.author for post in model.posts if not post.deleted)
    counted = await database.rows(_participants, discussion=model.id)
    assert {names[each.parent]: each.total for each in counted} == their_posts
    assert row.event_number == len(model.events)
    by_sequence: dict[int, PostRow] = {0: row}
    for order, newest in (("path", False), ("newest_path", True)):
        thread = await _thread(database, model, order)
        assert [reply.sequence for reply in thread] == [
            reply.sequence for reply in model.descendants(None, newest=newest) if reply.listed
        ]
        by_sequence |= {reply.sequence: reply for reply in thread}
    unlisted = [post.id for post in model.posts[1:] if not post.listed]
    by_sequence |= {reply.sequence: reply for reply in await database.rows(db.replies.by_ids, ids=unlisted)}
    assert sorted(by_sequence) == list(range(len(model.posts)))
    quotes = await database.rows(db.quotes.of_posts, ids=[post.id for post in model.posts], deepest=99)
    named = await database.rows(mentions.of_posts, ids=[post.id for post in model.posts])
    assert named == []
    for post in model.posts:
        await _compare_post(
            database, names, post, by_sequence[post.sequence], [one for one in quotes if one.post_id == post.id]
        )
    for post, counts in zip(model.posts, await database.rows(_counts, discussion=model.id), strict=True):
        _compare_counts(post, counts)
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
    assert row.last_event == model.last_event
    assert names.get(row.author_id) == model.author
    assert row.body == model.body
    if model.deleted:
        assert row.body == row.body_html == row.body_text == ""
    assert all(sentence in row.body_text for sentence in model.said)
    if model.sequence > 0:
        assert row.path == model.path
    assert len(quotes) == len(model.quotes)
    for quote, expected in zip(quotes, model.quotes, strict=True):
        await _compare_quote(database, quote, expected)
        assert f'data-quote-id="{quote.node_id}"' in row.body_html
    every = range(1, model.version + 1)
    earlier = await database.rows(db.revisions.words, post=row.post_id, versions=list(every))
    assert {revision.version for revision in earlier} == set(every[:-1]) - model.tombstones
    assert all(revision.said for revision in earlier)


def _compare_counts(model: Post, row: ReplyCountsRow) -> None:
    assert row.post_id == model.id
    place = model if model.sequence > 0 else None
    answers = [reply for reply in model.discussion.answers(place) if reply.listed]
    below = [reply for reply in model.discussion.descendants(place) if reply.listed]
    assert (row.listed, row.reply_count, row.descendant_count) == (model.listed, len(answers), len(below))


async def _compare_quote(database: Database, row: QuoteRow, model: Quote) -> None:
    assert model.id in (0, row.id)
    model.id = row.id
    assert row.said == normalised(model.sentence)
    assert row.attributed_name == name_of(model)
    assert row.source_id == (model.source.id if model.source else None)
    assert row.source_version == model.source_version
    assert await forum.quotes.statuses_now(database, [row]) == [model.status]
