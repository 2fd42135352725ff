"""What fills events and their pages, and what feeds those who follow."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import strawberry
from strawberry import UNSET

import db.events
from db import rows
from live.cursors import BadCursor, Cursor, Resync, events_after, validate_position
from live.hub import CaughtUp, Entry, NoDiscussion, ResyncRequired
from resolvers import errors, ids, pages
from resolvers.context import Context


def cursors(events: Sequence[rows.EventRow], context: Context) -> Sequence[str]:
    """The cursor right after each event."""
    return [_cursor(context, event) for event in events]


def _cursor(context: Context, event: rows.EventRow) -> str:
    return context.services.cursors.write(event.discussion_id, event.event_number, event.epoch)


def client_mutation_ids(events: Sequence[rows.EventRow], context: Context) -> Sequence[str | None]:
    """The key of each event's mutation, for the person who sent it."""
    return [event.client_mutation_id if context.viewer.is_(event.actor_id) else None for event in events]


def cursors_of_discussions(discussions: Sequence[rows.DiscussionRow], context: Context) -> Sequence[str]:
    """Where each discussion's log stood when its row was read."""
    return [
        context.services.cursors.write(row.discussion_id, row.last_event, row.last_epoch or row.epoch)
        for row in discussions
    ]


async def of_discussions(
    discussions: Sequence[rows.DiscussionRow], context: Context, *, after: str, first: int | None = UNSET
) -> Sequence[pages.EventPage | Exception]:
    """What happened in each discussion, a page each."""
    asked = pages.window(first, after)
    cursor = read_cursor(context, after)
    return [await _page(row, context, cursor, asked) for row in discussions]


async def _page(
    row: rows.DiscussionRow, context: Context, cursor: Cursor, asked: pages.Window
) -> pages.EventPage | Exception:
    if cursor.discussion_id != row.discussion_id:
        return errors.bad_event_cursor(f"The cursor is of another discussion than {row.number}.")
    here = context.services.cursors.write(cursor.discussion_id, cursor.number, cursor.epoch)
    try:
        validate_position(cursor, log_floor=row.log_floor, beginning=row.epoch)
        # The cursor's own event is read again, to see that it is still the same, and one more than is shown.
        read = await context.database.rows(
            db.events.since, discussion=row.discussion_id, number=cursor.number, limit=asked.limit + 2
        )
        found = events_after(cursor, read)
    except Resync as resync:
        return pages.EventPage([], pages.PageInfo(None, here, False, False), ResyncRequired(here, resync.reason))
    edges = [pages.Edge(_cursor(context, event), event) for event in found[: asked.limit]]
    page_info = pages.PageInfo(
        edges[0].cursor if edges else None,
        edges[-1].cursor if edges else here,
        len(found) > asked.limit,
        cursor.number > 0,
    )
    return pages.EventPage(edges, page_info, None)


def read_cursor(context: Context, text: str) -> Cursor:
    """Where a cursor that a client sent stands. Raises BAD_CURSOR."""
    try:
        return context.services.cursors.read(text)
    except BadCursor as error:
        raise errors.bad_event_cursor(str(error)) from error


async def replies_added(
    context: Context, *, discussion_id: strawberry.ID, after: str | None = UNSET
) -> AsyncGenerator[Sequence[Entry], None]:
    """Every reply added to a discussion after the cursor."""
    try:
        async with aclosing(_stream(context, discussion_id, after)) as lists:
            async for entries in lists:
                yield [
                    each if getattr(each.value, "kind", None) == "ReplyAdded" else each._replace(value=None)
                    for each in entries
                ]
    except Resync as resync:
        message = "The cursor can't be honoured: fetch the thread anew and follow from its eventCursor."
        raise errors.resync_required(message, resync.reason) from resync


async def discussion_events(
    context: Context, *, discussion_id: strawberry.ID, after: str | None = UNSET
) -> AsyncGenerator[Sequence[Entry], None]:
    """All that happens in a discussion after the cursor, with one CaughtUp after the replay."""
    try:
        async with aclosing(_stream(context, discussion_id, after)) as lists:
            async for entries in lists:
                yield entries
    except Resync as resync:
        at = resync.cursor
        cursor = context.services.cursors.write(at.discussion_id, at.number, at.epoch)
        yield [Entry(ResyncRequired(cursor, resync.reason), cursor)]


async def _stream(
    context: Context, discussion_id: strawberry.ID, after: str | None
) -> AsyncGenerator[list[Entry], None]:
    text = pages.unset_to_none(after)
    cursor = None if text is None else read_cursor(context, text)
    number = ids.number(discussion_id, "D")
    try:
        async with aclosing(context.services.hub.follow(number, cursor)) as batches:
            async for batch in batches:
                entries = [Entry(event, _cursor(context, event), event.event_number) for event in batch.events]
                if batch.caught_up:
                    at = batch.cursor
                    here = context.services.cursors.write(at.discussion_id, at.number, at.epoch)
                    entries.append(Entry(CaughtUp(here), here, at.number, live=True))
                yield entries
    except NoDiscussion as error:
        raise errors.not_found(f'There is no discussion "{discussion_id[:60]}".') from error
    except BadCursor as error:
        raise errors.bad_event_cursor(str(error)) from error
