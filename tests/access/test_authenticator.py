"""The authenticator: a connection reads the user again, however recently another request did."""

import secrets
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest

import db.erasure
import db.users
from access.authenticator import Authenticator
from access.rights import RightsMonitor
from access.tokens import BadToken, Tokens
from access.viewer import Role
from db.database import Database, Transaction
from db.kinds import AuthorRole

pytestmark = pytest.mark.anyio


async def test_a_remembered_user_is_read_again_for_a_connection(database: Database) -> None:
    user = await database.write(lambda tx: db.users.add_user(tx, db.users.Person("ada", "Ada")))
    tokens = Tokens(secrets.token_bytes(32))
    authorization = f"Bearer {tokens.write(user, timedelta(hours=1))}"
    authenticator = Authenticator(database, tokens, RightsMonitor(database))
    await authenticator.viewer(authorization)
    await database.write(lambda tx: db.users.suspend_user(tx, user))
    assert (await authenticator.viewer(authorization)).role == "member"
    viewer = await authenticator.viewer(authorization, from_memory=False)
    assert (viewer.user_id, viewer.role) == (user, "suspended")


async def test_a_user_with_other_rights_is_forgotten(database: Database) -> None:
    user = await database.write(lambda tx: db.users.add_user(tx, db.users.Person("ada", "Ada")))
    tokens = Tokens(secrets.token_bytes(32))
    authorization = f"Bearer {tokens.write(user, timedelta(hours=1))}"
    rights = RightsMonitor(database)
    authenticator = Authenticator(database, tokens, rights)
    assert (await authenticator.viewer(authorization)).role == "member"
    changes: list[tuple[Callable[[Transaction], Awaitable[None]], Role]] = [
        (lambda tx: db.users.suspend_user(tx, user), "suspended"),
        (lambda tx: db.users.unsuspend_user(tx, user), "member"),
        (lambda tx: db.users.give_role(tx, user, AuthorRole.MODERATOR), "moderator"),
        (lambda tx: db.users.give_role(tx, user, AuthorRole.MEMBER), "member"),
    ]
    for change, role in changes:
        await database.write(change)
        rights.check_soon(user)
        await rights.check_due()
        assert rights.watched == frozenset()
        assert (await authenticator.viewer(authorization)).role == role


async def test_a_token_of_our_own_that_names_an_erased_person_is_refused(database: Database) -> None:
    user = await database.write(lambda tx: db.users.add_user(tx, db.users.Person("ada", "Ada")))
    tokens = Tokens(secrets.token_bytes(32))
    authorization = f"Bearer {tokens.write(user, timedelta(hours=1))}"
    authenticator = Authenticator(database, tokens, RightsMonitor(database))
    await database.write(lambda tx: tx.run(db.erasure.blank_user, user=user, handle="erased-1", at=tx.at))
    with pytest.raises(BadToken, match="erased"):
        await authenticator.viewer(authorization)


async def test_roles_are_written_only_where_they_differ(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = secrets.token_bytes(32)
    writes = 0
    describe = db.users.describe_user

    async def counted(*given: Any, **said: Any) -> None:
        nonlocal writes
        writes += 1
        await describe(*given, **said)

    monkeypatch.setattr(db.users, "describe_user", counted)
    processes = [
        Authenticator(database, Tokens(secret), RightsMonitor(database)),
        Authenticator(database, Tokens(secret), RightsMonitor(database)),
    ]

    def token(role: str | None) -> str:
        said = {"iss": "https://people.example", "sub": "ada", "exp": 4_000_000_000, "name": "Ada"}
        return f"Bearer {jwt.encode(said | ({'parley_role': role} if role else {}), secret, algorithm='HS256')}"

    counts = []
    for role in ("moderator", None, "application", None):
        for authenticator in processes * 2:
            await authenticator.viewer(token(role), from_memory=False)
        counts.append(writes)
    # She comes with the first role.
    assert counts == [0, 1, 2, 3]
