"""From a bearer token to a viewer: the person is made at first sight of their token."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import db.users
from access.suspensions import SuspensionMonitor
from access.tokens import BadToken, Claims, Tokens
from access.viewer import Role, Viewer
from db.database import Database, Transaction
from db.rows import AccountRow

_KNOWN = 10_000


@dataclass(frozen=True, slots=True)
class _Seen:
    user_id: int
    is_guest: bool
    name: str | None
    picture: str | None
    release: Callable[[], None]
    """To be called when it is remembered no more."""


class Authenticator:
    """Who the tokens of this process name. Remembers those seen last, so that a request costs no statement for it."""

    def __init__(self, database: Database, tokens: Tokens, rights: SuspensionMonitor) -> None:
        self._database = database
        self._tokens = tokens
        self._rights = rights
        self._seen: OrderedDict[tuple[str, str], _Seen] = OrderedDict()

    async def viewer(self, authorization: str | None, *, from_memory: bool = True) -> Viewer:
        """The viewer of an Authorization header; anonymous without one. Raises BadToken.

        `from_memory`: may be answered by what the database said before, which who was suspended since may outlive by a
        moment.
        """
        if authorization is None:
            return Viewer()
        claims = await self._tokens.read(authorization)
        person = await self._person(claims, from_memory=from_memory)
        role: Role = "moderator" if claims.moderator else "guest" if person.is_guest else "member"
        return Viewer(person.user_id, role, claims.expires_at)

    async def _person(self, claims: Claims, *, from_memory: bool) -> _Seen:
        key = (claims.issuer, claims.subject)
        seen = self._seen.get(key) if from_memory else None
        # Described as last time, and not as at any time before: names may change there and back.
        if seen is None or (seen.name, seen.picture) != (claims.name, claims.picture):
            user_id, is_guest = await self._look_up(claims)
            self._forget(key)
            release = self._rights.hold(user_id, partial(self._forget, key))
            seen = self._seen[key] = _Seen(user_id, is_guest, claims.name, claims.picture, release)
            if len(self._seen) > _KNOWN:
                self._forget(next(iter(self._seen)))
        self._seen.move_to_end(key)
        return seen

    def _forget(self, key: tuple[str, str], _reason: str = "") -> None:
        seen = self._seen.pop(key, None)
        if seen is not None:
            seen.release()

    async def _look_up(self, claims: Claims) -> tuple[int, bool]:
        if claims.user_id is not None:
            row = await self._database.row(db.users.account, id=claims.user_id)
            if row is None:
                raise BadToken("The token names a person who is not here.")
            _admit(row)
            return row.id, row.is_guest
        row = await self._database.row(db.users.by_identity, issuer=claims.issuer, subject=claims.subject)
        if row is None:
            handle = claims.handle or claims.name or "user"
            person = db.users.Person(
                handle=handle,
                name=(claims.name or handle)[:200],
                avatar_url=claims.picture,
                issuer=claims.issuer,
                subject=claims.subject,
            )
            return await self._database.write(lambda tx: db.users.add_user(tx, person)), False
        _admit(row)
        name = (claims.name or row.name)[:200]
        picture = claims.picture or row.avatar_url
        if (name, picture) != (row.name, row.avatar_url):

            async def describe(tx: Transaction) -> None:
                await db.users.describe_user(tx, row.id, name=name, avatar_url=picture)

            await self._database.write(describe)
        return row.id, row.is_guest


def _admit(row: AccountRow) -> None:
    if row.suspended_at is not None:
        raise BadToken(f"The token is of @{row.handle}, who has been suspended.")
