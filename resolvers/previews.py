"""What a post would read like, before it is written."""

from collections.abc import Sequence

import strawberry
from strawberry import UNSET

from db import drafts
from db.failures import Failure, Refused
from resolvers import ids, inputs, pages, payloads, writes
from resolvers.context import Context


async def of_body(
    _roots: Sequence[None],
    context: Context,
    *,
    body: str,
    discussion_id: strawberry.ID | None = UNSET,
    reply_to_id: strawberry.ID | None = UNSET,
    quotes: list[inputs.QuoteInput] | None = UNSET,
) -> Sequence[payloads.PreviewRow]:
    """Renders a body as a write would, and writes nothing. Counts as a write, since it is most of the work of one."""
    actor = context.actor(None)
    if isinstance(actor, Failure):
        return [payloads.PreviewRow(errors=[actor])]
    if limited := await writes.too_many(context, actor.user_id):
        return [payloads.PreviewRow(errors=[limited])]
    limits = context.services.limits
    standing, answered = pages.given(discussion_id), pages.given(reply_to_id)
    try:
        draft = await drafts.prepare(
            context.database,
            body,
            writes.setting(
                context,
                discussion_id=ids.number(standing, "D") or None if standing else None,
                answers=ids.number(answered, "R") or None if answered else None,
            ),
            limit=limits.reply_length if standing else limits.opening_post_length,
            requests=await writes.quote_requests(context, quotes),
        )
    except Refused as refused:
        return [payloads.PreviewRow(errors=refused.failures)]
    return [payloads.PreviewRow(body=draft.body, body_html=draft.html)]
