"""The command about what is held: `policy`."""

from datetime import UTC, datetime, timedelta
from typing import Annotated
from urllib.parse import urlsplit

import typer

from app.commands.root import commands, run
from app.settings import Settings, public_url, settings
from db.database import Database
from db.kinds import HoldReason
from db.migrate import migrate as migrate_database
from forum.dry_run import DryRun
from forum.dry_run import dry_run as run_dry

MAX_DAYS = 3_650


@commands.command()
def policy(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what it would have held of the posts of the last days.")
    ] = False,
    days: Annotated[int, typer.Option(help="How many days --dry-run looks at.", min=1, max=MAX_DAYS)] = 30,
) -> None:
    """Show what the settings hold before others read it."""
    chosen = settings()

    async def show() -> None:
        for line in _described(chosen):
            typer.echo(line)
        if not dry_run:
            return
        await migrate_database(chosen.database_url)
        async with Database(chosen.database_url) as database:
            since = datetime.now(UTC) - timedelta(days=days)
            found = await run_dry(database, chosen.policy, since=since, host=urlsplit(public_url(chosen)).netloc)
        for line in _shown(found, days):
            typer.echo(line)
        if chosen.filter_url is not None:
            typer.echo("The outside filter was not asked.")

    run(show)


def _described(chosen: Settings) -> list[str]:
    held = chosen.policy
    return [
        f"First posts that are held: {held.first_posts} of a member, {held.first_posts_of_guests} of a guest.",
        f"Published posts before links go through: {held.posts_before_links}.",
        f"Held words: {chosen.held_words or 'none'}.",
        f"Outside filter: {'none' if chosen.filter_url is None else urlsplit(chosen.filter_url).hostname}.",
        "Besides, categories and people can be premoderated. Moderators and applications are never held.",
    ]


def _shown(found: DryRun, days: int) -> list[str]:
    period = "day" if days == 1 else f"{days} days"
    lines = [f"Of the {found.posts:,} posts of the last {period} it would have held {found.held:,}."]
    for reason in HoldReason:
        if found.reasons[reason]:
            lines.append(f"{reason}: {found.reasons[reason]:,}")
            lines += [f"  {example}" for example in found.examples[reason]]
    return lines
