"""The measured figures of the sizing page match those of docs/performance.md."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
PERFORMANCE = (DOCS / "performance.md").read_text()
SIZING = " ".join((DOCS / "operating" / "sizing.md").read_text().split())
TOLERANCE = 0.12
"""The sizing page rounds its figures."""


def measured(stack: str, column: str, **chosen: int) -> list[float]:
    """The figures of a stack in a column, of the rows that were chosen by other columns."""
    found, titles = [], list[str]()
    for line in PERFORMANCE.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| stack "):
            titles = cells
        elif cells[0] == stack and {column, *chosen} <= set(titles):
            row = dict(zip(titles, cells, strict=True))
            if all(row[name].replace(",", "") == str(value) for name, value in chosen.items()):
                found.append(float(row[column].replace(",", "")))
    return found


def idle(unit: str) -> float:
    """A figure of the line about ten thousand followers where nothing happens."""
    line = next(line for line in PERFORMANCE.splitlines() if line.startswith("- With 10,000 followers"))
    told = re.search(rf"([\d.]+) {unit}", line)
    assert told is not None
    return float(told[1])


@pytest.mark.parametrize(
    ("said", "figures"),
    [
        ("{} KB (", measured("parley", "KB/follower", burst=1)),
        ("KB ({} KB where each follows another discussion)", [idle("KB")]),
        ("10,000 took {} % of a core", [idle("%")]),
        ("over websocket | {} to {} µs of CPU", measured("parley", "server CPU µs", burst=1)),
        ("over server-sent events | {} to {} µs", measured("parley-sse", "server CPU µs", burst=1)),
        ("a burst of ten replies | {} to {} µs", measured("parley", "server CPU µs", burst=10)),
        ("A process makes {} to {} deliveries a second", measured("parley", "deliveries/s", burst=1)),
        (
            "with authors and quotes | {} ms",
            [one / 1000 for one in measured("parley-postgresql", "server CPU µs", N=50)],
        ),
        ("one of 500 | {} ms", [one / 1000 for one in measured("parley-postgresql", "server CPU µs", N=500)]),
        (
            "on SQLite | {} and {} ms",
            [one / 1000 for size in (50, 500) for one in measured("parley-sqlite", "server CPU µs", N=size)],
        ),
        ("some {} a second and core | | one of 500", measured("parley-postgresql", "requests/s", N=50)),
        ("some {} a second and core | | the same", measured("parley-postgresql", "requests/s", N=500)),
        (
            "{} a second to one discussion on PostgreSQL and {} on SQLite",
            [measured(f"parley-{name}", "writes/s", discussions=1)[0] for name in ("postgresql", "sqlite")],
        ),
    ],
)
def test_sizing_page_has_the_measured_figures(said: str, figures: list[float]) -> None:
    pattern = re.escape(said).replace(r"\{\}", r"([\d.,]+)")
    found = re.search(pattern, SIZING)
    assert found is not None, said
    told = sorted(float(figure.replace(",", "")) for figure in found.groups())
    bounds = sorted(figures)
    near = [bounds[0], bounds[-1]] if len(told) == 2 else [sum(bounds) / len(bounds)]
    assert told == pytest.approx(near, rel=TOLERANCE)
