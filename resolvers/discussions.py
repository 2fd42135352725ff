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
from db import rows
from db.failures import DiscussionNotFound
from resolvers import errors, ids, inputs, legacy, pages, payloads, writes
from resolvers.context import Context

_LETTERS = {"LAST_ACTIVITY_AT": "a", "CREATED_AT": "c", "REPLY_COUNT": "n"}
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


async def of_payloads(
    given: Sequence[payloads.DiscussionPayload], context: Context
) -> Sequence[rows.DiscussionRow | None]:
    """The discussion each payload names, as it is now."""
    return await by_discussion_ids([payload.discussion_id for payload in given], context)


async def of_users(
    users: Sequence[rows.UserRow], context: Context, *, first: int | None = UNSET, after: str | None = UNSET
) -> Sequence[pages.Page[rows.DiscussionRow]]:
    """What each person started, newest first, a page each."""
    order = inputs.DiscussionOrder(field=inputs.DiscussionOrderField.CREATED_AT, direction=inputs.OrderDirection.DESC)
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
    asked = pages.window(first, after)
    order, descending = _order(order_by)
    statement = db.discussions.of_parents(column, order, descending=descending, bounded=asked.after is not None)
    found = await context.database.rows(
        statement, parents=list(parents), limit=asked.limit + 1, **_bound(order, asked.after)
    )
    groups = pages.grouped(found, by=lambda row: getattr(row, column))
    return [
        pages.page(
            groups.get(parent, []),
            asked,
            lambda row: _cursor(order, row),
            pages.Count(db.discussions.counted_of_parents(column), parent),
        )
        for parent in parents
    ]


def _order(order_by: inputs.DiscussionOrder | None) -> tuple[str, bool]:
    ordered = pages.given(order_by)
    if ordered is None:
        return "LAST_ACTIVITY_AT", True
    return ordered.field.value, ordered.direction is inputs.OrderDirection.DESC


def _cursor(order: str, row: rows.DiscussionRow) -> str:
    """The order, the value it goes by, and the id: a place that holds although the values change."""
    if order == "REPLY_COUNT":
        value = row.reply_count
    else:
        moment = row.last_activity_at if order == "LAST_ACTIVITY_AT" else row.created_at
        value = (moment - _EPOCH) // _MICROSECOND
    return f"{_LETTERS[order]}{value}.{row.discussion_id}"


def _bound(order: str, after: str | None) -> dict[str, Any]:
    if after is None:
        return {}
    found = re.fullmatch(_LETTERS[order] + r"(-?[0-9]{1,18})\.([0-9]{1,18})", after, re.ASCII)
    if found is None:
        raise errors.bad_cursor(f"«{after[:60]}» is no cursor of discussions in this order.")
    number = int(found[1])
    try:
        value = number if order == "REPLY_COUNT" else _EPOCH + number * _MICROSECOND
    except OverflowError as error:
        raise errors.bad_cursor(f"«{after[:60]}» is no cursor of discussions in this order.") from error
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
    by_id, by_number, by_legacy = pages.given(id), pages.given(number), pages.given(legacy_url)
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
    asked = pages.window(first, after)
    order, descending = _order(order_by)
    wanted = _wanted(pages.given(filter))
    names = frozenset(wanted)
    statement = db.discussions.listed(order, descending=descending, bounded=asked.after is not None, filters=names)
    found = await context.database.rows(statement, limit=asked.limit + 1, **_bound(order, asked.after), **wanted)
    count = pages.Count(db.discussions.counted(names), 0, tuple(wanted.items()), takes_parents=False)
    return [pages.page(found, asked, lambda row: _cursor(order, row), count)]


def _wanted(chosen: inputs.DiscussionFilter | None) -> dict[str, Any]:
    """The filters by name, with the values they bind."""
    wanted: dict[str, Any] = {}
    if chosen is None:
        return wanted
    if chosen.category_id is None:
        wanted["no_category"] = True
    elif pages.given(chosen.category_id) is not None:
        wanted["category_id"] = ids.number(chosen.category_id, "C")
    if (author := pages.given(chosen.author_id)) is not None:
        wanted["author_id"] = ids.number(author, "U")
    if (locked := pages.given(chosen.locked)) is not None:
        wanted["locked"] = locked
    return wanted


async def start(
    _roots: Sequence[None], context: Context, *, input: inputs.StartDiscussionInput
) -> Sequence[payloads.DiscussionPayload]:
    """Starts a discussion."""
    outcome = await writes.run(
        context, "startDiscussion", input, lambda actor: writes.start_discussion(context, input, actor)
    )
    return [_payload(input.client_mutation_id, outcome)]


async def edit(
    _roots: Sequence[None], context: Context, *, input: inputs.EditDiscussionInput
) -> Sequence[payloads.DiscussionPayload]:
    """Edits a discussion."""
    outcome = await writes.run(
        context, "editDiscussion", input, lambda actor: writes.edit_discussion(context, input, actor)
    )
    return [_payload(input.client_mutation_id, outcome)]


async def delete(
    _roots: Sequence[None], context: Context, *, input: inputs.DeleteDiscussionInput
) -> Sequence[payloads.DiscussionPayload]:
    """Leaves a tombstone of a discussion."""
    outcome = await writes.run(
        context, "deleteDiscussion", input, lambda actor: writes.delete_discussion(context, input, actor)
    )
    return [_payload(input.client_mutation_id, outcome)]


async def lock(
    _roots: Sequence[None], context: Context, *, input: inputs.LockDiscussionInput
) -> Sequence[payloads.DiscussionPayload]:
    """Locks a discussion."""
    outcome = await writes.run(
        context,
        "lockDiscussion",
        input,
        lambda actor: writes.set_locked(context, "lockDiscussion", input, actor, locked=True),
    )
    return [_payload(input.client_mutation_id, outcome)]


async def unlock(
    _roots: Sequence[None], context: Context, *, input: inputs.UnlockDiscussionInput
) -> Sequence[payloads.DiscussionPayload]:
    """Unlocks a discussion."""
    outcome = await writes.run(
        context,
        "unlockDiscussion",
        input,
        lambda actor: writes.set_locked(context, "unlockDiscussion", input, actor, locked=False),
    )
    return [_payload(input.client_mutation_id, outcome)]


def _payload(client_mutation_id: str | None, outcome: writes.Outcome) -> payloads.DiscussionPayload:
    return payloads.DiscussionPayload(
        client_mutation_id=pages.given(client_mutation_id),
        errors=outcome.failures,
        discussion_id=outcome.ids.get("discussion"),
    )


async def record_view(
    _roots: Sequence[None], context: Context, *, input: inputs.RecordViewInput
) -> Sequence[payloads.DiscussionPayload]:
    """Counts that a discussion was opened."""
    key = writes.check_key(context, input)
    (row,) = await by_discussion_ids([ids.number(input.discussion_id, "D")], context)
    if row is None or row.deleted_at is not None:
        missing = DiscussionNotFound(f"There is no discussion «{input.discussion_id}».", ("discussion_id",))
        return [payloads.DiscussionPayload(client_mutation_id=key, errors=[writes.for_client(missing)])]
    viewer = context.viewer.user_id
    context.services.sweeps.look(row.discussion_id, f"person {viewer}" if viewer else f"address {context.address}")
    return [payloads.DiscussionPayload(client_mutation_id=key, discussion_id=row.discussion_id)]
