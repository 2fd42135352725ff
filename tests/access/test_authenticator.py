"""The authenticator: a connection reads the user again, however recently another request did."""

import secrets
from datetime import timedelta

import pytest

import db.users
from access.authenticator import Authenticator
from access.suspensions import SuspensionMonitor
from access.tokens import BadToken, Tokens
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
    with pytest.raises(BadToken, match="suspended"):
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
    with pytest.raises(BadToken, match="suspended"):
        await authenticator.viewer(authorization)
