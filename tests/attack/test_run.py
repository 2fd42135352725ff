"""The attack run, at the size of CI: how slow it was is not judged here."""

from collections import Counter
from pathlib import Path

from tests.attack.__main__ import MOST_MEMORY, slow, summary, wrongs
from tests.attack.run import Attack, Felt, run
from tests.attack.shapes import SHAPES


def test_readers_and_writers_are_served_under_attack(tmp_path: Path) -> None:
    found = run(tmp_path, calm_seconds=1, seconds=2, clients=4, tell=lambda _: None)
    assert wrongs(found) == []
    assert found.attacked.reads and found.attacked.writes and found.attacked.probes
    assert summary(found)["attempts"] >= len(SHAPES) and all(found.outcomes.values())


def test_what_is_wrong_or_slow_is_told() -> None:
    calm, attacked = Felt(reads=[0.01], writes=[0.01]), Felt(reads=[0.04], writes=[0.06], failures=Counter({"503": 2}))
    found = Attack(calm, attacked, {}, 0, 2 * MOST_MEMORY, MOST_MEMORY + 1)
    assert len(wrongs(found)) == 2
    assert [line.split()[4] for line in slow(found)] == ["writes"]
