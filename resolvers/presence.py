"""What says who is reading and typing in a discussion, and what feeds those who watch."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import strawberry

import db.events
from access.addresses import network_of
from db.failures import DiscussionNotFound, Failure
from live.hub import NoDiscussion
from live.presence_view import Entry
from resolvers import errors, ids, inputs, payloads, writes
from resolvers.context import Context


async def watched(context: Context, *, discussion_id: strawberry.ID) -> AsyncGenerator[Sequence[Entry], None]:
    """Who is in a discussion, now and whenever that has changed."""
    try:
        async with aclosing(context.services.presence.watch(ids.number(discussion_id, "D"))) as shown:
            async for entries in shown:
                yield entries
    except NoDiscussion as error:
        raise errors.not_found(f"There is no discussion «{discussion_id}».") from error


async def said(
    _roots: Sequence[None], context: Context, *, input: inputs.SetPresenceInput
) -> Sequence[payloads.DiscussionPayload]:
    """Takes note that somebody is in a discussion."""
    key = writes.check_key(context, input)
    discussion_id = ids.number(input.discussion_id, "D")
    failure = await _refusal(context, discussion_id, input)
    if failure is not None:
        return [payloads.DiscussionPayload(client_mutation_id=key, errors=[writes.for_client(failure)])]
    context.services.presence.say(
        discussion_id,
        person=context.viewer.user_id,
        address=network_of(context.address),
        visit=context.visit,
        typing=input.typing,
    )
    return [payloads.DiscussionPayload(client_mutation_id=key, discussion_id=discussion_id)]


async def _refusal(context: Context, discussion_id: int, input: inputs.SetPresenceInput) -> Failure | None:
    reset_at = await context.services.throttle.presence(context.viewer.user_id, context.address)
    if reset_at is not None:
        return writes.rate_limited("signs of presence", reset_at)
    row = await context.database.row(db.events.heads, ids=[discussion_id])
    if row is None or row.deleted:
        return DiscussionNotFound(f"There is no discussion «{input.discussion_id}».", ("discussion_id",))
    return None
