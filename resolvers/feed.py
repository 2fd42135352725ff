"""Resolves the feed's items, pages of them, and the subscription to it."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from strawberry import UNSET

from db.kinds import DiscussionChange
from db.logs import FEED
from db.rows import FeedRow
from live.cursors import BadCursor, Cursor, Resync, events_after, validate_position
from live.feed import ANY_CATEGORY, EVERYTHING, Filter
from live.hub import CaughtUpItem, LogItem, ResyncItem
from resolvers import errors, ids, inputs, pages
from resolvers.context import Context
from resolvers.events import read_cursor

MAX_FILTERED = 1_000
"""How many events a page looks through at most: with a filter it may have fewer than were asked for."""
MAX_DISCUSSIONS = 100
"""How many discussions a filter may name."""


@dataclass(frozen=True, slots=True)
class FedEvent:
    """An item of the feed as the event of its own log: it has the attributes of an EventRow."""

    graphql_type: str
    log_id: int
    discussion_id: int
    event_number: int
    epoch: bytes
    kind: str
    post_id: int | None
    version: int
    actor_id: int | None
    category_id: int | None
    user_id: int | None
    changes: list[DiscussionChange]
    client_mutation_id: str | None
    occurred_at: datetime


def cursors(items: Sequence[FeedRow], context: Context) -> Sequence[str]:
    """Returns the cursor into the feed right after each item."""
    return [_cursor(context, item.event_number, item.epoch) for item in items]


def events(items: Sequence[FeedRow], _context: Context) -> Sequence[FedEvent]:
    """Returns the event that each item is."""
    return [
        FedEvent(
            graphql_type=item.kind,
            log_id=item.log_id,
            discussion_id=item.log_id,
            event_number=item.number,
            epoch=item.number_epoch,
            kind=item.kind,
            post_id=item.post_id,
            version=item.version,
            actor_id=item.actor_id,
            category_id=item.category_id,
            user_id=item.user_id,
            changes=item.changes,
            client_mutation_id=item.client_mutation_id,
            occurred_at=item.occurred_at,
        )
        for item in items
    ]


async def cursor(_roots: Sequence[None], context: Context) -> Sequence[str]:
    """Returns the present end of the feed."""
    return [_written(context, await context.services.feed.latest())]


async def page(
    _roots: Sequence[None],
    context: Context,
    *,
    after: str,
    filter: inputs.FeedFilter | None = UNSET,
    first: int | None = UNSET,
) -> Sequence[pages.EventPage[FeedRow]]:
    """Returns the events after a cursor that the filter accepts."""
    window = pages.window(first, after)
    chosen = _chosen(pages.unset_to_none(filter), context)
    begin = read_cursor(context, after)
    if begin.log_id != FEED:
        raise errors.bad_event_cursor("The cursor belongs to a discussion, not to the feed.")
    feed = context.services.feed
    found: list[FeedRow] = []
    here = begin
    try:
        head = await feed.head()
        validate_position(begin, log_floor=head.log_floor, beginning=head.epoch)
        while len(found) < window.limit and here.number < begin.number + MAX_FILTERED:
            # The cursor's own event is read again, to check its epoch.
            limit = window.limit - len(found) if chosen == EVERYTHING else pages.MAX_PAGE_SIZE
            fresh: Sequence[Any] = events_after(here, await feed.read(here.number, limit + (here.number > 0)))
            for event in fresh:
                here = Cursor(FEED, event.event_number, event.epoch)
                if chosen.accepts(event):
                    found.append(event)
                if len(found) == window.limit:
                    break
            if not fresh:
                break
    except Resync as resync:
        position = _written(context, begin)
        return [
            pages.EventPage([], pages.PageInfoRow(None, position, False, False), ResyncItem(position, resync.reason))
        ]
    edges = [pages.EdgeRow(_cursor(context, event.event_number, event.epoch), event) for event in found]
    info = pages.PageInfoRow(
        edges[0].cursor if edges else None,
        # Past what the filter left out, so that nobody reads that again.
        _written(context, here),
        here.number < head.last_event,
        begin.number > 0,
    )
    return [pages.EventPage(edges, info, None)]


async def follow(
    context: Context, *, filter: inputs.FeedFilter | None = UNSET, after: str | None = UNSET
) -> AsyncGenerator[Sequence[LogItem], None]:
    """Yields every event after the cursor that the filter accepts, and CaughtUp after the replay."""
    chosen = _chosen(pages.unset_to_none(filter), context)
    text = pages.unset_to_none(after)
    begin = None if text is None else read_cursor(context, text)
    replaying = True
    try:
        async with aclosing(context.services.feed.events(chosen, begin)) as batches:
            async for batch in batches:
                items = [
                    LogItem(event, _cursor(context, event.event_number, event.epoch), event.event_number)
                    for event in batch.events
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
        return EVERYTHING
    category: int | None = ANY_CATEGORY
    if requested.category_id is None:
        category = None
    elif pages.unset_to_none(requested.category_id) is not None:
        category = ids.number(requested.category_id, "C")
    kinds = pages.unset_to_none(requested.kinds)
    author = pages.unset_to_none(requested.author_id)
    named = pages.unset_to_none(requested.discussion_ids)
    if named is not None and len(named) > MAX_DISCUSSIONS:
        raise errors.bad_argument(f"`discussionIds` has {len(named)} ids; at most {MAX_DISCUSSIONS} are allowed.")
    to = None
    if pages.unset_to_none(requested.to_viewer):
        to = context.viewer.user_id
        if to is None:
            raise errors.unauthenticated("Events about posts to you need a bearer token: sign in first.")
    return Filter(
        kinds=None if kinds is None else frozenset(kinds),
        category=category,
        author=None if author is None else ids.number(author, "U"),
        discussions=None if named is None else frozenset(ids.number(each, "D") for each in named),
        to=to,
    )


def _written(context: Context, at: Cursor) -> str:
    return _cursor(context, at.number, at.epoch)


def _cursor(context: Context, position: int, epoch: bytes) -> str:
    return context.services.cursors.write(FEED, position, epoch)
