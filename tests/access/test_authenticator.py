"""The authenticator: a connection reads the user again, however recently another request did."""

import secrets
from datetime import timedelta
from typing import Any

import jwt
import pytest

import db.users
from access.authenticator import Authenticator
from access.suspensions import SuspensionMonitor
from access.tokens import SuspendedToken, Tokens
from db.database import Database

pytestmark = pytest.mark.anyio


async def test_a_remembered_user_is_read_again_for_a_connection(database: Database) -> None:
    user = await database.write(lambda tx: db.users.add_user(tx, db.users.Person("ada", "Ada")))
    tokens = Tokens(secrets.token_bytes(32))
    authorization = f"Bearer {tokens.write(user, timedelta(hours=1))}"
    authenticator = Authenticator(database, tokens, SuspensionMonitor(database))
    await authenticator.viewer(authorization)
    await database.write(lambda tx: db.users.suspend_user(tx, user))
    assert (await authenticator.viewer(authorization)).user_id == user
    with pytest.raises(SuspendedToken, match="suspended"):
        await authenticator.viewer(authorization, from_memory=False)


async def test_a_suspended_user_is_forgotten(database: Database) -> None:
    user = await database.write(lambda tx: db.users.add_user(tx, db.users.Person("ada", "Ada")))
    tokens = Tokens(secrets.token_bytes(32))
    authorization = f"Bearer {tokens.write(user, timedelta(hours=1))}"
    suspensions = SuspensionMonitor(database)
    authenticator = Authenticator(database, tokens, suspensions)
    await authenticator.viewer(authorization)
    await database.write(lambda tx: db.users.suspend_user(tx, user))
    await suspensions.check_due()
    assert suspensions.watched == frozenset()
    with pytest.raises(SuspendedToken, match="suspended"):
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
        Authenticator(database, Tokens(secret), SuspensionMonitor(database)),
        Authenticator(database, Tokens(secret), SuspensionMonitor(database)),
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
