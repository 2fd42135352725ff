"""Writes a whole forum as lines of JSON, all of one moment, without keeping it in memory."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from rich.console import Console
from sqlalchemy import Connection, func, select

from archive import records
from archive.progress import progress_bar
from db.migrate import transact

_AT_ONCE = 1_000
"""How many rows are fetched at a time."""


async def export(url: str, write: Callable[[bytes], object], console: Console) -> int:
    """Writes the lines of a database's export, with a progress bar, and gives how many records it holds."""

    def work(connection: Connection) -> int:
        counts = {
            str(table.name): connection.scalar(select(func.count()).select_from(table)) or 0 for table in records.TABLES
        }
        total = sum(counts.values())
        write(records.header(counts))
        with progress_bar(console) as progress:
            task = progress.add_task("Exporting", total=total)
            for at, line in enumerate(_lines(connection), 1):
                write(line)
                if at % _AT_ONCE == 0:
                    progress.update(task, completed=at)
            progress.update(task, completed=total)
        write(records.end())
        return total

    return await transact(url, work, reads=True)


def _lines(connection: Connection) -> Iterator[bytes]:
    fetched = connection.execution_options(yield_per=_AT_ONCE)
    for table in records.TABLES:
        chosen = select(*table.columns).order_by(*records.key(table, connection.dialect.name))
        with fetched.execute(chosen) as rows:
            yield from records.lines(table, rows)


class WholeFile:
    """A file that is there once it is whole: written beside its place, and put there in the end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(f"{path.name}.part")
        self._file: IO[bytes]

    def __enter__(self) -> IO[bytes]:
        self._file = self._part.open("wb")
        return self._file

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._file.close()
        if kind is None:
            self._part.replace(self._path)
        else:
            self._part.unlink()
