"""Commands about people: `token`, `suspend`, `unsuspend`, `erase`."""

import asyncio
import sys
from datetime import timedelta
from typing import Annotated

import typer

import db.erasure
import db.users
from access.suspensions import LOCAL_POLL_SECONDS, POLL_SECONDS, TOPIC
from app.commands.root import commands, run
from app.logs import set_up_logging
from app.process import open_tokens
from app.settings import Settings, fail, settings
from db.database import Database
from db.migrate import migrate as migrate_database
from db.rows import UserRow
from forum.erasure import erase_user
from live.bus import Bus


@commands.command()
def token(
    handle: Annotated[str, typer.Option(help="Handle of the person. A person who does not exist is created.")],
    moderator: Annotated[bool, typer.Option("--moderator", help="Give the token the role of a moderator.")] = False,
    hours: Annotated[float, typer.Option(min=0.001, help="Hours until the token expires.")] = 24.0,
) -> None:
    """Print a bearer token for scripts."""
    chosen = settings()

    async def write() -> None:
        await migrate_database(chosen.database_url)
        async with Database(chosen.database_url) as database:
            wished = db.users.handle_of(handle)
            if not wished:
                raise ValueError(f'Invalid handle "{handle}": use at least one letter or digit.')
            person = await database.row(db.users.by_handle, handle=wished)
            made = db.users.Person(handle=wished, name=handle)
            user_id = person.id if person else await database.write(lambda tx: db.users.add_user(tx, made))
            tokens = await open_tokens(database, chosen)
            typer.echo(tokens.write(user_id, timedelta(hours=hours), moderator=moderator))

    run(write)


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
    person = await database.row(db.users.by_handle, handle=handle.removeprefix("@").casefold())
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
    set_up_logging()
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
) -> None:
    """Erase a person permanently: their posts, quotes of them in the posts of others, and their personal data."""
    set_up_logging()
    chosen = settings()

    async def write() -> None:
        await migrate_database(chosen.database_url)
        async with Database(chosen.database_url) as database:
            person = await person_of(database, handle)
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
            erasure = await erase_user(database, person, lambda step: typer.echo(f"{step} …", err=True))
        is_clean = await db.erasure.clean(chosen.database_url)
        typer.echo(
            f"@{person.handle} is erased: {erasure.posts} posts of their own, and their words or names in"
            f" {erasure.others} posts and versions of others. Earlier backups and exports still contain them."
        )
        if not is_clean:
            fail("SQLite's files still contain erased text, because a reader has them open. Run erase again later.")

    run(write)
