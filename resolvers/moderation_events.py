"""Resolves the stream of what moderators did and have to decide, and the position of its log."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from strawberry import UNSET

from db import rows
from db.logs import MODERATION
from live.cursors import BadCursor, Resync
from live.hub import CaughtUpItem, LogItem, ResyncItem
from resolvers import audit, errors, pages
from resolvers.context import Context
from resolvers.events import read_cursor


def cursors(events: Sequence[rows.ModerationRow], context: Context) -> Sequence[str]:
    """Returns the cursor right after each event."""
    return [_cursor(context, event.event_number, event.epoch) for event in events]


async def entries(events: Sequence[rows.ModerationRow], context: Context) -> Sequence[rows.AuditEntryRow | None]:
    """Returns the entry of each event."""
    return await audit.by_entry_ids([event.subject_id for event in events], context)


async def cursor(_roots: Sequence[None], context: Context) -> Sequence[str]:
    """Returns the present end of the log of moderation."""
    audit.check_moderator(context, "The log of moderation")
    here = await context.services.moderation.latest()
    return [_cursor(context, here.number, here.epoch)]


async def follow(context: Context, *, after: str | None = UNSET) -> AsyncGenerator[Sequence[LogItem], None]:
    """Yields every event of the log of moderation after the cursor, and one CaughtUp after the replay."""
    audit.check_moderator(context, "The log of moderation")
    text = pages.unset_to_none(after)
    begin = None if text is None else read_cursor(context, text)
    try:
        async with aclosing(context.services.moderation.events(after=begin)) as batches:
            async for batch in batches:
                items = [
                    LogItem(event, _cursor(context, event.event_number, event.epoch), event.event_number)
                    for event in batch.events
                ]
                if batch.caught_up:
                    here = _cursor(context, batch.cursor.number, batch.cursor.epoch)
                    items.append(LogItem(CaughtUpItem(here), here, batch.cursor.number, live=True))
                yield items
    except BadCursor as error:
        raise errors.bad_event_cursor(str(error)) from error
    except Resync as resync:
        here = _cursor(context, resync.cursor.number, resync.cursor.epoch)
        yield [LogItem(ResyncItem(here, resync.reason), here)]


def _cursor(context: Context, position: int, epoch: bytes) -> str:
    return context.services.cursors.write(MODERATION, position, epoch)
