"""`scripts/bench traffic`: what many pages cost while others write, Parley beside other ways to serve them."""

import sys

from bench import command, data, stacks
from bench.processes import on_core
from bench.rounds import medians
from bench.thread import places
from bench.traffic import report
from bench.traffic.measure import CASES, Harness

SIZE = data.Size(discussions=1_000, replies=50, most_replies=50)


def main() -> int:
    """Runs as the command line says; returns the exit code."""
    options = command.parser("traffic", __doc__, names=stacks.STACKS, rounds=3, seconds=1.2)
    names = [str(case.writes_s) for case in CASES if not case.is_quiet] + ["quiet"]
    options.add_argument(
        "--cases", type=command.some_of(names), default=names, metavar="WRITES,…", help="not all of 1,10,100,quiet"
    )
    chosen = options.parse_args()
    wanted, missing = command.available(chosen.only)
    cases = [case for case, name in zip(CASES, names, strict=True) if name in chosen.cases]
    server_core, other_core = command.two_cores()
    with on_core(other_core), places(SIZE) as filled:
        harness = Harness(filled, SIZE.discussions, core=server_core, log=command.log)
        rounds = harness.measure(wanted, cases, rounds=chosen.rounds, seconds=chosen.seconds)
    if chosen.json:
        command.put(report.as_json(rounds))
    else:
        command.put("\n".join([report.table(list(map(medians, rounds))), "", *map(str, report.ratios(rounds))]))
    if chosen.write:
        report.write(rounds, how=f"medians of {chosen.rounds} rounds of {chosen.seconds:g} s")
    return missing


if __name__ == "__main__":
    sys.exit(command.run(main))
