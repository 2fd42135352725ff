"""`scripts/bench fan-out`: what it costs to deliver one event to thousands, Parley beside other ways to do it."""

import resource
import sys
from collections.abc import Sequence

from bench import command
from bench.fan_out import report
from bench.fan_out.measure import Harness
from bench.fan_out.stacks import STACKS, Backing
from bench.processes import on_core
from bench.stacks import NotSetUp

SIZES = (1_000, 5_000)
IDLE = 10_000
_OTHER_FILES = 500
"""How many files a process opens besides the connections of its followers, at most."""


def main() -> int:
    """Runs as the command line says; returns the exit code."""
    options = command.parser("fan-out", __doc__, names=STACKS, rounds=3, seconds=4.0)
    options.add_argument("--followers", type=_counts, default=list(SIZES), metavar="N,…", help="other than 1000,5000")
    options.add_argument("--idle", type=command.count, default=IDLE, help="how many discussions where nothing happens")
    chosen = options.parse_args()
    server_core, other_core = command.two_cores()
    most = _most_followers()
    sizes, idle_size = (
        list(dict.fromkeys(_fitting(size, most) for size in chosen.followers)),
        _fitting(chosen.idle, most),
    )
    with on_core(other_core), Backing(discussions=idle_size) as backing:
        harness = Harness(backing, core=server_core, log=command.log)
        wanted = _available(harness, chosen.only)
        rows = harness.measure(wanted, sizes, rounds=chosen.rounds, seconds=chosen.seconds)
        ours = [stack for stack in wanted if stack.startswith("parley")]
        posted = [harness.end_to_end(stack, size, seconds=chosen.seconds) for stack in ours for size in sizes]
        idle = harness.idle(idle_size, seconds=5 * chosen.seconds) if "parley" in wanted else None
    results = report.Results(rows, posted, idle)
    if chosen.json:
        command.put(results.as_json())
    else:
        command.put("\n".join([results.table(), "", *results.comparisons()]))
    if chosen.write:
        report.write(results, how=f"medians of {chosen.rounds} rounds of {chosen.seconds:g} s")
    return 0 if wanted == chosen.only else 1


def _counts(text: str) -> list[int]:
    return [command.count(part) for part in text.split(",")]


def _available(harness: Harness, wanted: Sequence[str]) -> list[str]:
    """The stacks that can be set up here, each tried out."""
    found = []
    for stack in wanted:
        try:
            harness.try_out(stack)
            found.append(stack)
        except NotSetUp as error:
            command.log(f"LEFT OUT: {stack}, since {error}")
    return found


def _most_followers() -> int:
    """How many connections this process, and each server it starts, may hold; the limit is raised as far as it goes."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return sys.maxsize if hard == resource.RLIM_INFINITY else hard - _OTHER_FILES


def _fitting(size: int, most: int) -> int:
    if size > most:
        command.log(f"this machine's limit of open files fits {most} followers, not {size} (ulimit -Hn)")
    return min(size, most)


if __name__ == "__main__":
    sys.exit(command.run(main))
