"""What fills a reply, lists of them, and what writes them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from strawberry import UNSET

import db.posts
import db.replies
from db import rows
from resolvers import errors, ids, pages, payloads, writes
from resolvers.context import Context
from schema import inputs

_LOW, _HIGH = -1, 2**62
_LONG_AGO, _FAR_AHEAD = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)


async def by_sequence(
    discussions: Sequence[rows.DiscussionRow], context: Context, *, sequence: int
) -> Sequence[rows.ReplyRow | None]:
    """The reply of this number in each discussion."""
    found = await context.database.rows(
        db.replies.by_sequences, discussions=[row.discussion_id for row in discussions], sequences=[sequence]
    )
    by_discussion = {row.discussion_id: row for row in found}
    return [by_discussion.get(row.discussion_id) for row in discussions]


async def of_discussions(
    discussions: Sequence[rows.DiscussionRow],
    context: Context,
    *,
    first: int | None = UNSET,
    after: str | None = UNSET,
    last: int | None = UNSET,
    before: str | None = UNSET,
    order_by: inputs.ReplyOrder | None = UNSET,
) -> Sequence[pages.Page[rows.ReplyRow]]:
    """All replies of each discussion, a page each."""
    asked = pages.window(first, after, last, before)
    found = await _flat(context, "discussion_id", [row.discussion_id for row in discussions], asked, order_by)
    groups = pages.grouped(found, by=lambda row: row.discussion_id)
    return [pages.page(groups.get(row.discussion_id, []), asked, _cursor, row.reply_count) for row in discussions]


async def of_replies(
    replies: Sequence[rows.ReplyRow],
    context: Context,
    *,
    first: int | None = UNSET,
    after: str | None = UNSET,
    last: int | None = UNSET,
    before: str | None = UNSET,
    order_by: inputs.ReplyOrder | None = UNSET,
) -> Sequence[pages.Page[rows.ReplyRow]]:
    """The direct answers to each reply, a page each."""
    asked = pages.window(first, after, last, before)
    # All replies of a list are mostly of one discussion, whose sequences its cursors name.
    found = await _flat(
        context,
        "reply_to_id",
        [row.post_id for row in replies],
        asked,
        order_by,
        discussions=list({row.discussion_id for row in replies}),
    )
    groups = pages.grouped(found, by=lambda row: row.reply_to_id)
    return [pages.page(groups.get(row.post_id, []), asked, _cursor, row.reply_count) for row in replies]


def _cursor(row: rows.ReplyRow) -> str:
    return row.cursor


async def _flat(
    context: Context,
    parent: str,
    parents: Sequence[int],
    asked: pages.Window,
    order_by: inputs.ReplyOrder | None,
    *,
    discussions: Sequence[int] | None = None,
) -> Sequence[rows.ReplyRow]:
    ordered = pages.given(order_by)
    descending = ordered is not None and ordered.direction is inputs.OrderDirection.DESC
    by_time = ordered is not None and ordered.field is inputs.ReplyOrderField.CREATED_AT
    # In a descending order "after" is the upper bound.
    low, high = (asked.before, asked.after) if descending else (asked.after, asked.before)
    bounds: dict[str, Any] = {
        "low": sequence_of(low) if low is not None else _LOW,
        "high": sequence_of(high) if high is not None else _HIGH,
    }
    if by_time:
        bounds |= {"low_at": _LONG_AGO, "high_at": _FAR_AHEAD}
        wanted = [bounds[end] for end, text in (("low", low), ("high", high)) if text is not None]
        if wanted:
            places = await context.database.rows(
                db.posts.places_by_sequence, discussions=discussions or list(parents), sequences=wanted
            )
            moments = {row.sequence: row.created_at for row in places}
            for end, text in (("low", low), ("high", high)):
                if text is not None:
                    if bounds[end] not in moments:
                        raise errors.bad_cursor(f"The cursor «{text}» names no reply here.")
                    bounds[f"{end}_at"] = moments[bounds[end]]
    statement = db.replies.of_parents(
        parent, "created_at" if by_time else "sequence", descending=descending != asked.backward
    )
    return await context.database.rows(statement, parents=list(parents), limit=asked.limit + 1, **bounds)


def sequence_of(cursor: str) -> int:
    """The sequence a page cursor of replies names. Raises BAD_CURSOR."""
    if cursor[:1] == "r" and cursor[1:].isascii() and cursor[1:].isdecimal() and len(cursor) <= 18:
        return int(cursor[1:])
    raise errors.bad_cursor(f"«{cursor[:40]}» is no cursor of a page of replies.")


async def of_users(
    users: Sequence[rows.UserRow], context: Context, *, first: int | None = UNSET, after: str | None = UNSET
) -> Sequence[pages.Page[rows.ReplyRow]]:
    """What each person wrote, newest first, a page each."""
    asked = pages.window(first, after)
    high = ids.number(asked.after, "R") if asked.after is not None else _HIGH
    if not high:
        raise errors.bad_cursor(f"«{(asked.after or '')[:40]}» is no cursor of a person's replies.")
    found = await context.database.rows(
        db.replies.of_parents("author_id", "id", descending=True),
        parents=[row.id for row in users],
        low=_LOW,
        high=high,
        limit=asked.limit + 1,
    )
    groups = pages.grouped(found, by=lambda row: row.author_id)
    return [
        pages.page(
            groups.get(row.id, []),
            asked,
            lambda reply: reply.node_id,
            pages.Count(db.replies.of_users_counted, row.id),
        )
        for row in users
    ]


async def by_post_ids(post_ids: Sequence[int | None], context: Context) -> Sequence[rows.ReplyRow | None]:
    """The replies with these post ids, in the same order."""
    wanted = list({post_id for post_id in post_ids if post_id})
    found = await context.database.rows(db.replies.by_ids, ids=wanted) if wanted else []
    by_id = {row.post_id: row for row in found}
    return [by_id.get(post_id or 0) for post_id in post_ids]


async def of_events(events: Sequence[rows.EventRow], context: Context) -> Sequence[rows.ReplyRow | None]:
    """The reply each event is about, as it is now."""
    return await by_post_ids([event.post_id for event in events], context)


async def of_payloads(given: Sequence[payloads.ReplyPayload], context: Context) -> Sequence[rows.ReplyRow | None]:
    """The reply each payload names, as it is now."""
    return await by_post_ids([payload.post_id for payload in given], context)


async def answered(replies: Sequence[rows.ReplyRow], context: Context) -> Sequence[rows.ReplyRow | None]:
    """The reply each reply answers."""
    return await by_post_ids([reply.reply_to_id for reply in replies], context)


async def ancestors(replies: Sequence[rows.ReplyRow], context: Context) -> Sequence[Sequence[rows.ReplyRow]]:
    """The replies above each reply, from the top down."""
    above = [reply.path[:-1] for reply in replies]
    sequences = {sequence for path in above for sequence in path}
    found = (
        await context.database.rows(
            db.replies.by_sequences,
            discussions=list({reply.discussion_id for reply in replies}),
            sequences=list(sequences),
        )
        if sequences
        else []
    )
    by_place = {(row.discussion_id, row.sequence): row for row in found}
    return [
        [by_place[reply.discussion_id, sequence] for sequence in path]
        for reply, path in zip(replies, above, strict=True)
    ]


def legacy_urls(replies: Sequence[rows.ReplyRow], _context: Context) -> Sequence[str | None]:
    """Where each reply stood before an import."""
    return [f"/xn/detail/{reply.legacy_id}" if reply.legacy_id else None for reply in replies]


async def add(
    _roots: Sequence[None], context: Context, *, input: inputs.AddReplyInput
) -> Sequence[payloads.AddReplyPayload]:
    """Adds a reply."""
    outcome = await writes.run(context, "addReply", input, lambda actor: writes.add_reply(context, input, actor))
    return [
        payloads.AddReplyPayload(
            client_mutation_id=pages.given(input.client_mutation_id),
            errors=outcome.failures,
            post_id=outcome.ids.get("post"),
            event_cursor=await writes.cursor_of(context, outcome.ids),
        )
    ]


async def edit(
    _roots: Sequence[None], context: Context, *, input: inputs.EditReplyInput
) -> Sequence[payloads.ReplyPayload]:
    """Edits a reply."""
    outcome = await writes.run(context, "editReply", input, lambda actor: writes.edit_reply(context, input, actor))
    return [_payload(input.client_mutation_id, outcome)]


async def delete(
    _roots: Sequence[None], context: Context, *, input: inputs.DeleteReplyInput
) -> Sequence[payloads.ReplyPayload]:
    """Leaves a tombstone of a reply."""
    outcome = await writes.run(context, "deleteReply", input, lambda actor: writes.delete_reply(context, input, actor))
    return [_payload(input.client_mutation_id, outcome)]


def _payload(client_mutation_id: str | None, outcome: writes.Outcome) -> payloads.ReplyPayload:
    return payloads.ReplyPayload(
        client_mutation_id=pages.given(client_mutation_id), errors=outcome.failures, post_id=outcome.ids.get("post")
    )
