"""How a mutation runs: who may, how often, once per key, and what went wrong as data."""

import dataclasses
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from strawberry import UNSET

import db.discussions
import db.posts
import db.quotes
import db.replies
from db import drafts, idempotency
from db.database import Transaction
from db.events import by_numbers
from db.failures import DiscussionNotFound, Failure, ParentNotFound, RateLimited, Refused, ReplyNotFound
from db.posts import Actor
from resolvers import errors, ids, inputs, pages
from resolvers.context import Context
from text import normal

_EVERY_DEPTH = 10_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """The ids of what a write made, or why it made nothing."""

    ids: dict[str, Any] = field(default_factory=dict)
    failures: Sequence[Failure] = ()


async def run(
    context: Context, mutation: str, input: Any, work: Callable[[Actor], Awaitable[dict[str, Any]]]
) -> Outcome:
    """Runs a signed-in person's write: once per clientMutationId, within the write limits, its refusals as data."""
    key = check_key(context, input)
    actor = context.actor(key)
    if isinstance(actor, Failure):
        return Outcome(failures=[actor])
    if key is None:
        return await _attempt(context, actor, work)
    request = _request(input)

    async def attempt() -> Outcome:
        try:
            earlier = await idempotency.earlier(
                context.database, user_id=actor.user_id, mutation=mutation, key=key, request=request
            )
        except Refused as refused:
            return _refusal(refused)
        return await _attempt(context, actor, work) if earlier is None else Outcome(earlier)

    return await context.services.flights.share((mutation, actor, idempotency.fingerprint(request)), attempt)


async def _attempt(context: Context, actor: Actor, work: Callable[[Actor], Awaitable[dict[str, Any]]]) -> Outcome:
    if limited := await too_many(context, actor.user_id):
        return Outcome(failures=[limited])
    try:
        return Outcome(await work(actor))
    except Refused as refused:
        return _refusal(refused)


def _refusal(refused: Refused) -> Outcome:
    return Outcome(failures=[for_client(failure) for failure in refused.failures])


def check_key(context: Context, input: Any) -> str | None:
    """The clientMutationId of an input. Raises BAD_ARGUMENT for one that can't be kept."""
    key: str | None = pages.given(input.client_mutation_id)
    most = context.services.limits.client_mutation_id_length
    if key is not None and (not 0 < len(key) <= most or normal.invalid(key)):
        raise errors.bad_argument(f"A clientMutationId has 1 to {most} characters, none of them U+0000 or a surrogate.")
    return key


async def too_many(context: Context, user_id: int | None) -> RateLimited | None:
    """Counts a write of a person and an address; a failure where it is one too many."""
    reset_at = await context.services.throttle.write(user_id, context.address)
    return None if reset_at is None else rate_limited("writes", reset_at)


def rate_limited(what: str, reset_at: datetime) -> RateLimited:
    """The failure that tells when there is room again."""
    return RateLimited(f"Too many {what}; there is room again at {reset_at:%H:%M:%S} UTC.", reset_at=reset_at)


def for_client(failure: Failure) -> Failure:
    """The failure with its path as clients know it: from `input` down, in camel case; None where no part is wrong."""
    if failure.path is None:
        return failure
    path = ["input", *(_camel(part) for part in failure.path)]
    return dataclasses.replace(failure, path=tuple(path))


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


def _request(input: Any) -> dict[str, Any]:
    """An input as plain values, to tell a repeat from another request under the same key."""
    return {
        f.name: _plain(getattr(input, f.name)) for f in dataclasses.fields(input) if getattr(input, f.name) is not UNSET
    }


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return _request(value) if dataclasses.is_dataclass(value) else value


async def _once(
    context: Context, mutation: str, input: Any, actor: Actor, work: Callable[[Transaction], Awaitable[dict[str, Any]]]
) -> dict[str, Any]:
    return await context.database.write(
        lambda tx: idempotency.once(
            tx,
            work,
            user_id=actor.user_id,
            mutation=mutation,
            key=actor.client_mutation_id,
            request=_request(input),
        )
    )


async def cursor_of(context: Context, made: dict[str, Any]) -> str | None:
    """The cursor right after the event that a write appended; None where it appended none."""
    if "event" not in made:
        return None
    row = await context.database.row(by_numbers, discussions=[made["discussion"]], numbers=[made["event"]])
    return None if row is None else context.services.cursors.write(row.discussion_id, row.event_number, row.epoch)


async def quote_requests(context: Context, given: Sequence[inputs.QuoteInput] | None) -> list[drafts.QuoteRequest]:
    """The quotes that an input names, as drafts know them."""
    quotes = pages.given(given) or []
    openings = [ids.number(quote.source_id, "D") for quote in quotes]
    found = (
        await context.database.rows(db.posts.opening_posts, discussions=[number for number in openings if number])
        if any(openings)
        else []
    )
    opening_post = {row.discussion_id: row.post_id for row in found}
    return [
        drafts.QuoteRequest(
            ids.number(quote.source_id, "R") or opening_post.get(opening) or None,
            quote.text,
            pages.given(quote.source_version),
        )
        for quote, opening in zip(quotes, openings, strict=True)
    ]


def setting(context: Context, **more: Any) -> drafts.PostContext:
    """Where a post will stand, by what this Parley is and allows."""
    return drafts.PostContext(
        host=urlsplit(context.services.public_url).netloc, most_quotes=context.services.limits.quotes, **more
    )


async def add_reply(context: Context, input: inputs.AddReplyInput, actor: Actor) -> dict[str, Any]:
    """Adds a reply, and gives the ids of it and of its event."""
    discussion_id = ids.number(input.discussion_id, "D")
    if not discussion_id:
        raise Refused(DiscussionNotFound(f"There is no discussion «{input.discussion_id}».", ("discussion_id",)))
    answered, parent = pages.given(input.reply_to_id), None
    if answered is not None:
        parent = ids.number(answered, "R")
        if not parent:
            raise Refused(ParentNotFound(f"There is no reply «{answered}» to answer.", ("reply_to_id",)))
    post = await drafts.prepare(
        context.database,
        input.body,
        setting(context, discussion_id=discussion_id, answers=parent),
        limit=context.services.limits.reply_length,
        requests=await quote_requests(context, input.quotes),
    )

    async def work(tx: Transaction) -> dict[str, Any]:
        draft = db.replies.ReplyDraft(discussion_id, parent, post)
        post_id, number = await db.replies.add_reply(tx, draft, actor, context.services.limits)
        return {"post": post_id, "discussion": discussion_id, "event": number}

    return await _once(context, "addReply", input, actor, work)


async def edit_reply(context: Context, input: inputs.EditReplyInput, actor: Actor) -> dict[str, Any]:
    """Edits a reply, and gives its id."""
    reply = await context.database.row(db.replies.by_ids, ids=[ids.number(input.reply_id, "R")])
    if reply is None:
        raise Refused(ReplyNotFound(f"There is no reply «{input.reply_id}».", ("reply_id",)))
    post = await drafts.prepare(
        context.database,
        input.body,
        setting(context, discussion_id=reply.discussion_id, answers=reply.reply_to_id, before=reply.sequence),
        limit=context.services.limits.reply_length,
        requests=await quote_requests(context, input.quotes),
        existing=await context.database.rows(db.quotes.of_posts, ids=[reply.post_id], deepest=_EVERY_DEPTH),
        keep_source_links=pages.given(input.quotes) is None,
    )

    async def work(tx: Transaction) -> dict[str, Any]:
        await db.replies.edit_reply(tx, reply.post_id, expected_version=input.expected_version, post=post, actor=actor)
        return {"post": reply.post_id}

    made = await _once(context, "editReply", input, actor, work)
    context.services.sweeps.source_changed()
    return made


async def delete_reply(context: Context, input: inputs.DeleteReplyInput, actor: Actor) -> dict[str, Any]:
    """Leaves a tombstone of a reply, and gives its id."""
    reply_id = ids.number(input.reply_id, "R")

    async def work(tx: Transaction) -> dict[str, Any]:
        await db.replies.delete_reply(tx, reply_id, actor)
        return {"post": reply_id}

    made = await _once(context, "deleteReply", input, actor, work)
    context.services.sweeps.source_changed()
    return made


async def start_discussion(context: Context, input: inputs.StartDiscussionInput, actor: Actor) -> dict[str, Any]:
    """Starts a discussion, and gives its id."""
    limits = context.services.limits
    title = drafts.check_title(input.title, limit=limits.title_length)
    category = pages.given(input.category_id)
    post = await drafts.prepare(
        context.database,
        input.body,
        setting(context),
        limit=limits.opening_post_length,
        requests=await quote_requests(context, input.quotes),
    )

    async def work(tx: Transaction) -> dict[str, Any]:
        draft = db.discussions.DiscussionDraft(title, post, None if category is None else ids.number(category, "C"))
        return {"discussion": await db.discussions.start_discussion(tx, draft, actor)}

    return await _once(context, "startDiscussion", input, actor, work)


async def edit_discussion(context: Context, input: inputs.EditDiscussionInput, actor: Actor) -> dict[str, Any]:
    """Edits what is given of a discussion, and gives its id."""
    limits = context.services.limits
    row = await context.database.row(db.discussions.by_ids, ids=[ids.number(input.discussion_id, "D")])
    if row is None:
        raise Refused(DiscussionNotFound(f"There is no discussion «{input.discussion_id}».", ("discussion_id",)))
    title = pages.given(input.title)
    body, quotes = pages.given(input.body), pages.given(input.quotes)
    # Null takes a discussion out of its category; left out, it stays.
    category = row.category_id
    if input.category_id is None:
        category = None
    elif pages.given(input.category_id) is not None:
        category = ids.number(input.category_id, "C")
    post = await drafts.prepare(
        context.database,
        row.body if body is None else body,
        setting(context),
        # What was written under other limits may stay as it is.
        limit=limits.opening_post_length if body is not None or quotes else None,
        requests=await quote_requests(context, input.quotes),
        existing=await context.database.rows(db.quotes.of_posts, ids=[row.post_id], deepest=_EVERY_DEPTH),
        keep_source_links=pages.given(input.quotes) is None,
    )
    checked = row.title if title is None else drafts.check_title(title, limit=limits.title_length)

    async def work(tx: Transaction) -> dict[str, Any]:
        await db.discussions.edit_discussion(
            tx,
            row.discussion_id,
            expected_version=input.expected_version,
            title=checked,
            category_id=category,
            post=post,
            actor=actor,
        )
        return {"discussion": row.discussion_id}

    made = await _once(context, "editDiscussion", input, actor, work)
    context.services.sweeps.source_changed()
    return made


async def delete_discussion(context: Context, input: inputs.DeleteDiscussionInput, actor: Actor) -> dict[str, Any]:
    """Leaves a tombstone of a discussion and its replies, and gives its id."""
    discussion_id = ids.number(input.discussion_id, "D")

    async def work(tx: Transaction) -> dict[str, Any]:
        await db.discussions.delete_discussion(tx, discussion_id, actor)
        return {"discussion": discussion_id}

    made = await _once(context, "deleteDiscussion", input, actor, work)
    context.services.sweeps.source_changed()
    return made


async def set_locked(
    context: Context,
    mutation: str,
    input: inputs.LockDiscussionInput | inputs.UnlockDiscussionInput,
    actor: Actor,
    *,
    locked: bool,
) -> dict[str, Any]:
    """Locks or unlocks a discussion, and gives its id."""
    discussion_id = ids.number(input.discussion_id, "D")

    async def work(tx: Transaction) -> dict[str, Any]:
        await db.discussions.set_locked(tx, discussion_id, locked=locked, actor=actor)
        return {"discussion": discussion_id}

    return await _once(context, mutation, input, actor, work)
