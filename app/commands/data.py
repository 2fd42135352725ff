"""Commands about all data: `import-ning`, `export`, `import`, `touch`."""

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from app.commands.root import commands, run
from app.settings import settings
from archive import export, restore
from db.database import Database
from db.migrate import migrate as migrate_database
from db.versions import touch
from importers.ning import importing, pages


@commands.command("import-ning")
def import_ning(
    path: Annotated[
        Path, typer.Argument(help="Folder of a Ning archive, folder of saved pages, or one saved page.", metavar="PATH")
    ],
) -> None:
    """Import a Ning community. Running it again adds only what is missing."""
    chosen = settings()

    async def import_archives() -> None:
        archives = pages.read_archives(path)
        await migrate_database(chosen.database_url)
        async with Database(chosen.database_url) as database:
            for archive in archives:
                await importing.run(database, archive)

    run(import_archives)


@commands.command("export")
def export_forum(
    file: Annotated[Path, typer.Argument(help="File to write, or - for standard output.", metavar="FILE")],
) -> None:
    """Export the whole forum, as one consistent snapshot, as lines of JSON (docs/export.md)."""
    chosen = settings()
    console = Console(stderr=True)

    async def write() -> None:
        await migrate_database(chosen.database_url)
        with nullcontext(sys.stdout.buffer) if str(file) == "-" else export.WholeFile(file) as opened:
            count = await export.export(chosen.database_url, opened.write, console)
        console.print(f"Exported {count:,} records.", highlight=False)

    run(write)


@commands.command("import")
def import_forum(
    file: Annotated[Path, typer.Argument(help="File written by export, or - for standard input.", metavar="FILE")],
) -> None:
    """Import an export into an empty database, in one transaction."""
    chosen = settings()
    console = Console(stderr=True)

    async def read() -> None:
        with nullcontext(sys.stdin.buffer) if str(file) == "-" else file.open("rb") as opened:
            count = await restore.restore(chosen.database_url, str(file), opened, console)
        console.print(f"Imported {count:,} records.", highlight=False)

    run(read)


@commands.command("touch")
def touch_all() -> None:
    """Have servers read everything again, after rows were changed by hand."""
    chosen = settings()

    async def write() -> None:
        async with Database(chosen.database_url) as database:
            count = await touch(database)
        typer.echo(f"Touched {count:,} logs: what servers have kept of them is read again.")

    run(write)
