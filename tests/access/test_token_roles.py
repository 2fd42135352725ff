"""Roles stand in rows: what tokens and moderators say of them, in every order."""

import itertools
import secrets
from datetime import UTC, datetime

import jwt
import pytest

import db.users
from access.authenticator import Authenticator
from access.rights import RightsMonitor
from access.tokens import OURS, Tokens
from db.database import Database
from db.kinds import AuthorRole
from forum.sanctions import set_role_in
from forum.use_cases import OPERATOR

pytestmark = pytest.mark.anyio

ISSUER = "https://people.example"
NONE, MEMBER, MODERATOR, APPLICATION = None, "member", "moderator", "application"


class House:
    """A process with one person, at times that the test chooses: `at` counts seconds of some past day."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.secret = secrets.token_bytes(32)
        self.rights = RightsMonitor(database)
        self.authenticator = Authenticator(database, Tokens(self.secret), self.rights)
        self.user: int | None = None

    async def token(self, claim: str | None, at: int | None, *, ours: bool = False) -> str:
        """A token issued at a time, None for one that does not say; returns the role in which its viewer reads."""
        said: dict[str, object] = {"iss": ISSUER, "sub": "ada", "name": "Ada", "exp": 4_000_000_000}
        if ours:
            assert self.user is not None
            said |= {"iss": OURS, "sub": str(self.user)}
        said |= {} if claim is None else {"parley_role": claim}
        said |= {} if at is None else {"iat": 1_000_000_000 + at}
        authorization = f"Bearer {jwt.encode(said, self.secret, algorithm='HS256')}"
        viewer = await self.authenticator.viewer(authorization, from_memory=False)
        self.user = viewer.user_id
        return viewer.role

    async def set_role(self, role: str, at: int) -> None:
        assert self.user is not None
        async with self.database.transaction(datetime.fromtimestamp(1_000_000_000 + at, UTC)) as tx:
            await set_role_in(tx, OPERATOR, self.user, AuthorRole[role.upper()], None)

    async def role(self) -> str:
        """The role that is shown."""
        (row,) = await self.database.rows(db.users.by_ids, ids=[self.user])
        return row.role.lower()

    async def acts(self, *acts: tuple[str, str | None, int | None]) -> str:
        for who, role, at in acts:
            if who == "set":
                assert role is not None and at is not None
                await self.set_role(role, at)
            else:
                await self.token(role, at, ours=who == "ours")
        return await self.role()


T, S, US = "token", "set", "ours"
CASES: list[tuple[list[tuple[str, str | None, int | None]], str]] = [
    # What a token gave, a later one takes back, gives otherwise, or leaves.
    ([(T, MODERATOR, 1)], "moderator"),
    ([(T, MODERATOR, 1), (T, NONE, 2)], "member"),
    ([(T, MODERATOR, 1), (T, MEMBER, 2)], "member"),
    ([(T, MODERATOR, 1), (T, APPLICATION, 2)], "application"),
    ([(T, MODERATOR, 1), (T, "whatever else", 2)], "member"),
    ([(T, NONE, 1), (T, MODERATOR, 2)], "moderator"),
    # An older token says nothing any more.
    ([(T, MODERATOR, 2), (T, NONE, 1)], "moderator"),
    ([(T, MODERATOR, 2), (T, APPLICATION, 1)], "moderator"),
    ([(T, MODERATOR, 1), (T, NONE, 3), (T, MODERATOR, 2)], "member"),
    ([(T, MODERATOR, 2), (T, NONE, 2)], "moderator"),
    # What a moderator gave stays, until a later token says something else.
    ([(T, NONE, 1), (S, MODERATOR, 2), (T, NONE, 3)], "moderator"),
    ([(T, NONE, 1), (S, MODERATOR, 2), (T, NONE, None)], "moderator"),
    ([(T, NONE, 1), (S, MODERATOR, 2), (T, MODERATOR, 3), (T, NONE, 4)], "moderator"),
    ([(T, NONE, 1), (S, MODERATOR, 2), (T, MEMBER, 3)], "member"),
    ([(T, NONE, 1), (S, APPLICATION, 2), (T, MODERATOR, 3)], "moderator"),
    ([(T, MODERATOR, 1), (S, MODERATOR, 2), (T, NONE, 3)], "moderator"),
    # What a moderator took stays taken, while tokens of before are still in use.
    ([(T, MODERATOR, 1), (S, MEMBER, 2), (T, MODERATOR, 1)], "member"),
    ([(T, MODERATOR, 1), (S, MEMBER, 3), (T, MODERATOR, 2)], "member"),
    ([(T, MODERATOR, 1), (S, MEMBER, 2), (T, MODERATOR, 3)], "moderator"),
    ([(T, MODERATOR, None), (S, MEMBER, 2), (T, MODERATOR, None)], "member"),
    ([(T, MODERATOR, 1), (S, MEMBER, 2), (T, MODERATOR, None)], "member"),
    # Tokens that do not say when they were issued say what is so now.
    ([(T, MODERATOR, None), (T, NONE, None), (T, MODERATOR, None)], "moderator"),
    ([(T, MODERATOR, None), (T, NONE, None)], "member"),
    # A token of this server without the claim says nothing of roles.
    ([(T, MODERATOR, 1), (US, NONE, 2)], "moderator"),
    ([(T, NONE, 1), (S, MODERATOR, 2), (US, NONE, 3)], "moderator"),
    ([(T, NONE, 1), (US, MODERATOR, 2)], "moderator"),
    ([(T, NONE, 1), (US, MODERATOR, 2), (S, MEMBER, 3), (US, MODERATOR, 2)], "member"),
]


@pytest.mark.parametrize(("acts", "role"), CASES)
async def test_tokens_and_moderators_give_and_take_roles_in_order(
    database: Database, acts: list[tuple[str, str | None, int | None]], role: str
) -> None:
    house = House(database)
    assert await house.acts(*acts) == role
    # The viewer reads in the role that is shown, whatever the token in use says.
    assert await house.token(None, None, ours=True) == ("moderator" if role == MODERATOR else "member")
    assert await house.role() == role


@pytest.mark.parametrize("claims", list(itertools.product((NONE, MODERATOR, APPLICATION), repeat=3)))
async def test_tokens_in_use_side_by_side_settle_on_what_the_newest_says(
    database: Database, claims: tuple[str | None, ...]
) -> None:
    house = House(database)
    newest = claims[-1] or MEMBER
    for order in itertools.permutations(range(3)):
        for at in (*order, *order):
            await house.token(claims[at], at)
    # From then on nothing changes, whichever token is used.
    assert await house.role() == newest
    roles = {await house.token(claim, at) for at, claim in enumerate(claims)}
    assert roles == {"moderator" if newest == MODERATOR else "member"}
