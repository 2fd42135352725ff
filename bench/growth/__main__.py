"""`scripts/bench growth`: what each operation takes in forums of 10,000, 100,000 and 1,000,000 replies."""

import argparse
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from bench import command
from bench.growth import report
from bench.growth.databases import DATABASES, Databases, databases
from bench.growth.forum import CHAIN, Size
from bench.growth.measure import Row, measure, serving
from bench.growth.operations import OPERATIONS, PAGES
from bench.processes import on_core

SIZES = (10_000, 100_000, 1_000_000)
_SMALLEST = CHAIN.stop * 10
"""Of the longest discussion, a tenth, the whole chain is part."""


def main() -> int:
    """Runs as the command line says; returns the exit code."""
    chosen = _arguments()
    server_core, other_core = command.two_cores()
    rows: list[Row] = []
    with on_core(other_core), databases(chosen.keep, chosen.postgresql, command.log) as places:
        for database in chosen.databases:
            rows += _measured(places, database, chosen, core=server_core)
    if chosen.json:
        command.put(report.as_json(rows))
    else:
        command.put("\n".join([report.table(rows), "", *report.comparisons(rows)]))
    if chosen.write:
        report.write(rows, how=f"medians of {chosen.requests} requests")
    return 0


def _measured(places: Databases, database: str, chosen: argparse.Namespace, *, core: int | None) -> list[Row]:
    sizes = [Size.of(replies) for replies in chosen.sizes]
    urls = [places.url(database, size) for size in sizes]
    rows = []
    with ExitStack() as stack:
        forums = [stack.enter_context(serving(url, size, core=core)) for url, size in zip(urls, sizes, strict=True)]
        for name in chosen.only:
            found = measure(database, forums, name, requests=chosen.requests)
            command.log(f"{database}, {name}: {', '.join(f'{row.p50_ms:.1f}' for row in found)} ms")
            rows += found
    return rows


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench growth", description=__doc__, allow_abbrev=False)
    parser.add_argument("--json", action="store_true", help="print one object instead of a table")
    parser.add_argument("--requests", type=command.count, default=20, help="of each operation; %(default)s")
    parser.add_argument("--sizes", type=_sizes, default=list(SIZES), metavar="N,…", help="how many replies")
    parser.add_argument("--databases", type=command.some_of(DATABASES), default=list(DATABASES), metavar="NAME,…")
    parser.add_argument("--only", action="append", choices=[*OPERATIONS, *PAGES], help="this operation, or several")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep SQLite's files there, for the next run")
    parser.add_argument("--postgresql", metavar="URL", help="use this server, and keep the databases there")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/performance.md")
    chosen = parser.parse_args()
    chosen.only = chosen.only or [*OPERATIONS, *PAGES]
    return chosen


def _sizes(text: str) -> Sequence[int]:
    sizes = sorted({command.count(part) for part in text.split(",")})
    if sizes[0] < _SMALLEST:
        raise argparse.ArgumentTypeError(f"{sizes[0]} is less than {_SMALLEST}, the smallest forum")
    return sizes


if __name__ == "__main__":
    sys.exit(command.run(main))
