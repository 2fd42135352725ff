"""`scripts/faults`: servers are broken in every way while people write and follow, and nothing may be lost for it."""

import argparse
import contextlib
import json
import math
import random
import shutil
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import uvloop

from tests.faults import schedule
from tests.faults.checker import Finding, busy, check, hundredth, prompt_delays
from tests.faults.history import History
from tests.faults.machine import said
from tests.faults.run import Load, Size, run
from tests.support.processes import ServerFailed

TOLD = 10
"""How many findings are told in sentences."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs as the command line says; gives the exit code."""
    chosen = _arguments(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    rounds = max(1, math.ceil(chosen.minutes * 60 / schedule.ROUND_SECONDS - 0.5))
    size = Size(events=10_000 * rounds, seconds=schedule.ROUND_SECONDS * rounds)
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="parley-faults-"))

    def tell(line: str) -> None:
        sys.stderr.write(f"faults: {time.monotonic() - began:6.1f} s  {line}\n")

    tell(f"seed {chosen.seed}, {rounds} rounds of {schedule.ROUND_SECONDS:g} s; logs go to {folder}")
    lanes = schedule.draw(random.Random(chosen.seed), rounds=rounds)
    try:
        history, load = uvloop.run(run(folder, size, lanes, seed=chosen.seed, tell=tell))
    except ServerFailed as error:
        tell(f"failed: {error}")
        return 1
    tell("checking")
    findings = check(history)
    for line in (*_said(history, load), *_found(findings)):
        sys.stdout.write(f"{line}\n")
    sys.stdout.write(f"{json.dumps(summary(history, findings, seconds=time.monotonic() - began))}\n")
    if [finding for finding in findings if finding.kind != "late" or not chosen.unhurried]:
        tell(f"repeat it with --seed {chosen.seed}; the servers' logs are in {folder}")
        return 1
    shutil.rmtree(folder)
    return 0


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/faults", description=__doc__, allow_abbrev=False)
    parser.add_argument("--minutes", type=float, default=1.2, help="how long there is writing; %(default)s")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000), help="draws the same faults again")
    parser.add_argument(
        "--unhurried",
        action="store_true",
        help="tell what came late, but fail for what is wrong alone: on a busy machine",
    )
    return parser.parse_args(arguments)


def summary(history: History, findings: Sequence[Finding], *, seconds: float) -> dict[str, float]:
    """The last line."""
    counted = Counter(finding.kind for finding in findings)
    return {
        "events": len(history.log),
        "deliveries": history.deliveries,
        "faults": len(history.windows),
        "reconnects": history.reconnects,
        "lost": counted["lost"],
        "doubled": counted["doubled"],
        "reordered": counted["reordered"],
        "phantom": counted["phantom"],
        "seconds": round(seconds, 1),
    }


def _said(history: History, load: Load) -> list[str]:
    """What the run was like."""
    attempts = sum(write.attempts for write in history.writes)
    lines = [
        f"{len(history.writes)} writes in {load.writing_seconds:.1f} s, sent {attempts} times in all"
        f" ({len(history.log) / load.writing_seconds:.0f} events/s)."
    ]
    ends = sum(follower.errors for follower in history.followers)
    if ends := ends + sum(follower.errors for follower in history.feed_followers):
        lines.append(f"{ends} streams ended with an error, because the server could not read an event.")
    lines.append(said(load.probes))
    steady = len(load.probes) - len(history.slow)
    for when, delays in {
        "outside of faults": prompt_delays(replace(history, slow=())),
        f"at the {steady} of {len(load.probes)} moments when the machine was not slow": prompt_delays(history),
    }.items():
        if delays:
            lines.append(
                f"{len(delays)} deliveries {when}: median {1000 * statistics.median(delays):.0f} ms,"
                f" 99 of 100 within {1000 * hundredth(delays):.0f} ms."
            )
    lines.append(
        f"The run's own event loop was late by {1000 * history.lag:.0f} ms once in a hundred times,"
        f" by {1000 * max(load.lags):.0f} ms at most; it used {time.process_time():.1f} s of CPU."
    )
    if busy(history):
        lines.append("This machine is busy with other work, so how prompt events are is not judged.")
    return lines


def _found(findings: Sequence[Finding]) -> list[str]:
    lines = [f"{finding.kind}: {finding.sentence}" for finding in findings[:TOLD]]
    if len(findings) > TOLD:
        counted = Counter(finding.kind for finding in findings)
        lines.append(f"… {len(findings)} findings: {', '.join(f'{n} {kind}' for kind, n in counted.items())}.")
    return lines


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
    sys.exit(130)
