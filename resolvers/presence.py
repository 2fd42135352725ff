"""Resolves reports of presence, and the subscription to who is reading and typing in a discussion."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import strawberry

import db.events
from access.rate_limits import network
from db.failures import DiscussionNotFound, Failure
from live.follower import LogNotFound
from live.presence_view import PresenceItem
from resolvers import errors, ids, inputs, payloads, writes
from resolvers.context import Context


async def watched(context: Context, *, discussion_id: strawberry.ID) -> AsyncGenerator[Sequence[PresenceItem], None]:
    """Yields who is in a discussion, now and again after each change."""
    try:
        async with aclosing(context.services.presence.watch(ids.number(discussion_id, "D"))) as snapshots:
            async for items in snapshots:
                yield items
    except LogNotFound as error:
        raise errors.not_found(f'There is no discussion "{discussion_id}".') from error


async def said(
    _roots: Sequence[None], context: Context, *, input: inputs.SetPresenceInput
) -> Sequence[payloads.DiscussionPayload]:
    """Takes note that somebody is in a discussion."""
    key = writes.check_key(context, input)
    discussion_id = ids.number(input.discussion_id, "D")
    failure = await _refusal(context, discussion_id, input)
    if failure is not None:
        return [payloads.DiscussionPayload(client_mutation_id=key, errors=[writes.for_client(failure)])]
    context.services.presence.report(
        discussion_id,
        user_id=context.viewer.user_id,
        address=network(context.address),
        session=context.visit,
        typing=input.typing,
    )
    return [payloads.DiscussionPayload(client_mutation_id=key, discussion_id=discussion_id)]


async def _refusal(context: Context, discussion_id: int, input: inputs.SetPresenceInput) -> Failure | None:
    reset_at = await context.services.throttle.presence(context.viewer.user_id, context.address)
    if reset_at is not None:
        return writes.rate_limited("signs of presence", reset_at)
    row = await context.database.row(db.events.heads, log_ids=[discussion_id])
    if row is None or row.deleted:
        return DiscussionNotFound(f"There is no discussion «{input.discussion_id}».", ("discussion_id",))
    return None
