"""The migrations make the tables that the code knows."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from db import migrate
from db.database import Database
from db.tables import metadata
from tests.support.backends import Backend

pytestmark = pytest.mark.anyio


async def test_migrations_make_the_tables_of_the_code(backend: Backend) -> None:
    url = backend.new_database()
    await migrate.migrate(url)

    def differences(connection: Connection) -> list[object]:
        # The index of words is another thing on each database, and db.search has its statements by hand.
        options = {"include_name": lambda name, _kind, _parents: "post_search" not in (name or "")}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))

    assert await migrate.transact(url, differences) == []


async def test_migrating_again_keeps_the_secrets(backend: Backend) -> None:
    url = backend.new_database()
    await migrate.migrate(url)
    async with Database(url) as database:
        before = [await database.secret(name) for name in migrate.SECRETS]
    await migrate.migrate(url)
    async with Database(url) as database:
        assert [await database.secret(name) for name in migrate.SECRETS] == before
    assert all(len(secret) == migrate.SECRET_BYTES for secret in before)
    assert before[0] != before[1]
