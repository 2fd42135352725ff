"""What a run reports: the table, the comparisons it is made for, JSON, and its part of docs/performance.md."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bench.fan_out.measure import BURSTS, EndToEnd, Idle, Row
from bench.fan_out.stacks import NODE_PEERS
from bench.report import markdown, put

_HEAD = [
    "stack",
    "N",
    "burst",
    "deliveries/s",
    "server CPU µs",
    "last p50 ms",
    "last p99 ms",
    "KB/follower",
    "client µs",
]
_ONE, _MANY = BURSTS


@dataclass(frozen=True, slots=True)
class Results:
    """All that a run found."""

    rows: Sequence[Row]
    end_to_end: Sequence[EndToEnd]
    idle: Idle | None

    def table(self) -> str:
        """The rows as a Markdown table."""
        lines = [
            [
                row.stack,
                f"{row.n:,}",
                f"{row.burst}",
                f"{row.deliveries_s:,.0f}",
                f"{row.cpu_us:,.1f}",
                f"{row.last_p50_ms:,.1f}",
                f"{row.last_p99_ms:,.1f}",
                f"{row.kb_per_connection:.1f}",
                f"{row.client_us:.1f}",
            ]
            for row in self.rows
        ]
        return markdown([_HEAD, *lines])

    def comparisons(self) -> Iterator[str]:
        """What the figures come to, a sentence each, as far as the stacks that were run allow."""
        for size in sorted({row.n for row in self.rows}):
            yield from (f"N={size:,}: {sentence}" for sentence in self._compared(size))
        for posted in self.end_to_end:
            yield (
                f"N={posted.n:,}: from the request of addReply to the last follower of {posted.stack}"
                f" {posted.last_p50_ms:.1f} ms (p50), {posted.last_p99_ms:.1f} ms (p99)."
            )
        if self.idle is not None:
            yield (
                f"With {self.idle.n:,} followers of {self.idle.n:,} discussions where nothing happens:"
                f" {self.idle.cpu_percent:.1f} % of a core, {self.idle.kb_per_connection:.1f} KB per follower."
            )

    def _compared(self, size: int) -> Iterator[str]:
        by_place = {(row.stack, row.burst): row for row in self.rows if row.n == size}
        ours, burst = by_place.get(("parley", _ONE)), by_place.get(("parley", _MANY))
        if ours is not None and burst is not None:
            node = [by_place[stack, _ONE] for stack in NODE_PEERS if (stack, _ONE) in by_place]
            if node:
                best = max(node, key=lambda row: row.deliveries_s)
                times = ours.deliveries_s / best.deliveries_s
                yield f"{times:.2f} times the deliveries/s of the best Node peer, {best.stack}."
            if raw := by_place.get(("picows-raw", _ONE)):
                yield f"{ours.cpu_us / raw.cpu_us:.2f} times the server CPU of raw picows."
            if handler := by_place.get(("strawberry", _ONE)):
                yield f"{ours.deliveries_s / handler.deliveries_s:.1f} times the deliveries/s of strawberry's handler."
            if peer := by_place.get(("graphql-ws", _MANY)):
                yield f"{burst.deliveries_s / peer.deliveries_s:.1f} times those of graphql-ws in bursts of {_MANY}."
            if asgi := by_place.get(("uvicorn-raw", _ONE)):
                last = f"{ours.last_p99_ms:.1f} ms (p99) to the last follower"
                yield f"{last}, where raw uvicorn has {asgi.last_p99_ms:.1f}."
            yield f"{ours.kb_per_connection:.1f} KB per follower."
            if sse := by_place.get(("parley-sse", _ONE)):
                yield f"over server-sent events {sse.deliveries_s / ours.deliveries_s:.2f} times as many deliveries/s."
        if floor := by_place.get(("socket", _ONE)):
            yield f"the load client took {floor.deliveries_s:,.0f} deliveries/s from a bare socket."

    def as_json(self) -> str:
        """One object: the rows by the names agreed, and beside them what the load client cost."""
        rows, client = [], []
        for row in self.rows:
            figures = _rounded(row)
            cost = figures.pop("client_us")
            rows.append(figures)
            client.append({"stack": row.stack, "n": row.n, "burst": row.burst, "cpu_us": cost})
        posted = [_rounded(found) for found in self.end_to_end]
        idle = None if self.idle is None else _rounded(self.idle)
        return json.dumps({"rows": rows, "client": client, "end_to_end": posted, "idle": idle})


def _rounded(found: Row | EndToEnd | Idle) -> dict[str, Any]:
    return {name: round(value, 3) if isinstance(value, float) else value for name, value in asdict(found).items()}


def write(results: Results, *, how: str) -> None:
    """Puts the figures into docs/performance.md and draws the chart beside it, of the fewest followers."""
    fewest = min(row.n for row in results.rows)
    words = {_ONE: "single events", _MANY: f"bursts of {_MANY}"}
    found: dict[str, dict[str, float]] = {}
    for row in results.rows:
        if row.n == fewest:
            found.setdefault(row.stack, {})[words[row.burst]] = row.deliveries_s
    title = f"Deliveries per second to {fewest:,} followers, on one core"
    put("fan-out", results.table(), results.comparisons(), title=title, found=found, how=how)
