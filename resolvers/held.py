"""What fills held posts and lists of them, and what withdraws one. Their words are for authors and moderators."""

from collections.abc import Sequence
from operator import attrgetter

from strawberry import UNSET

import db.held
import db.reviews
from db import rows
from db.held import HeldPostRow
from db.kinds import HeldKind, HeldState
from forum.errors import HeldPostNotFound
from forum.held import WithdrawHeldPost, withdraw_held_post
from forum.use_cases import Actor
from resolvers import audit, discussions, errors, ids, inputs, pages, payloads, posts, replies, users
from resolvers.categories import by_category_ids
from resolvers.context import Context
from resolvers.mutations import mutation, signed_in

_NEWEST = 2**62


async def by_held_ids(held_ids: Sequence[int | None], context: Context) -> Sequence[HeldPostRow | None]:
    """The held posts with these ids, in the same order; None for each that the viewer may not read."""
    if context.viewer.role == "anonymous":
        return [None] * len(held_ids)
    found = await pages.by_ids(db.held.by_ids, held_ids, context, attrgetter("id"))
    is_moderator = context.viewer.role == "moderator"
    return [row if row is not None and (is_moderator or context.viewer.is_(row.author_id)) else None for row in found]


async def of_payloads(written: Sequence[payloads.PayloadRow], context: Context) -> Sequence[HeldPostRow | None]:
    """The held post that each payload names, as it is now."""
    return await by_held_ids([payload.held_id for payload in written], context)


async def of_items(items: Sequence[rows.ReviewItemRow], context: Context) -> Sequence[HeldPostRow | None]:
    """The held post that each review item is about."""
    return await by_held_ids([item.held_post_id for item in items], context)


async def of_entries(entries: Sequence[rows.AuditEntryRow], context: Context) -> Sequence[HeldPostRow | None]:
    """The held post that each act decided."""
    return await by_held_ids([entry.held_post_id for entry in entries], context)


async def of_viewers(
    viewers: Sequence[payloads.ViewerRow],
    context: Context,
    *,
    first: int | None = UNSET,
    after: str | None = UNSET,
    state: HeldState | None = UNSET,
) -> Sequence[pages.Page[HeldPostRow]]:
    """What each viewer wrote that is held or was, newest first, a page each."""
    window = pages.window(first, after)
    below = _NEWEST if window.after is None else ids.number(window.after, "H")
    if window.after is not None and not below:
        raise errors.bad_cursor(window.after, "a list of held posts")
    wanted = pages.unset_to_none(state)
    chosen = {} if wanted is None else {"state": wanted.value}
    in_state = wanted is not None
    return [
        pages.page(
            await context.database.rows(
                db.held.of_author(in_state=in_state),
                author=viewer.user_id,
                below=below,
                limit=window.limit + 1,
                **chosen,
            ),
            window,
            lambda row: row.node_id,
            pages.Count(db.held.of_authors_counted(in_state=in_state), viewer.user_id, tuple(chosen.items())),
        )
        for viewer in viewers
    ]


async def its_discussions(held: Sequence[HeldPostRow], context: Context) -> Sequence[rows.DiscussionRow | None]:
    """The discussion that each belongs to, or that it became."""
    return await discussions.by_discussion_ids([row.discussion_id for row in held], context)


async def answered(held: Sequence[HeldPostRow], context: Context) -> Sequence[rows.ReplyRow | None]:
    """The reply that each answers."""
    return await replies.by_post_ids([row.reply_to_id for row in held], context)


async def edited(held: Sequence[HeldPostRow], context: Context) -> Sequence[rows.PostRow | None]:
    """The post that each edits."""
    return await posts.by_post_ids([row.post_id if row.kind == HeldKind.EDIT else None for row in held], context)


async def published(held: Sequence[HeldPostRow], context: Context) -> Sequence[rows.ReplyRow | None]:
    """The reply that each became."""
    return await replies.by_post_ids([row.post_id if row.kind == HeldKind.REPLY else None for row in held], context)


async def authors(held: Sequence[HeldPostRow], context: Context) -> Sequence[rows.UserRow | None]:
    """Who wrote each."""
    return await users.by_user_ids([row.author_id for row in held], context)


async def categories(held: Sequence[HeldPostRow], context: Context) -> Sequence[rows.CategoryRow | None]:
    """The category that each discussion is to be put in."""
    return await by_category_ids([row.category_id for row in held], context)


async def decisions(held: Sequence[HeldPostRow], context: Context) -> Sequence[rows.AuditEntryRow | None]:
    """What was decided about each."""
    found = await context.database.rows(db.reviews.decisions_of_held, ids=[row.id for row in held])
    entries = {row.held_id: row.decision_id for row in found}
    return await audit.by_entry_ids([entries.get(row.id) for row in held], context)


@mutation
@signed_in
async def withdraw(context: Context, actor: Actor, input: inputs.WithdrawHeldPostInput) -> payloads.PayloadRow:
    """Takes a held post back."""
    command = WithdrawHeldPost(held_id=ids.required(input.held_post_id, "H", HeldPostNotFound, "held_post_id"))
    written = await withdraw_held_post(context.services.forum, actor, command)
    return payloads.PayloadRow(held_id=written.held_id)
