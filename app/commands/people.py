"""Commands about people: `token`, `suspend`, `unsuspend`, `role`, `premoderate`, `erase`."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated
from urllib.parse import urlsplit

import typer

import db.erasure
import db.users
from access.rights import LOCAL_POLL_SECONDS, POLL_SECONDS, TOPIC
from app.commands.root import commands, run
from app.process import open_tokens
from app.settings import Settings, fail, public_url, settings
from db.database import Database, Transaction
from db.kinds import AuthorRole
from db.migrate import migrate as migrate_database
from db.rows import UserRow
from forum.erasure import Erasure, erase_user, preview_erasure
from forum.sanctions import block_in, premoderate_in, set_role_in, suspend_in, unsuspend_in
from forum.use_cases import OPERATOR
from live.bus import Bus
from text.handles import handle_keys, handle_of

MIN_TOKEN_HOURS = 0.001
MAX_TOKEN_HOURS = 87_600


@commands.command()
def token(
    handle: Annotated[str, typer.Option(help="Exact handle of the person, who is added if nobody has it.")],
    moderator: Annotated[bool, typer.Option("--moderator", help="Make that person a moderator.")] = False,
    hours: Annotated[float, typer.Option(help="Hours until the token expires, 0.001 to 87600 (ten years).")] = 24.0,
) -> None:
    """Print a bearer token for scripts. With --moderator, its person stays a moderator: `role` takes that back."""
    chosen = settings()
    # Comparing refuses nan as well.
    if not MIN_TOKEN_HOURS <= hours <= MAX_TOKEN_HOURS:
        fail(f"--hours is {hours:g}: a token lasts {MIN_TOKEN_HOURS} to {MAX_TOKEN_HOURS} hours.")

    async def write() -> None:
        await migrate_database(chosen.database_url)
        async with Database(chosen.database_url) as database:
            user_id = await _id_of(database, handle)
            if moderator:
                await database.write(lambda tx: set_role_in(tx, OPERATOR, user_id, AuthorRole.MODERATOR, None))
                await notify_servers(chosen, user_id)
            tokens = await open_tokens(database, chosen)
            typer.echo(tokens.write(user_id, timedelta(hours=hours)))

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


Handle = Annotated[str, typer.Option(help="Handle of the person.")]
Reason = Annotated[str | None, typer.Option(help="Why, for the audit log.")]


@commands.command()
def suspend(
    handle: Annotated[str, typer.Option(help="Handle of the person to suspend.")],
    until: Annotated[
        str | None,
        typer.Option(help="When it ends, as 2026-12-31 or 2026-12-31T18:00 (UTC); without an end if omitted."),
    ] = None,
    reason: Annotated[str | None, typer.Option(help="Why: the person reads it.")] = None,
) -> None:
    """Suspend a person: they can read, and write nothing."""
    ends_at = _moment(until)

    async def work(tx: Transaction, person: UserRow) -> str:
        await suspend_in(tx, OPERATOR, person.id, ends_at, reason)
        return f"is suspended{'' if ends_at is None else f' until {ends_at:%Y-%m-%d %H:%M} UTC'}"

    _change(handle, work)


@commands.command()
def unsuspend(
    handle: Annotated[str, typer.Option(help="Handle of the suspended person.")], reason: Reason = None
) -> None:
    """End the suspension of a person."""

    async def work(tx: Transaction, person: UserRow) -> str:
        await unsuspend_in(tx, OPERATOR, person.id, reason)
        return "is not suspended"

    _change(handle, work)


class Role(StrEnum):
    """What `role` makes of a person."""

    MODERATOR = "moderator"
    MEMBER = "member"
    APPLICATION = "application"


@commands.command()
def role(
    handle: Handle,
    role: Annotated[Role, typer.Option(help="moderator, application, or member for neither.", case_sensitive=False)],
    reason: Reason = None,
) -> None:
    """Make a person a moderator or an application, or a member again."""

    async def work(tx: Transaction, person: UserRow) -> str:
        await set_role_in(tx, OPERATOR, person.id, AuthorRole[role.name], reason)
        return f"is {'an' if role is Role.APPLICATION else 'a'} {role.value}"

    _change(handle, work)


@commands.command()
def premoderate(
    handle: Handle,
    off: Annotated[bool, typer.Option("--off", help="Publish at once again what they write.")] = False,
    reason: Reason = None,
) -> None:
    """Hold all that a person writes until a moderator publishes it."""

    async def work(tx: Transaction, person: UserRow) -> str:
        await premoderate_in(tx, OPERATOR, person.id, premoderated=not off, reason=reason)
        return f"is {'not ' if off else ''}premoderated"

    _change(handle, work)


def _moment(text: str | None) -> datetime | None:
    """A moment as the command line has it, in UTC unless it says otherwise. Ends the command for what is none."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        fail(f'--until is "{text}": write a date as 2026-12-31, or a date and a time as 2026-12-31T18:00.')
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _change(handle: str, work: Callable[[Transaction, UserRow], Awaitable[str]]) -> None:
    """Changes what a person may do, in one transaction, notifies running servers, and prints what `work` says."""
    chosen = settings()

    async def write() -> None:
        await migrate_database(chosen.database_url)
        async with Database(chosen.database_url) as database:
            person = await person_of(database, handle)
            said = await database.write(lambda tx: work(tx, person))
        late = (
            ""
            if await notify_servers(chosen, person.id)
            else " (the bus is unreachable: servers notice within 5 seconds)"
        )
        typer.echo(f"@{person.handle} {said}{late}.")

    run(write)


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
            await database.write(lambda tx: block_in(tx, person.id))
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
