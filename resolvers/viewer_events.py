"""Resolves the log of the viewer: what concerns them alone."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from functools import partial

from strawberry import UNSET

import db.viewer_events
from db import rows
from db.held import HeldPostRow
from db.logs import of_person
from live.cursors import BadCursor, Cursor, Resync
from live.hub import CaughtUpItem, LogItem, ResyncItem
from live.tail import end_of
from resolvers import audit, errors, held, pages, payloads, posts
from resolvers.context import Context
from resolvers.events import read_cursor


def cursors(events: Sequence[rows.ViewerEventRow], context: Context) -> Sequence[str]:
    """Returns the cursor right after each event."""
    return [_written(context, Cursor(of_person(event.user_id), event.event_number, event.epoch)) for event in events]


async def decisions(events: Sequence[rows.ViewerEventRow], context: Context) -> Sequence[rows.AuditEntryRow | None]:
    """Returns the entry of the audit log that each event is about."""
    return await audit.by_entry_ids([event.source_number for event in events], context)


async def posts_of(events: Sequence[rows.ViewerEventRow], context: Context) -> Sequence[rows.PostRow | None]:
    """Returns the post that was decided about in each event."""
    entries = await decisions(events, context)
    return await posts.by_post_ids([None if entry is None else entry.post_id for entry in entries], context)


async def held_of(events: Sequence[rows.ViewerEventRow], context: Context) -> Sequence[HeldPostRow | None]:
    """Returns the held post that was decided about in each event."""
    entries = await decisions(events, context)
    return await held.by_held_ids([None if entry is None else entry.held_post_id for entry in entries], context)


async def ends(viewers: Sequence[payloads.ViewerRow], context: Context) -> Sequence[str]:
    """Returns the end of the log of each viewer."""
    wanted = [of_person(viewer.user_id) for viewer in viewers]
    heads = {head.log_id: end_of(head) for head in await context.database.rows(db.viewer_events.heads, log_ids=wanted)}
    return [_written(context, heads.get(of_person(viewer.user_id)) or _start(viewer.user_id)) for viewer in viewers]


async def follow(context: Context, *, after: str | None = UNSET) -> AsyncGenerator[Sequence[LogItem], None]:
    """Yields every event of the viewer's log after the cursor, and one CaughtUp after the replay."""
    user_id = context.viewer.user_id
    if user_id is None:
        raise errors.unauthenticated("These events are about you and need a bearer token: sign in first.")
    text = pages.unset_to_none(after)
    begin = None if text is None else read_cursor(context, text)
    services, log_id = context.services, of_person(user_id)
    if not await services.database.rows(db.viewer_events.heads, log_ids=[log_id]):
        await services.database.write(partial(db.viewer_events.open_log, user_id=user_id))
    try:
        async with aclosing(services.persons.follow(log_id, begin)) as batches:
            async for batch in batches:
                # Without positions, since the stream is that of one person alone.
                items = [
                    LogItem(event, _written(context, Cursor(log_id, event.event_number, event.epoch)))
                    for event in batch.events
                ]
                if batch.caught_up:
                    here = _written(context, batch.cursor)
                    items.append(LogItem(CaughtUpItem(here), here, live=True))
                yield items
    except BadCursor as error:
        raise errors.bad_event_cursor(str(error)) from error
    except Resync as resync:
        here = _written(context, resync.cursor)
        yield [LogItem(ResyncItem(here, resync.reason), here)]


def _start(user_id: int) -> Cursor:
    return Cursor(of_person(user_id), 0, db.viewer_events.beginning(user_id))


def _written(context: Context, at: Cursor) -> str:
    return context.services.cursors.write(at.log_id, at.number, at.epoch)
