"""Sanctions and roles: suspending people until a time, holding what they write, and making moderators.

The functions that end with `_in` do the same inside of a transaction that does more. They lock the person's row.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import db.suspensions
import db.users
from db.database import Database, Transaction
from db.kinds import AuditAction, AuthorRole
from db.logs import SITE
from db.rows import AccountRow
from forum import audit, drafts
from forum.errors import InvalidText, NotAllowed, ReasonTooLong, UntilPassed, UserNotFound
from forum.use_cases import OPERATOR, Actor, Command, Forum, Outcome, use_case

_BATCH = 100
"""How many suspensions one look ends at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspendUser(Command):
    """A person who may only read until a time; None for one without an end."""

    mutation = "suspendUser"

    user_id: int
    until: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsuspendUser(Command):
    """A suspended person who may write again."""

    mutation = "unsuspendUser"

    user_id: int
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRole(Command):
    """A person who gets another role."""

    mutation = "setRole"

    user_id: int
    role: AuthorRole
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PremoderateUser(Command):
    """A person all of whose posts are held from now on, or no longer."""

    mutation = "premoderateUser"

    user_id: int
    premoderated: bool
    reason: str | None = None


@use_case(UserNotFound, NotAllowed, UntilPassed, ReasonTooLong, InvalidText)
async def suspend_user(forum: Forum, actor: Actor, command: SuspendUser) -> Outcome:
    """Lets a person only read. Of who is suspended already, end and reason are replaced."""
    audit.check_moderator(actor, "suspend people", "user_id")
    async with forum.unit_of_work(actor, command) as work:
        await suspend_in(work.tx, actor, command.user_id, command.until, command.reason)
        work.done(subject_id=command.user_id)
    return work.outcome


@use_case(UserNotFound, NotAllowed, ReasonTooLong, InvalidText)
async def unsuspend_user(forum: Forum, actor: Actor, command: UnsuspendUser) -> Outcome:
    """Lets a suspended person write again; changes nothing for who is not suspended."""
    audit.check_moderator(actor, "end a suspension", "user_id")
    async with forum.unit_of_work(actor, command) as work:
        await unsuspend_in(work.tx, actor, command.user_id, command.reason)
        work.done(subject_id=command.user_id)
    return work.outcome


@use_case(UserNotFound, NotAllowed, ReasonTooLong, InvalidText)
async def set_role(forum: Forum, actor: Actor, command: SetRole) -> Outcome:
    """Gives a person another role, which stays until a moderator or a later token gives one."""
    audit.check_moderator(actor, "give a role", "user_id")
    async with forum.unit_of_work(actor, command) as work:
        await set_role_in(work.tx, actor, command.user_id, command.role, command.reason)
        work.done(subject_id=command.user_id)
    return work.outcome


@use_case(UserNotFound, NotAllowed, ReasonTooLong, InvalidText)
async def premoderate_user(forum: Forum, actor: Actor, command: PremoderateUser) -> Outcome:
    """Has all that a person writes held, or no longer; changes nothing if it is so."""
    audit.check_moderator(actor, "have posts of a person held", "user_id")
    async with forum.unit_of_work(actor, command) as work:
        await premoderate_in(work.tx, actor, command.user_id, premoderated=command.premoderated, reason=command.reason)
        work.done(subject_id=command.user_id)
    return work.outcome


async def suspend_in(
    tx: Transaction, actor: Actor, user_id: int, until: datetime | None, reason: str | None, **about: Any
) -> int:
    """Suspends a person and returns the id of the audit entry.

    `about`: other fields of the entry. Its `former` is the suspension that this one replaces: its `entry` and `until`;
    None if there was none. Raises UserNotFound, NotAllowed, UntilPassed, ReasonTooLong, InvalidText.
    """
    reason = drafts.check_reason(reason)
    if until is not None and until <= tx.at:
        raise UntilPassed(f"{until:%Y-%m-%d %H:%M} UTC is past: choose a later end, or none.", ("until",))
    if actor.user_id == user_id:
        raise NotAllowed("You can't suspend yourself: another moderator can.", ("user_id",))
    await _account(tx, user_id)
    former = await _suspension(tx, user_id)
    await db.users.suspend_user(tx, user_id)
    entry = await audit.record(
        tx, actor, AuditAction.SUSPEND_USER, user_id=user_id, reason=reason, former=former, **about
    )
    await db.suspensions.put(tx, user_id, entry_id=entry, until=until, reason=reason)
    return entry


async def unsuspend_in(tx: Transaction, actor: Actor, user_id: int, reason: str | None, **about: Any) -> int | None:
    """Ends a suspension and returns the id of the audit entry; None for who is not suspended.

    `about`: other fields of the entry. Its `former` is the
    suspension that ends: its `entry` and `until`. Raises UserNotFound, ReasonTooLong, InvalidText.
    """
    reason = drafts.check_reason(reason)
    await _account(tx, user_id)
    former = await _suspension(tx, user_id)
    if former is None:
        return None
    await db.users.unsuspend_user(tx, user_id)
    await tx.run(db.suspensions.remove, user=user_id)
    return await audit.record(
        tx, actor, AuditAction.UNSUSPEND_USER, user_id=user_id, reason=reason, former=former, **about
    )


async def set_role_in(
    tx: Transaction, actor: Actor, user_id: int, role: AuthorRole, reason: str | None, **about: Any
) -> int | None:
    """Gives a person a role, with an event, and returns the id of the audit entry; None if it is so already.

    It locks the log of the site, and no other. `about`: other fields of the entry. Its
    `former` has the `role` of before and the one that was `given`. Raises UserNotFound, NotAllowed, ReasonTooLong,
    InvalidText.
    """
    reason = drafts.check_reason(reason)
    await tx.lock_log(SITE)
    account = await _account(tx, user_id)
    if account.is_guest or role is AuthorRole.GUEST:
        raise _no_role_of_guests(account)
    # What a token gave is given for good.
    if role == account.role and not account.role_is_of_token:
        return None
    if actor.user_id == user_id:
        raise NotAllowed("You can't change your own role: another moderator can.", ("user_id",))
    await db.users.give_role(tx, user_id, role)
    former = {"role": account.role, "given": role.value}
    return await audit.record(tx, actor, AuditAction.SET_ROLE, user_id=user_id, reason=reason, former=former, **about)


async def premoderate_in(
    tx: Transaction, actor: Actor, user_id: int, *, premoderated: bool, reason: str | None, **about: Any
) -> int | None:
    """Has what a person writes held, or no longer, and returns the id of the audit entry; None if it is so already.

    `about`: other fields of the entry. Its `former` has what was `premoderated` before.
    Raises UserNotFound, ReasonTooLong, InvalidText.
    """
    reason = drafts.check_reason(reason)
    account = await _account(tx, user_id)
    if account.premoderated == premoderated:
        return None
    await db.users.premoderate(tx, user_id, premoderated=premoderated)
    former = {"premoderated": account.premoderated}
    return await audit.record(
        tx, actor, AuditAction.PREMODERATE_USER, user_id=user_id, reason=reason, former=former, **about
    )


async def block_in(tx: Transaction, user_id: int) -> None:
    """Lets a person only read while they are erased: without an entry, and without an end that a job would wait for."""
    await db.users.suspend_user(tx, user_id)
    await tx.run(db.suspensions.remove, user=user_id)


async def lift_suspensions(database: Database) -> list[int]:
    """Ends suspensions whose time is over, some at a time, and returns whose. Several processes may do so at once."""
    found = await database.rows(db.suspensions.over, now=datetime.now(UTC), limit=_BATCH)
    return [row.id for row in found if await database.write(partial(_lift, user_id=row.id))]


async def _lift(tx: Transaction, user_id: int) -> bool:
    """Ends the suspension of one person, unless another process has, or a moderator has given it another end."""
    if await db.users.locked_account(tx, user_id) is None:
        return False
    row = await tx.row(db.suspensions.of_users, ids=[user_id])
    if row is None or row.until is None or row.until > tx.at:
        return False
    return await unsuspend_in(tx, OPERATOR, user_id, None) is not None


async def _account(tx: Transaction, user_id: int) -> AccountRow:
    account = await db.users.locked_account(tx, user_id)
    if account is None:
        raise UserNotFound("No person has this id, or they were erased.", ("user_id",))
    return account


def _no_role_of_guests(account: AccountRow) -> NotAllowed:
    if account.is_guest:
        message = f"@{account.handle} is a guest, and guests get no role: they have to sign in with an account."
        return NotAllowed(message, ("user_id",))
    return NotAllowed(f"@{account.handle} has an account, so they can't be made a guest.", ("role",))


async def _suspension(tx: Transaction, user_id: int) -> dict[str, Any] | None:
    """What an undo goes back to: the entry of a person's suspension, and its end; None for who is not suspended."""
    row = await tx.row(db.suspensions.of_users, ids=[user_id])
    if row is None:
        return None
    return {"entry": row.audit_entry_id, "until": None if row.until is None else row.until.isoformat()}
