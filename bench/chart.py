"""The chart of a run: an SVG of requests per second, readable on light and on dark."""

import math
from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from bench.measure import Row

_WIDTH, _LEFT, _RIGHT, _TOP, _LINE = 760, 170, 70, 64, 30
_STYLE = """
text { font: 13px system-ui, sans-serif; fill: #57606a }
.title { font-weight: 600; fill: #1f2328 }
.grid { stroke: #8c959f; stroke-opacity: .35 }
.few { fill: #0969da }
.many { fill: #bc4c00 }
.ours { font-weight: 600; fill: #1f2328 }
.span { stroke: #8c959f; stroke-width: 2; stroke-opacity: .5 }
@media (prefers-color-scheme: dark) {
  text { fill: #9198a1 }
  .title, .ours { fill: #f0f6fc }
  .few { fill: #4493f8 }
  .many { fill: #f0883e }
}
"""


def svg(rows: Sequence[Row]) -> str:
    """Requests per second of each stack on a logarithmic axis, fastest first, a dot for each size of the page."""
    stacks: dict[str, dict[int, float]] = {}
    for row in rows:
        stacks.setdefault(row.stack, {})[row.n] = row.req_s
    few, many = min(row.n for row in rows), max(row.n for row in rows)
    low = math.floor(math.log10(min(row.req_s for row in rows)))
    high = math.ceil(math.log10(max(row.req_s for row in rows)))
    height = _TOP + _LINE * len(stacks) + 40

    def x(value: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (math.log10(value) - low) / max(1, high - low)

    def parts() -> Iterator[str]:
        yield '<text class="title" x="12" y="24">Requests per second on one core (logarithmic axis)</text>'
        for at, (name, size) in enumerate((("few", few), ("many", many))):
            left = _LEFT + 130 * at
            yield f'<circle class="{name}" cx="{left}" cy="43" r="5"/>'
            yield f'<text x="{left + 11}" y="47">N={size} replies</text>'
        bottom = _TOP + _LINE * len(stacks)
        for power in range(low, high + 1):
            at_power = x(10.0**power)
            yield f'<line class="grid" x1="{at_power:.1f}" x2="{at_power:.1f}" y1="{_TOP}" y2="{bottom}"/>'
            yield f'<text x="{at_power:.1f}" y="{bottom + 20}" text-anchor="middle">{10**power:,}</text>'
        ranked = sorted(stacks.items(), key=lambda stack: -stack[1][few])
        for index, (stack, found) in enumerate(ranked):
            y = _TOP + _LINE * index + _LINE // 2
            ours = ' class="ours"' if stack.startswith("parley-") else ""
            yield f'<text{ours} x="{_LEFT - 14}" y="{y + 4}" text-anchor="end">{escape(stack)}</text>'
            ends = sorted(x(value) for value in found.values())
            yield f'<line class="span" x1="{ends[0]:.1f}" x2="{ends[-1]:.1f}" y1="{y}" y2="{y}"/>'
            for size, value in found.items():
                name = "few" if size == few else "many"
                yield f'<circle class="{name}" cx="{x(value):.1f}" cy="{y}" r="5"/>'
            yield f'<text x="{ends[-1] + 10:.1f}" y="{y + 4}">{found[few]:,.0f}</text>'

    body = "\n".join(parts())
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}"'
    return f'{head} role="img" aria-label="Requests per second by stack">\n<style>{_STYLE}</style>\n{body}\n</svg>\n'
