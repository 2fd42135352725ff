"""Commands about people: tokens, suspensions, erasure."""

import asyncio
import sys
from datetime import timedelta
from typing import Annotated

import typer

import db.erase
import db.users
from access.suspensions import LOCAL_POLL_SECONDS, POLL_SECONDS, TOPIC
from app.commands.root import commands, run
from app.logs import set_up_logging
from app.process import open_tokens
from app.settings import Settings, fail, settings
from db.database import Database
from db.migrate import migrate as migrate_database
from db.rows import UserRow
from live.bus import Bus


@commands.command()
def token(
    handle: Annotated[str, typer.Option(help="Whose token; a person who is not there yet is made.")],
    moderator: Annotated[bool, typer.Option("--moderator", help="Lift the person to a moderator.")] = False,
    hours: Annotated[float, typer.Option(min=0.001, help="How long the token holds.")] = 24.0,
) -> None:
    """Print a bearer token for scripts."""
    chosen = settings()

    async def write() -> None:
        await migrate_database(chosen.database_url)
        async with Database(chosen.database_url) as database:
            wished = db.users.handle_of(handle)
            if not wished:
                raise ValueError(f"«{handle}» is no handle: it needs a letter or a digit.")
            person = await database.row(db.users.by_handle, handle=wished)
            made = db.users.Person(handle=wished, name=handle)
            user_id = person.id if person else await database.write(lambda tx: db.users.add_user(tx, made))
            tokens = await open_tokens(database, chosen)
            typer.echo(tokens.write(user_id, timedelta(hours=hours), moderator=moderator))

    run(write)


@commands.command()
def suspend(handle: Annotated[str, typer.Option(help="Whom to suspend.")]) -> None:
    """Suspend a person: their tokens are refused, and what they follow ends."""
    set_suspended(handle, suspended=True)


@commands.command()
def unsuspend(handle: Annotated[str, typer.Option(help="Who may come back.")]) -> None:
    """Let a suspended person come back."""
    set_suspended(handle, suspended=False)


async def person_of(database: Database, handle: str) -> UserRow:
    """The person of a handle. Raises LookupError."""
    person = await database.row(db.users.by_handle, handle=handle.removeprefix("@").casefold())
    if person is None:
        raise LookupError(f"Nobody here has the handle «{handle}».")
    return person


async def tell_of(chosen: Settings, user_id: int) -> bool:
    """Tells the running servers that the rights of a person have changed; False where the bus is away."""
    bus = Bus(chosen.bus_url)
    await bus.start()
    told = await bus.publish(TOPIC, user_id)
    await bus.stop()
    return told


def set_suspended(handle: str, *, suspended: bool) -> None:
    """Suspends a person or lets them come back, and tells the running servers."""
    set_up_logging()
    chosen = settings()

    async def write() -> None:
        await migrate_database(chosen.database_url)
        async with Database(chosen.database_url) as database:
            person = await person_of(database, handle)
            change = db.users.suspend_user if suspended else db.users.unsuspend_user
            await database.write(lambda tx: change(tx, person.id))
        late = "" if await tell_of(chosen, person.id) else "; the bus is away, so servers find out within 5 seconds"
        typer.echo(f"@{person.handle} is {'suspended' if suspended else 'not suspended'}{late}.")

    run(write)


@commands.command()
def erase(
    handle: Annotated[str, typer.Option(help="Whom to erase.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase a person for good: what they wrote, what others quote of it, and who they were."""
    set_up_logging()
    chosen = settings()

    async def write() -> None:
        await migrate_database(chosen.database_url)
        async with Database(chosen.database_url) as database:
            person = await person_of(database, handle)
            if not yes and not sys.stdin.isatty():
                raise ValueError(f"@{person.handle} is erased for good: say so with --yes.")
            if not yes and not typer.confirm(f"Erase @{person.handle} ({person.name}) for good?"):
                raise ValueError("Nothing was erased.")
            await database.write(lambda tx: db.users.suspend_user(tx, person.id))
            told = await tell_of(chosen, person.id)
            # A server that is not told asks; until then it would let them write.
            await asyncio.sleep((LOCAL_POLL_SECONDS if told else POLL_SECONDS)[1] + 0.5)
            erasure = await db.erase.erase_user(database, person, lambda step: typer.echo(f"{step} …", err=True))
        is_clean = await db.erase.clean(chosen.database_url)
        typer.echo(
            f"@{person.handle} is erased: {erasure.posts} posts, and what was theirs in {erasure.others} posts and"
            " versions of others. Backups and exports of before still have it."
        )
        if not is_clean:
            fail("SQLite's files still hold what was erased, because somebody reads: run erase again, or restart.")

    run(write)
