"""The fault run itself: at the size of CI nothing is wrong, and servers with a bug are found out."""

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.bugs import BUGS
from tests.faults.checker import check
from tests.faults.run import Size, run
from tests.faults.schedule import LANES, ROUND_SECONDS, SHARES, Fault, draw
from tests.support.servers import ROOT

SMALL = Size(
    events=400, followers=16, discussions=4, writers=8, servers=2, seconds=4.0, recovery_seconds=0.5, last_seconds=8.0
)
SCENARIOS: dict[str, tuple[list[Fault], str]] = {
    # Longer than any poll; what is written in its first moments would come by one.
    "no_poll": ([Fault("broker killed", 0.5, 7.0, 0, 0.0)], "at most the broker was away"),
    "resumption_skips_one": ([Fault("reconnect storm", at, 0.0, 0, 1.0) for at in (1.0, 2.0, 3.0)], "missed event"),
    "updates_are_not_fed": ([], "The feed has no event"),
    # Every answer is on its way for a while, so that a reset meets many.
    "keys_are_not_kept": (
        [
            each
            for at in range(1, 5)
            for each in (
                Fault("connections delayed", 0.8 * at, 0.5, at, 0.2),
                Fault("connections reset", 0.8 * at + 0.5, 0.0, at, 0.2),
            )
        ],
        "is in the log twice",
    ),
}


@pytest.mark.long
@pytest.mark.anyio
@pytest.mark.parametrize("bug", BUGS)
async def test_a_server_with_a_bug_is_found_out(bug: str, tmp_path: Path) -> None:
    faults, sentence = SCENARIOS[bug]
    lanes = {"delays": faults[::2], "resets": faults[1::2]} if bug == "keys_are_not_kept" else {"all": faults}
    history, _ = await run(tmp_path, SMALL, lanes, seed=1, tell=lambda _: None, bug=bug)
    # What is looked for is late by seconds, on whatever machine.
    history.lag = 0.0
    assert any(sentence in finding.sentence for finding in check(history))


@pytest.mark.long
def test_a_run_loses_doubles_and_reorders_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults", "--seed", "4"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    told = json.loads(done.stdout.splitlines()[-1])
    assert [told[name] for name in ("lost", "doubled", "reordered", "phantom")] == [0, 0, 0, 0]
    assert told["faults"] == 1 + sum(SHARES.values())
    assert told["deliveries"] > told["events"] > 0
    assert told["reconnects"] > Size().followers


def test_a_seed_draws_the_same_faults_again() -> None:
    assert draw(random.Random(3), rounds=2) == draw(random.Random(3), rounds=2)
    assert draw(random.Random(3), rounds=2) != draw(random.Random(4), rounds=2)


def test_every_kind_of_fault_comes_in_every_round() -> None:
    lanes = draw(random.Random(5), rounds=3)
    for lane, kinds in LANES.items():
        for each in range(3):
            begin = each * ROUND_SECONDS
            assert {fault.kind for fault in lanes[lane] if begin <= fault.at < begin + ROUND_SECONDS} == set(kinds)
