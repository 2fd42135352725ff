"""What a run of traffic reports: the table, the ratios, and docs/performance.md with its chart."""

import json
from collections.abc import Iterator, Sequence

from bench import report
from bench.rounds import Ratio, as_object, best, medians, ratio
from bench.stacks import CACHED, NODE_PEERS
from bench.traffic.measure import CASES, Row

_DRAWN = (CASES[1].name, CASES[2].name)
"""The cases of the chart."""


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table."""
    lines = [["stack", "page cache", "case", "requests/s", "hits %", "server CPU µs", "p50 ms", "p99 ms", "writes/s"]]
    lines += [
        [
            row.stack,
            report.cache(row.stack),
            row.case,
            report.rate(row.req_s),
            "" if row.hit_percent is None else f"{row.hit_percent:.1f}",
            f"{row.cpu_us:,.0f}",
            f"{row.p50_ms:.2f}",
            f"{row.p99_ms:.2f}",
            f"{row.writes_s:.1f}",
        ]
        for row in rows
    ]
    return report.markdown(lines)


def ratios(rounds: Sequence[Sequence[Row]]) -> Iterator[Ratio]:
    """What a run is made for, as far as the stacks that were run allow."""
    by_place = {(rows[0].stack, rows[0].case): [row.req_s for row in rows] for rows in rounds}
    for (ours, case), of in by_place.items():
        if not ours.startswith("parley-"):
            continue
        at = case[0].upper() + case[1:]
        node = {stack: by_place[stack, case] for stack in NODE_PEERS if (stack, case) in by_place}
        if node:
            peer = best(node)
            yield ratio(at, ours, f"the best Node peer, {peer}", "requests/s", of, node[peer])
        if ours in CACHED and (cold := by_place.get((ours.removesuffix("-hot"), case))):
            yield ratio(at, ours, "Parley without its cache", "requests/s", of, cold)


def as_json(rounds: Sequence[Sequence[Row]]) -> str:
    """One object: the medians, and the ratios with their quartiles."""
    rows = [as_object(medians(rows)) for rows in rounds]
    return json.dumps({"rows": rows, "ratios": [as_object(found) for found in ratios(rounds)]})


def write(rounds: Sequence[Sequence[Row]], *, how: str) -> None:
    """Puts the figures into docs/performance.md and draws the chart beside it."""
    rows = list(map(medians, rounds))
    found: dict[str, dict[str, float]] = {}
    for row in rows:
        if row.case in _DRAWN:
            found.setdefault(row.stack, {})[row.case] = row.req_s
    title = "Requests per second while others write, hot: from the page cache"
    report.put("traffic", table(rows), map(str, ratios(rounds)), title=title, found=found, how=how)
