"""Commands about categories: `category add`, `category edit`, `category list`."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import typer

import db.categories
from app.commands.root import commands, run
from app.settings import settings
from db.database import Database
from db.migrate import migrate as migrate_database
from forum.categories import AddCategory, EditCategory, add_category, edit_category
from forum.errors import DomainError
from forum.use_cases import OPERATOR, Forum

MAX_POSITION = 2**31 - 1
"""A position is an Int of GraphQL."""
MAX_LISTED = 1_000

group = typer.Typer(no_args_is_help=True, help="Make, change and list categories.")
commands.add_typer(group, name="category")

_Slug = Annotated[str, typer.Option(help="Name in addresses: small letters and digits with hyphens between.")]
_Position = Annotated[
    int | None, typer.Option(min=-MAX_POSITION, max=MAX_POSITION, help="Place in lists: the lowest is first.")
]
_Premoderated = Annotated[
    bool | None, typer.Option("--premoderated/--not-premoderated", help="Hold all that is written in it.")
]


@group.command()
def add(
    slug: _Slug,
    name: Annotated[str, typer.Option(help="Name for people.")],
    description: Annotated[str | None, typer.Option(help="What belongs into it.")] = None,
    position: _Position = None,
    premoderated: _Premoderated = None,
) -> None:
    """Make a category."""

    async def write(forum: Forum) -> str:
        command = AddCategory(
            slug=slug,
            name=name,
            description=description,
            position=position or 0,
            premoderated=premoderated or False,
        )
        await add_category(forum, OPERATOR, command)
        return f"Category {slug} is there."

    _run(write)


@group.command()
def edit(
    slug: _Slug,
    name: Annotated[str | None, typer.Option(help="New name for people.")] = None,
    description: Annotated[str | None, typer.Option(help="What belongs into it; empty for nothing.")] = None,
    position: _Position = None,
    premoderated: _Premoderated = None,
) -> None:
    """Change a category. What is omitted stays as it is."""

    async def write(forum: Forum) -> str:
        row = await forum.database.row(db.categories.by_slug, slug=slug)
        if row is None:
            raise LookupError(f'No category has the slug "{slug}".')
        command = EditCategory(
            category_id=row.id, name=name, description=description, position=position, premoderated=premoderated
        )
        await edit_category(forum, OPERATOR, command)
        return f"Category {slug} is changed."

    _run(write)


@group.command("list")
def list_categories() -> None:
    """List the categories, as people see them: position, slug, name, and whether all in it is held."""

    async def read(forum: Forum) -> str:
        rows = await forum.database.rows(db.categories.listed, limit=MAX_LISTED)
        lines = [
            f"{row.position:>4}  {row.slug}  {row.name}{'  (all is held)' if row.premoderated else ''}" for row in rows
        ]
        return "\n".join(lines) if lines else "There are no categories."

    _run(read)


def _run(work: Callable[[Forum], Awaitable[str]]) -> None:
    """Runs a command on the database, and prints what it returns."""
    chosen = settings()

    async def write() -> None:
        await migrate_database(chosen.database_url)
        async with Database(chosen.database_url) as database:
            try:
                typer.echo(await work(Forum(database)))
            except DomainError as error:
                raise ValueError(error.message) from error

    run(write)
