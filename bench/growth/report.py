"""What a run reports: each operation in each forum, and whether it grows with the forum."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any

from bench.growth.measure import Row
from bench.report import markdown, put_table

MOST_GROWTH = 3.0
"""The time in the largest forum over that in the smallest."""
MOST_MS = 150.0
"""The time in any forum."""


@dataclass(frozen=True, slots=True)
class Growth:
    """An operation in the smallest and in the largest forum of a database."""

    database: str
    operation: str
    ratio: float
    largest_ms: float

    @property
    def is_flat(self) -> bool:
        """Whether it is within the bounds."""
        return self.ratio <= MOST_GROWTH and self.largest_ms < MOST_MS


def growths(rows: Sequence[Row]) -> list[Growth]:
    """How each operation grows, in the order of the rows, those of a database with the smallest forum first."""
    found: dict[tuple[str, str], list[float]] = {}
    for row in sorted(rows, key=lambda row: row.replies):
        found.setdefault((row.database, row.operation), []).append(row.p50_ms)
    order = dict.fromkeys((row.database, row.operation) for row in rows)
    return [Growth(*key, found[key][-1] / found[key][0], max(found[key])) for key in order]


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table: an operation a line, the forums side by side, with their growth in bold if high."""
    names = list(dict.fromkeys(row.database for row in rows))
    sizes = sorted({row.replies for row in rows})
    times = {(row.database, row.operation, row.replies): row.p50_ms for row in rows}
    grown = {(found.database, found.operation): found for found in growths(rows)}
    lines = [
        ["ms, by replies", *(head for name in names for head in (*(f"{name} {size:,}" for size in sizes), "growth"))]
    ]
    for operation in dict.fromkeys(row.operation for row in rows):
        line = [operation]
        for name in names:
            line += [_milliseconds(times[name, operation, size]) for size in sizes]
            found = grown[name, operation]
            line.append(f"{found.ratio:.1f}" if found.is_flat else f"**{found.ratio:.1f}**")
        lines.append(line)
    return markdown(lines)


def _milliseconds(taken: float) -> str:
    return f"{taken:.1f}" if isfinite(taken) else "refused"


def comparisons(rows: Sequence[Row]) -> Iterator[str]:
    """What the figures come to, a sentence for each database and for each operation out of bounds."""
    smallest, largest = min(row.replies for row in rows), max(row.replies for row in rows)
    found = growths(rows)
    for name in dict.fromkeys(row.database for row in rows):
        ours = [each for each in found if each.database == name]
        flat = sum(each.is_flat for each in ours)
        yield (
            f"{name}: {flat} of {len(ours)} operations take at most {MOST_GROWTH:g} times as long with {largest:,}"
            f" replies as with {smallest:,}, and less than {MOST_MS:g} ms."
        )
    for each in found:
        if not each.is_flat:
            times = f"{each.ratio:.1f} times as long; {each.largest_ms:.1f} ms at most"
            yield f"{each.database}, {each.operation}: {times if isfinite(each.ratio) else 'refused'}."


def as_json(rows: Sequence[Row]) -> str:
    """One object: the rows, and how each operation grows."""
    grown = [asdict(each) | {"is_flat": each.is_flat} for each in growths(rows)]
    return json.dumps({"rows": _rounded([asdict(row) for row in rows]), "growth": _rounded(grown)})


def _rounded(objects: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """With three decimals, and null for what is infinite, which JSON has no number for."""

    def plain(value: object) -> object:
        if not isinstance(value, float):
            return value
        return round(value, 3) if isfinite(value) else None

    return [{name: plain(value) for name, value in each.items()} for each in objects]


def write(rows: Sequence[Row], *, how: str) -> None:
    """Puts the figures into docs/performance.md."""
    put_table("growth", table(rows), comparisons(rows), how=how)
