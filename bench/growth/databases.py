"""The databases that hold the forums: made where there are none yet, and kept if that is wished."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from bench.growth.forum import Size
from bench.growth.storing import Log, fill
from db.migrate import migrate
from tests.support.servers import PostgreSQL

DATABASES = ("PostgreSQL", "SQLite")


@dataclass(frozen=True, slots=True)
class Databases:
    """Where the forums are."""

    postgresql: str
    """The URL of a database on the server, as somebody who makes others there."""
    folder: Path
    """Of SQLite's files."""
    log: Log

    def url(self, database: str, size: Size) -> str:
        """The URL of a forum of this size, at the newest tables; it is made if it is not there."""
        make = self._in_postgresql if database == "PostgreSQL" else self._in_sqlite
        url = asyncio.run(make(size))
        asyncio.run(migrate(url))
        return url

    async def _in_postgresql(self, size: Size) -> str:
        name = f"parley_growth_{size.replies}"
        url = urlunsplit(urlsplit(self.postgresql)._replace(path=f"/{name}"))
        connection = await asyncpg.connect(self.postgresql)
        try:
            if not await connection.fetchval("SELECT count(*) FROM pg_database WHERE datname = $1", name):
                await connection.execute(f"DROP DATABASE IF EXISTS {name}_unfinished")
                await connection.execute(f"CREATE DATABASE {name}_unfinished TEMPLATE template0")
                await fill(f"{url}_unfinished", size, self.log)
                await connection.execute(f"ALTER DATABASE {name}_unfinished RENAME TO {name}")
        finally:
            await connection.close()
        return url

    async def _in_sqlite(self, size: Size) -> str:
        path = self.folder / f"{size.replies}.db"
        if not path.exists():
            unfinished = path.with_suffix(".unfinished")
            unfinished.unlink(missing_ok=True)
            await fill(f"sqlite:///{unfinished}", size, self.log)
            unfinished.rename(path)
        return f"sqlite:///{path}"


@contextmanager
def databases(keep: Path | None, postgresql: str | None, log: Log) -> Iterator[Databases]:
    """Places for forums. Files stay in the folder `keep`, databases on the server of the URL `postgresql`.

    Without them a folder and a server are made, and gone afterwards.
    """
    folder = keep or Path(tempfile.mkdtemp(prefix="parley-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    server = PostgreSQL.start() if postgresql is None else None
    try:
        yield Databases(server.url if server else str(postgresql), folder.resolve(), log)
    finally:
        if server is not None:
            server.stop()
        if keep is None:
            shutil.rmtree(folder)
