"""`scripts/attack`: costly requests of strangers, while a reader and a writer must hardly notice."""

import argparse
import contextlib
import json
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.attack.run import Attack, hundredth, run
from tests.support.processes import ServerFailed

MOST_TIMES = 5
"""How many times as long as in calm one of a hundred requests may take."""
MOST_SECONDS = 1.0
MOST_MEMORY = 150
"""How much resident memory the server may keep after the attack, in MB."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs as the command line says; returns the exit code."""
    parser = argparse.ArgumentParser(prog="scripts/attack", description=__doc__, allow_abbrev=False)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long the attack lasts; %(default)s")
    parser.add_argument("--clients", type=int, default=4, help="how many attackers there are; %(default)s")
    parser.add_argument(
        "--unhurried", action="store_true", help="tell how slow it was, but fail for what is wrong alone"
    )
    chosen = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="parley-attack-"))

    def tell(line: str) -> None:
        sys.stderr.write(f"attack: {time.monotonic() - began:6.1f} s  {line}\n")

    try:
        found = run(
            folder, calm_seconds=min(15.0, chosen.seconds), seconds=chosen.seconds, clients=chosen.clients, tell=tell
        )
    except ServerFailed as error:
        tell(f"failed: {error}")
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for line in said(found):
        sys.stdout.write(f"{line}\n")
    sys.stdout.write(f"{json.dumps(summary(found))}\n")
    wrong = [*wrongs(found), *([] if chosen.unhurried else slow(found))]
    for line in wrong:
        tell(line)
    return 1 if wrong else 0


def wrongs(found: Attack) -> list[str]:
    """What is wrong on any machine: requests of others that failed, and memory that was kept."""
    lines = [f"{count} times: {what}" for what, count in found.attacked.failures.most_common(10)]
    kept = found.memory_after - found.memory_before
    if kept > MOST_MEMORY:
        lines.append(f"The server kept {kept:.0f} MB; {MOST_MEMORY} MB are allowed.")
    return lines


def slow(found: Attack) -> list[str]:
    """What was too slow."""
    lines = []
    for what in ("reads", "writes"):
        calm, attacked = (hundredth(getattr(felt, what)) for felt in (found.calm, found.attacked))
        if attacked > min(MOST_SECONDS, MOST_TIMES * calm):
            lines.append(f"One of a hundred {what} took over {attacked:.3f} s, in calm {calm:.3f} s.")
    return lines


def summary(found: Attack) -> dict[str, float]:
    """The last line. Times in seconds, of one request in a hundred; memory in MB."""
    times = {
        f"{what}_{when}": round(hundredth(getattr(felt, what)), 4)
        for what in ("reads", "writes", "probes")
        for when, felt in (("calm", found.calm), ("attacked", found.attacked))
    }
    memory = {
        "memory_before": found.memory_before,
        "memory_most": found.memory_most,
        "memory_after": found.memory_after,
    }
    return (
        times
        | {name: round(value) for name, value in memory.items()}
        | {
            "attempts": sum(sum(ends.values()) for ends in found.outcomes.values()),
            "failures": sum(found.attacked.failures.values()),
        }
    )


def said(found: Attack) -> list[str]:
    """How the attempts of each shape ended."""
    return [
        f"{shape:20} {', '.join(f'{count} x {end}' for end, count in ends.most_common(4))}"
        for shape, ends in found.outcomes.items()
    ]


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
    sys.exit(130)
