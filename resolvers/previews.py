"""What a post would look like, before it is written."""

from collections.abc import Sequence

import strawberry
from strawberry import UNSET

from access.addresses import network_of
from forum import drafts
from forum.errors import DomainError
from forum.sources import Quoter
from forum.use_cases import text_bytes
from resolvers import ids, inputs, pages, payloads
from resolvers.context import Context
from resolvers.mutations import client_path
from resolvers.quotes import requests as quote_requests


async def of_body(
    _roots: Sequence[None],
    context: Context,
    *,
    body: str,
    discussion_id: strawberry.ID | None = UNSET,
    reply_to_id: strawberry.ID | None = UNSET,
    quotes: list[inputs.QuoteInput] | None = UNSET,
) -> Sequence[payloads.PreviewRow]:
    """Renders a body as a write would, and writes nothing. Counts as a write, since it is most of the work of one.

    Nobody needs to sign in for it; the anonymous readers of one address count together, as one person does.
    """
    in_discussion, answered = pages.unset_to_none(discussion_id), pages.unset_to_none(reply_to_id)
    forum = context.services.forum
    try:
        await forum.limit_writes(
            context.viewer.user_id, network_of(context.address), size=text_bytes([body, quotes]), is_kept=False
        )
        draft = await drafts.prepare(
            forum,
            body,
            drafts.PostContext(
                discussion_id=ids.number(in_discussion, "D") or None if in_discussion else None,
                reply_to_id=ids.number(answered, "R") or None if answered else None,
            ),
            limit=forum.limits.reply_length if in_discussion else forum.limits.opening_post_length,
            requests=await quote_requests(context, quotes) or (),
            quoter=Quoter(context.viewer.user_id, context.viewer.role == "moderator"),
        )
    except DomainError as error:
        return [payloads.PreviewRow(errors=[payloads.ErrorRow(error, client_path(error))])]
    return [payloads.PreviewRow(body=draft.body, body_html=draft.html)]
