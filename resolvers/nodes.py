"""What has an id, found by it."""

from collections.abc import Sequence
from typing import Any

import strawberry

import db.quotes
import db.revisions
from db import rows
from resolvers import audit, categories, discussions, held, ids, pages, posts, replies, reviews, revisions, users
from resolvers.context import Context


async def by_id(_roots: Sequence[None], context: Context, *, id: strawberry.ID) -> Sequence[rows.Row | None]:
    """The object with this id."""
    return await _found([id], context)


async def by_ids(
    _roots: Sequence[None], context: Context, *, ids: list[strawberry.ID]
) -> Sequence[Sequence[rows.Row | None]]:
    """The objects with these ids, in the same order."""
    return [await _found(ids, context)]


async def _found(wanted: Sequence[str], context: Context) -> list[rows.Row | None]:
    """One statement for each type among the ids."""
    parsed = [ids.parse(text) for text in wanted]
    read = {
        "A": audit.nodes,
        "C": categories.by_category_ids,
        "D": discussions.by_discussion_ids,
        "H": held.by_held_ids,
        "I": reviews.nodes,
        "P": reviews.report_nodes,
        "Q": _quotes,
        "R": replies.by_post_ids,
        "U": users.by_user_ids,
    }
    found: dict[tuple[str, int, int | None], rows.Row | None] = {}
    for letter in dict.fromkeys(one[0] for one in parsed if one is not None):
        alike = [one for one in parsed if one is not None and one[0] == letter]
        values: Sequence[Any] = (
            await _revisions([(number, version or 0) for _, number, version in alike], context)
            if letter == "V"
            else await read[letter]([number for _, number, _ in alike], context)
        )
        found |= dict(zip(alike, values, strict=True))
    return [found.get(one) if one is not None else None for one in parsed]


async def _quotes(quote_ids: Sequence[int | None], context: Context) -> Sequence[rows.QuoteRow | None]:
    return await pages.by_ids(db.quotes.by_ids, quote_ids, context, lambda row: row.id)


async def _revisions(wanted: Sequence[tuple[int, int]], context: Context) -> Sequence[rows.RevisionRow | None]:
    owners = await posts.by_post_ids([post_id for post_id, _ in wanted], context)
    readable = [post.post_id for post in owners if post is not None and revisions.may_read(post, context)]
    if not readable:
        return [None] * len(wanted)
    found = await context.database.rows(
        db.revisions.exact_versions, ids=readable, versions=[version for _, version in wanted]
    )
    by_place = {(row.post_id, row.version): row for row in found}
    return [by_place.get(place) for place in wanted]
