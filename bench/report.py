"""What a run reports: the table, the comparisons it is made for, and docs/performance.md with its chart."""

import os
import platform
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.chart import Found, svg
from bench.execution import Execution
from bench.measure import Row
from bench.stacks import NODE_PEERS, ROOT

PAGE = ROOT / "docs" / "performance.md"
CHARTS = PAGE.parent


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table."""
    lines = [["stack", "N", "requests/s", "server CPU µs", "p50 ms", "p99 ms", "RSS MB"]]
    lines += [
        [
            row.stack,
            f"{row.n}",
            f"{row.req_s:,.0f}" if row.req_s >= 100 else f"{row.req_s:.1f}",
            f"{row.cpu_us:,.0f}",
            f"{row.p50_ms:.2f}",
            f"{row.p99_ms:.2f}",
            f"{row.rss_mb:.0f}",
        ]
        for row in rows
    ]
    return markdown(lines)


def markdown(lines: list[list[str]]) -> str:
    """A Markdown table of these cells, its head first; all columns but the first are figures."""
    widths = [max(len(line[at]) for line in lines) for at in range(len(lines[0]))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    lines = [lines[0], rule, *lines[1:]]
    return "\n".join(
        "| " + " | ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])]) + " |" for line in lines
    )


def comparisons(rows: Sequence[Row], execution: Execution) -> Iterator[str]:
    """What the figures come to, a sentence each, as far as the stacks that were run allow."""
    by_place = {(row.stack, row.n): row for row in rows}
    for size in sorted({row.n for row in rows}):
        ours = by_place.get(("parley-postgresql", size))
        if ours is None:
            continue
        node = [by_place[stack, size] for stack in NODE_PEERS if (stack, size) in by_place]
        if node:
            best = max(node, key=lambda row: row.req_s)
            yield f"N={size}: {ours.req_s / best.req_s:.2f} times the requests/s of the best Node peer, {best.stack}."
        if orm := by_place.get(("strawberry-orm", size)):
            yield f"N={size}: {ours.req_s / orm.req_s:.1f} times the requests/s of strawberry with SQLAlchemy's ORM."
        if hand := by_place.get(("hand-written", size)):
            yield f"N={size}: {ours.cpu_us / hand.cpu_us:.2f} times the server CPU of the hand-written endpoint."
    yield (
        f"In memory, N={execution.n}: {execution.parley_ms:.2f} ms, {execution.over_graphql_core:.0f} times faster than"
        f" graphql-core on the same schema and rows ({execution.graphql_core_ms:.1f} ms), and"
        f" {execution.finished_ms / execution.parley_ms:.0f} times faster than graphql-core takes to copy the finished"
        f" answer ({execution.finished_ms:.1f} ms)."
    )
    yield f"In memory, every fifth author failing: {execution.failing:.2f} times the page without failures."


def write(rows: Sequence[Row], execution: Execution, *, how: str) -> None:
    """Puts the figures into docs/performance.md and draws the chart beside it."""
    found: dict[str, dict[str, float]] = {}
    for row in rows:
        found.setdefault(row.stack, {})[f"N={row.n} replies"] = row.req_s
    title = "Requests per second on one core"
    put("thread", table(rows), comparisons(rows, execution), title=title, found=found, how=how)


def put(name: str, table: str, sentences: Iterable[str], *, title: str, found: Found, how: str) -> None:
    """Writes a run's figures into their place in docs/performance.md, and its chart beside the page."""
    drawn = CHARTS / f"{name}.svg"
    put_table(name, f"![{title}, by stack]({drawn.name})\n\n{table}", sentences, how=how)
    drawn.write_text(svg(title, found))


def put_table(name: str, table: str, sentences: Iterable[str], *, how: str) -> None:
    """As `put`, of a run without a chart."""
    listed = "\n".join(f"- {sentence}" for sentence in sentences)
    figures = f"{table}\n\n{listed}\n\nTaken on {datetime.now(UTC):%Y-%m-%d}, {how}, on {machine()}.\n"
    text, count = place(name).subn(lambda found: f"{found[1]}{figures}{found[2]}", PAGE.read_text())
    if count != 1:
        raise ValueError(f"{PAGE.name} has {count} places for the figures of {name}.")
    PAGE.write_text(text)


def place(name: str) -> re.Pattern[str]:
    """The place of a run's figures in docs/performance.md."""
    return re.compile(rf"(<!-- {name} -->\n).*(<!-- /{name} -->)", re.DOTALL)


def machine() -> str:
    """What this machine is, in words for a reader."""
    cpu = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    name = " ".join(cpu[1].split()) if cpu else platform.machine()
    return f"{os.cpu_count()} cores of {name}, Linux {platform.release()}, Python {platform.python_version()}"
