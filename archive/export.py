"""Exports a whole forum as lines of JSON: one snapshot of the database, read in batches."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from rich.console import Console
from sqlalchemy import Connection, func, select

from archive import records
from archive.progress import work_progress
from db.files import OWNER_ONLY
from db.migrate import transact

_BATCH_SIZE = 1_000
"""How many rows are fetched at a time."""


async def export(url: str, write: Callable[[bytes], object], console: Console) -> int:
    """Writes the lines of a database's export, with its progress, and returns how many records it holds."""

    def work(connection: Connection) -> int:
        tables = records.tables()
        counts = {str(table.name): connection.scalar(select(func.count()).select_from(table)) or 0 for table in tables}
        total = sum(counts.values())
        write(records.header(counts))
        with work_progress(console) as progress:
            progress.begin("Exporting records", total)
            for number, line in enumerate(_lines(connection), 1):
                write(line)
                if number % _BATCH_SIZE == 0:
                    progress.update(number)
            progress.update(total)
        write(records.end())
        return total

    return await transact(url, work, reads=True)


def _lines(connection: Connection) -> Iterator[bytes]:
    fetched = connection.execution_options(yield_per=_BATCH_SIZE)
    for table in records.tables():
        chosen = select(*table.columns).order_by(*records.order(table, connection.dialect.name))
        with fetched.execute(chosen) as rows:
            yield from records.lines(table, rows)


class WholeFile:
    """A file that is written under another name and renamed when it is complete. Only its owner reads it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(f"{path.name}.part")
        self._file: IO[bytes]

    def __enter__(self) -> IO[bytes]:
        # What an earlier run left would keep its mode.
        self._part.unlink(missing_ok=True)
        self._file = os.fdopen(os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "wb")
        return self._file

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._file.close()
        if kind is None:
            self._part.replace(self._path)
        else:
            self._part.unlink()
