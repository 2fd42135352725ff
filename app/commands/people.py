"""Commands about people: `token`, `suspend`, `unsuspend`, `erase`."""

import asyncio
import sys
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit

import typer

import db.erasure
import db.users
from access.suspensions import LOCAL_POLL_SECONDS, POLL_SECONDS, TOPIC
from app.commands.root import commands, run
from app.process import open_tokens
from app.settings import Settings, fail, public_url, settings
from db.database import Database
from db.migrate import migrate as migrate_database
from db.rows import UserRow
from forum.erasure import Erasure, erase_user, preview_erasure
from live.bus import Bus
from text.handles import handle_keys, handle_of

MIN_TOKEN_HOURS = 0.001
MAX_TOKEN_HOURS = 87_600


@commands.command()
def token(
    handle: Annotated[str, typer.Option(help="Exact handle of the person, who is added if nobody has it.")],
    moderator: Annotated[bool, typer.Option("--moderator", help="Give the token the role of a moderator.")] = False,
    hours: Annotated[float, typer.Option(help="Hours until the token expires, 0.001 to 87600 (ten years).")] = 24.0,
) -> None:
    """Print a bearer token for scripts."""
    chosen = settings()
    # Comparing refuses nan as well.
    if not MIN_TOKEN_HOURS <= hours <= MAX_TOKEN_HOURS:
        fail(f"--hours is {hours:g}: a token lasts {MIN_TOKEN_HOURS} to {MAX_TOKEN_HOURS} hours.")

    async def write() -> None:
        await migrate_database(chosen.database_url)
        async with Database(chosen.database_url) as database:
            user_id = await _id_of(database, handle)
            tokens = await open_tokens(database, chosen)
            typer.echo(tokens.write(user_id, timedelta(hours=hours), moderator=moderator))

    run(write)


async def _id_of(database: Database, handle: str) -> int:
    """Returns the id of the person with exactly this handle, added if there is none. Raises ValueError if none can."""
    person = await db.users.by_handle(database, handle)
    if person is not None:
        return person.id
    possible = handle_of(handle)
    if possible != handle_keys(handle)[0]:
        nearest = f' The nearest is "{possible}".' if possible else ""
        raise ValueError(
            f'"{handle}" is no handle: write letters, digits and marks, with ".", "_" or "-" between.{nearest}'
        )
    made = db.users.Person(handle=possible, name=handle.strip().removeprefix("@"))
    try:
        return await database.write(lambda tx: db.users.add_user(tx, made, exactly=True))
    except db.users.HandleTaken as error:
        if alike := await db.users.look_alike(database, possible, besides=None):
            raise ValueError(f'"{possible}" looks like the handle of @{alike.handle} ({alike.name}).') from error
        # Another process added the person just now.
        return (await person_of(database, handle)).id


@commands.command()
def suspend(handle: Annotated[str, typer.Option(help="Handle of the person to suspend.")]) -> None:
    """Suspend a person: their tokens are refused and their open streams end."""
    set_suspended(handle, suspended=True)


@commands.command()
def unsuspend(handle: Annotated[str, typer.Option(help="Handle of the suspended person.")]) -> None:
    """End the suspension of a person."""
    set_suspended(handle, suspended=False)


async def person_of(database: Database, handle: str) -> UserRow:
    """Returns the user with a handle. Raises LookupError."""
    person = await db.users.by_handle(database, handle)
    if person is None:
        raise LookupError(f'No user has the handle "{handle}".')
    return person


async def notify_servers(chosen: Settings, user_id: int) -> bool:
    """Notifies running servers that a person's rights have changed. Returns False if the bus is unreachable."""
    bus = Bus(chosen.bus_url)
    await bus.start()
    published = await bus.publish(TOPIC, user_id)
    await bus.stop()
    return published


def set_suspended(handle: str, *, suspended: bool) -> None:
    """Suspends a person or ends their suspension, and notifies running servers."""
    chosen = settings()

    async def write() -> None:
        await migrate_database(chosen.database_url)
        async with Database(chosen.database_url) as database:
            person = await person_of(database, handle)
            change = db.users.suspend_user if suspended else db.users.unsuspend_user
            await database.write(lambda tx: change(tx, person.id))
        late = (
            ""
            if await notify_servers(chosen, person.id)
            else " (the bus is unreachable: servers notice within 5 seconds)"
        )
        typer.echo(f"@{person.handle} is {'suspended' if suspended else 'not suspended'}{late}.")

    run(write)


@commands.command()
def erase(
    handle: Annotated[str, typer.Option(help="Handle of the person to erase.")],
    yes: Annotated[bool, typer.Option("--yes", help="Skip the confirmation.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")] = False,
    may_return: Annotated[
        bool, typer.Option("--may-return", help="Let the person sign in again as somebody new, by another service.")
    ] = False,
) -> None:
    """Erase a person permanently: their posts, quotes of them in the posts of others, and their personal data."""
    chosen = settings()

    async def write() -> None:
        await migrate_database(chosen.database_url)
        async with Database(chosen.database_url) as database:
            person = await person_of(database, handle)
            if dry_run:
                show(await preview_erasure(database, person), f"@{person.handle} ({person.name}) would be erased")
                return
            if not yes and not sys.stdin.isatty():
                raise ValueError(
                    f"Erasing @{person.handle} can't be undone. Run it in a terminal, or confirm with --yes."
                )
            if not yes and not typer.confirm(f"Erase @{person.handle} ({person.name}) permanently?"):
                raise ValueError("Nothing was erased.")
            await database.write(lambda tx: db.users.suspend_user(tx, person.id))
            published = await notify_servers(chosen, person.id)
            # A server that missed the notification polls; until then it would accept their writes.
            await asyncio.sleep((LOCAL_POLL_SECONDS if published else POLL_SECONDS)[1] + 0.5)
            erasure = await erase_user(
                database,
                person,
                lambda step: typer.echo(f"{step} …", err=True),
                may_return=may_return,
                host=urlsplit(public_url(chosen)).netloc,
            )
        is_clean = await db.erasure.clean(chosen.database_url)
        erasure.passages.clear()  # What is erased is not shown again.
        show(erasure, f"@{person.handle} is erased")
        typer.echo("Earlier backups and exports still contain them.")
        if not is_clean:
            fail("SQLite's files still contain erased text, because a reader has them open. Run erase again later.")

    run(write)


def show(erasure: Erasure, beginning: str) -> None:
    """Prints what an erasure did or would do: counts, the first passages, and what it leaves for a person to judge."""
    typer.echo(
        f"{beginning}: {erasure.posts} posts of their own, and their words or names in"
        f" {erasure.others} posts, versions and titles of others."
    )
    for line in erasure.passages:
        typer.echo(f"  {line}")
    if erasure.passages and erasure.others > len(erasure.passages):
        typer.echo(f"  … and {erasure.others - len(erasure.passages)} more.")
    if erasure.doubtful:
        typer.echo("These passages may be theirs or somebody else's, so they stay:")
    for line in erasure.doubtful:
        typer.echo(f"  {line}")
