"""People: who they are by id, handle, name or token, and how one is made at first sight."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, exists, insert, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from db import user_search
from db.database import Database, Event, Transaction
from db.kinds import AuthorRole, EventKind
from db.logs import SITE
from db.rows import AccountRow, IdRow, RightsRow, Row, UserRow
from db.snapshots import Reader
from db.statements import Dialect, Reads, Statement, WriteStatement, among
from db.tables import SPECIAL_RIGHTS, former_names, users
from db.user_columns import columns
from text.characters import cut
from text.confusables import skeleton
from text.erasing import ERASED
from text.handles import HANDLE_LENGTH, handle_keys, handle_of
from text.normal import normalised

by_ids = Statement(
    select(*columns()).where(among(users.c.id, "ids")), UserRow, reads=Reads(of_people=("id",), each="ids")
)

_by_handles = Statement(select(*columns()).where(among(users.c.handle, "handles")), UserRow)

_is_erased = (users.c.name == ERASED).label("is_erased")
_accounts = select(
    *columns(),
    users.c.role_is_of_token,
    users.c.role_given_at,
    users.c.premoderated,
    users.c.suspended_at,
    _is_erased,
)
account = Statement(_accounts.where(users.c.id == bindparam("id")), AccountRow)

_locked_account = Statement(_accounts.where(users.c.id == bindparam("id")).with_for_update(key_share=True), AccountRow)
accounts = Statement(_accounts.where(among(users.c.id, "ids")), AccountRow)
"""Those of `ids`, with what others do not see."""

by_identity = Statement(
    _accounts.where(users.c.issuer == bindparam("issuer"), users.c.subject == bindparam("subject")), AccountRow
)

special_rights = Statement(
    select(users.c.id, users.c.is_guest, users.c.role, users.c.suspended_at, _is_erased).where(
        among(users.c.id, "ids"), text(f"({SPECIAL_RIGHTS})")
    ),
    RightsRow,
)
"""Those of `ids` who are suspended or erased, or have a role."""

by_legacy_id = Statement(select(*columns()).where(users.c.legacy_id == bindparam("legacy_id")), UserRow)


async def by_handle(database: Reader, handle: str) -> UserRow | None:
    """Returns the person with a handle, in any form in which people write it: with an @, in capitals, NFC or NFD."""
    keys = handle_keys(handle)
    rows = await database.rows(_by_handles, handles=list(keys))
    return min(rows, key=lambda row: keys.index(row.handle), default=None)


def name_keys(name: str) -> list[str]:
    """The keys for `named` by which a name or handle in a text is looked up, as it is written with or without its @."""
    return list(dict.fromkeys((*handle_keys(name), normalised(name))))


class CalledRow(Row):
    """How a person is called."""

    __slots__ = ()

    id: int
    handle: str
    name: str


class NamedRow(Row):
    """A person under the keys that names in a text are looked up by."""

    __slots__ = ()

    id: int
    handle: str
    name_key: str


named = Statement(
    select(users.c.id, users.c.handle, users.c.name_key)
    .where(or_(among(users.c.handle, "keys"), among(users.c.name_key, "keys")))
    .order_by(users.c.id),
    NamedRow,
)
"""Users whose handle or normalised name is one of `keys`, the oldest first."""


_alike = Statement(
    select(users.c.id, users.c.handle, users.c.name)
    .where(
        or_(
            and_(among(users.c.handle_skeleton, "skeletons"), users.c.handle != bindparam("handle")),
            and_(among(users.c.name_skeleton, "skeletons"), users.c.name_key != bindparam("name_key")),
        ),
        users.c.id != bindparam("besides"),
    )
    .limit(1),
    CalledRow,
)


async def look_alike(database: Database, name: str, *, besides: int | None) -> CalledRow | None:
    """Returns somebody whose handle or name looks like a name, or like its handle, and is spelled differently.

    `besides` is the id of who may have such a name.
    """
    handle = handle_of(name)
    return await database.row(
        _alike,
        skeletons=sorted({skeleton(name), skeleton(handle)}),
        handle=handle,
        name_key=normalised(name),
        besides=besides or 0,
    )


class FormerNameRow(Row):
    """How a person was called before."""

    __slots__ = ()

    handle: str
    name: str


former_names_of = Statement(
    select(former_names.c.handle, former_names.c.name).where(former_names.c.user_id == bindparam("user")),
    FormerNameRow,
)


def _insert_sql(dialect: Dialect) -> Any:
    made = (postgresql if dialect == "postgresql" else sqlite).insert(users)
    names = (
        "handle",
        "name",
        "name_key",
        "handle_skeleton",
        "name_skeleton",
        "avatar_url",
        "email",
        "issuer",
        "subject",
        "is_guest",
        "role",
        "role_is_of_token",
        "role_given_at",
        "premoderated",
        "legacy_id",
        "created_at",
        "suspended_at",
    )
    return made.values({name: bindparam(name) for name in names}).on_conflict_do_nothing().returning(users.c.id)


_insert = Statement(_insert_sql, IdRow)
_suspend = WriteStatement(
    update(users)
    .where(users.c.id == bindparam("user"), users.c.suspended_at.is_(None))
    .values(suspended_at=bindparam("at"))
)
_unsuspend = WriteStatement(update(users).where(users.c.id == bindparam("user")).values(suspended_at=None))
_give_role = WriteStatement(
    update(users)
    .where(users.c.id == bindparam("user"))
    .values(
        role=bindparam("role"), role_is_of_token=bindparam("role_is_of_token"), role_given_at=bindparam("role_given_at")
    )
)
_premoderate = WriteStatement(
    update(users).where(users.c.id == bindparam("user")).values(premoderated=bindparam("premoderated"))
)
_keep_name = WriteStatement(
    insert(former_names).from_select(
        ["user_id", "handle", "name", "ended_at"],
        select(users.c.id, users.c.handle, users.c.name, bindparam("at", type_=former_names.c.ended_at.type)).where(
            users.c.id == bindparam("user"),
            users.c.name != bindparam("name"),
            # Two clients of one person may name them differently, in turns.
            ~exists().where(former_names.c.user_id == users.c.id, former_names.c.name == users.c.name),
        ),
    )
)
_describe = WriteStatement(
    update(users)
    .where(users.c.id == bindparam("user"))
    .values(
        name=bindparam("name"),
        name_key=bindparam("name_key"),
        name_skeleton=bindparam("name_skeleton"),
        avatar_url=bindparam("avatar_url"),
    )
)


@dataclass(frozen=True, slots=True)
class Person:
    """A person to be made: at first sight of a token, as a guest, or from an archive."""

    handle: str
    """As wished; a number is added where somebody has it, or one that looks like it."""
    name: str
    """The handle if empty."""
    avatar_url: str | None = None
    issuer: str | None = None
    subject: str | None = None
    is_guest: bool = False
    role: AuthorRole = AuthorRole.MEMBER
    role_given_at: datetime | None = None
    """When the token that gives the role was issued; None if none does."""
    is_premoderated: bool = False
    email: str | None = None
    legacy_id: str | None = None
    created_at: datetime | None = None
    is_suspended: bool = False


class HandleTaken(Exception):
    """Another user has the wanted handle, or one that looks like it."""


async def add_user(tx: Transaction, person: Person, *, exactly: bool = False) -> int:
    """Inserts a user and returns the id.

    If another user has the handle, or one that looks like it, a number is appended. Raises HandleTaken then, with
    `exactly`.
    """
    handle = handle_of(person.handle) or handle_of(person.name) or "user"
    wished, number = handle, 1
    while True:
        name = person.name or handle
        made = await tx.row(
            _insert,
            handle=handle,
            name=name,
            name_key=normalised(name),
            handle_skeleton=skeleton(handle),
            name_skeleton=skeleton(name),
            avatar_url=person.avatar_url,
            email=person.email,
            issuer=person.issuer,
            subject=person.subject,
            is_guest=person.is_guest,
            role=person.role.value,
            role_is_of_token=person.role_given_at is not None,
            role_given_at=person.role_given_at,
            premoderated=person.is_premoderated,
            legacy_id=person.legacy_id,
            created_at=person.created_at or tx.at,
            suspended_at=tx.at if person.is_suspended else None,
        )
        if made is not None:
            await user_search.put(tx, made.id, handle=handle, name=name)
            return made.id
        # Somebody has the handle or one that looks like it; or another request made the very same person just now.
        known: UserRow | None = None
        if person.subject is not None:
            known = await tx.row(by_identity, issuer=person.issuer, subject=person.subject)
        if person.legacy_id is not None:
            known = known or await tx.row(by_legacy_id, legacy_id=person.legacy_id)
        if known is not None:
            return known.id
        if exactly:
            raise HandleTaken(handle)
        number += 1
        # Small numbers read well; where they are many, a drawn one is found at once.
        suffix = str(number) if number < 10 else secrets.token_hex(4)
        handle = f"{cut(wished, HANDLE_LENGTH - 9)}-{suffix}"


async def suspend_user(tx: Transaction, user_id: int) -> None:
    """Lets a person only read from now on, and nobody find them by name; who is suspended already stays so."""
    await tx.run(_suspend, user=user_id, at=tx.at)
    await tx.run(user_search.remove, user=user_id)


async def unsuspend_user(tx: Transaction, user_id: int) -> None:
    """The opposite of `suspend_user`."""
    await tx.run(_unsuspend, user=user_id)
    await _index(tx, user_id)


async def locked_account(tx: Transaction, user_id: int) -> AccountRow | None:
    """Returns a person's row, locked to the end of the transaction; None if there is none or they were erased."""
    row = await tx.row(_locked_account, id=user_id)
    return None if row is None or row.is_erased else row


async def give_role(tx: Transaction, user_id: int, role: AuthorRole) -> None:
    """Gives a person a role, with an event: tokens that were issued before say nothing of it from now on."""
    await tx.lock_log(SITE, events=1)
    await tx.run(_give_role, user=user_id, role=role.value, role_is_of_token=False, role_given_at=tx.at)
    tx.append(Event(EventKind.USER_CHANGED, None, 0, None, user_id=user_id))


async def premoderate(tx: Transaction, user_id: int, *, premoderated: bool) -> None:
    """Has all that a person writes held from now on, or no longer."""
    await tx.run(_premoderate, user=user_id, premoderated=premoderated)


async def describe_user(
    tx: Transaction,
    user_id: int,
    *,
    name: str,
    avatar_url: str | None,
    role: AuthorRole,
    role_given_at: datetime | None = None,
) -> None:
    """Takes over a changed name, picture or role from a token, with an event. Nothing is written where none differs.

    The name of before is kept for an erasure. `role_given_at`: when the token was issued.
    """
    await tx.lock_log(SITE)
    row = await tx.row(by_ids, ids=[user_id])
    if row is None or (name, avatar_url, role) == (row.name, row.avatar_url, row.role):
        return
    await tx.lock_log(SITE, events=1)
    await tx.run(_keep_name, user=user_id, name=name, at=tx.at)
    await tx.run(
        _describe,
        user=user_id,
        name=name,
        name_key=normalised(name),
        name_skeleton=skeleton(name),
        avatar_url=avatar_url,
    )
    if role != row.role:
        given_at = role_given_at or tx.at
        await tx.run(_give_role, user=user_id, role=role.value, role_is_of_token=True, role_given_at=given_at)
    await _index(tx, user_id)
    tx.append(Event(EventKind.USER_CHANGED, None, 0, None, user_id=user_id))


async def _index(tx: Transaction, user_id: int) -> None:
    for row in await tx.rows(by_ids, ids=[user_id]):
        await user_search.put(tx, row.id, handle=row.handle, name=row.name)
