"""Commands that serve, migrate, and print the schema."""

from typing import Annotated

import typer

import app.serving
from app.commands.root import commands, run
from app.engine import open_engine
from app.settings import settings
from db.database import Database
from db.migrate import migrate as migrate_database
from importers import demo
from schema.root import sdl


@commands.callback(invoke_without_command=True)
def default(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        serve()


@commands.command()
def serve(
    demo_data: Annotated[
        bool, typer.Option("--demo", help="Put a lively discussion into an empty embedded database first.")
    ] = False,
) -> None:
    """Migrate and serve (the default)."""
    chosen = settings()
    # Also where workers will do so, since those that fail are only started anew.
    open_engine(chosen)

    async def prepare() -> None:
        await migrate_database(chosen.database_url)
        if demo_data and chosen.database_url.startswith("sqlite:"):
            async with Database(chosen.database_url) as database:
                await demo.fill(database)

    run(prepare)
    app.serving.serve(chosen)


@commands.command()
def migrate() -> None:
    """Bring the database to the present tables."""
    run(lambda: migrate_database(settings().database_url))


@commands.command()
def schema() -> None:
    """Print the schema in GraphQL's own language."""
    typer.echo(sdl(), nl=False)
