"""Resolves reports of presence, and the subscription to who is reading and typing in a discussion."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import strawberry

import db.events
from access.addresses import network_of
from forum import rules
from forum.errors import DiscussionNotFound, RateLimited
from live.follower import LogNotFound
from live.presence_view import PresenceItem
from resolvers import errors, ids, inputs, payloads
from resolvers.context import Context
from resolvers.mutations import check_not_suspended, mutation


async def watched(context: Context, *, discussion_id: strawberry.ID) -> AsyncGenerator[Sequence[PresenceItem], None]:
    """Yields who is in a discussion, now and again after each change."""
    try:
        async with aclosing(context.services.presence.watch(ids.number(discussion_id, "D"))) as shown:
            async for entries in shown:
                yield entries
    except LogNotFound as error:
        raise errors.not_found(f'There is no discussion "{discussion_id[:60]}".') from error


@mutation
async def set_presence(context: Context, input: inputs.SetPresenceInput) -> payloads.PayloadRow:
    """Notes that a reader is in a discussion."""
    await check_not_suspended(context)
    discussion_id = ids.required(input.discussion_id, "D", DiscussionNotFound, "discussion_id")
    viewer = context.viewer
    reached = await context.services.write_limiter.presence(viewer.user_id, context.address)
    if reached is not None:
        raise RateLimited(reached.what, reached.reset_at)
    row = await context.database.row(db.events.heads, log_ids=[discussion_id])
    if row is None or row.closed:
        raise rules.no_discussion(discussion_id)
    context.services.presence.report(
        discussion_id,
        user_id=viewer.user_id,
        address=network_of(context.address),
        session=context.session,
        typing=input.typing,
    )
    return payloads.PayloadRow(discussion_id=discussion_id)
