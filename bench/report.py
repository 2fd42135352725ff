"""What a run reports: the table, the comparisons it is made for, and docs/performance.md with its chart."""

import json
import os
import platform
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.chart import Found, svg
from bench.execution import Execution
from bench.measure import Row
from bench.rounds import Ratio, as_object, best, medians, ratio
from bench.stacks import CACHED, NODE_PEERS, REVALIDATED, ROOT

PAGE = ROOT / "docs" / "performance.md"
CHARTS = PAGE.parent


def table(rows: Iterable[Row]) -> str:
    """The rows as a Markdown table."""
    lines = [["stack", "page cache", "N", "requests/s", "server CPU µs", "p50 ms", "p99 ms", "RSS MB"]]
    lines += [
        [
            row.stack,
            cache(row.stack),
            f"{row.n}",
            rate(row.req_s),
            f"{row.cpu_us:,.0f}",
            f"{row.p50_ms:.2f}",
            f"{row.p99_ms:.2f}",
            f"{row.rss_mb:.0f}",
        ]
        for row in rows
    ]
    return markdown(lines)


def cache(stack: str) -> str:
    """Whether a stack keeps pages, for a table."""
    return ("on" if stack in (*CACHED, *REVALIDATED) else "off") if stack.startswith("parley") else "none"


def rate(per_second: float) -> str:
    """A figure per second, for a table."""
    return f"{per_second:,.0f}" if per_second >= 100 else f"{per_second:.1f}"


def markdown(lines: list[list[str]]) -> str:
    """A Markdown table of these cells, its head first; all columns but the first are figures."""
    widths = [max(len(line[at]) for line in lines) for at in range(len(lines[0]))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    lines = [lines[0], rule, *lines[1:]]
    return "\n".join(
        "| " + " | ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])]) + " |" for line in lines
    )


def ratios(rounds: Sequence[Sequence[Row]]) -> Iterator[Ratio]:
    """What a run is made for, as far as the stacks that were run allow."""
    by_place = {(rows[0].stack, rows[0].n): rows for rows in rounds}

    def req_s(stack: str, size: int) -> list[float]:
        return [row.req_s for row in by_place[stack, size]]

    def cpu_us(stack: str, size: int) -> list[float]:
        return [row.cpu_us for row in by_place[stack, size]]

    for size in sorted({size for _, size in by_place}):
        at = f"N={size}"
        run = [stack for stack, of in by_place if of == size]
        node = [stack for stack in NODE_PEERS if stack in run]
        for ours in (stack for stack in run if stack.startswith("parley-")):
            if node and ours not in REVALIDATED:
                peer = best({stack: req_s(stack, size) for stack in node})
                yield ratio(at, ours, f"the best Node peer, {peer}", "requests/s", req_s(ours, size), req_s(peer, size))
            if "strawberry-orm" in run and ours not in REVALIDATED:
                peers = req_s("strawberry-orm", size)
                yield ratio(at, ours, "strawberry with SQLAlchemy's ORM", "requests/s", req_s(ours, size), peers)
            if ours in CACHED and "static" in run:
                peers = cpu_us("static", size)
                yield ratio(at, ours, "the static bytes", "server CPU", cpu_us(ours, size), peers)
            if ours in REVALIDATED and (hot := ours.replace("-304", "-hot")) in run:
                yield ratio(at, ours, "the hot page", "requests/s", req_s(ours, size), req_s(hot, size))
            if ours == "parley-postgresql" and "hand-written" in run:
                peers = cpu_us("hand-written", size)
                yield ratio(at, ours, "the hand-written endpoint", "server CPU", cpu_us(ours, size), peers)


def comparisons(rounds: Sequence[Sequence[Row]], execution: Execution) -> Iterator[str]:
    """What the figures come to, a sentence each."""
    yield from map(str, ratios(rounds))
    yield (
        f"In memory, N={execution.n}: {execution.parley_ms:.2f} ms, {execution.over_graphql_core:.0f} times faster than"
        f" graphql-core on the same schema and rows ({execution.graphql_core_ms:.1f} ms), and"
        f" {execution.finished_ms / execution.parley_ms:.0f} times faster than graphql-core takes to copy the finished"
        f" answer ({execution.finished_ms:.1f} ms)."
    )
    yield f"In memory, every fifth author failing: {execution.failing:.2f} times the page without failures."


def as_json(rounds: Sequence[Sequence[Row]], execution: Execution) -> str:
    """One object: the medians, the ratios with their quartiles, and execution in memory."""
    rows = [as_object(medians(rows)) for rows in rounds]
    compared = [as_object(found) for found in ratios(rounds)]
    return json.dumps({"rows": rows, "ratios": compared, "execution": execution.figures()})


def write(rounds: Sequence[Sequence[Row]], execution: Execution, *, how: str) -> None:
    """Puts the figures into docs/performance.md and draws the chart beside it."""
    rows = list(map(medians, rounds))
    found: dict[str, dict[str, float]] = {}
    for row in rows:
        found.setdefault(row.stack, {})[f"N={row.n} replies"] = row.req_s
    title = "Requests per second on one core, hot: from the page cache"
    put("thread", table(rows), comparisons(rounds, execution), title=title, found=found, how=how)


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
