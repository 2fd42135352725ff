"""`scripts/bench fan-out`: what it costs to deliver one event to thousands, Parley beside other ways to do it."""

import argparse
import contextlib
import resource
import signal
import sys
from collections.abc import Sequence

from bench.fan_out import report
from bench.fan_out.measure import Harness
from bench.fan_out.stacks import STACKS, Backing
from bench.load import BadAnswer
from bench.processes import busy, cores, on_core
from bench.stacks import NotSetUp
from tests.support.processes import ServerFailed

SIZES = (1_000, 5_000)
IDLE = 10_000
QUIET = 0.1
"""A machine that is busier than this before anything runs produces figures that are not worth keeping."""
_OTHER_FILES = 500
"""How many files a process opens besides the connections of its followers, at most."""


def main() -> int:
    """Runs as the command line says; returns the exit code."""
    chosen = _arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return _run(chosen)
    except (BadAnswer, ServerFailed, TimeoutError) as error:
        _log(f"failed: {error}")
        return 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench fan-out", description=__doc__, allow_abbrev=False)
    parser.add_argument("--json", action="store_true", help="print one object instead of a table")
    parser.add_argument("--rounds", type=_count, default=3, help="how often all stacks are gone through; %(default)s")
    parser.add_argument("--seconds", type=float, default=4.0, help="how long each figure is taken; %(default)s")
    parser.add_argument("--only", type=_stacks, default=list(STACKS), metavar="STACK,…", help="not all stacks")
    parser.add_argument("--followers", type=_counts, default=list(SIZES), metavar="N,…", help="other than 1000,5000")
    parser.add_argument("--idle", type=_count, default=IDLE, help="how many discussions where nothing happens")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/performance.md")
    return parser.parse_args()


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0")
    return int(text)


def _counts(text: str) -> list[int]:
    return [_count(part) for part in text.split(",")]


def _stacks(text: str) -> list[str]:
    names = text.split(",")
    if unknown := [name for name in names if name not in STACKS]:
        raise argparse.ArgumentTypeError(f"{unknown[0]!r} is none of {', '.join(STACKS)}")
    return names


def _run(chosen: argparse.Namespace) -> int:
    found = cores()
    server_core, other_core = found or (None, None)
    if found is None:
        _log("this process may use one core only: servers, followers and PostgreSQL share it")
    if (others := busy()) > QUIET:
        _log(f"this machine is {others:.0%} busy with other work: the figures will not be worth keeping")
    most = _most_followers()
    sizes, idle_size = (
        list(dict.fromkeys(_fitting(size, most) for size in chosen.followers)),
        _fitting(chosen.idle, most),
    )
    with on_core(other_core), Backing(discussions=idle_size) as backing:
        harness = Harness(backing, core=server_core, log=_log)
        wanted = _available(harness, chosen.only)
        rows = harness.measure(wanted, sizes, rounds=chosen.rounds, seconds=chosen.seconds)
        ours = [stack for stack in wanted if stack.startswith("parley")]
        posted = [harness.end_to_end(stack, size, seconds=chosen.seconds) for stack in ours for size in sizes]
        idle = harness.idle(idle_size, seconds=5 * chosen.seconds) if "parley" in wanted else None
    results = report.Results(rows, posted, idle)
    if chosen.json:
        _print(results.as_json())
    else:
        _print("\n".join([results.table(), "", *results.comparisons()]))
    if chosen.write:
        report.write(results, how=f"medians of {chosen.rounds} rounds of {chosen.seconds:g} s")
    return 0 if wanted == chosen.only else 1


def _available(harness: Harness, wanted: Sequence[str]) -> list[str]:
    """The stacks that can be set up here, each tried out."""
    found = []
    for stack in wanted:
        try:
            harness.try_out(stack)
            found.append(stack)
        except NotSetUp as error:
            _log(f"LEFT OUT: {stack}, since {error}")
    return found


def _most_followers() -> int:
    """How many connections this process, and each server it starts, may hold; the limit is raised as far as it goes."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return sys.maxsize if hard == resource.RLIM_INFINITY else hard - _OTHER_FILES


def _fitting(size: int, most: int) -> int:
    if size > most:
        _log(f"this machine's limit of open files fits {most} followers, not {size} (ulimit -Hn)")
    return min(size, most)


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _log(line: str) -> None:
    sys.stderr.write(f"bench: {line}\n")


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
    sys.exit(130)
