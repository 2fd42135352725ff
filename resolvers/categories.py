"""What fills a category and lists of them, and what makes and changes one."""

import re
from collections.abc import Sequence
from operator import attrgetter

from strawberry import UNSET

import db.categories
from db import rows
from forum.categories import AddCategory, EditCategory, add_category, edit_category
from forum.errors import CategoryNotFound
from forum.use_cases import Actor
from resolvers import errors, ids, inputs, pages, payloads
from resolvers.context import Context
from resolvers.mutations import mutation, signed_in
from text import normal

_CURSOR = re.compile(r"c(-?[0-9]{1,10})\.([0-9]{1,18})", re.ASCII)
"""A position and an id."""


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


async def of_payloads(written: Sequence[payloads.PayloadRow], context: Context) -> Sequence[rows.CategoryRow | None]:
    """The category each payload names, as it is now."""
    return await by_category_ids([payload.category_id for payload in written], context)


async def listed(
    _roots: Sequence[None], context: Context, *, first: int | None = UNSET, after: str | None = UNSET
) -> Sequence[pages.Page[rows.CategoryRow]]:
    """All categories, a page."""
    window = pages.window(first, after)
    limit = window.limit + 1
    if window.after is None:
        found = await context.database.rows(db.categories.listed, limit=limit)
    else:
        place = _CURSOR.fullmatch(window.after)
        if place is None:
            raise errors.bad_cursor(window.after, "a list of categories")
        found = await context.database.rows(
            db.categories.listed_after, position=int(place[1]), id=int(place[2]), limit=limit
        )
    count = pages.Count(db.categories.counted, 0, takes_parents=False)
    return [pages.page(found, window, lambda row: f"c{row.position}.{row.id}", count)]


async def by_slug(_roots: Sequence[None], context: Context, *, slug: str) -> Sequence[rows.CategoryRow | None]:
    """The category of this name."""
    if normal.invalid(slug):
        return [None]
    return [await context.database.row(db.categories.by_slug, slug=slug)]


@mutation
@signed_in
async def add(context: Context, actor: Actor, input: inputs.AddCategoryInput) -> payloads.PayloadRow:
    """Makes a category."""
    command = AddCategory(
        slug=input.slug,
        name=input.name,
        description=pages.unset_to_none(input.description),
        position=input.position,
        premoderated=input.premoderated,
    )
    written = await add_category(context.services.forum, actor, command)
    return payloads.PayloadRow(category_id=written.subject_id)


@mutation
@signed_in
async def edit(context: Context, actor: Actor, input: inputs.EditCategoryInput) -> payloads.PayloadRow:
    """Changes a category."""
    command = EditCategory(
        category_id=ids.required(input.category_id, "C", CategoryNotFound, "category_id"),
        name=pages.unset_to_none(input.name),
        description=pages.unset_to_none(input.description),
        position=pages.unset_to_none(input.position),
        premoderated=pages.unset_to_none(input.premoderated),
    )
    written = await edit_category(context.services.forum, actor, command)
    return payloads.PayloadRow(category_id=written.subject_id)
