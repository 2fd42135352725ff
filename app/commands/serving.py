"""Commands that serve, migrate and print the schema: `serve`, `migrate`, `schema`."""

import os
from typing import Annotated

import typer

import app.serving
from app.commands.root import commands, run
from app.engine import open_engine
from app.logs import set_up_logging
from app.settings import settings
from db.database import Database
from db.migrate import migrate as migrate_database
from importers import demo
from schema.root import sdl


@commands.callback(invoke_without_command=True)
def default(context: typer.Context) -> None:
    # Whatever a command or a server writes is for its own user: the database, its companions, exports.
    os.umask(0o077)
    # As the settings say, which are not checked yet.
    set_up_logging("json" if os.environ.get("PARLEY_LOG_FORMAT") == "json" else "text")
    if context.invoked_subcommand is None:
        serve()


@commands.command()
def serve(
    demo_data: Annotated[
        bool, typer.Option("--demo", help="Fill an empty SQLite database with demo data, and show the demo panel.")
    ] = False,
) -> None:
    """Migrate the database and serve. This is the default command."""
    if demo_data:
        # By the environment, which every worker reads.
        os.environ["PARLEY_DEMO"] = "true"
    chosen = settings()
    # Checked here too, since uvicorn restarts a worker that fails to start, again and again.
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
    """Migrate the database to the newest revision."""
    run(lambda: migrate_database(settings().database_url))


@commands.command()
def schema() -> None:
    """Print the GraphQL schema as SDL."""
    typer.echo(sdl(), nl=False)
