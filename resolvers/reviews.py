"""Resolves review items, their reports, and the mutations of both. Only moderators get to see an item."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any

from strawberry import UNSET

import db.reviews
import db.revisions
from db import rows
from db.counts import MAX_COUNTED
from db.kinds import ReviewState
from forum.errors import PostNotFound, ReviewItemNotFound
from forum.reviews import (
    ClaimReview,
    DecideReview,
    ReportPost,
    claim_review,
    claimed_by,
    decide_review,
    report_post,
)
from forum.use_cases import Actor
from resolvers import audit, errors, ids, inputs, pages, payloads, posts, users
from resolvers.context import Context
from resolvers.mutations import mutation, signed_in

_PLACE = re.compile(r"i(-?[0-9]{1,18})\.([0-9]{1,18})", re.ASCII)
_REPORT = re.compile(r"p([0-9]{1,18})", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


async def by_item_ids(item_ids: Sequence[int | None], context: Context) -> Sequence[rows.ReviewItemRow | None]:
    """The review items with these ids, in the same order."""
    return await pages.by_ids(db.reviews.by_ids, item_ids, context, attrgetter("id"))


async def nodes(item_ids: Sequence[int | None], context: Context) -> Sequence[rows.ReviewItemRow | None]:
    """The review items with these ids; None to everybody but moderators."""
    if context.viewer.role != "moderator":
        return [None] * len(item_ids)
    return await by_item_ids(item_ids, context)


async def report_nodes(report_ids: Sequence[int | None], context: Context) -> Sequence[rows.ReportRow | None]:
    """The reports with these ids; None to everybody but moderators."""
    if context.viewer.role != "moderator":
        return [None] * len(report_ids)
    return await pages.by_ids(db.reviews.reports_by_ids, report_ids, context, attrgetter("id"))


async def of_events(events: Sequence[rows.ModerationRow], context: Context) -> Sequence[rows.ReviewItemRow | None]:
    """The review item of each event, as it is now."""
    return await by_item_ids([event.subject_id for event in events], context)


async def of_entries(entries: Sequence[rows.AuditEntryRow], context: Context) -> Sequence[rows.ReviewItemRow | None]:
    """The review item that each act decided."""
    return await by_item_ids([entry.review_item_id for entry in entries], context)


async def of_payloads(written: Sequence[payloads.PayloadRow], context: Context) -> Sequence[rows.ReviewItemRow | None]:
    """The review item of each payload, as it is now; None to who is no moderator any more, and repeats an old key."""
    return await nodes([payload.review_item_id for payload in written], context)


async def queue(
    _roots: Sequence[None],
    context: Context,
    *,
    filter: inputs.ReviewQueueFilter | None = UNSET,
    first: int | None = UNSET,
    after: str | None = UNSET,
) -> Sequence[pages.Page[rows.ReviewItemRow]]:
    """A page of the review items, the oldest first."""
    audit.check_moderator(context, "The review queue")
    window = pages.window(first, after)
    at, item_id = _EPOCH, 0
    if window.after is not None:
        at, item_id = _place(window.after)
    given = _parameters(pages.unset_to_none(filter), context)
    names = frozenset(given) - {"state", "now"}
    found = await context.database.rows(
        db.reviews.queue(names), after_at=at, after_id=item_id, limit=window.limit + 1, **given
    )
    count = pages.Count(db.reviews.queue_counted(names), 0, tuple(sorted(given.items())), takes_parents=False)
    return [pages.page(found, window, _cursor, count)]


def _place(after: str) -> tuple[datetime, int]:
    place = _PLACE.fullmatch(after)
    try:
        if place is not None:
            return _EPOCH + int(place[1]) * _MICROSECOND, int(place[2])
    except OverflowError:
        pass
    raise errors.bad_cursor(after, "the review queue")


def _cursor(item: rows.ReviewItemRow) -> str:
    return f"i{(item.created_at - _EPOCH) // _MICROSECOND}.{item.id}"


def _parameters(chosen: inputs.ReviewQueueFilter | None, context: Context) -> dict[str, Any]:
    given: dict[str, Any] = {"state": ReviewState.OPEN.value}
    if chosen is None:
        return given
    if (state := pages.unset_to_none(chosen.state)) is not None:
        given["state"] = state.value
    if (kind := pages.unset_to_none(chosen.kind)) is not None:
        given["kind"] = kind.value
    if (author := pages.unset_to_none(chosen.author_id)) is not None:
        given["author"] = ids.number(author, "U")
    if pages.unset_to_none(chosen.claimed_by_me):
        context.is_of_the_moment = True
        given |= {"claimed_by": context.viewer.user_id, "now": datetime.now(UTC)}
    return given


async def posts_of(items: Sequence[rows.ReviewItemRow], context: Context) -> Sequence[rows.PostRow | None]:
    """The post that each item is about."""
    return await posts.by_post_ids([item.post_id for item in items], context)


async def authors(items: Sequence[rows.ReviewItemRow], context: Context) -> Sequence[rows.UserRow | None]:
    """Who wrote what each item is about."""
    return await users.by_user_ids([item.author_id for item in items], context)


async def bodies(items: Sequence[rows.ReviewItemRow], context: Context) -> Sequence[str | None]:
    """What the reported version of each said."""
    return [None if version is None else version.body for version in await _versions(items, context)]


async def titles(items: Sequence[rows.ReviewItemRow], context: Context) -> Sequence[str | None]:
    """The title of the reported version of each."""
    return [None if version is None else version.title for version in await _versions(items, context)]


async def _versions(items: Sequence[rows.ReviewItemRow], context: Context) -> Sequence[rows.RevisionRow | None]:
    """The reported version of each open item, whatever has become of the post since; an erasure ends the item."""
    places = [
        (item.post_id or 0, item.post_version or 0) if item.state == ReviewState.OPEN else (0, 0) for item in items
    ]
    wanted = set(places) - {(0, 0)}
    found = (
        await context.database.rows(
            db.revisions.exact_versions,
            ids=list({post_id for post_id, _ in wanted}),
            versions=list({version for _, version in wanted}),
        )
        if wanted
        else []
    )
    by_place = {(row.post_id, row.version): row for row in found}
    return [by_place.get(place) for place in places]


async def claimants(items: Sequence[rows.ReviewItemRow], context: Context) -> Sequence[rows.UserRow | None]:
    """Who has claimed each item now."""
    return await users.by_user_ids([holder for holder, _ in _claims(items, context)], context)


def claim_ends(items: Sequence[rows.ReviewItemRow], context: Context) -> Sequence[datetime | None]:
    """Until when each item is claimed."""
    return [end for _, end in _claims(items, context)]


def _claims(items: Sequence[rows.ReviewItemRow], context: Context) -> Sequence[tuple[int | None, datetime | None]]:
    now = datetime.now(UTC)
    holders = [claimed_by(item, now) for item in items]
    if any(holder is not None for holder in holders):
        context.is_of_the_moment = True
    return [
        (None, None) if holder is None else (holder, item.claim_ends_at)
        for holder, item in zip(holders, items, strict=True)
    ]


async def decisions(items: Sequence[rows.ReviewItemRow], context: Context) -> Sequence[rows.AuditEntryRow | None]:
    """The entry by which each item was decided."""
    return await audit.by_entry_ids([item.decision_id for item in items], context)


async def reports_of_items(
    items: Sequence[rows.ReviewItemRow], context: Context, *, first: int | None = UNSET, after: str | None = UNSET
) -> Sequence[pages.Page[rows.ReportRow]]:
    """The reports of each item, a page each, the oldest first."""
    window = pages.window(first, after)
    low = 0
    if window.after is not None:
        place = _REPORT.fullmatch(window.after)
        if place is None:
            raise errors.bad_cursor(window.after, "a list of reports")
        low = int(place[1])
    found = await context.database.rows(
        db.reviews.reports_of_items, parents=[item.id for item in items], low=low, limit=window.limit + 1
    )
    groups = pages.grouped(found, by=attrgetter("review_item_id"))
    return [
        pages.page(
            groups.get(item.id, []),
            window,
            lambda report: f"p{report.id}",
            pages.Count(db.reviews.reports_counted, item.id),
        )
        for item in items
    ]


async def report_counts(items: Sequence[rows.ReviewItemRow], context: Context) -> Sequence[int]:
    """How many reports each item has."""
    found = await context.database.rows(db.reviews.reports_counted, parents=list({item.id for item in items}))
    count_of = {row.parent: row.total for row in found}
    return [min(count_of[item.id], MAX_COUNTED) for item in items]


async def reporters(reports: Sequence[rows.ReportRow], context: Context) -> Sequence[rows.UserRow | None]:
    """Who wrote each report."""
    return await users.by_user_ids([report.reporter_id for report in reports], context)


@mutation
@signed_in
async def report(context: Context, actor: Actor, input: inputs.ReportPostInput) -> payloads.PayloadRow:
    """Reports a post to the moderators."""
    reply, discussion = ids.number(input.post_id, "R"), ids.number(input.post_id, "D")
    if not reply and not discussion:
        raise PostNotFound(f'No post has the id "{input.post_id[:60]}".', ("post_id",))
    command = ReportPost(
        reply_id=reply or None,
        discussion_id=discussion or None,
        reason=input.reason,
        note=pages.unset_to_none(input.note),
    )
    written = await report_post(context.services.forum, actor, command)
    return payloads.PayloadRow(reported=written.subject_id is not None)


@mutation
@signed_in
async def claim(context: Context, actor: Actor, input: inputs.ClaimReviewInput) -> payloads.PayloadRow:
    """Claims a review item, or releases it."""
    command = ClaimReview(
        review_item_id=ids.required(input.review_item_id, "I", ReviewItemNotFound, "review_item_id"),
        release=bool(pages.unset_to_none(input.release)),
    )
    written = await claim_review(context.services.forum, actor, command)
    return payloads.PayloadRow(review_item_id=written.subject_id)


@mutation
@signed_in
async def decide(context: Context, actor: Actor, input: inputs.DecideReviewInput) -> payloads.PayloadRow:
    """Decides a review item."""
    command = DecideReview(
        review_item_id=ids.required(input.review_item_id, "I", ReviewItemNotFound, "review_item_id"),
        action=input.action,
        expected_version=input.expected_version,
        reason=pages.unset_to_none(input.reason),
        suspend_author_until=pages.unset_to_none(input.suspend_author_until),
    )
    written = await decide_review(context.services.forum, actor, command)
    return payloads.PayloadRow(review_item_id=written.subject_id)
