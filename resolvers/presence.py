"""What says who is reading and typing in a discussion, and what feeds those who watch."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import strawberry

import db.events
from access.addresses import network_of
from forum import rules
from forum.errors import DiscussionNotFound, RateLimited
from live.hub import NoDiscussion
from live.presence_view import Entry
from resolvers import errors, ids, inputs, payloads
from resolvers.context import Context
from resolvers.mutations import mutation


async def watched(context: Context, *, discussion_id: strawberry.ID) -> AsyncGenerator[Sequence[Entry], None]:
    """Who is in a discussion, now and whenever that has changed."""
    try:
        async with aclosing(context.services.presence.watch(ids.number(discussion_id, "D"))) as shown:
            async for entries in shown:
                yield entries
    except NoDiscussion as error:
        raise errors.not_found(f'There is no discussion "{discussion_id[:60]}".') from error


@mutation
async def set_presence(context: Context, input: inputs.SetPresenceInput) -> payloads.Payload:
    """Notes that a reader is in a discussion."""
    discussion_id = ids.required(input.discussion_id, "D", DiscussionNotFound, "discussion_id")
    viewer = context.viewer
    reset_at = await context.services.write_limiter.presence(viewer.user_id, context.address)
    if reset_at is not None:
        raise RateLimited("signs of presence", reset_at)
    row = await context.database.row(db.events.heads, ids=[discussion_id])
    if row is None or row.deleted:
        raise rules.no_discussion(discussion_id)
    context.services.presence.say(
        discussion_id,
        person=viewer.user_id,
        address=network_of(context.address),
        visit=context.session,
        typing=input.typing,
    )
    return payloads.Payload(discussion_id=discussion_id)
