"""Resolves the feed's items, and the subscription to it."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime

from strawberry import UNSET

from db.rows import FeedRow
from live.cursors import FEED, BadCursor, Cursor, Resync
from live.feed import ANY_CATEGORY, Filter
from live.hub import CaughtUpItem, LogItem, ResyncItem
from resolvers import errors, ids, inputs, pages
from resolvers.context import Context
from resolvers.events import read_cursor


@dataclass(frozen=True, slots=True)
class FedEvent:
    """An item of the feed as the event of its discussion: it has the attributes of an EventRow."""

    discussion_id: int
    event_number: int
    epoch: bytes
    kind: str
    post_id: int | None
    version: int
    actor_id: int | None
    client_mutation_id: str | None
    occurred_at: datetime


def cursors(items: Sequence[FeedRow], context: Context) -> Sequence[str]:
    """Returns the cursor into the feed right after each item."""
    return [_cursor(context, item.event_number, item.epoch) for item in items]


def events(items: Sequence[FeedRow], _context: Context) -> Sequence[FedEvent]:
    """Returns the event that each item is."""
    return [
        FedEvent(
            discussion_id=item.discussion_id,
            event_number=item.number,
            epoch=item.number_epoch,
            kind=item.kind,
            post_id=item.post_id,
            version=item.version,
            actor_id=item.actor_id,
            client_mutation_id=item.client_mutation_id,
            occurred_at=item.occurred_at,
        )
        for item in items
    ]


async def cursor(_roots: Sequence[None], context: Context) -> Sequence[str]:
    """Returns the present end of the feed."""
    return [_written(context, await context.services.feed.latest())]


async def replies(
    context: Context, *, filter: inputs.FeedFilter | None = UNSET, after: str | None = UNSET
) -> AsyncGenerator[Sequence[LogItem], None]:
    """Yields every reply after the cursor that the filter accepts, and CaughtUp after the replay."""
    chosen = _chosen(pages.unset_to_none(filter), context)
    text = pages.unset_to_none(after)
    begin = None if text is None else read_cursor(context, text)
    replaying = True
    try:
        async with aclosing(context.services.feed.replies(chosen, begin)) as batches:
            async for batch in batches:
                items = [
                    LogItem(reply, _cursor(context, reply.event_number, reply.epoch), reply.event_number)
                    for reply in batch.events
                ]
                if batch.caught_up:
                    here = _written(context, batch.cursor)
                    items.append(LogItem(CaughtUpItem(here), here, batch.cursor.number, live=replaying))
                    replaying = False
                # Without positions the stream is not shared: what is filtered for one user is that follower's own.
                yield items if chosen.to is None else [item._replace(position=None) for item in items]
    except BadCursor as error:
        raise errors.bad_event_cursor(str(error)) from error
    except Resync as resync:
        here = _written(context, resync.cursor)
        yield [LogItem(ResyncItem(here, resync.reason), here)]


def _chosen(requested: inputs.FeedFilter | None, context: Context) -> Filter:
    if requested is None:
        return Filter()
    category: int | None = ANY_CATEGORY
    if requested.category_id is None:
        category = None
    elif pages.unset_to_none(requested.category_id) is not None:
        category = ids.number(requested.category_id, "C")
    author = pages.unset_to_none(requested.author_id)
    to = None
    if pages.unset_to_none(requested.to_viewer):
        to = context.viewer.user_id
        if to is None:
            raise errors.unauthenticated("Replies to you need a bearer token: sign in first.")
    return Filter(category, None if author is None else ids.number(author, "U"), to)


def _written(context: Context, at: Cursor) -> str:
    return _cursor(context, at.number, at.epoch)


def _cursor(context: Context, position: int, epoch: bytes) -> str:
    return context.services.cursors.write(FEED, position, epoch)
