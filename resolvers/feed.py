"""What fills the feed's items, and what feeds those who follow it."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime

from strawberry import UNSET

from db.rows import FeedRow
from live.cursors import FEED, BadCursor, Cursor, Resync
from live.feed import ANY, Filter
from live.hub import CaughtUp, Entry, ResyncRequired
from resolvers import errors, ids, inputs, pages
from resolvers.context import Context
from resolvers.events import read_cursor


@dataclass(frozen=True, slots=True)
class FedEvent:
    """An item of the feed as the log of its discussion has it, attribute by attribute an EventRow."""

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
    """The cursor into the feed right after each item."""
    return [_cursor(context, item.event_number, item.epoch) for item in items]


def events(items: Sequence[FeedRow], _context: Context) -> Sequence[FedEvent]:
    """The event that each item is."""
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
    """Where the feed stands now."""
    return [_written(context, await context.services.feed.now())]


async def replies(
    context: Context, *, filter: inputs.FeedFilter | None = UNSET, after: str | None = UNSET
) -> AsyncGenerator[Sequence[Entry], None]:
    """Every reply of every discussion after the cursor that the filter takes, with CaughtUp after the replay."""
    chosen = _chosen(pages.unset_to_none(filter), context)
    text = pages.unset_to_none(after)
    begin = None if text is None else read_cursor(context, text)
    replaying = True
    try:
        async with aclosing(context.services.feed.follow(chosen, begin)) as batches:
            async for batch in batches:
                entries = [
                    Entry(item, _cursor(context, item.event_number, item.epoch), item.event_number)
                    for item in batch.events
                ]
                if batch.caught_up:
                    here = _written(context, batch.cursor)
                    entries.append(Entry(CaughtUp(here), here, batch.cursor.number, live=replaying))
                    replaying = False
                # What is chosen for a person is that follower's own.
                yield entries if chosen.to is None else [entry._replace(position=None) for entry in entries]
    except BadCursor as error:
        raise errors.bad_event_cursor(str(error)) from error
    except Resync as resync:
        here = _written(context, resync.cursor)
        yield [Entry(ResyncRequired(here, resync.reason), here)]


def _chosen(asked: inputs.FeedFilter | None, context: Context) -> Filter:
    if asked is None:
        return Filter()
    category: int | None = ANY
    if asked.category_id is None:
        category = None
    elif pages.unset_to_none(asked.category_id) is not None:
        category = ids.number(asked.category_id, "C")
    author = pages.unset_to_none(asked.author_id)
    to = None
    if pages.unset_to_none(asked.to_viewer):
        to = context.viewer.user_id
        if to is None:
            raise errors.unauthenticated("Replies to you need a bearer token: sign in first.")
    return Filter(category, None if author is None else ids.number(author, "U"), to)


def _written(context: Context, at: Cursor) -> str:
    return _cursor(context, at.number, at.epoch)


def _cursor(context: Context, position: int, epoch: bytes) -> str:
    return context.services.cursors.write(FEED, position, epoch)
