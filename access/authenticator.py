"""Turns a bearer token into a viewer, and adds the user when their first token arrives."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import db.identities
import db.users
from access.suspensions import SuspensionMonitor
from access.tokens import BadToken, Claims, Tokens
from access.viewer import Role, SingleViewer
from db.database import Database, Transaction
from db.rows import AccountRow

MAX_REMEMBERED = 10_000
"""How many users one process remembers."""


@dataclass(frozen=True, slots=True)
class _Remembered:
    user_id: int
    is_guest: bool
    name: str | None
    picture: str | None
    release: Callable[[], None]
    """Ends the watch for a suspension, when the user is forgotten."""


class Authenticator:
    """Turns Authorization headers into viewers.

    Remembers the users of the latest tokens, so that a request costs no statement.
    """

    def __init__(self, database: Database, tokens: Tokens, suspensions: SuspensionMonitor) -> None:
        self._database = database
        self._tokens = tokens
        self._suspensions = suspensions
        self._remembered: OrderedDict[tuple[str, str], _Remembered] = OrderedDict()

    async def viewer(self, authorization: str | None, *, from_memory: bool = True) -> SingleViewer:
        """Returns the viewer of an Authorization header; anonymous for None. Raises BadToken.

        `from_memory`: what the database said before may be used, so a user suspended a moment ago may still be let in.
        """
        if authorization is None:
            return SingleViewer()
        claims = await self._tokens.read(authorization)
        user = await self._user(claims, from_memory=from_memory)
        role: Role = "moderator" if claims.moderator else "guest" if user.is_guest else "member"
        return SingleViewer(user.user_id, role, claims.expires_at)

    async def _user(self, claims: Claims, *, from_memory: bool) -> _Remembered:
        key = (claims.issuer, claims.subject)
        user = self._remembered.get(key) if from_memory else None
        # Compared with the last token only: a name may change and change back.
        if user is None or (user.name, user.picture) != (claims.name, claims.picture):
            user_id, is_guest = await self._read_or_add(claims)
            self._forget(key)
            release = self._suspensions.watch(user_id, partial(self._forget, key))
            user = self._remembered[key] = _Remembered(user_id, is_guest, claims.name, claims.picture, release)
            if len(self._remembered) > MAX_REMEMBERED:
                self._forget(next(iter(self._remembered)))
        self._remembered.move_to_end(key)
        return user

    def _forget(self, key: tuple[str, str], _reason: str = "") -> None:
        user = self._remembered.pop(key, None)
        if user is not None:
            user.release()

    async def _read_or_add(self, claims: Claims) -> tuple[int, bool]:
        if claims.user_id is not None:
            row = await self._database.row(db.users.account, id=claims.user_id)
            if row is None:
                raise BadToken("The token names a user who does not exist.")
            _check_not_suspended(row)
            return row.id, row.is_guest
        row = await self._database.row(db.users.by_identity, issuer=claims.issuer, subject=claims.subject)
        if row is None:
            if await db.identities.is_erased(self._database, issuer=claims.issuer, subject=claims.subject):
                raise BadToken("The person of this token was erased here, so the token is refused.")
            handle = claims.handle or claims.name or "user"
            user = db.users.Person(
                handle=handle,
                name=(claims.name or handle)[:200],
                avatar_url=claims.picture,
                issuer=claims.issuer,
                subject=claims.subject,
            )
            return await self._database.write(lambda tx: db.users.add_user(tx, user)), False
        _check_not_suspended(row)
        name = (claims.name or row.name)[:200]
        picture = claims.picture or row.avatar_url
        if (name, picture) != (row.name, row.avatar_url):

            async def describe(tx: Transaction) -> None:
                await db.users.describe_user(tx, row.id, name=name, avatar_url=picture)

            await self._database.write(describe)
        return row.id, row.is_guest


def _check_not_suspended(row: AccountRow) -> None:
    if row.suspended_at is not None:
        raise BadToken(f"The user of this token, @{row.handle}, is suspended.")
