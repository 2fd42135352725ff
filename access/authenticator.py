"""Turns a bearer token into a viewer, and adds the user when their first token arrives."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import structlog

import db.identities
import db.users
from access.rights import RightsMonitor, role_of
from access.token_names import TokenNames, names_of
from access.token_roles import issued_at, role_after
from access.tokens import BadToken, Claims, Tokens
from access.viewer import ANONYMOUS, Role, SingleViewer
from db.database import Database, Transaction
from db.kinds import AuthorRole
from db.logs import SITE
from db.rows import AccountRow
from text.name_rules import NameRules

log = structlog.get_logger(__name__)

MAX_REMEMBERED = 10_000
"""How many users one process remembers."""
ERASED_REFUSED = "The person of this token was erased here, so the token is refused."


@dataclass(frozen=True, slots=True)
class _Remembered:
    user_id: int
    role: Role
    said: tuple[str | None, str | None, AuthorRole | None]
    """The name, picture and role of the latest token."""
    issued_at: float
    release: Callable[[], None]
    """Ends the watch for other rights, when the user is forgotten."""


class Authenticator:
    """Turns Authorization headers into viewers.

    Remembers the users of the latest tokens, so that a request costs no statement.
    """

    def __init__(
        self, database: Database, tokens: Tokens, rights: RightsMonitor, rules: NameRules | None = None
    ) -> None:
        """`rules` are those for names from tokens; the ones of every site if omitted."""
        self._database = database
        self._rules = rules or NameRules()
        self._tokens = tokens
        self._rights = rights
        self._remembered: OrderedDict[tuple[str, str], _Remembered] = OrderedDict()

    async def viewer(self, authorization: str | None, *, from_memory: bool = True) -> SingleViewer:
        """Returns the viewer of an Authorization header; anonymous for None. Raises BadToken.

        `from_memory`: what the database said before may be used, so other rights of a moment ago may be missed.
        """
        if authorization is None:
            return ANONYMOUS
        claims = await self._tokens.read(authorization)
        user = await self._user(claims, from_memory=from_memory)
        return SingleViewer(user.user_id, user.role, claims.expires_at)

    async def _user(self, claims: Claims, *, from_memory: bool) -> _Remembered:
        key = (claims.issuer, claims.subject)
        user = self._remembered.get(key)
        said = (claims.name, claims.picture, claims.role)
        # Compared with the latest token only: a name may change and change back. An older one that is still in use says
        # what was.
        says_more = (
            user is None
            or (said != user.said and claims.issued_at >= user.issued_at)
            # The role may have been taken meanwhile, and a token that was issued since gives it back.
            or (claims.role is not None and claims.issued_at > user.issued_at)
        )
        if user is None or says_more or not from_memory:
            user_id, role = await self._read_or_add(claims, says_more=says_more)
            if user is not None and not says_more:
                said = user.said
            latest = max(claims.issued_at, user.issued_at if user else 0.0)
            self._forget(key)
            release = self._rights.watch(user_id, role, partial(self._forget, key))
            user = self._remembered[key] = _Remembered(user_id, role, said, latest, release)
            if len(self._remembered) > MAX_REMEMBERED:
                self._forget(next(iter(self._remembered)))
        self._remembered.move_to_end(key)
        return user

    def _forget(self, key: tuple[str, str]) -> None:
        user = self._remembered.pop(key, None)
        if user is not None:
            user.release()

    async def _read_or_add(self, claims: Claims, *, says_more: bool) -> tuple[int, Role]:
        """Returns id and role of the user. What the token says is taken over if it is new. Raises BadToken."""
        if claims.user_id is not None:
            row = await self._database.row(db.users.account, id=claims.user_id)
            if row is None:
                raise BadToken("The token names a user who does not exist.")
            if says_more:
                row = await self._describe(row, claims, row.name, row.avatar_url)
            return row.id, _role_of(row)
        row = await self._database.row(db.users.by_identity, issuer=claims.issuer, subject=claims.subject)
        if row is None:
            if await db.identities.is_erased(self._database, issuer=claims.issuer, subject=claims.subject):
                raise BadToken(ERASED_REFUSED)
            names = await names_of(self._database, self._rules, claims, None)
            user = db.users.Person(
                handle=names.handle,
                name=names.name,
                avatar_url=claims.picture,
                issuer=claims.issuer,
                subject=claims.subject,
                role=claims.role or AuthorRole.MEMBER,
                role_given_at=None if claims.role is None else issued_at(claims),
            )
            user_id = await self._database.write(lambda tx: db.users.add_user(tx, user))
            self._log_unused(claims, user_id, names)
            # Another process may have added the person just now.
            row = await self._database.row(db.users.account, id=user_id)
            assert row is not None
            return row.id, _role_of(row)
        if says_more:
            names = await names_of(self._database, self._rules, claims, row)
            self._log_unused(claims, row.id, names)
            row = await self._describe(row, claims, names.name or row.name, claims.picture or row.avatar_url)
        return row.id, _role_of(row)

    async def _describe(self, known: AccountRow, claims: Claims, name: str, avatar_url: str | None) -> AccountRow:
        """Takes over what a token says: one write, where it differs from what is known. Returns the row then."""
        role = role_after(known, claims)
        if (name, avatar_url, role) == (known.name, known.avatar_url, known.role):
            return known

        async def describe(tx: Transaction) -> AccountRow:
            await tx.lock_log(SITE)
            row = await tx.row(db.users.account, id=known.id)
            assert row is not None
            # A moderator may have given a role meanwhile.
            role = role_after(row, claims)
            given_at = issued_at(claims)
            await db.users.describe_user(
                tx, row.id, name=name, avatar_url=avatar_url, role=role, role_given_at=given_at
            )
            now = await tx.row(db.users.account, id=row.id)
            assert now is not None
            return now

        return await self._database.write(describe)

    def _log_unused(self, claims: Claims, user_id: int, names: TokenNames) -> None:
        """Logs why names of a token are not used, once until the token's name changes."""
        before = self._remembered.get((claims.issuer, claims.subject))
        if names.unused and (before is None or before.said[0] != claims.name):
            log.warning("token_name_not_used", user=f"U_{user_id}", reasons=list(names.unused))


def _role_of(row: AccountRow) -> Role:
    """Raises BadToken for who was erased."""
    role = role_of(row)
    if role is None:
        raise BadToken(ERASED_REFUSED)
    return role
