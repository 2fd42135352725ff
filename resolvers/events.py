"""Resolves events, their pages, and the subscriptions to discussions."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import strawberry
from strawberry import UNSET

import db.events
from db import rows
from db.kinds import EventKind
from live.cursors import BadCursor, Cursor, Resync, events_after, validate_position
from live.follower import LogNotFound
from live.hub import CaughtUpItem, LogItem, ResyncItem
from resolvers import errors, ids, pages
from resolvers.context import Context


def cursors(events: Sequence[rows.EventRow], context: Context) -> Sequence[str]:
    """Returns the cursor right after each event."""
    return [_cursor(context, event) for event in events]


def _cursor(context: Context, event: rows.EventRow) -> str:
    return context.services.cursors.write(event.log_id, event.event_number, event.epoch)


def client_mutation_ids(events: Sequence[rows.EventRow], context: Context) -> Sequence[str | None]:
    """Returns the key of each event's mutation, for the viewer who sent it."""
    return [event.client_mutation_id if context.viewer.is_(event.actor_id) else None for event in events]


def cursors_of_discussions(discussions: Sequence[rows.DiscussionRow], context: Context) -> Sequence[str]:
    """Returns the end of each discussion's log at the moment its row was read."""
    return [context.services.cursors.write(row.discussion_id, row.event_number, row.last_epoch) for row in discussions]


async def of_discussions(
    discussions: Sequence[rows.DiscussionRow], context: Context, *, after: str, first: int | None = UNSET
) -> Sequence[pages.EventPage[rows.EventRow] | Exception]:
    """Returns a page of each discussion's events."""
    window = pages.window(first, after)
    cursor = read_cursor(context, after)
    return [await _page(row, context, cursor, window) for row in discussions]


async def _page(
    row: rows.DiscussionRow, context: Context, cursor: Cursor, window: pages.Window
) -> pages.EventPage[rows.EventRow] | Exception:
    if cursor.log_id != row.discussion_id:
        return errors.bad_event_cursor(f"The cursor belongs to another discussion than {row.number}.")
    here = context.services.cursors.write(cursor.log_id, cursor.number, cursor.epoch)
    try:
        validate_position(cursor, log_floor=row.log_floor, beginning=row.epoch)
        # The cursor's own event is read again, to check its epoch, and one event more than the page has.
        read = await context.database.rows(
            db.events.events_from, log_id=row.discussion_id, number=cursor.number, limit=window.limit + 2
        )
        found = events_after(cursor, read)
    except Resync as resync:
        return pages.EventPage([], pages.PageInfoRow(None, here, False, False), ResyncItem(here, resync.reason))
    edges = [pages.EdgeRow(_cursor(context, event), event) for event in found[: window.limit]]
    page_info = pages.PageInfoRow(
        edges[0].cursor if edges else None,
        edges[-1].cursor if edges else here,
        len(found) > window.limit,
        cursor.number > 0,
    )
    return pages.EventPage(edges, page_info, None)


def read_cursor(context: Context, text: str) -> Cursor:
    """Returns the cursor that a client sent. Raises BAD_CURSOR."""
    try:
        return context.services.cursors.read(text)
    except BadCursor as error:
        raise errors.bad_event_cursor(str(error)) from error


async def replies_added(
    context: Context, *, discussion_id: strawberry.ID, after: str | None = UNSET
) -> AsyncGenerator[Sequence[LogItem], None]:
    """Yields every reply added to a discussion after the cursor."""
    try:
        async with aclosing(_stream(context, discussion_id, after)) as lists:
            async for items in lists:
                yield [item if _is_reply(item.value) else item._replace(value=None) for item in items]
    except Resync as resync:
        message = "The cursor is no longer valid: fetch the thread again and follow from its eventCursor."
        raise errors.resync_required(message, resync.reason) from resync


def _is_reply(value: object) -> bool:
    return isinstance(value, rows.EventRow) and value.kind == EventKind.REPLY_ADDED


async def discussion_events(
    context: Context, *, discussion_id: strawberry.ID, after: str | None = UNSET
) -> AsyncGenerator[Sequence[LogItem], None]:
    """Yields every event of a discussion after the cursor, and one CaughtUp after the replay."""
    try:
        async with aclosing(_stream(context, discussion_id, after)) as lists:
            async for items in lists:
                yield items
    except Resync as resync:
        at = resync.cursor
        cursor = context.services.cursors.write(at.log_id, at.number, at.epoch)
        yield [LogItem(ResyncItem(cursor, resync.reason), cursor)]


async def _stream(
    context: Context, discussion_id: strawberry.ID, after: str | None
) -> AsyncGenerator[list[LogItem], None]:
    text = pages.unset_to_none(after)
    cursor = None if text is None else read_cursor(context, text)
    number = ids.number(discussion_id, "D")
    try:
        async with aclosing(context.services.hub.follow(number, cursor)) as batches:
            async for batch in batches:
                items = [LogItem(event, _cursor(context, event), event.event_number) for event in batch.events]
                if batch.caught_up:
                    at = batch.cursor
                    here = context.services.cursors.write(at.log_id, at.number, at.epoch)
                    items.append(LogItem(CaughtUpItem(here), here, at.number, live=True))
                yield items
    except LogNotFound as error:
        raise errors.not_found(f'There is no discussion "{discussion_id[:60]}".') from error
    except BadCursor as error:
        raise errors.bad_event_cursor(str(error)) from error
