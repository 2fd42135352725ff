"""People: who they are by id, handle, name or token, and how one is made at first sight."""

import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from db.database import Transaction
from db.rows import AccountRow, IdRow, Row, UserRow
from db.statements import Dialect, Statement, WriteStatement, among
from db.tables import former_names, users
from text.normal import normalised

HANDLE_LENGTH = 40
# Letters and marks without a glyph: the fillers of Hangul, variation selectors, and the like.
_INVISIBLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")

_columns = [
    users.c.id,
    users.c.handle,
    users.c.name,
    users.c.avatar_url,
    users.c.is_guest,
    users.c.created_at,
]

by_ids = Statement(select(*_columns).where(among(users.c.id, "ids")), UserRow)

by_handle = Statement(select(*_columns).where(users.c.handle == bindparam("handle")), UserRow)

account = Statement(select(*_columns, users.c.suspended_at).where(users.c.id == bindparam("id")), AccountRow)

by_identity = Statement(
    select(*_columns, users.c.suspended_at).where(
        users.c.issuer == bindparam("issuer"), users.c.subject == bindparam("subject")
    ),
    AccountRow,
)

suspended = Statement(select(users.c.id).where(among(users.c.id, "ids"), users.c.suspended_at.is_not(None)), IdRow)
"""Those of `ids` who are suspended."""

by_legacy_id = Statement(select(*_columns).where(users.c.legacy_id == bindparam("legacy_id")), UserRow)


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
        "avatar_url",
        "email",
        "issuer",
        "subject",
        "is_guest",
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
        avatar_url=bindparam("avatar_url"),
    )
)


def handle_of(name: str) -> str:
    """A handle made from a name: lower case, letters, marks and digits of any script, hyphens between.

    "" if nothing is left. A handle made from a handle is the same.
    """
    folded = unicodedata.normalize("NFKC", _INVISIBLE.sub("", name)).casefold()
    plain = "".join(c if _is_in_handle(c) else "-" for c in unicodedata.normalize("NFKC", folded))
    begin = next((at for at, character in enumerate(plain) if character.isalnum()), len(plain))
    return re.sub("-+", "-", plain[begin:])[:HANDLE_LENGTH].rstrip("-._")


def _is_in_handle(character: str) -> bool:
    return character.isalnum() or character in "_." or unicodedata.category(character).startswith("M")


@dataclass(frozen=True, slots=True)
class Person:
    """A person to be made: at first sight of a token, as a guest, or from an archive."""

    handle: str
    """As wished; a number is added where somebody has it."""
    name: str
    avatar_url: str | None = None
    issuer: str | None = None
    subject: str | None = None
    is_guest: bool = False
    email: str | None = None
    legacy_id: str | None = None
    created_at: datetime | None = None
    is_suspended: bool = False


class HandleTaken(Exception):
    """Another user has exactly the wanted handle."""


async def add_user(tx: Transaction, person: Person, *, exactly: bool = False) -> int:
    """Inserts a user and returns the id. Raises HandleTaken with `exactly`, if another user has the handle."""
    handle = handle_of(person.handle) or handle_of(person.name) or "user"
    wished, number = handle, 1
    while True:
        made = await tx.row(
            _insert,
            handle=handle,
            name=person.name,
            name_key=normalised(person.name),
            avatar_url=person.avatar_url,
            email=person.email,
            issuer=person.issuer,
            subject=person.subject,
            is_guest=person.is_guest,
            legacy_id=person.legacy_id,
            created_at=person.created_at or tx.at,
            suspended_at=tx.at if person.is_suspended else None,
        )
        if made is not None:
            return made.id
        # Somebody has the handle; or the very same person was made by another request just now.
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
        handle = f"{wished[: HANDLE_LENGTH - 9]}-{suffix}"


async def suspend_user(tx: Transaction, user_id: int) -> None:
    """From now on the person's tokens are refused; who is suspended already stays so."""
    await tx.run(_suspend, user=user_id, at=tx.at)


async def unsuspend_user(tx: Transaction, user_id: int) -> None:
    """The opposite of `suspend_user`."""
    await tx.run(_unsuspend, user=user_id)


async def describe_user(tx: Transaction, user_id: int, *, name: str, avatar_url: str | None) -> None:
    """Takes over a changed name or picture from a token. The name of before is kept for an erasure."""
    await tx.run(_keep_name, user=user_id, name=name, at=tx.at)
    await tx.run(
        _describe,
        user=user_id,
        name=name,
        name_key=normalised(name),
        avatar_url=avatar_url,
    )
