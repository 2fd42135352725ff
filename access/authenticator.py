"""Turns a bearer token into a viewer, and adds the user when their first token arrives."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import structlog

import db.identities
import db.users
from access.suspensions import SuspensionMonitor
from access.token_names import TokenNames, names_of
from access.tokens import BadToken, Claims, SuspendedToken, Tokens
from access.viewer import ANONYMOUS, Role, SingleViewer
from db.database import Database, Transaction
from db.kinds import AuthorRole
from db.rows import AccountRow
from text.name_rules import NameRules

log = structlog.get_logger(__name__)

MAX_REMEMBERED = 10_000
"""How many users one process remembers."""


@dataclass(frozen=True, slots=True)
class _Remembered:
    user_id: int
    is_guest: bool
    said: tuple[str | None, str | None, AuthorRole | None]
    """The name, picture and role of the latest token."""
    issued_at: float
    release: Callable[[], None]
    """Ends the watch for a suspension, when the user is forgotten."""


class Authenticator:
    """Turns Authorization headers into viewers.

    Remembers the users of the latest tokens, so that a request costs no statement.
    """

    def __init__(
        self, database: Database, tokens: Tokens, suspensions: SuspensionMonitor, rules: NameRules | None = None
    ) -> None:
        """`rules` are those for names from tokens; the ones of every site if omitted."""
        self._database = database
        self._rules = rules or NameRules()
        self._tokens = tokens
        self._suspensions = suspensions
        self._remembered: OrderedDict[tuple[str, str], _Remembered] = OrderedDict()

    async def viewer(self, authorization: str | None, *, from_memory: bool = True) -> SingleViewer:
        """Returns the viewer of an Authorization header; anonymous for None. Raises BadToken and SuspendedToken.

        `from_memory`: what the database said before may be used, so a user suspended a moment ago may still be let in.
        """
        if authorization is None:
            return ANONYMOUS
        claims = await self._tokens.read(authorization)
        user = await self._user(claims, from_memory=from_memory)
        role: Role = "moderator" if claims.role is AuthorRole.MODERATOR else "guest" if user.is_guest else "member"
        return SingleViewer(user.user_id, role, claims.expires_at)

    async def _user(self, claims: Claims, *, from_memory: bool) -> _Remembered:
        key = (claims.issuer, claims.subject)
        user = self._remembered.get(key)
        said = (claims.name, claims.picture, claims.role)
        # Compared with the latest token only: a name may change and change back. An older one that is still in use says
        # what was.
        says_more = user is None or (said != user.said and claims.issued_at >= user.issued_at)
        if user is None or says_more or not from_memory:
            user_id, is_guest = await self._read_or_add(claims, says_more=says_more)
            if user is not None and not says_more:
                said = user.said
            issued_at = max(claims.issued_at, user.issued_at if user else 0.0)
            self._forget(key)
            release = self._suspensions.watch(user_id, partial(self._forget, key))
            user = self._remembered[key] = _Remembered(user_id, is_guest, said, issued_at, release)
            if len(self._remembered) > MAX_REMEMBERED:
                self._forget(next(iter(self._remembered)))
        self._remembered.move_to_end(key)
        return user

    def _forget(self, key: tuple[str, str], _reason: str = "") -> None:
        user = self._remembered.pop(key, None)
        if user is not None:
            user.release()

    async def _read_or_add(self, claims: Claims, *, says_more: bool) -> tuple[int, bool]:
        """Returns the id of the user and whether they are a guest. What the token says is taken over if it is new."""
        if claims.user_id is not None:
            row = await self._database.row(db.users.account, id=claims.user_id)
            if row is None:
                raise BadToken("The token names a user who does not exist.")
            _check_not_suspended(row)
            if says_more:
                await self._describe(row, row.name, row.avatar_url, claims.role)
            return row.id, row.is_guest
        row = await self._database.row(db.users.by_identity, issuer=claims.issuer, subject=claims.subject)
        if row is None:
            if await db.identities.is_erased(self._database, issuer=claims.issuer, subject=claims.subject):
                raise BadToken("The person of this token was erased here, so the token is refused.")
            names = await names_of(self._database, self._rules, claims, None)
            user = db.users.Person(
                handle=names.handle,
                name=names.name,
                avatar_url=claims.picture,
                issuer=claims.issuer,
                subject=claims.subject,
                role=claims.role or AuthorRole.MEMBER,
            )
            user_id = await self._database.write(lambda tx: db.users.add_user(tx, user))
            self._log_unused(claims, user_id, names)
            return user_id, False
        _check_not_suspended(row)
        if says_more:
            names = await names_of(self._database, self._rules, claims, row)
            self._log_unused(claims, row.id, names)
            await self._describe(row, names.name or row.name, claims.picture or row.avatar_url, claims.role)
        return row.id, row.is_guest

    async def _describe(self, row: AccountRow, name: str, avatar_url: str | None, role: AuthorRole | None) -> None:
        """Takes over what a token says: one write, where it differs from what is known. A guest stays a guest."""
        role = AuthorRole(row.role) if role is None or row.is_guest else role
        if (name, avatar_url, role) == (row.name, row.avatar_url, row.role):
            return

        async def describe(tx: Transaction) -> None:
            await db.users.describe_user(tx, row.id, name=name, avatar_url=avatar_url, role=role)

        await self._database.write(describe)

    def _log_unused(self, claims: Claims, user_id: int, names: TokenNames) -> None:
        """Logs why names of a token are not used, once until the token's name changes."""
        before = self._remembered.get((claims.issuer, claims.subject))
        if names.unused and (before is None or before.said[0] != claims.name):
            log.warning("token_name_not_used", user=f"U_{user_id}", reasons=list(names.unused))


def _check_not_suspended(row: AccountRow) -> None:
    if row.suspended_at is not None:
        raise SuspendedToken(f"The user of this token, @{row.handle}, is suspended.")
