"""The database as the peers without an ORM use it: a pool of asyncpg's, and the key of cursors."""

import os
from typing import Any

import asyncpg

from live.cursors import Cursors

POOL_SIZE = 16


async def open_pool() -> Any:
    """A pool whose connections are given back as they are: no statement here leaves anything behind."""
    return await asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=8, max_size=POOL_SIZE, reset=_as_it_is)


async def _as_it_is(_connection: Any) -> None:
    return None


async def read_cursors(pool: Any) -> Cursors:
    """What writes a discussion's eventCursor."""
    return Cursors(await pool.fetchval("SELECT value FROM secrets WHERE name = 'cursor'"))
