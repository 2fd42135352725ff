"""What fills a discussion, lists of them, and what writes them."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any

import strawberry
from strawberry import UNSET

import db.discussions
import db.posts
from access.addresses import network_of
from db import discussion_lists, rows
from db.kinds import DiscussionOrderField
from forum import rules
from forum.deletions import DeleteDiscussion, RestoreDiscussion, delete_discussion, restore_discussion
from forum.discussions import (
    EditDiscussion,
    LockDiscussion,
    MoveDiscussion,
    PinDiscussion,
    RetitleDiscussion,
    StartDiscussion,
    UnlockDiscussion,
    UnpinDiscussion,
    edit_discussion,
    lock_discussion,
    move_discussion,
    pin_discussion,
    retitle_discussion,
    start_discussion,
    unlock_discussion,
    unpin_discussion,
)
from forum.errors import CategoryNotFound, DiscussionNotFound
from forum.use_cases import Actor
from resolvers import errors, ids, inputs, legacy, pages, payloads, quotes
from resolvers.context import Context
from resolvers.mutations import mutation, signed_in

_LETTERS = {
    DiscussionOrderField.LAST_ACTIVITY_AT: "a",
    DiscussionOrderField.CREATED_AT: "c",
    DiscussionOrderField.REPLY_COUNT: "n",
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


async def by_discussion_ids(
    discussion_ids: Sequence[int | None], context: Context
) -> Sequence[rows.DiscussionRow | None]:
    """The discussions with these ids, in the same order."""
    wanted = set(discussion_ids)
    if len(wanted) == 1 and None not in wanted:
        row = await context.database.row(db.discussions.by_id, id=wanted.pop())
        return [row] * len(discussion_ids)
    return await pages.by_ids(db.discussions.by_ids, discussion_ids, context, attrgetter("discussion_id"))


async def of_posts(posts: Sequence[rows.PostRow], context: Context) -> Sequence[rows.DiscussionRow | None]:
    """The discussion of each post; a discussion is its own."""
    missing = [None if isinstance(post, rows.DiscussionRow) else post.discussion_id for post in posts]
    found = await by_discussion_ids(missing, context)
    return [post if isinstance(post, rows.DiscussionRow) else row for post, row in zip(posts, found, strict=True)]


async def of_events(events: Sequence[rows.EventRow], context: Context) -> Sequence[rows.DiscussionRow | None]:
    """The discussion of each event, as it is now."""
    return await by_discussion_ids([event.discussion_id for event in events], context)


async def of_payloads(written: Sequence[payloads.PayloadRow], context: Context) -> Sequence[rows.DiscussionRow | None]:
    """The discussion each payload names, as it is now."""
    return await by_discussion_ids([payload.discussion_id for payload in written], context)


async def of_users(
    users: Sequence[rows.UserRow], context: Context, *, first: int | None = UNSET, after: str | None = UNSET
) -> Sequence[pages.Page[rows.DiscussionRow]]:
    """What each person started, newest first, a page each."""
    order = inputs.DiscussionOrder(field=DiscussionOrderField.CREATED_AT, direction=inputs.OrderDirection.DESC)
    return await _of_parents(context, "author_id", [row.id for row in users], first, after, order)


async def of_categories(
    categories: Sequence[rows.CategoryRow],
    context: Context,
    *,
    first: int | None = UNSET,
    after: str | None = UNSET,
    order_by: inputs.DiscussionOrder | None = UNSET,
) -> Sequence[pages.Page[rows.DiscussionRow]]:
    """The discussions of each category, a page each."""
    return await _of_parents(context, "category_id", [row.id for row in categories], first, after, order_by)


async def _of_parents(
    context: Context,
    column: str,
    parents: Sequence[int],
    first: int | None,
    after: str | None,
    order_by: inputs.DiscussionOrder | None,
) -> Sequence[pages.Page[rows.DiscussionRow]]:
    window = pages.window(first, after)
    order, descending = _order(order_by)
    how = {"descending": descending, "bounded": window.after is not None}
    bound = {"limit": window.limit + 1, **_bound(order, window.after)}
    if len(parents) == 1:
        # For a list of unknown length PostgreSQL would plan each time, which takes longer than reading.
        alone = discussion_lists.listed(order, filters=frozenset([column]), **how)
        found = await context.database.rows(alone, **{column: parents[0]}, **bound)
    else:
        of_all = discussion_lists.of_parents(column, order, **how)
        found = await context.database.rows(of_all, parents=list(parents), **bound)
    groups = pages.grouped(found, by=lambda row: getattr(row, column))
    return [
        pages.page(
            groups.get(parent, []),
            window,
            lambda row: _cursor(order, row),
            pages.Count(discussion_lists.counted_of_parents(column), parent),
        )
        for parent in parents
    ]


def _order(order_by: inputs.DiscussionOrder | None) -> tuple[DiscussionOrderField, bool]:
    ordered = pages.unset_to_none(order_by)
    if ordered is None:
        return DiscussionOrderField.LAST_ACTIVITY_AT, True
    return ordered.field, ordered.direction is inputs.OrderDirection.DESC


def _cursor(order: DiscussionOrderField, row: rows.DiscussionRow) -> str:
    """The order, the value it goes by, and the id: a place that holds although the values change."""
    if order == DiscussionOrderField.REPLY_COUNT:
        value = row.reply_count
    else:
        moment = row.last_activity_at if order is DiscussionOrderField.LAST_ACTIVITY_AT else row.created_at
        value = (moment - _EPOCH) // _MICROSECOND
    return f"{_LETTERS[order]}{value}.{row.discussion_id}"


def _bound(order: DiscussionOrderField, after: str | None) -> dict[str, Any]:
    if after is None:
        return {}
    found = re.fullmatch(_LETTERS[order] + r"(-?[0-9]{1,18})\.([0-9]{1,18})", after, re.ASCII)
    if found is None:
        raise errors.bad_cursor(after, "a list of discussions in this order")
    number = int(found[1])
    try:
        value = number if order is DiscussionOrderField.REPLY_COUNT else _EPOCH + number * _MICROSECOND
    except OverflowError as error:
        raise errors.bad_cursor(after, "a list of discussions in this order") from error
    return {"value": value, "id": int(found[2])}


async def find(
    _roots: Sequence[None],
    context: Context,
    *,
    id: strawberry.ID | None = UNSET,
    number: int | None = UNSET,
    legacy_url: str | None = UNSET,
) -> Sequence[rows.DiscussionRow | Exception | None]:
    """The discussion named by exactly one of the arguments."""
    by_id, by_number, by_legacy = pages.unset_to_none(id), pages.unset_to_none(number), pages.unset_to_none(legacy_url)
    if sum(argument is not None for argument in (by_id, by_number, by_legacy)) != 1:
        return [errors.bad_argument("`discussion` takes exactly one of `id`, `number` and `legacyUrl`.")]
    if by_legacy is not None:
        return [await legacy.discussion(context, by_legacy)]
    wanted = ids.number(by_id, "D") if by_id is not None else by_number
    return await by_discussion_ids([wanted if wanted and wanted > 0 else None], context)


async def listed(
    _roots: Sequence[None],
    context: Context,
    *,
    first: int | None = UNSET,
    after: str | None = UNSET,
    order_by: inputs.DiscussionOrder | None = UNSET,
    filter: inputs.DiscussionFilter | None = UNSET,
) -> Sequence[pages.Page[rows.DiscussionRow]]:
    """All discussions, a page."""
    window = pages.window(first, after)
    order, descending = _order(order_by)
    filters, values = _wanted(pages.unset_to_none(filter))
    statement = discussion_lists.listed(order, descending=descending, bounded=window.after is not None, filters=filters)
    found = await context.database.rows(statement, limit=window.limit + 1, **_bound(order, window.after), **values)
    count = pages.Count(discussion_lists.counted(filters), 0, tuple(values.items()), takes_parents=False)
    return [pages.page(found, window, lambda row: _cursor(order, row), count)]


def _wanted(chosen: inputs.DiscussionFilter | None) -> tuple[frozenset[str], dict[str, Any]]:
    """The filters of discussion_lists.listed, and the values of those that have one."""
    values: dict[str, Any] = {}
    if chosen is None:
        return frozenset(), values
    names = []
    if chosen.category_id is None:
        names.append("no_category")
    elif pages.unset_to_none(chosen.category_id) is not None:
        values["category_id"] = ids.number(chosen.category_id, "C")
    if (author := pages.unset_to_none(chosen.author_id)) is not None:
        values["author_id"] = ids.number(author, "U")
    if (locked := pages.unset_to_none(chosen.locked)) is not None:
        names.append("locked" if locked else "unlocked")
    if (pinned := pages.unset_to_none(chosen.pinned)) is not None:
        names.append("pinned" if pinned else "unpinned")
    return frozenset([*names, *values]), values


@mutation
@signed_in
async def start(context: Context, actor: Actor, input: inputs.StartDiscussionInput) -> payloads.PayloadRow:
    """Starts a discussion."""
    command = StartDiscussion(
        title=input.title,
        body=input.body,
        category_id=_category(input.category_id),
        quotes=await quotes.requests(context, input.quotes) or (),
    )
    written = await start_discussion(context.services.forum, actor, command)
    return payloads.PayloadRow(
        discussion_id=written.discussion_id,
        body_changed=written.body_changed,
        repeated=written.repeated,
        held_id=written.held_id,
    )


@mutation
@signed_in
async def edit(context: Context, actor: Actor, input: inputs.EditDiscussionInput) -> payloads.PayloadRow:
    """Edits a discussion."""
    command = EditDiscussion(
        discussion_id=_discussion(input),
        expected_version=input.expected_version,
        title=pages.unset_to_none(input.title),
        body=pages.unset_to_none(input.body),
        category_id=_category(input.category_id),
        keep_category=input.category_id is UNSET,
        quotes=await quotes.requests(context, input.quotes),
    )
    return payloads.of_edit(await edit_discussion(context.services.forum, actor, command))


@mutation
@signed_in
async def delete(context: Context, actor: Actor, input: inputs.DeleteDiscussionInput) -> payloads.PayloadRow:
    """Turns a discussion into tombstones."""
    command = DeleteDiscussion(discussion_id=_discussion(input), reason=pages.unset_to_none(input.reason))
    written = await delete_discussion(context.services.forum, actor, command)
    return payloads.PayloadRow(discussion_id=written.discussion_id)


@mutation
@signed_in
async def restore(context: Context, actor: Actor, input: inputs.RestoreDiscussionInput) -> payloads.PayloadRow:
    """Brings a deleted discussion back."""
    command = RestoreDiscussion(discussion_id=_discussion(input))
    written = await restore_discussion(context.services.forum, actor, command)
    return payloads.PayloadRow(discussion_id=written.discussion_id)


@mutation
@signed_in
async def lock(context: Context, actor: Actor, input: inputs.LockDiscussionInput) -> payloads.PayloadRow:
    """Locks a discussion."""
    command = LockDiscussion(discussion_id=_discussion(input))
    written = await lock_discussion(context.services.forum, actor, command)
    return payloads.PayloadRow(discussion_id=written.discussion_id)


@mutation
@signed_in
async def unlock(context: Context, actor: Actor, input: inputs.UnlockDiscussionInput) -> payloads.PayloadRow:
    """Unlocks a discussion."""
    command = UnlockDiscussion(discussion_id=_discussion(input))
    written = await unlock_discussion(context.services.forum, actor, command)
    return payloads.PayloadRow(discussion_id=written.discussion_id)


@mutation
@signed_in
async def pin(context: Context, actor: Actor, input: inputs.PinDiscussionInput) -> payloads.PayloadRow:
    """Pins a discussion."""
    command = PinDiscussion(discussion_id=_discussion(input), reason=pages.unset_to_none(input.reason))
    written = await pin_discussion(context.services.forum, actor, command)
    return payloads.PayloadRow(discussion_id=written.discussion_id)


@mutation
@signed_in
async def unpin(context: Context, actor: Actor, input: inputs.UnpinDiscussionInput) -> payloads.PayloadRow:
    """Unpins a discussion."""
    command = UnpinDiscussion(discussion_id=_discussion(input), reason=pages.unset_to_none(input.reason))
    written = await unpin_discussion(context.services.forum, actor, command)
    return payloads.PayloadRow(discussion_id=written.discussion_id)


@mutation
@signed_in
async def move(context: Context, actor: Actor, input: inputs.MoveDiscussionInput) -> payloads.PayloadRow:
    """Moves a discussion to another category."""
    command = MoveDiscussion(
        discussion_id=_discussion(input),
        category_id=_category(input.category_id),
        reason=pages.unset_to_none(input.reason),
    )
    written = await move_discussion(context.services.forum, actor, command)
    return payloads.PayloadRow(discussion_id=written.discussion_id)


@mutation
@signed_in
async def retitle(context: Context, actor: Actor, input: inputs.RetitleDiscussionInput) -> payloads.PayloadRow:
    """Gives a discussion another title."""
    command = RetitleDiscussion(
        discussion_id=_discussion(input),
        title=input.title,
        expected_version=input.expected_version,
        reason=pages.unset_to_none(input.reason),
    )
    written = await retitle_discussion(context.services.forum, actor, command)
    return payloads.PayloadRow(discussion_id=written.discussion_id)


def viewer_can_moderate(discussions: Sequence[rows.DiscussionRow], context: Context) -> Sequence[bool]:
    """Whether the viewer may do with each discussion what moderators may."""
    is_moderator = context.viewer.role == "moderator"
    return [is_moderator and row.deleted_at is None for row in discussions]


def _discussion(input: Any) -> int:
    return ids.required(input.discussion_id, "D", DiscussionNotFound, "discussion_id")


def _category(category_id: strawberry.ID | None) -> int | None:
    chosen = pages.unset_to_none(category_id)
    return None if chosen is None else ids.required(chosen, "C", CategoryNotFound, "category_id")


@mutation
async def record_view(context: Context, input: inputs.RecordViewInput) -> payloads.PayloadRow:
    """Counts a view of a discussion."""
    discussion_id = _discussion(input)
    (row,) = await by_discussion_ids([discussion_id], context)
    if row is None or row.deleted_at is not None:
        raise rules.no_discussion(discussion_id)
    user_id = context.viewer.user_id
    viewer = f"person {user_id}" if user_id else f"address {network_of(context.address)}"
    context.services.jobs.record_view(discussion_id, viewer)
    return payloads.PayloadRow(discussion_id=discussion_id)


async def edges_of_payloads(
    written: Sequence[payloads.PayloadRow], context: Context
) -> Sequence[pages.EdgeRow[rows.DiscussionRow] | None]:
    """The edge of each payload's discussion, for a list by last activity."""
    found = await of_payloads(written, context)
    return [
        None if row is None else pages.EdgeRow(_cursor(DiscussionOrderField.LAST_ACTIVITY_AT, row), row)
        for row in found
    ]
