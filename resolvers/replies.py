"""What fills a reply, lists of them, and what writes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from strawberry import UNSET

import db.listing
import db.posts
import db.replies
from db import rows
from forum.deletions import DeleteReply, RestoreReply, delete_reply, restore_reply
from forum.errors import DiscussionNotFound, ParentNotFound, ReplyNotFound
from forum.replies import AddReply, EditReply, add_reply, edit_reply
from forum.use_cases import Actor
from resolvers import errors, ids, inputs, pages, payloads, quotes
from resolvers.context import Context
from resolvers.mutations import mutation, signed_in

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
) -> Sequence[pages.Page[rows.ReplyRow] | Exception]:
    """All replies of each discussion, a page each."""
    window = pages.window(first, after, last, before)
    parents = [_Parent(row.discussion_id, row.discussion_id, row.reply_count) for row in discussions]
    return await _flat(context, "discussion_id", parents, window, order_by)


async def of_replies(
    replies: Sequence[rows.ReplyRow],
    context: Context,
    *,
    first: int | None = UNSET,
    after: str | None = UNSET,
    last: int | None = UNSET,
    before: str | None = UNSET,
    order_by: inputs.ReplyOrder | None = UNSET,
) -> Sequence[pages.Page[rows.ReplyRow] | Exception]:
    """The direct answers to each reply, a page each."""
    window = pages.window(first, after, last, before)
    parents = [_Parent(row.post_id, row.discussion_id, row.reply_count) for row in replies]
    return await _flat(context, "reply_to_id", parents, window, order_by)


@dataclass(frozen=True, slots=True)
class _Parent:
    """What has a flat list of replies: its id, the discussion that the list's cursors belong to, and its length."""

    id: int
    discussion_id: int
    total: int


async def _flat(
    context: Context,
    column: str,
    parents: Sequence[_Parent],
    window: pages.Window,
    order_by: inputs.ReplyOrder | None,
) -> Sequence[pages.Page[rows.ReplyRow] | Exception]:
    ordered = pages.unset_to_none(order_by)
    descending = ordered is not None and ordered.direction is inputs.OrderDirection.DESC
    by_time = ordered is not None and ordered.field is inputs.ReplyOrderField.CREATED_AT
    # In a descending order "after" is the upper bound.
    low, high = (window.before, window.after) if descending else (window.after, window.before)
    bounds = await _bounds(context, {parent.discussion_id for parent in parents}, low, high, by_time=by_time)
    with_replies = [parent for parent in parents if parent.total]
    statement = db.replies.of_parents(
        column, "created_at" if by_time else "sequence", descending=descending != window.backward
    )
    found: dict[object, list[rows.ReplyRow]] = {}
    for limits in {
        tuple(each.items()) for parent in with_replies if isinstance(each := bounds[parent.discussion_id], dict)
    }:
        ids_of = [parent.id for parent in with_replies if bounds[parent.discussion_id] == dict(limits)]
        read = await context.database.rows(statement, parents=ids_of, limit=window.limit + 1, **dict(limits))
        found |= pages.grouped(read, by=lambda row: getattr(row, column))
    return [
        error
        if isinstance(error := bounds[parent.discussion_id], Exception)
        else pages.page(found.get(parent.id, []), window, lambda row: row.cursor, parent.total)
        for parent in parents
    ]


async def _bounds(
    context: Context, discussions: set[int], low: str | None, high: str | None, *, by_time: bool
) -> dict[int, dict[str, Any] | Exception]:
    """What a flat page binds in each discussion: mostly the same in all, so they are read together."""
    sequences = {
        "low": _LOW if low is None else sequence_of(low),
        "high": _HIGH if high is None else sequence_of(high),
    }
    if not by_time:
        return dict.fromkeys(discussions, sequences)
    # A cursor names a reply, and when that was written differs from discussion to discussion.
    named = {end: sequences[end] for end, text in (("low", low), ("high", high)) if text is not None}
    read = (
        await context.database.rows(
            db.posts.places_by_sequence, discussions=list(discussions), sequences=list(named.values())
        )
        if named
        else []
    )
    moments = {(place.discussion_id, place.sequence): place.created_at for place in read}
    bounds: dict[int, dict[str, Any] | Exception] = {}
    for discussion in discussions:
        if missing := [sequence for sequence in named.values() if (discussion, sequence) not in moments]:
            bounds[discussion] = errors.bad_cursor(f"r{missing[0]}", "these replies")
        else:
            ends = {f"{end}_at": moments[discussion, sequence] for end, sequence in named.items()}
            bounds[discussion] = sequences | {"low_at": _LONG_AGO, "high_at": _FAR_AHEAD} | ends
    return bounds


def sequence_of(cursor: str) -> int:
    """The sequence a page cursor of replies names. Raises BAD_CURSOR."""
    if cursor[:1] == "r" and cursor[1:].isascii() and cursor[1:].isdecimal() and len(cursor) <= 18:
        return int(cursor[1:])
    raise errors.bad_cursor(cursor, "a list of replies")


async def of_users(
    users: Sequence[rows.UserRow], context: Context, *, first: int | None = UNSET, after: str | None = UNSET
) -> Sequence[pages.Page[rows.ReplyRow]]:
    """What each person wrote, newest first, a page each."""
    window = pages.window(first, after)
    high, high_at = _HIGH, _FAR_AHEAD
    if window.after is not None:
        high = ids.number(window.after, "R")
        place = await context.database.row(db.posts.places, ids=[high])
        if place is None:
            raise errors.bad_cursor(window.after, "a user's replies")
        high_at = place.created_at
    found = await context.database.rows(
        db.replies.of_parents("author_id", "created_at", descending=True),
        parents=[row.id for row in users],
        low=_LOW,
        low_at=_LONG_AGO,
        high=high,
        high_at=high_at,
        limit=window.limit + 1,
    )
    groups = pages.grouped(found, by=attrgetter("author_id"))
    return [
        pages.page(
            groups.get(row.id, []),
            window,
            lambda reply: reply.node_id,
            pages.Count(db.replies.of_users_counted, row.id),
        )
        for row in users
    ]


async def by_post_ids(post_ids: Sequence[int | None], context: Context) -> Sequence[rows.ReplyRow | None]:
    """The replies with these post ids, in the same order."""
    return await pages.by_ids(db.replies.by_ids, post_ids, context, attrgetter("post_id"))


async def of_events(events: Sequence[rows.EventRow], context: Context) -> Sequence[rows.ReplyRow | None]:
    """The reply each event is about, as it is now."""
    return await by_post_ids([event.post_id for event in events], context)


async def of_payloads(written: Sequence[payloads.PayloadRow], context: Context) -> Sequence[rows.ReplyRow | None]:
    """The reply each payload names, as it is now."""
    read = await by_post_ids([None if payload.reply else payload.post_id for payload in written], context)
    return [payload.reply or row for payload, row in zip(written, read, strict=True)]


def cursors_of_payloads(written: Sequence[payloads.PayloadRow], context: Context) -> Sequence[str | None]:
    """Where the log of its discussion is right after the event of each payload."""
    return [
        None
        if payload.position is None or payload.discussion_id is None
        else context.services.cursors.write(payload.discussion_id, *payload.position)
        for payload in written
    ]


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


async def _ways(events: Sequence[rows.EventRow], context: Context) -> Sequence[Sequence[rows.ReplyCountsRow]]:
    """The reply of each event and those above it, from the top-level answer down, as they are now.

    What is listed may be followed by these alone. A deletion says which of them are not listed now, and a restoring,
    which are. Whether a post is listed changes only by events on the way up from whose reply it lies, and a reading
    is never older than its event. So if a post is not listed in the end, the last event that unlisted it and each later
    one found it so: it was taken out then, and not put in again. If it is listed in the end, the last one that listed
    it, by adding it or by restoring, and each later one found it so. A reply that was added is told as such in any
    case: if it is not listed any more, its deletion follows. The counts above a reply follow likewise: they change by
    its events only, and the last of these finds what is there in the end. In between a follower may be ahead of its
    place in the log. A discussion that was deleted or restored is read again as a whole.
    """
    found = await context.database.rows(
        db.listing.with_ancestors, ids=list({event.post_id for event in events if event.post_id is not None})
    )
    by_id = {row.post_id: row for row in found}
    ways = []
    for event in events:
        way, at = [], event.post_id
        while at is not None:
            way.append(by_id[at])
            at = by_id[at].reply_to_id
        ways.append(way[::-1])
    return ways


async def ancestors_of_events(
    events: Sequence[rows.EventRow], context: Context
) -> Sequence[Sequence[rows.ReplyCountsRow]]:
    """The counts of the replies above that of each event."""
    return [way[:-1] for way in await _ways(events, context)]


async def unlisted_of_events(events: Sequence[rows.EventRow], context: Context) -> Sequence[Sequence[str]]:
    """The ids of those that are not listed, of the reply of each event and those above it."""
    return [[row.node_id for row in way if not row.listed] for way in await _ways(events, context)]


async def edges_of_events(events: Sequence[rows.EventRow], context: Context) -> Sequence[Sequence[rows.ReplyRow]]:
    """Those that are listed, of the reply of each event and those above it; a reply is its own edge."""
    ways = await _ways(events, context)
    listed = [[row.post_id for row in way if row.listed] for way in ways]
    found = await by_post_ids([post_id for way in listed for post_id in way], context)
    by_id = {row.post_id: row for row in found if row is not None}
    return [[by_id[post_id] for post_id in way] for way in listed]


def legacy_urls(replies: Sequence[rows.ReplyRow], _context: Context) -> Sequence[str | None]:
    """Where each reply stood before an import."""
    return [f"/xn/detail/{reply.legacy_id}" if reply.legacy_id else None for reply in replies]


@mutation
@signed_in
async def add(context: Context, actor: Actor, input: inputs.AddReplyInput) -> payloads.PayloadRow:
    """Adds a reply."""
    command = AddReply(
        discussion_id=ids.required(input.discussion_id, "D", DiscussionNotFound, "discussion_id"),
        reply_to_id=ids.required(input.reply_to_id, "R", ParentNotFound, "reply_to_id") if input.reply_to_id else None,
        body=input.body,
        quotes=await quotes.requests(context, input.quotes) or (),
    )
    written = await add_reply(context.services.forum, actor, command)
    return payloads.PayloadRow(
        discussion_id=command.discussion_id,
        post_id=written.post_id,
        reply=written.reply,
        position=written.position,
        body_changed=written.body_changed,
        repeated=written.repeated,
        held_id=written.held_id,
    )


@mutation
@signed_in
async def edit(context: Context, actor: Actor, input: inputs.EditReplyInput) -> payloads.PayloadRow:
    """Edits a reply."""
    command = EditReply(
        reply_id=ids.required(input.reply_id, "R", ReplyNotFound, "reply_id"),
        expected_version=input.expected_version,
        body=input.body,
        quotes=await quotes.requests(context, input.quotes),
    )
    return payloads.of_edit(await edit_reply(context.services.forum, actor, command))


@mutation
@signed_in
async def delete(context: Context, actor: Actor, input: inputs.DeleteReplyInput) -> payloads.PayloadRow:
    """Turns a reply into a tombstone."""
    command = DeleteReply(
        reply_id=ids.required(input.reply_id, "R", ReplyNotFound, "reply_id"),
        reason=pages.unset_to_none(input.reason),
    )
    written = await delete_reply(context.services.forum, actor, command)
    return payloads.PayloadRow(post_id=written.post_id)


@mutation
@signed_in
async def restore(context: Context, actor: Actor, input: inputs.RestoreReplyInput) -> payloads.PayloadRow:
    """Brings a deleted reply back."""
    command = RestoreReply(reply_id=ids.required(input.reply_id, "R", ReplyNotFound, "reply_id"))
    written = await restore_reply(context.services.forum, actor, command)
    return payloads.PayloadRow(post_id=written.post_id)
