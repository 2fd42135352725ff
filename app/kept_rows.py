"""Keeps rows that small statements gave, for as long as the database proves that they would give them again."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Any, NamedTuple, TypeVar

from db.database import Database
from db.rows import Row
from db.statements import Statement
from db.versions import Version, Versions, seen

R = TypeVar("R", bound=Row)

MAX_KEPT = 100


class _Kept(NamedTuple):
    rows: list[Any]
    version: Version | None
    """None before the second time."""


class KeptRows:
    """Rows by statement and parameters, the least recently used dropped first; from the second time on.

    To prove that kept rows are still right costs a comparison that requests share. See db.versions.
    """

    def __init__(self, database: Database, versions: Versions | None) -> None:
        """Without `versions` it keeps nothing."""
        self._database = database
        self._versions = versions
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()

    async def rows(self, statement: Statement[R], **parameters: Any) -> list[R]:
        """Returns what the statement gives at a moment after the call. Raises as `Database.rows` does."""
        if self._versions is None:
            return await self._database.rows(statement, **parameters)
        key = (statement, *parameters.values())
        kept = self._kept.get(key)
        if kept is not None and kept.version is not None and await self._versions.holds(kept.version):
            if key in self._kept:
                self._kept.move_to_end(key)
            return kept.rows
        found = _Kept(await self._database.rows(statement, **parameters), None) if kept is None else None
        found = found or await self._read(self._versions, statement, parameters)
        self._kept[key] = found
        self._kept.move_to_end(key)
        if len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
        return found.rows

    async def _read(self, versions: Versions, statement: Statement[R], parameters: dict[str, Any]) -> _Kept:
        reading = versions.reading()
        snapshot = self._database.snapshot(reading)
        try:
            rows = await snapshot.rows(statement, **parameters)
            row = None if reading is None or reading.is_broken else await snapshot.row(seen, ids=reading.discussions)
            return _Kept(rows, None if reading is None or row is None else reading.version(row))
        finally:
            snapshot.close()
