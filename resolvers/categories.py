"""What fills a category and lists of them."""

from collections.abc import Sequence
from operator import attrgetter

from strawberry import UNSET

import db.categories
from db import rows
from resolvers import errors, ids, pages
from resolvers.context import Context
from text import normal


async def by_category_ids(category_ids: Sequence[int | None], context: Context) -> Sequence[rows.CategoryRow | None]:
    """The categories with these ids, in the same order."""
    return await pages.by_ids(db.categories.by_ids, category_ids, context, attrgetter("id"))


async def of_discussions(
    discussions: Sequence[rows.DiscussionRow], context: Context
) -> Sequence[rows.CategoryRow | None]:
    """The category each discussion is in."""
    return await by_category_ids([row.category_id for row in discussions], context)


async def of_events(events: Sequence[rows.EventRow], context: Context) -> Sequence[rows.CategoryRow | None]:
    """The category each event is about."""
    return await by_category_ids([event.category_id for event in events], context)


def ids_of_events(events: Sequence[rows.EventRow], _context: Context) -> Sequence[str]:
    """The id of the category each event is about."""
    return [f"C_{event.category_id}" for event in events]


async def listed(
    _roots: Sequence[None], context: Context, *, first: int | None = UNSET, after: str | None = UNSET
) -> Sequence[pages.Page[rows.CategoryRow]]:
    """All categories, a page."""
    window = pages.window(first, after)
    low = ids.number(window.after, "C") if window.after is not None else 0
    if window.after is not None and not low:
        raise errors.bad_cursor(window.after, "a list of categories")
    found = await context.database.rows(db.categories.listed, low=low, limit=window.limit + 1)
    count = pages.Count(db.categories.counted, 0, takes_parents=False)
    return [pages.page(found, window, lambda row: row.node_id, count)]


async def by_slug(_roots: Sequence[None], context: Context, *, slug: str) -> Sequence[rows.CategoryRow | None]:
    """The category of this name."""
    if normal.invalid(slug):
        return [None]
    return [await context.database.row(db.categories.by_slug, slug=slug)]
