"""Categories: moderators make and change them."""

import unicodedata
from dataclasses import dataclass
from typing import Any

import regex

import db.categories
from db.database import Transaction
from db.kinds import AuditAction
from db.logs import SITE
from db.rows import CategoryRow
from forum import audit
from forum.errors import CategoryNotFound, InvalidText, NotAllowed, SlugTaken
from forum.limits import Limits
from forum.use_cases import Actor, Command, Forum, Outcome, use_case
from text import characters

_SLUG = regex.compile(r"[\p{L}\p{M}\p{N}]+(?:-[\p{L}\p{M}\p{N}]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class AddCategory(Command):
    """A new category."""

    mutation = "addCategory"

    slug: str
    """Its name in addresses: letters and digits, with hyphens between."""
    name: str
    description: str | None = None
    position: int = 0
    """Lists show the lowest first, and of equal ones the oldest."""
    premoderated: bool = False
    """Whether all that is written in it is held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditCategory(Command):
    """What changes in a category. None leaves it as it is."""

    mutation = "editCategory"

    category_id: int
    name: str | None = None
    description: str | None = None
    """An empty one takes it away."""
    position: int | None = None
    premoderated: bool | None = None


@use_case(NotAllowed, SlugTaken, InvalidText)
async def add_category(forum: Forum, actor: Actor, command: AddCategory) -> Outcome:
    """Makes a category."""
    audit.check_moderator(actor, "make a category")
    slug, name = _slug(command.slug), _name(command.name)
    description = _description(command.description)
    async with forum.unit_of_work(actor, command) as work:
        await work.tx.lock_log(SITE)
        if await work.tx.row(db.categories.by_slug, slug=slug) is not None:
            raise SlugTaken(f'Another category has the slug "{slug}". Choose another one.', ("slug",))
        category_id = await db.categories.add(
            work.tx,
            slug=slug,
            name=name,
            description=description,
            position=command.position,
            premoderated=command.premoderated,
            actor_id=actor.acting_id,
        )
        await audit.record(work.tx, actor, AuditAction.ADD_CATEGORY, category_id=category_id)
        work.done(subject_id=category_id)
    return work.outcome


@use_case(NotAllowed, CategoryNotFound, InvalidText)
async def edit_category(forum: Forum, actor: Actor, command: EditCategory) -> Outcome:
    """Changes a category. An edit without a change writes nothing."""
    audit.check_moderator(actor, "change a category", "category_id")
    wanted: dict[str, Any] = {
        "name": None if command.name is None else _name(command.name),
        "position": command.position,
        "premoderated": command.premoderated,
    }
    wanted = {field: value for field, value in wanted.items() if value is not None}
    if command.description is not None:
        wanted["description"] = _description(command.description)
    async with forum.unit_of_work(actor, command) as work:
        row = await locked_category(work.tx, command.category_id)
        await change(work.tx, actor, row, wanted)
        work.done(subject_id=row.id)
    return work.outcome


async def locked_category(tx: Transaction, category_id: int) -> CategoryRow:
    """Locks the site's log and returns a category. Raises CategoryNotFound."""
    await tx.lock_log(SITE)
    row = await tx.row(db.categories.by_ids, ids=[category_id])
    if row is None:
        raise CategoryNotFound(f"There is no category {category_id}.", ("category_id",))
    return row


async def change(tx: Transaction, actor: Actor, row: CategoryRow, wanted: dict[str, Any], **about: Any) -> int | None:
    """Gives a locked category other values, by their names, and returns the id of the entry; None without a change.

    `about`: further fields of the entry.
    """
    before = {name: getattr(row, name) for name in ("name", "description", "position", "premoderated")}
    # What each was and is: an undo asks whether it is still so.
    former = {name: [before[name], value] for name, value in wanted.items() if before[name] != value}
    if not former:
        return None
    await db.categories.change(tx, row.id, **before | wanted, actor_id=actor.acting_id)
    return await audit.record(tx, actor, AuditAction.EDIT_CATEGORY, category_id=row.id, former=former, **about)


def _slug(text: str) -> str:
    slug = unicodedata.normalize("NFC", text)
    limit = Limits.category_name_length
    if len(slug) > limit or not _SLUG.fullmatch(slug) or slug != slug.lower():
        raise InvalidText(
            f'"{slug[:limit]}" is no slug: write small letters and digits with hyphens between, {limit} at most.',
            ("slug",),
        )
    return slug


def _name(text: str) -> str:
    name = " ".join(unicodedata.normalize("NFC", text).split())
    limit = Limits.category_name_length
    if not characters.is_visible(name) or len(name) > limit:
        raise InvalidText(f"A name has 1 to {limit} characters. This one has {len(name)}.", ("name",))
    if invalid := characters.invalid_in_line(name):
        raise InvalidText(f"The name cannot be stored: {invalid}", ("name",))
    return name


def _description(text: str | None) -> str | None:
    plain = " ".join(unicodedata.normalize("NFC", text or "").split())
    limit = Limits.category_description_length
    if len(plain) > limit:
        message = f"A description has at most {limit} characters. This one has {len(plain)}."
        raise InvalidText(message, ("description",))
    if invalid := characters.invalid_in_line(plain):
        raise InvalidText(f"The description cannot be stored: {invalid}", ("description",))
    return plain if characters.is_visible(plain) else None
