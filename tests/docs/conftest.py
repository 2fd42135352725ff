"""The database that a newcomer's server begins with."""

import asyncio
from pathlib import Path

import pytest

from db.database import Database
from importers import demo
from tests.support.servers import run


@pytest.fixture(scope="session")
def demo_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of SQLite with the demo data, for servers to have copies of."""
    path = tmp_path_factory.mktemp("demo") / "parley.db"
    url = f"sqlite:///{path}"
    run("migrate", database_url=url).check_returncode()

    async def fill() -> None:
        async with Database(url) as database:
            assert await demo.fill(database)

    asyncio.run(fill())
    return path
