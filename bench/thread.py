"""`scripts/bench thread`: what a thread page costs, Parley beside other ways to serve it."""

import argparse
import asyncio
import contextlib
import json
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from bench import data, execution, page, report, stacks
from bench.load import BadAnswer, load
from bench.measure import AnswersDiffer, Harness, Row
from bench.processes import busy, cores, on_core, resident_mb
from tests.support.processes import HOST, ServerFailed
from tests.support.servers import PostgreSQL

SOAK_REQUESTS, SOAK_STEP = 100_000, 10_000
QUIET = 0.1
"""A machine that is busier than this before anything runs produces figures that are not worth keeping."""


def main() -> int:
    """Runs as the command line says; returns the exit code."""
    chosen = _arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        wanted, missing = _available(chosen.only)
        return _run(chosen, wanted) or missing
    except (AnswersDiffer, BadAnswer, ServerFailed) as error:
        _log(f"failed: {error}")
        return 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench thread", description=__doc__, allow_abbrev=False)
    parser.add_argument("--json", action="store_true", help="print one object instead of a table")
    parser.add_argument("--rounds", type=_rounds, default=15, help="how often all stacks are gone through; %(default)s")
    parser.add_argument("--seconds", type=float, default=0.7, help="how long each page is requested; %(default)s")
    parser.add_argument("--only", type=_stacks, default=list(stacks.STACKS), metavar="STACK,…", help="not all stacks")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/performance.md")
    parser.add_argument("--soak", action="store_true", help="only watch Parley's memory over 100,000 requests")
    return parser.parse_args()


def _rounds(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of rounds")
    return int(text)


def _stacks(text: str) -> list[str]:
    names = text.split(",")
    if unknown := [name for name in names if name not in stacks.STACKS]:
        raise argparse.ArgumentTypeError(f"{unknown[0]!r} is none of {', '.join(stacks.STACKS)}")
    return names


def _available(wanted: Sequence[str]) -> tuple[list[str], int]:
    """The stacks that can be set up, and the exit code for those that can't."""
    if not set(wanted) & set(stacks.NODE_PEERS):
        return list(wanted), 0
    try:
        stacks.node()
    except stacks.NotSetUp as error:
        _log(f"LEFT OUT: {', '.join(stack for stack in wanted if stack in stacks.NODE_PEERS)}, since {error}")
        return [stack for stack in wanted if stack not in stacks.NODE_PEERS], 1
    return list(wanted), 0


def _run(chosen: argparse.Namespace, wanted: Sequence[str]) -> int:
    found = cores()
    server_core, other_core = found or (None, None)
    if found is None:
        _log("this process may use one core only: servers, load and PostgreSQL share it")
    if (others := busy()) > QUIET:
        _log(f"this machine is {others:.0%} busy with other work: the figures will not be worth keeping")
    with on_core(other_core), _places() as places:
        harness = Harness(places, core=server_core, sizes=page.SIZES, log=_log)
        if chosen.soak:
            return _soak(harness)
        harness.compare(wanted)
        rows = harness.measure(wanted, rounds=chosen.rounds, seconds=chosen.seconds)
    with on_core(server_core):
        alone = asyncio.run(execution.measure())
    if chosen.json:
        _print(as_json(rows, alone))
    else:
        _print(report.table(rows))
        _print("\n".join(["", *report.comparisons(rows, alone)]))
    if chosen.write:
        how = f"medians of {chosen.rounds} rounds of {chosen.seconds:g} s"
        report.write(rows, alone, how=how)
    return 0


@contextmanager
def _places() -> Iterator[stacks.Places]:
    """The data set on a PostgreSQL of our own and in a SQLite file, gone afterwards."""
    _log("making the data set")
    begin = time.monotonic()
    rows = data.rows(data.Size())
    folder = Path(tempfile.mkdtemp(prefix="parley-bench-"))
    server = PostgreSQL.start()
    try:
        places = stacks.Places(server.new_database(), f"sqlite:///{folder / 'parley.db'}", folder / "answers")
        places.answers.mkdir()
        for url in (places.postgresql, places.sqlite):
            asyncio.run(data.fill(url, rows))
        _log(f"made {len(rows['posts']):,} posts in {time.monotonic() - begin:.0f} s")
        yield places
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
            _print(f"{len(held) * SOAK_STEP:>7} requests: {held[-1]:.1f} MB")
    return 0


def as_json(rows: Sequence[Row], alone: execution.Execution) -> str:
    """One object: the rows as they were measured, and execution in memory."""
    rounded = [
        {name: round(value, 3) if isinstance(value, float) else value for name, value in asdict(row).items()}
        for row in rows
    ]
    return json.dumps({"rows": rounded, "execution": alone.figures()})


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _log(line: str) -> None:
    sys.stderr.write(f"bench: {line}\n")


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
    sys.exit(130)
