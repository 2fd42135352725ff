"""`scripts/bench thread`: what a thread page costs, Parley beside other ways to serve it."""

import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import command, data, execution, page, report, stacks
from bench.load import load
from bench.measure import Harness
from bench.processes import on_core, resident_mb
from bench.rounds import medians
from tests.support.processes import HOST
from tests.support.servers import PostgreSQL

SOAK_REQUESTS, SOAK_STEP = 100_000, 10_000


def main() -> int:
    """Runs as the command line says; returns the exit code."""
    options = command.parser("thread", __doc__, names=(*stacks.STACKS, *stacks.REVALIDATED), rounds=10, seconds=0.7)
    options.add_argument("--soak", action="store_true", help="only watch Parley's memory over 100,000 requests")
    chosen = options.parse_args()
    wanted, missing = command.available(chosen.only)
    server_core, other_core = command.two_cores()
    with on_core(other_core), places(data.Size()) as filled:
        harness = Harness(filled, core=server_core, sizes=page.SIZES, log=command.log)
        if chosen.soak:
            return _soak(harness)
        harness.compare(wanted)
        rounds = harness.measure(wanted, rounds=chosen.rounds, seconds=chosen.seconds)
    with on_core(server_core):
        alone = asyncio.run(execution.measure())
    if chosen.json:
        command.put(report.as_json(rounds, alone))
    else:
        command.put("\n".join([report.table(map(medians, rounds)), "", *report.comparisons(rounds, alone)]))
    if chosen.write:
        report.write(rounds, alone, how=f"medians of {chosen.rounds} rounds of {chosen.seconds:g} s")
    return missing


@contextmanager
def places(size: data.Size) -> Iterator[stacks.Places]:
    """The data set of this size on a PostgreSQL of our own and in a SQLite file, gone afterwards."""
    command.log("making the data set")
    begin = time.monotonic()
    rows = data.rows(size)
    folder = Path(tempfile.mkdtemp(prefix="parley-bench-"))
    server = PostgreSQL.start()
    try:
        filled = stacks.Places(server.new_database(), f"sqlite:///{folder / 'parley.db'}", folder / "answers")
        filled.answers.mkdir()
        for url in (filled.postgresql, filled.sqlite):
            asyncio.run(data.fill(url, rows))
        command.log(f"made {len(rows['posts']):,} posts in {time.monotonic() - begin:.0f} s")
        yield filled
    finally:
        server.stop()
        shutil.rmtree(folder)


def _soak(harness: Harness) -> int:
    """Whether Parley holds as much memory after many requests as after the first tenth of them."""
    with harness.serving("parley-postgresql") as server:
        request = page.request(HOST, server.port, page.body(page.SIZES[0]))
        held: list[float] = []
        while len(held) * SOAK_STEP < SOAK_REQUESTS:
            load(HOST, server.port, request, seconds=3600, most=SOAK_STEP)
            held.append(resident_mb(server.process_id))
            command.put(f"{len(held) * SOAK_STEP:>7} requests: {held[-1]:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(command.run(main))
